//! The list. Each behaviour plays with the stage, and panics when Codex does not hear what it should; what the mock
//! refuses is seen by the caller.

use std::pin::Pin;
use std::time::SystemTime;

use crelay::upstream::{Class, Failure};
use serde_json::{Value, json};

use super::codex::{LONG_DESCRIPTION, LONG_NAME, LONG_SERVER, demanding_tools, long_tools};
use super::matrix::Cell;
use super::stage::Stage;
use crate::kit::rules::{Rules, Search, Spent, Thinks, Values};
use crate::kit::{Turn, call, calls, given, reasoning, refuse_with, text};

pub struct Behaviour {
    pub name: &'static str,
    pub act: for<'a> fn(&'a Stage) -> Pin<Box<dyn Future<Output = Cell> + 'a>>,
}

/// In the order in which they are played and printed.
pub const ALL: &[Behaviour] = &[
    Behaviour {
        name: "text",
        act: |stage| Box::pin(says_text(stage)),
    },
    Behaviour {
        name: "reasoning",
        act: |stage| Box::pin(thinks(stage)),
    },
    Behaviour {
        name: "tools",
        act: |stage| Box::pin(calls_a_tool(stage)),
    },
    Behaviour {
        name: "parallel tools",
        act: |stage| Box::pin(calls_three(stage)),
    },
    Behaviour {
        name: "replay",
        act: |stage| Box::pin(replays(stage)),
    },
    Behaviour {
        name: "instructions",
        act: |stage| Box::pin(is_instructed(stage)),
    },
    Behaviour {
        name: "image",
        act: |stage| Box::pin(sees_the_users_image(stage)),
    },
    Behaviour {
        name: "tool image",
        act: |stage| Box::pin(sees_a_tools_image(stage)),
    },
    Behaviour {
        name: "schema",
        act: |stage| Box::pin(takes_schemas(stage)),
    },
    Behaviour {
        name: "effort ladder",
        act: |stage| Box::pin(climbs(stage)),
    },
    Behaviour {
        name: "forced choice",
        act: |stage| Box::pin(is_forced(stage)),
    },
    Behaviour {
        name: "long tool names",
        act: |stage| Box::pin(calls_by_long_names(stage)),
    },
    Behaviour {
        name: "answer format",
        act: |stage| Box::pin(answers_in_form(stage)),
    },
    Behaviour {
        name: "limit",
        act: |stage| Box::pin(is_limited(stage)),
    },
    Behaviour {
        name: "cut by length",
        act: |stage| Box::pin(is_cut_by_length(stage)),
    },
    Behaviour {
        name: "web search",
        act: |stage| Box::pin(searches(stage)),
    },
    Behaviour {
        name: "errors",
        act: |stage| Box::pin(fails(stage)),
    },
    Behaviour {
        name: "errors in the stream",
        act: |stage| Box::pin(fails_in_the_middle(stage)),
    },
];

/// Ways in which a choice is forced.
const FORCED: [&str; 3] = ["required", "any", "function"];

/// Providers whose mock takes a forced choice only because nobody says that it is refused: crelay leaves it to the
/// model.
const UNFORCED: [&str; 16] = [
    "byteplus",
    "cerebras",
    "minimax",
    "minimax-cn",
    "opencode-go",
    "opencode-zen",
    "qianfan",
    "stepfun",
    "stepfun-cn",
    "stepfun-plan",
    "tencent",
    "tencent-coding-plan",
    "tencent-intl",
    "tencent-token-plan",
    "volcengine",
    "volcengine-coding-plan",
];

/// Models that do not search although their provider does: one would have to stop thinking, the other is too old.
const UNSEARCHED: [&str; 2] = ["kimi-k2.6", "qwen3-coder-plus"];

const WORDS: &str = "Grüße, \"world\" 🌍\nand `code` & <b>tags</b>.";

const PIXEL: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

fn echo(word: &str) -> Turn {
    calls([call("exec_command", json!({"cmd": format!("echo {word}")}))])
}

async fn says_text(stage: &Stage) -> Cell {
    let mut talk = stage.talk("text", vec![text(WORDS)]);
    let heard = talk.ask().await.well();
    assert_eq!(heard.text(), WORDS);
    let usage = &heard.end()["response"]["usage"];
    assert!(
        usage["input_tokens"].as_u64().is_some_and(|tokens| tokens > 100),
        "{usage}"
    );
    assert!(
        usage["output_tokens"].as_u64().is_some_and(|tokens| tokens > 0),
        "{usage}"
    );
    Cell::Good
}

