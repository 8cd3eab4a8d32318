//! `docs/providers.md` tells of each provider what `src/provider/providers.toml` and `models.toml` hold.

use std::fmt::Write as _;

use crelay::provider::dialect::{Dialect, Replay, Wire};
use crelay::provider::{KeyCheck, Lists, Provider, Table, axis_line, differing};

use super::assert_made;

fn quoted<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// Regions and plans that are told apart by nothing but their names share a line.
fn overview(table: &Table) -> String {
    let mut lines: Vec<Vec<&Provider>> = Vec::new();
    for provider in table.iter() {
        let told = |other: &Provider| (key(other), other.default_model.clone());
        match lines.iter_mut().find(|line| told(line[0]) == told(provider)) {
            Some(line) => line.push(provider),
            None => lines.push(vec![provider]),
        }
    }
    let mut text = "| `--provider` | also | key | model without `-m` |\n|---|---|---|---|\n".to_owned();
    for line in lines {
        let ids = line.iter().map(|provider| format!("[`{0}`](#{0})", provider.id));
        let cells = [
            ids.collect::<Vec<_>>().join(", "),
            quoted(line.iter().flat_map(|provider| &provider.aliases)),
            key(line[0]),
            quoted(&line[0].default_model),
        ];
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text.replace("  |", " |")
}

fn key(provider: &Provider) -> String {
    match (provider.key_required, provider.key_decides) {
        (false, _) => "none".to_owned(),
        (true, true) => quoted(&provider.key_env),
        (true, false) => format!("{} ¹", quoted(&provider.key_env)),
    }
}

fn section(provider: &Provider) -> String {
    let mut text = format!("### {}\n\n{}", provider.id, provider.name);
    if !provider.aliases.is_empty() {
        let _ = write!(text, "; also {}", quoted(&provider.aliases));
    }
    text.push_str("\n\n");
    let address = match provider.base_url.is_empty() {
        true => "none".to_owned(),
        false => format!("`{}`", provider.base_url),
    };
    let _ = writeln!(text, "- address: {address}{}", address_env(provider));
    let _ = writeln!(text, "- key: {}", whole_key(provider));
    if let Some(models) = models(provider) {
        let _ = writeln!(text, "- models: {models}");
    }
    let dialect = provider.dialect(provider.default_model.as_deref().unwrap_or_default());
    for sentence in special(provider, &dialect) {
        let _ = writeln!(text, "- {sentence}");
    }
    let axes = differing(&dialect);
    if !axes.is_empty() {
        let lines = axes.iter().map(|(name, value)| format!("`{}`", axis_line(name, value)));
        let _ = writeln!(text, "- dialect: {}", lines.collect::<Vec<_>>().join(" · "));
    }
    text
}

fn address_env(provider: &Provider) -> String {
    let variable = provider.address_env.as_ref();
    variable.map_or_else(String::new, |name| format!(", or as `{name}` says"))
}

fn whole_key(provider: &Provider) -> String {
    let mut words = match (provider.key_required, provider.key_env.is_empty()) {
        (true, _) => quoted(&provider.key_env),
        (false, true) => "none".to_owned(),
        (false, false) => format!("none is needed; {} if there is one", quoted(&provider.key_env)),
    };
    if let Some(console) = &provider.console {
        let _ = write!(words, ", made at <{console}>");
    }
    if let Some(check) = &provider.key_check {
        let how = match check {
            KeyCheck::Models => "by the list of models".to_owned(),
            KeyCheck::Get(reference) => format!("by `{reference}`"),
            KeyCheck::Chat(model) => format!("by one token of `{model}`"),
        };
        let _ = write!(words, "; checked {how}");
    }
    words
}

fn models(provider: &Provider) -> Option<String> {
    if provider.models.is_empty() {
        return None;
    }
    let told = provider.models.iter().map(|model| {
        let eyes = if model.vision { ", images" } else { "" };
        let usual = if provider.default_model.as_ref() == Some(&model.id) {
            ", usual"
        } else {
            ""
        };
        let alias = model
            .alias
            .as_ref()
            .map_or_else(String::new, |alias| format!(", `{alias}`"));
        format!("`{}` ({}k{eyes}{alias}{usual})", model.id, model.context_window / 1000)
    });
    Some(told.collect::<Vec<_>>().join(", "))
}

/// What a user may notice, in words.
fn special(provider: &Provider, dialect: &Dialect) -> Vec<String> {
    let mut said = Vec::new();
    match dialect.wires.as_slice() {
        [] | [Wire::Chat] => {}
        [Wire::Responses] => said.push("is asked at its Responses endpoint".to_owned()),
        [Wire::Responses, ..] => {
            said.push("is asked at its Responses endpoint; `--wire chat` asks otherwise".to_owned())
        }
        [Wire::Chat, ..] => said.push("has a Responses endpoint as well: `--wire responses`".to_owned()),
    }
    if !dialect.efforts.is_empty() {
        let steps = dialect.efforts.iter().map(|effort| effort.word());
        said.push(format!("thinks {}", steps.collect::<Vec<_>>().join(", ")));
    }
    if dialect.replay != Replay::Never {
        said.push("wants to see again what the model thought".to_owned());
    }
    if dialect.searches() {
        said.push("searches the web".to_owned());
    }
    if provider.tells_cost {
        said.push("tells with each answer what it cost".to_owned());
    }
    if provider.balance.is_some() {
        said.push("tells `crelay doctor` what is left on the account".to_owned());
    }
    if let Some(seconds) = provider.silence_seconds {
        said.push(format!("may be silent for {seconds} seconds"));
    }
    if provider.lists == Lists::Nothing {
        said.push("lists no models".to_owned());
    }
    said
}

#[test]
fn every_provider_of_the_table_is_told() {
    let table = Table::embedded().unwrap();
    assert_made("docs/providers.md", "overview", &overview(&table));
    let sections: Vec<String> = table.iter().map(section).collect();
    assert_made("docs/providers.md", "providers", &sections.join("\n"));
}
