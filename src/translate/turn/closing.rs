//! The end of a turn: what is open is closed or left, what waits is written, and one terminal event is the last.

use crate::translate::heal::Note;
use crate::wire::responses::{Event, IncompleteDetails, ResponseError, Status};

use super::ending::Ending;
use super::open::{Open, Reasoning, Voice};
use super::verdict::{Case, Verdict};
use super::{Turn, ending};

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
        let case = Case {
            ending: self.ending,
            reader: self.reader,
            cuts: self.cuts,
            calls_are_whole: self.calls_are_whole(),
        };
        match case.judge() {
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

    /// The limit on the answer's length cut it. What is whole is kept, a cut call is never handed over, and Codex goes on
    /// by itself, which it is told by a last item that counts.
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
        self.response.usage = self.usage.as_ref().map(ending::usage);
        out.push(match status {
            Status::Completed => Event::Completed(self.response),
            Status::Incomplete => Event::Incomplete(self.response),
            Status::Failed | Status::InProgress => Event::Failed(self.response),
        });
    }
}
