//! Asks all providers whose keys there are whether they know them.

use std::time::Instant;

use serde_json::{Value, json};

use crate::report::{FAILURE, Report};
use crate::session::{self, Arguments, Ground, Keys, Wish};

use super::super::auth::{Proof, prove};
use super::super::environment::Surroundings;
use super::super::run;

/// What became of one key.
struct Tested {
    keys: Keys,
    proof: Proof,
    seconds: f64,
}

/// Asks one after the other, and tells each at once.
pub(super) fn test(ground: &Ground<'_>, surroundings: &Surroundings, is_json: bool) -> Result<u8, Report> {
    let runtime = run::runtime()?;
    let mut all = Vec::new();
    for id in ground.ids() {
        let keys = ground.keys(id, "")?;
        if keys.sources.is_empty() {
            continue;
        }
        let began = Instant::now();
        let proof = runtime.block_on(ask(ground, surroundings, &keys));
        let proof = proof.unwrap_or_else(|report| Proof::Open(report.to_string().replacen("error: ", "", 1)));
        let seconds = began.elapsed().as_secs_f64();
        let tested = Tested { keys, proof, seconds };
        if !is_json {
            super::super::print(&line(&tested))?;
        }
        all.push(tested);
    }
    if is_json {
        let list: Vec<Value> = all.iter().map(object).collect();
        super::super::print(&format!("{:#}\n", Value::from(list)))?;
    } else if all.is_empty() {
        super::super::print("no keys: `crelay auth set deepseek` asks for one and keeps it\n")?;
    }
    let is_refused = |tested: &Tested| matches!(tested.proof, Proof::Refused(_));
    Ok(if all.iter().any(is_refused) { FAILURE } else { 0 })
}

async fn ask(ground: &Ground<'_>, surroundings: &Surroundings, keys: &Keys) -> Result<Proof, Report> {
    let wish = Wish {
        provider: Some(keys.provider.clone()),
        is_open: true,
        ..Wish::default()
    };
    let resolved = session::resolve(ground, &wish, &Arguments::default(), &|_| None)?;
    let key = surroundings.unlock(resolved.clone())?.endpoint.key;
    match key {
        Some(key) => prove(&resolved, &key).await,
        None => Ok(Proof::Open("there is no key".to_owned())),
    }
}

fn line(tested: &Tested) -> String {
    let Tested { keys, proof, seconds } = tested;
    match proof {
        Proof::Accepted => format!("✓ {}  {seconds:.2} s\n", keys.provider),
        Proof::Refused(words) => format!("✗ {}  {words}\n", keys.provider),
        Proof::Open(words) => format!("? {}  not checked: {words}\n", keys.provider),
    }
}

fn object(tested: &Tested) -> Value {
    let (accepted, words) = match &tested.proof {
        Proof::Accepted => (Some(true), None),
        Proof::Refused(words) => (Some(false), Some(words)),
        Proof::Open(words) => (None, Some(words)),
    };
    json!({
        "provider": tested.keys.provider,
        "accepted": accepted,
        "seconds": accepted.map(|_| tested.seconds),
        "words": words,
    })
}
