//! The TUI, as a user types in it.

use super::{CONFIG, codex};
use crate::kit::{Codex, Home, Provider, Rules, Terminal, reasoning, text};

/// Types a line, and sends it when Codex shows it.
fn say(terminal: &Terminal, line: &str) {
    terminal.send(line);
    terminal.expect(line);
    terminal.send("\r");
}

#[test]
fn two_threads_in_the_tui_reach_the_provider_and_nothing_is_left() {
    // What is typed this fast would else be taken for a paste, and the key that sends it for a line of it.
    let config = format!("disable_paste_burst = true\n{CONFIG}");
    let (home, leave) = (Home::configured(&config), Codex::take());
    let provider = Provider::start(Rules::DEEPSEEK)
        .to(
            "Say one.",
            [reasoning("Simple.").then_text("This is the first answer.")],
        )
        .to("Say two.", [text("This is the second answer.")]);
    let terminal = Terminal::spawn(codex(&home, &leave, &provider, &[]));
    terminal.expect("permissions: YOLO mode");
    say(&terminal, "Say one.");
    terminal.expect("This is the first answer.");
    say(&terminal, "/new");
    terminal.expect_gone("This is the first answer.");
    say(&terminal, "Say two.");
    terminal.expect("This is the second answer.");
    // The second thread knows nothing of the first.
    let last = provider.requests().pop().unwrap();
    assert!(!last.body.to_string().contains("Say one."), "{:#}", last.body);
    say(&terminal, "/quit");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    assert!(terminal.is_restored());
    assert!(!terminal.screen().contains("metadata"), "{}", terminal.screen());
}
