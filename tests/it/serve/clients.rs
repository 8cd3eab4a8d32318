//! Who may ask, for what, and under which path.

use serde_json::{Value, json};

use super::{Server, TOKEN, demo, serve};
use crate::kit::{Authority, Door, Home, Process, Provider, Rules, text};

const ASKED: &str = r#"{"model":"my-model","input":"hi"}"#;

#[test]
fn without_a_token_every_program_on_this_machine_is_heard_and_no_web_page() {
    let home = Home::new();
    let server = Server::start(&mut demo(&home));
    assert_eq!(server.ask("GET", "/v1/models", "", "").status, 200);
    assert_eq!(
        server
            .ask("GET", "/v1/models", "authorization: Bearer sk-other\r\n", "")
            .status,
        200
    );
    assert_eq!(server.ask("GET", "/v1/models", "host: relay.test\r\n", "").status, 403);
    assert_eq!(
        server
            .ask("GET", "/v1/models", "origin: http://localhost\r\n", "")
            .status,
        403
    );
    server
        .process
        .wait_for_stdout("every program on this machine may use it");
}

#[test]
fn with_a_token_only_who_shows_it_is_heard_under_whatever_name() {
    let home = Home::new();
    let file = home.path().join("token");
    std::fs::write(&file, format!("{TOKEN}\n")).unwrap();
    let by_file = Server::start(demo(&home).arg("--token-file").arg(&file));
    let by_variable = Server::start(demo(&home).env("CRELAY_TOKEN", TOKEN));
    for server in [by_file, by_variable] {
        assert_eq!(server.ask("GET", "/health", "host: relay.test\r\n", "").status, 200);
        for path in ["/v1/models", "/metrics", "/v1/responses", "/elsewhere"] {
            let refused = server.ask("GET", path, "", "");
            assert_eq!(refused.status, 401, "{path}");
            assert!(refused.body.contains("the token of this server is missing or wrong"));
        }
        let named = format!("host: relay.test\r\nauthorization: Bearer {TOKEN}\r\n");
        assert_eq!(server.ask("GET", "/v1/models", &named, "").status, 200);
        let page = format!("{named}origin: http://relay.test\r\n");
        assert_eq!(server.ask("GET", "/v1/models", &page, "").status, 403);
    }
}

#[test]
fn another_machine_is_heard_only_with_a_token() {
    let home = Home::new();
    let ended = Process::run(demo(&home).args(["--bind", "0.0.0.0"]));
    assert_eq!(ended.code, 125);
    assert!(
        ended.stderr.contains("other machines reach `0.0.0.0`"),
        "{}",
        ended.stderr
    );
    let ended = Process::run(demo(&home).env("CODEX_RELAY_BIND", "::"));
    assert!(ended.stderr.contains("other machines reach `::`"), "{}", ended.stderr);
    let server = Server::start(demo(&home).args(["--bind", "0.0.0.0"]).env("CRELAY_TOKEN", TOKEN));
    assert!(server.url.starts_with("http://0.0.0.0:"), "{}", server.url);
    assert_eq!(server.ask_as_client("GET", "/v1/models", "").status, 200);
}

#[test]
fn a_token_that_can_be_guessed_is_refused_and_not_shown() {
    let home = Home::new();
    for token in ["short-secret", "secret with a space in it"] {
        let ended = Process::run(demo(&home).env("CRELAY_TOKEN", token));
        assert_eq!(ended.code, 125);
        let expected = "the token in `CRELAY_TOKEN` is no 16 visible characters of ASCII";
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
        assert!(!ended.stderr.contains("secret"), "{}", ended.stderr);
    }
}

#[test]
fn a_demo_that_is_elsewhere_is_asked_there() {
    let home = Home::new();
    let rules = Rules {
        model: "demo",
        ..Rules::GENERIC
    };
    let provider = Provider::start(rules).to("hi", [text("From elsewhere.")]);
    let folder = home.path().join("config/crelay");
    std::fs::create_dir_all(&folder).unwrap();
    let config = format!(
        "[providers.demo]\nbase_url = \"{}\"\nkey_env = \"DEMO_KEY\"\n",
        provider.base_url()
    );
    std::fs::write(folder.join("config.toml"), config).unwrap();
    let server = Server::start(demo(&home).env("DEMO_KEY", provider.key()));
    let answer = server.ask("POST", "/v1/responses", "", &ASKED.replace("my-model", "demo"));
    assert!(answer.body.contains("From elsewhere."), "{}", answer.body);
}

