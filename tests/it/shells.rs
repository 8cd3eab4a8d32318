//! Each script of `completions/` in its real shell, where a user types and presses the tab key. A shell that is not
//! installed is passed over, which is said.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::kit::{Codex, Home, Terminal};

/// What is typed before the tab key, and what then stands there. The last two are Codex's own words.
const TYPED: [(&str, &str); 7] = [
    ("crelay comp", "completions"),
    ("crelay codex -P deeps", "deepseek"),
    ("crelay exec --provider=worksh", "--provider=workshop"),
    ("crelay codex -P workshop -m big:m", "big:model"),
    ("crelay exec --key-file the-k", "the-key"),
    ("crelay codex -P demo resu", "resume"),
    ("crelay codex --dangerously-bypass-h", "--dangerously-bypass-hook-trust"),
];

/// A shell, where it reads its configuration below the home, and what stands there.
struct Shell {
    name: &'static str,
    arguments: &'static [&'static str],
    file: &'static str,
    configuration: fn(&str) -> String,
}

const BASH: Shell = Shell {
    name: "bash",
    arguments: &["-i"],
    file: ".bashrc",
    configuration: |script| format!("PS1='ready> '\n{script}"),
};

const ZSH: Shell = Shell {
    name: "zsh",
    arguments: &["-i"],
    file: ".zshrc",
    configuration: |script| format!("PS1='ready> '\nautoload -U compinit\ncompinit -D\n{script}"),
};

const FISH: Shell = Shell {
    name: "fish",
    arguments: &["-i"],
    file: "config/fish/config.fish",
    configuration: |script| format!("set fish_greeting\nfunction fish_prompt; echo -n 'ready> '; end\n{script}"),
};

const ELVISH: Shell = Shell {
    name: "elvish",
    arguments: &[],
    file: "config/elvish/rc.elv",
    configuration: |script| format!("set edit:prompt = {{ put 'ready> ' }}\nset edit:rprompt = {{ nop }}\n{script}"),
};

fn is_installed(shell: &str) -> bool {
    let mut command = Command::new(shell);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    let is_there = command.stdin(Stdio::null()).status().is_ok();
    if !is_there {
        eprintln!("no {shell} here: its script is not tried");
    }
    is_there
}

fn script(home: &Home, shell: &str) -> String {
    let output = home.crelay().args(["completions", shell]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn completes(shell: &Shell) {
    if !is_installed(shell.name) {
        return;
    }
    let home = Home::new();
    let codex = Codex::v0_169();
    let programs = home.path().join("bin");
    fs::create_dir(&programs).unwrap();
    symlink(env!("CARGO_BIN_EXE_crelay"), programs.join("crelay")).unwrap();
    symlink(codex.program(), programs.join("codex")).unwrap();
    fs::create_dir_all(home.path().join("config/crelay")).unwrap();
    let own = "[providers.workshop]\nbase_url = \"http://127.0.0.1:1/v1\"\nmodel = \"big:model\"\n";
    fs::write(home.path().join("config/crelay/config.toml"), own).unwrap();
    fs::write(home.project().join("the-key"), "").unwrap();
    let file = home.path().join(shell.file);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, (shell.configuration)(&script(&home, shell.name))).unwrap();

    let mut command = home.command(shell.name);
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    command.args(shell.arguments).env("PATH", path);
    let terminal = Terminal::spawn(command);
    terminal.expect("ready> ");
    // elvish puts `=` in quotes, and asks before it does.
    let typed = TYPED
        .into_iter()
        .filter(|(typed, _)| shell.name != "elvish" || !typed.contains('='));
    for (typed, completed) in typed {
        terminal.send(&format!("{typed}\t"));
        terminal.expect(completed);
        // Takes the line away.
        terminal.send("\u{15}");
        terminal.expect_gone(completed);
    }
    terminal.send("\u{4}");
    terminal.exit_code();
    // What elvish's own server leaves, which ends with its last client.
    let _ = fs::remove_dir_all(home.runtime().join("elvish"));
}

#[test]
fn bash_completes_crelays_words_and_codexs() {
    completes(&BASH);
}

#[test]
fn zsh_completes_crelays_words_and_codexs() {
    completes(&ZSH);
}

#[test]
fn fish_completes_crelays_words_and_codexs() {
    completes(&FISH);
}

#[test]
fn elvish_completes_crelays_words_and_codexs() {
    completes(&ELVISH);
}

#[test]
fn powershell_completes_crelays_words() {
    if !is_installed("pwsh") {
        return;
    }
    let home = Home::new();
    let folder = Path::new(env!("CARGO_BIN_EXE_crelay")).parent().unwrap();
    let ask = "(TabExpansion2 'crelay codex -P deeps' 21).CompletionMatches | % CompletionText";
    let mut command = home.command("pwsh");
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    command.args(["-NoProfile", "-Command"]).env("PATH", path);
    let output = command
        .arg(format!("{}\n{ask}", script(&home, "powershell")))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "deepseek");
}

#[test]
fn each_script_is_the_file_that_packages_install() {
    let home = Home::new();
    let files = [
        ("bash", "crelay.bash"),
        ("zsh", "_crelay"),
        ("fish", "crelay.fish"),
        ("elvish", "crelay.elv"),
        ("powershell", "_crelay.ps1"),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    for (shell, file) in files {
        assert_eq!(
            script(&home, shell),
            fs::read_to_string(folder.join(file)).unwrap(),
            "{shell}"
        );
    }
}
