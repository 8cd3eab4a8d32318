//! What leaks into text is healed, however it is cut; what only looks like it stays.

pub mod forms;
mod native;
mod turns;
mod words;

use crelay::provider::dialect::{Grammar, Grammars};
use crelay::translate::heal::{Found, Healer, Healing};
use serde_json::{Value, json};

use forms::{ARGUMENTS, FORMS, Form};

/// What came out of text: words, thoughts and calls.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Healed {
    pub text: String,
    pub thoughts: String,
    pub calls: Vec<(String, String)>,
}

fn only(grammar: &str) -> Grammars {
    let mut grammars = Grammars::none();
    grammars.set(Grammar::find(grammar).unwrap(), true);
    grammars
}

/// With one tool, `exec_command`.
fn healing(grammars: Grammars) -> Healing {
    let schema = json!({"properties": {"cmd": {"type": "string"}, "limit": {"type": "integer"}}});
    Healing {
        grammars,
        tools: [("exec_command".to_owned(), schema)].into_iter().collect(),
        wants_json: false,
    }
}

fn heal<'a>(grammars: &Grammars, pieces: impl IntoIterator<Item = &'a str>) -> Healed {
    let mut healer = Healer::new(healing(grammars.clone()));
    let mut found = Vec::new();
    for piece in pieces {
        healer.push(piece.to_owned(), &mut found);
    }
    healer.finish(&mut found);
    collected(found)
}

fn collected(found: Vec<Found>) -> Healed {
    let mut healed = Healed::default();
    for found in found {
        match found {
            Found::Text(text) => healed.text.push_str(&text),
            Found::Thought(thought) => healed.thoughts.push_str(&thought),
            Found::Call(call) => healed.calls.push((call.name, call.arguments)),
        }
    }
    healed
}

fn characters(text: &str) -> impl Iterator<Item = &str> {
    let ends = text
        .char_indices()
        .map(|(start, character)| &text[start..start + character.len_utf8()]);
    ends.collect::<Vec<_>>().into_iter()
}

/// Both halves, for every place where text may be cut.
fn halves(text: &str) -> impl Iterator<Item = [&str; 2]> {
    let places = text.char_indices().map(|(place, _)| place);
    places.map(|place| [&text[..place], &text[place..]])
}

fn normal(arguments: &str) -> Value {
    serde_json::from_str(arguments).unwrap()
}

#[track_caller]
fn check(form: &Form, text: &str, words: &str, calls: usize) {
    let whole = heal(&only(form.grammar), [text]);
    assert_eq!(whole.text, words, "{}: {text}", form.name);
    assert_eq!(whole.thoughts, "", "{}", form.name);
    assert_eq!(whole.calls.len(), calls, "{}: {text}", form.name);
    for ((name, arguments), expected) in whole.calls.iter().zip(ARGUMENTS) {
        assert_eq!(name, "exec_command", "{}", form.name);
        assert_eq!(normal(arguments), normal(expected), "{}", form.name);
    }
    for grammars in [only(form.grammar), Grammars::default()] {
        assert_eq!(heal(&grammars, [text]), whole, "{}", form.name);
        assert_eq!(
            heal(&grammars, characters(text)),
            whole,
            "{}, one by one: {text}",
            form.name
        );
    }
}

/// The same, and however the text is cut in two.
#[track_caller]
fn check_halves(form: &Form, text: &str, words: &str, calls: usize) {
    check(form, text, words, calls);
    let whole = heal(&only(form.grammar), [text]);
    for halves in halves(text) {
        assert_eq!(heal(&only(form.grammar), halves), whole, "{}, as {halves:?}", form.name);
    }
}

#[test]
fn every_form_is_a_call_alone_and_twice() {
    for form in FORMS {
        check_halves(form, &form.one(), "", 1);
        check_halves(form, &form.two(), "", 2);
    }
}

#[test]
fn words_around_a_call_stay_as_they_are() {
    for form in FORMS.iter().filter(|form| !form.is_first) {
        let text = format!("I look — first.\n\n{}", form.two());
        check_halves(form, &text, "I look — first.\n\n", 2);
        let text = format!("I look:\n{}\n\nNow I wait.\n", form.one().trim_end());
        check(form, &text, "I look:\n\n\nNow I wait.\n", 1);
    }
}

