//! Healed turns: what Codex hears of them.

use crelay::provider::dialect::{Dialect, Grammar, Grammars, ToolChoice};
use crelay::translate::{Context, Reader, Target, request};
use crelay::wire::responses;
use serde_json::{Value, json};

use super::forms::FORMS;
use crate::laws::heard::{End, Heard};
use crate::laws::offered::offered;
use crate::laws::{hear, play, recordings};

fn context(grammars: Grammars) -> Context {
    let (tools, healing) = offered(grammars);
    Context {
        tools,
        healing,
        ..Context::default()
    }
}

fn with(grammar: Grammar) -> Grammars {
    let mut grammars = Grammars::default();
    grammars.set(grammar, true);
    grammars
}

fn chunk(delta: Value, finish: Value) -> String {
    format!(
        "data: {}\n\n",
        json!({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
    )
}

/// What is heard of these deltas and this reason to finish.
fn hear_all(deltas: &[Value], finish: Option<&str>, grammars: Grammars) -> Heard {
    let mut stream: String = deltas.iter().map(|delta| chunk(delta.clone(), Value::Null)).collect();
    if let Some(reason) = finish {
        stream.push_str(&chunk(json!({}), json!(reason)));
        stream.push_str("data: [DONE]\n\n");
    }
    hear(&play(&[stream.as_bytes()], context(grammars), Reader::Codex))
}

fn text(text: &str) -> Vec<Value> {
    super::characters(text).map(|piece| json!({"content": piece})).collect()
}

fn hear_text(words: &str) -> Heard {
    hear_all(&text(words), Some("stop"), Grammars::default())
}

fn proper(name: &str, arguments: &str) -> Value {
    json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": name, "arguments": arguments}}]})
}

const CALL: &str = "<tool_call>\n{\"name\": \"exec_command\", \"arguments\": {\"cmd\": \"ls\"}}\n</tool_call>";

fn made(name: &str, arguments: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), arguments.to_owned())]
}

#[test]
fn an_answer_that_stops_with_a_leaked_call_ends_with_the_call() {
    let heard = hear_text(&format!("I look.\n\n{CALL}"));
    assert_eq!(heard.text, "I look.\n\n");
    assert_eq!(heard.calls, made("exec_command", "{\"cmd\":\"ls\"}"));
    assert_eq!(heard.end, End::Completed);
}

#[test]
fn a_whole_answer_is_healed_like_a_streamed_one() {
    let answer = json!({"choices": [{"message": {"content": format!("I look.\n{CALL}")}, "finish_reason": "stop"}]});
    let heard = hear(&play(
        &[format!("data: {answer}\n\n").as_bytes()],
        context(Grammars::default()),
        Reader::Codex,
    ));
    assert_eq!(heard.text, "I look.\n");
    assert_eq!(heard.calls, made("exec_command", "{\"cmd\":\"ls\"}"));
}

#[test]
fn beside_proper_calls_markup_goes_and_nothing_is_made_of_it() {
    let call = proper("exec_command", "{\"cmd\":\"pwd\"}");
    for form in FORMS.iter().filter(|form| !form.is_first) {
        let leaked = text(&format!("I look.\n{}", form.two()));
        let after: Vec<Value> = [call.clone()].into_iter().chain(leaked.clone()).collect();
        let before: Vec<Value> = leaked.into_iter().chain([call.clone()]).collect();
        for deltas in [after, before] {
            let heard = hear_all(&deltas, Some("tool_calls"), Grammars::default());
            assert_eq!(heard.text.trim_end(), "I look.", "{}", form.name);
            assert_eq!(heard.calls, made("exec_command", "{\"cmd\":\"pwd\"}"), "{}", form.name);
        }
    }
}