async fn thinks(stage: &Stage) -> Cell {
    let voice = stage.rules().voice;
    if voice.thinks == Thinks::Silent {
        return Cell::Without;
    }
    let thought = "First this, then that; and \"more\" of it, for a while.";
    let turns = vec![
        reasoning(thought).then_text("The first <b>answer</b>."),
        reasoning(thought).then_text("Again."),
    ];
    let mut talk = stage.talk("reasoning", turns);
    let heard = talk.ask().await.well();
    assert_eq!(heard.thoughts(), thought);
    assert_eq!(heard.text(), "The first <b>answer</b>.");
    talk.say("And then?");
    let heard = talk.ask().await.well();
    let usage = &heard.end()["response"]["usage"];
    let cached = usage["input_tokens_details"]["cached_tokens"]
        .as_u64()
        .unwrap_or_default();
    assert_eq!(cached > 0, !voice.cached.is_empty(), "cached tokens: {usage}");
    let spent = usage["output_tokens_details"]["reasoning_tokens"]
        .as_u64()
        .unwrap_or_default();
    if voice.spent == Spent::Detailed {
        assert!(
            spent > 0 && spent <= usage["output_tokens"].as_u64().unwrap(),
            "{usage}"
        );
    }
    Cell::Good
}

async fn calls_a_tool(stage: &Stage) -> Cell {
    let patch = "*** Begin Patch\n*** Add File: new.txt\n+new\n*** End Patch";
    let turns = vec![
        echo("here"),
        calls([call("apply_patch", json!({"input": patch}))]),
        calls([call("mcp__demo__echo", json!({"text": "through"}))]),
        text("Done."),
    ];
    let mut talk = stage.talk("tools", turns);
    let heard = talk.ask().await.well();
    let [called] = heard.calls()[..] else {
        panic!("{:#?}", heard.items)
    };
    assert_eq!(called["name"], "exec_command");
    assert_eq!(json_of(&called["arguments"]), json!({"cmd": "echo here"}));
    talk.answer(called, "here");
    let heard = talk.ask().await.well();
    let [called] = heard.calls()[..] else {
        panic!("{:#?}", heard.items)
    };
    assert_eq!(
        (&called["type"], &called["input"]),
        (&json!("custom_tool_call"), &json!(patch))
    );
    talk.answer(called, "Success.");
    let heard = talk.ask().await.well();
    let [called] = heard.calls()[..] else {
        panic!("{:#?}", heard.items)
    };
    assert_eq!(
        (&called["namespace"], &called["name"]),
        (&json!("mcp__demo"), &json!("echo"))
    );
    talk.answer(
        called,
        json!([{"type": "input_text", "text": "Wall time: 1 s"}, {"type": "input_text", "text": "through"}]),
    );
    assert_eq!(talk.ask().await.well().text(), "Done.");
    Cell::Good
}

fn json_of(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap()).unwrap()
}

async fn calls_three(stage: &Stage) -> Cell {
    let command = |word: &str| call("exec_command", json!({"cmd": word}));
    let turns = vec![
        reasoning("All at once.")
            .then_text("Three.")
            .then_calls([command("a"), command("b"), command("c")]),
        text("Done."),
        text("Yes."),
    ];
    let mut talk = stage.talk("parallel tools", turns);
    let heard = talk.ask().await.well();
    let made: Vec<Value> = heard
        .calls()
        .into_iter()
        .map(|call| json_of(&call["arguments"])["cmd"].clone())
        .collect();
    assert_eq!(made, ["a", "b", "c"]);
    // Codex answers in the order in which the tools end.
    for index in [2, 0, 1] {
        talk.answer(heard.calls()[index], "done");
    }
    // A user may speak before the model has said what it makes of the answers.
    talk.say("Really?");
    talk.ask().await.well();
    talk.say("Sure?");
    assert_eq!(talk.ask().await.well().text(), "Yes.");
    Cell::Good
}

async fn replays(stage: &Stage) -> Cell {
    let turns = vec![
        reasoning("Where am I?")
            .then_text("I look.")
            .then_calls([call("exec_command", json!({"cmd": "pwd"})), call("get_goal", json!({}))]),
        reasoning("Once \"more\".").then_calls([call("exec_command", json!({"cmd": "ls"}))]),
        echo("without a thought"),
        reasoning("That is all.").then_text("Seen."),
        reasoning("Again?").then_calls([call("exec_command", json!({"cmd": "ls -l"}))]),
        reasoning("Nothing new.").then_text("Seen again."),
    ];
    let mut talk = stage.talk("replay", turns);
    for word in ["Seen.", "Seen again."] {
        loop {
            let heard = talk.ask().await.well();
            if heard.calls().is_empty() {
                assert_eq!(heard.text(), word);
                break;
            }
            for call in heard.calls() {
                talk.answer(call, "Some output.");
            }
        }
        talk.say("Look again.");
    }
    Cell::Good
}

