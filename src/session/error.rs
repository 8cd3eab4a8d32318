//! Why the typed words do not make a session.

use std::io;
use std::path::PathBuf;

use crate::provider;
use crate::provider::dialect::Wire;
use crate::report::{Report, USAGE};

use super::secret;

/// A failure before anything was started.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An argument of Codex that would take the decision away from crelay.
    #[error("`{argument}` contradicts crelay, which decides where prompts go")]
    Contradiction {
        /// As it can be typed.
        argument: &'static str,
        /// What to type instead.
        instead: &'static str,
    },
    /// An option of crelay's own stands where Codex's arguments do.
    #[error("`{name}` stands after an argument of Codex")]
    Misplaced {
        /// The option.
        name: &'static str,
        /// The beginning of the line as it was meant.
        instead: String,
    },
    /// A key behind an option, which is nobody's.
    #[error("a key on the command line is shown to everybody on this machine")]
    KeyTyped,
    /// An option that is nobody's, but nearly one of crelay's own.
    #[error("neither crelay nor Codex has an option `{typed}`")]
    Mistyped {
        /// As it was typed.
        typed: String,
        /// As it was meant.
        meant: &'static str,
    },
    /// Two models were named.
    #[error("two models were named: `{ours}` for crelay and `{theirs}` among Codex's arguments")]
    TwoModels {
        /// Crelay's.
        ours: String,
        /// Codex's.
        theirs: String,
    },
    /// Nobody was named, and the environment names nobody either.
    #[error("no provider was named, and no key tells which")]
    NoProvider {
        /// A variable that holds a key all the same and is not to decide, and whose key it may be.
        undecided: Option<(String, String)>,
        /// Some who could be named.
        some: Vec<String>,
    },
    /// The keys name more than one: each with the variable that holds its key, or without where crelay keeps it.
    #[error("there are keys of several providers: {}", claims(.0))]
    SeveralProviders(Vec<(Option<String>, String)>),
    /// The name is nobody's.
    #[error("there is no provider {}{}", named(name), behind(origin.as_deref()))]
    UnknownProvider {
        /// The name.
        name: String,
        /// Where it was written, unless that is plain.
        origin: Option<String>,
        /// Who may be meant.
        meant: Option<String>,
        /// Some who could be named.
        some: Vec<String>,
    },
    /// No model was named, and none is known.
    #[error("no model was named, and crelay knows none for {provider}")]
    NoModel {
        /// Whose.
        provider: String,
        /// What is typed to ask for its models.
        asking: String,
    },
    /// A model's name is empty or holds what no name holds.
    #[error("`{0}` is no name of a model")]
    BadModel(String),
    /// The provider has no model of this name.
    #[error("{provider} has no model `{typed}`")]
    UnknownModel {
        /// Whose.
        provider: String,
        /// The name.
        typed: String,
        /// Those that may be meant, the nearest first.
        nearest: Vec<String>,
    },
    /// The model is named with a provider who is not here.
    #[error("`{model}` is a model of `{provider}`, which is not in this session")]
    AbsentProvider {
        /// The whole name.
        model: String,
        /// Whose it is, by the id.
        provider: String,
    },
    /// The model is not reached in this protocol.
    #[error("{provider} does not serve `{model}` over `{}`", wire.word())]
    NoWire {
        /// Whose.
        provider: String,
        /// Which model.
        model: String,
        /// The protocol that was wished.
        wire: Wire,
        /// The protocol that there is.
        own: Wire,
        /// Whether it was typed, and not configured.
        typed: bool,
    },
    /// Not a pair of names.
    #[error("`{0}` is not `FROM=TO`")]
    BadModelMap(String),
    /// There is no key.
    #[error("no API key for `{provider}`")]
    NoKey {
        /// Whose, by the id.
        provider: String,
        /// Whose, for people.
        name: String,
        /// Where it was looked for.
        variables: Vec<String>,
        /// Where one is made, if known.
        console: Option<String>,
    },
    /// A fallback without a model.
    #[error("no model was named for `{provider}`, which {origin} names, and crelay knows none")]
    NoFallbackModel {
        /// Whose, by the id.
        provider: String,
        /// Where it was named.
        origin: String,
    },
    /// There is none for a provider beside the main one.
    #[error("no API key for `{provider}`, which {origin} names")]
    NoFurtherKey {
        /// Whose, by the id.
        provider: String,
        /// Where it was named.
        origin: String,
        /// Where the key was looked for.
        variables: Vec<String>,
        /// Where one is made, if known.
        console: Option<String>,
    },
    /// What was found is no key.
    #[error("{origin} {fault}")]
    BadKey {
        /// The key, by where it was found.
        origin: String,
        /// What is wrong; never the key.
        fault: &'static str,
        /// How to give one there.
        instead: String,
    },
    /// The command that prints a key did not.
    #[error("`key_command` of `{provider}` {fault}")]
    KeyCommand {
        /// Whose.
        provider: String,
        /// How it ended; never what it printed.
        fault: String,
    },
    /// An address that cannot be one.
    #[error("`--base-url` {0}")]
    BadAddress(
        /// What is wrong; the address itself may hold a password.
        &'static str,
    ),
    /// Nobody has said where the provider is.
    #[error("the address of `{provider}` is not known")]
    NoAddress {
        /// Who.
        provider: String,
        /// The variable that could tell it.
        variable: String,
    },
    /// A variable that tells an address does not.
    #[error("`{name}` {fault}")]
    BadVariable {
        /// Which.
        name: String,
        /// What is wrong; the value may hold a password.
        fault: &'static str,
    },
    /// A key would travel unencrypted.
    #[error("a key would reach `{0}` unencrypted")]
    InClear(String),
    /// Certificates of authorities that are none.
    #[error("{origin} names `{}`, which {fault}", path.display())]
    Authorities {
        /// Where they were named.
        origin: String,
        /// What was named.
        path: PathBuf,
        /// What is wrong.
        fault: String,
    },
    /// The configuration cannot be used.
    #[error("{place}: {fault}")]
    Config {
        /// File, line and column, as far as known.
        place: String,
        /// The key, and what is wrong with it.
        fault: String,
        /// What to write instead, if that is known.
        hint: Option<String>,
    },
    /// A file cannot be read.
    #[error("cannot read `{}`", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    Random(#[source] getrandom::Error),
    /// The table of providers cannot be read.
    #[error(transparent)]
    Table(#[from] provider::Error),
}

