//! The first use: nobody has given a key yet, and somebody sits at a terminal who can.

use std::io::{self, IsTerminal, Write};

use crate::plain;
use crate::report::Report;
use crate::session::{self, Place, Resolved, Secret, Wish};

use super::super::environment::Surroundings;
use super::super::{note, run};
use super::ask;
use super::proof::{self, Proof};

/// How often somebody may mistype.
const TRIES: u32 = 3;

/// Whether somebody reads what is asked and can answer it.
pub(in crate::cli) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// What `understand` makes of `wish`. What it misses is asked for, as long as that is a provider or its key.
pub(in crate::cli) fn resolve(
    surroundings: &Surroundings,
    mut wish: Wish,
    understand: impl Fn(&Wish) -> Result<Resolved, session::Error>,
) -> Result<Resolved, Report> {
    let understood = match understand(&wish) {
        Err(session::Error::NoProvider { undecided: None, known }) => choose(&known, &mut wish, &understand),
        understood => understood,
    };
    let (provider, console) = match understood {
        Err(session::Error::NoKey { provider, console, .. }) => (provider, console),
        understood => return Ok(understood?),
    };
    let place = console.map_or(String::new(), |url| format!("; keys are made at {url}"));
    say(&format!("there is no key for `{provider}` yet{place}"));
    for _ in 0..TRIES {
        let key = ask(&provider)?;
        wish.key = Some(key.clone());
        let resolved = understand(&wish)?;
        match run::runtime()?.block_on(proof::ask(&resolved, &key))? {
            Proof::Accepted => say("the key is accepted"),
            Proof::Open(words) => note(&format!("the key is not checked: {words}")),
            Proof::Refused(words) => {
                say(&words);
                continue;
            }
        }
        offer(surroundings, &provider, &key);
        return Ok(resolved);
    }
    Err(Report::new(format!("{TRIES} keys for `{provider}` were refused")))
}

/// Asks for a provider until there is one of that name.
fn choose(
    known: &[String],
    wish: &mut Wish,
    understand: &impl Fn(&Wish) -> Result<Resolved, session::Error>,
) -> Result<Resolved, session::Error> {
    say(&format!(
        "no provider was named, and there is no key yet. There are {}",
        known.join(", ")
    ));
    let mut understood = understand(wish);
    for _ in 0..TRIES {
        let Some(name) = answer("provider: ").filter(|name| !name.is_empty()) else {
            break;
        };
        wish.provider = Some(name.clone());
        understood = understand(wish);
        match &understood {
            Err(session::Error::UnknownProvider { meant: Some(meant), .. }) => {
                say(&format!("there is no `{name}`, did you mean `{meant}`?"));
            }
            Err(session::Error::UnknownProvider { .. }) => say(&format!("there is no `{name}`")),
            _ => break,
        }
    }
    understood
}

/// A key that cannot be kept is used all the same.
fn offer(surroundings: &Surroundings, provider: &str, key: &Secret) {
    let answer = answer("keep it in the system's keyring? [Y/n] ");
    let is_wanted = answer.is_some_and(|answer| matches!(answer.to_lowercase().as_str(), "" | "y" | "yes"));
    if !is_wanted {
        return;
    }
    match surroundings.keep.set(provider, Place::Keyring, key) {
        Ok(()) => say(&format!("it is kept; `crelay auth remove {provider}` removes it")),
        Err(error) => note(&format!(
            "it is not kept: {error}; `crelay auth set {provider} --file` keeps it in a file"
        )),
    }
}

/// The line that is typed; nothing if nobody is there any more. A terminal gives no more than one line at once, so
/// nothing of Codex's is taken.
fn answer(question: &str) -> Option<String> {
    // Who cannot read the question can still answer it.
    let _ = write!(io::stderr(), "{question}");
    let line = io::stdin().lines().next()?.ok()?;
    Some(line.trim().to_owned())
}

fn say(words: &str) {
    let _ = writeln!(io::stderr(), "{}", plain::text(words));
}
