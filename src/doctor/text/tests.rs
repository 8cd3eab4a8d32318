use super::*;
use crate::usage::Sum;

#[test]
fn a_line_is_a_mark_a_name_and_words_with_what_helps_below() {
    let finding = Check::Image.warned("not seen").hint("try another");
    let plain = "! image           not seen\n                  hint: try another\n";
    assert_eq!(line(&finding, false, None), plain);
    let coloured =
        "\u{1b}[33m!\u{1b}[0m image           not seen\n                  \u{1b}[1;36mhint:\u{1b}[0m try another\n";
    assert_eq!(line(&finding, true, None), coloured);
    assert_eq!(line(&Check::Key.passed("x"), false, None), "✓ key             x\n");
    assert_eq!(line(&Check::Key.failed("x"), false, None), "✗ key             x\n");
    assert_eq!(line(&Check::Key.unchecked("x"), false, None), "- key             x\n");
    let rest = rest(&[Check::Image, Check::JsonSchema], "no key", false, None);
    assert_eq!(rest, "- not checked     no key\n                  image, JSON schema\n");
    assert_eq!(waiting(Check::Key), "  key             …");
}

#[test]
fn the_end_says_whether_a_session_would_work_and_what_it_took() {
    let mut examination = Examination::begin();
    examination.add(Check::Image.warned("x"));
    assert_eq!(end(&examination, false, None), "\na session would work\n");
    examination.add(Check::Key.failed("x"));
    assert_eq!(end(&examination, false, None), "\na session would not work\n");
    let mut used = Sum {
        requests: 6,
        retries: 1,
        ..Sum::default()
    };
    used.tokens.input = 1234;
    used.tokens.output = 99;
    used.cost.told = 0.0042;
    examination.used = Some(used);
    examination.provider = Some(Subject {
        id: "x".into(),
        name: "X".into(),
        base_url: String::new(),
        model: Some("m".into()),
        wire: "chat",
        axes: [("a".into(), 1.into()), ("b".into(), "x".into())].into_iter().collect(),
        healers: Vec::new(),
    });
    let expected = "\n  wire            chat\n  dialect         2 differences from the usual; `--json` tells them\n\n\
                    a session would not work; this took 7 small requests, 1.2k tokens in, 99 out, $0.0042\n";
    assert_eq!(end(&examination, false, None), expected);
}

#[test]
fn every_check_is_missing_until_something_was_found() {
    let mut examination = Examination::begin();
    assert_eq!(examination.missing(), Check::ALL);
    examination.add(Check::Codex.passed(""));
    assert_eq!(examination.missing()[0], Check::Configuration);
    assert!(Check::ALL.iter().all(|check| check.name().len() < COLUMN));
}

#[test]
fn a_narrow_terminal_gets_whole_words() {
    let finding = Check::Image
        .warned("not seen by a model of this provider")
        .hint("try `-m another` instead of it");
    let text = "! image           not seen by a model of\n                  this provider\n                  hint: try `-m another`\n                  instead of it\n";
    assert_eq!(line(&finding, false, Some(42)), text);
    assert!(text.lines().all(|line| line.chars().count() <= 42));
    let coloured = line(&finding, true, Some(42));
    assert!(
        coloured.contains("\u{1b}[1;36mhint:\u{1b}[0m try `-m another`\n"),
        "{coloured}"
    );
    let long = Check::Codex.passed("0.169.0 (/a/very/long/path/that/is/one/word/to/a/shell)");
    let folded = "✓ Codex           0.169.0\n                  (/a/very/long/path/that/is/one/word/to/a/shell)\n";
    assert_eq!(line(&long, false, Some(50)), folded);
    assert_eq!(line(&finding, false, Some(30)), line(&finding, false, None));
    let rest = rest(
        &[Check::ToolResult, Check::ParallelCalls, Check::Image],
        "no key",
        false,
        Some(50),
    );
    assert_eq!(
        rest,
        "- not checked     no key\n                  tool result, parallel calls,\n                  image\n"
    );
}
