//! What clients other than Codex get is the Responses API as it is specified.
//!
//! The specification is not part of the project; the tests run where it is (`CRELAY_SHARED`, default `../shared`).

use std::fs;

use crelay::translate::{Context, Reader, echo, native};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::laws::{hear, native_recordings, play, play_native, recordings, shared};

pub struct Specification {
    document: Value,
}

impl Specification {
    /// `None` where the specification is not at hand, which is said.
    pub fn read() -> Option<Self> {
        let path = shared().map(|shared| shared.join("open-responses/openapi.json"));
        let Some(bytes) = path.and_then(|path| fs::read(path).ok()) else {
            eprintln!("no specification here: set CRELAY_SHARED to check against it");
            return None;
        };
        let document = serde_json::from_slice(&bytes).unwrap();
        Some(Self { document })
    }

    pub fn schema(&self, name: &str) -> Validator {
        let schema = json!({
            "$ref": format!("#/components/schemas/{name}"),
            "components": self.document["components"],
        });
        jsonschema::validator_for(&schema).unwrap()
    }

    /// The schemas of events by the event's name.
    pub fn events(&self) -> Vec<(String, Validator)> {
        let schemas = self.document["components"]["schemas"].as_object().unwrap();
        schemas
            .iter()
            .filter(|(name, _)| name.ends_with("StreamingEvent"))
            .map(|(name, schema)| {
                let event = schema["properties"]["type"]["enum"][0].as_str().unwrap();
                (event.to_owned(), self.schema(name))
            })
            .collect()
    }
}

pub fn faults(validator: &Validator, value: &Value) -> Vec<String> {
    let faults = validator.iter_errors(value);
    faults
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect()
}

#[test]
fn every_event_and_every_whole_answer_is_as_specified() {
    let Some(specification) = Specification::read() else {
        return;
    };
    let schemas = specification.events();
    let whole = specification.schema("ResponseResource");
    for (name, schema) in &schemas {
        assert_ne!(
            faults(schema, &json!({"type": name})),
            Vec::<String>::new(),
            "the schema asks for something"
        );
    }
    let mut checked = 0;
    let mut refusals = 0;
    for recording in recordings() {
        let events = play(&[&recording.bytes], Context::default(), Reader::Other);
        let heard = hear(&events);
        refusals += usize::from(!heard.refusal.is_empty());
        for event in &events {
            let name = event["type"].as_str().unwrap();
            let (_, schema) = schemas.iter().find(|(event, _)| event == name).expect("a known event");
            assert_eq!(faults(schema, event), Vec::<String>::new(), "{} {event}", recording.id);
            checked += 1;
        }
        let end = &events[events.len() - 1]["response"];
        assert_eq!(faults(&whole, end), Vec::<String>::new(), "{}", recording.id);
    }
    for recording in native_recordings() {
        let play = |reader| play_native(&[&recording.body], native::Context::default(), reader);
        for event in play(Reader::Other) {
            let name = event["type"].as_str().unwrap();
            let known = schemas.iter().find(|(event, _)| event == name);
            // What a provider's own tools do is not specified.
            assert!(known.is_some() || name.contains("_call."), "{} {name}", recording.id);
            let is_specified = !event.to_string().contains("_generation_call");
            if let Some((_, schema)) = known.filter(|_| is_specified) {
                assert_eq!(faults(schema, &event), Vec::<String>::new(), "{} {event}", recording.id);
                checked += 1;
            }
        }
    }
    println!("{checked} events");
    assert!(checked > 10_000 && refusals > 0, "{refusals} refusals");
}

#[test]
fn what_was_asked_comes_back_and_what_was_not_has_its_default() {
    let asked = json!({
        "instructions": "Be kind.",
        "temperature": 0.5,
        "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}],
        "tool_choice": {"type": "function", "name": "f"},
        "text": {"format": {"type": "json_object"}, "verbosity": null},
        "reasoning": {"effort": "low"},
        "metadata": {"a": "b"},
        "max_output_tokens": "many"
    });
    let echo = echo(&asked);
    assert_eq!(echo["instructions"], "Be kind.");
    assert_eq!(echo["temperature"], 0.5);
    assert_eq!(echo["top_p"], 1.0);
    assert_eq!(echo["max_output_tokens"], Value::Null);
    assert_eq!(echo["text"], json!({"format": {"type": "json_object"}}));
    assert_eq!(echo["reasoning"], json!({"effort": "low", "summary": null}));
    let tool =
        json!({"type": "function", "name": "f", "parameters": {"type": "object"}, "description": null, "strict": null});
    assert_eq!(echo["tools"], json!([tool]));
    if let Some(specification) = Specification::read() {
        let mut response = json!({
            "id": "resp_1", "object": "response", "created_at": 1, "completed_at": null, "status": "in_progress",
            "incomplete_details": null, "model": "m", "output": [], "error": null, "usage": null
        });
        response.as_object_mut().unwrap().extend(echo);
        assert_eq!(
            faults(&specification.schema("ResponseResource"), &response),
            Vec::<String>::new()
        );
    }
}
