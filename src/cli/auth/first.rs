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
        Err(session::Error::NoProvider { undecided: None, some }) => choose(&some, &mut wish, &understand),
        understood => understood,
    };
    let missing = match understood {
        Err(session::Error::NoKey {
            provider,
            name,
            variables,
            console,
        }) => Missing {
            provider,
            name,
            variable: variables.into_iter().next(),
            console,
        },
        understood => return Ok(understood?),
    };
    let Missing { name, console, .. } = &missing;
    let place = console.as_ref();
    let place = place.map_or(String::new(), |url| format!("; keys are made at {url}"));
    say(&format!("there is no key for {name} yet{place}"));
    for _ in 0..TRIES {
        let key = ask(name)?;
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
        offer(surroundings, &missing, &key);
        return Ok(resolved);
    }
    Err(Report::new(format!("{TRIES} keys for {name} were refused")))
}

/// Whose key is missing.
struct Missing {
    provider: String,
    name: String,
    /// The variable in which it could stand.
    variable: Option<String>,
    console: Option<String>,
}

/// Asks for a provider until there is one of that name.
fn choose(
    some: &[String],
    wish: &mut Wish,
    understand: &impl Fn(&Wish) -> Result<Resolved, session::Error>,
) -> Result<Resolved, session::Error> {
    say(&format!(
        "no provider was named, and there is no key yet; type one of\n  {}\nor another of those that `crelay providers` \
         lists",
        some.join("  ")
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

/// A key that cannot be kept is used all the same. Into a file it goes only if the user says so.
fn offer(surroundings: &Surroundings, missing: &Missing, key: &Secret) {
    let Missing { provider, variable, .. } = missing;
    let keep = &surroundings.keep;
    let (place, question, usual) = match keep.has_keyring() {
        true => (Place::Keyring, "keep it in the system's keyring? [Y/n] ", "y"),
        false => (
            Place::File,
            "there is no keyring here; keep it in a file that only you can read? [y/N] ",
            "n",
        ),
    };
    let answer = answer(question).map(|answer| match answer.as_str() {
        "" => usual.to_owned(),
        answer => answer.to_lowercase(),
    });
    if !answer.is_some_and(|answer| matches!(answer.as_str(), "y" | "yes")) {
        let variable = variable.as_ref();
        let variable = variable.map_or(String::new(), |name| format!("; `{name}` can hold it for others"));
        say(&format!("it is used for this session alone{variable}"));
        return;
    }
    match keep.set(provider, place, key) {
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
