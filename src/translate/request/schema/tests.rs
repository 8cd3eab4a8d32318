use proptest::prelude::*;

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

#[test]
fn moonshot_gets_ten_levels_and_reads_the_rest() {
    let mut given = json!({"type": "string", "description": "The end."});
    for _ in 0..12 {
        given = json!({"type": "object", "properties": {"in": given}, "required": ["in"]});
    }
    let sent = parameters(Schema::Moonshot, Some(&given));
    let mut level = &sent;
    for _ in 1..MOONSHOT_DEEPEST {
        level = &level["properties"]["in"];
    }
    assert_eq!(level["type"], "object");
    assert!(level.get("properties").is_none() && level.get("required").is_none());
    assert!(level["description"].as_str().unwrap().contains("The end."));
}

#[test]
fn moonshot_gets_no_keyword_that_it_does_not_know() {
    let given = json!({"properties": {
        "a": {"allOf": [{"type": "string"}, {"minLength": 2, "type": "number"}], "if": {}, "then": {}},
        "b": {"type": "string", "nullable": true},
        "c": {"type": "array", "items": [{"type": "string"}], "contains": {}},
        "d": {"type": "object", "properties": {"x": {}}, "required": ["x", "y"], "anyOf": [{"required": ["x"]}]},
    }});
    let sent = json!({
        "a": {"type": "string", "description": "{\"if\":{},\"then\":{},\"minLength\":2}"},
        "b": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "c": {"type": "array", "description": "{\"items\":[{\"type\":\"string\"}]} {\"contains\":{}}"},
        "d": {
            "type": "object",
            "properties": {"x": {}},
            "required": ["x"],
            "description": "{\"anyOf\":[{\"required\":[\"x\"]}]}"
        },
    });
    assert_eq!(parameters(Schema::Moonshot, Some(&given))["properties"], sent);
}

#[test]
fn gemini_gets_its_own_words_for_null_and_constants() {
    let given = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "path": {"type": ["string", "null"], "pattern": "^/", "title": "Path"},
            "mode": {"oneOf": [{"const": "fast"}, {"const": "slow"}]},
            "level": {"enum": [1, 2, 3]},
            "when": {"enum": ["now", null]},
            "maybe": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}], "description": "How many."},
            "either": {"type": ["string", "integer"]},
            "list": {"type": "array"},
            "map": {"type": "object", "additionalProperties": {"type": "string"}},
            "any": {},
        },
        "required": ["path", "gone"],
        "additionalProperties": false
    });
    let sent = json!({
        "path": {"type": "string", "nullable": true, "description": "{\"pattern\":\"^/\"}"},
        "mode": {"anyOf": [{"enum": ["fast"], "type": "string"}, {"enum": ["slow"], "type": "string"}]},
        "level": {"type": "number", "description": "{\"enum\":[1,2,3]}"},
        "when": {"enum": ["now"], "nullable": true, "type": "string"},
        "maybe": {"description": "How many. {\"minimum\":0}", "nullable": true, "type": "integer"},
        "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "list": {"type": "array", "items": {"type": "string"}},
        "map": {
            "type": "object",
            "description": "{\"additionalProperties\":{\"type\":\"string\"}}",
            "properties": {}
        },
        "any": {"type": "string"},
    });
    let schema = parameters(Schema::Gemini, Some(&given));
    assert_eq!(schema["properties"], sent);
    assert_eq!(schema["required"], json!(["path"]));
    assert!(schema.get("additionalProperties").is_none() && schema.get("$schema").is_none());
}

#[test]
fn a_grammar_gets_a_type_everywhere_and_no_pattern() {
    let given = json!({"properties": {
        "any": true,
        "none": false,
        "text": {"pattern": "(?i)x"},
        "list": {"type": "array", "items": {"description": "Anything."}, "maxItems": 100_000},
        "mode": {"const": "fast"},
    }});
    let anything = json!(["string", "number", "boolean", "object", "array", "null"]);
    let sent = json!({
        "any": {"type": anything},
        "none": {"description": "{\"not\":{}}", "type": anything},
        "text": {"description": "{\"pattern\":\"(?i)x\"}", "type": "string"},
        "list": {
            "type": "array",
            "items": {"description": "Anything.", "type": anything},
            "description": "{\"maxItems\":100000}"
        },
        "mode": {"const": "fast"},
    });
    assert_eq!(parameters(Schema::Grammar, Some(&given))["properties"], sent);
}

