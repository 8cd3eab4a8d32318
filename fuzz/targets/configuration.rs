//! Whatever stands in the configuration and on the command line is understood, or refused in words that name the place;
//! what is understood makes a command line for Codex.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::sync::LazyLock;

use crelay::launch::{Line, Version};
use crelay::provider::Table;
use crelay::report::Report;
use crelay::session::{Arguments, Command, Config, Environment, Error, Ground, Wish, resolve};

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::embedded().expect("the table can be read"));

/// Codex's that take different options.
const VERSIONS: [Version; 4] = [
    Version::new(0, 118, 0),
    Version::new(0, 134, 0),
    Version::new(0, 155, 0),
    Version::new(0, 169, 0),
];

/// The configuration, and behind a zero byte each the arguments of Codex.
pub fn check(input: &[u8]) {
    let [version, input @ ..] = input else { return };
    let mut parts = input.split(|byte| *byte == 0);
    let Ok(text) = std::str::from_utf8(parts.next().unwrap_or_default()) else {
        return;
    };
    let words = parts.map(|word| OsString::from_vec(word.to_vec())).collect();
    let arguments = arguments(words);
    let config = match Config::parse(text, Path::new("config.toml")) {
        Ok(config) => config,
        Err(error) => {
            let (line, column) = place_of(&error);
            let found = line.checked_sub(1).and_then(|before| text.split('\n').nth(before));
            let letters = found.map(|found| found.chars().count());
            // What is missing at the end of a line stands behind it.
            return assert!(
                letters.is_some_and(|letters| (1..=letters + 1).contains(&column)),
                "it names a place: {error}"
            );
        }
    };
    session(
        &config,
        arguments.unwrap_or_default(),
        VERSIONS[usize::from(*version) % VERSIONS.len()],
    );
}

/// Line and column.
fn place_of(error: &Error) -> (usize, usize) {
    let told = error.to_string();
    let mut parts = told.splitn(4, ':').skip(1).map(str::parse);
    match (parts.next(), parts.next()) {
        (Some(Ok(line)), Some(Ok(column))) => (line, column),
        _ => panic!("it names a place: {told:?}"),
    }
}

/// Reads Codex's arguments: nothing is invented, reordered or lost but a profile.
fn arguments(typed: Vec<OsString>) -> Option<Arguments> {
    let arguments = Arguments::understand(typed.clone()).map_err(told).ok()?;
    assert_eq!(arguments.typed, typed, "what was typed");
    let mut rest = typed.iter();
    let is_in_order = arguments.given.iter().all(|word| rest.any(|typed| typed == word));
    assert!(is_in_order, "{:?} of {typed:?}", arguments.given);
    if arguments.command == Command::Direct || !typed.iter().any(|word| is_profile(word)) {
        assert_eq!(arguments.given, typed, "only a profile is taken out");
    }
    Some(arguments)
}

fn is_profile(word: &OsStr) -> bool {
    word.as_bytes().starts_with(b"-p") || word.as_bytes().starts_with(b"--profile")
}

/// Makes a session and, where that works, the line that Codex is started with.
fn session(config: &Config, arguments: Arguments, version: Version) {
    let environment = Environment::from([("DEEPSEEK_API_KEY".into(), "sk-0123456789abcdef".into())]);
    let ground = Ground {
        table: &TABLE,
        config,
        environment: &environment,
        strangers: &[],
        kept: &[],
    };
    let resolved = match resolve(&ground, &Wish::default(), &arguments, &|_| None) {
        Ok(resolved) => resolved,
        Err(error) => return told(error),
    };
    let line = Line {
        session: &resolved.session,
        arguments: &arguments,
        version,
        port: 4242,
        catalog: Path::new("/run/crelay/catalog.json"),
    };
    let line = line.write().expect("what is resolved can be written");
    for pair in line.windows(2).filter(|pair| pair[0] == "-c").take(5) {
        let (_, value) = pair[1]
            .to_str()
            .and_then(|pair| pair.split_once('='))
            .expect("a key and a value");
        value
            .parse::<toml_edit::Value>()
            .unwrap_or_else(|error| panic!("{value} is no TOML: {error}"));
    }
}

/// What a user reads moves no terminal.
fn told(error: Error) {
    let text = Report::from(error).to_string();
    let hostile = |letter: char| letter.is_control() && letter != '\n';
    assert!(!text.contains(hostile), "{text:?}");
}
