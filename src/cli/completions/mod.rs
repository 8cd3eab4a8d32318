//! `crelay completions`: a script for each shell, which asks this same program what may follow the words on its line.
//!
//! The scripts know nothing of crelay's commands, so they need not change with them. What comes after crelay's own
//! options is completed by Codex's own script, which the shell loads the first time.

mod candidates;

use std::ffi::OsString;
use std::fmt::Write;

use clap::{Args, CommandFactory, ValueEnum};

use crate::provider::Table;
use crate::report::Report;
use crate::session::{self, Arguments, Ground, Wish};

use super::environment::{self, Surroundings};
use super::options::Crelay;
use candidates::{Candidate, Further, Wanted, candidates};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The shell
    pub shell: Shell,

    /// Which of the words is being typed; without it the last one.
    #[arg(long, hide = true, value_name = "NUMBER")]
    pub word: Option<usize>,

    /// The line as far as it is typed, from `crelay` on.
    #[arg(last = true, hide = true)]
    pub line: Vec<OsString>,
}

/// Shells that there is a script for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  crelay completions bash >~/.local/share/bash-completion/completions/crelay
  crelay completions zsh >~/.zfunc/_crelay
  crelay completions fish >~/.config/fish/completions/crelay.fish
  crelay completions elvish >>~/.config/elvish/rc.elv
  crelay completions powershell >>$PROFILE

zsh finds its script with `fpath+=~/.zfunc` before `compinit` in .zshrc.";

impl Shell {
    fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../../../completions/crelay.bash"),
            Self::Elvish => include_str!("../../../completions/crelay.elv"),
            Self::Fish => include_str!("../../../completions/crelay.fish"),
            Self::Powershell => include_str!("../../../completions/_crelay.ps1"),
            Self::Zsh => include_str!("../../../completions/_crelay"),
        }
    }
}

/// Prints the script of a shell or, where it asks, what may follow.
pub(super) fn main(options: &Options) -> Result<u8, Report> {
    let mut line = options.line.clone();
    if line.is_empty() {
        return super::print(options.shell.script());
    }
    // PowerShell before 7.3 passes on no word that is empty.
    let length = options.word.map_or(line.len(), |word| word.saturating_add(1));
    line.resize(length.min(line.len() + 1), OsString::new());
    super::print(&answered(&line)?)
}

/// In the first line what else may follow: `words` if nothing, `files`, or `codex` or `exec` with the number of the
/// first word that is Codex's. Then a line for each word, with what it means behind a tab.
fn answered(line: &[OsString]) -> Result<String, Report> {
    let mut command = Crelay::command();
    command.build();
    let surroundings = environment::read()?;
    let table = Table::embedded().map_err(session::Error::from)?;
    // What is wrong with it is told to whoever runs the line.
    let config = surroundings.config().unwrap_or_default();
    let ground = Ground {
        table: &table,
        config: &config,
        environment: &surroundings.variables,
        strangers: &[],
        kept: &surroundings.keep.list().unwrap_or_default(),
    };
    let names = |wanted: Wanted<'_>| {
        let named = match wanted {
            Wanted::Providers => ground.providers().map(|(id, name)| (id.into(), name.into())).collect(),
            Wanted::Models(provider) => {
                listed(&ground, &surroundings, provider).unwrap_or_else(|| ground.models(provider))
            }
        };
        named
            .into_iter()
            .map(|(word, about)| Candidate { word, about })
            .collect()
    };
    let (further, found) = candidates(&command, line, &names);
    let mut answer = match further {
        Further::Nothing => "words\n".to_owned(),
        Further::Files => "files\n".to_owned(),
        Further::Codex { verb, start } => format!("{verb} {start}\n"),
    };
    for Candidate { word, about } in found {
        // Writing to a string cannot fail.
        let _ = writeln!(answer, "{word}\t{about}");
    }
    Ok(answer)
}

/// Models of a provider of which it has said more than the table knows, in an earlier session. Nobody is asked now.
fn listed(ground: &Ground<'_>, surroundings: &Surroundings, provider: Option<&str>) -> Option<Vec<(String, String)>> {
    let wish = Wish {
        provider: provider.map(str::to_owned),
        // It is never read.
        key_file: Some("-".into()),
        is_open: true,
        ..Wish::default()
    };
    let session = session::resolve(ground, &wish, &Arguments::default(), &|_| None)
        .ok()?
        .session;
    let found = surroundings.stock(ground.config).ok()?.presumed(&session.main);
    found.listing.as_ref()?;
    let session = session.furnished(found).ok()?;
    let ids = session.main.range.ids().into_iter().map(str::to_owned);
    let known = |id: String| {
        let name = session.models().find(|model| model.id == id)?.name.clone();
        Some((id, name))
    };
    Some(ids.filter_map(known).collect())
}
