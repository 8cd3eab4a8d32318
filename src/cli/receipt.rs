//! What a session has used, told when Codex has ended, and how to go on with it.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::files::{self, Root};
use crate::plain;
use crate::relay::{Budget, Substitution};
use crate::report::{Report, quoted};
use crate::session::{Grammar, Session};
use crate::usage::{Sum, dollars, percent, plural, tokens};

use super::options::Options;
use super::usage::cost;

/// From which part of what a session may cost on the receipt says so.
const WARNING: f64 = 0.8;

/// What is told.
#[derive(Debug, Serialize)]
pub(super) struct Receipt<'a> {
    pub provider: &'a str,
    pub model: &'a str,
    #[serde(flatten)]
    pub sum: Sum,
    /// What each model has used.
    pub parts: Vec<Part>,
    /// What was answered in the place of others.
    pub fallbacks: Vec<Substitution>,
    /// The most that it may cost, in dollars.
    pub max_cost: Option<f64>,
    /// Codex's id of the thread.
    pub thread: Option<String>,
    /// What to type to go on with it.
    pub resume: Option<String>,
}

/// What one model has used.
#[derive(Debug, Serialize)]
pub(super) struct Part {
    pub provider: String,
    pub model: String,
    #[serde(flatten)]
    pub sum: Sum,
}

impl Part {
    /// All of them, by provider and model.
    pub fn all(sums: BTreeMap<(String, String), Sum>) -> Vec<Self> {
        let parts = sums.into_iter();
        let parts = parts.map(|((provider, model), sum)| Self { provider, model, sum });
        parts.collect()
    }

    fn line(&self) -> String {
        let Sum { tokens: count, .. } = self.sum;
        format!(
            "{}/{}: {}, {} tokens in, {} out, {}",
            self.provider,
            self.model,
            plural(self.sum.requests, "request", "requests"),
            tokens(count.input),
            tokens(count.output),
            costs(&self.sum)
        )
    }
}

/// What it cost, as far as that is known.
fn costs(sum: &Sum) -> String {
    match sum.cost.is_unknown() {
        true => "cost not known".to_owned(),
        false => cost(&sum.cost),
    }
}

impl<'a> Receipt<'a> {
    /// Of a session that has ended.
    pub fn of(session: &'a Session, sum: Sum, budget: Option<Budget>) -> Self {
        Self {
            provider: &session.host(&session.model).endpoint.provider,
            model: &session.model.id,
            sum,
            parts: Vec::new(),
            fallbacks: Vec::new(),
            max_cost: budget.map(|budget| budget.dollars),
            thread: None,
            resume: None,
        }
    }

    /// Tells the terminal, if there is one, of whatever was used. Codex has ended, so nothing of its own is torn apart.
    pub fn tell(&self, is_quiet: bool) {
        let mut error = io::stderr();
        if is_quiet || self.sum.requests == 0 || !error.is_terminal() {
            return;
        }
        let resume = self
            .resume
            .as_ref()
            .map(|line| format!("crelay: go on with `{line}`\n"));
        // Whoever cannot be told needs no receipt.
        let told = format!(
            "crelay: {}\n{}{}{}",
            self.line(),
            self.parts(),
            self.fallbacks(),
            resume.unwrap_or_default()
        );
        let _ = error.write_all(plain::text(&told).as_bytes());
    }

    /// A line for each model that answered in the place of another.
    fn fallbacks(&self) -> String {
        let lines = self.fallbacks.iter().map(|fallback| {
            let turns = plural(fallback.turns, "request", "requests");
            format!(
                "crelay: {}: `{}` of {} answered {turns} instead\n",
                fallback.reason, fallback.model, fallback.name
            )
        });
        lines.collect()
    }

    /// A line for each model where there are several.
    fn parts(&self) -> String {
        let several = self.parts.iter().filter(|_| self.parts.len() > 1);
        several.map(|part| format!("crelay: {}\n", part.line())).collect()
    }

    fn line(&self) -> String {
        let Sum { tokens: count, .. } = self.sum;
        let mut parts = vec![plural(self.sum.requests, "request", "requests")];
        let mut input = format!("{} tokens in", tokens(count.input));
        if let Some(rate) = count.cache_rate().filter(|_| count.cached > 0) {
            input = format!("{input} ({} cached, {})", tokens(count.cached), percent(rate));
        }
        let mut output = format!("{} out", tokens(count.output));
        if count.reasoning > 0 {
            output = format!("{output} ({} reasoning)", tokens(count.reasoning));
        }
        parts.extend([input, output, self.cost()]);
        let first = self.sum.first_token.value();
        parts.extend(first.map(|seconds| format!("first token after {seconds:.1} s")));
        for (count, one, several) in [
            (self.sum.failed, "failed", "failed"),
            (self.sum.retries, "retry", "retries"),
            (self.sum.healed, "healed call", "healed calls"),
        ] {
            parts.extend((count > 0).then(|| plural(count, one, several)));
        }
        parts.join(", ")
    }

