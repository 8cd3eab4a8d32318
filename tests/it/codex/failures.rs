//! What the real Codex makes of every kind of failure: how often it asks, how long that takes, what it says at its end.
//!
//! `cargo test --test it -- codex::failures --nocapture` prints the table.

use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use super::{codex, crelay_at, exec, home, tui};
use crate::kit::{Codex, Gate, Home, Process, Provider, Rules, Terminal, Turn, refuse, refuse_with, text};

/// How often Codex asks for a turn that fails in a way that passes: once, and `stream_max_retries` of the profile more.
const CODEX_ASKS: usize = 3;
/// How often crelay sends each of these: `attempts` of its retries.
const CRELAY_ASKS: usize = 3;

/// How long the slowest may take. Codex is there within two seconds, unless the machine is busy.
const BOUND: Duration = Duration::from_secs(40);

/// No pauses, and a provider that is silent for half a second has been so for too long.
const IMPATIENT: &str = "[timeouts]\nfirst = 0.5\nidle = 0.5\n[retry]\npause = 0\n";

/// A kind of failure, and what comes of it.
struct Row {
    fault: &'static str,
    /// What the provider answers, request after request.
    answers: Vec<Turn>,
    /// How often Codex asks crelay. The provider is asked as often as it has answers.
    asked: usize,
    /// Codex's exit code.
    code: i32,
    /// What Codex says last.
    said: &'static str,
}

/// It will not pass: Codex and crelay ask once, and the user is told.
fn fatal(fault: &'static str, answer: Turn, said: &'static str) -> Row {
    Row {
        fault,
        answers: vec![answer],
        asked: 1,
        code: 1,
        said,
    }
}

/// It could pass, but does not: Codex asks again after the seconds that it is told.
fn passing(fault: &'static str, answer: Turn, said: &'static str) -> Row {
    Row {
        fault,
        answers: vec![answer; CODEX_ASKS * CRELAY_ASKS],
        asked: CODEX_ASKS,
        code: 1,
        said,
    }
}

/// It passes, and Codex has `asked` so often.
fn passed<const N: usize>(fault: &'static str, answers: [Turn; N], asked: usize) -> Row {
    let mut answers = Vec::from(answers);
    answers.push(text("Done."));
    Row {
        fault,
        answers,
        asked,
        code: 0,
        said: "Done.",
    }
}

