//! A call that is open, from its first event to its last.

use serde_json::{Map, Value, json};

use crate::translate::names::{Kind, Origin};
use crate::wire::responses::{Event, OutputItem, Piece, SearchAction, Status};

use super::open::Place;
use super::{freeform, patch};

/// Codex's tool for patches.
const PATCH_TOOL: &str = "apply_patch";

/// A call whose arguments are coming.
#[derive(Debug)]
pub struct OpenCall {
    place: Place,
    /// Its place among the calls of the answer.
    pub call: usize,
    /// What is called.
    pub origin: Origin,
    call_id: String,
    input: Input,
    /// Whether a freeform text comes by itself, and not in the JSON of a function.
    is_bare: bool,
}

/// The text of a freeform tool while it comes.
#[derive(Debug, Default)]
struct Input {
    reader: freeform::Reader,
    /// What was read and not yet told: the beginning of a patch that may need repair.
    held: String,
    /// What was told.
    told: String,
}

impl OpenCall {
    /// Opens the item.
    pub fn open(place: Place, number: usize, call_id: String, origin: Origin, out: &mut Vec<Event>) -> Self {
        let open = Self {
            place,
            call: number,
            origin,
            call_id,
            input: Input::default(),
            is_bare: false,
        };
        out.push(Event::OutputItemAdded(
            open.place.item(open.item(Status::InProgress, String::new())),
        ));
        open
    }

    /// The same for a freeform text that comes by itself.
    pub fn bare(mut self) -> Self {
        self.is_bare = true;
        self
    }

    /// Where it stands.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// More arguments.
    pub fn append(&mut self, arguments: &str, out: &mut Vec<Event>) {
        let (text, event): (_, fn(Piece) -> Event) = match self.origin.kind {
            Kind::Function => (arguments.to_owned(), Event::FunctionCallArgumentsDelta),
            Kind::Custom => (self.told(arguments), Event::CustomToolCallInputDelta),
            // These items come whole.
            Kind::ToolSearch | Kind::LocalShell | Kind::WebSearch => return,
        };
        if !text.is_empty() {
            out.push(event(self.place.piece(text)));
        }
    }

    /// The text that a piece adds, if it can be told already. A patch whose beginning must be repaired is told whole.
    fn told(&mut self, arguments: &str) -> String {
        let input = &mut self.input;
        if self.is_bare {
            input.held.push_str(arguments);
        } else {
            input.held.push_str(&input.reader.push(arguments));
        }
        if self.origin.name == PATCH_TOOL && input.told.is_empty() && !patch::is_begun(&input.held) {
            return String::new();
        }
        let text = std::mem::take(&mut input.held);
        input.told.push_str(&text);
        text
    }

    /// Closes the item with all arguments.
    pub fn close(self, arguments: &str, out: &mut Vec<Event>) -> OutputItem {
        let text = match self.origin.kind {
            Kind::Custom if self.origin.name == PATCH_TOOL => patch::repaired(&self.freeform(arguments)),
            Kind::Custom => self.freeform(arguments),
            // Some models call a function without parameters with nothing at all.
            _ if arguments.trim().is_empty() => "{}".to_owned(),
            _ => arguments.to_owned(),
        };
        match self.origin.kind {
            Kind::Function => out.push(Event::FunctionCallArgumentsDone(self.place.piece(text.clone()))),
            Kind::Custom => {
                let rest = text.strip_prefix(&self.input.told).filter(|rest| !rest.is_empty());
                out.extend(rest.map(|rest| Event::CustomToolCallInputDelta(self.place.piece(rest))));
                out.push(Event::CustomToolCallInputDone(self.place.piece(text.clone())));
            }
            Kind::ToolSearch | Kind::LocalShell | Kind::WebSearch => {}
        }
        let item = self.item(Status::Completed, text);
        out.push(Event::OutputItemDone(self.place.item(item.clone())));
        item
    }

    /// The text in all arguments. Where they break off and count as whole all the same, it is what was heard of it.
    fn freeform(&self, arguments: &str) -> String {
        if self.is_bare {
            return arguments.to_owned();
        }
        let text = freeform::whole(arguments);
        let Input { told, held, .. } = &self.input;
        match text == arguments && !text.starts_with(told.as_str()) {
            true => format!("{told}{held}"),
            false => text,
        }
    }

    fn item(&self, status: Status, text: String) -> OutputItem {
        let id = self.place.id.clone();
        let call_id = self.call_id.clone();
        let Origin { namespace, name, kind } = self.origin.clone();
        match kind {
            Kind::Function => OutputItem::FunctionCall {
                id,
                status,
                call_id,
                name,
                namespace,
                arguments: text,
            },
            Kind::Custom => OutputItem::CustomToolCall {
                id,
                status,
                call_id,
                name,
                namespace,
                input: text,
            },
            Kind::ToolSearch => OutputItem::ToolSearchCall {
                id,
                status,
                call_id,
                execution: "client",
                arguments: Value::Object(fields(&text)),
            },
            Kind::LocalShell => OutputItem::LocalShellCall {
                id,
                status,
                call_id,
                action: shell(fields(&text)),
            },
            Kind::WebSearch => OutputItem::WebSearchCall {
                id,
                status,
                action: SearchAction::Search {
                    query: fields(&text)
                        .get("query")
                        .and_then(Value::as_str)
                        .unwrap_or_default()
                        .to_owned(),
                },
            },
        }
    }
}

/// What the ids of calls of a kind begin with.
pub fn prefix(kind: Kind) -> &'static str {
    match kind {
        Kind::Function => "fc",
        Kind::Custom => "ctc",
        Kind::ToolSearch => "tsc",
        Kind::LocalShell => "lsc",
        Kind::WebSearch => "ws",
    }
}

/// The fields of an object in text; none if it is no object.
fn fields(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

/// The action of a shell call. Models write the command as text as often as in a list.
fn shell(mut arguments: Map<String, Value>) -> Value {
    let command = match arguments.shift_remove("command") {
        Some(Value::String(line)) => json!(["bash", "-lc", line]),
        Some(list @ Value::Array(_)) => list,
        _ => json!([]),
    };
    let mut action = Map::from_iter([("type".to_owned(), json!("exec")), ("command".to_owned(), command)]);
    action.extend(arguments);
    Value::Object(action)
}
