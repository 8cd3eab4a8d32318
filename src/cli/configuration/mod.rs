//! `crelay config`: where the configuration is, what it says, and what other programs need to be told.

pub(super) mod options;
mod print;

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind, IsTerminal};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::files;
use crate::launch::{self, Places};
use crate::provider::Table;
use crate::report::{self, Report};
use crate::session::{self, Ground, Origin, Setting};

use super::environment::{self, Surroundings};
use super::run;

use options::Action;

/// All that can be said, commented out.
const TEMPLATE: &str = include_str!("template.toml");

/// What POSIX systems have if nothing else.
const EDITOR: &str = "vi";

/// Does what was typed.
pub(super) fn main(action: &Action) -> Result<u8, Report> {
    let surroundings = environment::read()?;
    let path = surroundings.configuration();
    match action {
        Action::Path => super::print(&format!("{}\n", path.display())),
        Action::Show { json } => show(&surroundings, *json),
        Action::Init => init(&path),
        Action::Edit => edit(&surroundings, &path),
        Action::Check => check(&surroundings, &path),
        Action::Print(options) => print::main(options, &surroundings),
    }
}

fn show(surroundings: &Surroundings, is_json: bool) -> Result<u8, Report> {
    let remembered = |provider: &str| launch::remembered_model(&surroundings.folders, provider);
    let settings = in_order(surroundings, |ground| Ok(ground.settings(&remembered)?))?;
    if is_json {
        let list: Vec<Value> = settings.iter().map(object).collect();
        return super::print(&format!("{:#}\n", Value::from(list)));
    }
    let value = |setting: &Setting| match (&setting.value, &setting.origin) {
        (Some(value), _) => one_line(value),
        (None, Origin::Usual) => "-".to_owned(),
        (None, _) => "(hidden)".to_owned(),
    };
    let widest = |text: &dyn Fn(&Setting) -> String| {
        let widths = settings.iter().map(|setting| text(setting).chars().count());
        widths.max().unwrap_or(0)
    };
    let (keys, values) = (widest(&|setting| setting.key.clone()), widest(&value));
    let lines = settings.iter().map(|setting| {
        let origin = match &setting.origin {
            Origin::Line(line) => format!("line {line}"),
            Origin::Variable(name) => format!("`{name}`"),
            Origin::Chosen => "chosen with `/model`".to_owned(),
            Origin::Usual => "as usual".to_owned(),
        };
        format!("{:<keys$}  {:<values$}  {origin}\n", setting.key, value(setting))
    });
    let lines: String = lines.collect();
    super::print(&format!("{}\n\n{lines}", surroundings.configuration().display()))
}

/// A list may be written in several lines.
fn one_line(value: &str) -> String {
    let lines: Vec<&str> = value.lines().map(str::trim).collect();
    lines.join(" ")
}

fn object(setting: &Setting) -> Value {
    let origin = match &setting.origin {
        Origin::Line(line) => json!({"kind": "file", "line": line}),
        Origin::Variable(name) => json!({"kind": "variable", "name": name}),
        Origin::Chosen => json!({"kind": "chosen"}),
        Origin::Usual => json!({"kind": "usual"}),
    };
    let is_hidden = setting.value.is_none() && setting.origin != Origin::Usual;
    json!({"key": setting.key, "value": setting.value, "hidden": is_hidden, "origin": origin})
}

/// What `ask` finds out, if the configuration is in order.
fn in_order<T>(surroundings: &Surroundings, ask: impl FnOnce(&Ground<'_>) -> Result<T, Report>) -> Result<T, Report> {
    let config = surroundings.config()?;
    let table = Table::embedded().map_err(session::Error::from)?;
    let ground = Ground {
        table: &table,
        config: &config,
        environment: &surroundings.variables,
        strangers: &[],
        kept: &[],
    };
    ground.check()?;
    ask(&ground)
}

fn init(path: &Path) -> Result<u8, Report> {
    begin(path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Report::new(format!("`{}` is there already", path.display()))
            .hint("`crelay config edit` opens it, `crelay config show` tells what counts of it"),
        _ => unwritten(path, error),
    })?;
    super::print(&format!(
        "`{}` is written; `crelay config edit` opens it\n",
        path.display()
    ))
}

/// Never over a file that is there.
fn begin(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        files::private_folder(folder)?;
    }
    files::new_file(path, TEMPLATE.as_bytes())
}

fn unwritten(path: &Path, error: io::Error) -> Report {
    files::Error::file("write", path, files::Root::Config)(error).into()
}