#[test]
fn the_schema_of_an_answer_speaks_the_same_flavour_and_stays_as_it_came_for_openai() {
    let given = json!({"type": "object", "properties": {"a": {"const": 1}, "b": true}});
    assert_eq!(answer(Schema::Plain, &given), given);
    let sent = json!({"a": {"enum": [1]}, "b": {}});
    assert_eq!(answer(Schema::Moonshot, &given)["properties"], sent);
}

/// Schemas as tools bring them, and a few that none should.
fn schema() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just(json!("string")),
        Just(json!("integer")),
        Just(json!("object")),
        Just(json!("array")),
        Just(json!(["string", "null"])),
        Just(json!(["integer", "object"])),
        Just(Value::Null),
    ];
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        name.clone()
            .prop_map(|name| json!({"type": name, "minimum": 1, "title": "T", "format": "uri"})),
        Just(json!({"enum": ["a", 1, null]})),
        Just(json!({"const": true, "description": "Yes."})),
        Just(json!({"$ref": "#/$defs/it"})),
        Just(json!({})),
    ];
    leaf.prop_recursive(4, 24, 3, move |inner| {
        let list = proptest::collection::vec(inner.clone(), 0..3);
        let properties = proptest::collection::vec(("[a-c]", inner.clone()), 0..3);
        prop_oneof![
            (properties, name.clone()).prop_map(|(properties, name)| {
                let properties: Map<String, Value> = properties.into_iter().collect();
                json!({"type": name, "properties": properties, "required": ["a", "z"], "additionalProperties": false})
            }),
            (
                prop_oneof![
                    Just("anyOf"),
                    Just("oneOf"),
                    Just("allOf"),
                    Just("prefixItems"),
                    Just("items")
                ],
                list
            )
                .prop_map(|(keyword, list)| json!({keyword: list, "description": "Several."})),
            (inner.clone(), name.clone()).prop_map(|(items, name)| json!({"type": name, "items": items})),
            inner.prop_map(|inner| json!({"not": inner, "nullable": true, "patternProperties": {"^x": inner}})),
        ]
    })
}

fn every_schema(schema: &Value, visit: &mut impl FnMut(&Map<String, Value>)) {
    let Value::Object(object) = schema else {
        panic!("{schema} is no object");
    };
    visit(object);
    each_inside(&mut object.clone(), &mut |inside| every_schema(inside, visit));
}

proptest! {
    #[test]
    fn every_flavour_keeps_its_rules_whatever_a_tool_brings(inner in schema(), root in schema()) {
        let mut given = if root.is_object() { root } else { json!({}) };
        given["$defs"] = json!({"it": inner});
        for flavour in [Schema::Moonshot, Schema::Gemini] {
            let sent = parameters(flavour, Some(&given));
            prop_assert_eq!(&sent["type"], "object");
            every_schema(&sent, &mut |schema| obeys(flavour, schema));
        }
        for flavour in [Schema::Plain, Schema::Mistral, Schema::Xai, Schema::Grammar] {
            let sent = parameters(flavour, Some(&given));
            every_schema(&sent, &mut |schema| {
                assert!(flavour != Schema::Grammar || !schema.contains_key("pattern") && !schema.is_empty());
            });
        }
    }
}

fn obeys(flavour: Schema, schema: &Map<String, Value>) {
    let known = [
        "type",
        "description",
        "properties",
        "required",
        "items",
        "enum",
        "anyOf",
    ];
    let own: &[&str] = match flavour {
        Schema::Gemini => &["nullable"],
        _ => &["default", "additionalProperties"],
    };
    for keyword in schema.keys() {
        assert!(
            known.contains(&&**keyword) || own.contains(&&**keyword),
            "{keyword} in {schema:?}"
        );
    }
    assert!(!schema.get("type").is_some_and(Value::is_array), "{schema:?}");
    assert!(
        !schema.contains_key("anyOf") || !schema.contains_key("type"),
        "{schema:?}"
    );
    let Some(branches) = schema.get("anyOf").and_then(Value::as_array) else {
        if flavour == Schema::Gemini {
            assert!(schema["type"].is_string(), "{schema:?}");
            assert_eq!(schema["type"] == "array", schema.contains_key("items"), "{schema:?}");
            assert!(
                schema["type"] != "object" || schema.contains_key("properties"),
                "{schema:?}"
            );
        }
        return;
    };
    for branch in branches {
        assert!(
            branch.get("type").is_some() || branch.get("anyOf").is_some(),
            "{schema:?}"
        );
    }
}
