//! Where `packaging/install.sh` cannot do its work, nothing has changed.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::place::{Place, TARGET, VERSION, archive_of, bare_path, before_path, refused, script, tree, write_program};
use super::root;
use crate::kit::{Ended, Home, Process};

/// A home in which something is installed already.
fn furnished() -> Home {
    let home = Home::new();
    let programs = home.path().join(".local/bin");
    fs::create_dir_all(&programs).unwrap();
    write_program(&programs.join("crelay"), "echo crelay 0.0.9");
    let pages = home.path().join("data/man/man1");
    fs::create_dir_all(&pages).unwrap();
    fs::write(pages.join("crelay-old.1"), "old").unwrap();
    home
}

#[test]
fn an_archive_that_is_not_what_was_released_is_refused() {
    let (home, place) = (furnished(), Place::new());
    let mut archive = OpenOptions::new().append(true).open(place.archive()).unwrap();
    archive.write_all(b"more").unwrap();
    let said = refused(&home, &mut place.install(&home));
    let name = archive_of(TARGET);
    assert!(
        said.starts_with(&format!("error: `{name}` is not what was released: its SHA-256 is ")),
        "{said}"
    );
    assert!(said.contains("; nothing was changed\n\nhint: try again"), "{said}");
}

#[test]
fn what_is_not_there_is_told() {
    let (home, place) = (furnished(), Place::new());
    let at = place.path().display().to_string();
    let said = refused(&home, place.install(&home).args(["--version", "9.9.9"]));
    let expected = format!(
        "error: `{at}` has no archive of crelay 9.9.9 for {TARGET}\n\nhint: `cargo install crelay` builds it where Rust is\n"
    );
    assert_eq!(said, expected);

    fs::remove_file(place.archive()).unwrap();
    let said = refused(&home, &mut place.install(&home));
    assert!(
        said == format!(
            "error: cannot fetch `{at}/{}`; nothing was changed\n",
            archive_of(TARGET)
        ),
        "{said}"
    );

    fs::write(
        place.path().join("SHA256SUMS"),
        "0000  crelay-1.0.0-riscv64-unknown-linux-musl.tar.gz\n",
    )
    .unwrap();
    let said = refused(&home, &mut place.install(&home));
    assert!(
        said.starts_with(&format!("error: `{at}` has no archive of crelay for {TARGET}\n")),
        "{said}"
    );

    fs::write(place.path().join("SHA256SUMS"), "0000  ../../crelay-x.tar.gz\n").unwrap();
    let said = refused(&home, &mut place.install(&home));
    assert_eq!(said, format!("error: `{at}/SHA256SUMS` names no archive of crelay\n"));

    let two = format!("0000  crelay-1.0.0-{TARGET}.tar.gz\n0000  crelay-2.0.0-{TARGET}.tar.gz\n");
    fs::write(place.path().join("SHA256SUMS"), two).unwrap();
    let said = refused(&home, &mut place.install(&home));
    assert_eq!(
        said,
        format!("error: `{at}` holds more than one release\n\nhint: choose one with `--version`\n")
    );

    fs::remove_file(place.path().join("SHA256SUMS")).unwrap();
    let said = refused(&home, &mut place.install(&home));
    let expected = format!("error: there is no release of crelay at `{at}`, or it cannot be reached\n");
    assert_eq!(said, expected);
}

#[test]
fn why_nothing_could_be_fetched_is_told_below_that() {
    if which::which("curl").is_err() {
        eprintln!("no curl here: what it says is not seen");
        return;
    }
    let said = refused(
        &furnished(),
        script(&Home::new()).args(["--from", "http://127.0.0.1:9"]),
    );
    let first = "error: there is no release of crelay at `http://127.0.0.1:9`, or it cannot be reached\n";
    assert!(said.starts_with(&format!("{first}\nhint: curl: (")), "{said}");
}

