//! Homes, processes and terminals notice what they must.

use nix::sys::signal::Signal;

use super::{Home, Process, Terminal};

#[test]
#[should_panic(expected = "the user's config.toml has changed")]
fn a_home_notices_a_changed_configuration() {
    let home = Home::configured("model = \"mine\"\n");
    std::fs::write(home.codex().join("config.toml"), "model = \"yours\"\n").unwrap();
}

#[test]
#[should_panic(expected = "the user's config.toml has changed")]
fn a_home_notices_a_configuration_that_was_not_there() {
    let home = Home::new();
    std::fs::write(home.codex().join("config.toml"), "").unwrap();
}

#[test]
#[should_panic(expected = "crelay has left")]
fn a_home_notices_a_profile_that_is_left() {
    let home = Home::new();
    std::fs::write(home.codex().join("crelay-0123abcd.config.toml"), "").unwrap();
}

#[test]
#[should_panic(expected = "crelay has left")]
fn a_home_notices_a_file_in_the_runtime_folder() {
    let home = Home::new();
    std::fs::create_dir(home.runtime().join("crelay")).unwrap();
    std::fs::write(home.runtime().join("crelay/catalog.json"), "").unwrap();
}

#[test]
fn a_home_lets_codex_keep_its_own() {
    let home = Home::new();
    std::fs::create_dir(home.codex().join("sessions")).unwrap();
    std::fs::write(home.codex().join("sessions/rollout.jsonl"), "").unwrap();
}

#[test]
fn a_process_shows_its_code_and_both_outputs() {
    let home = Home::new();
    let ended = Process::run(home.command("sh").args(["-c", "echo out; echo err >&2; exit 3"]));
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (3, "out\n", "err\n")
    );
}

#[test]
fn a_process_that_is_killed_has_128_and_the_signal() {
    let home = Home::new();
    let process = Process::spawn(
        home.command("sh")
            .args(["-c", "echo ready >&2; exec cat /dev/zero > /dev/null"]),
    );
    process.wait_for_stderr("ready");
    process.signal(Signal::SIGTERM);
    assert_eq!(process.wait().code, 143);
}

#[test]
fn a_terminal_shows_what_a_program_says_and_takes_what_is_typed() {
    let home = Home::new();
    let mut command = home.command("sh");
    command.args([
        "-c",
        "test -t 0 || exit 1; stty -echo; echo name?; read name; clear; echo hello $name; exit 7",
    ]);
    let terminal = Terminal::spawn(command);
    terminal.expect("name?");
    assert!(!terminal.is_restored());
    terminal.send("you\n");
    terminal.expect("hello you");
    terminal.expect_gone("name?");
    assert_eq!(terminal.exit_code(), 7);
}

#[test]
fn a_terminal_tells_where_the_cursor_is() {
    let home = Home::new();
    let mut command = home.command("sh");
    let script = r"stty -icanon -echo; printf 'abc\033[6n'; head -c 6 | tr '\033' '^'; echo; echo done";
    command.args(["-c", script]);
    let terminal = Terminal::spawn(command);
    terminal.expect("abc^[1;4R");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_program_that_loses_its_test_loses_its_terminal() {
    let home = Home::new();
    let mut command = home.command("sh");
    // Whoever holds the other end of the terminal keeps it open. Only Linux shows who that is.
    command.args(["-c", "ls -l /proc/$$/fd 2>/dev/null | grep -c ptmx"]);
    let terminal = Terminal::spawn(command);
    terminal.expect("0");
    assert_eq!(terminal.exit_code(), 1);
}
