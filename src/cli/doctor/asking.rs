//! What is asked of the provider: of itself first, and then for turns.

use std::sync::Arc;
use std::time::Instant;

use crate::demo::Demo;
use crate::doctor::{Check, End, Heard, Line, Probe, Verdict, account};
use crate::relay::{Access, Limits};
use crate::report::Report;
use crate::session::{Resolved, Session};
use crate::upstream::{self, Class, Client, Failure, Proxy};

use super::Visit;
use crate::cli::run;

impl Visit<'_> {
    /// Asks the provider: of itself first, and then for turns.
    pub(super) async fn ask(&mut self, resolved: &Resolved, mut session: Session) -> Result<(), Report> {
        let demo: Option<Demo> = match self.wanted.options.base_url {
            None if run::is_demo(&session) => Some(run::demo().await?),
            _ => None,
        };
        if let Some(demo) = &demo {
            session.endpoint.base_url = demo.base_url().clone();
        }
        if !self.account(resolved, &session).await? {
            return self.stop("the provider cannot be asked");
        }
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
        self.screen.begin(Check::Model)?;
        let began = Instant::now();
        let finding = match self.within(client.read("models", codes)).await {
            Ok(answer) => account::model(&session.model.id, &account::listed(&answer)).after(began.elapsed()),
            Err(failure) if is_final(failure.class) && failure.status.is_none() => {
                self.found(Check::Model.failed(failure.sentence(&endpoint)))?;
                return Ok(false);
            }
            Err(failure) if failure.class == Class::Address => Check::Model.unchecked("the provider lists none"),
            Err(failure) => Check::Model.unchecked(failure.sentence(&endpoint)),
        };
        self.found(finding)?;
        Ok(true)
    }

    async fn balance(&mut self, resolved: &Resolved, client: &Client, session: &Session) -> Result<(), Report> {
        let Some(balance) = &resolved.balance else {
            return self.found(Check::Balance.unchecked("no way to ask is known"));
        };
        self.screen.begin(Check::Balance)?;
        let began = Instant::now();
        let finding = match self
            .within(client.read(&balance.get, session.model.dialect.codes))
            .await
        {
            Ok(answer) => {
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