async fn is_instructed(stage: &Stage) -> Cell {
    let mut talk = stage.talk("instructions", vec![text("One."), text("Two."), text("Three.")]);
    talk.ask().await.well();
    let told =
        |text: &str| json!({"type": "message", "role": "developer", "content": [{"type": "input_text", "text": text}]});
    talk.input.push(told("<model_switch>Be brief.</model_switch>"));
    talk.say("Go on.");
    talk.ask().await.well();
    talk.say("And on.");
    talk.input.push(told("Now be verbose."));
    assert_eq!(talk.ask().await.well().text(), "Three.");
    let sent = stage.last().body["messages"].to_string();
    assert!(sent.contains("Be brief.") && sent.contains("Now be verbose."), "{sent}");
    Cell::Good
}

/// Nothing is searched with an index in mind that only OpenAI has; live search is asked for where there is one.
async fn searches(stage: &Stage) -> Cell {
    let mut asked = Vec::new();
    for is_live in [false, true] {
        // Whoever turns it on begins anew: the tools of a conversation stay as they were.
        stage.forget("web search");
        let mut talk = stage.talk("web search", vec![text("Found."), text("Found more.")]);
        let tool = json!({"type": "web_search", "external_web_access": is_live});
        talk.request["tools"].as_array_mut().unwrap().push(tool);
        talk.ask().await.well();
        talk.say("And more?");
        assert_eq!(talk.ask().await.well().text(), "Found more.");
        let mut body = stage.last().body;
        let request = body.as_object_mut().unwrap();
        request.retain(|name, _| !["messages", "input"].contains(&name.as_str()));
        asked.push(body);
    }
    let Rules { search, model, .. } = stage.rules();
    let can_search = *search != Search::None && !UNSEARCHED.contains(model);
    assert_eq!(asked[0] != asked[1], can_search, "{:#}", asked[1]);
    if can_search { Cell::Good } else { Cell::Without }
}

async fn sees_the_users_image(stage: &Stage) -> Cell {
    assert_eq!(stage.vision, stage.rules().vision, "whether it sees images");
    let mut talk = stage.talk("image", vec![text("Red."), text("Still red.")]);
    let image = json!({"type": "input_image", "image_url": PIXEL, "detail": "high"});
    talk.input.push(super::codex::user(
        json!([{"type": "input_text", "text": "What is it?"}, image]),
    ));
    talk.ask().await.well();
    assert_eq!(stage.last().body.to_string().contains("iVBORw0KGgo"), stage.vision);
    talk.say("And now?");
    talk.ask().await.well();
    Cell::Good
}

async fn sees_a_tools_image(stage: &Stage) -> Cell {
    let looks = [
        call("view_image", json!({"path": "a.png"})),
        call("exec_command", json!({"cmd": "ls"})),
    ];
    let mut talk = stage.talk("tool image", vec![calls(looks), text("Red."), text("Yes.")]);
    let heard = talk.ask().await.well();
    let [image, listing] = heard.calls()[..] else {
        panic!("{:#?}", heard.items)
    };
    talk.answer(image, json!([{"type": "input_image", "image_url": PIXEL}]));
    talk.answer(listing, "a.png");
    talk.ask().await.well();
    assert_eq!(stage.last().body.to_string().contains("iVBORw0KGgo"), stage.vision);
    talk.say("Sure?");
    assert_eq!(talk.ask().await.well().text(), "Yes.");
    Cell::Good
}

async fn takes_schemas(stage: &Stage) -> Cell {
    let arguments = json!({"kind": "file", "level": 2});
    let turns = vec![
        calls([call("mcp__demanding__constants", arguments.clone())]),
        text("Done."),
    ];
    let mut talk = stage.talk("schema", turns);
    talk.request["tools"].as_array_mut().unwrap().push(demanding_tools());
    let heard = talk.ask().await.well();
    let [called] = heard.calls()[..] else {
        panic!("{:#?}", heard.items)
    };
    assert_eq!(called["namespace"], "mcp__demanding");
    assert_eq!(json_of(&called["arguments"]), arguments);
    talk.answer(called, "done");
    talk.ask().await.well();
    Cell::Good
}

