//! A conversation made short: the user's own messages stay, and a summary by the model takes the place of all the rest.
//! Like [thoughts](super::reasoning), the summary travels in the client's history: `crelay1:` and a JSON object.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::wire::Text;
use crate::wire::responses::{
    self, Compacted, CompactedItem, CompactionItem, Content, ContentPart, InputPart, Item, OutputItem, OutputPart,
    Request, Response, Status,
};

use super::reasoning::PREFIX;
use super::request::text_of;

/// What the model is asked for at the end of the conversation.
const INSTRUCTION: &str = "\
All of this conversation but the user's own messages is now replaced by a summary that you write. Whoever goes on reads \
the user's messages, your summary and nothing else, so write down everything that is needed to go on without asking and \
without doing anything twice:
- what the user wants, with every condition and preference;
- what was decided, and why;
- what was done and found, with exact paths, names, commands, numbers and error messages;
- how things stand now, and what was tried and failed;
- what is still to be done, the next step first.
Do not go on with the task and do not call a tool. Answer with the summary alone.";

/// What the model reads before a summary.
const INTRODUCTION: &str = "Summary of the conversation up to here, without the user's messages that stand above:";

/// What the model reads after a summary that a limit cut.
const CUT: &str = "[the summary was cut here]";

/// What was said before, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    #[serde(rename = "s")]
    text: String,
}

impl Summary {
    /// Reads an item; `None` if another made it.
    #[must_use]
    pub fn open(item: &CompactionItem) -> Option<Self> {
        let json = item.encrypted_content.as_deref()?.strip_prefix(PREFIX)?;
        serde_json::from_str(json).ok()
    }

    /// What the model reads of it.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{INTRODUCTION}\n\n{}", self.text)
    }

    fn seal(&self) -> String {
        // Every map key is a string, so this cannot fail.
        format!("{PREFIX}{}", serde_json::to_string(self).unwrap_or_default())
    }
}

/// A conversation while its summary is being written.
#[derive(Debug)]
pub struct Compaction {
    /// The user's messages.
    users: Vec<Vec<InputPart>>,
}

impl Compaction {
    /// Turns the request for a short conversation into one for a summary. No tool is offered, and what form the answers
    /// to the user have does not matter.
    #[must_use]
    pub fn begin(asked: Request<'_>) -> (Self, Request<'_>) {
        let mut items = asked.input.into_items();
        let users = items.iter().filter_map(user).collect();
        items.push(Item::Message(responses::Message {
            role: Some("user".to_owned()),
            content: Content::Text(INSTRUCTION.into()),
        }));
        let request = Request {
            input: responses::Input::Items(items),
            tools: Vec::new(),
            // The conversation may bring tools of its own.
            tool_choice: Some(json!("none")),
            text: None,
            max_output_tokens: None,
            ..asked
        };
        (Self { users }, request)
    }

    /// The same for a request with all its fields.
    #[must_use]
    pub fn amend(mut whole: Value) -> Value {
        let Some(fields) = whole.as_object_mut() else {
            return whole;
        };
        let said = |text: Value| json!({"type": "message", "role": "user", "content": text});
        let mut items = match fields.shift_remove("input") {
            Some(Value::Array(items)) => items,
            Some(text @ Value::String(_)) => vec![said(text)],
            _ => Vec::new(),
        };
        items.push(said(json!(INSTRUCTION)));
        for name in ["tools", "text", "max_output_tokens"] {
            fields.shift_remove(name);
        }
        fields.insert("input".to_owned(), Value::Array(items));
        fields.insert("tool_choice".to_owned(), json!("none"));
        whole
    }

    /// The short conversation; `None` if the model wrote no summary.
    #[must_use]
    pub fn finish(self, answer: Response) -> Option<Compacted> {
        let mut text = said(&answer.output);
        if text.trim().is_empty() {
            return None;
        }
        if answer.status == Status::Incomplete {
            text = format!("{text}\n{CUT}");
        }
        let stem = answer.id.strip_prefix("resp_").unwrap_or(&answer.id);
        let messages = self.users.into_iter().enumerate();
        let mut output: Vec<CompactedItem> = messages
            .map(|(index, content)| CompactedItem::Message {
                id: format!("msg_{stem}_{index}"),
                status: Status::Completed,
                role: "user",
                content,
            })
            .collect();
        output.push(CompactedItem::Compaction {
            id: format!("cmp_{stem}"),
            encrypted_content: Summary { text }.seal(),
        });
        Some(Compacted {
            object: "response.compaction",
            created_at: answer.created_at,
            output,
            usage: answer.usage.unwrap_or_default(),
            id: answer.id,
        })
    }
}

/// The parts of a user's message that says something.
fn user(item: &Item<'_>) -> Option<Vec<InputPart>> {
    let Item::Message(message) = item else {
        return None;
    };
    if message.role.as_deref() != Some("user") {
        return None;
    }
    let parts = match &message.content {
        Content::Text(text) => vec![InputPart::InputText {
            text: text.get().into_owned(),
        }],
        Content::Parts(parts) => parts.iter().filter_map(part).collect(),
    };
    (!parts.is_empty()).then_some(parts)
}