/// Each provider, and where its key is.
fn claims(found: &[(Option<String>, String)]) -> String {
    let words: Vec<String> = found
        .iter()
        .map(|(variable, provider)| match variable {
            Some(variable) => format!("`{provider}` (`{variable}`)"),
            None => format!("`{provider}` (kept by crelay)"),
        })
        .collect();
    words.join(", ")
}

/// A key that was typed in the place of a name is not repeated.
fn named(name: &str) -> String {
    match secret::resembles_key(name) {
        true => "of that name, which looks like a key".to_owned(),
        false => format!("`{name}`"),
    }
}

fn behind(origin: Option<&str>) -> String {
    origin.map_or(String::new(), |origin| format!(" ({origin})"))
}

fn quoted(names: &[String]) -> String {
    let words: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    words.join(", ")
}

/// Whom somebody may have meant; a sentence that another one may follow.
fn near(nearest: &[String]) -> String {
    match nearest {
        [] => "there is nothing like it;".to_owned(),
        [only] => format!("did you mean `{only}`?"),
        [first @ .., last] => format!("the nearest are {} and `{last}`;", quoted(first)),
    }
}

/// What helps where a command prints no key.
const TRYING_A_COMMAND: &str = "try it with `sh -c`, as crelay runs it: it prints the key and nothing else, and finds \
                                no alias or function of your shell";

/// How to give a key that nobody else sees.
const GIVING_A_KEY: &str = "`crelay auth set` asks for it and keeps it; `--key-file` reads it from a file";

/// What helps where a file holds no certificates.
const PEM: &str = "name a file in PEM: text in which certificates begin with `-----BEGIN CERTIFICATE-----`";

