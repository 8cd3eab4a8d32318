//! Which Codex it is, and what that one takes. The version is asked for once and kept by path, size and time, unless
//! the program only leads to another one.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::files::{self, Root};
use crate::plain;
use crate::report;
use crate::session::Environment;

use super::error::Error;
use super::package::Package;

/// A cold start of Node.js on a slow disk takes seconds; a program that takes longer is not Codex.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// What it said before it ended is in the pipe already.
const LAST_WORDS_WITHIN: Duration = Duration::from_millis(200);

/// Tells a crelay that stands where Codex should be that nobody there is Codex: it would ask whoever it finds, and that
/// may be itself again.
pub const ASKED: &str = "CRELAY_ASKS";

/// The version of a Codex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version {
    major: u64,
    minor: u64,
    patch: u64,
}

/// What tells one program from another under the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    size: u64,
    modified: i64,
    nanoseconds: i64,
}

/// What stands in the cache for one path.
#[derive(Debug, Serialize, Deserialize)]
struct Known {
    identity: Identity,
    version: Version,
}

type Cache = BTreeMap<PathBuf, Known>;

impl Version {
    /// The first whose catalog and providers could be checked.
    pub const OLDEST: Self = Self::new(0, 118, 0);

    /// A version of three numbers.
    #[must_use]
    pub const fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self { major, minor, patch }
    }

    /// Reads `codex-cli 0.169.0`, with or without something after the numbers.
    #[must_use]
    pub fn parse(answer: &str) -> Option<Self> {
        let numbers = answer.trim().strip_prefix("codex-cli ")?;
        let numbers = numbers.split(['-', '+', ' ']).next()?;
        let mut parts = numbers.split('.').map(str::parse);
        let (Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch)), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        Some(Self::new(major, minor, patch))
    }

    /// Whether crelay can run it.
    #[must_use]
    pub fn is_supported(self) -> bool {
        self.is_at_least(118)
    }

    /// Whether `-p NAME` reads `$CODEX_HOME/NAME.config.toml`; before, it chose a table of `config.toml`.
    #[must_use]
    pub fn takes_profile(self) -> bool {
        self.is_at_least(134)
    }

    /// Whether `agents.default_subagent_model` names a model. 0.134 takes it for a kind of agent and does not start;
    /// none between was seen.
    #[must_use]
    pub fn takes_subagent_model(self) -> bool {
        self.is_at_least(150)
    }

    /// Whether there is a daemon, and `--no-daemon` to do without it.
    #[must_use]
    pub fn takes_no_daemon(self) -> bool {
        self.is_at_least(156)
    }

    /// Whether it was built from its source: then it calls itself 0.0.0.
    #[must_use]
    pub fn is_of_source(self) -> bool {
        self == Self::new(0, 0, 0)
    }

    /// Codex that was built from its source counts as the newest.
    fn is_at_least(self, minor: u64) -> bool {
        self.is_of_source() || self >= Self::new(0, minor, 0)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Identity {
    /// Reads it from the file behind `program`.
    pub fn of(program: &Path) -> std::io::Result<Self> {
        let metadata = fs::metadata(program)?;
        Ok(Self {
            size: metadata.len(),
            modified: metadata.mtime(),
            nanoseconds: metadata.mtime_nsec(),
        })
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:x}-{:x}-{:x}", self.size, self.modified, self.nanoseconds)
    }
}

/// The version of `program`, from `cache` if it is known there, else from `program` itself.
pub async fn read(
    program: &Path,
    identity: &Identity,
    environment: &Environment,
    cache: &Path,
) -> Result<Version, Error> {
    // What others could write there is not believed.
    if let Err(error) = files::linked_folder(cache, Root::Cache) {
        tracing::warn!(%error, "the version of Codex cannot be kept");
        return ask(program, environment).await;
    }
    let file = cache.join("versions.json");
    let mut known = read_cache(&file);
    if let Some(entry) = known.get(program).filter(|entry| entry.identity == *identity) {
        return Ok(entry.version);
    }
    let version = ask(program, environment).await?;
    if is_shim(program) {
        return Ok(version);
    }
    known.retain(|path, entry| Identity::of(path).is_ok_and(|now| now == entry.identity));
    known.insert(
        program.to_owned(),
        Known {
            identity: identity.clone(),
            version,
        },
    );
    let written = serde_json::to_vec_pretty(&known).map_err(std::io::Error::other);
    if let Err(error) = written.and_then(|content| files::replace(&file, &content)) {
        tracing::warn!(path = %file.display(), %error, "the version of Codex could not be kept");
    }
    Ok(version)
}

