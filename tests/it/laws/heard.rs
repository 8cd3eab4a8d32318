//! What Codex hears of a turn; hearing checks the laws of events.

use std::collections::BTreeSet;

use serde_json::Value;

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Completed,
    Failed,
    Incomplete,
}

/// The voices of a turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// Text of all messages.
    pub text: String,
    /// Words of refusals.
    pub refusal: String,
    /// What was shown of thoughts.
    pub thoughts: String,
    /// What is kept of thoughts, to go back.
    pub kept: String,
    /// Name and arguments of each call that was closed.
    pub calls: Vec<(String, String)>,
    /// Addresses of all pages that messages cite.
    pub pages: BTreeSet<String>,
    /// How many searches of the web were told.
    pub searches: usize,
    /// How it ended.
    pub end: End,
    /// What it cost.
    pub usage: Option<Tokens>,
}

/// Token counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tokens {
    pub input: u64,
    pub cached: u64,
    pub written: u64,
    pub output: u64,
    pub reasoning: u64,
    pub total: u64,
}

/// What is open while hearing.
struct Open {
    id: String,
    index: u64,
    kind: String,
    /// All that was told in pieces.
    text: String,
    /// The same, of the part that is open.
    part: String,
}

/// What is told in pieces, then whole.
const VOICES: [&str; 5] = [
    "response.output_text",
    "response.refusal",
    "response.reasoning_summary_text",
    "response.function_call_arguments",
    "response.custom_tool_call_input",
];

/// What a part begins with.
const PARTS: [&str; 2] = ["response.content_part.added", "response.reasoning_summary_part.added"];

/// What Codex runs.
const CALLS: [&str; 4] = [
    "function_call",
    "custom_tool_call",
    "local_shell_call",
    "tool_search_call",
];

/// Hears a turn out.
///
/// # Panics
///
/// When it breaks a law.
pub fn hear(events: &[Value]) -> Heard {
    let mut heard = Heard {
        text: String::new(),
        refusal: String::new(),
        thoughts: String::new(),
        kept: String::new(),
        calls: Vec::new(),
        pages: BTreeSet::new(),
        searches: 0,
        end: End::Failed,
        usage: None,
    };
    let mut open: Option<Open> = None;
    let mut abandoned = 0;
    let mut done: Vec<Value> = Vec::new();
    let last = events.len() - 1;
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event["sequence_number"], number, "events are numbered in order");
        let kind = event["type"].as_str().unwrap();
        let terminal = matches!(kind, "response.completed" | "response.failed" | "response.incomplete");
        assert_eq!(terminal, number == last, "one terminal event, the last: {kind}");
        match kind {
            "response.created" => assert_eq!(number, 0),
            "response.in_progress" => assert_eq!(number, 1),
            "response.output_item.added" => {
                // Codex goes on by itself after an answer that was cut; a call that was cut with it is never closed.
                if let Some(cut) = open.take() {
                    assert!(cut.kind.ends_with("_call"), "one item at a time");
                    abandoned += 1;
                    assert!(
                        events[last]["response"]["end_turn"] == false && abandoned == 1,
                        "one item at a time"
                    );
                }
                assert_eq!(event["output_index"], done.len() + abandoned, "items open in order");
                open = Some(Open {
                    id: event["item"]["id"].as_str().unwrap().to_owned(),
                    index: event["output_index"].as_u64().unwrap(),
                    kind: event["item"]["type"].as_str().unwrap().to_owned(),
                    text: String::new(),
                    part: String::new(),
                });
            }
            "response.output_item.done" => {
                let item = open.take().expect("only what is open can close");
                assert_eq!(event["output_index"], item.index);
                close(&item, &event["item"], &mut heard);
                done.push(event["item"].clone());
            }
            _ if terminal => end(event, &done, open.is_some(), &mut heard),
            _ => grow(event, open.as_mut().expect("something is open")),
        }
    }
    heard
}

