//! Every sentence in `docs/troubleshooting.md` is one that the program can say, and every one that it can say is there.
//! What differs from case to case is `…` on the page.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::root;

/// What begins a sentence in the source; what lies between it and the text is white, or the name of a macro.
const BEGINNINGS: [&str; 2] = ["#[error(", "Report::new("];

/// Where all that is written makes sentences: the file, and what stands before and behind.
const PLACES: [(&str, &str, &str); 5] = [
    ("src/session/key.rs", "let fault = ", "return "),
    ("src/upstream/failure.rs", "fn what(", "fn hint("),
    ("src/cli/mistyped.rs", "fn message(", "/// One that helps."),
    (
        "src/session/config/fault.rs",
        "impl fmt::Display",
        "impl std::error::Error",
    ),
    ("src/session/config/fault.rs", "fn of_syntax(", "\n}"),
];

/// Where a key of the configuration is named, and what is wrong with it is said behind.
const OF_KEYS: [&str; 3] = [
    "src/session/choice.rs",
    "src/session/config.rs",
    "src/session/config/check.rs",
];

/// The section with the words of another program.
const THEIRS: &str = "## What Codex itself says";

/// Sentences of which less is fixed say nothing by themselves: the rest comes from elsewhere.
const LETTERS: usize = 9;

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| match path.is_dir() {
        true => files(&path),
        false => vec![path],
    });
    found
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect()
}

/// The text of a literal that begins with the quotation mark at the start of `code`, and what follows.
fn literal(code: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut letters = code.strip_prefix('"')?.char_indices().peekable();
    loop {
        match letters.next()? {
            (at, '"') => return Some((text, &code[at + 2..])),
            // The end of a line, and what indents the next, are not part of it.
            (_, '\\') => match letters.next()?.1 {
                '\n' => while letters.next_if(|(_, letter)| letter.is_whitespace()).is_some() {},
                letter => text.push(letter),
            },
            (_, letter) => text.push(letter),
        }
    }
}

/// All literals in a piece of code, but for those that something is compared with.
fn literals(code: &str) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), code);
    while let Some((text, after)) = rest.find('"').and_then(|at| literal(&rest[at..])) {
        if !after.trim_start().starts_with("=>") {
            found.push(text);
        }
        rest = after;
    }
    found
}

/// What is said of keys of the configuration: the literals of more than one word among the arguments.
fn of_keys(code: &str) -> Vec<String> {
    let arguments = code.split("fault(").skip(1).map(|rest| {
        let mut depth = 1;
        let end = rest.find(|letter| {
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            depth == 0
        });
        &rest[..end.unwrap_or(rest.len())]
    });
    let words = arguments.flat_map(literals).filter(|literal| literal.contains(' '));
    words.map(|literal| format!("`…` {}", sentence(&literal))).collect()
}

/// With `…` for what is filled in.
fn sentence(literal: &str) -> String {
    let mut sentence = String::new();
    let mut depth = 0;
    for letter in literal.chars() {
        match letter {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if !sentence.ends_with('…') {
                    sentence.push('…');
                }
            }
            letter if depth == 0 => sentence.push(letter),
            _ => {}
        }
    }
    sentence
}

/// All that the source says of failures.
fn said() -> BTreeSet<String> {
    let mut said = BTreeSet::new();
    for path in files(&root().join("src")) {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for rest in BEGINNINGS.iter().flat_map(|beginning| code.split(beginning).skip(1)) {
            let rest = rest.trim_start();
            let rest = rest.strip_prefix("format!(").unwrap_or(rest).trim_start();
            said.extend(literal(rest).map(|(literal, _)| sentence(&literal)));
        }
    }
    for (path, begin, end) in PLACES {
        let code = fs::read_to_string(root().join(path)).unwrap();
        let code = code.split_once(begin).and_then(|(_, after)| after.split_once(end));
        let (code, _) = code.unwrap_or_else(|| panic!("{path} has no place between `{begin}` and `{end}`"));
        said.extend(literals(code).iter().map(|literal| sentence(literal)));
    }
    for path in OF_KEYS {
        said.extend(of_keys(&fs::read_to_string(root().join(path)).unwrap()));
    }
    let says_something =
        |sentence: &String| sentence.chars().filter(|letter| letter.is_alphabetic()).count() >= LETTERS;
    said.into_iter().filter(says_something).collect()
}

/// The sentences of the page: the first cells of its tables, in pairs of backticks.
fn told() -> BTreeSet<String> {
    let page = fs::read_to_string(root().join("docs/troubleshooting.md")).unwrap();
    let ours = page
        .split("\n## ")
        .filter(|section| !THEIRS.ends_with(section.lines().next().unwrap()));
    let lines = ours.flat_map(str::lines).filter_map(|line| line.strip_prefix("| `` "));
    lines
        .map(|line| line.split(" `` |").next().unwrap().to_owned())
        .collect()
}

#[test]
fn every_sentence_that_can_be_read_is_told_and_no_other() {
    let (said, told) = (said(), told());
    assert!(said.len() > 100, "{said:#?}");
    let missing: Vec<&String> = said.difference(&told).collect();
    // What is short is told where it has a context.
    let is_long = |sentence: &&String| sentence.chars().filter(|letter| letter.is_alphabetic()).count() >= LETTERS;
    let foreign: Vec<&String> = told.difference(&said).filter(is_long).collect();
    assert!(
        missing.is_empty() && foreign.is_empty(),
        "missing: {missing:#?}\nforeign: {foreign:#?}"
    );
}

/// What is snapshotted as said is found by this page's readers, too.
#[test]
fn every_error_of_the_snapshots_is_found() {
    let told = told();
    // A place in a file may stand before it, and where a key comes from.
    let fits = |line: &str, sentence: &str| {
        let mut rest = line;
        sentence.split('…').all(|part| match rest.find(part) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
    };
    let mut lost = Vec::new();
    for entry in fs::read_dir(root().join("tests/it/words")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "trycmd") {
            let text = fs::read_to_string(&path).unwrap();
            let errors = text.lines().filter_map(|line| line.strip_prefix("error: "));
            lost.extend(
                errors
                    .filter(|line| !told.iter().any(|sentence| fits(line, sentence)))
                    .map(str::to_owned),
            );
        }
    }
    assert_eq!(lost, Vec::<String>::new());
}
