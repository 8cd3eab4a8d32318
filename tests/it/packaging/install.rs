//! `packaging/install.sh` installs, upgrades and removes.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::thread;

use super::place::{Place, TARGET, VERSION, archive_of, bare_path, before_path, script, tree, write_program};
use super::root;
use crate::kit::{Codex, Home, Process};

/// All files of `home` that the script has written.
fn written(home: &Home) -> Vec<PathBuf> {
    let files = tree(home.path()).into_iter().filter(|(path, (mode, content))| {
        let is_folder = content.is_empty() && home.path().join(path).is_dir();
        let is_expected = if path.ends_with("crelay") && !path.starts_with("data") {
            0o755
        } else {
            0o644
        };
        assert!(is_folder || *mode == is_expected, "{}: {mode:o}", path.display());
        !is_folder
    });
    files.map(|(path, _)| path).collect()
}

/// Where the files of an archive belong below a home.
fn expected() -> Vec<PathBuf> {
    let pages = fs::read_dir(root().join("packaging/man")).unwrap();
    let pages = pages.map(|page| Path::new("data/man/man1").join(page.unwrap().file_name()));
    let others = [
        ".local/bin/crelay",
        "data/bash-completion/completions/crelay",
        "data/fish/vendor_completions.d/crelay.fish",
        "data/zsh/site-functions/_crelay",
    ];
    let mut all: Vec<PathBuf> = pages.chain(others.map(PathBuf::from)).collect();
    all.sort();
    all
}

#[test]
fn the_script_installs_program_manual_and_completions_and_says_so() {
    let (home, place) = (Home::new(), Place::new());
    let path = bare_path(&home, &[digest()]);
    let ended = Process::run(place.install(&home).env("PATH", path)).well();
    fs::remove_dir_all(home.path().join("bare")).unwrap();
    assert_eq!(written(&home), expected());
    assert_eq!(ended.stderr, "");
    let pages = fs::read_dir(root().join("packaging/man")).unwrap().count();
    let said = [
        format!("crelay {VERSION} for {TARGET}, from {}", place.path().display()),
        format!("fetched and checked {}", archive_of(TARGET)),
        "wrote ~/.local/bin/crelay".to_owned(),
        format!("wrote {pages} manual pages into ~/data/man/man1"),
        "wrote completions for bash, fish and zsh below ~/data".to_owned(),
        String::new(),
        "~/.local/bin is not on your PATH. This puts it there, from the next shell on:".to_owned(),
        format!(
            "    echo 'export PATH=\"{}/.local/bin:$PATH\"' >>~/.profile",
            home.path().display()
        ),
        String::new(),
        "Try it without any key, in a Git repository: crelay exec --provider demo --install-codex \"show me\""
            .to_owned(),
    ];
    assert_eq!(ended.stdout, said.map(|line| line + "\n").concat());
    let page = fs::read(home.path().join("data/man/man1/crelay.1")).unwrap();
    assert_eq!(page, fs::read(root().join("packaging/man/crelay.1")).unwrap());
}

#[test]
fn what_is_installed_runs_the_real_codex() {
    let (home, codex) = (Home::new(), Codex::take());
    // As that of a release, it holds nothing for debuggers, which would take seconds to compress.
    let stripped = home.path().join("stripped");
    let mut strip = home.command("strip");
    Process::run(strip.arg("-o").arg(&stripped).arg(env!("CARGO_BIN_EXE_crelay"))).well();
    let place = Place::holding(&stripped);
    Process::run(&mut place.install(&home)).well();
    let program = home.path().join(".local/bin/crelay");
    let mut command = home.command(program);
    command
        .args(["exec", "--provider", "demo", "--codex"])
        .arg(codex.program());
    command.args(["--skip-git-repo-check", "show me"]);
    let ended = Process::run(&mut command).well();
    assert!(ended.stderr.contains("pwd && ls"), "{}", ended.stderr);
    assert!(!ended.stdout.trim().is_empty());
}

#[test]
fn what_is_removed_leaves_nothing_but_what_the_user_has() {
    let (home, place) = (Home::new(), Place::new());
    fs::create_dir_all(home.path().join(".local/bin")).unwrap();
    fs::create_dir_all(home.path().join("data/zsh/site-functions")).unwrap();
    fs::write(home.path().join("data/zsh/site-functions/_mine"), "").unwrap();
    let before = tree(home.path());
    Process::run(&mut place.install(&home)).well();
    let ended = Process::run(script(&home).arg("--uninstall")).well();
    assert_eq!(tree(home.path()), before.clone());
    assert_eq!(
        ended
            .stdout
            .lines()
            .filter(|line| line.starts_with("removed ~/"))
            .count(),
        expected().len()
    );
    assert!(ended.stdout.ends_with("stay where they are\n"), "{}", ended.stdout);
    // There is nothing to remove twice.
    let again = Process::run(script(&home).arg("--uninstall"));
    assert_eq!(again.code, 1);
    assert!(
        again.stderr.starts_with("error: there is no crelay in `"),
        "{}",
        again.stderr
    );
    assert_eq!(tree(home.path()), before);
}

