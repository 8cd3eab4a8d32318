//! What is known of models, from the server that lists them to the catalog that Codex reads.

mod dev;
mod lister;
mod named;
mod prompts;
mod starts;

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::kit::{Home, Process, Provider, Rules, Terminal};
use crate::launch::fake::{Fake, KEY};

use lister::Lister;

/// Keeps what Codex is told of models.
const KEEP: &str = r#"for word in "$@"; do case $word in model_catalog_json=*) path=${word#*\"}; cp "${path%\"}" "$HOME/catalog.json";; esac; done"#;

/// A user of the fake Codex, whose provider is a [`Lister`].
struct User {
    fake: Fake,
    lister: Lister,
}

impl User {
    fn of(lister: Lister) -> Self {
        Self {
            fake: Fake::new(),
            lister,
        }
    }

    /// With this configuration, in which `URL` is the address of the lister.
    fn configured(self, config: &str) -> Self {
        let folder = self.fake.home.path().join("config/crelay");
        std::fs::create_dir_all(&folder).unwrap();
        let config = config.replace("URL", &self.lister.url(""));
        std::fs::write(folder.join("config.toml"), config).unwrap();
        self
    }

    /// `crelay codex` with these options, and the catalog kept.
    fn session(&self, options: &[&str]) -> Command {
        self.doing(options, KEEP)
    }

    fn doing(&self, options: &[&str], script: &str) -> Command {
        let mut command = self.fake.home.crelay();
        command.args(["codex", "--codex"]).arg(self.fake.program());
        command.args(options).args(["exec", script]);
        command.env("CRELAY_API_KEY", KEY).env_remove("CRELAY_OFFLINE");
        command
    }

    /// Keeps the list of the provider that these options choose, as `crelay models` does, which waits for it as long as
    /// it takes. A session waits for a second, which may be too short for a machine that runs a hundred tests.
    fn listed(&self, options: &[&str]) {
        self.listed_for(options, KEY);
    }

    /// The same for the account with this key.
    fn listed_for(&self, options: &[&str], key: &str) {
        let mut command = self.fake.home.crelay();
        command.arg("models").args(options);
        command
            .env("CRELAY_API_KEY", key)
            .env("OLLAMA_HOST", self.lister.url(""));
        Process::run(&mut command).well();
    }

    /// What Codex is told in a session with these options.
    fn catalog(&self, options: &[&str]) -> Vec<Value> {
        Process::run(&mut self.session(options)).well();
        self.told()
    }

    fn told(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.fake.home.path().join("catalog.json")).unwrap();
        let catalog: Value = serde_json::from_str(&text).unwrap();
        catalog["models"].as_array().unwrap().clone()
    }

    /// All files of the cache that are about models.
    fn kept(&self) -> Vec<PathBuf> {
        let folders = ["models", "models.dev"].map(|name| self.fake.home.path().join("cache/crelay").join(name));
        let files = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok());
        let mut files: Vec<PathBuf> = files.flatten().map(|file| file.unwrap().path()).collect();
        files.sort();
        files
    }
}

fn slugs(catalog: &[Value]) -> Vec<&str> {
    catalog.iter().map(|entry| entry["slug"].as_str().unwrap()).collect()
}

