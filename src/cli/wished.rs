//! Options of all that asks a provider: which, for which model, and how.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::session::{Also, Grammar, Wire, Wish};

/// What is typed of the provider.
#[derive(Debug, Clone, Default, Args)]
#[group(skip)]
pub(super) struct Wished {
    /// The provider: an id such as `deepseek`, `kimi` or `ollama`, or one of the configuration
    #[arg(short = 'P', long, value_name = "NAME")]
    pub provider: Option<String>,

    /// The model, as the provider spells it
    #[arg(short, long, value_name = "NAME")]
    pub model: Option<String>,

    /// Any Chat Completions endpoint; with `--provider`, that provider at another address
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,

    /// A file with the API key; `-` asks for it or reads a line of standard input
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,

    /// The protocol toward the provider: `chat`, or `responses` for its own Responses endpoint
    #[arg(long, value_name = "WIRE", value_parser = wires(), hide_possible_values = true)]
    pub wire: Option<Wire>,

    /// Leave calls and thoughts that leak into text as they are: all, or these, such as `dsml,think`
    #[arg(long, value_name = "MARKUP", value_parser = grammars(), hide_possible_values = true)]
    #[arg(num_args = 0..=1, require_equals = true, value_delimiter = ',')]
    pub no_heal: Option<Vec<Grammar>>,
}

impl Wished {
    /// What was typed, as a session is asked for it.
    pub fn wish(&self) -> Wish {
        Wish {
            provider: self.provider.clone(),
            model: self.model.clone(),
            base_url: self.base_url.clone(),
            key_file: self.key_file.clone(),
            wire: self.wire,
            no_heal: self.no_heal.clone(),
            ..Wish::default()
        }
    }
}

/// Providers beside the main one.
#[derive(Debug, Clone, Default, Args)]
#[group(skip)]
pub(super) struct Beside {
    /// Further providers whose models can be chosen as well, as `PROVIDER/MODEL`: `kimi,zai`, or `auto` for all whose
    /// keys are there
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub also: Option<Vec<String>>,

    /// Let another model answer while the provider has no credit left, is at a limit or out of order: `zai/glm-5.3`, or
    /// a provider for its usual one; may be repeated
    #[arg(long, value_name = "MODEL")]
    pub fallback: Option<Vec<String>>,
}

impl Beside {
    /// What was typed counts before the configuration.
    pub fn wish(&self) -> Also {
        self.also.clone().map_or(Also::Configured, Also::Typed)
    }

    /// The same of those who answer in the place of others.
    pub fn fallbacks(&self) -> Also {
        self.fallback.clone().map_or(Also::Configured, Also::Typed)
    }
}

/// The words for protocols.
fn wires() -> impl TypedValueParser<Value = Wire> {
    PossibleValuesParser::new([Wire::Chat, Wire::Responses].map(Wire::word))
        .try_map(|word| Wire::parse(&word).ok_or(""))
}

/// The names of markup.
fn grammars() -> impl TypedValueParser<Value = Grammar> {
    PossibleValuesParser::new(Grammar::ALL.map(|(name, _)| name)).try_map(|name| Grammar::find(&name).ok_or(""))
}
