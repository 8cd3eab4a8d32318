//! Shims are made, called, listed and removed. Codex is one that does what the test tells it to.

use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;

use super::{call, shim};
use crate::kit::Process;
use crate::launch::Fake;

const MODEL: [&str; 4] = ["--base-url", "http://127.0.0.1:1/v1", "-m", "some-model"];

/// A shim on the fake.
fn on(fake: &Fake, name: &str) -> std::path::PathBuf {
    let codex = fake.home.path().join("codex").display().to_string();
    shim(&fake.home, name, &[&MODEL[..], &["--codex", &codex]].concat())
}

#[test]
fn a_shim_is_codex_by_whatever_path_it_is_called() {
    let fake = Fake::new();
    let path = on(&fake, "my-codex");
    let ended = Process::run(&mut call(&fake.home, &path, &["exec", "echo from codex; exit 7"]));
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (7, "from codex\n", "")
    );
    // By its name alone, and through a link of the same name.
    let mut by_name = fake.home.command("sh");
    by_name
        .args(["-c", "my-codex exec 'exit 6'"])
        .env("PATH", format!("{}:/usr/bin:/bin", path.parent().unwrap().display()));
    assert_eq!(Process::run(&mut by_name).code, 6);
    let linked = fake.home.path().join("my-codex");
    symlink(&path, &linked).unwrap();
    assert_eq!(
        Process::run(&mut call(&fake.home, &linked, &["exec", "exit 5"])).code,
        5
    );
    fake.home.assert_nothing_is_left();
}

#[test]
fn all_that_is_typed_behind_a_shim_is_codexs() {
    let fake = Fake::new();
    let path = on(&fake, "my-codex");
    let version = Process::run(&mut call(&fake.home, &path, &["--version"])).well();
    assert_eq!(version.stdout, "codex-cli 0.169.0\n");
    let words = ["exec", "--experimental-json", "--", "-P", "exit 0"];
    Process::run(&mut call(&fake.home, &path, &words)).well();
    let line = fake.noted_once().line;
    assert_eq!(line[line.len() - words.len()..], words);
}

#[test]
fn a_shim_called_codex_is_not_taken_for_codex() {
    let fake = Fake::new();
    let first = fake.home.path().join("first");
    Process::run(
        fake.home
            .crelay()
            .args(["shim", "codex", "--dir"])
            .arg(&first)
            .args(MODEL),
    )
    .well();
    // The shim comes first, the fake after it; the inner `codex` is the shim once more.
    let path = format!("{}:{}:/usr/bin:/bin", first.display(), fake.home.path().display());
    let mut command = fake.home.command("sh");
    let script = "codex exec 'echo outer; codex exec \"echo inner; exit 3\"; exit $((10 + $?))'";
    command.args(["-c", script]).env("PATH", path);
    let ended = Process::run(&mut command);
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (13, "outer\ninner\n", "")
    );
    fake.home.assert_nothing_is_left();
    // With nothing else of the name, there is no Codex.
    let mut alone = fake.home.command(first.join("codex"));
    alone.args(["exec", "task"]).env("PATH", &first);
    let ended = Process::run(&mut alone);
    assert_eq!(ended.code, 127);
    assert!(
        ended.stderr.starts_with("error: Codex was not found\n"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_name_that_means_nothing_is_refused_and_sends_no_prompt_anywhere() {
    let fake = Fake::new();
    let path = on(&fake, "my-codex");
    let mut lost = fake.home.crelay();
    lost.arg0("another").args(["exec", "echo started"]);
    let ended = Process::run(&mut lost);
    let expected = format!(
        "error: crelay was called `another`, and no such shim is known in `{}`\n\nhint: make it with `crelay shim \
         another`, or call `crelay`\n",
        fake.home.path().join("config/crelay").display()
    );
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr), (125, "", expected));
    // A name that is lost on the way is crelay's own.
    let mut own = fake.home.command(&path);
    own.arg0("").arg("--version");
    assert!(Process::run(&mut own).well().stdout.starts_with("crelay "));
}

#[test]
fn a_shim_finds_its_files_from_every_folder() {
    let fake = Fake::new();
    std::fs::write(fake.home.project().join("key"), "sk-from-the-file\n").unwrap();
    let path = shim(
        &fake.home,
        "my-codex",
        &[
            &MODEL[..],
            &["--key-file", "key", "--codex=../codex", "--log-file", "log"],
        ]
        .concat(),
    );
    let mut elsewhere = call(&fake.home, &path, &["exec", "exit 0"]);
    Process::run(elsewhere.current_dir("/")).well();
    assert!(fake.home.project().join("log").exists());
}

