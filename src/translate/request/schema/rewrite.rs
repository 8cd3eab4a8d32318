//! The same schema in other words.

use serde_json::{Map, Value, json};

use super::lift::{describe, lift};

/// A union at the root becomes one object with the properties of all branches; the description says so.
pub fn merge_root_union(root: &mut Map<String, Value>) {
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
        describe(
            root,
            &format!("Parameters follow {keyword} of: {}", Value::Array(branches)),
        );
    }
}

/// What all branches say is said by the schema itself; where two say different things, the first counts.
pub fn merge_all_of(object: &mut Map<String, Value>) {
    while let Some(all) = object.shift_remove("allOf") {
        let Value::Array(branches) = all else {
            return;
        };
        for branch in branches {
            let Value::Object(branch) = branch else {
                continue;
            };
            for (keyword, value) in branch {
                merge(object, keyword, value);
            }
        }
    }
}

fn merge(object: &mut Map<String, Value>, keyword: String, value: Value) {
    match (keyword.as_str(), object.get_mut(&keyword), value) {
        ("properties", Some(Value::Object(known)), Value::Object(more)) => {
            for (name, schema) in more {
                known.entry(name).or_insert(schema);
            }
        }
        ("required" | "allOf", Some(Value::Array(known)), Value::Array(more)) => {
            for name in more {
                if !known.contains(&name) {
                    known.push(name);
                }
            }
        }
        (_, Some(_), _) => {}
        (_, None, value) => {
            object.insert(keyword, value);
        }
    }
}

/// `const` becomes an `enum` of one, `oneOf` an `anyOf`.
pub fn constants_and_unions(object: &mut Map<String, Value>) {
    if let Some(value) = object.shift_remove("const") {
        object.entry("enum").or_insert_with(|| json!([value]));
    }
    if let Some(branches) = object.shift_remove("oneOf") {
        object.entry("anyOf").or_insert(branches);
    }
}

/// `nullable` becomes one more type.
pub fn null_as_type(object: &mut Map<String, Value>) {
    if object.shift_remove("nullable") != Some(Value::Bool(true)) {
        return;
    }
    if let Some(Value::String(name)) = object.get("type").cloned() {
        object.insert("type".to_owned(), json!([name, "null"]));
    }
}

/// A type of null, in a list or in a branch, becomes `nullable`.
pub fn null_as_nullable(object: &mut Map<String, Value>) {
    let null = json!("null");
    if let Some(Value::Array(types)) = object.get_mut("type")
        && types.contains(&null)
        && types.len() > 1
    {
        types.retain(|name| *name != null);
        object.insert("nullable".to_owned(), json!(true));
    }
    if let Some(Value::Array(branches)) = object.get_mut("anyOf") {
        let before = branches.len();
        branches.retain(|branch| branch.get("type") != Some(&null));
        let after = branches.len();
        if after < before {
            object.insert("nullable".to_owned(), json!(true));
        }
        if after < before && after <= 1 {
            only_branch(object);
        }
    }
    if object.get("type") == Some(&null) {
        object.insert("type".to_owned(), json!("string"));
        object.insert("nullable".to_owned(), json!(true));
    }
}

/// A union of one is that one.
fn only_branch(object: &mut Map<String, Value>) {
    let Some(Value::Array(branches)) = object.shift_remove("anyOf") else {
        return;
    };
    if let Some(Value::Object(branch)) = branches.into_iter().next() {
        for (keyword, value) in branch {
            merge(object, keyword, value);
        }
    }
}

/// A list of types becomes a union of one type each.
pub fn split_types(object: &mut Map<String, Value>) {
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

/// In a union the type stands in each branch, not beside it.
pub fn push_type_down(object: &mut Map<String, Value>) {
    let outer = object.shift_remove("type");
    let Some(Value::Array(branches)) = object.get_mut("anyOf") else {
        return;
    };
    for branch in branches.iter_mut() {
        if !branch.is_object() {
            *branch = json!({});
        }
    }
    for branch in branches.iter_mut().filter_map(Value::as_object_mut) {
        if branch.contains_key("type") || branch.contains_key("anyOf") || branch.contains_key("oneOf") {
            continue;
        }
        let name = outer.clone().unwrap_or_else(|| guessed_type(branch));
        branch.insert("type".to_owned(), name);
    }
}

/// A schema that names no type gets the one that it most likely means.
pub fn say_the_type(object: &mut Map<String, Value>) {
    if !object.get("type").is_some_and(Value::is_string) {
        let name = guessed_type(object);
        object.insert("type".to_owned(), name);
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

/// An enum holds words; one of anything else moves into the description, and null becomes `nullable`.
pub fn only_words_in_enums(object: &mut Map<String, Value>) {
    let Some(Value::Array(values)) = object.get_mut("enum") else {
        return;
    };
    let before = values.len();
    values.retain(|value| !value.is_null());
    let had_null = values.len() < before;
    let words = !values.is_empty() && values.iter().all(Value::is_string);
    if had_null {
        object.insert("nullable".to_owned(), json!(true));
    }
    if words {
        object.insert("type".to_owned(), json!("string"));
    } else {
        say_the_type(object);
        lift(object, &["enum"]);
    }
}

/// An array says what it holds: words, if nothing is known.
pub fn typed_items(object: &mut Map<String, Value>) {
    if object.get("type") != Some(&json!("array")) {
        object.shift_remove("items");
        return;
    }
    if object.get("items").is_some_and(Value::is_array) {
        lift(object, &["items"]);
    }
    let is_typed = object
        .get("items")
        .and_then(Value::as_object)
        .is_some_and(|items| !items.is_empty());
    if !is_typed {
        object.insert("items".to_owned(), json!({"type": "string"}));
    }
}

/// What is required must be known.
pub fn only_known_required(object: &mut Map<String, Value>) {
    let known = object
        .get("properties")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let Some(Value::Array(required)) = object.get_mut("required") else {
        object.shift_remove("required");
        return;
    };
    required.retain(|name| name.as_str().is_some_and(|name| known.contains_key(name)));
    if required.is_empty() {
        object.shift_remove("required");
    }
}
