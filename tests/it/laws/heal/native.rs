//! What leaks into the words of a Responses endpoint is healed as in chat.

use crelay::provider::dialect::{Grammar, Grammars};
use crelay::translate::Reader;
use crelay::translate::native::Context;
use serde_json::{Value, json};

use super::characters;
use super::forms::{ARGUMENTS, FORMS};
use crate::laws::heard::{End, Heard};
use crate::laws::offered::offered;
use crate::laws::{hear, play_native};

fn context(grammars: Grammars) -> Context {
    let (tools, healing) = offered(grammars);
    Context {
        tools,
        healing,
        ..Context::default()
    }
}

fn message(text: &str) -> Value {
    let part = json!({"type": "output_text", "text": text, "annotations": []});
    json!({"type": "message", "id": "m", "role": "assistant", "status": "completed", "content": [part]})
}

fn call() -> Value {
    json!({"type": "function_call", "id": "f", "call_id": "c", "name": "exec_command", "arguments": "{\"cmd\":\"pwd\"}"})
}

/// Events of a message that comes in characters, and of the items behind it.
fn streamed(text: &str, behind: &[Value]) -> Vec<Value> {
    let at = |mut event: Value| {
        event["item_id"] = json!("m");
        event["output_index"] = json!(0);
        event["content_index"] = json!(0);
        event
    };
    let part = json!({"type": "output_text", "text": "", "annotations": []});
    let mut events = vec![
        json!({"type": "response.output_item.added", "output_index": 0, "item": {"type": "message", "id": "m", "role": "assistant"}}),
        at(json!({"type": "response.content_part.added", "part": part})),
    ];
    for piece in characters(text) {
        events.push(at(json!({"type": "response.output_text.delta", "delta": piece})));
    }
    let item = message(text);
    events.push(at(json!({"type": "response.output_text.done", "text": text})));
    events.push(at(
        json!({"type": "response.content_part.done", "part": item["content"][0]}),
    ));
    events.push(json!({"type": "response.output_item.done", "output_index": 0, "item": item}));
    for (place, item) in behind.iter().enumerate() {
        events.push(json!({"type": "response.output_item.added", "output_index": place + 1, "item": item}));
        events.push(json!({"type": "response.output_item.done", "output_index": place + 1, "item": item}));
    }
    let output: Vec<&Value> = [&item].into_iter().chain(behind).collect();
    events.push(json!({"type": "response.completed", "response": {"status": "completed", "output": output}}));
    events
}

fn hear_events(events: &[Value], grammars: Grammars) -> Heard {
    let stream: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    hear(&play_native(&[stream.as_bytes()], context(grammars), Reader::Codex))
}

/// The same answer, streamed and whole.
fn hear_both(text: &str, behind: &[Value], grammars: &Grammars) -> Heard {
    let events = streamed(text, behind);
    let heard = hear_events(&events, grammars.clone());
    let whole = hear_events(&events[events.len() - 1..], grammars.clone());
    assert_eq!(whole, heard, "{text}");
    heard
}

#[test]
fn every_form_is_healed_in_the_words_of_a_message() {
    for form in FORMS {
        let before = if form.is_first { "" } else { "I look.\n" };
        let heard = hear_both(&format!("{before}{}", form.two()), &[], &Grammars::default());
        assert_eq!(
            (heard.text.as_str(), heard.end),
            (before, End::Completed),
            "{}",
            form.name
        );
        assert_eq!(heard.calls.len(), 2, "{}", form.name);
        for ((name, arguments), expected) in heard.calls.iter().zip(ARGUMENTS) {
            assert_eq!(name, "exec_command");
            assert_eq!(super::normal(arguments), super::normal(expected), "{}", form.name);
        }
        let shown = format!("```\n{}\n```", form.one());
        assert_eq!(
            hear_both(&shown, &[], &Grammars::default()).text,
            shown,
            "{}",
            form.name
        );
        let all = format!("{before}{}", form.two());
        let heard = hear_both(&all, &[], &Grammars::none());
        assert_eq!((heard.text, heard.calls), (all, Vec::new()), "{}", form.name);
    }
}

