//! What the demo says to whom. Pure: a request in, frames out.

use serde_json::{Map, Value, json};

use super::asked::{Asked, Function, Message};
use super::{MODEL, instance, seen};

/// What the tool is asked to run: it looks, and changes nothing.
const COMMAND: &str = "pwd && ls";

/// Most lines of a result that are quoted.
const QUOTED: usize = 5;

/// The list of `GET /models`.
pub fn models() -> Value {
    json!({ "object": "list", "data": [{ "id": MODEL, "object": "model", "created": 0, "owned_by": "crelay" }] })
}

/// The whole answer as frames, `[DONE]` included.
pub fn frames(asked: &Asked) -> Vec<String> {
    let reply = Reply::to(asked);
    let length = asked.messages.len();
    let mut frames = Writer {
        id: format!("chatcmpl-demo-{length}"),
        model: asked.model.clone(),
        frames: Vec::new(),
    };
    frames.delta(json!({ "role": "assistant", "content": "" }));
    for piece in words(&reply.reasoning) {
        frames.delta(json!({ "reasoning_content": piece }));
    }
    for piece in words(&reply.text) {
        frames.delta(json!({ "content": piece }));
    }
    for (index, (name, arguments)) in reply.calls.iter().enumerate() {
        let id = match index {
            0 => format!("call_demo_{length}"),
            _ => format!("call_demo_{length}_{index}"),
        };
        frames.call(index, &id, name, &arguments.to_string());
    }
    let reason = if reply.calls.is_empty() { "stop" } else { "tool_calls" };
    frames.end(reason, &reply, asked.bytes);
    frames.frames
}

/// One answer, before it is cut into deltas.
#[derive(Debug, Default, PartialEq)]
struct Reply {
    reasoning: String,
    text: String,
    calls: Vec<(String, Value)>,
}

impl Reply {
    fn to(asked: &Asked) -> Self {
        if let Some(text) = formatted(asked) {
            return Self {
                text,
                ..Self::default()
            };
        }
        if let Some(Message::Tool { content, .. }) = asked.messages.last() {
            return Self::about(content);
        }
        if let Some(reply) = Self::as_told(asked) {
            return reply;
        }
        match asked.tools.iter().find_map(|tool| looking(&tool.function)) {
            Some(call) => Self {
                reasoning: "The user wants to see that everything works. A look around shows it and changes nothing."
                    .to_owned(),
                text: "I am crelay's demo: a script, not a model. I will have a look around.".to_owned(),
                calls: vec![call],
            },
            None => Self {
                reasoning: "There is no tool that I could use. Words will do.".to_owned(),
                text: "I am crelay's demo: a script, not a model. Choose a provider with `--provider` to talk to one."
                    .to_owned(),
                calls: Vec::new(),
            },
        }
    }

    /// The answer to a user who shows an image, or writes the calls down that are to be made.
    fn as_told(asked: &Asked) -> Option<Self> {
        let Some(Message::User { content }) = asked.messages.last() else {
            return None;
        };
        if let Some(image) = content.image() {
            let text = match seen::colour(image) {
                Some(colour) => format!("The image is {colour}."),
                None => "I am a script, and tell images apart only if they have one colour.".to_owned(),
            };
            return Some(Self {
                text,
                ..Self::default()
            });
        }
        let calls = written(&content.text(), asked);
        (!calls.is_empty()).then(|| Self {
            reasoning: "The user has written down what to call. I call exactly that.".to_owned(),
            calls,
            ..Self::default()
        })
    }

    /// Quotes the first lines of what the tool printed.
    fn about(result: &str) -> Self {
        // Codex puts a head before what the command printed.
        let printed = result.split_once("Output:\n").map_or(result, |(_, printed)| printed);
        let lines: Vec<&str> = printed.lines().filter(|line| !line.trim().is_empty()).collect();
        let mut text = "The tool ran on your machine and said:\n\n```\n".to_owned();
        for line in lines.iter().take(QUOTED) {
            text.push_str(line);
            text.push('\n');
        }
        text.push_str("```\n");
        if lines.len() > QUOTED {
            text.push_str(&format!("\n({} more lines.)\n", lines.len() - QUOTED));
        }
        text.push_str("\nThat was the whole path: Codex, crelay, a provider, and back. Choose one with `--provider`.");
        Self {
            reasoning: "The result is here; the user should see its first lines.".to_owned(),
            text,
            calls: Vec::new(),
        }
    }
}

