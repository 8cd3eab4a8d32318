use super::Command::{Direct, Interactive, Runtime, Server};
use super::*;

fn given(line: &[&str]) -> Vec<OsString> {
    line.iter().map(OsString::from).collect()
}

fn understood(line: &[&str]) -> Arguments {
    Arguments::understand(given(line)).unwrap()
}

#[test]
fn a_command_is_what_codex_takes_it_for() {
    let table: &[(&[&str], Command)] = &[
        (&[], Interactive),
        (&["fix the login"], Interactive),
        (&["resume", "--last"], Interactive),
        (&["fork"], Interactive),
        (&["exec", "task"], Runtime),
        (&["e", "task"], Runtime),
        (&["--search", "-C", "/tmp", "review"], Runtime),
        (&["-m", "exec", "hello"], Interactive),
        (&["-mfoo", "exec"], Runtime),
        (&["--model=foo", "exec"], Runtime),
        (&["--enable", "login"], Interactive),
        (&["-s", "read-only", "login"], Direct),
        (&["--add-dir", "mcp", "exec"], Runtime),
        (&["app-server"], Server),
        (&["app-server", "--listen", "stdio://"], Server),
        (&["app-server", "generate-ts", "--out", "x"], Direct),
        (&["app-server", "daemon", "--help"], Direct),
        (&["app-server", "daemon", "help"], Direct),
        (&["app-server", "proxy", "-h"], Direct),
        (&["cloud", "--help"], Direct),
        (&["cloud", "exec", "-h"], Direct),
        (&["cloud-tasks", "help", "list"], Direct),
        (&["remote-control", "--help"], Direct),
        (&["help", "cloud"], Direct),
        (&["--", "cloud"], Interactive),
        (&["exec", "cloud"], Runtime),
        (&["mcp-server"], Server),
        (&["--no-daemon", "agents"], Server),
        (&["login"], Direct),
        (&["mcp", "add", "x", "--", "exec"], Direct),
        (&["features", "list"], Direct),
        (&["hello", "features", "list"], Direct),
        (&["help", "exec"], Direct),
        (&["exec", "help"], Direct),
        (&["exec", "please", "help"], Runtime),
        (&["--help"], Direct),
        (&["-h"], Direct),
        (&["-V"], Direct),
        (&["exec", "--version"], Direct),
        (&["exec", "task", "--help"], Direct),
        (&["-m", "--help"], Direct),
        (&["-hV"], Direct),
    ];
    for (line, command) in table {
        assert_eq!(understood(line).command, *command, "{line:?}");
    }
}

#[test]
fn words_that_are_not_commands_are_left_alone() {
    let table: &[(&[&str], Command)] = &[
        (&["--", "--help"], Interactive),
        (&["--", "login"], Interactive),
        (&["exec", "--", "--version"], Runtime),
        (&["exec", "--", "-c", "model_provider=x"], Runtime),
        (&["exec", "--output-schema", "help"], Runtime),
        (&["exec", "-o", "help", "task"], Runtime),
        (&["exec", "tell me about --oss and -m x"], Runtime),
        (&["review", "--base", "login"], Runtime),
        (&["exec", "login"], Runtime),
        (&["-i", "exec", "login", "-m", "x", "resume"], Interactive),
        (&["--image=a.png", "exec"], Runtime),
    ];
    for (line, command) in table {
        let arguments = understood(line);
        assert_eq!(arguments.command, *command, "{line:?}");
        assert_eq!(arguments.given, given(line));
    }
}

