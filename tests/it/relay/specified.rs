//! What travels to clients other than Codex is as specified: statuses, content types, events, objects and errors.

use crelay::provider::dialect::{Dialect, WebSearch};
use jsonschema::Validator;
use serde_json::{Value, json};

use super::client::{Connection, Event, end};
use super::running::{Relay, relay};
use super::upstream::{Exchange, Upstream};
use crate::specification::{Specification, faults};

/// A request that says much, some of it unheard of.
fn request() -> Value {
    json!({
        "model": "n",
        "instructions": "Be kind.",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "hi", "unheard_of": 1}], "unheard_of": 2}],
        "tools": [
            {"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}, "strict": true},
            {"type": "function", "name": "go", "unheard_of": {"deep": []}},
        ],
        "tool_choice": "required",
        "parallel_tool_calls": false,
        "temperature": 0.25,
        "top_p": 0.5,
        "presence_penalty": 0.1,
        "frequency_penalty": 0.2,
        "top_logprobs": 3,
        "max_output_tokens": 400,
        "max_tool_calls": 4,
        "truncation": "auto",
        "reasoning": {"effort": "low", "summary": "auto"},
        "text": {"format": {"type": "text"}, "verbosity": "low"},
        "metadata": {"team": "blue"},
        "safety_identifier": "ada",
        "prompt_cache_key": "key",
        "service_tier": "default",
        "include": ["reasoning.encrypted_content", "unheard_of"],
        "stream_options": {"include_obfuscation": false},
        "background": true,
        "unheard_of": {"a": [null, 1.5]},
        "user": 7,
    })
}

/// Thoughts, words and two calls.
async fn speak(mut provider: Exchange) {
    provider.begin().await;
    for delta in [
        json!({"reasoning_content": "let me "}),
        json!({"reasoning_content": "see"}),
        json!({"content": "I "}),
        json!({"content": "look."}),
        json!({"tool_calls": [{"index": 0, "id": "call_a", "type": "function", "function": {"name": "look", "arguments": "{"}}]}),
        json!({"tool_calls": [{"index": 0, "function": {"arguments": "}"}}]}),
        json!({"tool_calls": [{"index": 1, "id": "call_b", "type": "function", "function": {"name": "go", "arguments": "{}"}}]}),
    ] {
        let chunk = json!({"choices": [{"index": 0, "delta": delta}]});
        provider.frame(&chunk.to_string()).await;
    }
    let usage = json!({"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14});
    let last = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}], "usage": usage});
    provider.frame(&last.to_string()).await;
    provider.frame("[DONE]").await;
}

async fn spacious(upstream: &Upstream) -> Relay {
    relay(&upstream.base_url)
        .limits(|limits| limits.body = 100_000)
        .start()
        .await
}

async fn post(connection: &mut Connection, path: &str, body: &Value) {
    connection.request_as_other("POST", path, &body.to_string()).await;
}

/// Reads a stream and holds every event against its schema.
async fn events(connection: &mut Connection, specification: &Specification) -> Vec<Event> {
    let head = connection.head().await;
    assert_eq!(
        (head.status, head.header("content-type")),
        (200, Some("text/event-stream"))
    );
    let schemas = specification.events();
    let events = connection.events().await;
    for event in &events {
        let known = schemas.iter().find(|(name, _)| *name == event.name);
        let (_, schema) = known.unwrap_or_else(|| panic!("{} is not specified", event.name));
        assert_eq!(faults(schema, &event.data), Vec::<String>::new(), "{event:?}");
    }
    end(&events);
    events
}

fn check(schema: &Validator, value: &Value) {
    assert_eq!(faults(schema, value), Vec::<String>::new(), "{value:#}");
}

/// All that a request can say of itself comes back.
fn check_echo(response: &Value) {
    let request = request();
    for name in [
        "model",
        "instructions",
        "tool_choice",
        "parallel_tool_calls",
        "temperature",
        "top_p",
        "presence_penalty",
        "frequency_penalty",
        "top_logprobs",
        "max_output_tokens",
        "max_tool_calls",
        "truncation",
        "reasoning",
        "text",
        "metadata",
        "safety_identifier",
        "prompt_cache_key",
        "service_tier",
    ] {
        assert_eq!(response[name], request[name], "{name}");
    }
    assert_eq!(response["tools"][0]["name"], "look");
    assert_eq!(
        (&response["store"], &response["background"]),
        (&json!(true), &json!(false))
    );
}