    fn cost(&self) -> String {
        let cost = costs(&self.sum);
        let spent = self.sum.cost.dollars();
        match self.max_cost {
            Some(most) if spent >= WARNING * most => {
                format!(
                    "{cost} ({} of the {} that it may cost)",
                    percent(spent / most),
                    dollars(most)
                )
            }
            _ => cost,
        }
    }
}

/// The file for the receipt, made before Codex starts, so that nobody learns afterwards that it cannot be written.
pub(super) fn open(path: &Path) -> Result<File, Report> {
    let opened = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(path);
    Ok(opened.map_err(files::Error::file("write", path, Root::Given))?)
}

/// Writes it as JSON to `file`, which is at `path`.
pub(super) fn write(mut file: File, path: &Path, receipt: &Receipt<'_>) -> Result<(), Report> {
    let json = serde_json::to_string_pretty(receipt).map_err(io::Error::from);
    let written = json.and_then(|json| writeln!(file, "{json}"));
    Ok(written.map_err(files::Error::file("write", path, Root::Given))?)
}

/// What to type to go on with a thread: Codex's own hint names a provider that exists only while crelay runs. All that
/// was typed to choose provider and models, and how they are heard, is typed again. The name of a shim stands for its
/// options. Where a model was typed, the one that was `chosen` since stands for it; where none was, it is remembered.
pub(super) fn resume(options: &Options, typed_model: Option<&str>, chosen: Option<&str>, thread: &str) -> String {
    let wished = &options.wished;
    let is_typed = typed_model.is_some() || wished.model.is_some();
    let chosen = chosen.filter(|_| is_typed);
    if let Some(called) = &options.called {
        let mut words = vec![quoted(called.as_ref())];
        words.extend(
            chosen
                .or(typed_model)
                .into_iter()
                .flat_map(|model| ["-m".to_owned(), quoted(model.as_ref())]),
        );
        words.extend(["resume".to_owned(), thread.to_owned()]);
        return words.join(" ");
    }
    let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.to_string_lossy().into_owned());
    // It may hold a password, which need not stand on the screen once more.
    let hidden = |url: &String| {
        if url.contains('@') {
            "URL".to_owned()
        } else {
            url.clone()
        }
    };
    let model = chosen.or(wished.model.as_deref()).or(typed_model);
    let typed = [
        ("-P", wished.provider.clone()),
        ("-m", model.map(str::to_owned)),
        ("--also", options.also.also.as_ref().map(|names| names.join(","))),
        ("--base-url", wished.base_url.as_ref().map(hidden)),
        ("--key-file", path(&wished.key_file)),
        ("--small-model", options.small_model.clone()),
        ("--wire", wished.wire.map(|wire| wire.word().to_owned())),
        ("--codex", path(&options.codex)),
        ("--max-cost", options.max_cost.map(|dollars| dollars.to_string())),
    ];
    let fallbacks = options.also.fallback.iter().flatten();
    let fallbacks = fallbacks.map(|fallback| ("--fallback", Some(fallback.clone())));
    let maps = options
        .model_map
        .iter()
        .map(|map| ("--model-map", Some(map.to_string())));
    let mut words = vec!["crelay".to_owned(), "codex".to_owned()];
    for (name, value) in typed.into_iter().chain(fallbacks).chain(maps) {
        words.extend(
            value
                .into_iter()
                .flat_map(|value| [name.to_owned(), quoted(value.as_ref())]),
        );
    }
    words.extend(wished.no_heal.as_deref().map(no_heal));
    words.extend(options.install_codex.then(|| "--install-codex".to_owned()));
    words.extend(["resume".to_owned(), thread.to_owned()]);
    words.join(" ")
}

/// The option as it was typed: none of them means all.
fn no_heal(grammars: &[Grammar]) -> String {
    let names: Vec<&str> = grammars.iter().map(|grammar| grammar.name()).collect();
    match names.is_empty() {
        true => "--no-heal".to_owned(),
        false => format!("--no-heal={}", names.join(",")),
    }
}

#[cfg(test)]
mod tests {
    use crate::usage::{Cost, Outcome, Tokens, Turn};

    use super::*;
    use crate::cli::wished::Wished;

