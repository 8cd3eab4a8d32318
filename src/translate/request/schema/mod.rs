//! A tool's parameters in the flavour of JSON schema that a dialect takes. What is taken out for a dialect moves into
//! the description, so that the model still reads it.

mod lift;
mod references;
mod rewrite;

use serde_json::{Map, Value, json};

use crate::provider::dialect::Schema;

use lift::{forget, lift, lift_all_but};

/// What says something about a value without saying what it is made of.
const CONSTRAINTS: [&str; 14] = [
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
];
/// What is for the schema's readers and no rule.
const NOTES: [&str; 9] = [
    "$id",
    "$schema",
    "$comment",
    "$defs",
    "definitions",
    "$ref",
    "title",
    "deprecated",
    "examples",
];
/// The deepest schema inside a schema that Moonshot takes, the root being the first (omp 18.2.11, read 2026-11).
const MOONSHOT_DEEPEST: usize = 10;

/// The schema to send; always an object schema with `properties`.
pub fn parameters(flavour: Schema, parameters: Option<&Value>) -> Value {
    let Some(Value::Object(given)) = parameters else {
        return json!({"type": "object", "properties": {}});
    };
    let mut root = given.clone();
    if !matches!(flavour, Schema::Plain | Schema::Xai) {
        references::inline(&mut root);
    }
    if !matches!(flavour, Schema::Plain | Schema::Mistral) {
        rewrite::merge_root_union(&mut root);
    }
    // Arguments are an object, and never null.
    root.shift_remove("nullable");
    root.insert("type".to_owned(), json!("object"));
    if !root.get("properties").is_some_and(Value::is_object) {
        root.insert("properties".to_owned(), json!({}));
    }
    let mut root = Value::Object(root);
    transform(flavour, &mut root, 1);
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
fn transform(flavour: Schema, schema: &mut Value, depth: usize) {
    match schema {
        // `true` allows anything, as `{}` does; `false` allows nothing.
        Value::Bool(true) => *schema = json!({}),
        Value::Bool(false) => *schema = json!({"not": {}}),
        _ => {}
    }
    let Value::Object(object) = schema else {
        return;
    };
    match flavour {
        Schema::Plain | Schema::Xai => {}
        Schema::Mistral => mistral(object),
        Schema::Moonshot => moonshot(object, depth),
        Schema::Gemini => gemini(object),
        Schema::Grammar => grammar(object),
    }
    each_inside(object, &mut |schema| transform(flavour, schema, depth + 1));
}

/// Visits the schemas directly inside a schema.
pub fn each_inside(object: &mut Map<String, Value>, visit: &mut impl FnMut(&mut Value)) {
    for (keyword, value) in object.iter_mut() {
        match (keyword.as_str(), value) {
            ("properties" | "patternProperties" | "$defs" | "definitions", Value::Object(schemas)) => {
                schemas.values_mut().for_each(&mut *visit);
            }
            ("anyOf" | "oneOf" | "allOf" | "prefixItems" | "items", Value::Array(schemas)) => {
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
    forget(object, &["$id", "$schema", "$defs", "definitions", "$ref"]);
    if object.get("additionalProperties") == Some(&Value::Bool(false)) {
        object.shift_remove("additionalProperties");
    }
}

/// Moonshot's flavour: `const` is an `enum`, `oneOf` is `anyOf`, one type a schema, no constraints (omp 18.2.11 and the
/// AI SDK's provider, read 2026-11). What neither names is taken out as well, since any other keyword is an error.
fn moonshot(object: &mut Map<String, Value>, depth: usize) {
    forget(object, &NOTES);
    rewrite::merge_all_of(object);
    rewrite::constants_and_unions(object);
    rewrite::null_as_type(object);
    rewrite::split_types(object);
    lift_conditions(object);
    if object.get("items").is_some_and(Value::is_array) {
        lift(object, &["items"]);
    }
    lift_all_but(
        object,
        &[
            "type",
            "description",
            "properties",
            "required",
            "items",
            "enum",
            "anyOf",
            "default",
            "additionalProperties",
        ],
    );
    if depth == MOONSHOT_DEEPEST {
        lift(
            object,
            &["properties", "required", "items", "anyOf", "additionalProperties"],
        );
    }
    rewrite::only_known_required(object);
    if object.contains_key("anyOf") {
        rewrite::push_type_down(object);
    }
}

/// Google's flavour (omp 18.2.11 and opencode 1.18, read 2026-11): what it does not know is 400 for the whole request.
fn gemini(object: &mut Map<String, Value>) {
    forget(object, &NOTES);
    if object.get("additionalProperties") == Some(&Value::Bool(false)) {
        object.shift_remove("additionalProperties");
    }
    rewrite::merge_all_of(object);
    rewrite::constants_and_unions(object);
    rewrite::null_as_nullable(object);
    rewrite::split_types(object);
    lift_conditions(object);
    rewrite::only_words_in_enums(object);
    lift_all_but(
        object,
        &[
            "type",
            "description",
            "properties",
            "required",
            "items",
            "enum",
            "anyOf",
            "nullable",
        ],
    );
    if object.contains_key("anyOf") {
        rewrite::push_type_down(object);
        return;
    }
    rewrite::say_the_type(object);
    rewrite::typed_items(object);
    if object.get("type") == Some(&json!("object")) {
        object.entry("properties").or_insert_with(|| json!({}));
    }
    rewrite::only_known_required(object);
}

/// What llama.cpp makes a grammar of (common/json-schema-to-grammar.cpp, read 2026-11): a pattern must be a small
/// regular expression in anchors, a long repetition is more rules than it takes, `{}` is an object, and a schema
/// without a type was refused until recently (omp #5914).
fn grammar(object: &mut Map<String, Value>) {
    forget(object, &["$id", "$schema", "$comment", "$defs", "definitions", "$ref"]);
    rewrite::merge_all_of(object);
    let is_text = ["pattern", "format", "minLength", "maxLength"]
        .iter()
        .any(|keyword| object.contains_key(*keyword));
    lift(object, &CONSTRAINTS);
    lift(object, &["not", "patternProperties", "if", "then", "else"]);
    let says_what = [
        "type",
        "properties",
        "items",
        "prefixItems",
        "enum",
        "const",
        "anyOf",
        "oneOf",
        "additionalProperties",
    ];
    if says_what.iter().any(|keyword| object.contains_key(*keyword)) {
        return;
    }
    let kind = if is_text {
        json!("string")
    } else {
        json!(["string", "number", "boolean", "object", "array", "null"])
    };
    object.insert("type".to_owned(), kind);
}

/// Branches that only choose among the properties beside them ("either of these is required") are no types.
fn lift_conditions(object: &mut Map<String, Value>) {
    if object.contains_key("properties") {
        lift(object, &["anyOf"]);
    }
}

#[cfg(test)]
mod tests;
