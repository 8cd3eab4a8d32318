//! What is asked of the provider: of itself first, and then for turns.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::demo::Demo;
use crate::doctor::{Check, End, Heard, Line, Probe, Verdict, account};
use crate::relay::{Access, Limits};
use crate::report::Report;
use crate::session::{Config, Resolved, Session};
use crate::stock::{self, Stock};
use crate::upstream::{self, Class, Client, Failure, Proxy, Question};

use super::{Visit, failed};
use crate::cli::run;

/// Somebody waits for it at a terminal.
const PATIENCE: Duration = Duration::from_secs(15);

/// What is left on an account is told in a few lines.
const LONGEST: usize = 64 * 1024;

impl Visit<'_> {
    /// Asks the provider: of itself first, and then for turns.
    pub(super) async fn ask(
        &mut self,
        config: &Config,
        resolved: &Resolved,
        mut session: Session,
    ) -> Result<(), Report> {
        let demo: Option<Demo> = match self.wanted.options.wished.base_url {
            None if run::is_demo(&session) => Some(run::demo().await?),
            _ => None,
        };
        if let Some(demo) = &demo {
            session.endpoint.base_url = demo.base_url().clone();
        }
        if !self.account(resolved, &session).await? {
            return self.stop("the provider cannot be asked");
        }
        let stock = self.wanted.surroundings.stock(config)?;
        let Some(session) = self.model(&stock, session).await? else {
            return self.stop("the provider cannot be asked");
        };
        let state = run::state(session, Limits::default(), Access::Session);
        let line = Line::open(state).await.map_err(run::no_loopback)?;
        self.turns(&line).await?;
        self.examination.used = Some(line.state().sum());
        Ok(())
    }

    /// What the provider tells of key, account and models. Whether there is a point in asking on.
    async fn account(&mut self, resolved: &Resolved, session: &Session) -> Result<bool, Report> {
        let endpoint = Arc::new(session.endpoint.clone());
        let limits = upstream::Limits::suiting(session.patience, endpoint.is_loopback());
        let client = Client::build_in_background(Arc::clone(&endpoint), Proxy::System, limits);
        let codes = session.model.dialect.codes;
        self.screen.begin(Check::KeyAccepted)?;
        let began = Instant::now();
        let finding = match (&resolved.key_check, &endpoint.key) {
            (_, None) => Check::KeyAccepted.unchecked("there is none"),
            (None, Some(_)) => Check::KeyAccepted.unchecked("no way to ask is known; the first turn tells"),
            (Some(check), Some(_)) => match self.within(client.prove(check, codes)).await {
                Ok(()) => Check::KeyAccepted
                    .passed("the provider knows it")
                    .after(began.elapsed()),
                Err(failure) => {
                    let words = failure.sentence(&endpoint);
                    if is_final(failure.class) {
                        self.found(Check::KeyAccepted.failed(words).after(began.elapsed()))?;
                        return Ok(false);
                    }
                    Check::KeyAccepted.unchecked(words)
                }
            },
        };
        self.found(finding)?;
        self.balance(resolved, &client, session).await?;
        Ok(true)
    }

    /// The session with what the provider lists, as a session would have it; `None` if it could not begin.
    async fn model(&mut self, stock: &Stock, session: Session) -> Result<Option<Session>, Report> {
        self.screen.begin(Check::Model)?;
        let began = Instant::now();
        let mut found = stock.kept(&session).found;
        let unlisted = match stock.may_ask(&session) {
            false => Some(Check::Model.unchecked("nobody is asked for a list")),
            true => match stock::ask(&session, self.limit.min(PATIENCE)).await {
                Ok(listing) => {
                    found.listing = Some(listing);
                    None
                }
                Err(failure) => {
                    let words = failure.sentence(&session.endpoint);
                    if is_final(failure.class) && failure.status.is_none() {
                        self.found(Check::Model.failed(words))?;
                        return Ok(None);
                    }
                    let is_none = failure.class == Class::Address;
                    Some(Check::Model.unchecked(if is_none {
                        "the provider lists none".to_owned()
                    } else {
                        words
                    }))
                }
            },
        };
        let listed = found.listing.iter().flat_map(|listing| &listing.models);
        let listed: Vec<String> = listed.map(|listed| listed.id.clone()).collect();
        let session = match session.furnished(found) {
            Ok(session) => session,
            Err(error) => {
                self.found(failed(Check::Model, &error.into()).after(began.elapsed()))?;
                return Ok(None);
            }
        };
        if let Some(subject) = &mut self.examination.provider {
            subject.model.clone_from(&session.model.id);
        }
        let finding = unlisted.unwrap_or_else(|| account::model(&session.model.id, &listed));
        self.found(finding.after(began.elapsed()))?;
        Ok(Some(session))
    }

    async fn balance(&mut self, resolved: &Resolved, client: &Client, session: &Session) -> Result<(), Report> {
        let Some(balance) = &resolved.balance else {
            return self.found(Check::Balance.unchecked("no way to ask is known"));
        };
        self.screen.begin(Check::Balance)?;
        let began = Instant::now();
        let question = Question {
            reference: &balance.get,
            body: None,
            most: LONGEST,
            patience: self.limit.min(PATIENCE),
            codes: session.model.dialect.codes,
        };
        let finding = match client.told(question).await {
            Ok(answer) => {
                // What is no JSON tells nothing.
                let answer = serde_json::from_slice(&answer).unwrap_or_default();
                self.examination.balance = account::left(&answer, balance);
                let console = session.endpoint.console.as_deref();
                account::balance(self.examination.balance.as_ref(), console).after(began.elapsed())
            }
            Err(failure) => Check::Balance.unchecked(failure.sentence(&session.endpoint)),
        };
        self.found(finding)
    }

    /// What comes of a question, if that comes in time.
    async fn within<T>(&self, question: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let answered = tokio::time::timeout(self.limit, question).await;
        answered.unwrap_or_else(|_| Err(Failure::new(Class::Silent, "no answer in time")))
    }

    /// One small turn after the other. Where the simplest fails, so would all.
    async fn turns(&mut self, line: &Line) -> Result<(), Report> {
        let (first, _) = self.turn(line, Probe::Streaming).await?;
        self.examination.first_token_seconds = first.first.map(|first| first.as_secs_f64());
        if first.end != End::Completed {
            return self.stop("the simplest turn failed");
        }
        let (call, verdict) = self.turn(line, Probe::ToolCall).await?;
        match verdict {
            Verdict::Failed => self.found(Check::ToolResult.unchecked("not checked: there was no call to answer"))?,
            _ => drop(self.turn(line, Probe::ToolResult(&call)).await?),
        }
        self.turn(line, Probe::ParallelCalls).await?;
        match line.state().session().model.vision {
            true => drop(self.turn(line, Probe::Image).await?),
            false => self.found(Check::Image.unchecked("the model sees none"))?,
        }
        self.turn(line, Probe::JsonSchema).await?;
        Ok(())
    }

    async fn turn(&mut self, line: &Line, probe: Probe<'_>) -> Result<(Heard, Verdict), Report> {
        self.screen.begin(probe.check())?;
        let heard = line.ask(probe, self.limit).await;
        let finding = probe.judge(&heard, self.limit);
        let verdict = finding.verdict;
        self.found(finding)?;
        Ok((heard, verdict))
    }
}

/// Whether every request fails in the same way, until the user does something.
fn is_final(class: Class) -> bool {
    matches!(
        class,
        Class::Auth
            | Class::Balance
            | Class::Elsewhere
            | Class::NotRunning
            | Class::Quota
            | Class::Setup
            | Class::Unreachable
            | Class::Untrusted
    )
}