#[tokio::test]
async fn an_answer_is_as_specified_streamed_whole_and_read_again() {
    let Some(specification) = Specification::read() else {
        return;
    };
    let whole = specification.schema("ResponseResource");
    let upstream = Upstream::bind();
    let relay = spacious(&upstream).await;
    let mut connection = relay.connect().await;
    let mut body = request();
    body["stream"] = json!(true);
    post(&mut connection, "/v1/responses", &body).await;
    speak(upstream.request().await).await;
    let events = events(&mut connection, &specification).await;
    let streamed = &end(&events).data["response"];
    check(&whole, streamed);
    check_echo(streamed);
    check_echo(&events[0].data["response"]);
    let kinds: Vec<&Value> = streamed["output"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["type"])
        .collect();
    assert_eq!(kinds, ["reasoning", "message", "function_call", "function_call"]);

    post(&mut connection, "/v1/responses", &request()).await;
    speak(upstream.request().await).await;
    let (head, response) = connection.json().await;
    assert_eq!(head.status, 200);
    check(&whole, &response);
    check_echo(&response);
    let path = format!("/v1/responses/{}", response["id"].as_str().unwrap());
    connection.request_as_other("GET", &path, "").await;
    check(&whole, &connection.json().await.1);
}

/// The specification knows citations, but neither the tool of a search nor its item; those are OpenAI's.
#[tokio::test]
async fn a_search_is_an_item_and_what_it_found_is_cited_as_specified() {
    let upstream = Upstream::bind();
    let dialect = Dialect {
        web_search: WebSearch::ServerTool,
        ..Dialect::default()
    };
    let relay = relay(&upstream.base_url).dialect(dialect).start().await;
    let mut connection = relay.connect().await;
    for stream in [true, false] {
        let body = json!({"model": "m", "stream": stream, "input": "hi", "tools": [{"type": "web_search"}]});
        post(&mut connection, "/v1/responses", &body).await;
        let mut provider = upstream.request().await;
        assert_eq!(provider.body["tools"], json!([{"type": "openrouter:web_search"}]));
        provider.begin().await;
        let page = json!({"url": "https://a.test/", "title": "A", "start_index": 3, "end_index": 9});
        let annotation = json!({"type": "url_citation", "url_citation": page});
        for delta in [json!({"annotations": [annotation]}), json!({"content": "So says A."})] {
            let chunk = json!({"choices": [{"index": 0, "delta": delta}]});
            provider.frame(&chunk.to_string()).await;
        }
        provider.finish().await;
        provider.frame("[DONE]").await;
        drop(provider);
        let mut response = if stream {
            assert_eq!(connection.head().await.status, 200);
            let events = connection.events().await;
            check_without_search(&events);
            end(&events).data["response"].clone()
        } else {
            connection.json().await.1
        };
        let search = without_search(&mut response);
        assert_eq!(search[0]["action"], json!({"type": "search", "query": ""}));
        let cited =
            json!({"type": "url_citation", "start_index": 3, "end_index": 9, "url": "https://a.test/", "title": "A"});
        assert_eq!(response["output"][0]["content"][0]["annotations"], json!([cited]));
        if let Some(specification) = Specification::read() {
            check(&specification.schema("ResponseResource"), &response);
        }
    }
}

/// Holds all events that do not open or close a search against their schemas.
fn check_without_search(events: &[Event]) {
    let Some(specification) = Specification::read() else {
        return;
    };
    let schemas = specification.events();
    for event in events
        .iter()
        .filter(|event| event.data["item"]["type"] != "web_search_call")
    {
        let (_, schema) = schemas.iter().find(|(name, _)| *name == event.name).unwrap();
        let mut data = event.data.clone();
        without_search(&mut data["response"]);
        check(schema, &data);
    }
}

/// Takes the searches and their tool out of an answer.
fn without_search(response: &mut Value) -> Vec<Value> {
    if response.is_object() {
        assert_eq!(response["tools"].take(), json!([{"type": "web_search"}]));
        response["tools"] = json!([]);
    }
    let Some(output) = response["output"].as_array_mut() else {
        return Vec::new();
    };
    let is_search = |item: &&Value| item["type"] == "web_search_call";
    let searches = output.iter().filter(is_search).cloned().collect();
    output.retain(|item| item["type"] != "web_search_call");
    searches
}