#[test]
fn a_program_of_another_kind_that_has_its_name_is_neither_replaced_nor_removed() {
    let place = Place::new();
    for mine in ["echo mine", "exit 1", "echo crelay of mine"] {
        let home = furnished();
        let program = home.path().join(".local/bin/crelay");
        write_program(&program, mine);
        let expected = format!(
            "error: `{}` is not crelay: it does not tell its version; nothing was changed\n\n\
             hint: choose another folder with `--to`, or remove it yourself\n",
            program.display()
        );
        assert_eq!(refused(&home, &mut place.install(&home)), expected);
        assert_eq!(refused(&home, script(&home).arg("--uninstall")), expected);
        fs::remove_file(&program).unwrap();
        fs::write(&program, "a note").unwrap();
        assert_eq!(refused(&home, script(&home).arg("--uninstall")), expected);
    }
}

/// What `uname` says of system and processor, whether the processor is Apple's, and what comes of it.
const MACHINES: [(&str, &str, u8, &str); 9] = [
    (
        "MINGW64_NT-10.0",
        "x86_64",
        0,
        "error: crelay does not run on Windows itself\n\nhint: it does in WSL",
    ),
    (
        "FreeBSD",
        "amd64",
        0,
        "error: there is no archive for FreeBSD\n\nhint: `cargo install crelay` builds it",
    ),
    (
        "Linux",
        "riscv64",
        0,
        "error: there is no archive for a processor of the kind riscv64\n\nhint: `cargo",
    ),
    (
        "Linux",
        "x86_64",
        0,
        "no archive of crelay 9 for x86_64-unknown-linux-musl\n",
    ),
    (
        "Linux",
        "aarch64",
        0,
        "no archive of crelay 9 for aarch64-unknown-linux-musl\n",
    ),
    (
        "Linux",
        "arm64",
        0,
        "no archive of crelay 9 for aarch64-unknown-linux-musl\n",
    ),
    (
        "Darwin",
        "arm64",
        1,
        "no archive of crelay 9 for aarch64-apple-darwin\n",
    ),
    (
        "Darwin",
        "x86_64",
        0,
        "no archive of crelay 9 for x86_64-apple-darwin\n",
    ),
    // Under Rosetta.
    (
        "Darwin",
        "x86_64",
        1,
        "no archive of crelay 9 for aarch64-apple-darwin\n",
    ),
];

#[test]
fn a_machine_that_nothing_is_released_for_is_told_what_else_there_is() {
    let place = Place::new();
    for (system, machine, apple, expected) in MACHINES {
        let home = furnished();
        let uname = format!("case $1 in -s) echo {system};; -m) echo {machine};; esac");
        let path = before_path(&home, &[("uname", &uname), ("sysctl", &format!("echo {apple}"))]);
        let said = refused(&home, place.install(&home).args(["--version", "9"]).env("PATH", path));
        assert!(said.contains(expected), "{system} {machine}: {said}");
    }
}