/// The calls that stand in backticks in `text`, such as `read({"name":"x"})`, of tools that are offered.
fn written(text: &str, asked: &Asked) -> Vec<(String, Value)> {
    let call = |quoted: &str| {
        let (name, arguments) = quoted.strip_suffix(')')?.split_once('(')?;
        let is_offered = asked.tools.iter().any(|tool| tool.function.name == name);
        let arguments = serde_json::from_str(arguments).ok().filter(|_| is_offered)?;
        Some((name.to_owned(), arguments))
    };
    text.split('`').skip(1).step_by(2).filter_map(call).collect()
}

/// The answer to a request that wants JSON.
fn formatted(asked: &Asked) -> Option<String> {
    let format = asked.response_format.as_ref()?;
    let title = "A look around with crelay's demo";
    match &format.json_schema {
        Some(wanted) => Some(instance::of(&wanted.schema, title).to_string()),
        // Codex asks for JSON without a schema only where a schema is not known, and then for a title.
        None => (format.r#type == "json_object").then(|| json!({ "title": title }).to_string()),
    }
}

/// The call that looks around, if `function` runs commands: `cmd` or `command`, as text or as a list.
fn looking(function: &Function) -> Option<(String, Value)> {
    if !matches!(
        function.name.as_str(),
        "exec_command" | "shell_command" | "shell" | "local_shell"
    ) {
        return None;
    }
    let properties = function.parameters.get("properties")?;
    let name = ["cmd", "command"]
        .into_iter()
        .find(|name| properties.get(name).is_some())?;
    let is_list = properties[name].get("type").is_some_and(|kind| kind == "array");
    let command = if is_list {
        json!(["bash", "-lc", COMMAND])
    } else {
        json!(COMMAND)
    };
    let arguments = Map::from_iter([(name.to_owned(), command)]);
    Some((function.name.clone(), Value::Object(arguments)))
}

/// Words with the space before them.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest
            .find(|character: char| !character.is_whitespace())
            .unwrap_or(rest.len());
        let end = rest[word..]
            .find(char::is_whitespace)
            .map_or(rest.len(), |end| word + end);
        let (piece, tail) = rest.split_at(end);
        words.push(piece);
        rest = tail;
    }
    words
}

/// Writes chunks as frames.
struct Writer {
    id: String,
    model: String,
    frames: Vec<String>,
}

impl Writer {
    fn delta(&mut self, delta: Value) {
        self.chunk(json!([{ "index": 0, "delta": delta, "finish_reason": null }]), None);
    }

    /// A call, its arguments in two pieces, as providers send them.
    fn call(&mut self, index: usize, id: &str, name: &str, arguments: &str) {
        let (head, tail) = arguments.split_at(arguments.find(':').unwrap_or(0));
        let function = json!({ "name": name, "arguments": "" });
        self.delta(json!({ "tool_calls": [{ "index": index, "id": id, "type": "function", "function": function }] }));
        for piece in [head, tail] {
            self.delta(json!({ "tool_calls": [{ "index": index, "function": { "arguments": piece } }] }));
        }
    }

    fn end(&mut self, reason: &str, reply: &Reply, asked: usize) {
        self.chunk(json!([{ "index": 0, "delta": {}, "finish_reason": reason }]), None);
        let reasoning = words(&reply.reasoning).len();
        let answer = reasoning + words(&reply.text).len();
        // About four bytes make a token, and here every word is one.
        let prompt = asked / 4;
        let usage = json!({
            "prompt_tokens": prompt,
            "completion_tokens": answer,
            "total_tokens": prompt + answer,
            "prompt_tokens_details": { "cached_tokens": 0 },
            "completion_tokens_details": { "reasoning_tokens": reasoning },
        });
        self.chunk(json!([]), Some(usage));
        self.frames.push("data: [DONE]\n\n".to_owned());
    }

