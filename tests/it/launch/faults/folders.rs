//! Folders that cannot be used: one sentence says which, and one hint what helps.

use std::process::Command;

use super::{Fake, bound, left_in_state, prepare, told};
use crate::kit::Process;

/// What is done to the home, which variable names which folder of it, and what is said.
type Case = (&'static str, &'static str, &'static str, &'static str);

fn named(fake: &Fake, variable: &str, folder: &str) -> Command {
    let mut command = fake.script("echo started");
    command.env(variable, fake.home.path().join(folder));
    command
}

fn each_is_told(cases: &[Case], started: impl Fn(&Fake, &Command) -> Command) {
    for (preparation, variable, folder, expected) in cases {
        let fake = Fake::new();
        prepare(&fake, preparation);
        let (code, words) = told(&fake, &mut started(&fake, &named(&fake, variable, folder)));
        assert_eq!((code, words.as_str()), (125, *expected), "{preparation}");
        assert_eq!(left_in_state(&fake), [""; 0], "{preparation}");
        prepare(&fake, "chmod -R u+rwx .");
    }
}

fn as_it_is(fake: &Fake, command: &Command) -> Command {
    super::under(fake, &["env"], command)
}

const IN_THE_WAY: &[Case] = &[
    (
        "touch file",
        "XDG_STATE_HOME",
        "file",
        "error: cannot create `HOME/file/crelay`: not a directory\n\nhint: move away \
                 what stands there, or set `XDG_STATE_HOME` to another folder\n",
    ),
    (
        "mkdir own; touch own/crelay",
        "XDG_STATE_HOME",
        "own",
        "error: `HOME/own/crelay` is not a folder\n\nhint: remove it with `rm HOME/own/crelay`, or set \
                 `XDG_STATE_HOME` to another folder\n",
    ),
    (
        "mkdir -m 700 own; ln -s nowhere own/crelay",
        "XDG_RUNTIME_DIR",
        "own",
        "error: `HOME/own/crelay` is not a folder\n\nhint: remove it with `rm HOME/own/crelay`, or set \
                 `XDG_RUNTIME_DIR` to another folder\n",
    ),
    (
        "mkdir -m 700 own other; ln -s ../other own/crelay",
        "XDG_RUNTIME_DIR",
        "own",
        "error: `HOME/own/crelay` is not a folder\n\nhint: remove it with `rm HOME/own/crelay`, or set \
                 `XDG_RUNTIME_DIR` to another folder\n",
    ),
    (
        "mkdir -p state/crelay other; ln -s ../../other state/crelay/sessions",
        "XDG_STATE_HOME",
        "state",
        "error: `HOME/state/crelay/sessions` is not a folder\n\nhint: remove it with `rm \
                 HOME/state/crelay/sessions`, or set `XDG_STATE_HOME` to another folder\n",
    ),
    (
        "touch file",
        "CODEX_HOME",
        "file",
        "error: `CODEX_HOME` names `HOME/file`, which is not a folder\n\nhint: set `CODEX_HOME` to a folder, or \
                 unset it\n",
    ),
    (
        "ln -s loop loop",
        "CODEX_HOME",
        "loop",
        "error: `CODEX_HOME` names `HOME/loop`, which is not a folder\n\nhint: set `CODEX_HOME` to a folder, or \
                 unset it\n",
    ),
    (
        "true",
        "CODEX_HOME",
        "my codex",
        "error: `CODEX_HOME` names `HOME/my codex`, which is not a folder\n\nhint: create it with `mkdir -p \
                 'HOME/my codex'`, or unset `CODEX_HOME`\n",
    ),
    (
        "touch file",
        "XDG_CONFIG_HOME",
        "file",
        "error: cannot read `HOME/file/crelay/config.toml`: not a directory\n\nhint: \
                 let this user read it, or move away what stands there\n",
    ),
    (
        "mkdir -p own/crelay; mkfifo own/crelay/config.toml",
        "XDG_CONFIG_HOME",
        "own",
        "error: cannot read `HOME/own/crelay/config.toml`\n  caused by: it is not a file\n\nhint: let this user \
                 read it, or move away what stands there\n",
    ),
];

#[test]
fn what_stands_where_a_folder_should_be_is_told() {
    each_is_told(IN_THE_WAY, as_it_is);
}

#[test]
fn a_folder_in_which_this_user_may_not_write_is_told() {
    each_is_told(
        &[
            (
                "chmod a-w .codex",
                "CODEX_HOME",
                ".codex",
                "error: cannot write `HOME/.codex/crelay-ID.config.toml`: permission denied\n\nhint: let this user write there, or set `CODEX_HOME` to another folder\n",
            ),
            (
                "chmod a-w .",
                "XDG_STATE_HOME",
                "state",
                "error: cannot create `HOME/state/crelay`: permission denied\n\nhint: let \
                 this user write there, or set `XDG_STATE_HOME` to another folder\n",
            ),
            (
                "mkdir own; chmod a-w own",
                "XDG_RUNTIME_DIR",
                "own",
                "error: cannot create `HOME/own/crelay`: permission denied\n\nhint: let this \
                 user write there, or set `XDG_RUNTIME_DIR` to another folder\n",
            ),
            (
                "mkdir -p own/crelay; touch own/crelay/config.toml; chmod 0 own/crelay/config.toml",
                "XDG_CONFIG_HOME",
                "own",
                "error: cannot read `HOME/own/crelay/config.toml`: permission denied\n\nhint: \
                 let this user read it, or move away what stands there\n",
            ),
        ],
        bound,
    );
}

