//! `crelay shim`: makes, lists and removes commands that behave as Codex, and is one when it is called by such a name.

pub(super) mod options;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use directories::BaseDirs;

use crate::provider::Table;
use crate::report::{NOT_RUNNABLE, Report, USAGE, quoted};
use crate::session::{self, Also, Arguments, Wish};
use crate::shim::{self, Crelay, Error, Shim, Unlinked};

use super::environment::{self, Surroundings};
use super::log::Log;
use super::options as own;
use super::run::Wanted;

use options::{Action, Options};

/// Options whose value is a path, which must mean the same from every folder.
const PATHS: [&str; 4] = ["--key-file", "--codex", "--log-file", "--receipt"];

/// The command line of crelay that `typed` stands for: if it was called by another name, all that was typed is Codex's.
pub(super) fn unfold(typed: Vec<OsString>) -> Result<Vec<OsString>, Report> {
    let Some(name) = typed.first().and_then(|called| shim::name_in(called)) else {
        return Ok(typed);
    };
    let surroundings = environment::read()?;
    let config = &surroundings.folders.config;
    let Some(shim) = Shim::find(config, &name)? else {
        if shim::is_crelays_own(&name) {
            return Ok(typed);
        }
        let report = Report::new(format!(
            "crelay was called `{name}`, and no such shim is known in `{}`",
            config.display()
        ));
        return Err(report.hint(format!(
            "make it with `crelay shim {}`, or call `crelay`",
            quoted(OsStr::new(&name))
        )));
    };
    let called = typed.first().map(|called| called.to_string_lossy().into_owned().into());
    let own = ["crelay", "codex", "--called"].map(OsString::from).into_iter();
    let own = own
        .chain(called)
        .chain(shim.options.into_iter().map(OsString::from))
        .chain(["--".into()]);
    Ok(own.chain(typed.into_iter().skip(1)).collect())
}

/// Why Codex's arguments are not taken. Behind the name of a shim there is no place for crelay's own.
pub(super) fn refusal(options: &own::Options, error: session::Error) -> Report {
    let (Some(called), session::Error::Misplaced { name, .. }) = (&options.called, &error) else {
        return error.into();
    };
    let called = Path::new(called).file_name().unwrap_or(OsStr::new(called));
    let whose = options.wished.provider.as_ref();
    let whose = whose.map_or(String::new(), |provider| format!(" on `{provider}`"));
    let shim = format!("`{}` is Codex{whose}", called.to_string_lossy());
    let report = Report::new(format!("{shim}, and `{name}` is an option of crelay's"));
    let hint = match *name {
        "-P" | "--provider" => "make another shim for another provider: `crelay shim NAME -P PROVIDER`".to_owned(),
        name => format!("make another shim for that, as with `crelay shim NAME {name} …`"),
    };
    report.hint(hint).code(USAGE)
}

/// Does what was typed.
pub(super) fn main(options: &Options, typed: &[OsString]) -> Result<u8, Report> {
    let surroundings = environment::read()?;
    let crelay = crelay(&surroundings)?;
    match (&options.action, &options.name) {
        (Some(Action::List { .. }), _) => list(&surroundings, &crelay),
        (Some(Action::Remove { name, .. }), _) => remove(&surroundings, &crelay, name),
        (None, Some(name)) if !options.own.help => create(options, typed, &surroundings, &crelay, name),
        (None, _) => super::printed(own::print_help("shim")),
    }
}

