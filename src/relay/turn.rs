//! One turn, from the request to the last event.
//!
//! A turn is pulled: nothing is read from the provider unless Codex takes what is there. Dropping it at any point drops
//! the request to the provider, so a client that hangs up needs no further care.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use hyper::{Response, StatusCode};
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::record::Turn;
use crate::session::{Codes, Model};
use crate::translate::{Exchange, Fault, Opening as Beginning, Question, Reader, Reading, Target};
use crate::upstream::{self, Answer, Class, Failure, Meter, Opening, Piece, Speech};
use crate::wire::responses::{self, Event};

use super::again::Again;
use super::asked::Asked;
use super::following::Following;
use super::full::Thread;
use super::hosts::Host;
use super::measure::Measure;
use super::refusal::{self, Body};
use super::store::Memo;
use super::told::{Phase, Told};
use super::{Limits, State, told, written};

/// Seconds since 1970.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

/// For which model a request is put in words.
pub fn target(model: &Model) -> Target<'_> {
    Target {
        dialect: &model.dialect,
        model: &model.id,
        vision: model.vision,
        max_output: model.max_output,
        window: model.context_window,
    }
}

/// What goes out of an exchange.
pub fn sent(exchange: &mut Exchange, meter: &Meter) -> upstream::Request {
    upstream::Request {
        speech: Speech {
            wire: exchange.wire,
            codes: exchange.codes,
            joins: exchange.joins(),
        },
        headers: std::mem::take(&mut exchange.headers),
        body: std::mem::take(&mut exchange.body).into(),
        meter: meter.clone(),
        is_relieved: false,
    }
}

/// A request, and who asks.
pub struct Asking {
    /// The request.
    pub asked: Asked,
    /// Who reads the answer.
    pub reader: Reader,
    /// What the answer repeats of the request.
    pub echo: Map<String, Value>,
}

impl Asking {
    /// What was read of the request, in the words of a model of `host`.
    pub fn exchange(&self, request: &responses::Request<'_>, host: &Host, model: &Model) -> Exchange {
        let question = Question {
            request,
            whole: &|| self.asked.whole(),
            asked: host.endpoint.memory(),
        };
        Exchange::of(target(model), &question)
    }
}

/// A turn on its way. It is large, and moves with every step.
pub struct Running {
    /// Who reads the answer.
    pub reader: Reader,
    /// The answer before anything has come of it.
    pub begun: responses::Response,
    /// Who is asked.
    host: Arc<Host>,
    limits: Limits,
    measure: Arc<Measure>,
    /// Whose codes an error would carry.
    codes: Codes,
    turn: Reading,
    /// Where the turn may take more than one exchange.
    following: Option<Following>,
    /// How the request can be put otherwise or elsewhere, until the answer begins.
    again: Option<Again>,
    /// What the user is told before the answer.
    notice: Option<String>,
    /// The thread that the turn belongs to.
    pub thread: Thread,
    stage: Stage,
    /// When a silent stream gives its next sign of life.
    keepalive: Instant,
    /// When an answer that has its finish reason counts as ended.
    deadline: Option<Instant>,
}

enum Stage {
    /// The provider has not begun to answer.
    Opening(Opening),
    /// The provider answers.
    Reading(Box<Answer>),
    /// The provider will not answer.
    Failed(Told),
}

/// How a turn ended; its last event has been appended.
pub enum End {
    /// As the translator saw it.
    Finished,
    /// By this failure.
    Failed(Told),
}

/// What came while a turn waited.
enum Came {
    Silence,
    Answer(Box<Answer>),
    Failure(Told),
    Pieces(Vec<Piece>),
}