#[tokio::test]
async fn an_answer_that_was_cut_or_failed_is_as_specified_too() {
    let Some(specification) = Specification::read() else {
        return;
    };
    let whole = specification.schema("ResponseResource");
    let upstream = Upstream::bind();
    let relay = spacious(&upstream).await;
    let mut connection = relay.connect().await;
    for (reason, name, status) in [
        (json!("length"), "response.incomplete", "incomplete"),
        (json!("content_filter"), "response.incomplete", "incomplete"),
        (Value::Null, "response.failed", "failed"),
    ] {
        post(
            &mut connection,
            "/v1/responses",
            &json!({"model": "m", "stream": true, "input": "hi"}),
        )
        .await;
        let mut provider = upstream.request().await;
        provider.begin().await;
        provider.say("Hel").await;
        let last = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]});
        provider.frame(&last.to_string()).await;
        drop(provider);
        let events = events(&mut connection, &specification).await;
        let end = end(&events);
        assert_eq!((&*end.name, &end.data["response"]["status"]), (name, &json!(status)));
        check(&whole, &end.data["response"]);
    }
}

#[tokio::test]
async fn a_short_conversation_is_as_specified() {
    let Some(specification) = Specification::read() else {
        return;
    };
    let upstream = Upstream::bind();
    let relay = spacious(&upstream).await;
    let mut connection = relay.connect().await;
    let parts = json!([
        {"type": "input_text", "text": "look"},
        {"type": "input_image", "image_url": "data:image/png;base64,aGk="},
        {"type": "input_file", "filename": "a.txt", "file_data": "aGk="},
    ]);
    let input = json!([{"role": "user", "content": parts}, {"role": "assistant", "content": "done"}]);
    post(
        &mut connection,
        "/v1/responses/compact",
        &json!({"model": "m", "input": input, "unheard_of": 1}),
    )
    .await;
    upstream.request().await.stream("All was done.").await;
    let (head, compacted) = connection.json().await;
    assert_eq!(head.status, 200);
    check(&specification.schema("CompactResource"), &compacted);
}

#[tokio::test]
async fn errors_have_one_shape_wherever_they_come_from() {
    let Some(specification) = Specification::read() else {
        return;
    };
    let payload = specification.schema("ErrorPayload");
    let upstream = Upstream::bind();
    let relay = spacious(&upstream).await;
    let mut connection = relay.connect().await;
    for (method, path, body, status) in [
        ("POST", "/v1/responses", "{", 400),
        ("POST", "/v1/responses", r#"{"input":7}"#, 400),
        ("POST", "/v1/responses", r#"{"previous_response_id":"resp_x"}"#, 400),
        ("POST", "/v1/responses/compact", "[]", 400),
        ("GET", "/v1/responses/resp_x", "", 404),
        ("DELETE", "/v1/responses/resp_x", "", 404),
        ("POST", "/v1/responses/resp_x/cancel", "", 404),
        ("GET", "/v1/nothing", "", 404),
        ("GET", "/v1/responses/compact/x", "", 404),
        ("PUT", "/v1/responses", "", 405),
    ] {
        connection.request_as_other(method, path, body).await;
        let (head, body) = connection.json().await;
        assert_eq!(head.status, status, "{method} {path}");
        check(&payload, &body["error"]);
    }
    for (given, status) in [
        ("400 Bad Request", 400),
        ("401 Unauthorized", 502),
        ("402 Payment Required", 402),
        ("404 Not Found", 404),
        ("429 Too Many Requests", 429),
        ("500 Internal Server Error", 500),
        ("529 Overloaded", 529),
    ] {
        for stream in [false, true] {
            let body = json!({"model": "m", "stream": stream, "input": "hi"});
            post(&mut connection, "/v1/responses", &body).await;
            let exchange = upstream.request().await;
            exchange.answer(given, "", r#"{"error":{"message":"no"}}"#).await;
            let (head, body) = connection.json().await;
            assert_eq!(head.status, status, "{given}");
            check(&payload, &body["error"]);
        }
    }
}