#[test]
fn a_program_that_does_not_run_here_replaces_none() {
    for (program, told) in [
        ("echo cannot execute >&2; exit 126", "cannot execute"),
        ("echo crelay 0.0.1", "crelay 0.0.1"),
        (&format!("echo crelay {VERSION}0"), &format!("crelay {VERSION}0")),
    ] {
        let (home, place) = (furnished(), Place::of(program));
        fs::create_dir_all(home.path().join("data/bash-completion/completions")).unwrap();
        fs::create_dir_all(home.path().join("data/fish/vendor_completions.d")).unwrap();
        fs::create_dir_all(home.path().join("data/zsh/site-functions")).unwrap();
        let said = refused(&home, &mut place.install(&home));
        let expected = format!("error: crelay {VERSION} does not run on this machine; nothing was changed: {told}\n");
        assert_eq!(said, expected);
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let (home, place) = (furnished(), Place::new());
    fs::write(home.path().join("file"), "").unwrap();
    let mut command = place.install(&home);
    let said = refused(
        &home,
        command
            .args(["--only-program", "--to"])
            .arg(home.path().join("file/bin")),
    );
    assert!(said.starts_with("error: cannot make the folder `"), "{said}");
    fs::create_dir_all(home.path().join("mine/crelay")).unwrap();
    let said = refused(&home, place.install(&home).arg("--to").arg(home.path().join("mine")));
    assert!(
        said.ends_with("/mine/crelay` is a folder\n\nhint: choose another with `--to`\n"),
        "{said}"
    );
}

#[test]
fn a_machine_without_the_tools_is_told_which() {
    let (home, place) = (furnished(), Place::new());
    let path = bare_path(&home, &[]);
    let said = refused(&home, place.install(&home).env("PATH", &path));
    let expected = "error: cannot check what was fetched\n\n\
                    hint: put one of `sha256sum`, `shasum` and `openssl` on your PATH\n";
    assert_eq!(said, expected);
    let said = refused(
        &home,
        script(&home).args(["--from", "http://127.0.0.1:9"]).env("PATH", &path),
    );
    assert_eq!(said, "error: neither `curl` nor `wget` is on your PATH\n");
    let said = refused(&home, place.install(&home).env_remove("HOME"));
    assert_eq!(said, "error: `HOME` does not tell your home\n");
    let said = refused(&home, script(&home).arg("--form"));
    assert_eq!(said, "error: `--form` is no option\n\nhint: `--help` lists them\n");
    let said = refused(&home, script(&home).arg("--from"));
    assert_eq!(said, "error: `--from` needs a value\n");
}

/// Sends `signal` to `command` once `is_ready` returns, as a terminal does if it is Ctrl-C; gives how it ended.
fn interrupted(command: &mut Command, signal: Signal, is_ready: impl FnOnce()) -> Ended {
    command.process_group(0);
    let process = Process::spawn(command);
    is_ready();
    if signal == Signal::SIGINT {
        killpg(Pid::from_raw(process.id().try_into().unwrap()), signal).unwrap();
    } else {
        process.signal(signal);
    }
    // Whoever has its outputs open has ended as well: so no program that fetches is left.
    process.wait()
}

#[test]
fn who_interrupts_it_while_it_fetches_has_what_was_there_before() {
    if which::which("curl").or(which::which("wget")).is_err() {
        eprintln!("neither curl nor wget here: nothing can be fetched");
        return;
    }
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143), (Signal::SIGHUP, 129)] {
        let home = furnished();
        let before = tree(home.path());
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", silent.local_addr().unwrap());
        let mut command = script(&home);
        let mut asked = None;
        let ended = interrupted(command.args(["--from", &address]), signal, || {
            asked = silent.accept().ok()
        });
        assert_eq!(ended.code, code, "{}", ended.stderr);
        assert_eq!(ended.stderr, "\nerror: stopped; nothing was changed\n");
        assert!(asked.is_some());
        assert_eq!(tree(home.path()), before);
    }
}

#[test]
fn who_interrupts_it_just_before_its_end_has_what_was_there_before() {
    let home = furnished();
    for folder in [
        "bash-completion/completions",
        "fish/vendor_completions.d",
        "zsh/site-functions",
    ] {
        fs::create_dir_all(home.path().join("data").join(folder)).unwrap();
    }
    // Asked for its version it says that it was, and waits: all files lie beside their places by then.
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let place = Place::of(&format!("echo asked >'{0}'\nexec cat '{0}'", pipe.display()));
    let before = tree(home.path());
    let mut said = String::new();
    let ended = interrupted(&mut place.install(&home), Signal::SIGINT, || {
        said = fs::read_to_string(&pipe).unwrap();
    });
    assert_eq!(ended.code, 130, "{}", ended.stderr);
    assert_eq!(said, "asked\n");
    assert_eq!(tree(home.path()), before);
}

#[test]
fn of_a_script_that_arrives_in_part_nothing_is_run() {
    let (home, place) = (furnished(), Place::new());
    let whole = fs::read(root().join("packaging/install.sh")).unwrap();
    let before = tree(home.path());
    let last = whole.len() - "\n}".len();
    let lengths = (0..last).rev().take(40).chain((0..last).step_by(101));
    for length in lengths {
        let mut command = home.command("sh");
        command.env("CRELAY_INSTALL_FROM", place.path());
        let mut child = command
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // A shell that has seen a mistake reads no further.
        let _ = child.stdin.take().unwrap().write_all(&whole[..length]);
        child.wait().unwrap();
        assert_eq!(tree(home.path()), before, "{length} of {} bytes", whole.len());
    }
    let mut command = home.command("sh");
    command
        .env("CRELAY_INSTALL_FROM", place.path())
        .stdin(std::process::Stdio::piped());
    let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&whole).unwrap();
    assert!(child.wait().unwrap().success());
    assert_ne!(tree(home.path()), before);
}
