//! models.dev when it fails: what it said earlier counts, and no session notices.

use serde_json::json;

use crate::kit::Process;

use super::{Lister, User};

fn user() -> User {
    User::of(Lister::start().lists(json!([{"id": "new"}])))
        .configured("models_dev = \"URL/api.json\"\n[providers.work]\nbase_url = \"URL/v1\"\ndialect = \"deepseek\"\n")
}

/// The window of the model, as `crelay models` tells it, which asks for all that may be asked for.
fn window(user: &User) -> serde_json::Value {
    let mut command = user.fake.home.crelay();
    command.args(["models", "-P", "work", "--json", "--refresh"]);
    let told = Process::run(command.env_remove("CRELAY_OFFLINE")).well().stdout;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let models = told["models"].as_array().unwrap();
    let new = models.iter().find(|model| model["id"] == "new").unwrap();
    new["context_window"].clone()
}

fn knows(tokens: u64) -> String {
    json!({"deepseek": {"models": {"new": {"limit": {"context": tokens}}}}}).to_string()
}

#[test]
fn an_answer_of_models_dev_that_is_none_leaves_what_it_said_earlier() {
    let user = user();
    // The path is not there: 404.
    assert_eq!(window(&user), json!(null));
    let answer = |text: &str| user.lister.set_text("/api.json", Some(text.to_owned()));
    answer(&knows(64_000));
    assert_eq!(window(&user), json!(64_000));
    let huge = format!("{{\"a\": \"{}\"}}", "a".repeat(33 << 20));
    for broken in ["", "<html>", "[]", "{\"deepseek\": {\"models\"", &huge] {
        answer(broken);
        assert_eq!(window(&user), json!(64_000), "{}", &broken[..broken.len().min(20)]);
    }
    answer(&knows(65_000));
    assert_eq!(window(&user), json!(65_000));
    let asked = user.lister.paths().iter().filter(|path| *path == "/api.json").count();
    assert_eq!(asked, 8);
}

#[test]
fn a_models_dev_that_hangs_keeps_nobody_waiting_and_is_stale_all_the_same() {
    let user = user();
    user.lister.set_text("/api.json", Some(knows(64_000)));
    assert_eq!(window(&user), json!(64_000));
    // As if it had been asked two days ago.
    let kept = user
        .kept()
        .into_iter()
        .find(|file| file.ends_with("models.dev/deepseek.json"))
        .unwrap();
    let text = std::fs::read_to_string(&kept).unwrap();
    let asked = text.split("\"asked\":").nth(1).unwrap().split(',').next().unwrap();
    let old = (asked.parse::<u64>().unwrap() - 2 * 86_400).to_string();
    std::fs::write(&kept, text.replace(asked, &old)).unwrap();
    user.lister.set_text("/api.json", None);
    let before = user.lister.asked().len();
    // Codex stays until it is asked, and ends though nothing is answered.
    let process =
        crate::kit::Process::spawn(&mut user.doing(&["-P", "work", "-m", "new"], &format!("{}; stay", super::KEEP)));
    process.wait_for_line("ready ");
    assert_eq!(user.told()[0]["context_window"], 64_000);
    user.lister.wait_until_asked(before + 1);
    process.signal(nix::sys::signal::Signal::SIGTERM);
    process.wait();
}