fn part(part: &ContentPart<'_>) -> Option<InputPart> {
    if part.r#type.as_deref() == Some("input_file") {
        return Some(InputPart::InputFile {
            filename: part.filename.clone(),
            file_data: part.file_data.clone(),
            file_url: part.file_url.clone(),
        });
    }
    if let Some(image_url) = part.image_url.clone().map(Text::into_string) {
        let detail = part.detail.clone().unwrap_or_else(|| "auto".to_owned());
        return Some(InputPart::InputImage { image_url, detail });
    }
    let text = text_of(part)?.into_owned();
    Some(InputPart::InputText { text })
}

/// All text of an answer.
fn said(output: &[OutputItem]) -> String {
    let texts: Vec<&str> = output.iter().flat_map(words).collect();
    texts.join("\n\n")
}

/// The words of an item, whoever wrote it.
fn words(item: &OutputItem) -> Vec<&str> {
    match item {
        OutputItem::Message { content, .. } => content.iter().filter_map(OutputPart::words).collect(),
        OutputItem::Raw(fields) if fields.get("type").is_some_and(|kind| kind == "message") => {
            let parts = fields.get("content").and_then(Value::as_array);
            let texts = parts.into_iter().flatten().filter(|part| part["type"] == "output_text");
            texts.filter_map(|part| part["text"].as_str()).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn answer(status: Status, text: &str) -> Response {
        Response {
            id: "resp_1".to_owned(),
            object: "response",
            created_at: 7,
            completed_at: None,
            status,
            error: None,
            incomplete_details: None,
            model: "m".to_owned(),
            output: vec![OutputItem::Message {
                id: "msg_1".to_owned(),
                status: Status::Completed,
                role: "assistant",
                content: vec![OutputPart::OutputText {
                    text: text.to_owned().into(),
                    annotations: Vec::new(),
                }],
            }],
            usage: None,
            end_turn: None,
            echo: serde_json::Map::new(),
        }
    }

    fn asked(json: &str) -> Request<'_> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_users_messages_stay_and_the_rest_is_summed_up() {
        let input = json!([
            {"role": "developer", "content": "rules"},
            {"role": "user", "content": "do it"},
            {"role": "assistant", "content": "done"},
            {"role": "user", "content": []},
            {"role": "user", "content": [
                {"type": "input_text", "text": "look"},
                {"type": "input_image", "image_url": "data:x"},
                {"type": "input_file", "filename": "a.txt", "file_data": "aGk="},
            ]},
        ]);
        let tools = json!([{"type": "function", "name": "f"}]);
        let body = json!({"input": input, "tools": tools, "text": {}}).to_string();
        let (compaction, request) = Compaction::begin(asked(&body));
        assert!(request.tools.is_empty());
        assert_eq!((request.tool_choice, request.text), (Some(json!("none")), None));
        let items = request.input.into_items();
        assert_eq!(items.len(), 6);
        let compacted = compaction.finish(answer(Status::Completed, "all is \"done\"")).unwrap();
        let expected = json!({
            "id": "resp_1",
            "object": "response.compaction",
            "created_at": 7,
            "output": [
                {"type": "message", "id": "msg_1_0", "status": "completed", "role": "user",
                 "content": [{"type": "input_text", "text": "do it"}]},
                {"type": "message", "id": "msg_1_1", "status": "completed", "role": "user", "content": [
                    {"type": "input_text", "text": "look"},
                    {"type": "input_image", "image_url": "data:x", "detail": "auto"},
                    {"type": "input_file", "filename": "a.txt", "file_data": "aGk="},
                ]},
                {"type": "compaction", "id": "cmp_1", "encrypted_content": r#"crelay1:{"s":"all is \"done\""}"#},
            ],
            "usage": {
                "input_tokens": 0,
                "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
                "output_tokens": 0,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": 0,
            },
        });
        assert_eq!(json!(compacted), expected);
    }

    #[test]
    fn a_summary_that_was_cut_says_so_and_none_is_none() {
        let finish = |status, text| {
            let (compaction, _) = Compaction::begin(asked(r#"{"input": "one"}"#));
            compaction.finish(answer(status, text))
        };
        assert_eq!(finish(Status::Completed, " \n"), None);
        let cut = finish(Status::Incomplete, "it was").unwrap();
        let item: CompactionItem = serde_json::from_value(json!(cut.output[1])).unwrap();
        let expected = format!("{INTRODUCTION}\n\nit was\n{CUT}");
        assert_eq!(Summary::open(&item).map(|summary| summary.words()), Some(expected));
    }

    #[test]
    fn only_our_own_summaries_are_read() {
        let open = |sealed: Value| {
            let item = serde_json::from_value(json!({"type": "compaction", "encrypted_content": sealed})).unwrap();
            Summary::open(&item)
        };
        let text = "x".to_owned();
        assert_eq!(open(json!(r#"crelay1:{"s":"x"}"#)), Some(Summary { text }));
        for foreign in [
            json!("gAAAA"),
            json!(r#"crelay1:{"t":"thought"}"#),
            json!("crelay1:"),
            Value::Null,
        ] {
            assert_eq!(open(foreign), None);
        }
    }
}
