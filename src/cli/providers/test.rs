//! Asks providers whether they know the keys that there are.

use std::time::Instant;

use serde_json::{Value, json};

use crate::report::{FAILURE, Report};
use crate::session::{self, Arguments, Ground, Keys, Wish};

use super::super::auth::{Proof, prove};
use super::super::environment::Surroundings;
use super::super::run;

/// What became of one provider.
struct Tested {
    keys: Keys,
    outcome: Outcome,
    seconds: f64,
}

enum Outcome {
    /// It was asked.
    Asked(Proof),
    /// There is no key, and none is needed.
    Needless,
}

impl Tested {
    fn is_refused(&self) -> bool {
        matches!(self.outcome, Outcome::Asked(Proof::Refused(_)))
    }

    fn is_accepted(&self) -> bool {
        matches!(self.outcome, Outcome::Asked(Proof::Accepted))
    }
}

/// Asks those who are `named`, or else all whose keys there are, one after the other, and tells each at once.
pub(super) fn test(
    ground: &Ground<'_>,
    surroundings: &Surroundings,
    named: &[String],
    is_json: bool,
) -> Result<u8, Report> {
    let all = whom(ground, named)?;
    if all.is_empty() && !is_json {
        let report = Report::new("there is no key that a provider could be asked about");
        return Err(report.hint("`crelay auth set deepseek` asks for one and keeps it"));
    }
    let runtime = run::runtime()?;
    let width = all.iter().map(|keys| keys.provider.chars().count()).max().unwrap_or(0);
    let mut tested = Vec::new();
    for keys in all {
        let began = Instant::now();
        let outcome = runtime.block_on(ask(ground, surroundings, &keys));
        let outcome = outcome.unwrap_or_else(|report| Outcome::Asked(Proof::Open(report.sentence())));
        let seconds = began.elapsed().as_secs_f64();
        let one = Tested { keys, outcome, seconds };
        if !is_json {
            super::super::print(&line(&one, width))?;
        }
        tested.push(one);
    }
    if is_json {
        let list: Vec<Value> = tested.iter().map(object).collect();
        super::super::print(&format!("{:#}\n", Value::from(list)))?;
    }
    Ok(code(&tested, named))
}

fn whom(ground: &Ground<'_>, named: &[String]) -> Result<Vec<Keys>, session::Error> {
    if !named.is_empty() {
        return named.iter().map(|name| ground.keys(name)).collect();
    }
    let mut all: Vec<Keys> = ground.ids().map(|id| ground.keys(id)).collect::<Result<_, _>>()?;
    all.retain(|keys| !keys.sources.is_empty());
    Ok(all)
}

/// Success needs somebody who said yes; of those who are named, everybody who can.
fn code(tested: &[Tested], named: &[String]) -> u8 {
    let is_well = match named.is_empty() {
        true => tested.iter().any(Tested::is_accepted) && !tested.iter().any(Tested::is_refused),
        false => tested
            .iter()
            .all(|one| one.is_accepted() || matches!(one.outcome, Outcome::Needless)),
    };
    if is_well { 0 } else { FAILURE }
}

async fn ask(ground: &Ground<'_>, surroundings: &Surroundings, keys: &Keys) -> Result<Outcome, Report> {
    let wish = Wish {
        provider: Some(keys.provider.clone()),
        is_open: true,
        ..Wish::default()
    };
    let resolved = session::resolve(ground, &wish, &Arguments::default(), &|_| None)?;
    let key = surroundings.unlock(resolved.clone())?.main.endpoint.key;
    Ok(match key {
        Some(key) => Outcome::Asked(prove(&resolved, &key).await?),
        None => Outcome::Needless,
    })
}

fn line(tested: &Tested, width: usize) -> String {
    let (mark, words) = match &tested.outcome {
        Outcome::Asked(Proof::Accepted) => ("✓", format!("{:.2} s", tested.seconds)),
        Outcome::Asked(Proof::Refused(words)) => ("✗", words.clone()),
        Outcome::Asked(Proof::Open(words)) => ("?", format!("not checked: {words}")),
        Outcome::Needless => ("-", "needs no key".to_owned()),
    };
    format!("{mark} {:<width$}  {words}\n", tested.keys.provider)
}

fn object(tested: &Tested) -> Value {
    let (accepted, words) = match &tested.outcome {
        Outcome::Asked(Proof::Accepted) => (Some(true), None),
        Outcome::Asked(Proof::Refused(words)) => (Some(false), Some(words.as_str())),
        Outcome::Asked(Proof::Open(words)) => (None, Some(words.as_str())),
        Outcome::Needless => (None, Some("needs no key")),
    };
    json!({
        "provider": tested.keys.provider,
        "accepted": accepted,
        "seconds": accepted.map(|_| tested.seconds),
        "words": words,
    })
}
