//! All that is known of one provider.

use serde_json::{Map, Value, json};

use crate::provider::{KeyCheck, axis_line, differing};
use crate::report::Report;
use crate::session::{self, Arguments, Ground, Keys, Model, Resolved, Wish};

use super::super::run;

/// Tells it. Nobody is asked, and no key is read.
pub(super) fn show(ground: &Ground<'_>, name: &str, is_json: bool) -> Result<u8, Report> {
    let keys = ground.keys(name)?;
    let wish = Wish {
        provider: Some(keys.provider.clone()),
        key_file: Some("-".into()),
        is_open: true,
        ..Wish::default()
    };
    let resolved = session::resolve(ground, &wish, &Arguments::default(), &|_| None)?;
    if is_json {
        return crate::cli::print(&format!("{:#}\n", object(ground, &keys, &resolved)));
    }
    let session = &resolved.session;
    let mut lines = vec![
        line("provider", &format!("{} ({})", keys.provider, keys.name)),
        line("address", run::address(session)),
        line("wire", session.model.dialect.wire().word()),
        line("key", super::key(&keys).trim_start_matches("key ")),
        line("check", &check(resolved.key_check.as_ref())),
    ];
    let sources = keys.sources.iter().skip(1);
    lines.extend(sources.map(|source| line("", &format!("then {source}"))));
    if let Some(console) = &session.main.endpoint.console {
        lines.push(line("keys at", console));
    }
    lines.extend(session.models().enumerate().map(|(number, model)| {
        let label = if number == 0 { "models" } else { "" };
        line(label, &described(model))
    }));
    let axes = differing(&session.model.dialect);
    lines.push(line(
        "dialect",
        match axes.is_empty() {
            true => "the usual one",
            false => "what crelay does otherwise than usual, as its table of providers spells it:",
        },
    ));
    lines.extend(axes.iter().map(|(name, value)| line("", &axis_line(name, value))));
    crate::cli::print(&lines.concat())
}

fn line(label: &str, value: &str) -> String {
    format!("{label:<9} {value}\n")
}

fn check(check: Option<&KeyCheck>) -> String {
    match check {
        None => "no way is known".to_owned(),
        Some(KeyCheck::Models) => "the list of models".to_owned(),
        Some(KeyCheck::Get(reference)) => format!("`{reference}`"),
        Some(KeyCheck::Chat(model)) => format!("one token of `{model}`"),
    }
}

fn described(model: &Model) -> String {
    let mut words = vec![model.id.clone()];
    words.extend(model.context_window.map(|window| format!("{window} tokens")));
    words.extend(model.vision.then(|| "sees images".to_owned()));
    let efforts: Vec<String> = model.efforts.iter().map(|effort| effort.word().to_owned()).collect();
    if !efforts.is_empty() {
        words.push(format!("thinks {}", efforts.join("/")));
    }
    words.join(", ")
}

fn object(ground: &Ground<'_>, keys: &Keys, resolved: &Resolved) -> Value {
    let session = &resolved.session;
    let models: Vec<Value> = session
        .models()
        .map(|model| {
            json!({
                "id": model.id,
                "name": model.name,
                "context_window": model.context_window,
                "max_output": model.max_output,
                "vision": model.vision,
                "efforts": model.efforts.iter().map(|effort| effort.word()).collect::<Vec<_>>(),
            })
        })
        .collect();
    let mut object = super::object(ground, keys);
    object["base_url"] = match run::is_demo(session) {
        true => Value::Null,
        false => json!(session.main.endpoint.base_url.as_str()),
    };
    object["wire"] = json!(session.model.dialect.wire().word());
    object["console"] = json!(session.main.endpoint.console);
    object["can_be_checked"] = json!(resolved.key_check.is_some());
    object["models"] = json!(models);
    let axes = differing(&session.model.dialect).into_iter();
    object["axes"] = Value::Object(
        axes.map(|(name, value)| (name.to_owned(), value))
            .collect::<Map<_, _>>(),
    );
    object
}
