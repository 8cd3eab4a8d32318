//! Codex's own arguments, as far as they decide the session. They are read as Codex 0.169 reads them (clap): options
//! of all levels share one set of names, and none of them is a switch on one level and takes a value on another.

use std::ffi::OsString;
use std::vec::IntoIter;

use super::error::Error;
use super::misplaced;
use super::search::is_live;

/// What follows crelay's own options, and what crelay had to understand of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// What reaches Codex, unchanged and in order; only a `-p`/`--profile` is taken out, because crelay merges it.
    /// Where crelay steps aside nothing is taken out.
    pub given: Vec<OsString>,
    /// The same with the `-p` where it was typed, for a Codex that is lent no profile: 0.118 takes one behind `exec`
    /// and passes over one before it.
    pub typed: Vec<OsString>,
    /// What Codex is asked to be.
    pub command: Command,
    /// The model of `-m` or `--model`, else of `-c model=…`; of several the last one counts.
    pub model: Option<String>,
    /// The user's own profile.
    pub profile: Option<String>,
    /// Whether live search of the web was turned on or off, by `--search` or by the last `-c web_search=…`.
    pub search: Option<bool>,
}

/// What Codex is asked to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Command {
    /// The TUI: no subcommand, `resume` or `fork`. Takes `--no-daemon` (from 0.156) and `-p` (from 0.134).
    #[default]
    Interactive,
    /// `exec`, `review` and others that take `-p` at root level (from 0.134).
    Runtime,
    /// Talks to a model but refuses `-p`: `app-server`, `mcp-server`, `agents`.
    Server,
    /// Never talks to a model: crelay steps aside.
    Direct,
}

/// Options with a value, beside the ones that are understood here.
const VALUED: [&str; 20] = [
    "--add-dir",
    "--ask-for-approval",
    "--base",
    "--cd",
    "--color",
    "--commit",
    "--cyber-access-program",
    "--disable",
    "--enable",
    "--listen",
    "--message",
    "--output-last-message",
    "--output-schema",
    "--profile-v2",
    "--remote-auth-token-env",
    "--sandbox",
    "--thread",
    "--thread-source",
    "--title",
    "--ws-auth",
];

impl Arguments {
    /// Reads what stands after crelay's own options.
    ///
    /// # Errors
    ///
    /// When an argument would take the decision where prompts go away from crelay, or is one of crelay's own that
    /// stands too late.
    pub fn understand(given: Vec<OsString>) -> Result<Self, Error> {
        let mut reader = Reader::new(given.clone());
        reader.read();
        if reader.command == Command::Direct {
            return Ok(Self {
                typed: given.clone(),
                given,
                command: Command::Direct,
                ..Self::default()
            });
        }
        if reader.wants_daemon && !reader.without_daemon {
            reader.contradict(
                "agents",
                "it runs on Codex's shared background server: add `--no-daemon`",
            );
        }
        match reader.contradiction {
            Some(error) => Err(error),
            None => Ok(Self {
                given: reader.kept,
                typed: given,
                command: reader.command,
                model: reader.model.or(reader.configured_model),
                profile: reader.profile,
                search: reader.search.or(reader.configured_search),
            }),
        }
    }
}

struct Reader {
    words: IntoIter<OsString>,
    kept: Vec<OsString>,
    /// The word at hand and its value, before it is known whether they stay.
    at_hand: Vec<OsString>,
    command: Command,
    subcommand: Option<String>,
    /// Whether the first word is `exec`, as it is after `crelay exec`.
    is_task: bool,
    /// `agents` was typed, which runs on Codex's shared background server unless it is told not to.
    wants_daemon: bool,
    without_daemon: bool,
    model: Option<String>,
    configured_model: Option<String>,
    profile: Option<String>,
    search: Option<bool>,
    configured_search: Option<bool>,
    contradiction: Option<Error>,
}

impl Reader {
    fn new(given: Vec<OsString>) -> Self {
        Self {
            is_task: given.first().is_some_and(|word| word == "exec"),
            words: given.into_iter(),
            kept: Vec::new(),
            at_hand: Vec::new(),
            command: Command::Interactive,
            subcommand: None,
            wants_daemon: false,
            without_daemon: false,
            model: None,
            configured_model: None,
            profile: None,
            search: None,
            configured_search: None,
            contradiction: None,
        }
    }

