//! Reads text that comes in pieces.

use crate::provider::dialect::Grammar;

use super::code::Code;
use super::marks::{Before, MOST_HELD, Marks, Sighting};
use super::thought::{Thought, up_to};
use super::{Found, Healing, Note};

/// Listens to the text of one answer.
#[derive(Debug)]
pub struct Healer {
    marks: Marks,
    /// What may be markup, from its first byte on.
    held: String,
    /// One of these must come before `held` says more; none: any text may tell.
    awaited: Vec<&'static str>,
    /// Whether `held` ends with text that was not looked at yet.
    is_behind: bool,
    effort: Effort,
    mode: Mode,
    code: Code,
    before: Before,
    /// Whether any markup stayed as text.
    has_kept: bool,
    /// Whether names of proper calls may carry markup.
    cuts_names: bool,
    notes: Vec<Note>,
}

/// How the text that comes is understood.
#[derive(Debug)]
enum Mode {
    /// Words, with marks among them.
    Words,
    /// A thought.
    Thought(Thought),
    /// Markup that stays text until this mark has passed; without one, to the end of the answer.
    Foreign(Option<&'static str>),
}

impl Healer {
    /// Listens for what `healing` says.
    #[must_use]
    pub fn new(healing: Healing) -> Self {
        let mode = if healing.grammars.has(Grammar::ThinkPrefilled) {
            Mode::Thought(Thought::prefilled())
        } else {
            Mode::Words
        };
        Self {
            cuts_names: healing.grammars.has(Grammar::Harmony),
            marks: Marks::new(healing),
            held: String::new(),
            awaited: Vec::new(),
            is_behind: false,
            effort: Effort::default(),
            mode,
            code: Code::default(),
            before: Before::Nothing,
            has_kept: false,
            notes: Vec::new(),
        }
    }

    /// Takes the next piece of text and appends what is sure.
    pub fn push(&mut self, text: String, out: &mut Vec<Found>) {
        self.effort.earn(text.len());
        if self.held.is_empty() {
            self.held = text;
        } else {
            let known = self.held.len();
            self.held.push_str(&text);
            if self.waits(known) {
                return;
            }
            if !self.effort.spend(self.held.len()) {
                self.is_behind = true;
                return;
            }
        }
        self.read(false, out);
    }

    /// The text is over: appends what was held back. What comes then is another text, whatever this one left open.
    pub fn finish(&mut self, out: &mut Vec<Found>) {
        self.read(true, out);
        if let Mode::Thought(Thought { kept: Some(kept), .. }) = std::mem::replace(&mut self.mode, Mode::Words)
            && !kept.trim().is_empty()
        {
            out.push(Found::Text(kept));
        }
        self.begin_anew(Before::Nothing);
        self.has_kept = false;
    }

    /// The answer makes a call in the proper way, so what is held back is none: a host that notices a call late leaves
    /// its beginning behind. A thought that began in the prompt has ended.
    pub fn interrupt(&mut self, out: &mut Vec<Found>) {
        if let Mode::Thought(thought) = &mut self.mode {
            thought.kept = None;
        }
        if self.is_behind {
            self.read(false, out);
        }
        if self.held.is_empty() {
            return;
        }
        let held = std::mem::take(&mut self.held);
        self.awaited.clear();
        let is_gap = held.trim().is_empty();
        match (&mut self.mode, self.marks.opener(held.trim_start())) {
            _ if is_gap && self.before != Before::Words => {}
            (Mode::Words, Some(grammar)) => self.notes.push(Note::Mark(grammar)),
            (Mode::Words | Mode::Foreign(_), _) => {
                self.before = Before::Words;
                self.code.words(&held);
                out.push(Found::Text(held));
            }
            (Mode::Thought(thought), _) => thought.tell(&held, out),
        }
    }

    /// The answer thinks in the proper way, so it does not begin inside a thought.
    pub fn thinks_properly(&mut self) {
        if matches!(
            &self.mode,
            Mode::Thought(Thought {
                has_begun: false,
                kept: Some(_),
                ..
            })
        ) {
            self.mode = Mode::Words;
        }
    }

    /// The offered tool that the name of a proper call means, where markup stands behind its name: some hosts of
    /// gpt-oss pass on `f<|channel|>commentary` (from memory).
    #[must_use]
    pub fn name(&mut self, written: &str) -> Option<String> {
        if !self.cuts_names || !written.contains("<|") {
            return None;
        }
        let name = self.marks.tools.find(written)?.to_owned();
        self.notes.push(Note::Name(name.clone()));
        Some(name)
    }

    /// So many healed calls are not made, because the answer made proper ones.
    pub fn leaves_out(&mut self, calls: usize) {
        self.notes.extend((calls > 0).then_some(Note::Repeated(calls)));
    }

    /// What was put right since this was asked last.
    pub fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    /// Whether nothing more can be told of what is held than of its first `known` bytes.
    fn waits(&self, known: usize) -> bool {
        let has_come = |literal: &str| {
            let start = self.held.floor_char_boundary(known.saturating_sub(literal.len()));
            self.held[start..].contains(literal)
        };
        self.held.len() <= MOST_HELD
            && !self.awaited.is_empty()
            && !self.awaited.iter().any(|literal| has_come(literal))
    }