fn edit(surroundings: &Surroundings, path: &Path) -> Result<u8, Report> {
    let chosen = ["VISUAL", "EDITOR"]
        .into_iter()
        .find_map(|name| surroundings.variable(name));
    if chosen.is_none() && !io::stdin().is_terminal() {
        let report = Report::new(format!("`{EDITOR}` needs a terminal, and standard input is none"));
        return Err(report.hint(format!(
            "set `VISUAL` or `EDITOR` to another, or write `{}` yourself; `crelay config init` begins it",
            path.display()
        )));
    }
    let is_new = match begin(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
        begun => begun.map(|()| true).map_err(|error| unwritten(path, error))?,
    };
    let edited = open(path, chosen);
    // What was written before the editor failed is the user's.
    let is_untouched = || fs::read(path).is_ok_and(|text| text == TEMPLATE.as_bytes());
    if edited.is_err() && is_new && is_untouched() {
        let _ = fs::remove_file(path);
    }
    edited?;
    check(surroundings, path)
}

/// Runs the editor on the file.
fn open(path: &Path, chosen: Option<&OsStr>) -> Result<(), Report> {
    let editor = chosen.map_or(EDITOR.into(), |editor| editor.to_string_lossy());
    // It may have words of its own, such as `code --wait`.
    let script = format!("{editor} \"$1\"");
    let ended = Command::new("sh").args(["-c", &script, "sh"]).arg(path).status();
    let status = ended.map_err(|error| Report::new("cannot start `sh`").source(error))?;
    if status.success() {
        return Ok(());
    }
    let hint = match chosen {
        Some(_) => "set `VISUAL` or `EDITOR` to an editor that is there",
        None => "set `VISUAL` or `EDITOR` to an editor",
    };
    let report = Report::new(format!("the editor `{editor}` {}", report::ended_in_shell(status)));
    Err(report.hint(hint))
}

fn check(surroundings: &Surroundings, path: &Path) -> Result<u8, Report> {
    in_order(surroundings, |ground| {
        ground.check_files()?;
        ground.check_fallbacks()?;
        codex(surroundings, ground)
    })?;
    super::print(&match path.exists() {
        true => format!("`{}` is in order\n", path.display()),
        false => format!("`{}` is not there, so everything is as usual\n", path.display()),
    })
}

/// Whether the Codex that the configuration names can be run.
fn codex(surroundings: &Surroundings, ground: &Ground<'_>) -> Result<(), Report> {
    let Some(configured) = &ground.config.codex else {
        return Ok(());
    };
    let keyless = ground.without_keys();
    let places = Places {
        option: None,
        variable: None,
        configured: Some(configured),
        own: surroundings.program.as_deref(),
        working_folder: &surroundings.working_folder,
        environment: &keyless,
    };
    let found = run::runtime()?.block_on(launch::find(&places, &surroundings.folders));
    found?.supported()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::session::Config;
    use crate::upstream::Limits;

    /// The template with every setting taken at its word.
    fn taken() -> String {
        let lines = TEMPLATE.lines().map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') => setting,
            _ => line,
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_template_changes_nothing_and_holds_only_what_is_understood() {
        assert!(TEMPLATE.lines().all(|line| line.is_empty() || line.starts_with('#')));
        let config = Config::parse(&taken(), Path::new("template.toml")).unwrap();
        assert_eq!(config.default_provider.as_deref(), Some("deepseek"));
    }

    #[test]
    fn what_is_told_as_usual_is() {
        let config = Config::default();
        let ground = Ground {
            table: &Table::embedded().unwrap(),
            config: &config,
            environment: &session::Environment::new(),
            strangers: &[],
            kept: &[],
        };
        let settings = ground.settings(&|_| None).unwrap();
        let limits = Limits::default();
        let seconds = |time: Option<Duration>| time.map_or("\"never\"".to_owned(), |time| time.as_secs().to_string());
        for (table, name, value) in [
            ("", "max_request_mib", (config.max_request() >> 20).to_string()),
            ("timeouts.", "connect", seconds(limits.connect)),
            ("timeouts.", "first", seconds(limits.first)),
            ("timeouts.", "idle", seconds(limits.idle)),
            ("timeouts.", "total", seconds(limits.total)),
            ("retry.", "attempts", limits.retry.attempts.to_string()),
            ("retry.", "budget", seconds(Some(limits.retry.budget))),
            ("retry.", "pause", seconds(Some(limits.retry.pause))),
        ] {
            let key = format!("{table}{name}");
            let told = settings.iter().find(|setting| setting.key == key);
            assert_eq!(told.and_then(|told| told.value.as_ref()), Some(&value), "{key}");
            assert!(TEMPLATE.contains(&format!("\n#{name} = {value}\n")), "{key}");
        }
    }

    #[test]
    fn the_template_explains_every_setting() {
        let error = Config::parse("nobody = 1", Path::new("c")).unwrap_err();
        let error = Report::from(error).to_string();
        let expected: Vec<&str> = error
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|key| *key != "nobody")
            .collect();
        let is_there = |key: &str| {
            let text = taken();
            text.lines()
                .any(|line| line.starts_with(&format!("{key} =")) || line.starts_with(&format!("[{key}")))
        };
        let missing: Vec<&&str> = expected.iter().filter(|key| !is_there(key)).collect();
        assert!(missing.is_empty() && expected.len() > 10, "{missing:?} {error}");
    }
}
