//! The keyring of the system: a real Secret Service on a bus of its own, where `gnome-keyring` and `dbus` are
//! installed.

use std::process::Command;

use super::User;
use crate::kit::Process;

/// A bus with a keyring on it, for the user's home alone.
pub struct Keyring<'a> {
    user: &'a User,
}

/// Opens the keyring as logging in does. Its sockets are not crelay's to clean up.
const OPEN: &str = "mkdir -p $HOME/ring; printf password | \
                    XDG_RUNTIME_DIR=$HOME/ring gnome-keyring-daemon --unlock --components=secrets >$HOME/ring/log 2>&1; ";

/// Starts it as it is before anybody has logged in.
const LOCKED: &str = "mkdir -p $HOME/ring; \
                      XDG_RUNTIME_DIR=$HOME/ring gnome-keyring-daemon --start --components=secrets >$HOME/ring/log 2>&1; ";

impl<'a> Keyring<'a> {
    /// Nothing where it is not installed, and says so.
    pub fn of(user: &'a User) -> Option<Self> {
        let missing = ["dbus-run-session", "gnome-keyring-daemon"]
            .into_iter()
            .find(|program| which::which(program).is_err());
        if let Some(program) = missing {
            eprintln!("skipped: there is no `{program}` here; the keyring is tested in memory alone");
            return None;
        }
        Some(Self { user })
    }

    /// `script`, which finds an open keyring, crelay as `$CRELAY` and the fake as `$CODEX`.
    pub fn with(&self, script: &str) -> Command {
        self.session(&format!("{OPEN}{script}"))
    }

    fn session(&self, script: &str) -> Command {
        let home = &self.user.fake.home;
        let mut command = home.command("dbus-run-session");
        command
            .args(["--", "sh", "-c", script])
            .env("CRELAY", env!("CARGO_BIN_EXE_crelay"))
            .env("CODEX", self.user.fake.program())
            .env("KEY", self.user.provider.key());
        command
    }
}

#[test]
fn a_key_goes_to_the_keyring_and_nowhere_else_and_a_session_has_it_from_there() {
    let user = User::new();
    let Some(keyring) = Keyring::of(&user) else { return };
    let script = "set -e
        echo $KEY | $CRELAY auth set deepseek
        $CRELAY auth list
        $CRELAY exec --dry-run --codex $CODEX task | grep ^key
        $CRELAY exec --codex $CODEX 'echo the task is done'
        $CRELAY auth remove deepseek
        $CRELAY auth list
        $CRELAY exec --codex $CODEX 'echo never' || echo ended with $?";
    let ended = Process::run(&mut keyring.with(script));
    let key = user.provider.key();
    let last = &key[key.len() - 4..];
    assert_eq!(
        ended.stdout,
        format!(
            "the key for DeepSeek is in the keyring\n\
             deepseek  …{last}  the keyring of `crelay auth`\n\
             key       from the keyring of `crelay auth`, not shown\n\
             the task is done\n\
             the key for DeepSeek is no longer in the keyring\n\
             no keys: `crelay auth set deepseek` asks for one and keeps it\n\
             ended with 125\n"
        ),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains(key), "{}", ended.stderr);
    assert_eq!(std::fs::read_dir(user.kept()).unwrap().count(), 0);
}

#[test]
fn a_keyring_that_is_locked_where_nobody_can_open_it_is_told() {
    let user = User::new();
    let Some(keyring) = Keyring::of(&user) else { return };
    let ended = Process::run(&mut keyring.session(&format!("{LOCKED} echo $KEY | $CRELAY auth set deepseek")));
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
    assert!(
        ended.stderr.contains("error: the keyring does not open\n  caused by: "),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stderr.contains("`crelay auth set deepseek --file`"),
        "{}",
        ended.stderr
    );
    assert!(!user.kept().exists());
}

#[test]
fn a_keyring_that_is_locked_again_is_told_once_and_whose_keys_there_are_all_the_same() {
    let user = User::new();
    let Some(keyring) = Keyring::of(&user) else { return };
    let script = "set -e
        for name in deepseek work; do echo $KEY | $CRELAY auth set $name --no-check; done
        dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
            org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login >$HOME/ring/log
        $CRELAY auth list
        $CRELAY providers test || echo nobody could be asked";
    let ended = Process::run(&mut keyring.with(script)).well();
    let listed = "deepseek  -      the keyring of `crelay auth`\nwork      -      the keyring of `crelay auth`\n";
    assert!(ended.stdout.contains(listed), "{}", ended.stdout);
    let tested = ended.stdout.split_once(listed).unwrap().1;
    assert!(
        tested.starts_with("? deepseek  not checked: the keyring does not open"),
        "{tested}"
    );
    assert!(
        tested.contains("\n? work      not checked: the keyring is locked\n"),
        "{tested}"
    );
    assert_eq!(
        ended.stderr.matches("note: the keyring does not open, so ").count(),
        1,
        "{}",
        ended.stderr
    );
}

#[test]
fn without_a_keyring_a_file_is_written_for_who_asks_for_one() {
    let user = User::new();
    let set = |options: &str| {
        let script = format!("echo $KEY | $CRELAY auth set deepseek {options}");
        let mut command = user.fake.home.command("sh");
        command
            .args(["-c", &script])
            .env("CRELAY", env!("CARGO_BIN_EXE_crelay"))
            .env("KEY", user.provider.key());
        Process::run(&mut command)
    };
    let refused = set("");
    assert_eq!((refused.code, refused.stdout.as_str()), (125, ""));
    assert!(
        refused
            .stderr
            .starts_with("error: there is no keyring that can be used here\n"),
        "{}",
        refused.stderr
    );
    assert!(
        refused.stderr.ends_with(
            "hint: set `DEEPSEEK_API_KEY`, or keep the key in a file that only you can read: `crelay auth set deepseek \
             --file`\n"
        ),
        "{}",
        refused.stderr
    );
    let file = user.kept().join("deepseek.key");
    let said = set("--file").well().stdout;
    assert_eq!(said, format!("the key for DeepSeek is in `{}`\n", file.display()));
    assert_eq!(std::fs::read_to_string(file).unwrap(), user.provider.key());
    let done = Process::run(&mut user.exec(&[], "echo the task is done")).well();
    assert_eq!(done.stdout, "the task is done\n");
}