#[test]
fn a_mark_that_was_left_before_a_proper_call_goes() {
    let mut deltas = text("I look.\n<tool_call>\n");
    deltas.push(proper("exec_command", "{}"));
    let heard = hear_all(&deltas, Some("tool_calls"), Grammars::default());
    assert_eq!((heard.text.trim_end(), heard.calls.len()), ("I look.", 1));
    let mut deltas = text(&format!("I look.\n{}", &CALL[..CALL.len() - 20]));
    deltas.push(proper("exec_command", "{}"));
    let heard = hear_all(&deltas, Some("tool_calls"), Grammars::default());
    assert_eq!((heard.text.trim_end(), heard.calls.len()), ("I look.", 1));
    let mut deltas = text("a <");
    deltas.push(proper("exec_command", "{}"));
    assert_eq!(hear_all(&deltas, Some("tool_calls"), Grammars::default()).text, "a <");
}

#[test]
fn an_answer_that_was_not_finished_makes_no_healed_call() {
    let heard = hear_all(&text(&format!("I look.\n{CALL}\nDone.")), None, Grammars::default());
    assert_eq!((heard.end, heard.calls), (End::Failed, Vec::new()));
}

#[test]
fn an_answer_that_the_limit_cut_makes_the_calls_that_are_whole() {
    let half = &CALL[..CALL.len() - 14];
    let heard = hear_all(&text(&format!("{CALL}\n{half}")), Some("length"), Grammars::default());
    assert_eq!(heard.calls, made("exec_command", "{\"cmd\":\"ls\"}"));
    assert_eq!(heard.text.trim_start(), half);
    assert_eq!(heard.end, End::Completed);
}

#[test]
fn a_healed_call_is_one_of_a_freeform_tool_or_of_a_namespace() {
    let patch = "*** Begin Patch\n*** Add File: a\n+<b>\n*** End Patch";
    let heard = hear_text(&format!(
        "<tool_call>\n<function=apply_patch>\n<parameter=input>\n{patch}\n</parameter>\n</function>\n</tool_call>"
    ));
    assert_eq!(heard.calls, made("apply_patch", patch));
    let heard =
        hear_text("<tool_call>functions.mcp__demo__echo<arg_key>words</arg_key><arg_value>a</arg_value></tool_call>");
    assert_eq!(heard.calls, made("echo", "{\"words\":\"a\"}"));
}

#[test]
fn a_name_that_carries_markup_is_cut_where_that_is_listened_for() {
    let deltas = [proper("exec_command<|channel|>commentary", "{}")];
    let heard = hear_all(&deltas, Some("tool_calls"), Grammars::default());
    assert_eq!(heard.calls, made("exec_command", "{}"));
    let heard = hear_all(&deltas, Some("tool_calls"), Grammars::none());
    assert_eq!(heard.calls, made("exec_command<|channel|>commentary", "{}"));
    let unknown = [proper("delete_all<|channel|>commentary", "{}")];
    let heard = hear_all(&unknown, Some("tool_calls"), Grammars::default());
    assert_eq!(heard.calls, made("delete_all<|channel|>commentary", "{}"));
}

#[test]
fn thoughts_in_the_text_are_thoughts_and_go_back_as_such() {
    for (open, close) in [
        ("<think>", "</think>"),
        ("<think>\n", "\n</think>\n\n"),
        ("\n<thinking>", "</thinking>\n"),
        ("<scratchpad>", "</scratchpad>"),
        ("<mm:think>", "</mm:think>"),
        ("<seed:think>", "</seed:think>"),
        ("<think:opensource>", "</think:opensource>"),
        ("<|open|>think<|sep|>", "<|close|>think<|sep|><|open|>response<|sep|>"),
        (
            "<|channel|>analysis<|message|>",
            "<|end|><|start|>assistant<|channel|>final<|message|>",
        ),
        ("<|channel>thought\n", "<channel|>"),
        ("[THINK]", "[/THINK]"),
        ("```thinking\n", "\n```\n"),
    ] {
        let heard = hear_text(&format!(
            "{open}I list `a`: {CALL} <b>{close}Here it is.\n<think> is a tag."
        ));
        assert_eq!(heard.thoughts.trim_end(), format!("I list `a`: {CALL} <b>"), "{open}");
        assert_eq!(heard.kept, heard.thoughts, "{open}");
        assert_eq!(heard.text, "Here it is.\n<think> is a tag.", "{open}");
        assert_eq!(heard.calls, [], "{open}");
    }
}

