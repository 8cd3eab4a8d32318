//! A provider that is gone without having said so: no answer of its machine comes any more, not even a refusal.

use std::process::Command;
use std::time::Duration;

use super::client::end;
use super::{STREAMED, Upstream, relay};
use crate::kit::Process;

#[test]
fn a_provider_that_is_gone_without_a_word_is_noticed() {
    let alone = |program: &str| {
        let mut command = Command::new("unshare");
        command.args(["-rn", "sh", "-ec", "ip link set lo up; exec \"$@\"", "sh", program]);
        command
    };
    if Process::run(&mut alone("true")).code != 0 {
        eprintln!("skipped: this user may not have a network of its own");
        return;
    }
    let tests = std::env::current_exe().unwrap();
    let mut inside = alone(tests.to_str().unwrap());
    inside.args([
        "--exact",
        "relay::half_open::in_a_network_of_its_own",
        "--include-ignored",
    ]);
    let ended = Process::run(&mut inside);
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert!(ended.code == 0 && said.contains("1 passed"), "{said}");
}

#[tokio::test]
#[ignore = "takes the way to the provider out of the network that it runs in: `a_provider_that_is_gone_…` gives it one"]
async fn in_a_network_of_its_own() {
    let upstream = Upstream::bind_to("127.0.0.9:0");
    let relay = relay(&upstream.base_url)
        .upstream(|limits| limits.probe = Duration::from_secs(1))
        .start()
        .await;
    let mut codex = relay.post(STREAMED).await;
    let mut provider = upstream.request().await;
    provider.begin().await;
    provider.say("Hel").await;
    codex.head().await;
    codex.event_named("response.output_text.delta").await;
    let route = ["route", "add", "blackhole", "127.0.0.9/32", "table", "local"];
    assert_eq!(Process::run(Command::new("ip").args(route)).code, 0);
    let events = codex.events().await;
    let error = &end(&events).data["response"]["error"];
    assert_eq!(error["code"], "server_error");
    let words = error["message"].as_str().unwrap();
    assert!(
        words.starts_with("the answer of Acme broke off: ") && words.contains("(os error 1"),
        "{words}"
    );
}
