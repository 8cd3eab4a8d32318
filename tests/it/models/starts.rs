//! What a start waits for.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::kit::Process;

use super::{KEEP, Lister, User, slugs};

#[test]
fn a_provider_that_never_lists_its_models_is_waited_for_once_and_for_a_second() {
    let lister = Lister::start();
    lister.set("/v1/models", None);
    let user = User::of(lister);
    let base_url = user.lister.base_url();
    let options = ["--base-url", &base_url, "-m", "a"];
    // The base prompt is found out in the first session with a Codex.
    let first = Instant::now();
    assert_eq!(slugs(&user.catalog(&options)), ["a"]);
    let first = first.elapsed();
    assert!(first >= Duration::from_secs(1), "{first:?}");
    assert_eq!(user.lister.asked().len(), 1);
    // Who is not asked is not waited for.
    assert_eq!(slugs(&user.catalog(&options)), ["a"]);
    assert_eq!(user.lister.asked().len(), 1);
}

#[test]
fn a_warm_start_asks_nobody_and_an_old_list_is_renewed_while_codex_runs() {
    let user = User::of(Lister::start().lists(json!([{"id": "a"}])));
    let base_url = user.lister.base_url();
    let options = ["--base-url", &base_url, "-m", "a"];
    user.listed(&options[..2]);
    user.lister
        .set("/v1/models", Some(json!({"data": [{"id": "a"}, {"id": "b"}]})));
    user.catalog(&options);
    assert_eq!(user.lister.asked().len(), 1);
    // As if it had been kept a day ago.
    let kept = &user.kept()[0];
    let text = std::fs::read_to_string(kept).unwrap();
    let asked = text.split("\"asked\":").nth(1).unwrap().split(',').next().unwrap();
    let old = (asked.parse::<u64>().unwrap() - 86_400).to_string();
    std::fs::write(kept, text.replace(asked, &old)).unwrap();
    // What Codex is told is old; what is asked for comes while it runs.
    let process = Process::spawn(&mut user.doing(&options, &format!("{KEEP}; stay")));
    process.wait_for_line("ready ");
    assert_eq!(slugs(&user.told()), ["a"]);
    user.lister.wait_until_asked(2);
    process.signal(nix::sys::signal::Signal::SIGTERM);
    process.wait();
}

#[test]
fn who_is_offline_asks_nobody_beyond_this_machine() {
    let user = User::of(Lister::start().tells("/api.json", json!({}))).configured(
        "offline = true\nmodels_dev = \"URL/api.json\"\n[providers.work]\nbase_url = \"http://192.0.2.1/v1\"\n\
         dialect = \"deepseek\"\n",
    );
    let mut command = user.session(&["-P", "work"]);
    Process::run(command.env("CRELAY_API_KEY", "")).well();
    assert_eq!(user.lister.paths(), Vec::<String>::new());
    // Who was asked in vain would have that kept.
    assert_eq!(user.kept(), Vec::<std::path::PathBuf>::new());
}