#[test]
fn the_model_is_found_wherever_codex_finds_it() {
    let table: &[(&[&str], Option<&str>)] = &[
        (&["exec", "task"], None),
        (&["-m", "a"], Some("a")),
        (&["-ma"], Some("a")),
        (&["-m=a"], Some("a")),
        (&["--model", "a", "exec"], Some("a")),
        (&["exec", "--model=a=b"], Some("a=b")),
        (&["-m", "a", "exec", "-m", "b"], Some("b")),
        (&["-c", "model=a"], Some("a")),
        (&["-cmodel=a"], Some("a")),
        (&["-c", "model=\"a\""], Some("a")),
        (&["--config", "model = 'a'"], Some("a")),
        (&["--config=model=openai/a", "exec"], Some("openai/a")),
        (&["-c", "model=a", "-c", "model=b"], Some("b")),
        (&["-m", "a", "exec", "-c", "model=b"], Some("a")),
        (&["-c", "model_reasoning_effort=high"], None),
        (&["exec", "--", "-m", "a"], None),
        (&["-m"], None),
    ];
    for (line, model) in table {
        let arguments = understood(line);
        assert_eq!(arguments.model.as_deref(), *model, "{line:?}");
        assert_eq!(arguments.given, given(line), "a model stays");
    }
}

#[test]
fn a_search_of_the_web_is_on_where_codex_makes_it_live() {
    let table: &[(&[&str], Option<bool>)] = &[
        (&["hello"], None),
        (&["--search"], Some(true)),
        (&["resume", "--search"], Some(true)),
        (&["exec", "-c", "web_search=live", "task"], Some(true)),
        (&["-c", "web_search=\"indexed\"", "exec", "task"], Some(true)),
        (&["--config=web_search='cached'", "exec", "task"], Some(false)),
        (
            &["-c", "web_search=live", "exec", "-c", "web_search=disabled", "task"],
            Some(false),
        ),
        (&["--search", "-c", "web_search=disabled"], Some(true)),
        (&["exec", "--", "--search"], None),
    ];
    for (line, search) in table {
        let arguments = understood(line);
        assert_eq!(arguments.search, *search, "{line:?}");
        assert_eq!(arguments.given, given(line), "all of it stays");
    }
}

#[test]
fn a_profile_is_taken_out_and_nothing_else() {
    let table: &[(&[&str], &[&str])] = &[
        (&["-p", "mine", "exec", "task"], &["exec", "task"]),
        (&["exec", "-pmine", "--json"], &["exec", "--json"]),
        (&["exec", "-p=mine"], &["exec"]),
        (&["--profile=mine", "-m", "a"], &["-m", "a"]),
        (
            &["exec", "--profile", "mine", "--", "-p", "x"],
            &["exec", "--", "-p", "x"],
        ),
    ];
    for (line, kept) in table {
        let arguments = understood(line);
        assert_eq!(arguments.profile.as_deref(), Some("mine"), "{line:?}");
        assert_eq!(arguments.given, given(kept), "{line:?}");
        assert_eq!(arguments.typed, given(line));
    }
}

#[test]
fn where_crelay_steps_aside_all_arguments_stay() {
    let line = ["-p", "mine", "mcp", "list", "--oss"];
    let arguments = understood(&line);
    assert_eq!(arguments.given, given(&line));
    assert_eq!(arguments.profile, None);
}

#[test]
fn what_would_send_prompts_elsewhere_is_refused() {
    let table: &[(&[&str], &str)] = &[
        (&["--oss"], "--oss"),
        (&["exec", "--local-provider", "ollama"], "--local-provider"),
        (&["--remote", "ws://a:1"], "--remote"),
        (&["-c", "model_provider=openai", "exec"], "-c model_provider=…"),
        (&["exec", "-cmodel_provider=\"x\""], "-c model_provider=…"),
        (&["-c", "model_providers={}"], "-c model_providers.crelay…"),
        (
            &["exec", "-c", "shell_environment_policy={inherit=\"all\"}"],
            "-c shell_environment_policy=…",
        ),
        (
            &["--config=shell_environment_policy.set={A=\"1\"}"],
            "-c shell_environment_policy=…",
        ),
        (
            &["-c", "model_providers.crelay.base_url=x"],
            "-c model_providers.crelay…",
        ),
        (&["--config=model_catalog_json=x"], "-c model_catalog_json=…"),
        (&["-c", "profile=x"], "-c profile=…"),
        (&["agents"], "agents"),
        (&["agents", "hello"], "agents"),
        (&["cloud"], "cloud"),
        (&["cloud", "exec", "--env", "e", "task"], "cloud"),
        (&["hello", "cloud"], "cloud"),
        (&["-m", "a", "cloud-tasks", "list"], "cloud-tasks"),
        (&["cloud", "--", "--help"], "cloud"),
        (&["remote-control", "start"], "remote-control"),
        (&["app-server", "daemon", "start"], "app-server daemon"),
        (&["app-server", "proxy"], "app-server proxy"),
    ];
    for (line, named) in table {
        match Arguments::understand(given(line)) {
            Err(Error::Contradiction { argument, .. }) => assert_eq!(argument, *named, "{line:?}"),
            other => panic!("{line:?} gave {other:?}"),
        }
    }
    for harmless in ["model_providers.mine.name=x", "shell_environment_policy.set.A=1"] {
        assert!(Arguments::understand(given(&["-c", harmless])).is_ok());
    }
}