impl Error {
    /// The same of the configuration, with what to write instead.
    pub(super) fn advised(self, advice: String) -> Self {
        match self {
            Self::Config { place, fault, .. } => Self::Config {
                place,
                fault,
                hint: Some(advice),
            },
            other => other,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Contradiction { instead, .. } => (*instead).to_owned(),
            Self::Misplaced { instead, .. } => format!("crelay's own options come first: `{instead}`"),
            Self::KeyTyped => GIVING_A_KEY.to_owned(),
            Self::Mistyped { meant, .. } => format!("did you mean `{meant}`?"),
            Self::TwoModels { .. } => "leave one of them out".to_owned(),
            Self::NoProvider {
                undecided: Some((variable, provider)),
                ..
            } => format!("other programs read `{variable}`, too, so it chooses nothing: add `--provider {provider}`"),
            Self::NoProvider { some, .. } => format!(
                "give a key, such as with `crelay auth set deepseek`, or choose with `--provider`: {}; `crelay \
                 providers` lists all",
                quoted(some)
            ),
            Self::SeveralProviders(found) => {
                let first = found.first().map_or("deepseek", |(_, provider)| provider);
                format!(
                    "choose with `--provider {first}`, `CRELAY_PROVIDER` or `default_provider` in the configuration"
                )
            }
            Self::UnknownProvider { meant: Some(meant), .. } => format!("did you mean `{meant}`?"),
            Self::UnknownProvider { some, .. } => {
                format!("there are {}, and others: `crelay providers` lists all", quoted(some))
            }
            Self::NoModel { asking, .. } => format!("name one with `-m`; `{asking}` lists those that there are"),
            Self::UnknownModel { nearest, .. } => format!("{} `crelay models` lists all", near(nearest)),
            Self::AbsentProvider { provider, .. } => format!("add `--also {provider}`"),
            Self::BadModel(_) => "name one as the provider spells it".to_owned(),
            Self::NoWire { own, typed: true, .. } => format!("leave `--wire` out: it is `{}`", own.word()),
            Self::NoWire { own, .. } => {
                format!("take `wire` out of the configuration, or add `--wire {}`", own.word())
            }
            Self::NoKey {
                provider,
                variables,
                console,
                ..
            } => key_hint(provider, variables, console.as_deref(), " or add `--key-file FILE`"),
            Self::NoFallbackModel { provider, .. } => fallback_hint(provider),
            Self::NoFurtherKey {
                provider,
                variables,
                console,
                ..
            } => key_hint(provider, variables, console.as_deref(), ""),
            Self::BadKey { instead, .. } => instead.clone(),
            Self::KeyCommand { .. } => TRYING_A_COMMAND.to_owned(),
            Self::BadAddress(_) => "write it like `https://api.example.com/v1`".to_owned(),
            Self::NoAddress { variable, .. } => format!("set `{variable}` or add `--base-url`"),
            Self::BadVariable { name, .. } => format!("correct `{name}` or add `--base-url`"),
            Self::Authorities { .. } => PEM.to_owned(),
            Self::InClear(_) => "use `https`, or allow it with `allow_http = true` in the configuration".to_owned(),
            Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                "name one that is there".to_owned()
            }
            Self::Config { hint, .. } => return hint.clone(),
            Self::File { .. } => "let this user read it, or move away what stands there".to_owned(),
            _ => return None,
        })
    }
}

fn fallback_hint(provider: &str) -> String {
    format!("write `{provider}/MODEL`; `crelay models -P {provider}` lists those that there are")
}

/// How a key is given to a provider: `instead` is what can be done where no variable holds it.
fn key_hint(provider: &str, variables: &[String], console: Option<&str>, instead: &str) -> String {
    let place = console.map_or(String::new(), |url| format!(" (keys are made at {url})"));
    match variables.first() {
        Some(variable) => format!("set `{variable}` or run `crelay auth set {provider}`{place}"),
        None => format!("run `crelay auth set {provider}`{instead}{place}"),
    }
}

impl From<Error> for Report {
    fn from(error: Error) -> Self {
        let hint = error.hint();
        let mut report = Self::new(error.to_string());
        report = match error {
            Error::Contradiction { .. }
            | Error::Misplaced { .. }
            | Error::KeyTyped
            | Error::Mistyped { .. }
            | Error::TwoModels { .. } => report.code(USAGE),
            Error::File { source, .. } => report.source(source),
            Error::Random(source) => report.source(source),
            Error::Table(provider::Error::Syntax(source)) => report.source(source),
            _ => report,
        };
        match hint {
            Some(hint) => report.hint(hint),
            None => report,
        }
    }
}
