//! crelay reads Codex's arguments as Codex does: shown on the help of the real Codex.

use std::ffi::OsString;

use crelay::session::{Arguments, Command, Error};

use crate::kit::{Codex, Home, Process};

/// The levels on which an argument may stand, and that reach a model.
pub const LEVELS: [&[&str]; 8] = [
    &[],
    &["exec"],
    &["exec", "resume"],
    &["exec", "review"],
    &["resume"],
    &["fork"],
    &["review"],
    &["queue"],
];

/// Commands that would reach a model past crelay.
const ELSEWHERE: [&str; 3] = ["agents", "remote-control", "cloud"];

fn help(level: &[&str]) -> String {
    let codex = Codex::take();
    let home = Home::new();
    let ended = Process::run(home.command(codex.program()).args(level).arg("--help"));
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    ended.stdout
}

fn understood(words: &[&str]) -> Result<Command, Error> {
    let words: Vec<OsString> = words.iter().map(OsString::from).collect();
    Arguments::understand(words).map(|arguments| arguments.command)
}

/// Each option of a help text, in all its spellings, and whether it takes a value.
pub fn options(help: &str) -> Vec<(String, bool)> {
    let lines = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let mut options = Vec::new();
    for line in lines.filter(|line| line.chars().nth(1).is_some_and(|letter| letter != ' ')) {
        let (spellings, rest) = line
            .split_once(" <")
            .map_or((line, None), |(names, rest)| (names, Some(rest)));
        let spellings = spellings.split("  ").next().unwrap_or_default();
        options.extend(spellings.split(", ").map(|name| (name.to_owned(), rest.is_some())));
    }
    options
}

#[test]
fn every_option_of_codex_takes_a_value_exactly_if_crelay_thinks_so() {
    for level in LEVELS {
        let options = options(&help(level));
        assert!(options.len() > 8, "{level:?}: {options:?}");
        for (option, has_value) in options {
            let place: &[&str] = if level.is_empty() { &[] } else { &["exec"] };
            let words = |words: &[&'static str]| understood(&[place, &[option.as_str()], words].concat());
            if ["-h", "--help", "-V", "--version"].contains(&option.as_str()) {
                assert_eq!(words(&[]).unwrap(), Command::Direct, "{level:?} {option}");
                continue;
            }
            // `help` is a command where a word may stand, and nothing where it is a value.
            let is_direct = match words(&["help"]) {
                Ok(command) => command == Command::Direct,
                // Refused, whatever follows.
                Err(Error::Contradiction { .. }) => continue,
                Err(error) => panic!("{level:?} {option}: {error}"),
            };
            assert_eq!(is_direct, !has_value, "{level:?} {option}");
        }
    }
}

#[test]
fn every_command_of_codex_is_known() {
    let help = help(&[]);
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.take_while(|line| !line.is_empty());
    let names: Vec<&str> = commands
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        let understood = understood(&[name]);
        let is_interactive = matches!(understood, Ok(Command::Interactive));
        assert_eq!(is_interactive, ["resume", "fork"].contains(&name), "{name}");
        let is_refused = matches!(understood, Err(Error::Contradiction { .. }));
        assert_eq!(is_refused, ELSEWHERE.contains(&name), "{name}");
    }
}

#[test]
fn the_help_of_a_refused_command_can_be_read() {
    for level in ELSEWHERE
        .map(|name| vec![name])
        .into_iter()
        .chain([vec!["app-server", "daemon"]])
    {
        assert!(help(&level).contains("Usage: codex "), "{level:?}");
        assert!(
            matches!(understood(&level), Err(Error::Contradiction { .. })),
            "{level:?}"
        );
        let asked = [&level[..], &["--help"]].concat();
        assert_eq!(understood(&asked).unwrap(), Command::Direct, "{level:?}");
    }
}
