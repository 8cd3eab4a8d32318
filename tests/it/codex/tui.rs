//! The TUI, as a user types in it.

use serde_json::json;

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

pub fn two_threads_reach_the_provider_and_nothing_is_left(leave: Codex) {
    let home = home();
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

/// What the picker shows, from its heading on, without the blank lines at its end.
fn picker(terminal: &Terminal, last: &str) -> String {
    terminal.expect(last);
    let screen = terminal.screen();
    let start = screen.find("  Select ").unwrap();
    let lines = screen[start..].trim_end().lines().map(str::trim_end);
    lines.fold(String::new(), |text, line| text + line + "\n")
}

const MODELS: &str = "  Select Model and Effort


› 1. DeepSeek V4 Pro (current)  DeepSeek, 1M tokens, $1.32 in, $3.96 out for a million
  2. DeepSeek V4.1 Flash        DeepSeek, 1M tokens, $0.3 in, $1.2 out for a million

  enter select · esc back
";

const EFFORTS: &str = "  Select Reasoning Level for DeepSeek V4.1 Flash


  1. None            Answers without thinking first
  2. Low             Thinks a little, answers fast
› 3. High (default)  Thinks thoroughly
  4. Extra high      Thinks as long as it takes

  enter default · s session · esc back
";

#[test]
fn the_picker_shows_the_providers_models_and_what_is_chosen_answers_at_once_and_next_time() {
    let (home, leave) = (home(), Codex::take());
    let provider = Provider::start(Rules::DEEPSEEK)
        .serving(Rules::DEEPSEEK_FLASH)
        .to("Say one.", [text("One word.")])
        .to("Say two.", [text("Two words.")])
        .to("Say three.", [text("Three words.")]);
    let start = || {
        let terminal = Terminal::spawn(codex(&home, &leave, &provider, &[]));
        terminal.expect("permissions: YOLO mode");
        terminal
    };
    let asked = |place: usize| {
        let body = &provider.requests()[place].body;
        (body["model"].clone(), body["reasoning_effort"].clone())
    };
    let terminal = start();
    // Before its first turn Codex may still be starting, and then it offers no choice.
    say(&terminal, "Say one.");
    hear(&terminal, "One word.");
    terminal.send("/model\r");
    assert_eq!(picker(&terminal, "esc back"), MODELS);
    terminal.send("2");
    // Who only confirms what is shown must not switch thinking off.
    terminal.expect("High (default)");
    assert_eq!(picker(&terminal, "esc back"), EFFORTS);
    terminal.send("2");
    terminal.expect("Model changed to deepseek-flash low");
    say(&terminal, "/new");
    terminal.expect_gone("One word.");
    say(&terminal, "Say two.");
    terminal.expect("Two words.");
    say(&terminal, "/quit");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    let terminal = start();
    terminal.expect("DeepSeek V4.1 Flash low");
    say(&terminal, "Say three.");
    terminal.expect("Three words.");
    say(&terminal, "/quit");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    let answered = |model: &str, effort: &str| (json!(model), json!(effort));
    assert_eq!(asked(0), answered("deepseek-v4-pro", "high"));
    assert_eq!(asked(1), answered("deepseek-flash", "low"));
    assert_eq!(asked(2), answered("deepseek-flash", "low"));
    // Another provider has a memory of its own.
    let mut other = home.crelay();
    other
        .args(["codex", "-P", "kimi", "--dry-run", "--codex"])
        .arg(leave.program());
    let other = Process::run(other.env("MOONSHOT_API_KEY", "k")).well().stdout;
    assert!(other.contains("model = \"kimi-k3.1-pro\""), "{other}");
}