#[test]
fn a_thought_may_stand_before_a_leaked_call_and_be_empty() {
    let heard = hear_text(&format!("<think>\nI look.\n</think>\n\n{CALL}"));
    assert_eq!(
        (heard.thoughts.trim(), heard.text.as_str(), heard.calls.len()),
        ("I look.", "", 1)
    );
    let heard = hear_text("<think>\n\n</think>\n\nHello.");
    assert_eq!((heard.thoughts.as_str(), heard.text.as_str()), ("", "Hello."));
    let heard = hear_text("<think>I never end");
    assert_eq!((heard.thoughts.as_str(), heard.text.as_str()), ("I never end", ""));
}

#[test]
fn a_closing_tag_that_stands_alone_goes_where_a_machine_writes_it() {
    for (said, heard) in [
        ("I think.\n</think>\n\nHello.", "I think.\n\n\nHello."),
        ("I think.</think>\n\nHello.", "I think.\n\nHello."),
        ("</think>Hello.", "Hello."),
        ("Hello.</think>", "Hello."),
        ("The tag </think> ends it.", "The tag </think> ends it."),
        ("It ends with `</think>`\n", "It ends with `</think>`\n"),
        ("Hello.<｜end▁of▁sentence｜>", "Hello."),
        ("Hello.<|return|>", "Hello."),
        ("Hello.\n</｜DSML｜parameter>\n</｜DSML｜invoke>\n", "Hello.\n"),
        ("Hello.<|close|>response<|sep|><|close|>message<|sep|>", "Hello."),
    ] {
        assert_eq!(hear_text(said).text.trim_end(), heard.trim_end(), "{said}");
    }
}

#[test]
fn an_answer_that_begins_inside_a_thought_is_one_up_to_its_end() {
    let hear = |deltas: &[Value]| {
        let heard = hear_all(deltas, Some("stop"), with(Grammar::ThinkPrefilled));
        (heard.thoughts.trim_end().to_owned(), heard.text)
    };
    let pair = |thoughts: &str, text: &str| (thoughts.to_owned(), text.to_owned());
    assert_eq!(hear(&text("I list.\n</think>\n\nHello.")), pair("I list.", "Hello."));
    assert_eq!(
        hear(&text("<think>\nI list.\n</think>\n\nHello.")),
        pair("I list.", "Hello.")
    );
    // It never ended, so it was the answer.
    assert_eq!(hear(&text("Hello <b>.")).1, "Hello <b>.");
    // A proper call behind it says that it was a thought.
    let mut deltas = text("I list.");
    deltas.push(proper("exec_command", "{}"));
    assert_eq!(hear(&deltas), pair("I list.", ""));
    // The host takes thoughts apart itself.
    let mut deltas = vec![json!({"reasoning_content": "I list."})];
    deltas.extend(text("Hello."));
    assert_eq!(hear(&deltas), pair("I list.", "Hello."));
}

#[test]
fn calls_of_forms_that_stand_alone_are_made() {
    let ls = made("exec_command", "{\"cmd\":\"ls\"}");
    for said in [
        "[TOOL_CALLS] [{\"name\": \"exec_command\", \"arguments\": {\"cmd\": \"ls\"}}]",
        "{\"name\": \"exec_command\", \"parameters\": {\"cmd\": \"ls\"}}",
        "{\"type\": \"function\", \"name\": \"exec_command\", \"parameters\": {\"cmd\": \"ls\"}}<|eom_id|>",
        "[exec_command(cmd=\"ls\")]",
        "<|python_start|>[exec_command(cmd='ls')]<|python_end|>",
        "```tool_code\nprint(default_api.exec_command(cmd='ls'))\n```",
        "```tool_code\nexec_command(cmd=\"ls\")\n```\n",
        "<|tool_call_begin|>functions.exec_command:0<|tool_call_argument_begin|>{\"cmd\":\"ls\"}<|tool_call_end|>",
    ] {
        let heard = hear_text(said);
        assert_eq!((heard.text.trim(), heard.calls), ("", ls.clone()), "{said}");
    }
    let two = hear_text("[exec_command(cmd=\"a\\n\\\"b\\\"\"), mcp__demo__echo(words='c')]");
    assert_eq!(two.calls[0].1, json!({"cmd": "a\n\"b\""}).to_string());
    assert_eq!(two.calls[1].1, "{\"words\":\"c\"}");
}