    fn receipt(cost: Cost, max_cost: Option<f64>) -> Receipt<'static> {
        let mut sum = Sum::default();
        sum.add(&Turn {
            id: "resp".to_owned(),
            provider: "deepseek".to_owned(),
            model: "deepseek-v4-pro".to_owned(),
            outcome: Outcome::Completed,
            tokens: Tokens {
                input: 20_000,
                cached: 15_000,
                output: 500,
                reasoning: 100,
            },
            cost,
            seconds: 4.0,
            first_token: Some(0.84),
            retries: 1,
            healed: 2,
        });
        Receipt {
            provider: "deepseek",
            model: "deepseek-v4-pro",
            sum,
            parts: Vec::new(),
            fallbacks: Vec::new(),
            max_cost,
            thread: None,
            resume: None,
        }
    }

    #[test]
    fn a_receipt_is_one_line() {
        let told = Cost {
            told: 0.42,
            ..Cost::default()
        };
        assert_eq!(
            receipt(told, Some(2.0)).line(),
            "1 request, 20.0k tokens in (15.0k cached, 75 %), 500 out (100 reasoning), $0.42, first token after 0.8 s, 1 \
             retry, 2 healed calls"
        );
    }

    #[test]
    fn several_models_have_a_line_each() {
        let mut receipt = receipt(Cost::default(), None);
        let part = |provider: &str, model: &str| {
            let whose = (provider.to_owned(), model.to_owned());
            (whose, receipt.sum)
        };
        let parts = [part("deepseek", "deepseek-v4-pro"), part("kimi", "kimi-k3.1-pro")];
        receipt.parts = Part::all(BTreeMap::from([parts[0].clone()]));
        assert_eq!(receipt.parts(), "");
        receipt.parts = Part::all(BTreeMap::from(parts));
        assert_eq!(
            receipt.parts(),
            "crelay: deepseek/deepseek-v4-pro: 1 request, 20.0k tokens in, 500 out, $0\ncrelay: kimi/kimi-k3.1-pro: 1 \
             request, 20.0k tokens in, 500 out, $0\n"
        );
    }

    #[test]
    fn under_a_shim_its_name_goes_on() {
        let options = Options {
            wished: Wished {
                provider: Some("deepseek".to_owned()),
                ..Wished::default()
            },
            called: Some("my codex".to_owned()),
            ..Options::default()
        };
        assert_eq!(resume(&options, None, None, "ID"), "'my codex' resume ID");
        assert_eq!(resume(&options, Some("m"), None, "ID"), "'my codex' -m m resume ID");
        let options = Options {
            called: None,
            ..options
        };
        assert_eq!(
            resume(&options, Some("m"), None, "ID"),
            "crelay codex -P deepseek -m m resume ID"
        );
    }

    #[test]
    fn all_that_decides_who_answers_is_typed_again() {
        let options = Options {
            wished: Wished {
                model: Some("pro".to_owned()),
                no_heal: Some(vec![Grammar::Dsml, Grammar::Think]),
                ..Wished::default()
            },
            model_map: vec!["gpt-*=pro".parse().unwrap(), "a=b,c=d".parse().unwrap()],
            small_model: Some("flash".to_owned()),
            max_cost: Some(2.5),
            ..Options::default()
        };
        assert_eq!(
            resume(&options, None, None, "ID"),
            "crelay codex -m pro --small-model flash --max-cost 2.5 --model-map 'gpt-*=pro' --model-map a=b,c=d --no-heal=dsml,think \
             resume ID"
        );
        let all = Options {
            wished: Wished {
                no_heal: Some(Vec::new()),
                ..Wished::default()
            },
            ..Options::default()
        };
        assert_eq!(resume(&all, None, None, "ID"), "crelay codex --no-heal resume ID");
    }

    #[test]
    fn a_model_that_was_chosen_stands_for_the_one_that_was_typed() {
        let wishing = |model: Option<&str>, called: Option<&str>| Options {
            wished: Wished {
                model: model.map(str::to_owned),
                ..Wished::default()
            },
            called: called.map(str::to_owned),
            ..Options::default()
        };
        let line = |options, typed| resume(&options, typed, Some("kimi/k3"), "ID");
        assert_eq!(
            line(wishing(Some("pro"), None), None),
            "crelay codex -m kimi/k3 resume ID"
        );
        assert_eq!(
            line(wishing(None, None), Some("pro")),
            "crelay codex -m kimi/k3 resume ID"
        );
        assert_eq!(
            line(wishing(Some("pro"), Some("mine")), None),
            "mine -m kimi/k3 resume ID"
        );
        // It is remembered.
        assert_eq!(line(wishing(None, None), None), "crelay codex resume ID");
    }

    #[test]
    fn what_is_not_known_of_a_cost_is_said() {
        let cost = |told, computed, unknown| {
            let cost = Cost {
                told,
                computed,
                unknown,
            };
            receipt(cost, None).cost()
        };
        assert_eq!(cost(0.0, 0.0, 0), "$0");
        assert_eq!(cost(0.3, 0.12, 0), "about $0.42");
        assert_eq!(cost(0.0, 0.42, 3), "at least $0.42");
        assert_eq!(cost(0.0, 0.0, 3), "cost not known");
    }

    #[test]
    fn most_of_a_budget_is_told() {
        let spent = |told| Cost {
            told,
            ..Cost::default()
        };
        assert_eq!(receipt(spent(1.59), Some(2.0)).cost(), "$1.59");
        assert_eq!(
            receipt(spent(1.6), Some(2.0)).cost(),
            "$1.60 (80 % of the $2.00 that it may cost)"
        );
    }
}
