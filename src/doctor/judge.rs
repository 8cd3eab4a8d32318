//! What follows from what was heard.

use std::time::Duration;

use serde_json::Value;

use super::ask::{Probe, TOOL, WORD};
use super::check::{Check, Finding};
use super::heard::{End, Heard};
use super::image;

/// So much of the time that a check may take is slow for a first word.
const SLOW: u32 = 4;

impl Probe<'_> {
    /// What `heard` tells of whoever was asked this and may take `limit` for it.
    #[must_use]
    pub fn judge(self, heard: &Heard, limit: Duration) -> Finding {
        let check = self.check();
        let finding = unfinished(check, heard, limit).unwrap_or_else(|| match self {
            Self::Streaming => streaming(heard, limit),
            Self::ToolCall => tool_call(heard),
            Self::ToolResult(before) => tool_result(before, heard),
            Self::ParallelCalls => parallel_calls(heard),
            Self::Image => image(heard),
            Self::JsonSchema => json_schema(heard),
        });
        finding.after(heard.whole)
    }
}

/// What is no longer than this may come in one piece.
const SHORT: usize = 16;

/// Without these a session comes to nothing.
fn is_needed(check: Check) -> bool {
    matches!(check, Check::Streaming | Check::ToolCall | Check::ToolResult)
}

/// A finding about an answer that did not come to its end.
fn unfinished(check: Check, heard: &Heard, limit: Duration) -> Option<Finding> {
    let (words, hint, passes) = match &heard.end {
        End::Completed => return None,
        End::Failed { words, passes } => {
            let hint = match passes {
                true => "it may pass: run this again in a while",
                false => without(check),
            };
            (words.clone(), hint, *passes)
        }
        End::Incomplete(reason) if reason.is_empty() => {
            ("the answer was not finished".to_owned(), without(check), false)
        }
        End::Incomplete(reason) => (format!("the answer was not finished: {reason}"), without(check), false),
        End::Late => {
            let words = format!("no whole answer in {} s", limit.as_secs());
            (
                words,
                "wait longer with `--timeout`, or choose another model with `-m`",
                true,
            )
        }
        End::Cut => ("the answer broke off".to_owned(), "run this again", true),
    };
    let finding = match (is_needed(check), passes) {
        (true, _) => check.failed(words),
        // It says nothing of what was to be looked at.
        (false, true) => check.unchecked(words),
        (false, false) => check.warned(words),
    };
    Some(if hint.is_empty() { finding } else { finding.hint(hint) })
}

/// How to live with what is not there.
fn without(check: Check) -> &'static str {
    match check {
        Check::ToolCall | Check::ToolResult => "Codex can do nothing without its tools: choose another model with `-m`",
        Check::ParallelCalls => "sessions work, one call after the other",
        Check::Image => "sessions work without images; another model may see them: `-m`",
        Check::JsonSchema => "sessions work; only `--output-schema` does not",
        // The provider's words end with what helps.
        _ => "",
    }
}

fn streaming(heard: &Heard, limit: Duration) -> Finding {
    let check = Check::Streaming;
    if heard.text.trim().is_empty() && !heard.calls().is_empty() {
        return check.warned("it called a tool instead of answering");
    }
    let Some(first) = heard.first.filter(|_| !heard.text.trim().is_empty()) else {
        return check
            .failed("the answer was empty")
            .hint("choose another model with `-m`");
    };
    if heard.pieces < 2 && heard.text.trim().len() > SHORT {
        let words = format!("the answer came in one piece after {}", seconds(first));
        let hint = "sessions work, but each answer shows only when it is whole; something between may hold it back";
        return check.warned(words).hint(hint);
    }
    let words = format!(
        "first word after {}, all after {}",
        seconds(first),
        seconds(heard.whole)
    );
    if first > limit / SLOW {
        return check
            .warned(words)
            .hint("each turn begins as slowly; another model may be quicker: `-m`");
    }
    check.passed(words)
}

fn seconds(time: Duration) -> String {
    let digits = if time < Duration::from_secs(1) { 2 } else { 1 };
    format!("{:.digits$} s", time.as_secs_f64())
}

fn tool_call(heard: &Heard) -> Finding {
    let check = Check::ToolCall;
    let calls = heard.calls();
    let Some(call) = calls.first() else {
        return check.failed("the model spoke and called nothing").hint(without(check));
    };
    match serde_json::from_str::<Value>(&call.arguments) {
        _ if call.name != TOOL => check
            .failed(format!("the model called `{}`, which was not offered", call.name))
            .hint(without(check)),
        Ok(Value::Object(arguments)) if arguments.get("name").is_some_and(|name| name == "north") => {
            check.passed("the tool was called as asked")
        }
        Ok(Value::Object(_)) => check
            .warned("the tool was called with other arguments than asked")
            .hint("the model may mistake what it is told; another may be better: `-m`"),
        _ => check
            .failed("the arguments of the call are no JSON object")
            .hint(without(check)),
    }
}

fn tool_result(before: &Heard, heard: &Heard) -> Finding {
    let check = Check::ToolResult;
    if !heard.text.contains(WORD) {
        let hint = "the model may overlook what tools say; another may be better: `-m`";
        return check.warned("the answer does not hold what the tool said").hint(hint);
    }
    check.passed(match before.has_reasoning() {
        true => "it was read, and the reasoning before it was taken back",
        false => "it was read; there was no reasoning to send back",
    })
}

fn parallel_calls(heard: &Heard) -> Finding {
    let check = Check::ParallelCalls;
    match heard.calls().len() {
        0 => check.warned("the model spoke and called nothing").hint(without(check)),
        1 => check
            .warned("one call came where two were asked for")
            .hint(without(check)),
        calls => check.passed(format!("{calls} calls came in one answer")),
    }
}

fn image(heard: &Heard) -> Finding {
    let check = Check::Image;
    match heard.text.to_lowercase().contains(image::COLOUR) {
        true => check.passed("it was seen"),
        false => check
            .warned("the answer does not tell what the image shows")
            .hint(without(check)),
    }
}

fn json_schema(heard: &Heard) -> Finding {
    let check = Check::JsonSchema;
    let followed = match serde_json::from_str::<Value>(heard.text.trim()) {
        Ok(Value::Object(answer)) => {
            answer.len() == 2
                && answer.get("animal").is_some_and(Value::is_string)
                && answer.get("legs").is_some_and(|legs| legs.is_i64() || legs.is_u64())
        }
        _ => false,
    };
    match followed {
        true => check.passed("the answer follows it"),
        false => check.warned("the answer does not follow it").hint(without(check)),
    }
}

#[cfg(test)]
mod tests;