    fn read(&mut self) {
        while self.command != Command::Direct
            && let Some(word) = self.words.next()
        {
            let text = word.to_string_lossy().into_owned();
            self.at_hand.push(word);
            if text == "--" {
                self.at_hand.extend(self.words.by_ref());
            } else if text.starts_with("--") {
                self.long(&text);
            } else if text.len() > 1 && text.starts_with('-') {
                self.short(&text);
            } else {
                self.word(text);
            }
            self.kept.append(&mut self.at_hand);
        }
    }

    fn long(&mut self, text: &str) {
        let (name, inline) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        match name {
            "--help" | "--version" => self.command = Command::Direct,
            "--no-daemon" => self.without_daemon = true,
            "--search" => self.search = Some(true),
            "--oss" => self.contradict(
                "--oss",
                "name the server with crelay's own `--provider ollama` or `lmstudio`",
            ),
            "--model" => self.model = self.value(inline),
            "--profile" => self.take_profile(inline),
            "--config" => self.configure(inline),
            "--image" => self.images(inline),
            "--local-provider" => {
                self.value(inline);
                self.contradict(
                    "--local-provider",
                    "name the server with crelay's own `--provider ollama` or `lmstudio`",
                );
            }
            "--remote" => {
                self.value(inline);
                self.contradict("--remote", "run `codex --remote` without crelay");
            }
            _ if VALUED.contains(&name) => drop(self.value(inline)),
            _ => self.misplaced(name, inline),
        }
    }

    /// Codex has no short switches but `-h` and `-V`, so what follows the first letter is a value.
    fn short(&mut self, text: &str) {
        let letter = text.chars().nth(1).unwrap_or_default();
        let rest = &text[1 + letter.len_utf8()..];
        let inline = (!rest.is_empty()).then(|| rest.strip_prefix('=').unwrap_or(rest));
        match letter {
            'h' | 'V' => self.command = Command::Direct,
            'm' => self.model = self.value(inline),
            'p' => self.take_profile(inline),
            'c' => self.configure(inline),
            'i' => self.images(inline),
            's' | 'C' | 'a' | 'o' => drop(self.value(inline)),
            _ => self.misplaced(&text[..1 + letter.len_utf8()], inline),
        }
    }

    /// A prompt may precede a subcommand: Codex takes `codex hello features` for `features`.
    fn word(&mut self, text: String) {
        if let Some((argument, instead)) = elsewhere(self.subcommand.as_deref(), &text) {
            self.contradict(argument, instead);
            self.subcommand = Some(text);
            return;
        }
        match self.subcommand.as_deref() {
            None => {
                if let Some(command) = subcommand(&text) {
                    self.command = command;
                    self.wants_daemon = text == "agents";
                    self.subcommand = Some(text);
                }
            }
            Some("exec" | "e" | "app-server" | "daemon" | "cloud" | "cloud-tasks" | "remote-control")
                if text == "help" =>
            {
                self.command = Command::Direct;
            }
            Some("app-server") if text.starts_with("generate-") => self.command = Command::Direct,
            // Only the first word after a subcommand can be another one.
            Some(_) => self.subcommand = Some(String::new()),
        }
    }

    /// The value of the option at hand. What begins with a dash is none, by clap's rule.
    fn value(&mut self, inline: Option<&str>) -> Option<String> {
        if let Some(value) = inline {
            return Some(value.to_owned());
        }
        let next = self.words.as_slice().first()?.to_string_lossy().into_owned();
        if next.len() > 1 && next.starts_with('-') {
            return None;
        }
        self.at_hand.extend(self.words.next());
        Some(next)
    }

    /// `--image` takes all words up to the next option.
    fn images(&mut self, inline: Option<&str>) {
        if inline.is_none() {
            while self.value(None).is_some() {}
        }
    }

    fn take_profile(&mut self, inline: Option<&str>) {
        self.profile = self.value(inline);
        if self.profile.is_some() {
            self.at_hand.clear();
        }
    }

