//! Lists as providers give them.

use serde_json::json;

use super::*;

fn read(body: &Value) -> Listing {
    Listing::read(body.to_string().as_bytes()).unwrap()
}

/// What the one model of a list is said to be.
fn said(entry: Value) -> Facts {
    let mut listing = read(&json!({"object": "list", "data": [entry]}));
    assert_eq!(listing.models.len(), 1);
    listing.models.remove(0).facts
}

fn ids(listing: &Listing) -> Vec<&str> {
    listing.models.iter().map(|model| model.id.as_str()).collect()
}

#[test]
fn a_list_is_read_in_each_of_its_forms() {
    let data = json!({"object": "list", "data": [{"id": "a", "object": "model"}, {"id": "b"}]});
    let bare = json!([{"id": "a"}, {"id": "b"}]);
    let google = json!({"models": [{"name": "models/a"}, {"name": "models/b"}]});
    let ollama = json!({"models": [{"name": "a", "model": "a"}, {"name": "b", "model": "b"}]});
    let names = json!({"data": ["a", "b"]});
    for body in [data, bare, google, ollama, names] {
        let listing = read(&body);
        assert_eq!(ids(&listing), ["a", "b"], "{body}");
        assert!(!listing.is_part);
    }
    for no_list in [
        "{}",
        "null",
        "<html>",
        "{\"error\": {\"message\": \"no\"}}",
        "{\"data\": {}}",
    ] {
        assert_eq!(Listing::read(no_list.as_bytes()), None, "{no_list}");
    }
}

#[test]
fn what_is_no_name_or_is_gone_or_stands_there_twice_is_left_out() {
    let listing = read(&json!({"data": [
        {"id": "a"}, {"id": "a"}, {"id": "b c"}, {"id": "x\u{1b}[2J"}, {"id": ""}, {"id": 7}, {}, null,
        {"id": "off", "active": false}, {"id": "shut", "status": "Shutdown"}, {"id": "y".repeat(300)},
    ]}));
    assert_eq!(ids(&listing), ["a"]);
    assert!(!listing.is_part);
    assert!(read(&json!({"data": [{"id": "openai/*"}]})).is_part);
    assert!(read(&json!({"data": [{"id": "a"}], "has_more": true})).is_part);
    assert!(read(&json!({"models": [{"name": "models/a"}], "nextPageToken": "b"})).is_part);
    let many: Vec<Value> = (0..5000).map(|number| json!({"id": number.to_string()})).collect();
    let listing = read(&json!({ "data": many }));
    assert!(listing.models.len() == MOST && listing.is_part);
    // What is said again and again is not read for ever either.
    let same = [vec![json!({"id": "a"}); MOST], vec![json!({"id": "b"})]].concat();
    let listing = read(&json!({ "data": same }));
    assert_eq!((ids(&listing), listing.is_part), (vec!["a"], true));
}

#[test]
fn openrouter_says_nearly_everything() {
    let facts = said(json!({
        "id": "z-ai/glm-5.3", "canonical_slug": "z-ai/glm-5.3", "name": "Z.AI: GLM 5.3", "created": 1790000000,
        "context_length": 1048576,
        "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"], "tokenizer": "Other"},
        "pricing": {"prompt": "0.0000014", "completion": "0.0000044", "input_cache_read": "0.00000026", "image": "0"},
        "top_provider": {"context_length": 1000000, "max_completion_tokens": 131072, "is_moderated": false},
        "supported_parameters": ["tools", "tool_choice", "reasoning"],
        "reasoning": {"supported_efforts": ["max", "high", "low", null]},
    }));
    let expected = Facts {
        name: Some("Z.AI: GLM 5.3".to_owned()),
        context_window: Some(1_000_000),
        max_output: Some(131_072),
        vision: Some(true),
        tools: Some(true),
        converses: Some(true),
        efforts: Some(vec![Effort::Low, Effort::High, Effort::Max]),
        price: Some(Price {
            input: 1.4,
            output: 4.4,
            cached: Some(0.26),
        }),
    };
    assert_eq!(facts, expected);
    let mute = said(
        json!({"id": "a", "supported_parameters": ["temperature"], "pricing": {"prompt": "-1", "completion": "-1"}}),
    );
    assert_eq!((mute.tools, mute.price), (Some(false), None));
}

#[test]
fn windows_and_answers_are_found_under_all_their_names() {
    let limits = |entry: Value| {
        let facts = said(entry);
        (facts.context_window, facts.max_output)
    };
    for (entry, expected) in [
        (
            json!({"id": "groq", "active": true, "context_window": 131072, "max_completion_tokens": 65536}),
            (Some(131_072), Some(65_536)),
        ),
        (
            json!({"id": "groq", "context_window": 8192, "max_completion_tokens": 8192}),
            (Some(8_192), None),
        ),
        (
            json!({"id": "mistral", "max_context_length": 262144}),
            (Some(262_144), None),
        ),
        (
            json!({"id": "vllm", "owned_by": "vllm", "max_model_len": 4096}),
            (Some(4_096), None),
        ),
        (
            json!({"id": "llama", "owned_by": "llamacpp", "meta": {"n_ctx": 8192, "n_ctx_train": 32768}}),
            (Some(8_192), None),
        ),
        (
            json!({"id": "moonshot", "max_model_len": 0, "context_length": 262144}),
            (Some(262_144), None),
        ),
        (
            json!({"id": "studio", "max_context_length": 131072, "loaded_context_length": 4096}),
            (Some(4_096), None),
        ),
        (
            json!({"name": "models/google", "inputTokenLimit": 1048576, "outputTokenLimit": 65536}),
            (Some(1_048_576), Some(65_536)),
        ),
        (
            json!({"id": "github", "limits": {"max_input_tokens": 128000, "max_output_tokens": 16384}}),
            (Some(128_000), Some(16_384)),
        ),
        (
            json!({"id": "nobody", "context_length": 0, "context_window": null, "max_output_tokens": "many"}),
            (None, None),
        ),
        (
            json!({"id": "odd", "context_length": 18446744073709551615_u64}),
            (None, None),
        ),
    ] {
        assert_eq!(limits(entry.clone()), expected, "{entry}");
    }
}

