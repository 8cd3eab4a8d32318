//! `$ref` in a tool's schema, for dialects that do not know it: what it points to is put in its place.

use serde_json::{Map, Value};

use super::each_inside;

/// How many references of one schema are followed. Definitions that use each other twice double at every level, and no
/// schema that a model could make use of needs more.
const MOST: usize = 200;

/// Puts definitions in place of references, in `root` and in every schema inside it. A reference that leads nowhere, or
/// back to what it stands in, allows anything.
pub fn inline(root: &mut Map<String, Value>) {
    let mut following = Following {
        definitions: definitions(root),
        open: Vec::new(),
        left: MOST,
    };
    following.schema(root);
}

struct Following {
    definitions: Map<String, Value>,
    /// The references that are being followed, outermost first.
    open: Vec<String>,
    left: usize,
}

impl Following {
    fn schema(&mut self, object: &mut Map<String, Value>) {
        let reference = match object.get("$ref") {
            Some(Value::String(reference)) => reference.clone(),
            _ => return self.inside(object),
        };
        object.shift_remove("$ref");
        let target = match self.definitions.get(&reference) {
            Some(Value::Object(target)) if self.left > 0 && !self.open.contains(&reference) => target.clone(),
            _ => return self.inside(object),
        };
        self.left -= 1;
        for (keyword, value) in target {
            object.entry(keyword).or_insert(value);
        }
        self.open.push(reference);
        self.schema(object);
        self.open.pop();
    }

    fn inside(&mut self, object: &mut Map<String, Value>) {
        each_inside(object, &mut |schema| {
            if let Value::Object(object) = schema {
                self.schema(object);
            }
        });
    }
}

fn definitions(root: &Map<String, Value>) -> Map<String, Value> {
    let mut all = Map::new();
    for keyword in ["$defs", "definitions"] {
        if let Some(Value::Object(schemas)) = root.get(keyword) {
            for (name, schema) in schemas {
                all.insert(format!("#/{keyword}/{name}"), schema.clone());
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn inlined(mut root: Value) -> Value {
        inline(root.as_object_mut().unwrap());
        root["properties"].take()
    }

    #[test]
    fn a_reference_is_replaced_and_its_neighbours_stay() {
        let root = json!({
            "$defs": {"id": {"type": "string", "description": "Theirs."}, "alias": {"$ref": "#/$defs/id"}},
            "properties": {
                "a": {"$ref": "#/$defs/alias", "description": "Ours."},
                "b": {"type": "array", "items": {"$ref": "#/$defs/id"}},
                "c": {"$ref": "#/$defs/nowhere"}
            }
        });
        let expected = json!({
            "a": {"type": "string", "description": "Ours."},
            "b": {"type": "array", "items": {"type": "string", "description": "Theirs."}},
            "c": {}
        });
        assert_eq!(inlined(root), expected);
    }

    #[test]
    fn a_parameter_that_is_called_like_a_keyword_stays() {
        let root = json!({"properties": {"$ref": {"type": "string"}, "x": {"default": {"$ref": "#/a"}}}});
        assert_eq!(inlined(root.clone()), root["properties"]);
    }

    #[test]
    fn a_schema_that_contains_itself_many_times_stays_small() {
        let node: Vec<Value> = (0..6).map(|_| json!({"$ref": "#/$defs/node"})).collect();
        let root = json!({
            "$defs": {"node": {"type": "object", "anyOf": node}},
            "properties": {"filter": {"$ref": "#/$defs/node"}}
        });
        assert!(inlined(root).to_string().len() < 1000);
        let mut definitions = Map::new();
        for level in 0..30 {
            let next = json!({"$ref": format!("#/$defs/{}", level + 1)});
            definitions.insert(level.to_string(), json!({"anyOf": [next.clone(), next]}));
        }
        let root = json!({"$defs": definitions, "properties": {"x": {"$ref": "#/$defs/0"}}});
        assert!(inlined(root).to_string().len() < 20_000);
    }
}
