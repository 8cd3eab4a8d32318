//! What must agree with earlier turns.

use serde_json::{Value, json};

use super::super::check::Checked;
use super::super::history::{History, voices};
use super::super::turn::{Said, details};
use super::super::{Rules, call, reasoning};
use super::{DEEPSEEK, adding, good, is_refused, with, without_message};

/// What `good()` says that the provider has said.
fn look() -> Said {
    let mut turn = reasoning("I look.").then_calls([call("look", json!({"at": "it"})), call("look", json!({}))]);
    turn.said.calls[0].id = "call_1".into();
    turn.said.calls[1].id = "call_2".into();
    turn.said
}

fn after_look(rules: &Rules, body: &Value) -> Checked {
    voices(rules, &[look()], &[], body)
}

#[test]
fn the_mock_refuses_thoughts_that_do_not_come_back_exactly() {
    assert_eq!(after_look(&DEEPSEEK, &good()), Ok(()));
    let missing = "The `reasoning_content` in the thinking mode must be passed back to the API.";
    let pointer = "/messages/2/reasoning_content";
    is_refused(after_look(&DEEPSEEK, &with(pointer, json!("I look"))), missing);
    is_refused(after_look(&DEEPSEEK, &with(pointer, json!(""))), missing);
    let mut body = good();
    body["messages"][2].as_object_mut().unwrap().remove("reasoning_content");
    is_refused(after_look(&DEEPSEEK, &body), missing);
    is_refused(
        after_look(&Rules::KIMI, &body),
        "missing in assistant tool call message at index 2",
    );
}

#[test]
fn the_mock_refuses_details_and_parts_of_thoughts_that_have_changed() {
    let openrouter = |thoughts: Value| {
        let body = adding("/messages/2", "reasoning_details", thoughts);
        after_look(&Rules::OPENROUTER, &body)
    };
    assert_eq!(openrouter(details("I look.")), Ok(()));
    is_refused(openrouter(details("I looked.")), "the reasoning was");
    is_refused(after_look(&Rules::OPENROUTER, &good()), "the reasoning was");
    let mistral = |thinking: &str| {
        let part = json!([{"type": "thinking", "thinking": [{"type": "text", "text": thinking}]}]);
        after_look(&Rules::MISTRAL, &with("/messages/2/content", part))
    };
    assert_eq!(mistral("I look."), Ok(()));
    is_refused(mistral("I looked."), "the reasoning was");
}

#[test]
fn the_mock_refuses_words_and_calls_that_it_never_said() {
    let never = "this provider never said";
    is_refused(after_look(&DEEPSEEK, &with("/messages/2/content", json!("Hm."))), never);
    let pointer = "/messages/2/tool_calls/0/function/arguments";
    is_refused(after_look(&DEEPSEEK, &with(pointer, json!("{\"at\":\"that\"}"))), never);
    assert_eq!(
        after_look(&DEEPSEEK, &with(pointer, json!("{ \"at\": \"it\" }"))),
        Ok(())
    );
    is_refused(
        after_look(&DEEPSEEK, &with("/messages/2/tool_calls/0/id", json!("call_9"))),
        never,
    );
    is_refused(voices(&DEEPSEEK, &[], &[], &good()), never);
}

#[test]
fn the_mock_refuses_a_conversation_whose_beginning_has_changed() {
    let second = |body: &Value| -> Checked {
        let mut history = History::default();
        history.accept(&DEEPSEEK, &serde_json::to_vec(&good()).unwrap())?;
        history
            .accept(&DEEPSEEK, &serde_json::to_vec(body).unwrap())
            .map(|_| ())
    };
    assert_eq!(second(&good()), Ok(()));
    is_refused(
        second(&with("/messages/0/content", json!("Be bad."))),
        "messages[0] has changed",
    );
    is_refused(second(&without_message(5)), "messages[5] is gone");
    is_refused(
        second(&adding("/tools/0/function", "strict", json!(true))),
        "tools[0] has changed",
    );
    let mut longer = good();
    let more = json!({"role": "user", "content": "And then?"});
    longer["messages"].as_array_mut().unwrap().push(more);
    assert_eq!(second(&longer), Ok(()));
}