#[test]
fn what_another_crelay_still_has_use_for_stays() {
    let (home, place) = (Home::new(), Place::new());
    Process::run(&mut place.install(&home)).well();
    let before = tree(home.path());
    for second in ["first", "second"] {
        let second = home.path().join(second);
        Process::run(place.install(&home).args(["--only-program", "--to"]).arg(&second)).well();
        let ended = Process::run(script(&home).args(["--uninstall", "--to"]).arg(&second)).well();
        let told = "\nmanual pages and completions stay for ~/.local/bin/crelay\n";
        assert!(ended.stdout.contains(told), "{}", ended.stdout);
        fs::remove_dir(&second).unwrap();
        assert_eq!(tree(home.path()), before);
    }
    // Wherever it is, as long as the shell finds it.
    let path = before_path(&home, &[("crelay", "echo crelay 0.0.1")]);
    let ended = Process::run(script(&home).arg("--uninstall").env("PATH", path)).well();
    assert!(ended.stdout.contains(" stay for ~/first/crelay\n"), "{}", ended.stdout);
    let pages = fs::read_dir(root().join("packaging/man")).unwrap().count();
    assert_eq!(fs::read_dir(home.path().join("data/man/man1")).unwrap().count(), pages);
}

#[test]
fn a_link_to_what_was_removed_is_told() {
    let (home, place) = (Home::new(), Place::new());
    Process::run(&mut place.install(&home)).well();
    let programs = home.path().join(".local/bin");
    symlink(programs.join("crelay"), programs.join("codex-kimi")).unwrap();
    let ended = Process::run(script(&home).arg("--uninstall")).well();
    let told = "~/.local/bin/codex-kimi was a link to it, which leads nowhere now: rm ~/.local/bin/codex-kimi\n";
    assert!(ended.stdout.contains(told), "{}", ended.stdout);
}

#[test]
fn an_upgrade_lets_the_old_program_run_on_and_takes_its_old_pages_away() {
    let (home, place) = (Home::new(), Place::new());
    let programs = home.path().join(".local/bin");
    let pages = home.path().join("data/man/man1");
    fs::create_dir_all(&programs).unwrap();
    fs::create_dir_all(&pages).unwrap();
    fs::write(pages.join("crelay-gone.1"), "").unwrap();
    fs::write(pages.join("crelayed.1"), "of another program").unwrap();
    let old = "if [ \"$1\" = --version ]; then echo crelay 0.0.9; echo more; exit; fi\necho ready; read -r line; echo \"$line\"";
    write_program(&programs.join("crelay"), old);
    let mut command = home.command(programs.join("crelay"));
    command.stdin(std::process::Stdio::piped());
    command.stdout(std::process::Stdio::piped());
    let mut running = command.spawn().unwrap();
    let mut output = BufReader::new(running.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    let ended = Process::run(&mut place.install(&home)).well();
    let told = "wrote ~/.local/bin/crelay, in the place of crelay 0.0.9\n";
    assert!(ended.stdout.contains(told), "{}", ended.stdout);
    running.stdin.take().unwrap().write_all(b"still the old one\n").unwrap();
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "still the old one\n");
    assert!(running.wait().unwrap().success());
    let ended = Process::run(home.command(programs.join("crelay")).arg("--version")).well();
    assert_eq!(ended.stdout, format!("crelay {VERSION}\n"));
    fs::remove_file(pages.join("crelayed.1")).unwrap();
    assert_eq!(written(&home), expected());
}

#[test]
fn places_and_folders_are_taken_as_people_write_them() {
    let place = Place::new();
    let address = format!("file://{}/", place.path().display());
    let version = format!("v{VERSION}");
    for (arguments, variables, program) in [
        (vec!["--from", &address, "--only-program"], vec![], ".local/bin/crelay"),
        (
            vec!["--only-program", "--to", "a folder"],
            vec![("CRELAY_INSTALL_FROM", address.as_str())],
            "project/a folder/crelay",
        ),
        (
            vec!["--only-program"],
            vec![
                ("CRELAY_INSTALL_FROM", address.as_str()),
                ("CRELAY_INSTALL_DIR", "bin"),
                ("CRELAY_INSTALL_VERSION", version.as_str()),
            ],
            "project/bin/crelay",
        ),
    ] {
        let home = Home::new();
        let mut command = script(&home);
        Process::run(command.args(arguments).envs(variables)).well();
        assert_eq!(written(&home), [PathBuf::from(program)]);
    }
}