/// Every wish of Codex is one that the provider takes; more is never asked for by a lower wish, and a ladder of several
/// steps has several.
async fn climbs(stage: &Stage) -> Cell {
    let wishes = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
    let mut talk = stage.talk("effort ladder", wishes.iter().map(|wish| text(wish)).collect());
    let mut sent = Vec::new();
    for wish in wishes {
        talk.request["reasoning"]["effort"] = json!(wish);
        talk.ask().await.well();
        talk.say("And now harder.");
        let body = stage.last().body;
        let step = [&body["reasoning_effort"], &body["reasoning"]["effort"]]
            .into_iter()
            .find_map(|step| step.as_str());
        sent.push(step.map(str::to_owned));
    }
    talk.request["reasoning"] = json!({"summary": "auto"});
    let steps: Vec<usize> = sent
        .iter()
        .flatten()
        .filter_map(|step| wishes.iter().position(|wish| wish == step))
        .collect();
    assert!(steps.is_sorted(), "{sent:?}");
    let rules = stage.rules();
    let has_knob = rules
        .knobs
        .iter()
        .any(|(_, values)| [Values::Efforts, Values::EffortsOrNone].contains(values));
    if has_knob {
        let steps: Vec<&str> = rules
            .efforts
            .iter()
            .copied()
            .filter(|step| wishes[1..].contains(step))
            .collect();
        let ends = [steps.first(), steps.last()];
        let reached = ends
            .iter()
            .flatten()
            .all(|end| sent.iter().flatten().any(|step| step == *end));
        assert!(reached, "of {:?} only {sent:?} are asked for", rules.efforts);
    }
    Cell::Good
}

async fn is_forced(stage: &Stage) -> Cell {
    let named = json!({"type": "function", "name": "exec_command"});
    for choice in [json!("required"), named] {
        // A choice may narrow the tools, so each has a thread of its own.
        let mut talk = stage.talk("forced choice", vec![echo("this")]);
        talk.request["tool_choice"] = choice;
        assert_eq!(talk.ask().await.well().calls().len(), 1);
        let Rules { name, tool_choices, .. } = stage.rules();
        let is_taken = tool_choices.iter().any(|form| FORCED.contains(form));
        let is_spared = name.is_some_and(|name| UNFORCED.contains(&name));
        let sent = &stage.last().body["tool_choice"];
        assert_eq!(sent.is_null(), !is_taken || is_spared, "{sent}");
        stage.forget("forced choice");
    }
    let mut talk = stage.talk("forced choice", vec![text("None.")]);
    talk.request["tool_choice"] = json!("none");
    assert_eq!(talk.ask().await.well().text(), "None.");
    Cell::Good
}

async fn calls_by_long_names(stage: &Stage) -> Cell {
    let call_the_long_one = given(|request| {
        let tools = request.body["tools"].as_array().into_iter().flatten();
        let mut ours = tools.filter(|tool| tool["function"]["description"] == LONG_DESCRIPTION);
        let name = ours.next().unwrap()["function"]["name"].as_str().unwrap();
        calls([call(name, json!({}))])
    });
    let mut talk = stage.talk("long tool names", vec![call_the_long_one, text("Done.")]);
    talk.request["tools"].as_array_mut().unwrap().push(long_tools());
    let heard = talk.ask().await.well();
    assert_eq!(stage.last().tool_names().len(), 10, "{:?}", stage.last().tool_names());
    let [called] = heard.calls()[..] else {
        panic!("{:#?}", heard.items)
    };
    assert_eq!(
        (&called["namespace"], &called["name"]),
        (&json!(LONG_SERVER), &json!(LONG_NAME))
    );
    talk.answer(called, "done");
    talk.ask().await.well();
    Cell::Good
}