impl Running {
    /// Sends `request`, which was read of what is asked, to the provider. The first events are there before it answers.
    pub fn begin(
        mut asking: Asking,
        request: &responses::Request<'_>,
        record: &Turn,
        state: &State,
    ) -> (Box<Self>, Vec<Event>) {
        let (stop, succession) = state.succession(request.model.as_deref());
        let now = now();
        let id = state.response_id(now);
        let thread = state
            .full
            .thread(request, asking.reader, succession.own().context_window);
        let mut again = Again {
            beginning: Beginning {
                response_id: id.clone(),
                created_at: now,
                model: request
                    .model
                    .clone()
                    .unwrap_or_else(|| succession.own().slug().into_owned()),
                reader: asking.reader,
                who: stop.host.endpoint.provider_name.clone(),
                echo: std::mem::take(&mut asking.echo),
            },
            measure: Measure::begin(
                &state.ledger,
                id.clone(),
                stop.host.endpoint.memory(),
                &stop.model,
                record,
            ),
            stop,
            succession,
            body: Bytes::new(),
            repairs: Vec::new(),
            asking,
        };
        let exchange = again.exchange(request);
        tracing::info!(
            id,
            model = again.stop.model.id,
            bytes = exchange.body.len(),
            wire = exchange.wire.word(),
            "a turn begins"
        );
        let mut events = Vec::new();
        let asked = again.send(exchange, &mut events);
        let running = Box::new(Self {
            reader: again.beginning.reader,
            begun: again.beginning.response(),
            limits: state.limits,
            measure: Arc::clone(&again.measure),
            host: asked.host,
            codes: asked.codes,
            turn: asked.turn,
            following: asked.following,
            stage: Stage::Opening(asked.opening),
            again: Some(again),
            notice: None,
            thread,
            keepalive: Instant::now() + state.limits.keepalive,
            deadline: None,
        });
        (running, events)
    }

    /// What counts it.
    pub fn measure(&self) -> Arc<Measure> {
        Arc::clone(&self.measure)
    }

    /// Waits a while for the provider, so that a refusal can be a status; then the stream begins in any case. The
    /// finished answer goes to `memo` before its last event is sent, since the next request may follow at once.
    pub async fn stream(mut self: Box<Self>, events: Vec<Event>, memo: Option<Memo>) -> Response<Body> {
        match self.wait(Instant::now() + self.limits.patience).await {
            Came::Silence | Came::Pieces(_) => {}
            Came::Answer(answer) => self.stage = Stage::Reading(answer),
            Came::Failure(told) => match told::as_status(&told, self.reader) {
                Some(response) => return response,
                None => self.stage = Stage::Failed(told),
            },
        }
        written::response(self, events, memo)
    }

    /// The same turn, put together to its last event.
    ///
    /// # Errors
    ///
    /// What is answered instead of a response object.
    pub async fn whole(self: Box<Self>, mut events: Vec<Event>) -> Result<responses::Response, Box<Response<Body>>> {
        let mut step = Ok(self);
        let end = loop {
            match step {
                Ok(running) => {
                    events.clear();
                    step = running.advance(&mut events).await;
                }
                Err(end) => break end,
            }
        };
        Err(Box::new(match (end, events.pop()) {
            (End::Failed(told), _) => told::as_whole(&told),
            (End::Finished, Some(Event::Completed(response) | Event::Incomplete(response))) => return Ok(response),
            (End::Finished, Some(Event::Failed(response))) => {
                let error = response.error.as_ref();
                let (code, message) = error.map_or(("server_error", ""), |error| (&error.code, &error.message));
                refusal::error(StatusCode::BAD_GATEWAY, code, message)
            }
            (End::Finished, _) => refusal::error(StatusCode::BAD_GATEWAY, "server_error", "the answer has no end"),
        }))
    }

    /// Waits until there are events, and appends them. All that one read of the socket completes comes at once, and
    /// the first token waits for nothing else.
    pub async fn advance(mut self: Box<Self>, out: &mut Vec<Event>) -> Result<Box<Self>, End> {
        // The first events of a stream do not wait for a provider that has not begun.
        while out.is_empty() || !matches!(self.stage, Stage::Opening(_)) {
            if let Some(words) = self.notice.take() {
                self.turn.notice(&words, out);
            }
            let until = self.deadline.unwrap_or(self.keepalive);
            match self.wait(until).await {
                Came::Answer(answer) => {
                    self.stage = Stage::Reading(answer);
                    continue;
                }
                Came::Failure(told) => return Err(self.fail(told, out)),
                Came::Pieces(pieces) => self = self.take(pieces, out)?,
                Came::Silence if self.deadline.is_some() => self = self.end(out)?,
                Came::Silence => out.push(Event::Keepalive),
            }
            if !out.is_empty() {
                break;
            }
        }
        self.keepalive = Instant::now() + self.limits.keepalive;
        Ok(self)
    }

