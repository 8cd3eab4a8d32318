//! Keywords that leave a schema.

use serde_json::{Map, Value};

/// Takes keywords out.
pub fn forget(object: &mut Map<String, Value>, keywords: &[&str]) {
    for keyword in keywords {
        object.shift_remove(*keyword);
    }
}

/// Takes keywords out and says them in the description.
pub fn lift(object: &mut Map<String, Value>, keywords: &[&str]) {
    let mut lifted = Map::new();
    for keyword in keywords {
        if let Some(value) = object.shift_remove(*keyword) {
            lifted.insert((*keyword).to_owned(), value);
        }
    }
    if !lifted.is_empty() {
        describe(object, &Value::Object(lifted).to_string());
    }
}

/// Takes out whatever is not `kept`, and says it in the description.
pub fn lift_all_but(object: &mut Map<String, Value>, kept: &[&str]) {
    let unknown: Vec<String> = object
        .keys()
        .filter(|keyword| !kept.contains(&keyword.as_str()))
        .cloned()
        .collect();
    let unknown: Vec<&str> = unknown.iter().map(String::as_str).collect();
    lift(object, &unknown);
}

/// Appends a sentence to the description.
pub fn describe(object: &mut Map<String, Value>, sentence: &str) {
    let description = match object.get("description").and_then(Value::as_str) {
        Some(text) => format!("{text} {sentence}"),
        None => sentence.to_owned(),
    };
    object.insert("description".to_owned(), Value::String(description));
}