async fn answers_in_form(stage: &Stage) -> Cell {
    let schema = json!({"type": "object", "properties": {"sum": {"type": "number"}}, "required": ["sum"], "additionalProperties": false});
    let format =
        json!({"format": {"type": "json_schema", "strict": true, "schema": schema, "name": "codex_output_schema"}});
    let mut talk = stage.talk("answer format", vec![echo("1 + 1"), text(r#"{"sum":2}"#)]);
    talk.request["text"] = format.clone();
    let heard = talk.ask().await.well();
    talk.answer(heard.calls()[0], "2");
    assert_eq!(talk.ask().await.well().text(), r#"{"sum":2}"#);
    assert!(stage.last().body.to_string().contains("sum"));
    stage.forget("answer format");
    // The TUI's titles come without tools.
    let mut talk = stage.talk("answer format", vec![text(r#"{"sum":3}"#)]);
    talk.request["text"] = format;
    talk.request["tools"] = json!([]);
    assert_eq!(talk.ask().await.well().text(), r#"{"sum":3}"#);
    Cell::Good
}

async fn is_limited(stage: &Stage) -> Cell {
    let mut talk = stage.talk("limit", vec![text("Short."), text("Long.")]);
    talk.request["max_output_tokens"] = json!(200);
    talk.ask().await.well();
    let body = stage.last().body;
    let limit = stage.rules().limits.iter().find_map(|name| body[*name].as_u64());
    assert_eq!(limit, Some(200));
    talk.request["max_output_tokens"] = json!(100_000_000);
    talk.say("More.");
    talk.ask().await.well();
    Cell::Good
}

/// What was cut off is not done, and that it was is said.
async fn is_cut_by_length(stage: &Stage) -> Cell {
    let command = |cmd: &str| call("exec_command", json!({"cmd": cmd}));
    let two = text("I begin.").then_calls([command("ls"), command("echo and so on")]);
    let mut talk = stage.talk("cut by length", vec![two.cut_by_length()]);
    let heard = talk.ask().await;
    let [called] = heard.calls()[..] else {
        panic!("{:#?}", heard.items)
    };
    assert_eq!(json_of(&called["arguments"])["cmd"], "ls");
    stage.forget("cut by length");
    let mut talk = stage.talk("cut by length", vec![text("I begin to say").cut_by_length()]);
    let heard = talk.ask().await;
    // Codex asks for the rest of what did not end its turn.
    let end = heard.end();
    let goes_on = end["response"]["end_turn"] == false;
    assert!(goes_on || end["type"] == "response.incomplete", "{end:#}");
    Cell::Good
}

/// What Codex must be told of each class, by which it decides what to do.
fn code(class: Class, status: u16) -> &'static str {
    match class {
        Class::Overflow => "context_length_exceeded",
        Class::RateLimit | Class::Overloaded => "rate_limit_exceeded",
        Class::Server if status >= 500 => "rate_limit_exceeded",
        Class::Server => "server_error",
        _ => "invalid_prompt",
    }
}

async fn fails(stage: &Stage) -> Cell {
    let mut wrong = Vec::new();
    for trouble in stage.rules().troubles() {
        let (status, body) = (trouble.status, trouble.body);
        let headers = reqwest::header::HeaderMap::new();
        let failure = Failure::of_status(stage.codes, status, &headers, body.as_bytes(), SystemTime::UNIX_EPOCH);
        if failure.class != trouble.class {
            wrong.push(format!(
                "{:?} was taken for {:?}: {status} {body}",
                trouble.class, failure.class
            ));
            continue;
        }
        // The first of a thread that is too long is told as an answer whose counts say so: Codex sums up then.
        let refusals = 1 + usize::from(trouble.class == Class::Overflow);
        let mut talk = stage.talk("errors", vec![refuse_with(status, body); refusals]);
        for _ in 1..refusals {
            talk.fail().await;
        }
        let (heard, words) = talk.fail().await;
        let is_status = heard.parse::<u16>().is_ok();
        if !is_status && heard != code(trouble.class, status) || words.is_empty() {
            wrong.push(format!("{:?} was told as {heard}: {words}", trouble.class));
        }
        stage.forget("errors");
    }
    if wrong.is_empty() {
        Cell::Good
    } else {
        Cell::Bad(wrong.join("\n    "))
    }
}

/// A request that began well and breaks with the provider's own error in a chunk.
async fn fails_in_the_middle(stage: &Stage) -> Cell {
    let mut wrong = Vec::new();
    let breaking = stage
        .rules()
        .troubles()
        .filter(|trouble| [Class::RateLimit, Class::Overloaded, Class::Server].contains(&trouble.class));
    for trouble in breaking {
        let turn = text("I begin.").broken_by(trouble.body);
        let mut talk = stage.talk("errors in the stream", vec![turn]);
        let (heard, words) = talk.fail().await;
        if !["rate_limit_exceeded", "server_error"].contains(&heard.as_str()) || words.is_empty() {
            wrong.push(format!(
                "{:?} was told as {heard}: {words} ({})",
                trouble.class, trouble.body
            ));
        }
        stage.forget("errors in the stream");
    }
    if wrong.is_empty() {
        Cell::Good
    } else {
        Cell::Bad(wrong.join("\n    "))
    }
}
