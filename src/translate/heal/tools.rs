//! The tools that may be called, by whatever name a model writes, and what their schemas say of an argument that
//! came as bare text.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// The tools that were offered to the model, with the schemas of their parameters.
#[derive(Debug, Clone, Default)]
pub struct Offered(HashMap<String, Value>);

impl FromIterator<(String, Value)> for Offered {
    /// From names and schemas.
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(tools: I) -> Self {
        Self(tools.into_iter().collect())
    }
}

/// What models put before the name of a tool.
const PREFIXES: [&str; 4] = ["functions.", "functions:", "default_api.", "default_api:"];

impl Offered {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The offered tool that `written` means. Models write `functions.f`, `functions.f:0` (Kimi K2), `f:0`,
    /// `default_api.f` (Gemini) and `f<|channel|>commentary` (gpt-oss).
    pub fn find(&self, written: &str) -> Option<&str> {
        let clean = written.split("<|").next().unwrap_or_default().trim();
        let bare = PREFIXES
            .iter()
            .find_map(|prefix| clean.strip_prefix(prefix))
            .unwrap_or(clean);
        let uncounted = |name: &'_ str| {
            let (name, count) = name.rsplit_once(':')?;
            count.bytes().all(|byte| byte.is_ascii_digit()).then(|| name.to_owned())
        };
        let names = [
            Some(written.to_owned()),
            Some(clean.to_owned()),
            Some(bare.to_owned()),
            uncounted(clean),
            uncounted(bare),
        ];
        let mut known = names.iter().flatten().filter_map(|name| self.0.get_key_value(name));
        known.next().map(|(name, _)| name.as_str())
    }

    /// The schema of the parameters of `tool`.
    pub fn schema(&self, tool: &str) -> Schema<'_> {
        let root = self.0.get(tool);
        Schema { root, here: root }
    }
}

/// What is known of the type of a value.
#[derive(Debug, Clone, Copy)]
pub struct Schema<'a> {
    root: Option<&'a Value>,
    here: Option<&'a Value>,
}

/// How deep references and alternatives are followed: they may go round in circles.
const DEEPEST: usize = 8;

impl<'a> Schema<'a> {
    /// That of a field.
    pub fn field(self, name: &str) -> Self {
        self.inner(|schema| schema.get("properties")?.get(name))
    }

    /// That of the elements of a list.
    pub fn item(self) -> Self {
        self.inner(|schema| schema.get("items"))
    }

    fn inner(self, step: impl Fn(&'a Value) -> Option<&'a Value>) -> Self {
        let mut found = None;
        self.each(self.here, DEEPEST, &mut |schema| found = found.or_else(|| step(schema)));
        Self { here: found, ..self }
    }

    /// Calls `visit` with the schema and all its alternatives.
    fn each(self, schema: Option<&'a Value>, depth: usize, visit: &mut impl FnMut(&'a Value)) {
        let Some(schema) = schema.filter(|_| depth > 0) else {
            return;
        };
        visit(schema);
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let pointer = reference.strip_prefix('#').unwrap_or_default();
            self.each(self.root.and_then(|root| root.pointer(pointer)), depth - 1, visit);
        }
        for kind in ["anyOf", "oneOf", "allOf"] {
            for alternative in schema.get(kind).and_then(Value::as_array).into_iter().flatten() {
                self.each(Some(alternative), depth - 1, visit);
            }
        }
    }

    /// The types that the value may have; empty if nothing is said.
    fn types(self) -> Vec<&'a str> {
        let mut types = Vec::new();
        self.each(self.here, DEEPEST, &mut |schema| {
            match schema.get("type") {
                Some(Value::String(name)) => types.push(name.as_str()),
                Some(Value::Array(names)) => types.extend(names.iter().filter_map(Value::as_str)),
                _ => {}
            }
            let values = schema.get("enum").and_then(Value::as_array);
            for value in values.into_iter().flatten().chain(schema.get("const")) {
                types.push(type_of(value));
            }
        });
        types
    }

    /// Whether a value is a list.
    pub fn is_list(self) -> bool {
        self.types().contains(&"array")
    }

    /// The value that `text` stands for: the text itself where the schema wants a string, JSON where it wants anything
    /// else and the text is that. Where nothing is said, whatever JSON there is.
    pub fn value(self, text: &str) -> Value {
        let types = self.types();
        let literal = match text.trim() {
            // Python's words, which models write as often as those of JSON.
            "True" => "true",
            "False" => "false",
            "None" => "null",
            other => other,
        };
        let fits = |value: &Value| {
            let name = type_of(value);
            let is_number = name == "integer" && types.contains(&"number");
            types.is_empty() || is_number || types.contains(&name)
        };
        let parsed = serde_json::from_str(literal).ok();
        let text_is_meant = |value: &Value| value.is_string() && !types.is_empty();
        let parsed = parsed.filter(|value| fits(value) && !text_is_meant(value));
        parsed.unwrap_or_else(|| Value::String(text.to_owned()))
    }

    /// The same for a value whose type is known from the markup: text that should have been something else becomes it.
    pub fn coerced(self, value: Value) -> Value {
        match &value {
            Value::String(text) if !self.types().is_empty() => self.value(text),
            _ => value,
        }
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A call that was read from markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The tool's name as it was offered.
    pub name: String,
    /// A JSON object, as text.
    pub arguments: String,
}