#[test]
fn a_client_names_its_model_under_any_path_and_the_map_translates_it() {
    let home = Home::new();
    let provider = Provider::start(Rules::GENERIC).to("hi", [text("One."), text("Two."), text("Three.")]);
    let server = Server::start(serve(&home, &provider).args(["--model-map", "gpt-*=my-model"]));
    let answer = |path: &str, body: &str| {
        let answer = server.ask("POST", path, "", body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str::<Value>(&answer.body).unwrap()
    };
    let said = |answer: &Value| answer["output"][0]["content"][0]["text"].clone();
    let first = answer("/v1/responses", ASKED);
    assert_eq!((said(&first), &first["store"]), (json!("One."), &json!(false)));
    let second = answer("/v4/responses", &ASKED.replace("my-model", "gpt-5.5"));
    assert_eq!((said(&second), &second["model"]), (json!("Two."), &json!("gpt-5.5")));
    assert_eq!(said(&answer("/responses", ASKED)), "Three.");
    // What nobody keeps cannot be followed, and that is told.
    let follow = json!({"model": "my-model", "input": "hi", "previous_response_id": first["id"]});
    let refused = server.ask("POST", "/v1/responses", "", &follow.to_string());
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("previous_response_not_found"), "{}", refused.body);
    let listed: Value = serde_json::from_str(&server.ask("GET", "/v1/models", "", "").body).unwrap();
    assert!(
        listed["data"]
            .as_array()
            .unwrap()
            .iter()
            .any(|model| model["id"] == "my-model")
    );
}

#[test]
fn answers_are_kept_where_they_are_asked_for() {
    let home = Home::new();
    let provider = Provider::start(Rules::GENERIC).to("hi", [text("One."), text("Two.")]);
    let server = Server::start(serve(&home, &provider).args(["--keep-answers", "8"]));
    let ask = |body: &Value| {
        let answer = server.ask("POST", "/v1/responses", "", &body.to_string());
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str::<Value>(&answer.body).unwrap()
    };
    let first = ask(&json!({"model": "my-model", "input": "hi"}));
    assert_eq!(first["store"], true);
    ask(&json!({"model": "my-model", "input": "and?", "previous_response_id": first["id"]}));
    let last = provider.requests().pop().unwrap();
    let roles: Vec<&Value> = last.messages().map(|message| &message["role"]).collect();
    assert_eq!(roles, ["user", "assistant", "user"]);
}

#[test]
fn a_stream_asks_proxies_to_pass_it_on_as_it_comes() {
    let home = Home::new();
    let server = Server::start(&mut demo(&home));
    let answer = server.ask("POST", "/responses", "", r#"{"input":"hi","stream":true}"#);
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("x-accel-buffering: no"), "{}", answer.head);
    assert!(answer.body.contains("event: response.completed"), "{}", answer.body);
}

#[test]
fn a_company_with_an_authority_of_its_own_names_that_once() {
    let authority = Authority::new("ours");
    let provider = Provider::start(Rules::GENERIC).to("hi", [text("One."), text("Two.")]);
    let door = Door::before(provider.base_url(), &authority.identity("127.0.0.1"));
    let gateway = |home: &Home| {
        let mut command = home.crelay();
        command.args(["serve", "--port", "0", "--base-url", &door.base_url("127.0.0.1")]);
        command.env("CRELAY_API_KEY", provider.key());
        command
    };
    let home = Home::new();
    let file = home.path().join("authority.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    let by_variable = Server::start(gateway(&home).env("SSL_CERT_FILE", &file));
    assert_eq!(by_variable.ask("POST", "/v1/responses", "", ASKED).status, 200);
    let folder = home.path().join("config/crelay");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), format!("ca_file = {file:?}\n")).unwrap();
    let configured = Server::start(&mut gateway(&home));
    assert_eq!(configured.ask("POST", "/v1/responses", "", ASKED).status, 200);
    std::fs::remove_file(&file).unwrap();
    let ended = Process::run(&mut gateway(&home));
    assert_eq!(ended.code, 125);
    let told = format!("config.toml:1:11 names `{}`, which cannot be read", file.display());
    assert!(ended.stderr.contains(&told), "{}", ended.stderr);
}
