//! What a machine, a user's folders or a broken Codex can do to a session: each ends in words and with the right code,
//! and nothing is left half-written.

mod codex;
mod crowd;
mod disk;
mod folders;
mod leftovers;
mod limits;
mod streams;

use std::path::Path;
use std::process::Command;

use super::Fake;
use crate::kit::Process;

/// Exit code, and what stands on standard error with `HOME` for the home and `ID` for the session.
fn told(fake: &Fake, command: &mut Command) -> (i32, String) {
    let ended = Process::run(command);
    assert_eq!(ended.stdout, "", "{}", ended.stderr);
    (ended.code, sentence(fake, &ended.stderr))
}

fn sentence(fake: &Fake, said: &str) -> String {
    without_ids(&said.replace(fake.home.path().to_str().unwrap(), "HOME"))
}

/// Sessions are called by eight hexadecimal digits.
fn without_ids(text: &str) -> String {
    let is_id = |word: &&str| word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .filter(is_id)
        .fold(text.to_owned(), |text, id| text.replace(id, "ID"))
}

/// Runs `script` with `sh` in the home.
fn prepare(fake: &Fake, script: &str) {
    let mut shell = fake.home.command("sh");
    let status = shell.args(["-ec", script]).current_dir(fake.home.path()).status();
    assert!(status.unwrap().success(), "{script}");
}

/// `command`, started by `words`.
fn under(fake: &Fake, words: &[&str], command: &Command) -> Command {
    let mut whole = fake.home.command(words[0]);
    whole
        .args(&words[1..])
        .arg(command.get_program())
        .args(command.get_args());
    whole.env_clear();
    whole.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    whole
}

/// `command` after `script` in the same shell.
fn after(fake: &Fake, script: &str, command: &Command) -> Command {
    under(fake, &["sh", "-c", &format!("{script} && exec \"$@\""), "sh"], command)
}

/// `command` as somebody for whom the permissions of files count, which for root they do not.
pub fn bound(fake: &Fake, command: &Command) -> Command {
    if !nix::unistd::geteuid().is_root() {
        return under(fake, &["env"], command);
    }
    under(
        fake,
        &["setpriv", "--bounding-set=-dac_override,-dac_read_search"],
        command,
    )
}

/// The records of sessions, and the folders that they had.
fn left_in_state(fake: &Fake) -> Vec<String> {
    let state = fake.home.path().join("state/crelay");
    [state.join("sessions"), state.join("run")]
        .iter()
        .flat_map(|folder| names(folder))
        .collect()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}
