//! The structure of requests: which fields, items, tools and headers there are, and of which kind; what is said in them
//! is left out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Lines, each a field and what it is.
#[derive(Default)]
pub struct Structure(BTreeSet<String>);

/// Texts that are one of a few words.
const WORDS: [&str; 16] = [
    "type",
    "role",
    "status",
    "tool_choice",
    "phase",
    "verbosity",
    "effort",
    "summary",
    "syntax",
    "detail",
    "execution",
    "include",
    "required",
    "enum",
    "context",
    "search_content_types",
];

/// Texts of the model's, which are what the test wrote.
const ITS_OWN: [&str; 3] = ["arguments", "input", "output"];

impl Structure {
    pub fn line(&mut self, line: String) {
        self.0.insert(line);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The lines of this that `other` does not have.
    pub fn without(&self, other: &Self) -> BTreeSet<String> {
        self.0.difference(&other.0).cloned().collect()
    }

    /// The same in short: of fields that `other` does not have at all, only the uppermost, and how many lines it stands
    /// for.
    pub fn without_in_short(&self, other: &Self) -> Vec<String> {
        let mut short: BTreeMap<String, usize> = BTreeMap::new();
        for line in self.without(other) {
            let ends = line.match_indices('.').map(|(at, _)| at);
            let mut fields = ends.map(|end| &line[..end]);
            let missing = fields.find(|field| !other.has_below(field));
            *short.entry(missing.unwrap_or(&line).to_owned()).or_default() += 1;
        }
        let told = short.into_iter().map(|(line, count)| match count {
            1 => line,
            _ => format!("{line} ({count} lines)"),
        });
        told.collect()
    }

    fn has_below(&self, field: &str) -> bool {
        let below = format!("{field}.");
        let mut lines = self.0.range(below.clone()..);
        lines.next().is_some_and(|line| line.starts_with(&below))
    }

    /// A request that a client made.
    pub fn request(&mut self, path: &str, headers: &[(String, String)], body: &[u8]) {
        self.line(format!("path {path}"));
        for (name, value) in headers {
            self.line(format!("header {name}"));
            self.packed(&format!("header {name}"), value);
        }
        let body = serde_json::from_slice(body).unwrap_or_default();
        self.json("body", &body);
    }

    /// The fields of `value`, below `path`.
    pub fn json(&mut self, path: &str, value: &Value) {
        let key = path
            .rsplit(['.', ' '])
            .next()
            .unwrap_or_default()
            .trim_end_matches("[]");
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    // Where a test happens to run.
                    let name = if name.starts_with('/') { "PATH" } else { name };
                    self.json(&format!("{path}.{name}"), field);
                }
            }
            Value::Array(values) if values.is_empty() => self.line(format!("{path} = []")),
            Value::Array(values) => {
                for value in values {
                    self.json(&format!("{path}[{}]", kind(value)), value);
                }
            }
            Value::String(text) if WORDS.contains(&key) => self.line(format!("{path} = {text}")),
            Value::String(text) => {
                self.line(format!("{path} = a text"));
                if !ITS_OWN.contains(&key) {
                    self.packed(path, text);
                }
            }
            Value::Number(_) => self.line(format!("{path} = a number")),
            other => self.line(format!("{path} = {other}")),
        }
    }

    /// What is JSON within a text.
    fn packed(&mut self, path: &str, text: &str) {
        if let Ok(value @ Value::Object(_)) = serde_json::from_str(text) {
            self.json(&format!("{path} as JSON"), &value);
        }
    }

    pub fn write(&self, version: &str) -> String {
        let lines: Vec<&str> = self.0.iter().map(String::as_str).collect();
        format!("# Codex {version}\n{}\n", lines.join("\n"))
    }

    /// The version and the lines that were written.
    pub fn read(text: &str) -> (&str, Self) {
        let (head, lines) = text.split_once('\n').unwrap_or_default();
        let version = head.strip_prefix("# Codex ").unwrap_or("nothing");
        (version, Self(lines.lines().map(str::to_owned).collect()))
    }
}

/// By what an element of a list is told from others.
fn kind(value: &Value) -> String {
    let words = ["type", "role", "name"].iter().filter_map(|key| value[key].as_str());
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn what_differs_is_named_and_what_is_said_is_not() {
    let structure = |body: &str| {
        let mut structure = Structure::default();
        let headers = [("x-turn".to_owned(), "{\"id\": \"7\"}".to_owned())];
        structure.request("/v1/responses", &headers, body.as_bytes());
        structure
    };
    let old = structure(r#"{"input": [{"type": "message", "role": "user", "content": "one"}], "store": false}"#);
    let same = structure(r#"{"input": [{"type": "message", "role": "user", "content": "two"}], "store": false}"#);
    assert!(old.without(&same).is_empty() && same.without(&old).is_empty());
    let new = structure(
        r#"{"input": [{"type": "message", "role": "system", "content": "one"}], "tools": [{"type": "function", "name": "act", "parameters": {"required": ["it"]}}]}"#,
    );
    assert_eq!(
        Vec::from_iter(new.without(&old)),
        [
            "body.input[message system].content = a text",
            "body.input[message system].role = system",
            "body.input[message system].type = message",
            "body.tools[function act].name = a text",
            "body.tools[function act].parameters.required[] = it",
            "body.tools[function act].type = function",
        ]
    );
    assert_eq!(
        new.without_in_short(&old),
        [
            "body.input[message system] (3 lines)",
            "body.tools[function act] (3 lines)"
        ]
    );
    assert!(old.without(&new).contains("body.store = false"));
    assert!(
        old.without(&Structure::default())
            .contains("header x-turn as JSON.id = a text")
    );
    let written = old.write("0.1.2");
    let (version, read) = Structure::read(&written);
    assert_eq!(version, "0.1.2");
    assert!(read.without(&old).is_empty() && old.without(&read).is_empty());
}