/// A cache that cannot be read knows nothing.
fn read_cache(file: &Path) -> Cache {
    /// Some thousand programs.
    const MOST: u64 = 1024 * 1024;
    let content = files::read(file, MOST).unwrap_or_default();
    serde_json::from_str(&content).unwrap_or_default()
}

/// What asdf, mise or Volta put on `PATH`, or a script of the user's own, is the same file for every version behind it.
/// npm's wrapper is a script as well, and comes and goes with its Codex.
fn is_shim(program: &Path) -> bool {
    let behind = fs::canonicalize(program).unwrap_or_else(|_| program.to_owned());
    let is_named_so = [program.parent().and_then(Path::file_name), behind.file_name()]
        .into_iter()
        .flatten()
        .any(|name| name.to_string_lossy().contains("shim"));
    let is_mise = behind.file_name().is_some_and(|name| name == "mise");
    is_named_so || is_mise || (is_script(&behind) && Package::of(&behind).is_none())
}

fn is_script(program: &Path) -> bool {
    let mut beginning = [0; 2];
    let read = File::open(program).and_then(|mut file| file.read_exact(&mut beginning));
    read.is_ok() && beginning == *b"#!"
}

async fn ask(program: &Path, environment: &Environment) -> Result<Version, Error> {
    let not_runnable = |reason: String| Error::NotRunnable {
        program: program.to_owned(),
        reason,
    };
    let answered = tokio::time::timeout(ANSWER_WITHIN, answer(program, environment)).await;
    let Ok(answered) = answered else {
        return Err(not_runnable("it does not answer `--version`".into()));
    };
    let Answer { status, output, errors } = answered.map_err(|error| Error::start(program, error))?;
    if !status.success() {
        let line = quotable(errors.lines().rev()).unwrap_or_else(|| "it says nothing".into());
        return Err(not_runnable(format!("`--version` {}: {line}", report::ended(status))));
    }
    // A launcher may print lines of its own before the version.
    output.lines().find_map(Version::parse).ok_or_else(|| {
        let line = quotable(output.lines()).map_or("nothing".into(), |line| format!("`{line}`"));
        not_runnable(format!("it answers `--version` with {line}"))
    })
}

/// What a program made of `--version`.
struct Answer {
    status: ExitStatus,
    output: String,
    errors: String,
}

async fn answer(program: &Path, environment: &Environment) -> io::Result<Answer> {
    let mut process = tokio::process::Command::new(program)
        .arg("--version")
        .env_clear()
        .envs(environment)
        .env(ASKED, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let status = {
        let pipes = (process.stdout.take(), process.stderr.take());
        let read = async { tokio::join!(beginning(pipes.0, &mut output), beginning(pipes.1, &mut errors)) };
        let mut read = pin!(read);
        tokio::select! {
            _ = &mut read => process.wait().await?,
            status = process.wait() => {
                // Something that it started may have the pipes open for long after.
                drop(tokio::time::timeout(LAST_WORDS_WITHIN, read).await);
                status?
            }
        }
    };
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Answer {
        status,
        output: text(output),
        errors: text(errors),
    })
}

/// What comes out of a pipe first. Whoever says much more is not Codex, and finds the pipe closed.
async fn beginning(pipe: Option<impl AsyncRead + Unpin>, said: &mut Vec<u8>) {
    const MOST: u64 = 64 * 1024;
    if let Some(pipe) = pipe
        && let Err(error) = pipe.take(MOST).read_to_end(said).await
    {
        tracing::debug!(%error, "the answer to `--version` broke off");
    }
}

