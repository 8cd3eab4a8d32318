//! Which JSON schemas the parameters of a tool may have.

use serde_json::{Map, Value};

use super::check::{Checked, Refusal};
use super::rules::Schema;

/// Deeper than this Moonshot refuses.
const DEEPEST: usize = 10;

/// Words of JSON schema that Moonshot does not know.
const UNKNOWN_TO_MOONSHOT: [&str; 16] = [
    "const",
    "oneOf",
    "allOf",
    "not",
    "nullable",
    "prefixItems",
    "format",
    "pattern",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "title",
    "$schema",
];

/// The parameters of the tool `name`.
pub fn parameters(flavour: Schema, name: &str, parameters: &Value) -> Checked {
    if parameters["type"] != "object" {
        return Err(Refusal::new(format!(
            "Invalid schema for function '{name}': schema must be a JSON Schema of 'type: \"object\"', got {}",
            parameters["type"]
        )));
    }
    node(flavour, parameters, 0).map_err(|reason| {
        Refusal::new(match flavour {
            Schema::Plain => format!("Invalid schema for function '{name}': {reason}"),
            Schema::Moonshot => {
                format!("tools.function.parameters is not a valid moonshot flavored json schema, {name}: {reason}")
            }
        })
    })
}

fn node(flavour: Schema, schema: &Value, depth: usize) -> Result<(), String> {
    let Some(members) = schema.as_object() else {
        // llama.cpp's words.
        return Err(format!("Unrecognized schema: {schema}"));
    };
    if flavour == Schema::Moonshot {
        moonshot(members, depth)?;
    }
    for named in ["properties", "$defs", "definitions"] {
        for child in members
            .get(named)
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(Map::values)
        {
            node(flavour, child, depth + 1)?;
        }
    }
    for listed in ["anyOf", "oneOf", "allOf"] {
        for child in members.get(listed).and_then(Value::as_array).into_iter().flatten() {
            node(flavour, child, depth + 1)?;
        }
    }
    if let Some(items) = members.get("items") {
        node(flavour, items, depth + 1)?;
    }
    match members.get("additionalProperties") {
        None | Some(Value::Bool(_)) => Ok(()),
        Some(child) => node(flavour, child, depth + 1),
    }
}

fn moonshot(members: &Map<String, Value>, depth: usize) -> Result<(), String> {
    if depth > DEEPEST {
        return Err(format!("nested deeper than {DEEPEST}"));
    }
    if let Some(word) = UNKNOWN_TO_MOONSHOT.into_iter().find(|word| members.contains_key(*word)) {
        return Err(format!("unknown keyword {word:?}"));
    }
    if members.get("type").is_some_and(Value::is_array) {
        return Err("type must be a string".into());
    }
    if members.contains_key("anyOf") && members.contains_key("type") {
        return Err("when using anyOf, type should be defined in anyOf items instead of the parent schema".into());
    }
    if members.contains_key("$ref") && members.len() > 1 {
        return Err("$ref must stand alone".into());
    }
    Ok(())
}