#[test]
fn shims_are_listed_and_removed() {
    let fake = Fake::new();
    let run = |words: &[&str]| Process::run(fake.home.crelay().arg("shim").args(words));
    assert_eq!(run(&["list"]).well().stdout, "");
    let [one, other] = ["one", "the-other"].map(|name| shim(&fake.home, name, &MODEL));
    std::fs::remove_file(&other).unwrap();
    let options = MODEL.join(" ");
    let expected = format!(
        "one        {}  {options}\nthe-other  {}  {options}  (the link is gone)\n",
        one.display(),
        other.display()
    );
    assert_eq!(run(&["list"]).well().stdout, expected);
    std::fs::remove_file(&one).unwrap();
    std::fs::write(&one, "somebody else's").unwrap();
    let ended = run(&["remove", "one"]).well();
    assert_eq!(ended.stdout, "`one` is removed\n");
    assert!(
        ended.stderr.ends_with(" is something else by now and was left\n"),
        "{}",
        ended.stderr
    );
    run(&["remove", "the-other"]).well();
    assert_eq!(run(&["list"]).well().stdout, "");
    assert!(one.exists());
    assert_eq!(run(&["remove", "one"]).code, 125);
}

#[test]
fn a_shim_that_takes_the_place_of_another_says_of_which() {
    let fake = Fake::new();
    let folder = fake.home.path().join("shims");
    let make = |words: &[&str]| {
        let mut command = fake.home.crelay();
        command.args(["shim", "codex", "--dir"]).arg(&folder).args(words);
        Process::run(&mut command).well().stderr
    };
    let told = |stderr: String| stderr.lines().find(|line| line.contains("replaces")).map(str::to_owned);
    assert_eq!(told(make(&["-P", "demo"])), None);
    assert_eq!(told(make(&["-P", "demo"])), None);
    assert_eq!(
        told(make(&["-P", "ollama", "-m", "m"])).unwrap(),
        "note: the `codex` that it replaces was made with `-P demo`"
    );
}

#[test]
fn a_foreign_file_or_a_second_place_is_refused() {
    let fake = Fake::new();
    let refused = |words: &[&str]| {
        let mut command = fake.home.crelay();
        command
            .current_dir(fake.home.path())
            .arg("shim")
            .args(words)
            .args(MODEL);
        let ended = Process::run(&mut command);
        assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
        ended.stderr.replace(fake.home.path().to_str().unwrap(), "HOME")
    };
    assert_eq!(
        refused(&["codex", "--dir", "."]),
        "error: `HOME/codex` is there already, and is no shim\n\nhint: choose another name, or another folder with \
         `--dir`\n"
    );
    on(&fake, "mine");
    assert_eq!(
        refused(&["mine", "--dir", "elsewhere"]),
        "error: `mine` is a shim in another folder: `HOME/.local/bin/mine`\n\nhint: remove that one with `crelay shim \
         remove mine`\n"
    );
}

#[test]
fn a_new_crelay_in_the_same_place_finds_what_an_older_one_wrote() {
    let fake = Fake::new();
    let bin = fake.home.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let built = env!("CARGO_BIN_EXE_crelay");
    // As package managers do: a link that stays, to a folder with the version in its name.
    let versions = ["0.1", "0.2"].map(|version| fake.home.path().join(version));
    for version in &versions {
        std::fs::create_dir(version).unwrap();
        let copied = std::process::Command::new("cp")
            .arg(built)
            .arg(version.join("crelay"))
            .status();
        assert!(copied.unwrap().success());
    }
    let stays = bin.join("crelay");
    symlink(versions[0].join("crelay"), &stays).unwrap();
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let mut make = fake.home.command("crelay");
    make.args(["shim", "my-codex"])
        .args(MODEL)
        .arg("--codex")
        .arg(fake.home.path().join("codex"));
    Process::run(make.env("PATH", path)).well();
    std::fs::remove_dir_all(&versions[0]).unwrap();
    std::fs::remove_file(&stays).unwrap();
    symlink(versions[1].join("crelay"), &stays).unwrap();
    let shim = fake.home.path().join(".local/bin/my-codex");
    assert_eq!(Process::run(&mut call(&fake.home, &shim, &["exec", "exit 7"])).code, 7);
}