/// The first of `lines` that says something, fit to stand in a sentence.
fn quotable<'a>(mut lines: impl Iterator<Item = &'a str>) -> Option<String> {
    const MOST: usize = 200;
    let line = plain::line(lines.find(|line| !line.trim().is_empty())?);
    Some(line.chars().take(MOST).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::sample;

    /// npm's wrapper.
    const WRAPPER: &str = "@openai/codex/bin/codex.js";

    /// A program at `place` that counts how often it is asked.
    fn counting(folder: &Path, place: &str, answer: &str) -> PathBuf {
        let program = folder.join(place);
        let counted = folder.join("asked");
        let script = format!("#!/bin/sh\necho asked >> '{}'\necho '{answer}'\n", counted.display());
        sample::program(&program, &script);
        program
    }

    fn asked(folder: &Path) -> usize {
        fs::read_to_string(folder.join("asked")).map_or(0, |text| text.lines().count())
    }

    async fn read_in(folder: &Path, program: &Path) -> Result<Version, Error> {
        let identity = Identity::of(program).unwrap();
        read(program, &identity, &Environment::new(), &folder.join("cache")).await
    }

    #[test]
    fn a_version_is_read_with_whatever_follows_the_numbers() {
        assert_eq!(Version::parse("codex-cli 0.169.0\n"), Some(Version::new(0, 169, 0)));
        assert_eq!(
            Version::parse("codex-cli 0.170.0-alpha.3"),
            Some(Version::new(0, 170, 0))
        );
        assert_eq!(Version::parse("codex-cli 1.2"), None);
        assert_eq!(Version::parse("cat (GNU coreutils) 9.1"), None);
    }

    #[test]
    fn each_version_has_what_came_with_it() {
        let abilities = |minor| {
            let version = Version::new(0, minor, 0);
            (
                version.is_supported(),
                version.takes_profile(),
                version.takes_no_daemon(),
            )
        };
        assert_eq!(abilities(117), (false, false, false));
        assert_eq!(abilities(118), (true, false, false));
        assert_eq!(abilities(133), (true, false, false));
        assert_eq!(abilities(134), (true, true, false));
        assert_eq!(abilities(155), (true, true, false));
        assert_eq!(abilities(156), (true, true, true));
        assert_eq!(abilities(0), (true, true, true));
        let takes_subagent_model = |minor| Version::new(0, minor, 0).takes_subagent_model();
        assert_eq!([134, 149, 150].map(takes_subagent_model), [false, false, true]);
        assert!(Version::new(1, 0, 0).takes_no_daemon());
    }

    #[tokio::test]
    async fn a_version_is_asked_for_once_until_the_program_changes() {
        let folder = tempfile::tempdir().unwrap();
        let program = counting(folder.path(), WRAPPER, "codex-cli 0.169.0");
        for _ in 0..2 {
            assert_eq!(read_in(folder.path(), &program).await.unwrap(), Version::new(0, 169, 0));
        }
        assert_eq!(asked(folder.path()), 1);
        counting(folder.path(), WRAPPER, "codex-cli 0.170.0-beta");
        assert_eq!(read_in(folder.path(), &program).await.unwrap(), Version::new(0, 170, 0));
        assert_eq!(asked(folder.path()), 2);
    }

    #[tokio::test]
    async fn a_broken_cache_is_as_good_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let program = counting(folder.path(), WRAPPER, "codex-cli 0.169.0");
        let file = folder.path().join("cache/versions.json");
        fs::create_dir(folder.path().join("cache")).unwrap();
        fs::write(&file, "{\"/usr/bin/codex\": [").unwrap();
        assert_eq!(read_in(folder.path(), &program).await.unwrap(), Version::new(0, 169, 0));
        assert!(read_cache(&file).contains_key(&program));
    }

    #[tokio::test]
    async fn what_leads_to_another_program_is_asked_every_time() {
        for place in ["shims/codex", "mise", "codex"] {
            let folder = tempfile::tempdir().unwrap();
            let program = counting(folder.path(), place, "codex-cli 0.169.0");
            for _ in 0..2 {
                read_in(folder.path(), &program).await.unwrap();
            }
            assert_eq!(asked(folder.path()), 2, "{place}");
        }
    }

    #[tokio::test]
    async fn a_program_that_is_not_codex_is_refused_with_what_it_said() {
        let folder = tempfile::tempdir().unwrap();
        let program = counting(folder.path(), "codex", "codex of another kind");
        let error = read_in(folder.path(), &program).await.unwrap_err();
        let expected = format!(
            "`{}` is not a Codex that can be run: it answers `--version` with `codex of another kind`",
            program.display()
        );
        assert_eq!(error.to_string(), expected);
    }
}