/// `ADDRESS` is the provider's. `silence` never ends.
#[rustfmt::skip]
fn rows(silence: &Gate) -> Vec<Row> {
    let at_once = |answer: Turn| answer.with_header("retry-after", "0");
    let limit = || at_once(refuse(429, "Rate limit reached"));
    let in_stream = |error: &str| text("").broken_by(error);
    let empty = || text("");
    vec![
        fatal("wrong key", refuse(401, "Authentication Fails, Your api key: ****-key is invalid"),
            "ERROR: DeepSeek says: Authentication Fails, Your api key: ****-key is invalid (401). Check the key; it came from `DEEPSEEK_API_KEY`"),
        fatal("empty account", refuse(402, "Insufficient Balance"),
            "ERROR: DeepSeek says: Insufficient Balance (402). Top up or choose another provider with `--provider`"),
        fatal("empty account, in a stream", in_stream(r#"{"error":{"code":402,"message":"Insufficient credits"}}"#),
            "ERROR: DeepSeek says: Insufficient credits (402). Top up or choose another provider with `--provider`"),
        fatal("plan used up", refuse(429, "Weekly usage limit reached, resets in 5 days 10 hours"),
            "ERROR: DeepSeek says: Weekly usage limit reached, resets in 5 days 10 hours (429). It resets in 5d 10h; until then, \
             choose another provider with `--provider`"),
        fatal("limit for an hour", refuse(429, "Slow down!").with_header("retry-after", "3600"),
            "ERROR: DeepSeek says: Slow down! (429). It resets in 1h 0m; until then, choose another provider with `--provider`"),
        fatal("limit of a day, by its headers", refuse(429, "Too many requests")
                .with_header("x-ratelimit-remaining-requests-day", "0")
                .with_header("x-ratelimit-reset-requests-day", "33011.4"),
            "ERROR: DeepSeek says: Too many requests (429). It resets in 9h 10m; until then, choose another provider with \
             `--provider`"),
        fatal("model unknown", refuse(400, "Model Not Exist"),
            "ERROR: DeepSeek says: Model Not Exist (400). Choose another model with `-m`"),
        fatal("bad request", refuse(422, "messages[3]: unknown role"),
            "ERROR: DeepSeek says: messages[3]: unknown role (422)."),
        fatal("filter", refuse(400, "The request was rejected because it was considered high risk"),
            "ERROR: DeepSeek says: The request was rejected because it was considered high risk (400)."),
        fatal("nothing at the address", refuse_with(404, "<html><head><title>404 Not Found</title></head></html>"),
            "ERROR: DeepSeek says: 404 Not Found. Check the address: it is ADDRESS"),
        fatal("web page in place of an answer", refuse_with(200, "<!doctype html><title>Log in</title>"),
            "ERROR: ADDRESS answered with the web page “Log in”, not with an API: is the address right?"),
        passing("limit", limit(),
            "ERROR: rate limit exceeded: DeepSeek says: Rate limit reached (429). Please try again in 0s"),
        passing("limit, in a stream", in_stream(r#"{"error":{"code":429,"message":"Too many requests","retry_after":0}}"#),
            "ERROR: rate limit exceeded: DeepSeek says: Too many requests (429). Please try again in 0s"),
        passing("overloaded", at_once(refuse(503, "The server is overloaded")),
            "ERROR: rate limit exceeded: DeepSeek says: The server is overloaded (503). Please try again in 0s"),
        passing("broken", at_once(refuse_with(500, "")),
            "ERROR: rate limit exceeded: DeepSeek answered 500 without a word. Please try again in 0s"),
        passed("limit for two attempts", [limit(), limit()], 1),
        passed("limit for four attempts", [limit(), limit(), limit(), limit()], 2),
        passed("cut before the first word", [empty().cut(), empty().cut()], 1),
        passed("malformed", [refuse_with(200, r#"{"choices":[{"mess"#), refuse_with(200, "data: {\"choi\n\n")], 1),
        passed("silent", [empty().held_by(silence), empty().held_by(silence)], 1),
        passed("cut in the middle", [text("I begin.").cut()], 2),
        passed("broken in the middle", [text("I begin.").broken_by(r#"{"error":{"code":500,"message":"oops"}}"#)], 2),
        passed("silent in the middle", [text("I begin.").held_by(silence)], 2),
    ]
}

/// What came of a failure.
#[derive(Debug)]
struct Seen {
    asked: usize,
    upstream: usize,
    took: Duration,
    code: i32,
    said: String,
}

/// Runs Codex to its end and looks.
fn see(command: &mut Command, home: &Home) -> Seen {
    let log = home.path().join("log");
    let began = Instant::now();
    let ended = Process::run(command.env("CRELAY_LOG", &log));
    let told = if ended.code == 0 { &ended.stdout } else { &ended.stderr };
    Seen {
        asked: std::fs::read_to_string(&log).unwrap().matches("a turn begins").count(),
        upstream: 0,
        took: began.elapsed(),
        code: ended.code,
        said: told.lines().last().unwrap_or_default().to_owned(),
    }
}

fn play(row: &Row) -> Seen {
    let (home, codex) = (impatient(home()), Codex::take());
    let provider = Provider::start(Rules::DEEPSEEK);
    provider.also_to("", row.answers.clone());
    let mut seen = see(&mut exec(&home, &codex, &provider, &["Work."]), &home);
    seen.upstream = provider.requests().len();
    seen.said = seen.said.replace(provider.base_url(), "ADDRESS");
    seen
}

fn impatient(home: Home) -> Home {
    let folder = home.path().join("config/crelay");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), IMPATIENT).unwrap();
    home
}

#[test]
fn every_failure_ends_in_words_after_as_many_requests_as_it_is_worth() {
    let silence = Gate::new();
    let rows = rows(&silence);
    let seen: Vec<Seen> = std::thread::scope(|scope| {
        let played: Vec<_> = rows.iter().map(|row| scope.spawn(|| play(row))).collect();
        played.into_iter().map(|seen| seen.join().unwrap()).collect()
    });
    let mut table = String::new();
    for (row, seen) in rows.iter().zip(&seen) {
        let seconds = seen.took.as_secs_f64();
        let (asked, upstream, code, said) = (seen.asked, seen.upstream, seen.code, &seen.said);
        writeln!(
            table,
            "| {} | {asked} | {upstream} | {seconds:.1} | {code} | {said} |",
            row.fault
        )
        .unwrap();
    }
    println!("| failure | Codex asks | crelay asks | seconds | exit | says |\n|---|---|---|---|---|---|\n{table}");
    for (row, seen) in rows.iter().zip(&seen) {
        let is = (seen.asked, seen.upstream, seen.code, seen.said.as_str());
        assert_eq!(is, (row.asked, row.answers.len(), row.code, row.said), "{}", row.fault);
        // Codex takes one to start. What is waited for in between is as nothing.
        assert!(seen.took < BOUND, "{} took {:?}", row.fault, seen.took);
    }
}

#[test]
fn a_provider_that_is_not_there_is_told_with_its_address() {
    let nobody = std::net::TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap();
    for (address, asked, said) in [
        (
            format!("http://{nobody}/v1"),
            1,
            format!("ERROR: nothing listens at {nobody}: is the server running?"),
        ),
        (
            "https://provider.invalid/v1".to_owned(),
            CODEX_ASKS,
            "ERROR: rate limit exceeded: cannot reach DeepSeek at provider.invalid: Connection refused (os error 111). \
             Please try again in 5s"
                .to_owned(),
        ),
    ] {
        let (home, codex) = (impatient(home()), Codex::take());
        let mut command = crelay_at(&home, &codex, "exec", &address);
        command.args(["--provider", "deepseek", "--skip-git-repo-check", "Work."]);
        let seen = see(command.env("DEEPSEEK_API_KEY", "sk-test"), &home);
        assert_eq!((seen.asked, seen.code, seen.said), (asked, 1, said));
        assert!(seen.took < BOUND, "{:?}", seen.took);
    }
}

#[test]
fn codex_does_not_wait_for_a_relay_that_is_gone() {
    let home = impatient(home());
    let nobody = std::net::TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap();
    let codex = Codex::take().without_relay(&home, nobody);
    let provider = Provider::start(Rules::DEEPSEEK);
    let mut command = exec(&home, &codex, &provider, &["Work."]);
    let seen = see(&mut command, &home);
    assert_eq!((seen.asked, seen.code), (0, 1));
    assert_eq!(seen.said, "ERROR: Connection failed: error sending request");
    assert!(seen.took < BOUND, "{:?}", seen.took);
}

/// A provider that refuses what is too long, and what it says to the summary.
fn full(after: Turn) -> Provider {
    let full = || {
        refuse(
            400,
            "This model's maximum context length is 65536 tokens. However, you requested 70000 tokens",
        )
    };
    Provider::start(Rules::DEEPSEEK)
        // Of a summary that is too long, Codex leaves out the oldest, and asks again.
        .to("CONTEXT CHECKPOINT COMPACTION", [text("A summary of one word.")])
        .to("A summary of one word.", [after])
        .to("Work.", [full()])
}

#[test]
fn a_full_context_is_summed_up_and_the_turn_goes_on() {
    let (home, codex) = (home(), Codex::take());
    let provider = full(text("Done."));
    let ended = Process::run(&mut exec(&home, &codex, &provider, &["Work."])).well();
    assert_eq!(ended.stdout.trim_end(), "Done.");
    assert_eq!(provider.requests().len(), 3);
}

#[test]
fn a_context_that_stays_full_is_told() {
    let (home, codex) = (home(), Codex::take());
    let provider = full(refuse(400, "prompt is too long"));
    let ended = Process::run(&mut exec(&home, &codex, &provider, &["Work."]));
    let told = "ERROR: Codex ran out of room in the model's context window.";
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
    assert_eq!(provider.requests().len(), 3);
}

#[test]
fn the_tui_shows_what_the_provider_says_and_the_thread_goes_on() {
    let (home, leave) = (impatient(tui::home()), Codex::take());
    let answers = [refuse(402, "Insufficient Balance"), text("Thank you.")];
    let provider = Provider::start(Rules::DEEPSEEK).to("Work.", answers);
    let terminal = Terminal::spawn(codex(&home, &leave, &provider, &["Work."]));
    terminal.expect("DeepSeek says: Insufficient Balance (402). Top up or choose another provider");
    tui::say(&terminal, "I have topped up.");
    terminal.expect("Thank you.");
    tui::say(&terminal, "/quit");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
}

#[test]
fn the_tui_shows_why_it_waits() {
    let (home, leave) = (impatient(tui::home()), Codex::take());
    let limit = || refuse(429, "Rate limit reached").with_header("retry-after", "1");
    let provider = Provider::start(Rules::DEEPSEEK).to("Work.", [limit(), limit(), limit(), text("Thank you.")]);
    let terminal = Terminal::spawn(codex(&home, &leave, &provider, &["Work."]));
    terminal.expect("DeepSeek says: Rate limit reached (429)");
    terminal.expect("Thank you.");
    tui::say(&terminal, "/quit");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
}
