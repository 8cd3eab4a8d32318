//! Folders and files that somebody else has a hand in, or that have no room: no key is put there or believed.

use std::fs;
use std::process::Command;

use super::User;
use crate::kit::{Ended, Process};

impl User {
    /// Runs `script` in the home; `$CRELAY` is crelay, `$KEY` the key.
    fn sh(&self, script: &str) -> Ended {
        let mut command: Command = self.fake.home.command("sh");
        command
            .args(["-c", script])
            .current_dir(self.fake.home.path())
            .env("CRELAY", env!("CARGO_BIN_EXE_crelay"))
            .env("KEY", self.provider.key());
        Process::run(&mut command)
    }

    /// What is said with `HOME` for the home, and that no key is said or left where none was.
    fn told(&self, script: &str) -> (i32, String) {
        let ended = self.sh(script);
        assert!(!ended.stderr.contains(self.provider.key()), "{}", ended.stderr);
        assert_eq!(ended.stdout, "", "{script}");
        let home = self.fake.home.path().to_str().unwrap();
        (ended.code, ended.stderr.replace(home, "HOME"))
    }
}

const SET: &str = "echo $KEY | $CRELAY auth set deepseek --file --no-check";

/// What is done to the home, and what is said of it.
const CASES: &[(&str, &str)] = &[
    (
        "mkdir -p elsewhere state/crelay; ln -s ../../elsewhere state/crelay/keys",
        "error: `HOME/state/crelay/keys` is not a folder\n\nhint: remove it with `rm HOME/state/crelay/keys`, or set \
         `XDG_STATE_HOME` to another folder\n",
    ),
    (
        "mkdir -p state/crelay/keys; chmod 770 state/crelay/keys",
        "error: `HOME/state/crelay/keys` does not belong to this user alone\n\nhint: keep others out with `chmod go-w \
         HOME/state/crelay/keys`\n",
    ),
    (
        "mkdir -p state/crelay/keys; chmod 777 state/crelay",
        "error: `HOME/state/crelay` does not belong to this user alone\n\nhint: keep others out with `chmod go-w \
         HOME/state/crelay`\n",
    ),
];

#[test]
fn a_folder_that_others_could_have_filled_is_neither_written_nor_read_nor_emptied() {
    for (preparation, expected) in CASES {
        let user = User::new();
        assert_eq!(user.sh(&format!("mkdir elsewhere; {preparation}; echo $KEY >state/crelay/keys/kimi.key; chmod 600 state/crelay/keys/kimi.key")).code, 0);
        for words in [SET, "$CRELAY auth list", "$CRELAY auth remove kimi"] {
            assert_eq!(
                user.told(words),
                (125, (*expected).to_owned()),
                "{preparation}; {words}"
            );
        }
        let left: Vec<_> = fs::read_dir(user.kept())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, ["kimi.key"], "{preparation}");
        // Who has another key needs none of them.
        let dry = user.sh("DEEPSEEK_API_KEY=sk-1234567890 $CRELAY exec --dry-run --codex ./codex task 2>&1");
        assert!(dry.stdout.contains("note: no kept key is used: "), "{}", dry.stdout);
    }
}

#[test]
fn a_folder_of_somebody_elses_is_told() {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: only root can give a folder away");
        return;
    }
    for theirs in ["state/crelay", "state/crelay/keys"] {
        let user = User::new();
        assert_eq!(
            user.sh(&format!("mkdir -p state/crelay/keys; chown 65534 {theirs}"))
                .code,
            0
        );
        let expected = format!(
            "error: `HOME/{theirs}` does not belong to this user alone\n\nhint: set `XDG_STATE_HOME` to a folder of your own\n"
        );
        assert_eq!(user.told(SET), (125, expected.clone()));
        assert_eq!(user.told("$CRELAY auth list"), (125, expected));
    }
}

#[test]
fn a_key_for_which_there_is_no_room_leaves_nothing_of_itself() {
    let user = User::new();
    let expected = "error: cannot write `HOME/state/crelay/keys/deepseek.key`: file too large\n\nhint: allow larger files with `ulimit -f unlimited`\n";
    assert_eq!(user.told(&format!("ulimit -f 0; {SET}")), (125, expected.to_owned()));
    assert_eq!(fs::read_dir(user.kept()).unwrap().count(), 0);
}

#[test]
fn what_a_killed_writer_left_of_a_key_is_taken_away_by_the_next_start() {
    let user = User::new();
    assert_eq!(user.sh(SET).code, 0);
    let left = user.kept().join("kimi.4711-0.new");
    fs::write(&left, user.provider.key()).unwrap();
    Process::run(&mut user.exec(&[], "true")).well();
    assert!(!left.exists());
}
