use clap::CommandFactory;

use super::*;
use crate::cli::options::Crelay;

fn names(wanted: Wanted<'_>) -> Vec<Candidate> {
    let words: &[&str] = match wanted {
        Wanted::Providers => &["deepseek", "demo", "kimi"],
        Wanted::Models(None) => &["own"],
        Wanted::Models(Some("kimi")) => &["kimi-k3", "kimi-k2"],
        Wanted::Models(Some(_)) => &[],
    };
    words.iter().map(|word| candidate(word, None)).collect()
}

/// What may stand at the end of `line`, where the last word, which may be empty, is being typed.
fn asked(line: &str) -> (Further, Vec<String>) {
    let mut command = Crelay::command();
    command.build();
    let line: Vec<OsString> = line.split(' ').map(OsString::from).collect();
    let (further, found) = candidates(&command, &line, &names);
    (further, found.into_iter().map(|candidate| candidate.word).collect())
}

fn codex(verb: &str, start: usize) -> Further {
    Further::Codex {
        verb: verb.to_owned(),
        start,
    }
}

#[test]
fn commands_and_their_options_follow_the_programs_name() {
    let (further, words) = asked("crelay ");
    assert_eq!(further, Further::Nothing);
    assert!(
        ["codex", "exec", "serve", "completions", "help"]
            .iter()
            .all(|verb| words.contains(&(*verb).to_owned()))
    );
    assert_eq!(asked("crelay se").1, ["serve"]);
    assert_eq!(asked("crelay help se").1, ["serve"]);
    assert_eq!(asked("crelay --v").1, ["--version"]);
    assert_eq!(asked("crelay serve st").1, ["status", "stop"]);
    assert_eq!(asked("crelay serve stop --p").1, ["--port"]);
    assert_eq!(
        asked("crelay completions z"),
        (Further::Nothing, vec!["zsh".to_owned()])
    );
    let (_, hidden) = asked("crelay serve --d");
    assert!(hidden.contains(&"--daemon".to_owned()) && !hidden.contains(&"--detached".to_owned()));
}

#[test]
fn values_are_those_that_the_option_takes() {
    assert_eq!(asked("crelay codex -P de").1, ["deepseek", "demo"]);
    assert_eq!(asked("crelay codex --provider=k").1, ["--provider=kimi"]);
    assert_eq!(asked("crelay serve -P kimi --model kimi-k2").1, ["kimi-k2"]);
    assert_eq!(asked("crelay codex -P kimi -m ").1, ["kimi-k3", "kimi-k2"]);
    assert_eq!(
        asked("crelay exec --provider=kimi --model=kimi-k3").1,
        ["--model=kimi-k3"]
    );
    assert_eq!(asked("crelay exec -m ").1, ["own"]);
    assert_eq!(asked("crelay codex -P kimi --small-model kimi-k2").1, ["kimi-k2"]);
    assert_eq!(asked("crelay exec --wire c").1, ["chat"]);
    assert_eq!(asked("crelay exec --no-heal=dsml,gl").1, ["--no-heal=dsml,glm"]);
    assert_eq!(asked("crelay exec --key-file "), (Further::Files, vec![]));
    assert_eq!(asked("crelay serve --log-file=/tm"), (Further::Files, vec![]));
    assert_eq!(asked("crelay exec --base-url "), (Further::Nothing, vec![]));
}

#[test]
fn what_is_not_crelays_is_codexs() {
    assert_eq!(asked("crelay codex re"), (codex("codex", 2), vec![]));
    let (further, words) = asked("crelay exec --d");
    assert_eq!((further, words), (codex("exec", 2), vec!["--dry-run".to_owned()]));
    assert_eq!(
        asked("crelay codex -P kimi --dry-run resume --l"),
        (codex("codex", 5), vec![])
    );
    assert_eq!(asked("crelay codex -P kimi -- --l"), (codex("codex", 5), vec![]));
    assert_eq!(asked("crelay exec --json --p"), (codex("exec", 2), vec![]));
}

#[test]
fn models_are_those_of_the_provider_also_behind_codexs_arguments() {
    assert_eq!(asked("crelay codex -P kimi exec --json -m kimi-k3").1, ["kimi-k3"]);
    assert_eq!(asked("crelay codex resume --model ").1, ["own"]);
}

#[test]
fn a_list_of_names_has_no_last_place() {
    assert_eq!(asked("crelay providers test de").1, ["deepseek", "demo"]);
    assert_eq!(asked("crelay providers test kimi de").1, ["deepseek", "demo"]);
    assert_eq!(asked("crelay providers test kimi --json demo dee").1, ["deepseek"]);
    // A single name has one.
    assert_eq!(asked("crelay providers show kimi de").1, Vec::<String>::new());
}
