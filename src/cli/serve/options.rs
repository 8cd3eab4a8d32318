//! The options of `crelay serve`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::options::port;
use crate::cli::recording;
use crate::cli::wished::{Beside, Wished};
use crate::session::ModelMap;

/// What a model is for where every request may name another.
const MODEL: &str = "The model for requests that name none, or one that crelay does not know; without it, a name that \
                     crelay does not know is passed on";

/// What is typed behind `crelay serve`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(mut_arg("model", |argument| argument.help(MODEL)))]
#[command(mut_arg("base_url", |argument| argument.visible_alias("upstream")))]
pub(in crate::cli) struct Options {
    #[command(subcommand)]
    pub action: Option<Action>,

    #[command(flatten)]
    pub wished: Wished,

    #[command(flatten)]
    pub also: Beside,

    /// Answer requests for FROM, in which `*` stands for any text, with TO; may be repeated
    #[arg(long, value_name = "FROM=TO")]
    pub model_map: Vec<ModelMap>,

    /// Let this model find the titles for threads that Codex asks for
    #[arg(long, value_name = "NAME")]
    pub small_model: Option<String>,

    /// The port; 0 takes a free one [default: 4444]
    #[arg(long, value_parser = port)]
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

    /// Tell the address as a line of JSON
    #[arg(long)]
    pub json: bool,

    /// End when nobody reads standard output any more: for a program that may die while it runs crelay
    #[arg(long, conflicts_with_all = ["daemon", "detached"])]
    pub while_read: bool,

    #[command(flatten)]
    pub recording: recording::Options,

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
    Status {
        /// Only what is served on this port
        #[arg(long, value_parser = port)]
        port: Option<u16>,
    },
    /// Stop what is served in the background, and wait for its turns as long as it does
    Stop {
        /// Only what is served on this port
        #[arg(long, value_parser = port)]
        port: Option<u16>,
    },
}

pub(in crate::cli) const EXAMPLES: &str = "\
Examples:
  crelay serve -P deepseek --port 4446        base address of clients: http://127.0.0.1:4446/v1
  crelay serve --upstream http://localhost:8000/v1 --model-map 'gpt-*=my-model'
  CRELAY_TOKEN=… crelay serve --bind 0.0.0.0  clients show the token as their API key
  crelay serve --daemon                       then `crelay serve status` and `crelay serve stop`

The variables CODEX_RELAY_UPSTREAM, _API_KEY, _PORT, _BIND and _MODEL_MAP, as well as GLM_API_KEY, \
GLM_API_BASE and PROXY_PORT, mean what they mean to codex-relay and codex-glm-proxy.";