#[test]
fn a_folder_in_which_others_may_write_is_not_trusted() {
    each_is_told(
        &[
            (
                "mkdir -p state/crelay; chmod 777 state/crelay",
                "XDG_STATE_HOME",
                "state",
                "error: `HOME/state/crelay` does not belong to this user alone\n\nhint: keep others out with `chmod \
                 go-w HOME/state/crelay`\n",
            ),
            (
                "mkdir -p state/crelay/sessions; chmod 770 state/crelay/sessions",
                "XDG_STATE_HOME",
                "state",
                "error: `HOME/state/crelay/sessions` does not belong to this user alone\n\nhint: keep others out with \
                 `chmod go-w HOME/state/crelay/sessions`\n",
            ),
        ],
        as_it_is,
    );
}

#[test]
fn a_path_that_is_not_text_is_told() {
    use std::os::unix::ffi::OsStrExt;
    for (variable, path) in [
        ("CODEX_HOME", "HOME/a\u{fffd}"),
        ("XDG_RUNTIME_DIR", "HOME/a\u{fffd}/crelay/ID/catalog.json"),
    ] {
        let fake = Fake::new();
        let folder = fake.home.path().join(std::ffi::OsStr::from_bytes(b"a\xff"));
        std::fs::create_dir(&folder).unwrap();
        let expected =
            format!("error: `{path}` is not valid UTF-8\n\nhint: set `{variable}` to a folder with a plain name\n");
        assert_eq!(
            told(&fake, fake.script("echo started").env(variable, folder)),
            (125, expected)
        );
        assert_eq!(left_in_state(&fake), [""; 0]);
    }
}

#[test]
fn a_path_that_is_too_long_is_told() {
    let long = ["y".repeat(200).as_str(); 30].join("/");
    for (variable, beginning) in [
        ("CODEX_HOME", "error: `CODEX_HOME` names `"),
        ("XDG_STATE_HOME", "error: cannot create `"),
        ("XDG_CONFIG_HOME", "error: cannot read `"),
    ] {
        let fake = Fake::new();
        let (code, words) = told(&fake, &mut named(&fake, variable, &long));
        assert_eq!(code, 125);
        assert!(words.starts_with(beginning) && words.contains("\n\nhint: "), "{words}");
        assert_eq!(left_in_state(&fake), [""; 0]);
    }
}

#[test]
fn what_is_only_a_cache_holds_up_nobody() {
    for preparation in [
        "touch cache",
        "mkdir cache; ln -s nowhere cache/crelay",
        "mkdir -p cache/crelay; chmod -R a-w cache",
        "mkdir -p cache/crelay/versions.json cache/crelay/probe.lock",
        "mkdir -p cache/crelay; chmod 777 cache/crelay",
    ] {
        let fake = Fake::new();
        prepare(&fake, preparation);
        let ended = Process::run(&mut bound(&fake, &fake.script("echo started"))).well();
        assert_eq!(
            (ended.stdout.as_str(), ended.stderr.as_str()),
            ("started\n", ""),
            "{preparation}"
        );
    }
}

#[test]
fn a_home_that_says_nothing_of_use_is_told() {
    let fake = Fake::new();
    let (code, words) = told(&fake, fake.script("echo started").env("HOME", "here"));
    let expected = "error: `HOME` names `here`, which is not a whole path\n\nhint: set `HOME` to the home folder of this \
                    user\n";
    assert_eq!((code, words.as_str()), (125, expected));
}

/// `script` with nothing but `HOME` to say where things are.
fn at_home(fake: &Fake, home: &str, script: &str) -> Command {
    let mut command = fake.script(script);
    for variable in [
        "CODEX_HOME",
        "XDG_CONFIG_HOME",
        "XDG_STATE_HOME",
        "XDG_CACHE_HOME",
        "XDG_DATA_HOME",
        "XDG_RUNTIME_DIR",
    ] {
        command.env_remove(variable);
    }
    command.env("HOME", fake.home.path().join(home));
    command
}

#[test]
fn a_home_that_is_not_there_is_made_for_what_is_kept() {
    let fake = Fake::new();
    let home = fake.home.path().join("not/there");
    // Without the home's own folder, the fake has nowhere to note what it was given.
    Process::run(&mut at_home(&fake, "not/there", "ls -d \"$HOME/.codex\"")).well();
    assert!(!home.join(".codex").exists());
    assert_eq!(super::names(&home.join(".local/state/crelay/sessions")), [""; 0]);
    assert_eq!(super::names(&home.join(".local/state/crelay/run")), [""; 0]);
}

#[test]
fn a_home_without_a_place_for_codex_is_told() {
    for (preparation, expected) in [
        (
            "mkdir home; touch home/.codex",
            "error: `HOME/home/.codex` is not a folder\n\nhint: remove it with `rm HOME/home/.codex`, or set \
             `CODEX_HOME` to another folder\n",
        ),
        (
            "mkdir home; chmod a-w home",
            "error: cannot create `HOME/home/.codex`: permission denied\n\nhint: let this \
             user write there, or set `CODEX_HOME` to another folder\n",
        ),
    ] {
        let fake = Fake::new();
        prepare(&fake, preparation);
        let mut command = bound(&fake, &at_home(&fake, "home", "echo started"));
        assert_eq!(told(&fake, &mut command), (125, expected.to_owned()), "{preparation}");
        prepare(&fake, "chmod -R u+rwx .");
    }
}

#[test]
fn a_folder_for_temporary_files_is_not_needed() {
    let fake = Fake::new();
    for folder in ["/nonexistent", "", "/dev/null"] {
        Process::run(fake.script("exit 0").env("TMPDIR", folder)).well();
    }
}
