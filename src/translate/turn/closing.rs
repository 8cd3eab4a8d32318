//! The end of a turn: what is open is closed or left, what waits is written, and one terminal event is the last.

use crate::translate::heal::Note;
use crate::usage;
use crate::wire::responses::{Event, IncompleteDetails, ResponseError, Status};

use super::Turn;
use super::ending::{Ending, is_full};
use super::open::{Open, Reasoning, Voice};
use super::verdict::{Case, Verdict};

impl Turn {
    /// The stream ended at `now`, in seconds since 1970. Closes what is open; completed only if the provider said so,
    /// else failed. Gives what was healed, for the log.
    pub fn finish(mut self, now: u64, out: &mut Vec<Event>) -> Vec<Note> {
        self.response.completed_at = Some(now);
        if self.ending.is_some() {
            self.end_healing(out);
        }
        let notes = self.take_healed();
        self.close(out);
        notes
    }

    fn close(mut self, out: &mut Vec<Event>) {
        if self.is_full_in_silence() {
            self.ending = Some(Ending::Overflow);
        }
        let case = Case {
            ending: self.ending,
            reader: self.reader,
            cuts: self.cuts,
            calls_are_whole: self.calls_are_whole(),
        };
        match case.judge(&self.who) {
            Verdict::Completed => {
                self.close_all(out);
                self.end(Status::Completed, out);
            }
            Verdict::GoesOn => self.go_on(out),
            Verdict::Incomplete(reason) => self.incomplete(reason, out),
            Verdict::Failed(error) => {
                if self.ending == Some(Ending::Filter) {
                    self.close_words(out);
                }
                self.fail(error, out);
            }
        }
    }

    /// Whether nothing was said because the conversation left no room for it.
    fn is_full_in_silence(&self) -> bool {
        let is_silent = self.response.output.is_empty()
            && self.open.is_none()
            && self.calls.len() == 0
            && self.thoughts.is_empty()
            && self.deferred.trim().is_empty();
        let usage = self.usage.as_ref().map(usage::of_chat).filter(|_| is_silent);
        usage.is_some_and(|usage| is_full(self.ending, &usage, self.window))
    }

    /// Says `words` of crelay's own, before anything of the answer.
    pub fn notice(&mut self, words: &str, out: &mut Vec<Event>) {
        self.notice.say(self.place("rs"), words, out);
    }

    /// Something went wrong. What is open stays unclosed, so that Codex never takes a cut call for a whole one.
    pub fn fail(mut self, error: ResponseError, out: &mut Vec<Event>) {
        self.response.error = Some(error);
        self.end(Status::Failed, out);
    }

    /// Closes words and thoughts alone, so that they are shown and kept; a call before a failure must not be run.
    fn close_words(&mut self, out: &mut Vec<Event>) {
        if !matches!(self.open, Some(Open::Call(_))) {
            self.close_open(out);
        }
    }

    /// Closes what is open and writes what waits: calls, then words, then thoughts that no item has taken.
    pub(super) fn close_all(&mut self, out: &mut Vec<Event>) {
        while self.next_call < self.calls.len() {
            self.open_call(out);
        }
        self.close_open(out);
        let deferred = std::mem::take(&mut self.deferred);
        self.say(deferred, Voice::Text, out);
        self.close_open(out);
        self.tell_late_search(out);
        self.close_open(out);
        if !self.thoughts.is_empty() || self.searches.has_echoes() {
            self.close_thoughts(out);
        }
    }

    /// Writes thoughts that no item has taken.
    fn close_thoughts(&mut self, out: &mut Vec<Event>) {
        let place = self.place("rs");
        let reasoning = Reasoning::open(place, out);
        let mut thoughts = self.take_thoughts();
        thoughts.echoed = self.searches.take_echoes();
        let item = reasoning.close(&thoughts, out);
        self.response.output.push(item);
    }

    /// The limit on the answer's length cut it. What is whole is kept, a cut call is never handed over, and Codex goes
    /// on by itself, which it is told by a last item that counts.
    fn go_on(mut self, out: &mut Vec<Event>) {
        self.close_whole(out);
        self.thoughts.cuts = self.cuts + 1;
        self.close_thoughts(out);
        self.response.end_turn = Some(false);
        self.end(Status::Completed, out);
    }

    /// Closes what is whole and ends as the specification says.
    fn incomplete(mut self, reason: &'static str, out: &mut Vec<Event>) {
        self.close_whole(out);
        self.response.incomplete_details = Some(IncompleteDetails { reason });
        self.end(Status::Incomplete, out);
    }

    /// Closes all but a call that was cut, which stays as it is.
    fn close_whole(&mut self, out: &mut Vec<Event>) {
        while self.next_call < self.calls.len() && !self.half_said() {
            self.open_call(out);
        }
        if self.half_said() {
            self.open = None;
            self.abandoned = 1;
        }
        self.close_open(out);
        self.tell_late_search(out);
        self.close_open(out);
    }

    fn end(mut self, status: Status, out: &mut Vec<Event>) {
        self.response.status = status;
        self.response.completed_at.take_if(|_| status != Status::Completed);
        self.response.usage = self.usage.as_ref().map(usage::of_chat);
        self.notice.put_before(status, &mut self.response.output);
        out.push(match status {
            Status::Completed => Event::Completed(self.response),
            Status::Incomplete => Event::Incomplete(self.response),
            Status::Failed | Status::InProgress => Event::Failed(self.response),
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::super::{Opening, Reader};
    use super::*;
    use crate::translate::Context;

    /// The code of the failure that an answer ends with, if it does.
    fn code(window: Option<u64>, delta: Value, reason: &str, input: u64, output: u64) -> Option<String> {
        let opening = Opening {
            response_id: "resp_1".to_owned(),
            created_at: 1,
            model: "m".to_owned(),
            reader: Reader::Codex,
            who: "Acme".to_owned(),
            echo: Map::new(),
        };
        let context = Context {
            window,
            ..Context::default()
        };
        let mut out = Vec::new();
        let mut turn = Turn::open(opening, context, &mut out);
        let usage = json!({"prompt_tokens": input, "completion_tokens": output});
        let chunk = json!({"choices": [{"delta": delta, "finish_reason": reason}], "usage": usage});
        turn.push(serde_json::from_value(chunk).unwrap(), &mut out).unwrap();
        turn.finish(2, &mut out);
        out.last()?.ending()?.error.as_ref().map(|error| error.code.clone())
    }

    #[test]
    fn a_conversation_that_leaves_no_room_is_known_by_its_silence() {
        let full = Some("context_length_exceeded".to_owned());
        let silent = || json!({"content": ""});
        assert_eq!(code(None, silent(), "length", 4096, 0), full);
        assert_eq!(code(Some(1000), silent(), "length", 990, 40), full);
        assert_eq!(code(Some(1000), silent(), "stop", 1001, 0), full);
        // What was thought in secret used up the limit; there is room in the window.
        assert_eq!(code(Some(1000), silent(), "length", 989, 40), None);
        assert_eq!(code(Some(1000), silent(), "stop", 1000, 0), None);
        assert_eq!(code(None, silent(), "stop", 5000, 0), None);
        for said in [
            json!({"content": "a"}),
            json!({"reasoning": "a"}),
            json!({"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": "{}"}}]}),
        ] {
            assert_eq!(code(Some(1000), said.clone(), "stop", 2000, 1), None, "{said}");
            assert_eq!(code(Some(1000), said.clone(), "length", 2000, 1), None, "{said}");
        }
    }
}