#[test]
fn every_shell_and_tool_that_a_machine_may_have_will_do() {
    let place = Place::new();
    let mut tried = 0;
    for (shell, digest) in [
        ("dash", "sha256sum"),
        ("bash", "shasum"),
        ("busybox", "openssl"),
        ("zsh", "sha256sum"),
    ] {
        let (Ok(shell), Ok(_)) = (which::which(shell), which::which(digest)) else {
            eprintln!("no {shell} or no {digest} here: the script is not tried with it");
            continue;
        };
        let home = Home::new();
        let mut command = home.command(&shell);
        if shell.ends_with("busybox") {
            command.arg("sh");
        }
        // `shasum` is a program of Perl's.
        command.env("PATH", bare_path(&home, &[digest, "perl"]));
        command
            .arg(root().join("packaging/install.sh"))
            .arg("--from")
            .arg(place.path());
        Process::run(&mut command).well();
        fs::remove_dir_all(home.path().join("bare")).unwrap();
        assert_eq!(written(&home), expected());
        tried += 1;
    }
    assert!(tried > 0);
}

/// What this machine has to check an archive with.
fn digest() -> &'static str {
    let mut known = ["sha256sum", "openssl"].into_iter();
    known.find(|name| which::which(name).is_ok()).unwrap()
}

/// Gives `place` to whoever asks; the address.
fn serve(place: &Path) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/release", listener.local_addr().unwrap());
    let folder = place.to_owned();
    thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap(), &folder);
        }
    });
    address
}

fn answer(mut stream: TcpStream, folder: &Path) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
    let first = lines.next().unwrap();
    lines.find(String::is_empty);
    let name = first.strip_prefix("GET /release/").unwrap().split(' ').next().unwrap();
    let (status, body) = match fs::read(folder.join(name)) {
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", b"a page that says no\n".to_vec()),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    stream.write_all(&body).unwrap();
}

#[test]
fn curl_and_wget_fetch_the_same() {
    let digest = digest();
    let place = Place::new();
    let address = serve(place.path());
    for tool in ["curl", "wget"] {
        if which::which(tool).is_err() {
            eprintln!("no {tool} here: the script is not tried with it");
            continue;
        }
        let home = Home::new();
        let mut command = script(&home);
        command
            .env("PATH", bare_path(&home, &[tool, digest]))
            .args(["--from", &address]);
        Process::run(&mut command).well();
        fs::remove_file(place.path().join("SHA256SUMS")).unwrap();
        let ended = Process::run(&mut command);
        place.sum();
        assert!(
            ended.stderr.contains("error: there is no release of crelay at `"),
            "{}",
            ended.stderr
        );
        fs::remove_dir_all(home.path().join("bare")).unwrap();
        assert_eq!(written(&home), expected());
    }
}

#[test]
fn a_user_is_told_how_the_shell_finds_what_was_installed() {
    let place = Place::new();
    for (shell, expected) in [
        ("/usr/bin/fish", "\n    fish_add_path \""),
        ("/bin/zsh", ":$PATH\"' >>~/.zshrc\n"),
        ("/bin/zsh", "\n    fpath+="),
        ("/bin/bash", ":$PATH\"' >>~/.bashrc\n"),
    ] {
        let home = Home::new();
        let ended = Process::run(place.install(&home).env("SHELL", shell)).well();
        assert!(ended.stdout.contains(expected), "{}", ended.stdout);
    }
    // Another crelay may come first.
    let home = Home::new();
    let path = before_path(&home, &[("crelay", "echo crelay 0.0.1")]);
    let path = format!("{path}:{}/.local/bin", home.path().display());
    let ended = Process::run(place.install(&home).env("PATH", path)).well();
    let told = format!(
        "`crelay` is still {}/first/crelay, which comes before",
        home.path().display()
    );
    assert!(ended.stdout.contains(&told), "{}", ended.stdout);
    // Whoever has zsh may use it, and need not be told twice; whoever has Codex needs no other.
    let home = Home::new();
    let path = before_path(&home, &[("zsh", ""), ("codex", "")]);
    let ended = Process::run(place.install(&home).env("PATH", &path)).well();
    let told = format!("\n    fpath+={}/data/zsh/site-functions\n", home.path().display());
    assert!(ended.stdout.contains(&told), "{}", ended.stdout);
    assert!(!ended.stdout.contains("--install-codex"), "{}", ended.stdout);
    fs::write(home.path().join(".zshrc"), told).unwrap();
    let ended = Process::run(place.install(&home).env("PATH", &path)).well();
    assert!(!ended.stdout.contains("fpath"), "{}", ended.stdout);
    // Where all is well, nothing is said.
    let home = Home::new();
    let path = format!(
        "{}/.local/bin:{}",
        home.path().display(),
        std::env::var("PATH").unwrap()
    );
    let ended = Process::run(place.install(&home).env("PATH", path)).well();
    assert!(!ended.stdout.contains("PATH"), "{}", ended.stdout);
    let mode = home
        .path()
        .join(".local/bin/crelay")
        .metadata()
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o755);
}
