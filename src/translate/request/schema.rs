//! A tool's parameters in the flavour of JSON schema that a dialect takes. What is taken out for a dialect moves into
//! the description, so that the model still reads it.

use serde_json::{Map, Value, json};

use crate::provider::dialect::Schema;

use super::references;

/// The schema to send; always an object schema with `properties`.
pub fn parameters(flavour: Schema, parameters: Option<&Value>) -> Value {
    let Some(Value::Object(given)) = parameters else {
        return json!({"type": "object", "properties": {}});
    };
    let mut root = given.clone();
    if flavour == Schema::Mistral || flavour == Schema::Moonshot {
        references::inline(&mut root);
    }
    if flavour == Schema::Xai || flavour == Schema::Moonshot {
        merge_root_union(&mut root);
    }
    root.insert("type".to_owned(), json!("object"));
    root.entry("properties").or_insert_with(|| json!({}));
    let mut root = Value::Object(root);
    transform(flavour, &mut root);
    root
}

/// The schema of an answer. The plain flavour keeps it as it came: who takes strict schemas has his own rules.
pub fn answer(flavour: Schema, schema: &Value) -> Value {
    match flavour {
        Schema::Plain => schema.clone(),
        _ => parameters(flavour, Some(schema)),
    }
}

/// Applies the flavour to a schema and to every schema inside it.
fn transform(flavour: Schema, schema: &mut Value) {
    match schema {
        // `true` allows anything, as `{}` does; `false` allows nothing.
        Value::Bool(true) => *schema = json!({}),
        Value::Bool(false) => *schema = json!({"not": {}}),
        Value::Object(object) => {
            match flavour {
                Schema::Plain | Schema::Xai => {}
                Schema::Mistral => mistral(object),
                Schema::Moonshot => moonshot(object),
            }
            each_inside(object, &mut |schema| transform(flavour, schema));
        }
        _ => {}
    }
}

/// Visits the schemas directly inside a schema.
pub fn each_inside(object: &mut Map<String, Value>, visit: &mut impl FnMut(&mut Value)) {
    for (keyword, value) in object.iter_mut() {
        match (keyword.as_str(), value) {
            ("properties" | "patternProperties" | "$defs" | "definitions", Value::Object(schemas)) => {
                schemas.values_mut().for_each(&mut *visit);
            }
            ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(schemas)) => {
                schemas.iter_mut().for_each(&mut *visit);
            }
            ("items" | "not", schema) => visit(schema),
            // A boolean is the common form here, and every server knows it.
            ("additionalProperties", schema @ Value::Object(_)) => visit(schema),
            _ => {}
        }
    }
}

/// Mistral refuses these keywords (litellm 1.109.1, read 2026-11).
fn mistral(object: &mut Map<String, Value>) {
    for keyword in ["$id", "$schema", "$defs", "definitions", "$ref"] {
        object.shift_remove(keyword);
    }
    if object.get("additionalProperties") == Some(&Value::Bool(false)) {
        object.shift_remove("additionalProperties");
    }
}

/// Moonshot's flavour: `const` is an `enum`, `oneOf` is `anyOf`, one type a schema, no constraints (omp 18.2.11 and the
/// AI SDK's provider, read 2026-11).
fn moonshot(object: &mut Map<String, Value>) {
    for keyword in ["$id", "$schema", "$defs", "definitions", "$ref", "title", "nullable"] {
        object.shift_remove(keyword);
    }
    if let Some(value) = object.shift_remove("const") {
        object.entry("enum").or_insert_with(|| json!([value]));
    }
    if let Some(branches) = object.shift_remove("oneOf") {
        object.entry("anyOf").or_insert(branches);
    }
    split_types(object);
    lift_constraints(object);
    if object.contains_key("anyOf") {
        push_type_down(object);
    }
}

/// A list of types becomes a union of one type each.
fn split_types(object: &mut Map<String, Value>) {
    let Some(Value::Array(types)) = object.get("type").cloned() else {
        return;
    };
    match types.as_slice() {
        [one] => {
            object.insert("type".to_owned(), one.clone());
        }
        _ if object.contains_key("anyOf") => {
            object.shift_remove("type");
        }
        _ => {
            object.shift_remove("type");
            let branches: Vec<Value> = types.iter().map(|name| typed_branch(object, name)).collect();
            for keyword in ["properties", "required", "items", "enum"] {
                object.shift_remove(keyword);
            }
            object.insert("anyOf".to_owned(), Value::Array(branches));
        }
    }
}

/// The branch of a union for one type, with the keywords that mean something for it.
fn typed_branch(object: &Map<String, Value>, name: &Value) -> Value {
    let keywords: &[&str] = match name.as_str() {
        Some("object") => &["properties", "required"],
        Some("array") => &["items"],
        Some("null") => &[],
        _ => &["enum"],
    };
    let mut branch = Map::new();
    branch.insert("type".to_owned(), name.clone());
    for keyword in keywords {
        if let Some(value) = object.get(*keyword) {
            branch.insert((*keyword).to_owned(), value.clone());
        }
    }
    Value::Object(branch)
}