/// An answer of several texts, each streamed in characters: parts of one message, or messages of their own.
fn hear_texts(texts: &[&str], are_parts: bool) -> Heard {
    let place = |number: usize| if are_parts { (0, number) } else { (number, 0) };
    let part = |text: &str| json!({"type": "output_text", "text": text, "annotations": []});
    let item = |item: usize, parts: &[&str]| {
        let content: Vec<Value> = parts.iter().map(|text| part(text)).collect();
        json!({"type": "message", "id": format!("m{item}"), "role": "assistant", "status": "completed", "content": content})
    };
    let mut events = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        let (of, index) = place(number);
        let at = |mut event: Value| {
            event["item_id"] = json!(format!("m{of}"));
            event["output_index"] = json!(of);
            event["content_index"] = json!(index);
            event
        };
        if index == 0 {
            events.push(json!({"type": "response.output_item.added", "output_index": of, "item": item(of, &[])}));
        }
        events.push(at(json!({"type": "response.content_part.added", "part": part("")})));
        for piece in characters(text) {
            events.push(at(json!({"type": "response.output_text.delta", "delta": piece})));
        }
        events.push(at(json!({"type": "response.content_part.done", "part": part(text)})));
        if !are_parts {
            events.push(json!({"type": "response.output_item.done", "output_index": of, "item": item(of, &[text])}));
        }
    }
    let output = match are_parts {
        true => vec![item(0, texts)],
        false => texts
            .iter()
            .enumerate()
            .map(|(number, text)| item(number, &[text]))
            .collect(),
    };
    events.push(json!({"type": "response.completed", "response": {"status": "completed", "output": output}}));
    hear_events(&events, Grammars::default())
}

#[test]
fn what_one_text_leaves_open_is_not_open_in_the_next() {
    for form in FORMS.iter().filter(|form| !form.is_first) {
        for open in ["```\nI begin.\n", "I `begin.", "<tool_call>{\"na", "I begin."] {
            for are_parts in [false, true] {
                let heard = hear_texts(&[open, &format!("I look.\n{}", form.one()), "Well."], are_parts);
                let said = format!("{open}I look.\nWell.");
                assert_eq!(heard.text, said, "{} behind {open:?}, {are_parts}", form.name);
                assert_eq!(heard.calls.len(), 1, "{} behind {open:?}, {are_parts}", form.name);
            }
        }
    }
}

#[test]
fn beside_a_proper_call_nothing_is_made_of_markup() {
    for form in FORMS.iter().filter(|form| !form.is_first) {
        let heard = hear_both(&format!("I look.\n{}", form.one()), &[call()], &Grammars::default());
        let proper = vec![("exec_command".to_owned(), "{\"cmd\":\"pwd\"}".to_owned())];
        assert_eq!((heard.text.trim(), heard.calls), ("I look.", proper), "{}", form.name);
    }
}

#[test]
fn a_thought_in_the_words_is_an_item_before_them() {
    let heard = hear_both("<think>\nI list.\n</think>\n\nHello.", &[], &Grammars::default());
    assert_eq!((heard.thoughts.as_str(), heard.text.as_str()), ("I list.\n", "Hello."));
    assert_eq!(heard.kept, heard.thoughts);
    let mut prefilled = Grammars::default();
    prefilled.set(Grammar::ThinkPrefilled, true);
    let heard = hear_both("I list.\n</think>\n\nHello.", &[], &prefilled);
    assert_eq!((heard.thoughts.as_str(), heard.text.as_str()), ("I list.\n", "Hello."));
    let heard = hear_both("<think>I list.</think>\n", &[call()], &Grammars::default());
    assert_eq!(
        (heard.thoughts.as_str(), heard.text.as_str(), heard.calls.len()),
        ("I list.", "", 1)
    );
}

#[test]
fn a_freeform_tool_is_called_with_its_text_and_a_polluted_name_is_cut() {
    let heard = hear_both(
        "<tool_call>\n{\"name\": \"apply_patch\", \"arguments\": {\"input\": \"*** Begin Patch\\n*** End Patch\"}}\n</tool_call>",
        &[],
        &Grammars::default(),
    );
    assert_eq!(
        heard.calls,
        [("apply_patch".to_owned(), "*** Begin Patch\n*** End Patch".to_owned())]
    );
    let mut polluted = call();
    polluted["name"] = json!("exec_command<|channel|>commentary");
    let heard = hear_both("I look.", &[polluted], &Grammars::default());
    assert_eq!(heard.calls[0].0, "exec_command");
}

#[test]
fn an_answer_that_was_not_finished_makes_no_healed_call() {
    let events = streamed(&FORMS[0].two(), &[]);
    let heard = hear_events(&events[..events.len() - 1], Grammars::default());
    assert_eq!((heard.end, heard.calls), (End::Failed, Vec::new()));
}
