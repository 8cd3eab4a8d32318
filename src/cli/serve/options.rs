//! The options of `crelay serve`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::options::{grammars, wires};
use crate::session::{Grammar, ModelMap, Wire};

/// What is typed behind `crelay serve`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(in crate::cli) struct Options {
    #[command(subcommand)]
    pub action: Option<Action>,

    /// The provider: an id such as `deepseek`, `kimi` or `ollama`, or one of the configuration
    #[arg(short = 'P', long, value_name = "NAME")]
    pub provider: Option<String>,

    /// The model for requests that name none, or one that crelay does not know; without it, a name that crelay does not
    /// know is passed on
    #[arg(short, long, value_name = "NAME")]
    pub model: Option<String>,

    /// Any Chat Completions endpoint; with `--provider`, that provider at another address
    #[arg(long, value_name = "URL", visible_alias = "upstream")]
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

    /// Answer requests for FROM, in which `*` stands for any text, with TO; may be repeated
    #[arg(long, value_name = "FROM=TO")]
    pub model_map: Vec<ModelMap>,

    /// The port; 0 takes a free one [default: 4444]
    #[arg(long)]
    pub port: Option<u16>,

    /// The address to listen on; any but this machine's own demands a token [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    pub bind: Option<IpAddr>,

    /// A file with the token that clients must show; without one, every program on this machine may use the key
    /// [env: CRELAY_TOKEN]
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,

    /// Keep so many finished answers in memory for clients that send `previous_response_id`; a further copy of crelay
    /// behind a load balancer does not have them
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub keep_answers: usize,

    /// How long turns may go on after a signal to stop; a second signal ends them at once
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub drain: u64,

    /// Go on in the background
    #[arg(long)]
    pub daemon: bool,

    /// Log to this file, never keys; without it, to standard error, or with `--daemon` below crelay's state folder
    /// [env: CRELAY_LOG]
    #[arg(long, value_name = "FILE")]
    pub log_file: Option<PathBuf>,

    /// Record all that travels to this new file, never keys; see `crelay help replay`
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,

    /// Take all texts out of the recording
    #[arg(long, requires = "record")]
    pub redact: bool,

    /// What `--daemon` starts.
    #[arg(long, hide = true, conflicts_with = "daemon")]
    pub detached: bool,

    /// codex-relay took the key itself here.
    #[arg(long, hide = true, value_name = "KEY")]
    pub api_key: Option<String>,
}

/// What concerns relays in the background.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Action {
    /// Tell what is served in the background; exit code 3 if nothing is
    Status,
    /// Stop what is served in the background, and wait for its turns as long as it does
    Stop {
        /// Only what is served on this port
        #[arg(long)]
        port: Option<u16>,
    },
}

pub(in crate::cli) const EXAMPLES: &str = "\
Examples:
  crelay serve -P deepseek --port 4446        base address of clients: http://127.0.0.1:4446/v1
  crelay serve --upstream http://localhost:8000/v1 --model-map 'gpt-*=my-model'
  CRELAY_TOKEN=… crelay serve --bind 0.0.0.0  clients show the token as their API key
  crelay serve --daemon                       then `crelay serve status` and `crelay serve stop`

The variables CODEX_RELAY_UPSTREAM, _API_KEY, _PORT, _BIND and _MODEL_MAP, as well as GLM_API_KEY,
GLM_API_BASE and PROXY_PORT, mean what they mean to codex-relay and codex-glm-proxy.";
