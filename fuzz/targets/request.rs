//! Whatever a client asks becomes a request that the provider's dialect allows, and the next turn's begins with it.

use std::sync::LazyLock;

use crelay::provider::Table;
use crelay::provider::dialect::Dialect;
use crelay::translate::{Question, Target, native, request};
use crelay::wire::{json as reading, responses};
use serde_json::{Value, json};

use crate::laws::obeyed;

/// Dialects of all models of the table, and of one that nobody knows with every provider.
static DIALECTS: LazyLock<Vec<Dialect>> = LazyLock::new(|| {
    let table = Table::embedded().expect("the table can be read");
    let mut dialects = vec![Dialect::default()];
    for provider in table.iter() {
        let models = provider.models.iter().map(|model| model.id.as_str());
        for model in models.chain(["a-model-that-nobody-knows"]) {
            let dialect = provider.dialect(model);
            if !dialects.contains(&dialect) {
                dialects.push(dialect);
            }
        }
    }
    dialects
});

pub fn check(input: &[u8]) {
    let [chosen, settings, body @ ..] = input else { return };
    let read = reading::from_slice::<Value>(body);
    let Ok(mut body) = serde_json::from_slice::<Value>(body) else {
        return;
    };
    assert_eq!(read.ok().as_ref(), Some(&body), "it is read as by everybody");
    let dialect = &DIALECTS[usize::from(*chosen) % DIALECTS.len()];
    let target = Target {
        dialect,
        model: "model",
        vision: settings & 1 != 0,
        max_output: (settings & 2 != 0).then_some(1000),
        window: (settings & 4 != 0).then_some(100_000),
    };
    let Some(asked) = sent(target, &body) else { return };
    obeyed::check(dialect, &asked.chat);
    // The prefix is that of a turn which somebody ended: what the model says goes on until then.
    let mut grown = |items: &[Value]| -> Option<Sent> {
        body["input"].as_array_mut()?.extend_from_slice(items);
        let sent = sent(target, &body)?;
        obeyed::check(dialect, &sent.chat);
        Some(sent)
    };
    let user = message("user", "Go on.");
    let Some(first) = grown(std::slice::from_ref(&user)) else {
        return;
    };
    let answered = grown(&[message("assistant", "I did."), user]);
    let second = answered.expect("two items more are a request as well");
    for (first, second, list) in [
        (&first.chat, &second.chat, "messages"),
        (&first.chat, &second.chat, "tools"),
        (&first.native, &second.native, "input"),
        (&first.native, &second.native, "tools"),
    ] {
        assert!(
            is_prefix(&first[list], &second[list]),
            "{list}:\n{}\n{}",
            first[list],
            second[list]
        );
    }
}

/// What goes out, in both protocols.
struct Sent {
    chat: Value,
    native: Value,
}

/// `None` where the body is no request.
fn sent(target: Target<'_>, body: &Value) -> Option<Sent> {
    let text = body.to_string();
    let parsed: responses::Request = reading::from_str(&text).ok()?;
    let question = Question {
        request: &parsed,
        whole: &|| body.clone(),
        asked: "provider",
    };
    Some(Sent {
        chat: serde_json::to_value(request(target, &parsed).body).expect("a request is JSON"),
        native: native::request(target, &question).body,
    })
}

fn message(role: &str, text: &str) -> Value {
    json!({"type": "message", "role": role, "content": [{"type": "input_text", "text": text}]})
}

/// Whether `later` begins, byte for byte, with `earlier`.
fn is_prefix(earlier: &Value, later: &Value) -> bool {
    let none = Vec::new();
    let bytes = |list: &Value| -> Vec<String> {
        let list = list.as_array().unwrap_or(&none);
        list.iter().map(Value::to_string).collect()
    };
    bytes(later).starts_with(&bytes(earlier))
}