    fn read(&mut self, is_whole: bool, out: &mut Vec<Found>) {
        let mut text = std::mem::take(&mut self.held);
        self.awaited.clear();
        self.is_behind = false;
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let read = match &mut self.mode {
                Mode::Words => {
                    let (words, sighting) = self.sight(rest, is_whole);
                    if words == text.len() {
                        // Nearly all text comes here; it is passed on without being copied.
                        out.push(Found::Text(text));
                        return;
                    }
                    say(&rest[..words], out);
                    at += words;
                    self.take(sighting, out)
                }
                Mode::Foreign(closer) => {
                    let (length, has_ended) = up_to(*closer, rest, is_whole);
                    say(&rest[..length], out);
                    if has_ended {
                        self.mode = Mode::Words;
                    }
                    (length > 0).then_some(length)
                }
                Mode::Thought(thought) => {
                    let (length, has_ended) = thought.read(rest, is_whole, out);
                    if has_ended {
                        self.begin_anew(Before::Thought);
                    }
                    (length > 0).then_some(length)
                }
            };
            let Some(length) = read else {
                text.drain(..at);
                self.held = text;
                return;
            };
            at += length;
        }
    }

    /// How many bytes of `rest` are words, and what stands behind them.
    fn sight(&mut self, rest: &str, is_whole: bool) -> (usize, Sighting) {
        if let Some(found) = self.sight_behind_gap(rest, is_whole) {
            return found;
        }
        let mut at = 0;
        while let Some(words) = self.marks.telling(&rest[at..]) {
            self.pass(&rest[at..at + words]);
            at += words;
            let byte = rest.as_bytes()[at];
            let is_code_mark = Code::MARKS.contains(&byte);
            let counts = if is_code_mark {
                self.code.begins_line()
            } else {
                !self.code.is_code()
            };
            if counts && self.marks.begins_call(&rest[at..]) && !self.effort.spend(rest.len() - at) {
                return (at, given_up(rest.len() - at, is_whole));
            }
            if counts {
                match self.marks.sight(&rest[at..], self.before, is_whole, &mut self.has_kept) {
                    Sighting::Nothing => {}
                    sighting => return (at, sighting),
                }
            }
            if is_code_mark {
                self.code.mark(byte);
            } else {
                self.pass(&rest[at..=at]);
            }
            at += 1;
        }
        self.pass(&rest[at..]);
        (rest.len(), Sighting::Nothing)
    }

    /// White space behind something that was taken out goes with it if more is taken out behind it, or all that stood
    /// before was a thought. Nothing if there are words, white space included.
    fn sight_behind_gap(&mut self, rest: &str, is_whole: bool) -> Option<(usize, Sighting)> {
        let gap = rest.len() - rest.trim_start().len();
        match self.before {
            Before::Thought if gap > 0 => return Some((0, Sighting::Gap(gap))),
            Before::Mark if gap == rest.len() && gap > MOST_HELD => return None,
            Before::Mark if gap == rest.len() && is_whole => return Some((0, Sighting::Gap(gap))),
            Before::Mark if gap == rest.len() => return Some((0, Sighting::Open(Vec::new()))),
            Before::Mark if gap > 0 => {}
            _ => return None,
        }
        match self
            .marks
            .sight(&rest[gap..], self.before, is_whole, &mut self.has_kept)
        {
            Sighting::Nothing => None,
            Sighting::Foreign(closer) => Some((gap, Sighting::Foreign(closer))),
            sighting => Some((0, sighting.behind(gap))),
        }
    }

    /// Notes that these words passed. They hold no mark of code.
    fn pass(&mut self, words: &str) {
        self.code.words(words);
        if self.before != Before::Words && !words.trim_start().is_empty() {
            self.before = Before::Words;
        }
    }

    /// Takes out what stands at the beginning of the text, and gives its length; nothing if that is not known yet.
    fn take(&mut self, sighting: Sighting, out: &mut Vec<Found>) -> Option<usize> {
        match sighting {
            Sighting::Nothing => Some(0),
            Sighting::Gap(length) => Some(length),
            Sighting::Open(awaited) => {
                if !awaited.contains(&"") {
                    self.awaited = awaited;
                }
                None
            }
            Sighting::Calls(length, grammar, calls) => {
                for call in calls {
                    self.notes.push(Note::Call(grammar, call.name.clone()));
                    out.push(Found::Call(call));
                }
                self.begin_anew(Before::Mark);
                Some(length)
            }
            Sighting::Thought(length, grammar, end) => {
                self.notes.push(Note::Thought(grammar));
                self.mode = Mode::Thought(Thought::until(end));
                Some(length)
            }
            Sighting::Stray(length, grammar) => {
                self.notes.push(Note::Mark(grammar));
                self.before = Before::Mark;
                Some(length)
            }
            Sighting::Foreign(closer) => {
                self.before = Before::Words;
                self.mode = Mode::Foreign(closer);
                Some(0)
            }
        }
    }

    /// The text begins anew behind a thought or a call.
    fn begin_anew(&mut self, before: Before) {
        self.mode = Mode::Words;
        self.before = before;
        self.code = Code::default();
    }
}

/// What stands where too much was looked at already: that may change with more text, until that is too much to hold.
fn given_up(length: usize, is_whole: bool) -> Sighting {
    if is_whole || length > MOST_HELD {
        Sighting::Foreign(None)
    } else {
        Sighting::Open(Vec::new())
    }
}

/// How many bytes may still be looked at: so many for each that comes. Markup that grows by small pieces is read again
/// with many of them, and text that is made of nothing but beginnings is read at each; either would take time that
/// grows with the square of its length.
#[derive(Debug)]
struct Effort(usize);

impl Default for Effort {
    fn default() -> Self {
        Self(4 * MOST_HELD)
    }
}

impl Effort {
    fn earn(&mut self, bytes: usize) {
        self.0 = self.0.saturating_add(bytes.saturating_mul(64));
    }

    /// Whether so many bytes may be looked at.
    fn spend(&mut self, bytes: usize) -> bool {
        let left = self.0.checked_sub(bytes);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }
}

fn say(words: &str, out: &mut Vec<Found>) {
    if !words.is_empty() {
        out.push(Found::Text(words.to_owned()));
    }
}
