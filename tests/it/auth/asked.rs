//! The first use at a terminal: crelay asks for the key, checks it, offers to keep it and goes on.

use nix::sys::signal::Signal;

use super::User;
use super::keyring::Keyring;
use crate::kit::{Process, Terminal};

const SCRIPT: &str = "echo the task is done";

#[test]
fn who_has_no_key_is_asked_for_it_until_the_provider_knows_it_and_the_session_goes_on() {
    let user = User::new();
    let terminal = Terminal::spawn(user.exec(&["-P", "deepseek"], SCRIPT));
    terminal.expect("there is no key for DeepSeek yet");
    terminal.expect("key for DeepSeek: ");
    terminal.send("sk-mistyped-0123456789\r");
    terminal.expect("DeepSeek says: ");
    terminal.expect_times("key for DeepSeek: ", 2);
    terminal.send(&format!("{}\r", user.provider.key()));
    terminal.expect("the key is accepted\nthere is no keyring here; keep it in a file that only you can read? [y/N] ");
    terminal.send("\r");
    terminal.expect("it is used for this session alone; `DEEPSEEK_API_KEY` can hold it for others");
    terminal.expect("the task is done");
    assert_eq!(terminal.exit_code(), 0);
    assert!(terminal.is_restored());
    let screen = terminal.screen();
    assert!(
        !screen.contains("mistyped") && !screen.contains(user.provider.key()),
        "{screen}"
    );
    assert!(!user.kept().exists());
}

#[test]
fn a_key_that_is_kept_is_not_asked_for_again() {
    let user = User::new();
    let Some(keyring) = Keyring::of(&user) else { return };
    let twice = keyring.with(&format!(
        "$CRELAY exec -P deepseek --codex $CODEX 'echo the first is done'; $CRELAY exec --codex $CODEX '{SCRIPT}'"
    ));
    let terminal = Terminal::spawn(twice);
    terminal.expect("key for DeepSeek: ");
    terminal.send(&format!("{}\r", user.provider.key()));
    terminal.expect("[Y/n] ");
    terminal.send("\r");
    terminal.expect("it is kept; `crelay auth remove deepseek` removes it\nthe first is done\nthe task is done");
    assert_eq!(terminal.exit_code(), 0);
    assert_eq!(std::fs::read(user.kept().join("deepseek.keyring")).unwrap(), b"");
}

#[test]
fn without_a_keyring_the_key_goes_to_a_file_if_the_user_says_so() {
    let user = User::new();
    let terminal = Terminal::spawn(user.exec(&["-P", "deepseek"], SCRIPT));
    terminal.expect("key for DeepSeek: ");
    terminal.send(&format!("{}\r", user.provider.key()));
    terminal.expect("[y/N] ");
    terminal.send("y\r");
    terminal.expect("it is kept; `crelay auth remove deepseek` removes it");
    terminal.expect("the task is done");
    assert_eq!(terminal.exit_code(), 0);
    assert!(user.kept().join("deepseek.key").exists());
}

#[test]
fn who_names_no_provider_is_asked_for_that_first() {
    let user = User::new();
    let terminal = Terminal::spawn(user.exec(&[], SCRIPT));
    terminal.expect("deepseek  kimi  glm  qwen  openrouter  ollama  demo\n");
    terminal.expect("provider: ");
    terminal.send("deepsek\r");
    terminal.expect("did you mean `deepseek`?");
    terminal.send("deepseek\r");
    terminal.expect("key for DeepSeek: ");
    terminal.send(&format!("{}\r", user.provider.key()));
    terminal.expect("[y/N] ");
    terminal.send("n\r");
    terminal.expect("the task is done");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn where_nobody_knows_how_to_check_a_key_that_is_said() {
    let user = User::new();
    let terminal = Terminal::spawn(user.exec(&["-P", "work"], SCRIPT));
    terminal.expect("key for work: ");
    terminal.send("sk-of-work-0123456789\r");
    terminal.expect("note: the key is not checked: crelay knows no way to ask work");
    terminal.expect("[y/N] ");
    // The end of input is no.
    terminal.send("\x04");
    terminal.expect("the task is done");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn three_keys_that_the_provider_refuses_are_enough() {
    let user = User::new();
    let terminal = Terminal::spawn(user.exec(&["-P", "deepseek"], SCRIPT));
    for times in 1..=3 {
        terminal.expect_times("key for DeepSeek: ", times);
        terminal.send("sk-mistyped-0123456789\r");
    }
    terminal.expect("error: 3 keys for DeepSeek were refused");
    assert_eq!(terminal.exit_code(), 125);
}

#[test]
fn a_signal_at_the_question_leaves_the_terminal_as_it_was() {
    for (question, signal, code) in [
        ("key for DeepSeek: ", None, 130),
        ("key for DeepSeek: ", Some(Signal::SIGTERM), 143),
    ] {
        let user = User::new();
        let terminal = Terminal::spawn(user.exec(&["-P", "deepseek"], SCRIPT));
        terminal.expect(question);
        match signal {
            Some(signal) => terminal.signal(signal),
            None => terminal.send("\x03"),
        }
        assert_eq!(terminal.exit_code(), code);
        assert!(terminal.is_restored());
    }
}

#[test]
fn nobody_is_asked_who_could_not_answer_or_only_wants_to_know() {
    let user = User::new();
    let ended = Process::run(&mut user.exec(&["-P", "deepseek"], SCRIPT));
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
    let expected =
        "error: no API key for `deepseek`\n\nhint: set `DEEPSEEK_API_KEY` or run `crelay auth set deepseek`\n";
    assert_eq!(ended.stderr, expected);
    for options in [&["-P", "deepseek", "--dry-run"][..], &["-P", "deepseek"]] {
        let mut command = user.exec(options, "--json");
        command.arg(SCRIPT);
        let terminal = Terminal::spawn(command);
        terminal.expect("error: no API key for `deepseek`");
        assert_eq!(terminal.exit_code(), 125);
    }
}