#[test]
fn an_answer_of_json_or_with_a_link_at_its_beginning_is_one() {
    for said in [
        "{\"name\": \"exec_command\", \"parameters\": {}} is how it looks.",
        "{\"name\": \"Ada\", \"age\": 3}",
        "{\"answer\": [1, 2]}",
        "[exec_command](https://a.example) runs a command.",
        "[exec_command(cmd=\"ls\")] is how it looks.",
        "[1, 2]",
        "```json\n{\"name\": \"exec_command\", \"arguments\": {}}\n```",
        "```tool_code\nprint(1)\n```",
        "Hello. {\"name\": \"exec_command\", \"arguments\": {}}",
    ] {
        let heard = hear_text(said);
        assert_eq!((heard.text.as_str(), heard.calls.len()), (said, 0), "{said}");
    }
}

#[test]
fn a_broken_call_stays_text_and_what_follows_is_heard() {
    for broken in [
        "<tool_call>\n{\"name\": \"exec_command\", \"arguments\": {\"cmd\": }}\n</tool_call>",
        "<tool_call>\n{\"name\": \"exec_command\", \"arguments\": [1]}\n</tool_call>",
        "<function=exec_command>\nls\n</function>",
        "<｜DSML｜invoke name=\"exec_command\">\nls\n</｜DSML｜invoke>",
        "<|tool_call_begin|>functions.exec_command:0<|tool_call_argument_begin|>{broken<|tool_call_end|>",
        "<|tool_call_begin|>3<|tool_call_argument_begin|>{\"cmd\":\"ls\"}<|tool_call_end|>",
        "[TOOL_CALLS]exec_command[ARGS]{broken}",
    ] {
        let heard = hear_text(&format!("{broken}\n{CALL}"));
        assert_eq!(heard.text.trim_end(), broken);
        assert_eq!(heard.calls, made("exec_command", "{\"cmd\":\"ls\"}"), "{broken}");
    }
}

#[test]
fn a_call_inside_a_call_is_an_argument() {
    let inner = CALL.replace("ls", "rm");
    let said = format!("<function=exec_command>\n<parameter=cmd>\necho '{inner}'\n</parameter>\n</function>");
    let heard = hear_text(&said);
    assert_eq!(
        heard.calls,
        vec![(
            "exec_command".to_owned(),
            json!({"cmd": format!("echo '{inner}'")}).to_string()
        )]
    );
    // Also where the outer one cannot be made.
    let foreign = said.replace("<function=exec_command>", "<function=delete_all>");
    let heard = hear_text(&foreign);
    assert_eq!((heard.text, heard.calls), (foreign, Vec::new()));
}

#[test]
fn a_call_that_is_longer_than_is_held_stays_text() {
    let long = CALL.replace("ls", &"a".repeat(1 << 20));
    let heard = hear_all(&[json!({"content": &long})], Some("stop"), Grammars::default());
    assert_eq!((heard.text == long, heard.calls.len()), (true, 0));
    let pieces: Vec<Value> = long
        .as_bytes()
        .chunks(1 << 16)
        .map(|piece| json!({"content": String::from_utf8_lossy(piece)}))
        .collect();
    let heard = hear_all(&pieces, Some("stop"), Grammars::default());
    assert_eq!((heard.text == long, heard.calls.len()), (true, 0));
}

