//! Reads a recording.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use super::line::{Fact, Head, Headers, Line};

/// All that was recorded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recording {
    /// Whose exchanges these are.
    pub head: Head,
    /// Turn by turn, in the order in which they were asked.
    pub exchanges: Vec<Exchange>,
    /// How many lines cannot be read. The last may have been cut off with its writer.
    pub skipped: u64,
}

/// One turn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exchange {
    /// Its number, from 1.
    pub number: u64,
    /// Where the client asked.
    pub path: String,
    /// The client's headers.
    pub headers: Headers,
    /// What the client asked.
    pub asked: Vec<u8>,
    /// What was sent for it, one request after the other.
    pub attempts: Vec<Attempt>,
    /// What the client was told, if anything.
    pub told: Option<Told>,
}

/// One request to the provider.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attempt {
    /// The request.
    pub sent: Vec<u8>,
    /// What answered it, if anything: status and headers.
    pub answered: Option<(u16, Headers)>,
    /// The body of the answer, as far as it came.
    pub heard: Vec<u8>,
    /// What broke it off.
    pub fault: Option<String>,
}

/// What the client was told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// The status.
    pub status: u16,
    /// The body, as far as it was told.
    pub body: Vec<u8>,
    /// Whether it was told to its end.
    pub is_whole: bool,
}

/// Why there is no recording.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("cannot read it")]
    File(#[from] io::Error),
    /// It begins otherwise.
    #[error("it is no recording of crelay's")]
    Other,
}

/// Reads the recording at `path`.
///
/// # Errors
///
/// When it cannot be read, or is none.
pub fn read(path: &Path) -> Result<Recording, Error> {
    let bytes = fs::read(path)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines();
    let head = lines.next().and_then(|line| serde_json::from_str(line).ok());
    let mut recording = Recording {
        head: head.ok_or(Error::Other)?,
        ..Recording::default()
    };
    let mut exchanges: BTreeMap<u64, Exchange> = BTreeMap::new();
    for line in lines {
        match serde_json::from_str::<Line>(line) {
            Ok(line) => {
                let exchange = exchanges.entry(line.turn).or_default();
                exchange.number = line.turn;
                exchange.take(line.fact);
            }
            Err(_) => recording.skipped += 1,
        }
    }
    recording.exchanges = exchanges.into_values().collect();
    Ok(recording)
}

impl Exchange {
    fn take(&mut self, fact: Fact) {
        match fact {
            Fact::Asked { path, headers, body } => {
                self.path = path;
                self.headers = headers;
                self.asked = body.bytes();
            }
            Fact::Sent { body, .. } => self.attempts.push(Attempt {
                sent: body.bytes(),
                ..Attempt::default()
            }),
            Fact::Told { status, .. } => {
                self.told = Some(Told {
                    status,
                    ..Told::default()
                })
            }
            Fact::Tells { body } => {
                if let Some(told) = &mut self.told {
                    told.body.extend(body.bytes());
                }
            }
            Fact::End => {
                if let Some(told) = &mut self.told {
                    told.is_whole = true;
                }
            }
            Fact::Answered { .. } | Fact::Heard { .. } | Fact::Over { .. } => {
                if let Some(attempt) = self.attempts.last_mut() {
                    attempt.take(fact);
                }
            }
        }
    }
}

impl Attempt {
    fn take(&mut self, fact: Fact) {
        match fact {
            Fact::Answered { status, headers } => self.answered = Some((status, headers)),
            Fact::Heard { body } => self.heard.extend(body.bytes()),
            Fact::Over { fault } => self.fault = fault,
            _ => {}
        }
    }
}