    async fn wait(&mut self, until: Instant) -> Came {
        loop {
            return match &mut self.stage {
                Stage::Failed(told) => Came::Failure(told.clone()),
                Stage::Opening(opening) => match tokio::time::timeout_at(until, opening).await {
                    Err(_) => Came::Silence,
                    Ok(Ok(answer)) => {
                        self.notice = self.again.take().and_then(|again| again.answered());
                        self.measure.answer();
                        Came::Answer(Box::new(answer))
                    }
                    Ok(Err(failure)) if self.is_asked_again(&failure) => continue,
                    Ok(Err(failure)) => Came::Failure(match self.again.take() {
                        Some(again) => again.told(failure),
                        None => self.told(failure),
                    }),
                },
                Stage::Reading(answer) => {
                    let mut pieces = Vec::new();
                    match tokio::time::timeout_at(until, answer.read(&mut pieces)).await {
                        Err(_) => Came::Silence,
                        Ok(()) => Came::Pieces(pieces),
                    }
                }
            };
        }
    }

    fn told(&self, failure: Failure) -> Told {
        Told::of(failure, &self.host.endpoint)
    }

    /// Whether the request is on its way once more, put otherwise or to another.
    fn is_asked_again(&mut self, failure: &Failure) -> bool {
        let Some(asked) = self.again.as_mut().and_then(|again| again.ask(failure)) else {
            return false;
        };
        self.host = asked.host;
        self.codes = asked.codes;
        self.turn = asked.turn;
        self.following = asked.following;
        self.stage = Stage::Opening(asked.opening);
        true
    }

    fn take(mut self: Box<Self>, pieces: Vec<Piece>, out: &mut Vec<Event>) -> Result<Box<Self>, End> {
        for piece in pieces {
            match piece {
                Piece::Said(said) => {
                    if let Err(fault) = self.turn.push(said, out) {
                        let failure = match fault {
                            Fault::Told(error) => Failure::of_value(self.codes, &error, SystemTime::now()),
                            Fault::Excess(excess) => Failure::new(Class::Excess, excess.to_string()),
                        };
                        let told = self.told(failure);
                        return Err(self.fail(told, out));
                    }
                    self.measure.heal(&self.turn.take_healed());
                    if self.turn.is_ended() {
                        self.deadline.get_or_insert(Instant::now() + self.limits.after_finish);
                    }
                }
                Piece::Done => {
                    self.turn.done();
                    return self.end(out);
                }
                Piece::Ended => return self.end(out),
                // What goes wrong after the end takes nothing away from what was said.
                Piece::Failed(failure) if self.turn.is_told_whole() => {
                    tracing::warn!(class = ?failure.class, "an error came after the end of the answer");
                    return self.end(out);
                }
                Piece::Failed(failure) => {
                    let told = self.told(failure);
                    return Err(self.fail(told, out));
                }
            }
        }
        Ok(self)
    }

    fn finish(self: Box<Self>, out: &mut Vec<Event>) {
        self.measure.heal(&self.turn.finish(now(), out));
    }

    /// An exchange has ended, and the turn with it unless the provider wants to hear of it again.
    fn end(mut self: Box<Self>, out: &mut Vec<Event>) -> Result<Box<Self>, End> {
        let following = self.following.as_ref();
        let Some(opening) = following.and_then(|following| following.next(&mut self.turn, out)) else {
            self.finish(out);
            return Err(End::Finished);
        };
        self.stage = Stage::Opening(opening);
        self.deadline = None;
        Ok(self)
    }

    fn fail(self: Box<Self>, told: Told, out: &mut Vec<Event>) -> End {
        let phase = match self.stage {
            Stage::Reading(_) => Phase::Answering,
            Stage::Opening(_) | Stage::Failed(_) => Phase::Waiting,
        };
        let error = told::as_event(&told, phase);
        tracing::warn!(class = ?told.failure.class, "{}", error.message);
        self.turn.fail(error, out);
        End::Failed(told)
    }
}
