//! The numbers, read as strictly as Prometheus reads its text format.

use std::collections::BTreeMap;

use super::{Server, demo, serve};
use nix::sys::signal::Signal;

use crate::kit::{Gate, Home, Process, Provider, Rules, refuse, text};

/// All samples by name and labels.
type Samples = BTreeMap<String, f64>;

/// Reads a page. Each family is announced by help and type, once, before its samples; each sample stands there once.
fn parse(page: &str) -> Samples {
    let mut samples = Samples::new();
    let mut families: Vec<(&str, &str)> = Vec::new();
    let mut helped = "";
    assert!(page.ends_with('\n'));
    for line in page.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            helped = help.split_once(' ').unwrap().0;
            continue;
        }
        if let Some(typed) = line.strip_prefix("# TYPE ") {
            let (name, kind) = typed.split_once(' ').unwrap();
            assert_eq!(name, helped);
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert!(families.iter().all(|(other, _)| *other != name), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            families.push((name, kind));
            continue;
        }
        let (sample, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = sample.split_once('{').unwrap_or((sample, "}"));
        let (family, kind) = *families.last().unwrap();
        let suffixes: &[&str] = if kind == "histogram" {
            &["_bucket", "_sum", "_count"]
        } else {
            &[""]
        };
        assert!(
            suffixes.iter().any(|suffix| name.strip_suffix(suffix) == Some(family)),
            "{line}"
        );
        for label in labels
            .strip_suffix('}')
            .unwrap()
            .split(',')
            .filter(|label| !label.is_empty())
        {
            let (key, value) = label.split_once("=\"").unwrap();
            assert!(key.bytes().all(|byte| byte.is_ascii_lowercase()), "{line}");
            assert!(
                value.strip_suffix('"').is_some_and(|value| !value.contains('"')),
                "{line}"
            );
        }
        assert!(
            samples.insert(sample.to_owned(), value.parse().unwrap()).is_none(),
            "{line}"
        );
    }
    samples
}

fn read(server: &Server) -> Samples {
    let answer = server.ask("GET", "/metrics", "", "");
    assert_eq!(answer.status, 200);
    assert!(
        answer.head.contains("content-type: text/plain; version=0.0.4"),
        "{}",
        answer.head
    );
    parse(&answer.body)
}

fn turns(samples: &Samples, outcome: &str) -> f64 {
    samples[&format!("crelay_turns_total{{outcome=\"{outcome}\"}}")]
}

#[test]
fn every_turn_is_counted_once_by_how_it_ended() {
    let (home, gate) = (Home::new(), Gate::new());
    let provider = Provider::start(Rules::GENERIC)
        .to("whole", [text("Done.")])
        .to("streamed", [text("Done.")])
        .to("short", [text("Cut sho").cut_by_length()])
        .to("broken", [text("Cut").cut()])
        .to("refused", [refuse(400, "no")])
        .to("left", [text("Nobody hears.").held_by(&gate)]);
    let server = Server::start(&mut serve(&home, &provider));
    let fresh = read(&server);
    assert_eq!(turns(&fresh, "completed"), 0.0);
    let ask = |input: &str, stream: bool| {
        let body = format!(r#"{{"model":"my-model","input":"{input}","stream":{stream}}}"#);
        server.ask("POST", "/v1/responses", "", &body).status
    };
    assert_eq!(ask("whole", false), 200);
    assert_eq!(ask("streamed", true), 200);
    assert_eq!(ask("short", true), 200);
    assert_eq!(ask("broken", true), 200);
    assert_eq!(ask("refused", true), 400);
    let mut client = super::connect(&server.url).unwrap();
    let body = r#"{"model":"my-model","input":"left","stream":true}"#;
    super::send(&mut client, "POST", "/v1/responses", "", body);
    gate.wait_until_reached();
    assert_eq!(read(&server)["crelay_turns_open"], 1.0);
    drop(client);
    provider.wait_until_hung_up(1);
    let samples = read(&server);
    let outcomes = ["completed", "incomplete", "failed", "left"].map(|outcome| turns(&samples, outcome));
    assert_eq!(outcomes, [2.0, 1.0, 2.0, 1.0]);
    assert_eq!(samples["crelay_turns_open"], 0.0);
    assert_eq!(samples["crelay_turn_seconds_count"], 6.0);
    assert_eq!(samples["crelay_turn_seconds_bucket{le=\"+Inf\"}"], 6.0);
    assert!(samples["crelay_turn_seconds_bucket{le=\"600\"}"] <= 6.0);
    assert_eq!(
        samples["crelay_requests_total{place=\"responses\",status=\"400\"}"],
        1.0
    );
    assert!(samples["crelay_tokens_total{kind=\"input\"}"] > 0.0);
    assert!(samples["crelay_tokens_total{kind=\"output\"}"] > 0.0);
    assert_eq!(samples["crelay_healed_total"], 0.0);
    // Nobody knows what `my-model` costs.
    assert_eq!(samples["crelay_cost_dollars_total"], 0.0);
}

#[test]
fn what_a_server_has_used_is_written_down_unless_that_is_not_wanted() {
    for (config, requests) in [("", 1), ("usage = false\n", 0)] {
        let home = Home::new();
        let folder = home.path().join("config/crelay");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), config).unwrap();
        let server = Server::start(&mut demo(&home));
        let answer = server.ask("POST", "/v1/responses", "", r#"{"input":"hi"}"#);
        assert_eq!(answer.status, 200);
        server.process.signal(Signal::SIGTERM);
        assert_eq!(server.process.wait().code, 0);
        let told = Process::run(home.crelay().args(["usage", "--by", "project", "--json"]))
            .well()
            .stdout;
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["total"]["requests"], requests, "{told}");
    }
}

#[test]
fn nothing_that_a_client_made_up_becomes_a_label() {
    let home = Home::new();
    let server = Server::start(&mut demo(&home));
    for path in ["/made-up", "/v1/responses/made-up", "/v1/chat/completions"] {
        assert_eq!(server.ask("GET", path, "", "").status, 404);
    }
    let answer = server.ask("GET", "/metrics", "", "");
    let samples = parse(&answer.body);
    assert!(!answer.body.contains("made-up"), "{}", answer.body);
    assert_eq!(samples["crelay_requests_total{place=\"none\",status=\"404\"}"], 2.0);
    assert_eq!(samples["crelay_requests_total{place=\"answer\",status=\"404\"}"], 1.0);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        samples[&format!("crelay_info{{version=\"{version}\",provider=\"demo\"}}")],
        1.0
    );
}
