//! Events of a provider become events for the client: in order, each item opened once and closed once, one at a time.

use serde_json::{Map, Value};

use crate::translate::heal::{Healer, Note};
use crate::translate::names::{Kind, Origin, Tools};
use crate::translate::reasoning::Thoughts;
use crate::translate::room::{Excess, Fault};
use crate::translate::turn::ending::{Ending, is_full};
use crate::translate::turn::notice::Notice;
use crate::translate::turn::open::{Place, Reasoning};
use crate::translate::turn::open_call::prefix;
use crate::translate::turn::verdict::{Case, Verdict};
use crate::translate::turn::{Opening, Reader, stem};
use crate::usage;
use crate::wire::responses::{Event, IncompleteDetails, Response, ResponseError, Status, Streamed, Usage};

use super::Context;
use super::healing::Healed;
use super::incoming::{Incoming, Item};
use super::open::Open;

/// One answer while it comes in. Ends by [`Turn::finish`] or [`Turn::fail`], once.
#[derive(Debug)]
pub struct Turn {
    pub(super) response: Response,
    reader: Reader,
    who: String,
    pub(super) tools: Tools,
    cuts: u32,
    window: Option<u64>,
    by: String,
    pub(super) incoming: Incoming,
    /// The first item that was not closed yet.
    pub(super) next: usize,
    pub(super) open: Option<Open>,
    /// How many items will never be closed: a call that was cut.
    abandoned: usize,
    notice: Notice,
    usage: Option<Usage>,
    ending: Option<Ending>,
    pub(super) call_ids: Vec<String>,
    pub(super) healed: Healed,
}

impl Turn {
    /// A turn in which nothing has come yet; appends `response.created` and `response.in_progress`.
    pub fn open(opening: Opening, context: Context, out: &mut Vec<Event>) -> Self {
        let response = opening.response();
        out.push(Event::Created(response.clone()));
        out.push(Event::InProgress(response.clone()));
        Self {
            response,
            reader: opening.reader,
            who: opening.who,
            tools: context.tools,
            cuts: context.cuts,
            window: context.window,
            by: context.by,
            incoming: Incoming::default(),
            next: 0,
            open: None,
            abandoned: 0,
            notice: Notice::default(),
            usage: None,
            ending: None,
            call_ids: Vec::new(),
            healed: Healed::new(Healer::new(context.healing)),
        }
    }

    /// Takes the next event and appends the events that it makes. What follows the last means nothing.
    ///
    /// # Errors
    ///
    /// When the event is the provider's error, or the answer has more items than it may; the turn must then be
    /// [failed](Turn::fail).
    pub fn push(&mut self, event: Streamed, out: &mut Vec<Event>) -> Result<(), Fault> {
        if self.is_ended() {
            return Ok(());
        }
        if let Some(error) = event.error() {
            return Err(Fault::Told(error));
        }
        if event.is_end() {
            self.take_end(&event)?;
        } else if event.kind.starts_with("response.") {
            self.incoming.push(&event)?;
        }
        self.advance(out);
        Ok(())
    }

    /// Says `words` of crelay's own, before anything of the answer.
    pub fn notice(&mut self, words: &str, out: &mut Vec<Event>) {
        self.notice.say(self.place("rs"), words, out);
    }