    fn configure(&mut self, inline: Option<&str>) {
        let Some(pair) = self.value(inline) else { return };
        let Some((key, value)) = pair.split_once('=') else {
            return;
        };
        match key.trim() {
            "model" => self.configured_model = Some(text_of(value)),
            "web_search" => self.configured_search = Some(is_live(&text_of(value))),
            "model_provider" => self.contradict("-c model_provider=…", "use crelay's own `--provider`"),
            "model_catalog_json" => {
                self.contradict("-c model_catalog_json=…", "leave it out: crelay writes the catalog")
            }
            "profile" => self.contradict(
                "-c profile=…",
                "use `-p NAME`, which crelay merges into its own profile",
            ),
            // A whole table would replace the entry that hides the session's token from the model's commands.
            "shell_environment_policy" | "shell_environment_policy.set" => self.contradict(
                "-c shell_environment_policy=…",
                "set its entries one by one, as in `-c shell_environment_policy.set.NAME=…`, or in Codex's `config.toml`",
            ),
            "model_providers" => self.contradict_providers(),
            key if key == "model_providers.crelay" || key.starts_with("model_providers.crelay.") => {
                self.contradict_providers();
            }
            _ => {}
        }
    }

    /// Refuses an option of crelay's own: whoever typed it meant it for crelay.
    fn misplaced(&mut self, name: &str, inline: Option<&str>) {
        if misplaced::takes_key(name) {
            self.value(inline);
            self.contradiction.get_or_insert(Error::KeyTyped);
            return;
        }
        let Some(own) = misplaced::find(name) else { return };
        let value = if own.has_value {
            self.value(inline)
        } else {
            inline.map(str::to_owned)
        };
        let verb = if self.is_task { "exec" } else { "codex" };
        let error = own.misplaced(name, verb, value.as_deref());
        self.contradiction.get_or_insert(error);
    }

    fn contradict_providers(&mut self) {
        self.contradict(
            "-c model_providers.crelay…",
            "describe the provider under `[providers.NAME]` in crelay's configuration",
        );
    }

    fn contradict(&mut self, argument: &'static str, instead: &'static str) {
        self.contradiction
            .get_or_insert(Error::Contradiction { argument, instead });
    }
}

/// Commands whose model answers where crelay has no say: how to name them, and what to do instead.
fn elsewhere(level: Option<&str>, word: &str) -> Option<(&'static str, &'static str)> {
    Some(match (level, word) {
        (None, "cloud") => ("cloud", "it runs at OpenAI: run `codex cloud` without crelay"),
        (None, "cloud-tasks") => ("cloud-tasks", "it runs at OpenAI: run `codex cloud` without crelay"),
        (None, "remote-control") => (
            "remote-control",
            "it runs on Codex's shared background server: run `codex remote-control` without crelay",
        ),
        (Some("app-server"), "daemon") => (
            "app-server daemon",
            "it is Codex's shared background server: run `codex app-server daemon` without crelay",
        ),
        (Some("app-server"), "proxy") => (
            "app-server proxy",
            "it leads to Codex's shared background server: run `codex app-server proxy` without crelay",
        ),
        _ => return None,
    })
}

/// Whether Codex has a command of this name.
#[must_use]
pub fn is_command(word: &str) -> bool {
    subcommand(word).is_some() || elsewhere(None, word).is_some()
}

fn subcommand(word: &str) -> Option<Command> {
    Some(match word {
        "resume" | "fork" => Command::Interactive,
        "exec" | "e" | "review" | "queue" => Command::Runtime,
        "app-server" | "mcp-server" | "agents" => Command::Server,
        "login"
        | "logout"
        | "mcp"
        | "plugin"
        | "completion"
        | "update"
        | "doctor"
        | "sandbox"
        | "debug"
        | "apply"
        | "a"
        | "archive"
        | "unarchive"
        | "delete"
        | "migrate-rollouts"
        | "migrate-nfs-db"
        | "exec-server"
        | "features"
        | "execpolicy"
        | "responses-api-proxy"
        | "stdio-to-uds"
        | "generate-ts"
        | "generate-json-schema"
        | "help" => Command::Direct,
        _ => return None,
    })
}

/// A value of `-c` is TOML, and where it is not, the text itself without its quotes.
fn text_of(value: &str) -> String {
    match value.trim().parse::<toml_edit::Value>() {
        Ok(toml_edit::Value::String(text)) => text.into_value(),
        _ => value.trim().trim_matches(['"', '\'']).to_owned(),
    }
}

#[cfg(test)]
mod tests;