#[test]
fn what_a_model_can_is_found_under_all_its_names() {
    let can = |entry: Value| {
        let facts = said(entry);
        (facts.converses, facts.tools, facts.vision)
    };
    let (yes, no) = (Some(true), Some(false));
    for (entry, expected) in [
        (
            json!({"id": "m", "capabilities": {"completion_chat": true, "function_calling": true, "vision": false}}),
            (yes, yes, no),
        ),
        (
            json!({"id": "m", "capabilities": {"completion_chat": false, "function_calling": false}}),
            (no, no, None),
        ),
        (
            json!({"id": "o", "capabilities": ["completion", "tools", "thinking"]}),
            (yes, yes, no),
        ),
        (
            json!({"id": "o", "capabilities": ["completion", "vision"]}),
            (yes, no, yes),
        ),
        (json!({"id": "o", "capabilities": ["embedding"]}), (no, None, None)),
        (
            json!({"id": "s", "type": "vlm", "capabilities": ["tool_use"]}),
            (yes, yes, yes),
        ),
        (json!({"id": "s", "type": "llm"}), (yes, None, None)),
        (json!({"id": "s", "type": "embeddings"}), (no, None, None)),
        (json!({"id": "t", "type": "chat"}), (yes, None, None)),
        (json!({"id": "t", "type": "image"}), (no, None, None)),
        (json!({"id": "flux-pro", "type": "chat"}), (None, None, None)),
        (
            json!({"id": "f", "supports_chat": true, "supports_tools": true, "supports_image_input": true}),
            (yes, yes, yes),
        ),
        (
            json!({"id": "k", "supports_image_in": true, "supports_reasoning": true}),
            (None, None, yes),
        ),
        (
            json!({"name": "models/g", "supportedGenerationMethods": ["embedContent"]}),
            (no, None, None),
        ),
        (
            json!({"id": "h", "providers": [{"supports_tools": true}], "architecture": {"output_modalities": ["text"]}}),
            (yes, yes, None),
        ),
        (
            json!({"id": "bare", "object": "model", "owned_by": "me"}),
            (None, None, None),
        ),
    ] {
        assert_eq!(can(entry.clone()), expected, "{entry}");
    }
}

#[test]
fn prices_are_of_a_million_tokens_whatever_they_are_given_for() {
    let price = |pricing: Value| said(json!({"id": "a", "pricing": pricing})).price;
    let expected = Some(Price {
        input: 0.55,
        output: 2.19,
        cached: None,
    });
    assert_eq!(
        price(json!({"prompt": "0.00000055", "completion": "0.00000219"})),
        expected
    );
    assert_eq!(
        price(json!({"prompt": "$0.00000055", "completion": "$0.00000219"})),
        expected
    );
    assert_eq!(price(json!({"input": "0.00000055", "output": "0.00000219"})), expected);
    assert_eq!(price(json!({"input": 0.55, "output": 2.19, "base": 0})), expected);
    assert_eq!(price(json!({"input": 0.55})), None);
    assert_eq!(price(json!({"prompt": "NaN", "completion": "inf"})), None);
}

#[test]
fn what_ollama_and_llama_cpp_say_elsewhere_is_read() {
    let show = json!({
        "parameters": "temperature 0.7\nnum_ctx                        16384\nstop \"<|im_end|>\"",
        "capabilities": ["completion", "tools", "thinking"],
        "model_info": {"general.architecture": "qwen3", "qwen3.context_length": 40960},
        "thinking": {"values": [false, "low", "high"], "default": "low"},
    });
    let facts = ollama_details(show.to_string().as_bytes()).unwrap();
    assert_eq!(
        (facts.context_window, facts.tools, facts.vision),
        (Some(16_384), Some(true), Some(false))
    );
    assert_eq!(facts.efforts, Some(vec![Effort::Low, Effort::High]));
    let show = json!({"parameters": null, "model_info": {"llama.context_length": 131072}});
    let facts = ollama_details(show.to_string().as_bytes()).unwrap();
    assert_eq!(facts.context_window, Some(131_072));
    let running =
        json!({"models": [{"name": "qwen3:8b", "model": "qwen3:8b", "context_length": 4096}, {"name": "old"}]});
    assert_eq!(
        ollama_running(running.to_string().as_bytes()),
        [("qwen3:8b".to_owned(), 4_096)]
    );
    assert_eq!(ollama_running(b"Not Found"), []);
    let props =
        json!({"default_generation_settings": {"n_ctx": 8192}, "total_slots": 1, "modalities": {"vision": true}});
    let facts = llama_props(props.to_string().as_bytes()).unwrap();
    assert_eq!((facts.context_window, facts.vision), (Some(8_192), Some(true)));
    assert_eq!(llama_props(b"Not Found"), None);
}
