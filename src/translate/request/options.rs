//! Everything of a request that is neither message nor tool.

use serde_json::{Map, Value, json};

use crate::provider::dialect::{Dialect, LimitSent, MaxTokens, Param, ResponseFormat, StreamUsage, ToolChoice};
use crate::provider::effort::Effort;
use crate::translate::names::{Kind, Origin, Tools};
use crate::wire::chat;
use crate::wire::responses::{Request, TextFormat};

use super::tools::Declared;
use super::{Target, schema, thinking};

/// The parameters in the order in which they are written, and a sentence for the instructions where the dialect cannot
/// be told the answer's format otherwise. A forced choice may narrow the tools.
pub fn options(
    target: Target<'_>,
    request: &Request,
    declared: &mut Declared,
    names: &Tools,
) -> (Map<String, Value>, Option<String>) {
    let dialect = target.dialect;
    let mut options = Map::new();
    if dialect.stream_usage == StreamUsage::Asked {
        options.insert("stream_options".to_owned(), json!({"include_usage": true}));
    }
    limit(target, request, &mut options);
    let wish = request
        .reasoning
        .as_ref()
        .and_then(|reasoning| Effort::parse(reasoning.effort.as_deref()?));
    thinking::ask(dialect, wish, &mut options);
    tool_choice(dialect, request, declared, names, &mut options);
    parameters(dialect, request, declared.any_offered, &mut options);
    let format = request.text.as_ref().and_then(|text| text.format.as_ref());
    let sentence = format.and_then(|format| response_format(dialect, format, !declared.any_offered, &mut options));
    dialect.leave_out_of(&mut options);
    (options, sentence)
}

fn limit(target: Target<'_>, request: &Request, options: &mut Map<String, Value>) {
    let most = target.max_output.unwrap_or(u64::MAX);
    let limit = match target.dialect.limit_sent {
        LimitSent::Asked => request.max_output_tokens.map(|asked| asked.min(most)),
        LimitSent::Always => request
            .max_output_tokens
            .map(|asked| asked.min(most))
            .or(target.max_output),
    };
    let Some(limit) = limit else {
        return;
    };
    let name = match target.dialect.max_tokens {
        MaxTokens::MaxTokens => "max_tokens",
        MaxTokens::MaxCompletionTokens => "max_completion_tokens",
    };
    options.insert(name.to_owned(), json!(limit));
}

fn tool_choice(
    dialect: &Dialect,
    request: &Request,
    declared: &mut Declared,
    names: &Tools,
    options: &mut Map<String, Value>,
) {
    let tools = &mut declared.tools;
    if tools.is_empty() || dialect.tool_choice == ToolChoice::Absent {
        return;
    }
    let choice = match &request.tool_choice {
        // What only the history mentions must not be called.
        _ if !declared.any_offered => Some(json!("none")),
        Some(Value::String(word)) => match (word.as_str(), dialect.tool_choice) {
            ("none", _) => Some(json!("none")),
            ("required", ToolChoice::Required | ToolChoice::Named) => Some(json!("required")),
            ("required", ToolChoice::Any) => Some(json!("any")),
            _ => None,
        },
        Some(Value::Object(named)) => named_tool(named, tools, names).and_then(|name| match dialect.tool_choice {
            ToolChoice::Absent | ToolChoice::None => None,
            ToolChoice::Required => {
                tools.retain(|tool| tool.function.name == name);
                Some(json!("required"))
            }
            ToolChoice::Named | ToolChoice::Any => Some(json!({"type": "function", "function": {"name": name}})),
        }),
        _ => None,
    };
    if let Some(choice) = choice {
        options.insert("tool_choice".to_owned(), choice);
    }
}

/// The provider's name of the tool that an object names, if it is declared.
fn named_tool(choice: &Map<String, Value>, tools: &[chat::Tool], names: &Tools) -> Option<String> {
    let text = |key: &str| choice.get(key).and_then(Value::as_str);
    let name = names.find(&Origin::new(text("namespace"), text("name")?, Kind::Function))?;
    let mut declared = tools.iter().map(|tool| &tool.function.name);
    declared.find(|declared| *declared == name).cloned()
}

fn parameters(dialect: &Dialect, request: &Request, calls: bool, options: &mut Map<String, Value>) {
    let mut put = |param: Param, name: &str, value: Option<Value>| {
        if let Some(value) = value.filter(|_| dialect.takes(param)) {
            options.insert(name.to_owned(), value);
        }
    };
    let parallel = request.parallel_tool_calls.filter(|_| calls);
    put(
        Param::ParallelToolCalls,
        "parallel_tool_calls",
        parallel.map(Value::from),
    );
    put(Param::ToolStream, "tool_stream", calls.then(|| json!(true)));
    put(
        Param::Sampling,
        "temperature",
        request.temperature.clone().map(Value::Number),
    );
    put(Param::Sampling, "top_p", request.top_p.clone().map(Value::Number));
    put(
        Param::PromptCacheKey,
        "prompt_cache_key",
        request.prompt_cache_key.clone().map(Value::String),
    );
    put(
        Param::ServiceTier,
        "service_tier",
        request.service_tier.clone().map(Value::String),
    );
    put(Param::Metadata, "metadata", request.metadata.clone());
    put(
        Param::Identity,
        "safety_identifier",
        request.safety_identifier.clone().map(Value::String),
    );
    put(Param::Identity, "user", request.user.clone().map(Value::String));
    let verbosity = request.text.as_ref().and_then(|text| text.verbosity.clone());
    put(Param::Verbosity, "verbosity", verbosity.map(Value::String));
}

/// Puts the format of the answer into `options`; gives a sentence where the dialect cannot be told otherwise.
pub fn response_format(
    dialect: &Dialect,
    format: &TextFormat,
    no_tools: bool,
    options: &mut Map<String, Value>,
) -> Option<String> {
    let schema = match format.r#type.as_deref() {
        Some("json_schema") => format.schema.as_ref(),
        Some("json_object") => None,
        _ => return None,
    };
    let takes_schema = match dialect.response_format {
        ResponseFormat::JsonSchema => true,
        ResponseFormat::JsonSchemaAlone => no_tools,
        ResponseFormat::JsonObject | ResponseFormat::Sentence => false,
    };
    let mut put = |value: Value| options.insert("response_format".to_owned(), value);
    if let Some(schema) = schema.filter(|_| takes_schema) {
        let name = format.name.as_deref().unwrap_or("answer");
        let mut body = json!({"name": name, "schema": schema::answer(dialect.schema, schema)});
        if let (Some(strict), Some(body)) = (format.strict, body.as_object_mut()) {
            body.insert("strict".to_owned(), json!(strict));
        }
        put(json!({"type": "json_schema", "json_schema": body}));
        return None;
    }
    // Beside tools, an object format keeps several providers from calling any; the sentence alone does not. It holds
    // the word "json", without which DeepSeek and Qwen refuse the format.
    if no_tools && dialect.response_format != ResponseFormat::Sentence {
        put(json!({"type": "json_object"}));
    }
    Some(match schema {
        Some(schema) => {
            format!(
                "Your final answer must be one json object and nothing else. It must follow this JSON schema:\n{schema}"
            )
        }
        None => "Your final answer must be one json object and nothing else.".to_owned(),
    })
}
