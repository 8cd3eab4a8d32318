//! How reasoning is asked for.

use serde_json::{Map, Value};

use super::super::rules::words::Kind;
use super::super::rules::{Rules, Values};
use super::{Checked, one_of, refuse};

pub fn all(rules: &Rules, body: &Map<String, Value>) -> Checked {
    for (name, value) in body {
        for (knob, value) in turned(rules, name, value) {
            let Some((_, values)) = rules.knobs.iter().find(|(known, _)| *known == knob) else {
                return refuse(rules, Kind::Field, format!("unknown field `{knob}`"));
            };
            one(rules, &knob, *values, value)?;
        }
    }
    Ok(())
}

/// The knobs in one field, by their whole names; none if it is no knob.
fn turned<'a>(rules: &Rules, name: &str, value: &'a Value) -> Vec<(String, &'a Value)> {
    let members = value.as_object().into_iter().flatten();
    if rules.knobs.iter().any(|(knob, _)| *knob == name) {
        return vec![(name.to_owned(), value)];
    }
    if rules.knobs.iter().any(|(knob, _)| knob.split('.').next() == Some(name)) {
        return members
            .map(|(member, value)| (format!("{name}.{member}"), value))
            .collect();
    }
    Vec::new()
}

fn one(rules: &Rules, knob: &str, values: Values, value: &Value) -> Checked {
    let is_off = match value.as_str() {
        Some(word) => ["none", "disabled"].contains(&word),
        None => *value == Value::Bool(false) && knob.contains("enable"),
    };
    if is_off && !rules.off {
        return refuse(rules, Kind::Thinking, format!("{knob}: {value}"));
    }
    match values {
        Values::EffortsOrNone if is_off => Ok(()),
        Values::Efforts | Values::MaybeEfforts | Values::EffortsOrNone if rules.efforts.is_empty() => refuse(
            rules,
            Kind::Effort,
            format!("{knob}: this model has no efforts, and was sent {value}"),
        ),
        Values::Efforts | Values::MaybeEfforts | Values::EffortsOrNone => {
            one_of(rules, Kind::Effort, value.as_str(), rules.efforts, knob)
        }
        Values::Words(words) => one_of(rules, Kind::Form, value.as_str(), words, knob),
        Values::Flag if value.is_boolean() => Ok(()),
        Values::Number if value.is_number() => Ok(()),
        Values::Flag | Values::Number => refuse(rules, Kind::Form, format!("{knob}: invalid type: {value}")),
    }
}