fn create(
    options: &Options,
    typed: &[OsString],
    surroundings: &Surroundings,
    crelay: &Crelay,
    name: &str,
) -> Result<u8, Report> {
    refuse(options)?;
    let folder = match &options.dir {
        // Without a `.` in the middle.
        Some(folder) => surroundings.working_folder.join(folder).components().collect(),
        None => {
            commands().ok_or_else(|| Report::new("this user has no home folder").hint("choose one with `--dir`"))?
        }
    };
    let kept = words(options::kept(typed), &surroundings.working_folder)?;
    let shim = Shim::new(name, &folder, kept)?;
    let (whose, missing) = whose(options, surroundings)?;
    let config = &surroundings.folders.config;
    let before = Shim::find(config, name)?.filter(|before| before.options != shim.options);
    shim.create(config, crelay)?;
    super::print(&format!("`{name}` is Codex{whose}: {}\n", shim.link.display()))?;
    let replaced = before.map(|before| match options_of(&before).as_str() {
        "" => format!("the `{name}` that it replaces had no options"),
        options => format!("the `{name}` that it replaces was made with `{options}`"),
    });
    for words in [replaced, missing, unreachable(&shim, surroundings)].iter().flatten() {
        super::note(words);
    }
    Ok(0)
}

/// What a command that others start cannot do.
fn refuse(options: &Options) -> Result<(), Report> {
    if let Some(word) = options::foreign(options) {
        let report = Report::new(format!("`{}` is not an option of crelay's", word.to_string_lossy()));
        return Err(report
            .hint("what is Codex's follows the shim's name when it is called")
            .code(USAGE));
    }
    if options.own.dry_run {
        let report = Report::new("a shim cannot be a rehearsal");
        return Err(report.hint("leave `--dry-run` out").code(USAGE));
    }
    if options.own.recording.record.is_some() {
        let report = Report::new("a shim is called many times, and a recording is of one run");
        let hint = "leave `--record` out; `crelay codex --record FILE` records one";
        return Err(report.hint(hint).code(USAGE));
    }
    if options.own.wished.key_file.as_deref() == Some(Path::new("-")) {
        let report = Report::new("standard input belongs to whoever calls the shim");
        return Err(report.hint("name a file with `--key-file`").code(USAGE));
    }
    Ok(())
}

/// Whether a session would find its provider with these options; says its name, and what is missing. A key may come
/// later, and a model from whoever calls.
fn whose(options: &Options, surroundings: &Surroundings) -> Result<(String, Option<String>), Report> {
    let table = Table::embedded().map_err(session::Error::from)?;
    let (config, kept) = (surroundings.config()?, surroundings.kept());
    let wanted = Wanted {
        options: &options.own,
        table: &table,
        surroundings,
        kept: &kept,
        log: &Log::default(),
    };
    let arguments = Arguments::default();
    let wish = wanted.wish(&arguments);
    match wanted.understand(&config, &wish, &arguments) {
        Err(session::Error::NoFurtherKey { provider, .. }) => {
            let alone = Wish {
                also: Also::Nobody,
                fallbacks: Also::Nobody,
                ..wish
            };
            let main = wanted.understand(&config, &alone, &arguments)?.session.main;
            let missing = format!("there is no API key for `{provider}` yet");
            Ok((format!(" on {}", main.endpoint.provider_name), Some(missing)))
        }
        Ok(resolved) => Ok((format!(" on {}", resolved.session.main.endpoint.provider_name), None)),
        Err(session::Error::NoKey { name, .. }) => {
            let missing = format!("there is no API key for {name} yet");
            Ok((format!(" on {name}"), Some(missing)))
        }
        Err(session::Error::NoModel { .. }) => Ok((String::new(), None)),
        Err(error) => Err(error.into()),
    }
}

/// `kept` as text, with whole paths.
fn words(kept: Vec<OsString>, folder: &Path) -> Result<Vec<String>, Report> {
    let mut words = Vec::new();
    let mut before = String::new();
    for word in kept {
        let word = word.into_string().map_err(|word| {
            let report = Report::new(format!("`{}` is not valid UTF-8", word.to_string_lossy()));
            report.hint("rename it")
        })?;
        let whole = match word.split_once('=') {
            Some((option, path)) if PATHS.contains(&option) => format!("{option}={}", whole(option, path, folder)?),
            _ if PATHS.contains(&before.as_str()) => whole(&before, &word, folder)?,
            _ => word.clone(),
        };
        words.push(whole);
        before = word;
    }
    Ok(words)
}

