//! Which JSON schemas the parameters of a tool may have.

use serde_json::{Map, Value};

use super::super::rules::words::Kind;
use super::super::rules::{Rules, Schema};
use super::{Checked, refuse};

/// Deeper than this Moonshot refuses.
const DEEPEST: usize = 10;

/// Words of JSON schema that Moonshot does not know.
const UNKNOWN_TO_MOONSHOT: [&str; 20] = [
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
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "title",
    "$schema",
];

/// Words of JSON schema that Gemini does not know.
const UNKNOWN_TO_GEMINI: [&str; 28] = [
    "$schema",
    "$id",
    "$ref",
    "$defs",
    "definitions",
    "additionalProperties",
    "patternProperties",
    "unevaluatedProperties",
    "propertyNames",
    "prefixItems",
    "const",
    "oneOf",
    "allOf",
    "not",
    "format",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "dependentRequired",
    "dependentSchemas",
];

/// Words of JSON schema that Mistral does not take.
const UNKNOWN_TO_MISTRAL: [&str; 3] = ["$id", "$schema", "$ref"];

/// The parameters of the tool `name`.
pub fn parameters(rules: &Rules, name: &str, parameters: &Value) -> Checked {
    if parameters["type"] != "object" {
        let found = &parameters["type"];
        let reason = format!("'{name}': schema must be a JSON Schema of 'type: \"object\"', got {found}");
        return refuse(rules, Kind::Schema, reason);
    }
    let root = parameters.as_object();
    let has_union = root.is_some_and(|root| root.contains_key("anyOf") || root.contains_key("oneOf"));
    if rules.schema == Schema::Xai && has_union {
        return refuse(
            rules,
            Kind::Schema,
            format!("'{name}': anyOf and oneOf are not supported at the root"),
        );
    }
    match node(rules.schema, parameters, 0) {
        Ok(()) => Ok(()),
        Err(reason) => refuse(rules, Kind::Schema, format!("'{name}': {reason}")),
    }
}

fn node(flavour: Schema, schema: &Value, depth: usize) -> Result<(), String> {
    let Some(members) = schema.as_object() else {
        // llama.cpp's words.
        return Err(format!("Unrecognized schema: {schema}"));
    };
    match flavour {
        Schema::Plain | Schema::Xai => {}
        Schema::Moonshot => moonshot(members, depth)?,
        Schema::Gemini => gemini(members)?,
        Schema::Mistral => mistral(members)?,
    }
    for named in ["properties", "$defs", "definitions"] {
        let children = members.get(named).and_then(Value::as_object);
        for child in children.into_iter().flat_map(Map::values) {
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

fn none_of(words: &[&str], members: &Map<String, Value>) -> Result<(), String> {
    match words.iter().find(|word| members.contains_key(**word)) {
        Some(word) => Err(format!("unknown keyword {word:?}")),
        None => Ok(()),
    }
}

fn moonshot(members: &Map<String, Value>, depth: usize) -> Result<(), String> {
    if depth > DEEPEST {
        return Err(format!("nested deeper than {DEEPEST}"));
    }
    none_of(&UNKNOWN_TO_MOONSHOT, members)?;
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

fn mistral(members: &Map<String, Value>) -> Result<(), String> {
    none_of(&UNKNOWN_TO_MISTRAL, members)?;
    if members.get("additionalProperties") == Some(&Value::Bool(false)) {
        return Err("additionalProperties: false is not supported".into());
    }
    Ok(())
}

fn gemini(members: &Map<String, Value>) -> Result<(), String> {
    none_of(&UNKNOWN_TO_GEMINI, members)?;
    if members.get("type").is_some_and(Value::is_array) {
        return Err("type: Proto field is not repeating, cannot start list.".into());
    }
    let strings = |value: &Value| {
        value
            .as_array()
            .is_some_and(|values| values.iter().all(Value::is_string))
    };
    if members.get("enum").is_some_and(|values| !strings(values)) {
        return Err("enum: only strings are allowed".into());
    }
    let is_array = members.get("type").is_some_and(|kind| kind == "array");
    if is_array
        && !members
            .get("items")
            .is_some_and(|items| items["type"].is_string() || items["anyOf"].is_array())
    {
        return Err("items: missing field.".into());
    }
    let properties = members.get("properties").and_then(Value::as_object);
    if members.get("type").is_some_and(|kind| kind == "object") && properties.is_none() {
        return Err("properties: missing for OBJECT type".into());
    }
    let required = members.get("required").and_then(Value::as_array).into_iter().flatten();
    let mut unknown = required
        .filter_map(Value::as_str)
        .filter(|name| !properties.is_some_and(|p| p.contains_key(*name)));
    match unknown.next() {
        Some(name) => Err(format!("required: property is not defined: {name}")),
        None => Ok(()),
    }
}