#[test]
fn where_no_call_is_wanted_none_is_healed_though_the_provider_cannot_be_told() {
    let dialect = Dialect {
        tool_choice: ToolChoice::Absent,
        ..Dialect::default()
    };
    let heals = |choice: &str| {
        let asked = json!({"input": "hi", "tool_choice": choice, "tools": [{"type": "function", "name": "f"}]});
        !context_of(&dialect, asked).healing.tools.is_empty()
    };
    assert!(heals("auto"));
    assert!(!heals("none"));
}

#[test]
fn an_answer_that_was_to_be_json_is_no_call() {
    let text = r#"{"name": "f", "arguments": {"cmd": "ls"}}"#;
    for (format, calls) in [("text", 1), ("json_object", 0), ("json_schema", 0)] {
        let asked = json!({
            "input": "hi",
            "text": {"format": {"type": format, "name": "answer", "schema": {"type": "object"}}},
            "tools": [{"type": "function", "name": "f"}],
        });
        let mut stream = chunk(json!({"content": text}), Value::Null);
        stream.push_str(&chunk(json!({}), json!("stop")));
        stream.push_str("data: [DONE]\n\n");
        let heard = hear(&play(
            &[stream.as_bytes()],
            context_of(&Dialect::default(), asked),
            Reader::Codex,
        ));
        assert_eq!(heard.calls.len(), calls, "{format}");
        assert_eq!(heard.text == text, calls == 0, "{format}");
    }
}

/// What the answer to this request is understood with.
fn context_of(dialect: &Dialect, asked: Value) -> Context {
    let target = Target {
        dialect,
        model: "model",
        vision: false,
        max_output: None,
        window: None,
    };
    let asked = asked.to_string();
    request(target, &serde_json::from_str(&asked).unwrap()).context
}

#[test]
fn where_nothing_is_listened_for_all_text_stays() {
    for form in FORMS {
        let said = format!("<think>a</think>{}</think>\n", form.two());
        let heard = hear_all(&text(&said), Some("stop"), Grammars::none());
        assert_eq!((heard.text, heard.calls), (said, Vec::new()));
    }
}

#[test]
fn what_real_providers_said_is_the_same_healed_unless_thoughts_leaked() {
    for recording in recordings() {
        let plain = hear(&play(&[&recording.bytes], Context::default(), Reader::Codex));
        let healed = hear(&play(&[&recording.bytes], context(Grammars::default()), Reader::Codex));
        if plain.text.trim_start().starts_with("<think>") {
            let said = plain.text.replace("<think>", "").replace("</think>", "");
            let heard = format!("{}{}", healed.thoughts, healed.text);
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            assert_eq!(letters(&heard), letters(&said), "{}", recording.id);
            assert!(!said.contains("think>"), "{}", recording.id);
        } else {
            assert_eq!(healed, plain, "{}", recording.id);
        }
    }
}

#[test]
fn only_tools_that_may_be_called_are_healed() {
    let tool = |name: &str| json!({"type": "function", "name": name, "parameters": {"type": "object"}});
    let offered = |choice: Value| {
        let body = json!({
            "model": "m",
            "tool_choice": choice,
            "tools": [tool("exec_command")],
            "input": [
                {"type": "message", "role": "user", "content": "hi"},
                {"type": "function_call", "call_id": "a", "name": "old_tool", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "a", "output": "done"},
            ],
        });
        let dialect = Dialect::default();
        let target = Target {
            dialect: &dialect,
            model: "m",
            vision: false,
            max_output: None,
            window: None,
        };
        let body = body.to_string();
        let body: responses::Request = serde_json::from_str(&body).unwrap();
        let outbound = request(target, &body);
        assert_eq!(
            outbound.body.tools.functions.len(),
            2,
            "the history's tool is declared, too"
        );
        outbound.context.healing.tools
    };
    let tools = offered(json!("auto"));
    assert_eq!(
        (tools.find("exec_command"), tools.find("old_tool")),
        (Some("exec_command"), None)
    );
    assert!(offered(json!("none")).is_empty());
}
