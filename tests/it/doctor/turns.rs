//! What the model does, and what the provider answers.

use serde_json::json;

use super::{COUNT, Diagnosis, IMAGE, NOTE, NOTES, Patient, SCHEMA};
use crate::kit::{Gate, Provider, Rules, call, calls, reasoning, refuse, refuse_with, text};

const TURNS: [&str; 6] = [
    "streaming",
    "tool_call",
    "tool_result",
    "parallel_calls",
    "image",
    "json_schema",
];

#[test]
fn a_provider_that_is_well_passes_all() {
    let patient = Patient::new();
    patient.well();
    let diagnosis = patient.diagnose(&[]);
    assert_eq!(diagnosis.code, 0, "{:#}", diagnosis.document);
    let all: Vec<&str> = diagnosis.document["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["id"].as_str().unwrap())
        .collect();
    diagnosis.all_are("passed", &all);
    let tool_result = "it was read, and the reasoning before it was taken back";
    diagnosis.says("tool_result", "passed", tool_result, None);
    assert_eq!(
        diagnosis.document["balance"],
        json!({"amount": 110.0, "currency": "CNY"})
    );
    assert_eq!(diagnosis.document["used"]["requests"], 6);
    assert_eq!(patient.asked(), 6);
    let key = patient.provider.key();
    assert_eq!(diagnosis.document["key"]["last_four"], key[key.len() - 4..]);
    assert!(!diagnosis.document.to_string().contains(key));
    let provider = &diagnosis.document["provider"];
    assert_eq!(provider["wire"], "chat");
    assert_eq!(provider["axes"]["replay"], "content-always");
}

#[test]
fn nobody_is_asked_again_whose_simplest_turn_is_refused() {
    let patient = Patient::new();
    for (turn, words) in [
        (
            refuse(402, "Insufficient Balance"),
            "DeepSeek says: Insufficient Balance (402). Top up or choose \
             another provider with `--provider`",
        ),
        (
            refuse(400, "Model Not Exist"),
            "DeepSeek says: Model Not Exist (400). Choose another model with `-m`",
        ),
    ] {
        let before = patient.asked();
        patient.to(COUNT, [turn]);
        let diagnosis = patient.diagnose(&[]);
        assert_eq!(diagnosis.code, 1);
        diagnosis.says("streaming", "failed", words, None);
        diagnosis.all_are("unchecked", &TURNS[1..]);
        assert_eq!(patient.asked() - before, 1);
    }
}

#[test]
fn a_provider_that_is_busy_is_to_be_asked_later() {
    let patient = Patient::new();
    patient.to(COUNT, [refuse(503, "Server overloaded")]);
    let diagnosis = patient.diagnose(&[]);
    assert_eq!(diagnosis.code, 1);
    assert_eq!(
        diagnosis.check("streaming")["hint"],
        "it may pass: run this again in a while"
    );
    patient.well();
    patient.to(NOTES, [refuse(503, "Server overloaded")]);
    let diagnosis = patient.diagnose(&[]);
    assert_eq!(diagnosis.code, 0);
    diagnosis.all_are("unchecked", &["parallel_calls"]);
    diagnosis.all_are("passed", &["tool_result", "image", "json_schema"]);
}

/// A whole answer where a stream was asked for.
fn whole(message: serde_json::Value, reason: &str) -> crate::kit::Turn {
    let choice = json!({"index": 0, "message": message, "finish_reason": reason});
    let body = json!({"id": "x", "object": "chat.completion", "model": "m", "choices": [choice]});
    refuse_with(200, &body.to_string())
}

#[test]
fn an_answer_in_one_piece_is_told() {
    let patient = Patient::new();
    patient.well();
    let message = json!({"role": "assistant", "content": "1 2 3 4 5 6 7 8 9"});
    patient.to(COUNT, [whole(message, "stop")]);
    let diagnosis = patient.diagnose(&[]);
    assert_eq!(diagnosis.code, 0);
    diagnosis.all_are("warned", &["streaming"]);
    let words = diagnosis.check("streaming")["words"].as_str().unwrap();
    assert!(words.starts_with("the answer came in one piece after 0."), "{words}");
}

#[test]
fn an_answer_of_nothing_is_told() {
    let patient = Patient::new();
    patient.to(COUNT, [reasoning("Hm.")]);
    patient.to(NOTE, [Patient::reads(), text("quince-417")]);
    patient.after_tools();
    let diagnosis = patient.diagnose(&[]);
    assert_eq!(diagnosis.code, 1);
    diagnosis.all_are("failed", &["streaming"]);
    for phrase in [NOTE, NOTES, IMAGE, SCHEMA] {
        patient.provider.forget(phrase);
    }
}

#[test]
fn an_answer_that_takes_too_long_is_given_up() {
    let patient = Patient::new();
    let gate = Gate::new();
    patient.to(COUNT, [text("1 2 3").held_by(&gate)]);
    let diagnosis = patient.diagnose(&["--timeout", "1"]);
    assert_eq!(diagnosis.code, 1);
    let hint = "wait longer with `--timeout`, or choose another model with `-m`";
    diagnosis.says("streaming", "failed", "no whole answer in 1 s", Some(hint));
    diagnosis.all_are("unchecked", &TURNS[1..]);
    patient.provider.wait_until_hung_up(1);
}

#[test]
fn an_answer_that_breaks_off_is_told() {
    let patient = Patient::new();
    patient.to(COUNT, [text("1 2 3").cut()]);
    let diagnosis = patient.diagnose(&[]);
    assert_eq!(diagnosis.code, 1);
    let words = diagnosis.check("streaming")["words"].as_str().unwrap();
    assert!(words.starts_with("the answer of DeepSeek broke off"), "{words}");
}

const NO_TOOLS: &str = "Codex can do nothing without its tools: choose another model with `-m`";

#[test]
fn a_model_that_calls_nothing_is_of_no_use() {
    let patient = Patient::new();
    patient.well();
    patient.to(NOTE, [text("I would read the note.")]);
    let diagnosis = patient.diagnose(&[]);
    assert_eq!(diagnosis.code, 1);
    diagnosis.says(
        "tool_call",
        "failed",
        "the model spoke and called nothing",
        Some(NO_TOOLS),
    );
    diagnosis.says(
        "tool_result",
        "unchecked",
        "not checked: there was no call to answer",
        None,
    );
    diagnosis.all_are("passed", &["parallel_calls", "image", "json_schema"]);
}

#[test]
fn a_call_that_is_misshapen_or_of_another_tool_is_told() {
    let patient = Patient::new();
    patient.well();
    // JSON, but no object.
    patient.to(NOTE, [calls([call("read_note", json!("north"))])]);
    let diagnosis = patient.diagnose(&[]);
    assert_eq!(diagnosis.code, 1);
    diagnosis.says(
        "tool_call",
        "failed",
        "the arguments of the call are no JSON object",
        Some(NO_TOOLS),
    );
    patient.well();
    let function = json!({"name": "rm", "arguments": "{}"});
    let call = json!({"id": "call_1", "type": "function", "function": function});
    let message = json!({"role": "assistant", "content": null, "tool_calls": [call]});
    patient.to(NOTE, [whole(message, "tool_calls")]);
    let diagnosis = patient.diagnose(&[]);
    assert_eq!(diagnosis.code, 1);
    diagnosis.all_are("failed", &["tool_call"]);
}

#[test]
fn a_call_with_other_arguments_is_told() {
    let patient = Patient::new();
    patient.well();
    let call = call("read_note", json!({"name": "south"}));
    patient.to(NOTE, [reasoning("x").then_calls([call]), text("quince-417")]);
    let diagnosis = patient.diagnose(&[]);
    assert_eq!(diagnosis.code, 0);
    diagnosis.all_are("warned", &["tool_call"]);
}

#[test]
fn reasoning_that_is_refused_when_it_comes_back_is_told() {
    let patient = Patient::new();
    patient.well();
    let words = "The reasoning_content in the thinking mode must be passed back to the API.";
    patient.to(NOTE, [Patient::reads(), refuse(400, words)]);
    let diagnosis = patient.diagnose(&[]);
    assert_eq!(diagnosis.code, 1);
    let told = format!("DeepSeek says: {words} (400)");
    let told_now = diagnosis.check("tool_result")["words"].as_str().unwrap();
    assert!(told_now.starts_with(told.trim_end_matches(" (400)")), "{told_now}");
    diagnosis.all_are("failed", &["tool_result"]);
}

#[test]
fn a_model_that_overlooks_what_the_tool_said_is_told() {
    let patient = Patient::new();
    patient.well();
    patient.to(NOTE, [Patient::reads(), text("There is no word.")]);
    let diagnosis = patient.diagnose(&[]);
    assert_eq!(diagnosis.code, 0);
    let hint = "the model may overlook what tools say; another may be better: `-m`";
    diagnosis.says(
        "tool_result",
        "warned",
        "the answer does not hold what the tool said",
        Some(hint),
    );
}

#[test]
fn what_a_session_can_live_without_is_told_and_is_no_failure() {
    let patient = Patient::new();
    patient.well();
    patient.to(NOTES, [calls([call("read_note", json!({"name": "east"}))])]);
    patient.to(IMAGE, [text("I see no image.")]);
    patient.to(SCHEMA, [text("It has eight legs.")]);
    let diagnosis = patient.diagnose(&[]);
    assert_eq!(diagnosis.code, 0);
    let one = "one call came where two were asked for";
    diagnosis
        .says(
            "parallel_calls",
            "warned",
            one,
            Some("sessions work, one call after the other"),
        )
        .says(
            "image",
            "warned",
            "the answer does not tell what the image shows",
            Some("sessions work without images; another model may see them: `-m`"),
        )
        .says(
            "json_schema",
            "warned",
            "the answer does not follow it",
            Some("sessions work; only `--output-schema` does not"),
        );
    patient.well();
    patient.to(NOTES, [text("One after the other, please.")]);
    patient.to(IMAGE, [refuse(422, "the image is too small")]);
    patient.to(SCHEMA, [refuse(422, "no such format")]);
    let diagnosis = patient.diagnose(&[]);
    assert_eq!(diagnosis.code, 0);
    diagnosis.all_are("warned", &["parallel_calls", "image", "json_schema"]);
    let words = diagnosis.check("image")["words"].as_str().unwrap();
    assert!(words.contains("the image is too small"), "{words}");
}

#[test]
fn a_model_without_eyes_is_shown_nothing() {
    let patient = Patient::with(Provider::start(Rules::DEEPSEEK).telling("/v1/user/balance", 404, "{}"));
    patient.well();
    patient.provider.forget(IMAGE);
    let diagnosis = patient.diagnose(&[]);
    assert_eq!(diagnosis.code, 0);
    diagnosis.says("image", "unchecked", "the model sees none", None);
    diagnosis.says("balance", "unchecked", "nobody tells it there", None);
    assert_eq!(patient.asked(), 5);
}

#[test]
fn what_is_left_on_the_account_is_told() {
    for (answer, verdict, words, hint) in [
        (
            r#"{"balance_infos":[{"currency":"USD","total_balance":"0.00"}]}"#,
            "warned",
            "0.00 USD left",
            Some("top up, or choose another provider with `--provider`"),
        ),
        (
            r#"{"is_available":true}"#,
            "unchecked",
            "the provider tells no limit",
            None,
        ),
    ] {
        let provider = Provider::start(Rules::DEEPSEEK_FLASH).telling("/v1/user/balance", 200, answer);
        let patient = Patient::with(provider);
        patient.to(COUNT, [refuse(402, "Insufficient Balance")]);
        patient.diagnose(&[]).says("balance", verdict, words, hint);
    }
}

#[test]
fn a_model_that_is_not_listed_is_told_with_the_one_that_was_meant() {
    let list = r#"{"data":[{"id":"deepseek-flesh"},{"id":"deepseek-v4-pro"}]}"#;
    for (list, verdict) in [(list, "warned"), (r#"{"data":[]}"#, "unchecked"), ("[]", "unchecked")] {
        let patient = Patient::with(
            Provider::start(Rules::DEEPSEEK_FLASH)
                .telling("/v1/models", 200, list)
                .telling("/v1/user/balance", 200, "{}"),
        );
        patient.to(COUNT, [refuse(400, "Model Not Exist")]);
        let diagnosis: Diagnosis = patient.diagnose(&[]);
        diagnosis.all_are(verdict, &["model"]);
        if verdict == "warned" {
            assert_eq!(diagnosis.check("model")["hint"], "did you mean `deepseek-flesh`?");
        }
    }
}

#[test]
fn a_model_to_which_tools_may_not_be_offered_is_told_as_such() {
    let patient = Patient::new();
    patient.to(COUNT, [text("1 2 3 4 5 6 7 8 9")]);
    let words = "`tools` is not supported by this model.";
    for phrase in [NOTE, NOTES, IMAGE, SCHEMA] {
        patient.to(phrase, [refuse(400, words)]);
    }
    let diagnosis = patient.diagnose(&[]);
    assert_eq!(diagnosis.code, 1);
    diagnosis.all_are("passed", &["streaming"]);
    let check = diagnosis.check("tool_call");
    assert_eq!(
        (check["verdict"].as_str(), check["hint"].as_str()),
        (Some("failed"), Some(NO_TOOLS))
    );
    let told = check["words"].as_str().unwrap();
    assert!(
        told.contains("`tools` is not supported") && !told.ends_with('.'),
        "{told}"
    );
}

#[test]
fn a_call_in_the_place_of_the_first_answer_is_no_failure() {
    let patient = Patient::new();
    patient.well();
    let call = json!({"id": "call_1", "type": "function", "function": {"name": "read_note", "arguments": "{}"}});
    let message = json!({"role": "assistant", "content": null, "tool_calls": [call]});
    patient.to(COUNT, [whole(message, "tool_calls")]);
    let diagnosis = patient.diagnose(&[]);
    assert_eq!(diagnosis.code, 0);
    diagnosis.says("streaming", "warned", "it called a tool instead of answering", None);
}