fn grow(event: &Value, open: &mut Open) {
    assert_eq!(event["item_id"], open.id.as_str());
    assert_eq!(event["output_index"], open.index);
    let kind = event["type"].as_str().unwrap();
    // What a provider says under a name of its own is passed on and belongs to no voice.
    let is_voice = |end: &str| kind.strip_suffix(end).is_some_and(|name| VOICES.contains(&name));
    if is_voice(".delta") {
        let delta = event["delta"].as_str().unwrap();
        assert!(!delta.is_empty(), "an empty delta says nothing");
        open.text.push_str(delta);
        open.part.push_str(delta);
        return;
    }
    if PARTS.contains(&kind) {
        open.part.clear();
    }
    let whole = ["text", "refusal", "arguments", "input"]
        .iter()
        .find_map(|key| event[*key].as_str());
    if let Some(whole) = whole.filter(|_| is_voice(".done")) {
        let nothing_said = open.text.is_empty() && whole == "{}";
        let freeform_in_another_shape = kind == "response.custom_tool_call_input.done" && open.text.is_empty();
        assert!(
            open.part == whole || nothing_said || freeform_in_another_shape,
            "deltas add up: {kind}"
        );
    }
}

fn close(open: &Open, item: &Value, heard: &mut Heard) {
    assert_eq!(item["id"], open.id.as_str());
    assert_eq!(item["type"], open.kind.as_str());
    match open.kind.as_str() {
        "message" => {
            let mut told = String::new();
            for part in item["content"].as_array().unwrap() {
                let (voice, text) = match part["type"].as_str().unwrap() {
                    "output_text" => (&mut heard.text, &part["text"]),
                    _ => (&mut heard.refusal, &part["refusal"]),
                };
                voice.push_str(text.as_str().unwrap());
                told.push_str(text.as_str().unwrap());
                // An endpoint's own kinds are passed on.
                let annotations = part["annotations"].as_array().into_iter().flatten();
                let cited = annotations.filter(|annotation| annotation["type"] == "url_citation");
                let pages = cited.filter_map(|annotation| annotation["url"].as_str());
                heard.pages.extend(pages.map(str::to_owned));
            }
            assert_eq!(told, open.text, "deltas add up");
            assert!(!told.is_empty(), "a message says something");
        }
        "reasoning" => {
            let parts = item["summary"].as_array().unwrap().iter();
            let shown: Vec<&str> = parts.map(|part| part["text"].as_str().unwrap()).collect();
            assert_eq!(shown.concat(), open.text, "deltas add up");
            heard.thoughts.push_str(&shown.join("\n\n"));
            let item = item.to_string();
            let item = serde_json::from_str(&item).unwrap();
            heard
                .kept
                .push_str(&crelay::translate::reasoning::Thoughts::open(&item).plain());
        }
        // Nobody answers it.
        "web_search_call" => {
            assert_ne!(item["status"], "in_progress");
            heard.searches += 1;
        }
        "image_generation_call" => assert_ne!(item["status"], "in_progress"),
        // A kind of the provider's own is passed on.
        kind if !CALLS.contains(&kind) => {}
        kind => {
            let texts = [&item["arguments"], &item["input"], &item["action"]];
            let arguments = texts
                .into_iter()
                .find(|text| !text.is_null())
                .expect("a call has arguments");
            let arguments = arguments.as_str().map_or_else(|| arguments.to_string(), str::to_owned);
            let name = item["name"].as_str().unwrap_or(kind);
            heard.calls.push((name.to_owned(), arguments));
            assert!(!item["call_id"].as_str().unwrap().is_empty());
        }
    }
}

fn end(event: &Value, done: &[Value], is_open: bool, heard: &mut Heard) {
    let response = &event["response"];
    assert_eq!(
        response["output"].as_array().unwrap(),
        done,
        "the end repeats what was closed"
    );
    heard.end = match event["type"].as_str().unwrap() {
        "response.completed" => End::Completed,
        "response.incomplete" => End::Incomplete,
        _ => End::Failed,
    };
    assert_eq!(heard.end == End::Failed, response["error"].is_object());
    assert!(
        !is_open || heard.end != End::Completed,
        "nothing is open after a completed turn"
    );
    let usage = &response["usage"];
    if usage.is_object() {
        let count = |value: &Value| value.as_u64().unwrap();
        heard.usage = Some(Tokens {
            input: count(&usage["input_tokens"]),
            cached: count(&usage["input_tokens_details"]["cached_tokens"]),
            written: count(&usage["input_tokens_details"]["cache_write_tokens"]),
            output: count(&usage["output_tokens"]),
            reasoning: count(&usage["output_tokens_details"]["reasoning_tokens"]),
            total: count(&usage["total_tokens"]),
        });
        assert!(count(&usage["total_tokens"]) >= count(&usage["input_tokens"]) + count(&usage["output_tokens"]));
    }
}
