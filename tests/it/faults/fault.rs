//! A fault is data: what the provider's socket does, and what Codex gets for it.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use h2::Reason;

/// One thing that can go wrong with a provider.
pub struct Fault {
    pub name: String,
    /// What the connections to the provider meet, in order; the last meets all further ones.
    pub meets: Vec<Vec<Step>>,
    pub end: End,
    /// The text that Codex was shown before the end.
    pub shown: Cow<'static, str>,
    /// Tool calls that Codex gets as done.
    pub calls: usize,
    /// Connections that the provider sees.
    pub requests: usize,
    /// How long the provider may say nothing; otherwise for ever, so that a hang is one.
    pub silence: Option<Duration>,
    /// What the provider speaks below HTTP.
    pub line: Line,
    /// The input of the request.
    pub input: String,
    /// Whose codes the errors carry: an entry of the table, or anybody.
    pub who: &'static str,
    pub bound: Bound,
}

/// What a fault may cost.
#[derive(Debug, Clone, Copy)]
pub struct Bound {
    pub time: Duration,
    /// Bytes on top of what the relay holds before the request.
    pub memory: u64,
}

/// What is spoken below HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Nothing else.
    Clear,
    /// Whatever the steps say, where the address promises TLS.
    Promised,
    /// TLS, with this certificate.
    Tls(Shown),
    /// HTTP/2 over TLS, with a window of so many bytes for the request. Steps are those of one stream.
    Http2(u32),
}

/// The certificate that a provider shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    Good,
    /// Signed by somebody else.
    Foreign,
    /// For another host.
    Misnamed,
    Expired,
    Early,
    /// The authority's own.
    Authority,
}

/// What the provider does next.
#[derive(Debug, Clone)]
pub enum Step {
    /// Reads the head of the request.
    HearsHead,
    /// Reads what is left of the request.
    HearsBody,
    Says(Bytes),
    /// The same, one byte at a time.
    Trickles(Bytes),
    /// The same so many times.
    Repeats(Bytes, usize),
    /// The same until the relay hangs up.
    Floods(Bytes),
    /// Goes on when Codex has seen something of the answer.
    WaitsForCodex,
    /// Tells the client how far it is.
    TellsClient,
    /// The same until the relay takes no more of it.
    Fills(Bytes),
    /// Does nothing until the relay hangs up.
    Stalls,
    /// Says that nothing will follow, and waits until the relay hangs up.
    Closes,
    /// Ends the connection in the rudest way.
    Resets,
    /// Ends the stream of HTTP/2 for this reason.
    Refuses(Reason),
    /// Ends the connection of HTTP/2 for this reason.
    GoesAway(Reason),
}

/// How a turn ends for Codex.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// A status with plain words, which Codex shows as they are and does not repeat. These are in them.
    Words(Cow<'static, str>),
    /// A stream that failed with the code for a conversation that is too long. These words are in it.
    Overflow(Cow<'static, str>),
    /// A stream whose last event says that it failed, with this code and these words.
    Failed(&'static str, Cow<'static, str>),
    /// The same, with the code and the words for which Codex waits before it asks again.
    Waits(Cow<'static, str>),
    /// A whole answer.
    Completes,
}

/// A fault of this name, met by every request once it was read.
pub fn fault(name: impl Into<String>, steps: Vec<Step>, end: End) -> Fault {
    let heard = [Step::HearsHead, Step::HearsBody];
    let requests = match end {
        End::Failed(..) | End::Waits(_) => ATTEMPTS as usize,
        _ => 1,
    };
    Fault {
        name: name.into(),
        meets: vec![heard.into_iter().chain(steps).collect()],
        end,
        shown: "".into(),
        calls: 0,
        requests,
        silence: None,
        line: Line::Clear,
        input: "hi".to_owned(),
        who: "",
        bound: Bound {
            time: Duration::from_secs(10),
            memory: 2 * MIB,
        },
    }
}

/// How often the relay tries in all rows. What will not pass takes one attempt nevertheless.
pub const ATTEMPTS: u32 = 3;

pub const MIB: u64 = 1024 * 1024;

impl Fault {
    /// Met before anything of the request is read.
    pub fn unheard(mut self) -> Self {
        for steps in &mut self.meets {
            steps.drain(..2);
        }
        self
    }

    /// Another thing meets the request when it is sent again.
    pub fn then(mut self, steps: Vec<Step>) -> Self {
        let heard = [Step::HearsHead, Step::HearsBody];
        self.meets.push(heard.into_iter().chain(steps).collect());
        self
    }

    pub fn requests(self, requests: usize) -> Self {
        Self { requests, ..self }
    }

    /// Codex was shown this text before the end, so nothing is asked for again.
    pub fn shows(self, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            shown: text.into(),
            requests: 1,
            ..self
        }
    }

    pub fn over(self, line: Line) -> Self {
        Self { line, ..self }
    }

    pub fn calls(self, calls: usize) -> Self {
        Self { calls, ..self }
    }

    /// The provider may be silent for so long, whichever way; then nothing is asked for again.
    pub fn silence(self, milliseconds: u64) -> Self {
        Self {
            silence: Some(Duration::from_millis(milliseconds)),
            requests: 1,
            ..self
        }
    }

    pub fn input(self, input: String) -> Self {
        Self { input, ..self }
    }

    /// The provider writes codes as this one does.
    pub fn of(self, who: &'static str) -> Self {
        Self { who, ..self }
    }

    /// So much is said that it takes a while, and memory up to this.
    pub fn slow(mut self, memory: u64) -> Self {
        self.bound = Bound {
            time: Duration::from_secs(40),
            memory,
        };
        self
    }
}

pub fn words(words: impl Into<Cow<'static, str>>) -> End {
    End::Words(words.into())
}

pub fn overflow(words: impl Into<Cow<'static, str>>) -> End {
    End::Overflow(words.into())
}

/// What may pass with time, so that Codex asks again after the seconds that it is told.
pub fn again(words: impl Into<Cow<'static, str>>) -> End {
    End::Waits(words.into())
}

/// What broke while the answer was on its way, so that Codex asks again at once.
pub fn broken(words: impl Into<Cow<'static, str>>) -> End {
    End::Failed("server_error", words.into())
}