    fn chunk(&mut self, choices: Value, usage: Option<Value>) {
        let chunk = json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": 0,
            "model": self.model,
            "choices": choices,
            "usage": usage,
        });
        self.frames.push(format!("data: {chunk}\n\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::asked;

    fn reply(rest: &str) -> Reply {
        let body = format!(r#"{{"model":"demo","stream":true,{rest}}}"#);
        Reply::to(&asked::read(body.as_bytes()).unwrap())
    }

    fn call(tool: &str) -> Option<(String, Value)> {
        let tool = format!(r#"{{"type":"function","function":{tool}}}"#);
        reply(&format!(
            r#""messages":[{{"role":"user","content":"go"}}],"tools":[{tool}]"#
        ))
        .calls
        .pop()
    }

    #[test]
    fn it_looks_around_with_whichever_tool_runs_commands() {
        let function = |name: &str, field: &str, kind: &str| {
            format!(
                r#"{{"name":"{name}","parameters":{{"type":"object","properties":{{"{field}":{{"type":"{kind}"}}}}}}}}"#
            )
        };
        let text = Some(("exec_command".to_owned(), json!({ "cmd": "pwd && ls" })));
        assert_eq!(call(&function("exec_command", "cmd", "string")), text);
        let text = Some(("shell_command".to_owned(), json!({ "command": "pwd && ls" })));
        assert_eq!(call(&function("shell_command", "command", "string")), text);
        let list = Some(("shell".to_owned(), json!({ "command": ["bash", "-lc", "pwd && ls"] })));
        assert_eq!(call(&function("shell", "command", "array")), list);
        assert_eq!(call(&function("delete_everything", "command", "string")), None);
    }

    #[test]
    fn it_quotes_the_first_lines_of_a_result() {
        let result = r#"Chunk ID: 1\nOutput:\n/home\na\nb\nc\nd\ne\nf\n"#;
        let messages = format!(
            r#""messages":[{{"role":"assistant","tool_calls":[{{"id":"a"}}]}},
            {{"role":"tool","tool_call_id":"a","content":"{result}"}}]"#
        );
        let text = reply(&messages).text;
        assert!(
            text.contains("```\n/home\na\nb\nc\nd\n```\n\n(2 more lines.)"),
            "{text}"
        );
        assert!(!text.contains("Chunk ID"), "{text}");
    }

    #[test]
    fn a_request_for_a_title_gets_one() {
        let schema = r#"{"type":"object","properties":{"title":{"type":"string","maxLength":6}},"required":["title"]}"#;
        let format = format!(r#"{{"type":"json_schema","json_schema":{{"name":"x","schema":{schema}}}}}"#);
        let messages = r#""messages":[{"role":"user","content":"go"}]"#;
        let titled = reply(&format!(r#"{messages},"response_format":{format}"#));
        assert_eq!(titled.text, r#"{"title":"A look"}"#);
        let object = reply(&format!(r#"{messages},"response_format":{{"type":"json_object"}}"#));
        assert_eq!(object.text, r#"{"title":"A look around with crelay's demo"}"#);
    }

    #[test]
    fn it_calls_what_is_written_down_if_that_is_offered() {
        let tools = r#""tools":[{"type":"function","function":{"name":"read"}}]"#;
        let told = |text: &str| {
            let user = json!({"role": "user", "content": [{"type": "text", "text": text}]});
            reply(&format!(r#""messages":[{user}],{tools}"#)).calls
        };
        let north = ("read".to_owned(), json!({"name": "north"}));
        assert_eq!(
            told(r#"Call `read({"name":"north"})` now."#),
            std::slice::from_ref(&north)
        );
        assert_eq!(
            told(r#"`read({"name":"north"})` and `read({})`"#),
            [north, ("read".to_owned(), json!({}))]
        );
        for nothing in ["`delete({})`", "`read(north)`", "`read`", "read({})"] {
            assert_eq!(told(nothing), [], "{nothing}");
        }
    }

    #[test]
    fn deltas_are_small_and_add_up() {
        for text in ["", " a  b\n\nc ", "```\nx y\n```\n"] {
            assert_eq!(words(text).concat(), text);
        }
        assert_eq!(words("a b\nc"), ["a", " b", "\nc"]);
    }
}