#[test]
fn codex_is_told_of_all_that_works_with_it_the_sessions_model_first() {
    let models = json!([
        {"id": "small", "context_length": 32_000, "max_completion_tokens": 8_000,
            "pricing": {"prompt": "0.0000005", "completion": "0.000002"},
            "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]}},
        {"id": "text-embedding-9"},
        {"id": "mute", "supported_parameters": ["temperature"]},
        {"id": "big", "max_model_len": 1_000_000},
        {"id": "big"},
        {"id": "odd\u{202e}name"},
        {"id": "wide", "context_length": 18_446_744_073_709_551_615_u64},
    ]);
    let user = User::of(Lister::start().lists(models));
    let base_url = user.lister.base_url();
    user.listed(&["--base-url", &base_url]);
    let catalog = user.catalog(&["--base-url", &base_url, "-m", "big"]);
    assert_eq!(slugs(&catalog), ["big", "small", "wide"]);
    let about = |place: usize, key: &str| catalog[place][key].clone();
    assert_eq!(about(0, "context_window"), 1_000_000);
    assert_eq!(about(0, "input_modalities"), json!(["text"]));
    assert_eq!(about(1, "context_window"), 32_000);
    assert_eq!(about(1, "input_modalities"), json!(["text", "image"]));
    assert_eq!(about(1, "auto_compact_token_limit"), 25_600);
    assert_eq!(about(2, "context_window"), 131_072);
    let words = about(1, "description");
    assert!(
        words
            .as_str()
            .unwrap()
            .ends_with(", 32k tokens, $0.5 in, $2 out for a million"),
        "{words}"
    );
    let asked = user.lister.asked();
    assert_eq!(asked.len(), 1);
    assert!(
        asked[0]
            .head
            .contains(&format!("authorization: bearer {KEY}").to_lowercase())
    );
}

#[test]
fn the_configuration_counts_before_the_provider_and_that_before_the_table_and_models_dev() {
    let models = json!([{"id": "deepseek-v4-pro", "context_length": 500_000}, {"id": "new"}]);
    let dev = json!({"deepseek": {"models": {
        "deepseek-v4-pro": {"limit": {"context": 7, "output": 7}, "cost": {"input": 9, "output": 9}},
        "new": {"limit": {"context": 300_000, "output": 64_000}, "modalities": {"input": ["text", "image"]},
            "reasoning_options": [{"type": "effort", "values": ["low", "high"]}], "tool_call": true},
    }}});
    let lister = Lister::start().lists(models).tells("/api.json", dev);
    let user = User::of(lister).configured(
        "models_dev = \"URL/api.json\"\n[providers.work]\nbase_url = \"URL/v1\"\ndialect = \"deepseek\"\n\
         [providers.work.models.deepseek-v4-pro]\nvision = true\n",
    );
    user.listed_for(&["-P", "work"], "");
    // Codex stays until models.dev was asked and its answer is kept.
    let stay = format!("{KEEP}; until [ -f \"$HOME/cache/crelay/models.dev/deepseek.json\" ]; do :; done");
    let mut command = user.doing(&["-P", "work"], &stay);
    Process::run(command.env("CRELAY_API_KEY", "")).well();
    let catalog = user.told();
    assert_eq!(slugs(&catalog), ["deepseek-v4-pro", "new"]);
    assert_eq!(catalog[1]["context_window"], 131_072);
    let mut command = user.session(&["-P", "work"]);
    Process::run(command.env("CRELAY_API_KEY", "")).well();
    let catalog = user.told();
    let own = &catalog[0];
    assert_eq!(own["context_window"], 500_000);
    assert_eq!(own["input_modalities"], json!(["text", "image"]));
    let words = own["description"].as_str().unwrap();
    assert!(words.ends_with("$1.32 in, $3.96 out for a million"), "{words}");
    let new = &catalog[1];
    assert_eq!(
        (&new["context_window"], &new["input_modalities"]),
        (&json!(300_000), &json!(["text", "image"]))
    );
    // Neither the key nor anything else of the user is told to models.dev.
    let dev = user
        .lister
        .asked()
        .into_iter()
        .find(|asked| asked.path == "/api.json")
        .unwrap();
    assert!(
        !dev.head.contains("authorization") && !dev.head.contains("x-"),
        "{}",
        dev.head
    );
}

#[test]
fn each_account_has_a_list_of_its_own_which_no_file_names() {
    let user = User::of(Lister::start().lists(json!([{"id": "a"}])));
    let base_url = user.lister.base_url();
    let options = ["--base-url", &base_url, "-m", "a"];
    user.listed(&options[..2]);
    user.lister
        .set("/v1/models", Some(json!({"data": [{"id": "a"}, {"id": "b"}]})));
    assert_eq!(slugs(&user.catalog(&options)), ["a"]);
    user.listed_for(&options[..2], "sk-of-somebody-else");
    let mut other = user.session(&options);
    Process::run(other.env("CRELAY_API_KEY", "sk-of-somebody-else")).well();
    assert_eq!(slugs(&user.told()), ["a", "b"]);
    let kept = user.kept();
    assert_eq!(kept.len(), 2);
    for file in &kept {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let telling = user.fake.home.files_with(&[KEY, "sk-of-somebody-else"]);
    assert_eq!(telling, Vec::<PathBuf>::new());
}

#[test]
fn a_kept_list_that_is_broken_is_asked_for_again() {
    let user = User::of(Lister::start().lists(json!([{"id": "a"}, {"id": "b"}])));
    let base_url = user.lister.base_url();
    let options = ["--base-url", &base_url];
    user.listed(&options);
    let kept = user.kept();
    for broken in [
        "",
        "{\"version\":1,\"asked\":",
        "{\"version\":0,\"asked\":1,\"said\":null}",
        "[]",
    ] {
        std::fs::write(&kept[0], broken).unwrap();
        user.listed(&options);
        let catalog = user.catalog(&["--base-url", &base_url, "-m", "a"]);
        assert_eq!(slugs(&catalog), ["a", "b"], "{broken}");
    }
    assert_eq!(user.lister.asked().len(), 5);
    assert_eq!(user.kept(), kept);
}

#[test]
fn ollama_says_of_each_model_what_it_can() {
    let lister = Lister::start()
        .lists(json!([{"id": "qwen3:8b", "owned_by": "library"}]))
        .tells(
            "/api/show",
            json!({"capabilities": ["completion", "tools", "vision"], "model_info": {"qwen3.context_length": 40_960}}),
        )
        .tells(
            "/api/ps",
            json!({"models": [{"model": "qwen3:8b", "context_length": 16_384}]}),
        );
    let user = User::of(lister);
    user.listed(&["-P", "ollama"]);
    let mut command = user.session(&["-P", "ollama", "-m", "qwen3"]);
    Process::run(command.env("OLLAMA_HOST", user.lister.url(""))).well();
    let catalog = user.told();
    assert_eq!(slugs(&catalog), ["qwen3:8b", "qwen3"]);
    assert_eq!(catalog[0]["context_window"], 16_384);
    assert_eq!(catalog[0]["input_modalities"], json!(["text", "image"]));
    assert_eq!(
        (&catalog[0]["visibility"], &catalog[1]["visibility"]),
        (&json!("list"), &json!("hide"))
    );
    let shown = user.lister.asked();
    let shown: Vec<&str> = shown
        .iter()
        .filter(|asked| asked.path == "/api/show")
        .map(|asked| asked.body.as_str())
        .collect();
    assert!(shown.contains(&r#"{"model":"qwen3:8b"}"#), "{shown:?}");
}

#[test]
fn a_name_that_the_provider_does_not_have_is_an_error_with_those_that_are_near() {
    let lister = Lister::start().lists(json!([{"id": "qwen3:8b"}, {"id": "qwen3:32b"}, {"id": "gemma4"}]));
    let user = User::of(lister);
    user.listed(&["-P", "ollama"]);
    let mut command = user.session(&["-P", "ollama", "-m", "qwen3:14b"]);
    let ended = Process::run(command.env("OLLAMA_HOST", user.lister.url("")));
    assert_eq!(ended.code, 125);
    assert_eq!(
        ended.stderr,
        "error: Ollama has no model `qwen3:14b`\n\nhint: the nearest are `qwen3:8b`, `qwen3:32b` and `gemma4`; `crelay models` lists all\n"
    );
    let mut doctor = user.fake.home.crelay();
    doctor
        .args(["doctor", "-P", "ollama", "-m", "qwen3:14b"])
        .env("OLLAMA_HOST", user.lister.url(""));
    let told = Process::run(&mut doctor).stdout;
    let words = "✗ model           Ollama has no model `qwen3:14b`\n                  hint: the nearest are";
    assert!(told.contains(words), "{told}");
    // A model that was loaded since is found though the list of last time lacks it.
    user.lister
        .set("/v1/models", Some(json!({"data": [{"id": "qwen3:14b"}]})));
    let mut command = user.session(&["-P", "ollama", "-m", "qwen3:14b"]);
    Process::run(command.env("OLLAMA_HOST", user.lister.url(""))).well();
}

#[test]
fn all_models_are_told_with_what_they_can_and_cost() {
    let models = json!([
        {"id": "small", "context_length": 32_000, "max_completion_tokens": 8_000,
            "pricing": {"prompt": "0.0000005", "completion": "0.000002"}},
        {"id": "text-embedding-9"},
    ]);
    let user = User::of(Lister::start().lists(models)).configured(
        "[providers.work]\nbase_url = \"URL/v1\"\naliases = { s = \"small\" }\n\
         [providers.work.models.mine]\ncontext_window = 64000\nvision = true\nefforts = [\"low\", \"high\"]\n",
    );
    let tell = |options: &[&str]| {
        let mut command = user.fake.home.crelay();
        command.args(["models", "-P", "work"]).args(options);
        Process::run(&mut command).well().stdout
    };
    let table = "\
model  window  output  images  $/M in  $/M out
mine      64k             yes
small     32k      8k             0.5        2
";
    assert_eq!(tell(&[]), table);
    let told: Value = serde_json::from_str(&tell(&["--json"])).unwrap();
    assert_eq!((&told["provider"], &told["listed"]), (&json!("work"), &json!(true)));
    let small = &told["models"][1];
    assert_eq!((&small["id"], &small["aliases"]), (&json!("small"), &json!(["s"])));
    assert_eq!(small["price"], json!({"input": 0.5, "output": 2.0, "cached": null}));
    let origins = &small["origins"];
    assert_eq!(
        (&origins["context_window"], &origins["vision"]),
        (&json!("provider"), &json!("nobody"))
    );
    assert_eq!(told["models"][0]["origins"]["context_window"], "configuration");
    // What is kept is not old yet; who wants to know asks again.
    assert_eq!(user.lister.asked().len(), 1);
    user.lister.set("/v1/models", Some(json!({"data": [{"id": "new"}]})));
    assert!(tell(&["--refresh"]).contains("new"));
    let mut offered = user.fake.home.crelay();
    offered.args(["completions", "bash", "--", "crelay", "codex", "-P", "work", "-m", "n"]);
    assert_eq!(Process::run(&mut offered).well().stdout, "words\nnew\tnew\n");
}

#[test]
fn a_name_that_stands_for_another_model_is_known_to_codex_and_not_offered() {
    let user = User::of(Lister::start().lists(json!([{"id": "big"}, {"id": "small", "context_length": 32_000}])));
    let base_url = user.lister.base_url();
    user.listed(&["--base-url", &base_url]);
    let catalog = user.catalog(&[
        "--base-url",
        &base_url,
        "-m",
        "big",
        "--model-map",
        "gpt-6=small,gpt-*=big",
    ]);
    assert_eq!(slugs(&catalog), ["big", "small", "gpt-6"]);
    assert_eq!(
        (&catalog[2]["visibility"], &catalog[2]["context_window"]),
        (&json!("hide"), &json!(32_000))
    );
}

/// `crelay models` with these options, where nothing is configured.
fn asked_for(user: &User, options: &[&str]) -> (i32, String, String) {
    let mut command = user.fake.home.crelay();
    let ended = Process::run(command.arg("models").args(options).env_remove("CRELAY_OFFLINE"));
    (ended.code, ended.stdout, ended.stderr)
}

#[test]
fn no_model_is_told_where_none_is_known() {
    let user = User::of(Lister::start());
    let nowhere = ["--base-url", "http://127.0.0.1:9/v1"];
    let nothing = "error: nothing listens at 127.0.0.1:9: is the server running?\n";
    assert_eq!(asked_for(&user, &nowhere), (125, String::new(), nothing.to_owned()));
    let (code, stdout, _) = asked_for(&user, &[&nowhere[..], &["--json"]].concat());
    assert_eq!((code, stdout.as_str()), (125, ""));
    let base_url = user.lister.base_url();
    let (code, stdout, stderr) = asked_for(&user, &["--base-url", &base_url]);
    assert_eq!((code, stdout.as_str()), (125, ""));
    assert!(stderr.contains("404"), "{stderr}");
    let user = User::of(Lister::start().lists(json!([{"id": "text-embedding-9"}])));
    let base_url = user.lister.base_url();
    let (code, stdout, stderr) = asked_for(&user, &["--base-url", &base_url]);
    assert_eq!((code, stdout.as_str()), (125, ""));
    assert!(stderr.contains("lists no model that Codex could work with"), "{stderr}");
}

#[test]
fn a_key_that_the_list_refuses_is_an_error() {
    let provider = Provider::start(Rules::DEEPSEEK);
    let home = Home::new();
    let mut command = home.crelay();
    command.args(["models", "-P", "deepseek", "--base-url", provider.base_url()]);
    command
        .env("DEEPSEEK_API_KEY", "sk-wrong-0123456789")
        .env_remove("CRELAY_OFFLINE");
    let ended = Process::run(&mut command);
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
    assert!(ended.stderr.starts_with("error: DeepSeek says: "), "{}", ended.stderr);
}

#[test]
fn a_session_without_a_model_is_told_who_lists_them() {
    let user = User::of(Lister::start());
    let base_url = user.lister.base_url();
    let ended = Process::run(&mut user.session(&["--base-url", &base_url]));
    assert_eq!(ended.code, 125);
    let hint = format!("hint: name one with `-m`; `crelay models --base-url {base_url}` lists those that there are\n");
    assert!(ended.stderr.ends_with(&hint), "{}", ended.stderr);
}

#[test]
fn a_table_in_a_narrow_terminal_gives_up_columns_and_a_piped_one_none() {
    let models = json!([{"id": "a-model-of-a-fairly-long-name", "context_length": 128_000, "max_completion_tokens": 8_000,
        "pricing": {"prompt": "0.0000005", "completion": "0.000002", "input_cache_read": "0.00000005"}}]);
    let user = User::of(Lister::start().lists(models));
    let base_url = user.lister.base_url();
    let (code, piped, _) = asked_for(&user, &["--base-url", &base_url]);
    assert_eq!(code, 0);
    let whole = "\
model                          window  output  $/M in  $/M out  cached
a-model-of-a-fairly-long-name    128k      8k     0.5        2    0.05
";
    assert_eq!(piped, whole);
    let mut command = user.fake.home.crelay();
    command.args(["models", "--base-url", &base_url]);
    let terminal = Terminal::of_columns(command, 48);
    terminal.expect("  0.5        2");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    let lines: Vec<String> = terminal
        .screen()
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    let narrow = [
        "model                          $/M in  $/M out",
        "a-model-of-a-fairly-long-name     0.5        2",
    ];
    assert_eq!(lines.iter().filter(|line| !line.is_empty()).collect::<Vec<_>>(), narrow);
}
