//! One list of behaviours over every row of the table and every family of its models, through the whole relay, against
//! the strict mock: it refuses what that provider is known to refuse, and answers as that provider does.
//!
//! The matrix is made once, and printed with `cargo test --test it providers:: -- --nocapture`; each behaviour is a
//! test of its own; `CRELAY_ROWS` narrows it to the rows whose id contains a word. A row without rules for the mock
//! fails.

mod behaviours;
mod codex;
mod errors;
mod matrix;
mod seats;
mod stage;
mod switches;

use matrix::MATRIX;

/// Panics with what went wrong, if anything did.
#[track_caller]
fn every_row(behaviour: &str) {
    let wrong = MATRIX.wrong(behaviour);
    assert!(
        wrong.is_empty(),
        "{} rows fail at `{behaviour}`:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_row_has_rules_of_its_own() {
    let missing = seats::without_rules();
    assert!(
        missing.is_empty(),
        "the mock has no rules for {missing:?}: write what they refuse into tests/it/kit/rules"
    );
}

#[test]
fn every_provider_of_the_mock_has_a_row() {
    let missing = seats::without_row();
    assert!(missing.is_empty(), "the table has no row for {missing:?}");
}

#[test]
fn every_row_has_the_address_and_the_variable_that_its_vendor_names() {
    let wrong = seats::wrong_addresses();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_row_lets_text_through() {
    every_row("text");
}

#[test]
fn every_row_tells_thoughts_from_words() {
    every_row("reasoning");
}

#[test]
fn every_row_calls_tools_and_hears_what_came_of_it() {
    every_row("tools");
}

#[test]
fn every_row_calls_several_tools_at_once() {
    every_row("parallel tools");
}

#[test]
fn every_row_gets_its_thoughts_back_for_three_turns() {
    every_row("replay");
}

#[test]
fn every_row_takes_instructions_in_the_middle() {
    every_row("instructions");
}

#[test]
fn every_row_searches_the_web_in_its_own_way_or_not_at_all() {
    every_row("web search");
}

#[test]
fn every_row_sees_images_of_the_user_or_is_told_of_them() {
    every_row("image");
}

#[test]
fn every_row_sees_images_of_tools_or_is_told_of_them() {
    every_row("tool image");
}

#[test]
fn every_row_takes_the_schemas_of_all_tools() {
    every_row("schema");
}

#[test]
fn every_row_takes_every_effort() {
    every_row("effort ladder");
}

#[test]
fn every_row_takes_forced_choices() {
    every_row("forced choice");
}

#[test]
fn every_row_calls_tools_with_long_names() {
    every_row("long tool names");
}

#[test]
fn every_row_answers_in_the_form_that_is_asked_for() {
    every_row("answer format");
}

#[test]
fn every_row_takes_a_limit_on_its_answer() {
    every_row("limit");
}

#[test]
fn every_row_says_when_its_answer_was_cut() {
    every_row("cut by length");
}

#[test]
fn every_row_is_understood_when_it_fails() {
    every_row("errors");
}

#[test]
fn every_row_is_understood_when_it_fails_in_the_middle() {
    every_row("errors in the stream");
}