/// Takes out what the flavour does not know and says it in the description.
fn lift_constraints(object: &mut Map<String, Value>) {
    const UNKNOWN: [&str; 16] = [
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
        "minProperties",
        "maxProperties",
        "patternProperties",
        "prefixItems",
    ];
    let mut lifted = Map::new();
    for keyword in UNKNOWN {
        if let Some(value) = object.shift_remove(keyword) {
            lifted.insert(keyword.to_owned(), value);
        }
    }
    if lifted.is_empty() {
        return;
    }
    let constraint = Value::Object(lifted).to_string();
    let description = match object.get("description").and_then(Value::as_str) {
        Some(text) => format!("{text} {constraint}"),
        None => constraint,
    };
    object.insert("description".to_owned(), Value::String(description));
}

/// In a union the type stands in each branch, not beside it.
fn push_type_down(object: &mut Map<String, Value>) {
    let outer = object.shift_remove("type");
    let Some(Value::Array(branches)) = object.get_mut("anyOf") else {
        return;
    };
    for branch in branches.iter_mut().filter_map(Value::as_object_mut) {
        if branch.contains_key("type") || branch.contains_key("anyOf") || branch.contains_key("oneOf") {
            continue;
        }
        let name = outer.clone().unwrap_or_else(|| guessed_type(branch));
        branch.insert("type".to_owned(), name);
    }
}

fn guessed_type(branch: &Map<String, Value>) -> Value {
    let sample = branch
        .get("const")
        .or_else(|| branch.get("enum").and_then(|values| values.get(0)));
    json!(match sample {
        _ if branch.contains_key("properties") => "object",
        _ if branch.contains_key("items") => "array",
        Some(Value::Number(_)) => "number",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Null) => "null",
        _ => "string",
    })
}

/// A union at the root becomes one object with the properties of all branches; the description says so.
fn merge_root_union(root: &mut Map<String, Value>) {
    for keyword in ["anyOf", "oneOf", "allOf"] {
        let Some(Value::Array(branches)) = root.shift_remove(keyword) else {
            continue;
        };
        let mut properties = match root.shift_remove("properties") {
            Some(Value::Object(properties)) => properties,
            _ => Map::new(),
        };
        for branch in branches
            .iter()
            .filter_map(|branch| branch.get("properties")?.as_object())
        {
            for (name, schema) in branch {
                properties.entry(name.clone()).or_insert_with(|| schema.clone());
            }
        }
        root.insert("properties".to_owned(), Value::Object(properties));
        let sentence = format!("Parameters follow {keyword} of: {}", Value::Array(branches));
        let description = match root.get("description").and_then(Value::as_str) {
            Some(text) => format!("{text} {sentence}"),
            None => sentence,
        };
        root.insert("description".to_owned(), Value::String(description));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_that_are_missing_null_or_odd_become_an_object_schema() {
        let empty = json!({"type": "object", "properties": {}});
        for given in [
            None,
            Some(json!(null)),
            Some(json!([])),
            Some(json!({"type": null})),
            Some(json!({})),
        ] {
            assert_eq!(parameters(Schema::Plain, given.as_ref()), empty);
        }
    }

    #[test]
    fn a_plain_schema_keeps_the_order_of_its_author() {
        let given = json!({"type": "object", "properties": {"z": {"type": "string"}, "a": true}, "required": ["z"]});
        let sent = r#"{"type":"object","properties":{"z":{"type":"string"},"a":{}},"required":["z"]}"#;
        assert_eq!(parameters(Schema::Plain, Some(&given)).to_string(), sent);
    }

    #[test]
    fn moonshot_reads_constraints_in_the_description() {
        let given = json!({
            "type": "object",
            "$defs": {"id": {"type": "string", "pattern": "^x"}},
            "properties": {
                "id": {"$ref": "#/$defs/id"},
                "mode": {"oneOf": [{"const": "fast"}, {"const": "slow"}]},
                "count": {"type": ["integer", "null"], "minimum": 0, "description": "How many."},
            },
            "additionalProperties": false
        });
        let sent = json!({
            "type": "object",
            "properties": {
                "id": {"type": "string", "description": "{\"pattern\":\"^x\"}"},
                "mode": {"anyOf": [{"type": "string", "enum": ["fast"]}, {"type": "string", "enum": ["slow"]}]},
                "count": {
                    "description": "How many. {\"minimum\":0}",
                    "anyOf": [{"type": "integer"}, {"type": "null"}]
                },
            },
            "additionalProperties": false
        });
        assert_eq!(parameters(Schema::Moonshot, Some(&given)), sent);
    }

    #[test]
    fn mistral_gets_references_in_place() {
        let given = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "definitions": {"node": {"type": "object", "properties": {"next": {"$ref": "#/definitions/node"}}}},
            "properties": {"node": {"$ref": "#/definitions/node"}},
            "additionalProperties": false
        });
        let sent = parameters(Schema::Mistral, Some(&given)).to_string();
        assert!(!sent.contains("$ref") && !sent.contains("definitions") && !sent.contains("additionalProperties"));
        assert!(sent.starts_with(r#"{"type":"object","properties":{"node":{"type":"object","properties":{"next""#));
    }

    #[test]
    fn xai_gets_no_union_at_the_root() {
        let given = json!({"anyOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"b": {}}}]});
        let sent = parameters(Schema::Xai, Some(&given));
        assert!(sent.get("anyOf").is_none());
        assert_eq!(sent["properties"], json!({"a": {"type": "string"}, "b": {}}));
    }
}
