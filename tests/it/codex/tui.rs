//! The TUI, as a user types in it.

use super::{CONFIG, codex, crelay};
use crate::kit::{Codex, Gate, Home, Process, Provider, Rules, Terminal, reasoning, text};

/// A home in which a line may be typed as fast as a test types it: Codex would else take it for a paste, and the key
/// that sends it for a part of it.
pub fn home() -> Home {
    Home::configured(&format!("disable_paste_burst = true\n{CONFIG}"))
}

/// Types a line, and sends it when Codex shows it.
pub fn say(terminal: &Terminal, line: &str) {
    terminal.send(line);
    terminal.expect(line);
    terminal.send("\r");
}

/// Waits for an answer and the end of its turn; before that Codex takes no commands.
pub(super) fn hear(terminal: &Terminal, answer: &str) {
    terminal.expect(answer);
    terminal.expect("Worked for");
}

#[test]
fn two_threads_in_the_tui_reach_the_provider_and_nothing_is_left() {
    let (home, leave) = (home(), Codex::take());
    let provider = Provider::start(Rules::DEEPSEEK)
        .to(
            "Say one.",
            [reasoning("Simple.").then_text("This is the first answer.")],
        )
        .to("Say two.", [text("This is the second answer.")]);
    let terminal = Terminal::spawn(codex(&home, &leave, &provider, &[]));
    terminal.expect("permissions: YOLO mode");
    say(&terminal, "Say one.");
    hear(&terminal, "This is the first answer.");
    say(&terminal, "/new");
    terminal.expect_gone("This is the first answer.");
    say(&terminal, "Say two.");
    hear(&terminal, "This is the second answer.");
    // The second thread knows nothing of the first.
    let last = provider.requests().pop().unwrap();
    assert!(!last.body.to_string().contains("Say one."), "{:#}", last.body);
    say(&terminal, "/quit");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    assert!(terminal.is_restored());
    assert!(!terminal.screen().contains("metadata"), "{}", terminal.screen());
}

#[test]
fn the_small_model_finds_the_title_and_nothing_else() {
    let (home, leave) = (home(), Codex::take());
    let provider = Provider::start(Rules::DEEPSEEK)
        .serving(Rules::DEEPSEEK_FLASH)
        .to("Say one.", [text("One word.")]);
    let mut command = crelay(&home, &leave, "codex", &provider);
    command.args(["--small-model", "flash"]);
    let terminal = Terminal::spawn(command);
    terminal.expect("permissions: YOLO mode");
    say(&terminal, "Say one.");
    hear(&terminal, "One word.");
    assert_eq!(provider.title().body["model"], "deepseek-flash");
    assert_eq!(provider.requests()[0].body["model"], "deepseek-v4-pro");
    say(&terminal, "/quit");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    // What goes on with it lets the small one find titles, too.
    terminal.expect(" --small-model flash");
}

#[test]
fn an_interrupted_turn_ends_at_the_provider_and_the_thread_goes_on() {
    let (home, leave, gate) = (home(), Codex::take(), Gate::new());
    let provider = Provider::start(Rules::DEEPSEEK).to(
        "Take your time.",
        [
            reasoning("This will take long.").then_text("Slowly.").held_by(&gate),
            text("Here I am again."),
        ],
    );
    let terminal = Terminal::spawn(codex(&home, &leave, &provider, &[]));
    terminal.expect("permissions: YOLO mode");
    say(&terminal, "Take your time.");
    gate.wait_until_reached();
    terminal.send("\x1b");
    provider.wait_until_hung_up(1);
    terminal.expect("Conversation interrupted");
    say(&terminal, "Are you there?");
    terminal.expect("Here I am again.");
    say(&terminal, "/quit");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
}

#[test]
fn a_compacted_thread_goes_on_from_its_summary() {
    let (home, leave) = (home(), Codex::take());
    let provider = Provider::start(Rules::DEEPSEEK)
        .to("CONTEXT CHECKPOINT COMPACTION", [text("A summary of one word.")])
        .to("A summary of one word.", [text("I know the summary.")])
        .to("Say one.", [reasoning("Simple.").then_text("One word.")]);
    let terminal = Terminal::spawn(codex(&home, &leave, &provider, &[]));
    terminal.expect("permissions: YOLO mode");
    say(&terminal, "Say one.");
    hear(&terminal, "One word.");
    say(&terminal, "/compact");
    terminal.expect("Context compacted");
    say(&terminal, "What do you know?");
    terminal.expect("I know the summary.");
    say(&terminal, "/quit");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
}

#[test]
fn a_model_that_was_chosen_is_the_next_sessions() {
    let (home, leave) = (home(), Codex::take());
    let provider = Provider::start(Rules::DEEPSEEK).to("Say one.", [text("One word.")]);
    let crelay = || codex(&home, &leave, &provider, &[]);
    let terminal = Terminal::spawn(crelay());
    terminal.expect("permissions: YOLO mode");
    // Before its first turn Codex may still be starting, and then it offers no choice.
    say(&terminal, "Say one.");
    hear(&terminal, "One word.");
    terminal.send("/model\r");
    terminal.expect("Select Model and Effort");
    terminal.send("2");
    // Who only confirms what is shown must not switch thinking off.
    terminal.expect("High (default)");
    terminal.send("\r");
    terminal.expect("Model changed to deepseek-flash high");
    say(&terminal, "/quit");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    let remembered = Process::run(crelay().arg("--dry-run")).well().stdout;
    assert!(remembered.contains("model = \"deepseek-flash\""), "{remembered}");
    assert!(remembered.contains("model_reasoning_effort = \"high\""), "{remembered}");
}