impl Call {
    /// A call with arguments that are JSON already; a proper call would have them verbatim, too.
    pub fn with_text(name: &str, arguments: &str) -> Self {
        Self {
            name: name.to_owned(),
            arguments: arguments.to_owned(),
        }
    }

    /// A call with these arguments.
    pub fn new(name: &str, arguments: &Map<String, Value>) -> Self {
        Self {
            name: name.to_owned(),
            // Every key of a map is a string, so this cannot fail.
            arguments: serde_json::to_string(arguments).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn offered(name: &str, parameters: Value) -> Offered {
        Offered::from_iter([(name.to_owned(), parameters)])
    }

    #[test]
    fn a_tool_is_found_through_what_pollutes_its_name() {
        let tools = offered("shell", json!({}));
        for written in [
            "shell",
            "functions.shell",
            "functions.shell:0",
            "functions:shell",
            "shell:12",
            "default_api.shell",
            "shell<|channel|>commentary",
            "functions.shell<|constrain|>json",
        ] {
            assert_eq!(tools.find(written), Some("shell"), "{written}");
        }
        for written in [
            "",
            "shel",
            "shell.x",
            "xfunctions.shell",
            "shell:x",
            "3",
            "<|channel|>shell",
        ] {
            assert_eq!(tools.find(written), None, "{written}");
        }
    }

    #[test]
    fn bare_text_becomes_what_the_schema_wants() {
        let tools = offered(
            "f",
            json!({"properties": {
                "text": {"type": "string"},
                "count": {"type": "integer"},
                "ratio": {"type": "number"},
                "flag": {"type": "boolean"},
                "list": {"type": "array", "items": {"type": "string"}},
                "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                "either": {"type": ["string", "integer"]},
                "choice": {"enum": ["1", "2"]},
                "named": {"$ref": "#/$defs/named"},
            }, "$defs": {"named": {"type": "boolean"}}}),
        );
        for (field, text, value) in [
            ("text", "10", json!("10")),
            ("text", " {\"a\": 1}\n", json!(" {\"a\": 1}\n")),
            ("text", "\"quoted\"", json!("\"quoted\"")),
            ("count", " 10\n", json!(10)),
            ("count", "ten", json!("ten")),
            ("ratio", "1", json!(1)),
            ("ratio", "1.5", json!(1.5)),
            ("flag", "True", json!(true)),
            ("list", "[\"a\"]", json!(["a"])),
            ("maybe", "null", json!(null)),
            ("maybe", "5", json!("5")),
            ("either", "5", json!(5)),
            ("either", "\"5\"", json!("\"5\"")),
            ("choice", "1", json!("1")),
            ("named", "false", json!(false)),
            ("unknown", "5", json!(5)),
            ("unknown", "five", json!("five")),
            ("unknown", "\"5\"", json!("5")),
        ] {
            assert_eq!(tools.schema("f").field(field).value(text), value, "{field} {text}");
        }
        assert_eq!(tools.schema("f").field("list").item().value("5"), json!("5"));
    }

    #[test]
    fn a_schema_that_goes_round_in_circles_ends() {
        let tools = offered("f", json!({"properties": {"a": {"$ref": "#/properties/a"}}}));
        assert_eq!(tools.schema("f").field("a").value("5"), json!(5));
    }
}