/// A Codex without a slash is a name that is searched in `PATH`.
fn whole(option: &str, path: &str, folder: &Path) -> Result<String, Report> {
    if option == "--codex" && !path.contains('/') {
        return Ok(path.to_owned());
    }
    let whole = folder.join(path).into_os_string().into_string();
    whole.map_err(|path| {
        Report::new(format!("`{}` is not valid UTF-8", path.to_string_lossy())).hint("rename the folder")
    })
}

/// Why the name alone would not call the shim.
fn unreachable(shim: &Shim, surroundings: &Surroundings) -> Option<String> {
    let path = surroundings.variables.get(OsStr::new("PATH"));
    let found = which::which_in(&shim.name, path, &surroundings.working_folder).ok();
    let folder = shim.link.parent().unwrap_or(Path::new("/"));
    match found {
        Some(found) if found == shim.link => None,
        Some(found) => Some(format!(
            "`{}` is found before it on `PATH`: put `{}` in front",
            found.display(),
            folder.display()
        )),
        None => Some(format!("`{}` is not on `PATH`", folder.display())),
    }
}

fn list(surroundings: &Surroundings, crelay: &Crelay) -> Result<u8, Report> {
    let shims = Shim::all(&surroundings.folders.config)?;
    if shims.is_empty() {
        // What is printed is a list for programs as well.
        super::note("there are no shims yet: `crelay shim codex-deepseek -P deepseek` makes one");
    }
    let width = shims
        .iter()
        .map(|shim| shim.name.chars().count())
        .max()
        .unwrap_or_default();
    let mut text = String::new();
    for shim in &shims {
        let gone = if shim.is_there(crelay) {
            ""
        } else {
            "  (the link is gone)"
        };
        text += &format!(
            "{:width$}  {}  {}{gone}",
            shim.name,
            shim.link.display(),
            options_of(shim)
        );
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    super::print(&text)
}

/// The options of a shim, as they were typed.
fn options_of(shim: &Shim) -> String {
    let options: Vec<String> = shim.options.iter().map(|word| quoted(OsStr::new(word))).collect();
    options.join(" ")
}

fn remove(surroundings: &Surroundings, crelay: &Crelay, name: &str) -> Result<u8, Report> {
    let config = &surroundings.folders.config;
    let shim = Shim::find(config, name)?.ok_or_else(|| Error::Unknown(name.to_owned()))?;
    if shim.remove(config, crelay)? == Unlinked::Foreign {
        super::note(&format!(
            "`{}` is something else by now and was left",
            shim.link.display()
        ));
    }
    super::print(&format!("`{name}` is removed\n"))
}

/// Where this crelay is. The place on `PATH` is kept by who installs the next version, while what it leads to may have
/// the version in its name.
fn crelay(surroundings: &Surroundings) -> Result<Crelay, Report> {
    let behind = surroundings.program.clone();
    let behind = behind.ok_or_else(|| Report::new("it cannot be told where crelay is").code(NOT_RUNNABLE))?;
    let path = surroundings.variables.get(OsStr::new("PATH"));
    let on_path = which::which_in_all("crelay", path, &surroundings.working_folder)
        .into_iter()
        .flatten();
    let program = on_path
        .into_iter()
        .find(|program| program.canonicalize().is_ok_and(|found| found == behind));
    Ok(Crelay {
        program: program.unwrap_or_else(|| behind.clone()),
        behind,
    })
}

/// Where users keep commands of their own.
fn commands() -> Option<PathBuf> {
    let user = BaseDirs::new()?;
    let commands = user.executable_dir().map(Path::to_owned);
    Some(commands.unwrap_or_else(|| user.home_dir().join(".local/bin")))
}
