//! The smallest value that fits a JSON schema, for answers that must have a shape.

use serde_json::{Map, Value, json};

/// Schemas nest as deep as they like; the demo's answer does not.
const DEPTH: usize = 32;

/// A value that fits `schema`, as far as types, constants, choices, required properties and lengths say. `text` stands
/// wherever a string is wanted.
pub fn of(schema: &Value, text: &str) -> Value {
    value(schema, schema, text, DEPTH)
}

fn value(schema: &Value, root: &Value, text: &str, depth: usize) -> Value {
    if depth == 0 {
        return Value::Null;
    }
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    if let Some(choice) = schema.pointer("/enum/0") {
        return choice.clone();
    }
    if let Some(place) = schema.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(place.trim_start_matches('#')).unwrap_or(&Value::Null);
        return value(target, root, text, depth - 1);
    }
    if let Some(first) = ["/anyOf/0", "/oneOf/0"].iter().find_map(|place| schema.pointer(place)) {
        return value(first, root, text, depth - 1);
    }
    match kind(schema) {
        Some("object") => object(schema, root, text, depth),
        Some("array") => array(schema, root, text, depth),
        Some("string") => json!(string(schema, text)),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(0)),
        Some("boolean") => json!(false),
        _ => Value::Null,
    }
}

/// The type, or the first of several; an object where only properties are given.
fn kind(schema: &Value) -> Option<&str> {
    match schema.get("type") {
        Some(kind) => kind.as_str().or_else(|| kind.get(0).and_then(Value::as_str)),
        None => schema.get("properties").map(|_| "object"),
    }
}

fn object(schema: &Value, root: &Value, text: &str, depth: usize) -> Value {
    let required = schema.get("required").and_then(Value::as_array);
    let names = required.into_iter().flatten().filter_map(Value::as_str);
    let properties = names.map(|name| {
        let property = schema.pointer(&format!("/properties/{name}")).unwrap_or(&Value::Null);
        (name.to_owned(), value(property, root, text, depth - 1))
    });
    Value::Object(properties.collect::<Map<_, _>>())
}

fn array(schema: &Value, root: &Value, text: &str, depth: usize) -> Value {
    let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
    let item = value(schema.get("items").unwrap_or(&Value::Null), root, text, depth - 1);
    // A schema that wants more than this wants a model.
    Value::Array((0..least.min(16)).map(|_| item.clone()).collect())
}

fn string(schema: &Value, text: &str) -> String {
    let length = |field: &str| {
        schema
            .get(field)
            .and_then(Value::as_u64)
            .and_then(|length| usize::try_from(length).ok())
    };
    let most = length("maxLength").unwrap_or(usize::MAX);
    let mut string: String = text.chars().take(most).collect();
    let missing = length("minLength").unwrap_or(0).saturating_sub(string.chars().count());
    string.extend(std::iter::repeat_n('.', missing.min(1024)));
    string
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_fits_its_schema() {
        let schema = json!({
            "type": "object",
            "properties": { "title": { "type": "string", "minLength": 1, "maxLength": 9 } },
            "required": ["title"],
            "additionalProperties": false
        });
        assert_eq!(of(&schema, "A look around"), json!({ "title": "A look ar" }));
    }

    #[test]
    fn every_kind_of_value_is_made() {
        let schema = json!({
            "$defs": { "leaf": { "type": "boolean" } },
            "type": ["object", "null"],
            "required": ["a", "b", "c", "d", "e", "f", "g"],
            "properties": {
                "a": { "enum": ["x", "y"] },
                "b": { "const": 7 },
                "c": { "type": "array", "minItems": 2, "items": { "type": "integer", "minimum": 3 } },
                "d": { "$ref": "#/$defs/leaf" },
                "e": { "anyOf": [{ "type": "number" }, { "type": "null" }] },
                "f": { "type": "string", "minLength": 4 },
                "g": {},
                "h": { "type": "string" }
            }
        });
        let expected = json!({ "a": "x", "b": 7, "c": [3, 3], "d": false, "e": 0, "f": "no..", "g": null });
        assert_eq!(of(&schema, "no"), expected);
    }

    #[test]
    fn a_schema_that_contains_itself_ends() {
        let schema = json!({ "required": ["a"], "properties": { "a": { "$ref": "#" } } });
        assert!(of(&schema, "x").is_object());
    }
}