    /// Whether the provider has said how the answer ends.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.ending.is_some()
    }

    fn take_end(&mut self, event: &Streamed) -> Result<(), Excess> {
        let nothing = Map::new();
        let response = event.object("response").unwrap_or(&nothing);
        let output = response.get("output").and_then(Value::as_array);
        self.incoming.complete(output.map(Vec::as_slice).unwrap_or_default())?;
        self.usage = response.get("usage").and_then(usage::of_responses);
        let status = response.get("status").and_then(Value::as_str);
        let is_cut = event.kind == "response.incomplete" || status == Some("incomplete");
        let reason = || response.get("incomplete_details")?.get("reason")?.as_str();
        self.ending = Some(match is_cut {
            false => Ending::Whole,
            // An unnamed limit is one on the length.
            true => reason()
                .and_then(Ending::read)
                .filter(|ending| *ending != Ending::Over)
                .unwrap_or(Ending::Length),
        });
        Ok(())
    }

    /// Tells what can be told: of the first item that is not over, and of those behind it once it is.
    fn advance(&mut self, out: &mut Vec<Event>) {
        while let Some(item) = self.incoming.get_mut(self.next) {
            match item.kind.as_str() {
                "message" => {
                    self.healed.take(item);
                    self.tell_thoughts(out);
                }
                "reasoning" if !item.is_blank() => self.healed.healer.thinks_properly(),
                _ => {}
            }
            let Some(item) = self.incoming.get(self.next) else {
                return;
            };
            if self.open.is_none() && begins(item) {
                self.close_thoughts(out);
                self.begin(out);
            }
            let Some(item) = self.incoming.get_mut(self.next) else {
                return;
            };
            if let Some(open) = &mut self.open {
                open.grow(item, out);
            }
            if !item.is_done && !item.is_left {
                return;
            }
            self.close(out);
        }
    }

    fn begin(&mut self, out: &mut Vec<Event>) {
        let number = self.next;
        let Some(item) = self.incoming.get(number) else {
            return;
        };
        let open = match item.kind.as_str() {
            "reasoning" => Open::reasoning(self.place("rs"), item, out),
            "message" => Open::message(self.place("msg"), self.reader == Reader::Codex, item, out),
            "function_call" | "custom_tool_call" | "tool_search_call" => {
                let healed = self.healed.healer.name(item.field("name"));
                let origin = self.origin(item, healed.as_deref().unwrap_or(item.field("name")));
                let place = self.place(prefix(origin.kind));
                let call_id = self.call_id(item.field("call_id"));
                self.call_ids.push(call_id.clone());
                Open::call(place, number, item, call_id, origin, out)
            }
            _ => {
                let mut place = self.place("item");
                let id = item.field("id");
                if !id.is_empty() {
                    id.clone_into(&mut place.id);
                }
                Open::other(place, item, out)
            }
        };
        self.open = Some(open);
    }

    /// Closes the item that is open, or passes over one of which there was nothing to tell.
    fn close(&mut self, out: &mut Vec<Event>) {
        let continues = !self.response.output.is_empty();
        if let (Some(open), Some(item)) = (self.open.take(), self.incoming.get(self.next)) {
            self.response.output.push(open.close(item, &self.by, continues, out));
        }
        self.next += 1;
    }

    /// What the client calls the tool that is called.
    fn origin(&self, item: &Item, name: &str) -> Origin {
        let kind = match item.kind.as_str() {
            "custom_tool_call" => Kind::Custom,
            "tool_search_call" => Kind::ToolSearch,
            _ => Kind::Function,
        };
        let namespace = item.field("namespace");
        if !namespace.is_empty() || kind == Kind::ToolSearch {
            return Origin::new(Some(namespace).filter(|namespace| !namespace.is_empty()), name, kind);
        }
        let origin = self.tools.origin(name);
        match kind {
            Kind::Custom => Origin { kind, ..origin },
            _ => origin,
        }
    }

    /// The id of a call, which no other call of the answer has.
    pub(super) fn call_id(&self, given: &str) -> String {
        let wished = if given.is_empty() {
            format!("call_{}_{}", stem(&self.response.id), self.call_ids.len())
        } else {
            given.to_owned()
        };
        let taken = |id: &String| self.call_ids.contains(id);
        if !taken(&wished) {
            return wished;
        }
        let others = (2..).map(|attempt| format!("{wished}_{attempt}"));
        others.into_iter().find(|id| !taken(id)).unwrap_or(wished)
    }

    pub(super) fn place(&self, prefix: &str) -> Place {
        let index = self.notice.places() + self.response.output.len() + self.abandoned;
        Place {
            id: format!("{prefix}_{}_{index}", stem(&self.response.id)),
            index,
        }
    }

    /// The stream ended at `now`, in seconds since 1970. Closes what is open; completed only if the provider said so,
    /// else failed. Gives what was healed, for the log.
    pub fn finish(mut self, now: u64, out: &mut Vec<Event>) -> Vec<Note> {
        self.response.completed_at = Some(now);
        if self.is_full_in_silence() {
            self.ending = Some(Ending::Overflow);
        }
        let case = Case {
            ending: self.ending,
            reader: self.reader,
            cuts: self.cuts,
            calls_are_whole: self.incoming.calls_are_whole(),
        };
        let status = match case.judge(&self.who) {
            Verdict::Completed => {
                self.close_all(out);
                Status::Completed
            }
            Verdict::GoesOn => {
                self.close_whole(out);
                self.mark_cut(out);
                self.response.end_turn = Some(false);
                Status::Completed
            }
            Verdict::Incomplete(reason) => {
                self.close_whole(out);
                self.response.incomplete_details = Some(IncompleteDetails { reason });
                Status::Incomplete
            }
            Verdict::Failed(error) => {
                if self.ending == Some(Ending::Filter) {
                    self.close_words(out);
                }
                self.response.error = Some(error);
                Status::Failed
            }
        };
        let notes = self.take_healed();
        self.end(status, out);
        notes
    }

    /// Something went wrong. What is open stays unclosed, so that Codex never takes a cut call for a whole one.
    pub fn fail(mut self, error: ResponseError, out: &mut Vec<Event>) {
        self.response.error = Some(error);
        self.end(Status::Failed, out);
    }

    /// Whether nothing was said because the conversation left no room for it.
    fn is_full_in_silence(&self) -> bool {
        let mut items = (0..).map_while(|place| self.incoming.get(place));
        let is_silent = self.open.is_none() && !items.any(begins);
        let usage = self.usage.as_ref().filter(|_| is_silent);
        usage.is_some_and(|usage| is_full(self.ending, usage, self.window))
    }

    /// Closes words and thoughts alone, so that they are shown and kept; a call before a failure must not be run.
    fn close_words(&mut self, out: &mut Vec<Event>) {
        let is_call = self.incoming.get(self.next).is_some_and(Item::is_call);
        if self.open.is_some() && !is_call {
            self.close(out);
        }
    }

    fn close_all(&mut self, out: &mut Vec<Event>) {
        self.incoming.close();
        self.advance(out);
        self.make_healed(out);
    }

    /// Closes all but a call that was cut, and what stands behind it.
    fn close_whole(&mut self, out: &mut Vec<Event>) {
        self.incoming.close_whole();
        self.advance(out);
        if self.open.take().is_some() {
            self.abandoned = 1;
        }
        self.make_healed(out);
    }

    /// The last item of an answer that was cut counts how often that has happened.
    fn mark_cut(&mut self, out: &mut Vec<Event>) {
        let thoughts = Thoughts {
            cuts: self.cuts + 1,
            continues: !self.response.output.is_empty(),
            ..Thoughts::default()
        };
        let item = Reasoning::open(self.place("rs"), out).close(&thoughts, out);
        self.response.output.push(item);
    }

    fn end(mut self, status: Status, out: &mut Vec<Event>) {
        self.response.status = status;
        self.response.completed_at.take_if(|_| status != Status::Completed);
        self.response.usage = self.usage;
        self.notice.put_before(status, &mut self.response.output);
        out.push(match status {
            Status::Completed => Event::Completed(self.response),
            Status::Incomplete => Event::Incomplete(self.response),
            Status::Failed | Status::InProgress => Event::Failed(self.response),
        });
    }
}

/// Whether there is something to tell of an item. A message waits for words and thoughts for a text, since some
/// endpoints open both for nothing; a call waits for its name.
fn begins(item: &Item) -> bool {
    match item.kind.as_str() {
        "message" => !item.is_blank(),
        "reasoning" => !item.is_blank() || (item.is_done && !item.field("encrypted_content").is_empty()),
        "function_call" | "custom_tool_call" => !item.field("name").is_empty(),
        // These come whole.
        "tool_search_call" => item.is_done,
        _ => true,
    }
}

#[cfg(test)]
mod tests;