#[test]
fn an_option_of_crelays_own_is_refused_where_it_stands_too_late() {
    let told = |line: &[&str]| {
        let error = Arguments::understand(given(line)).unwrap_err();
        crate::report::Report::from(error)
    };
    let table: &[(&[&str], &str, &str)] = &[
        (
            &["exec", "hello", "--provider", "demo"],
            "--provider",
            "exec --provider demo",
        ),
        (
            &["exec", "--json", "--provider=demo", "hi"],
            "--provider",
            "exec --provider demo",
        ),
        (&["exec", "hello", "-Pdemo"], "-P", "exec -P demo"),
        (&["resume", "--last", "--dry-run"], "--dry-run", "codex --dry-run"),
        (
            &["hello", "--install-codex", "x"],
            "--install-codex",
            "codex --install-codex",
        ),
        (&["-m", "a", "--key-file", "key"], "--key-file", "codex --key-file key"),
        (&["review", "--codex"], "--codex", "codex --codex"),
        (
            &["exec", "hi", "--base-url", "http://me:secret@a"],
            "--base-url",
            "exec --base-url URL",
        ),
    ];
    for (line, name, instead) in table {
        let report = told(line);
        let text = format!(
            "error: `{name}` stands after an argument of Codex\n\n\
             hint: crelay's own options come first: `crelay {instead} …`"
        );
        assert_eq!((report.to_string(), report.exit_code()), (text, 2), "{line:?}");
    }
    let report = told(&["exec", "--providr", "demo", "hi"]);
    let text = "error: neither crelay nor Codex has an option `--providr`\n\nhint: did you mean `--provider`?";
    assert_eq!((report.to_string(), report.exit_code()), (text.to_owned(), 2));
}

#[test]
fn a_key_that_was_typed_is_refused_and_not_repeated() {
    for line in [
        &["exec", "--api-key", "sk-secret", "x"][..],
        &["exec", "--key=sk-secret", "x"],
        &["--api-key", "sk-secret"],
        &["x", "--apikey", "sk-secret"],
    ] {
        let report = crate::report::Report::from(Arguments::understand(given(line)).unwrap_err());
        let text = "error: a key on the command line is shown to everybody on this machine\n\n\
                    hint: `crelay auth set` asks for it and keeps it; `--key-file` reads it from a file";
        assert_eq!(
            (report.to_string(), report.exit_code()),
            (text.to_owned(), 2),
            "{line:?}"
        );
    }
    // Codex's own commands may take one.
    let line = ["login", "--api-key", "sk-secret"];
    assert_eq!(understood(&line).given, given(&line));
}

#[test]
fn what_only_looks_like_an_option_of_crelays_own_is_codexs() {
    for line in [
        &["exec", "--", "--provider", "demo"][..],
        &["exec", "what does --dry-run do?"],
        &["--image=--provider", "exec"],
        &["exec", "--profile-v2=--dry-run"],
        &["mcp", "add", "x", "--provider", "y"],
        &["exec", "--something-new", "x"],
        &["exec", "--color", "never"],
    ] {
        assert_eq!(understood(line).given, given(line), "{line:?}");
    }
}
