//! What is asked of the provider: of itself first, and then for turns.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::demo::Demo;
use crate::doctor::{Check, End, Heard, Line, Probe, Verdict, account};
use crate::models::Listing;
use crate::relay::{Access, Limits};
use crate::report::Report;
use crate::session::{Config, Host, Resolved, Session};
use crate::stock::{self, Stock};
use crate::upstream::{self, Class, Client, Failure, Proxy, Question};

use super::{Visit, failed};
use crate::cli::run;

/// Somebody waits for it at a terminal.
const PATIENCE: Duration = Duration::from_secs(15);

/// What is left on an account is told in a few lines.
const LONGEST: usize = 64 * 1024;

/// The status of a key that is refused.
const UNAUTHORIZED: u16 = 401;

impl Visit<'_> {
    /// Asks the provider: of itself first, and then for turns.
    pub(super) async fn ask(
        &mut self,
        config: &Config,
        resolved: &Resolved,
        mut session: Session,
    ) -> Result<(), Report> {
        let _demo: Option<Demo> = run::with_demo(&mut session).await?;
        let endpoint = Arc::new(session.main.endpoint.clone());
        let limits = upstream::Limits::suiting(session.main.patience, endpoint.is_loopback());
        let client = Client::build_in_background(endpoint, Proxy::System, limits);
        let stock = self.wanted.surroundings.stock(config)?;
        let Some(listed) = self.account(resolved, &client, &stock, &session).await? else {
            return self.stop("the provider cannot be asked");
        };
        self.balance(resolved, &client, &session).await?;
        let Some(session) = self.model(&stock, session, listed)? else {
            return self.stop(match self.no_model {
                Some(_) => "there is no model to ask",
                None => "the provider cannot be asked",
            });
        };
        let limits = Limits {
            joins: false,
            ..Limits::default()
        };
        let state = run::state(session, limits, Access::Session);
        let line = Line::open(state).await.map_err(run::no_loopback)?;
        self.turns(&line).await?;
        self.examination.used = Some(line.state().sum());
        Ok(())
    }

    /// Whether the provider knows the key, and what it lists; `None` if there is no point in asking on.
    async fn account(
        &mut self,
        resolved: &Resolved,
        client: &Client,
        stock: &Stock,
        session: &Session,
    ) -> Result<Option<Listed>, Report> {
        let endpoint = &session.main.endpoint;
        let codes = session.model.dialect.codes;
        let check = Check::KeyAccepted;
        self.screen.begin(check)?;
        let began = Instant::now();
        let proof = match (&resolved.key_check, &endpoint.key) {
            (Some(proof), Some(_)) => Some(self.within(client.prove(proof, codes)).await),
            _ => None,
        };
        let took = began.elapsed();
        if let Some(Err(failure)) = &proof
            && is_final(failure.class)
        {
            self.found(check.failed(failure.sentence(endpoint)).after(took))?;
            return Ok(None);
        }
        let listed = Listed::ask(stock, &session.main, self.limit.min(PATIENCE)).await;
        let refusal = listed.failure().filter(|failure| failure.status == Some(UNAUTHORIZED));
        self.found(match (proof, &endpoint.key, refusal) {
            (Some(Ok(())), ..) => check.passed("the provider knows it").after(took),
            // Whoever lists only to those it knows has said so.
            (_, _, Some(refusal)) => {
                self.found(check.failed(refusal.sentence(endpoint)).after(listed.took))?;
                return Ok(None);
            }
            (Some(Err(failure)), ..) => check.unchecked(failure.reason(endpoint)),
            (None, None, _) => check.unchecked("there is none"),
            (None, Some(_), _) => check.unchecked("no way to ask is known; the first turn tells"),
        })?;
        Ok(Some(listed))
    }

    /// The session with what the provider lists, as a session would have it; `None` if it could not begin.
    fn model(&mut self, stock: &Stock, session: Session, listed: Listed) -> Result<Option<Session>, Report> {
        let check = Check::Model;
        let took = listed.took;
        let unlisted = match listed.failure() {
            None if listed.answer.is_none() => Some(check.unchecked("nobody is asked for a list")),
            None => None,
            Some(failure) if is_final(failure.class) && failure.status.is_none() => {
                self.found(check.failed(failure.sentence(&session.main.endpoint)))?;
                return Ok(None);
            }
            Some(failure) if failure.class == Class::Address => Some(check.unchecked("the provider lists none")),
            Some(failure) => Some(check.unchecked(failure.sentence(&session.main.endpoint))),
        };
        let mut found = stock.kept(&session.main).found;
        let mut ids = Vec::new();
        if let Some(Ok(listing)) = listed.answer {
            ids.extend(listing.models.iter().map(|listed| listed.id.clone()));
            found.listing = Some(listing);
        }
        let session = match session.furnished(found) {
            Ok(session) => session,
            Err(error) => {
                self.found(failed(check, &error.into()).after(took))?;
                return Ok(None);
            }
        };
        if let Some(missing) = self.no_model.clone() {
            let others: Vec<&str> = session.main.others.iter().map(|model| model.id.as_str()).collect();
            self.found(account::no_model(missing, &others).after(took))?;
            return Ok(None);
        }
        if let Some(subject) = &mut self.examination.provider {
            subject.model = Some(session.model.id.clone());
        }
        let finding = unlisted.unwrap_or_else(|| account::model(&session.model.id, &ids));
        self.found(finding.after(took))?;
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
                let console = session.main.endpoint.console.as_deref();
                account::balance(self.examination.balance.as_ref(), console).after(began.elapsed())
            }
            // Whoever serves another's models at their own address keeps their own accounts.
            Err(failure) if failure.class == Class::Address => Check::Balance.unchecked("nobody tells it there"),
            Err(failure) => Check::Balance.unchecked(failure.reason(&session.main.endpoint)),
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

/// What a provider answers that is asked for its models, unless it is not asked.
struct Listed {
    answer: Option<Result<Listing, Failure>>,
    took: Duration,
}

impl Listed {
    async fn ask(stock: &Stock, host: &Host, patience: Duration) -> Self {
        let began = Instant::now();
        let answer = match stock.may_ask(host) {
            true => Some(stock::ask(host, patience).await),
            false => None,
        };
        Self {
            answer,
            took: began.elapsed(),
        }
    }

    fn failure(&self) -> Option<&Failure> {
        self.answer.as_ref()?.as_ref().err()
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