#[test]
fn a_call_in_code_is_shown_and_not_made() {
    for form in FORMS {
        for (before, after) in [
            ("```\n", "\n```\n"),
            ("~~~~xml\n", "\n~~~~"),
            ("So:\n```xml\n", ""),
            ("It writes `", "` then.\n"),
            ("It writes ``", "`` then.\n"),
        ] {
            let text = format!("{before}{}{after}", form.two());
            check(form, &text, &text, 0);
        }
        if !form.is_first {
            let text = format!("```\ncode\n```\n{}", form.one());
            check(form, &text, "```\ncode\n```\n", 1);
        }
    }
}

#[test]
fn words_that_mention_a_mark_stay_as_they_are() {
    for form in FORMS {
        let call = form.calls[0];
        // What opens a list, and the beginning of a call up to its name.
        let opener = &call[..call.find("exec_command").unwrap()];
        for mark in [form.open.trim(), opener.trim()] {
            for text in [
                format!("The mark {mark} opens a call."),
                format!("{mark} opens a call, {mark} another."),
                format!("Which mark? {mark}"),
                format!("{mark}\nopens a call.\n"),
            ] {
                if !mark.is_empty() {
                    check(form, &text, &text, 0);
                }
            }
        }
    }
}

#[test]
fn a_tool_that_was_not_offered_stays_text() {
    for form in FORMS {
        let text = form.two().replace("exec_command", "delete_all");
        check(
            form,
            &format!("Look.\n{text}\nThere."),
            &format!("Look.\n{text}\nThere."),
            0,
        );
    }
}

#[test]
fn a_fence_of_calls_that_holds_none_stays_text() {
    for text in [
        "Look.\n```tool_code\n```\nThere.",
        "Look.\n```tool_code\n\n```",
        "```tool_code\n```text)\n```\nThere.",
    ] {
        for grammars in [only("tool-code"), Grammars::default()] {
            let healed = heal(&grammars, characters(text));
            assert_eq!((healed.text.as_str(), healed.calls.len()), (text, 0));
        }
    }
}

#[test]
fn what_goes_is_noted() {
    for form in FORMS {
        for text in [
            format!("Look.\n{}{}\nThere.", form.open, form.close),
            format!("{}{}", form.open, form.close),
        ] {
            let mut healer = Healer::new(healing(only(form.grammar)));
            let mut found = Vec::new();
            healer.push(text.clone(), &mut found);
            healer.finish(&mut found);
            let healed = collected(found);
            let notes = healer.take_notes();
            assert_eq!(
                healed.text == text,
                notes.is_empty(),
                "{}: {text}: {notes:?}",
                form.name
            );
            assert_eq!(healed.calls, [], "{}", form.name);
        }
    }
}

#[test]
fn a_call_that_is_cut_is_none() {
    for form in FORMS {
        let whole = form.one();
        let call = &whole[..form.open.len() + form.calls[0].trim_end().len()];
        // A mark alone means nothing, so what ends a call may be missing where more of it is known to follow.
        let tail = ["</tool_call>", "</seed:tool_call>", "<｜tool_call_end｜>"]
            .iter()
            .find(|end| call.ends_with(**end));
        let least = call.len() - tail.map_or(1, |tail| tail.len() + 2);
        for (place, _) in call.char_indices().filter(|(place, _)| *place < least) {
            let healed = heal(&Grammars::default(), [&call[..place]]);
            assert_eq!(healed.calls, [], "{}: {}", form.name, &call[..place]);
        }
    }
}

#[test]
fn an_answer_in_json_that_has_the_name_of_a_tool_stays_text() {
    for text in [
        "{\"name\": \"exec_command\"}",
        "{\"name\": \"exec_command\", \"description\": \"Runs.\"}",
        "{\"name\": \"exec_command\", \"parameters\": {\"type\": \"object\"}, \"strict\": true}",
    ] {
        for grammars in [only("llama"), Grammars::default()] {
            let healed = heal(&grammars, characters(text));
            assert_eq!((healed.text.as_str(), healed.calls.len()), (text, 0));
        }
    }
}

#[test]
fn a_long_argument_in_quotes_is_read_as_fast_as_it_comes() {
    let long = "a\\n b ".repeat(40_000);
    let text = format!("```tool_code\nexec_command(cmd=\"{long}\")\n```");
    let healed = heal(&only("tool-code"), characters(&text));
    assert_eq!(healed.calls.len(), 1);
    assert_eq!(normal(&healed.calls[0].1)["cmd"], long.replace("\\n", "\n"));
}
