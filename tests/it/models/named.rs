//! Models that are named beside the session's: those that others stand for, and those that do a part of its work.

use serde_json::json;

use crate::kit::Process;

use super::{Lister, User, slugs};

fn user() -> User {
    let models =
        json!([{"id": "big"}, {"id": "small-2", "context_length": 32_000}, {"id": "mute", "supports_tools": false}]);
    User::of(Lister::start().lists(models))
}

/// Keeps Codex's own command line.
const LINE: &str = r#"printf '%s\n' "$@" > "$HOME/line""#;

#[test]
fn codex_is_told_who_does_which_part_of_its_work() {
    let user = user().configured(
        "[providers.work]\nbase_url = \"URL/v1\"\nmodel = \"big\"\nreview_model = \"mute\"\n\
         subagent_model = \"small-2\"\nmodel_map = { \"gpt-6\" = \"small-2\", \"gpt-*\" = \"big\" }\n",
    );
    user.listed(&["-P", "work"]);
    let catalog = user.catalog(&["-P", "work", "--small-model", "small-2"]);
    assert_eq!(slugs(&catalog), ["big", "small-2", "mute", "gpt-6"]);
    let seen: Vec<&str> = catalog
        .iter()
        .filter_map(|entry| entry["visibility"].as_str())
        .collect();
    assert_eq!(seen, ["list", "list", "hide", "hide"]);
    assert_eq!(catalog[3]["context_window"], 32_000);
    Process::run(&mut user.doing(&["-P", "work"], LINE)).well();
    let line = std::fs::read_to_string(user.fake.home.path().join("line")).unwrap();
    let told: Vec<&str> = line.lines().filter(|word| word.contains("_model=")).collect();
    assert_eq!(
        told,
        [r#"review_model="mute""#, r#"agents.default_subagent_model="small-2""#]
    );
}

#[test]
fn what_is_said_of_all_providers_counts_where_they_have_it() {
    let user = user().configured(
        "small_model = \"elsewhere\"\nreview_model = \"small-2\"\nsubagent_model = \"elsewhere\"\n\
         model_map = { \"gpt-6\" = \"elsewhere\", \"gpt-7\" = \"small-2\" }\n",
    );
    let base_url = user.lister.base_url();
    let options = ["--base-url", &base_url, "-m", "big"];
    user.listed(&options[..2]);
    assert_eq!(slugs(&user.catalog(&options)), ["big", "small-2", "gpt-7"]);
    Process::run(&mut user.doing(&options, LINE)).well();
    let line = std::fs::read_to_string(user.fake.home.path().join("line")).unwrap();
    let told: Vec<&str> = line.lines().filter(|word| word.contains("_model=")).collect();
    assert_eq!(told, [r#"review_model="small-2""#]);
}

#[test]
fn a_model_that_nobody_has_does_no_part_of_the_work() {
    let user = User::of(Lister::start().lists(json!([{"id": "qwen3:8b"}, {"id": "gemma4"}])));
    user.listed(&["-P", "ollama"]);
    let hint = "hint: the nearest are `qwen3:8b` and `gemma4`; `crelay models` lists all\n";
    for option in ["--small-model=qwen4", "--model-map=gpt-*=qwen4"] {
        let mut command = user.session(&["-P", "ollama", "-m", "gemma4", option]);
        let ended = Process::run(command.env("OLLAMA_HOST", user.lister.url("")));
        assert_eq!(ended.code, 125, "{option}");
        assert_eq!(ended.stderr, format!("error: Ollama has no model `qwen4`\n\n{hint}"));
    }
}

#[test]
fn a_fallback_that_the_kept_list_lacks_is_looked_for_in_a_new_one() {
    let user = User::of(Lister::start().lists(json!([{"id": "big"}])));
    let of_ollama = |options: &[&str]| {
        let mut command = user.session(options);
        command.env("OLLAMA_HOST", user.lister.url(""));
        Process::run(&mut command)
    };
    of_ollama(&["-P", "ollama", "-m", "big"]).well();
    let base_url = user.lister.base_url();
    let relieved = ["--base-url", &base_url, "-m", "big", "--fallback", "ollama/new"];
    let missing = of_ollama(&relieved);
    assert!(
        missing.stderr.starts_with("error: Ollama has no model `new`"),
        "{}",
        missing.stderr
    );
    user.lister
        .set("/v1/models", Some(json!({"data": [{"id": "big"}, {"id": "new"}]})));
    of_ollama(&relieved).well();
}
