//! `<invoke name="f"><parameter name="p">value</parameter></invoke>`, with something before every tag's name.

use serde_json::{Map, Value};

use crate::translate::heal::cursor::{Cursor, Read, Stop};
use crate::translate::heal::decoder::{Begins, Decoder};
use crate::translate::heal::tools::{Call, Offered, Schema};

/// DeepSeek V3.2 to V4.1, on hosts whose parser is missing or misses a form: V3.2 writes `function_calls` around the
/// calls, V4 `tool_calls`, V4.1 `calls` and a blank in every tag; hosts of V4 Flash show two bars, and the bar is at
/// times ASCII's or `‖`. A parameter says by `string` whether it is text or JSON; the body of a call may be one JSON
/// object, and with two bars a parameter may be an `invoke` that closes itself (SGLang 0.5.23, codex-relay 0.6.0,
/// omp 18.2.11 #10556; GenericAgent #804, vLLM #54686, cline #13348; all read 2026-11).
///
/// Remove when the hosts of the table parse their own DSML in every form, V4.1's included.
pub const DSML: Decoder = Decoder {
    opens: &[
        "<｜DSML｜function_calls>",
        "<｜DSML｜tool_calls>",
        "<｜DSML｜invoke name=\"",
        "<｜DSML｜ calls>",
        "<｜DSML｜ invoke name=\"",
        "<｜｜DSML｜｜function_calls>",
        "<｜｜DSML｜｜tool_calls>",
        "<｜｜DSML｜｜invoke name=\"",
        "<|DSML|function_calls>",
        "<|DSML|tool_calls>",
        "<|DSML|invoke name=\"",
        "<‖DSML‖function_calls>",
        "<‖DSML‖tool_calls>",
        "<‖DSML‖invoke name=\"",
    ],
    read: |cursor, tools| first(&[&FULL_WIDTH, &SPACED, &DOUBLE, &ASCII, &PARALLEL], cursor, tools),
    closers: &[
        "</｜DSML｜function_calls>",
        "</｜DSML｜tool_calls>",
        "</｜DSML｜invoke>",
        "</｜DSML｜parameter>",
        "</｜DSML｜ calls>",
        "</｜DSML｜ invoke>",
        "</｜DSML｜ parameter>",
        "</｜｜DSML｜｜function_calls>",
        "</｜｜DSML｜｜tool_calls>",
        "</｜｜DSML｜｜invoke>",
        "</｜｜DSML｜｜parameter>",
        "</|DSML|function_calls>",
        "</|DSML|tool_calls>",
        "</|DSML|invoke>",
        "</|DSML|parameter>",
        "</‖DSML‖function_calls>",
        "</‖DSML‖tool_calls>",
        "</‖DSML‖invoke>",
        "</‖DSML‖parameter>",
    ],
    ..Decoder::NOTHING
};

/// MiniMax M2, on hosts without its parser (SGLang 0.5.23, omp 18.2.11, read 2026-11).
///
/// Remove when no host of the table serves M2 without its parser.
pub const LISTED: Decoder = Decoder {
    opens: &["<minimax:tool_call>", "<invoke name=\""],
    read: |cursor, tools| first(&[&MINIMAX], cursor, tools),
    closers: &["</minimax:tool_call>", "</invoke>", "</parameter>"],
    ..Decoder::NOTHING
};

/// Step 3, on hosts without its parser (SGLang 0.5.23, read 2026-11).
///
/// Remove when no host of the table serves Step without its parser.
pub const STEPPED: Decoder = Decoder {
    opens: &[
        "<｜tool_calls_begin｜>",
        "<｜tool_call_begin｜>",
        "<steptml:invoke name=\"",
    ],
    read: |cursor, tools| first(&[&STEP], cursor, tools),
    closers: &[
        "<｜tool_calls_end｜>",
        "<｜tool_call_end｜>",
        "</steptml:invoke>",
        "</steptml:parameter>",
    ],
    ..Decoder::NOTHING
};

/// Muse, which writes so whatever a host asks of it (SGLang 0.5.23, read 2026-11).
///
/// Remove when no host of the table serves Muse without its parser.
pub const PREFIXED: Decoder = Decoder {
    opens: &["<atem:function_calls>", "<atem:invoke name=\""],
    begins: Begins::Anywhere,
    read: |cursor, tools| first(&[&MUSE], cursor, tools),
    closers: &["</atem:function_calls>", "</atem:invoke>", "</atem:parameter>"],
    ..Decoder::NOTHING
};

/// The tags of one form.
struct Tags {
    /// What may stand before a call, in order.
    lead: &'static [&'static [&'static str]],
    invoke: &'static str,
    invoke_end: &'static str,
    parameter: &'static str,
    parameter_end: &'static str,
}

macro_rules! tags {
    ($before:literal, $lead:expr) => {
        Tags {
            lead: $lead,
            invoke: concat!("<", $before, "invoke name=\""),
            invoke_end: concat!("</", $before, "invoke>"),
            parameter: concat!("<", $before, "parameter name=\""),
            parameter_end: concat!("</", $before, "parameter>"),
        }
    };
}

const FULL_WIDTH: Tags = tags!("｜DSML｜", &[&["<｜DSML｜function_calls>", "<｜DSML｜tool_calls>"]]);
const SPACED: Tags = tags!("｜DSML｜ ", &[&["<｜DSML｜ calls>"]]);
const DOUBLE: Tags = tags!(
    "｜｜DSML｜｜",
    &[&["<｜｜DSML｜｜function_calls>", "<｜｜DSML｜｜tool_calls>"]]
);
const ASCII: Tags = tags!("|DSML|", &[&["<|DSML|function_calls>", "<|DSML|tool_calls>"]]);
const PARALLEL: Tags = tags!("‖DSML‖", &[&["<‖DSML‖function_calls>", "<‖DSML‖tool_calls>"]]);
const MINIMAX: Tags = tags!("", &[&["<minimax:tool_call>"]]);
const MUSE: Tags = tags!("atem:", &[&["<atem:function_calls>"]]);
const STEP: Tags = tags!(
    "steptml:",
    &[
        &["<｜tool_calls_begin｜>"],
        &["<｜tool_call_begin｜>function<｜tool_sep｜>"]
    ]
);

/// Reads a call in whichever of the forms it is.
fn first(forms: &[&Tags], cursor: &mut Cursor<'_>, tools: &Offered) -> Read<Vec<Call>> {
    let mut told = Stop::No;
    for tags in forms {
        let mut attempt = cursor.clone();
        match tags.call(&mut attempt, tools) {
            Ok(call) => {
                *cursor = attempt;
                return Ok(vec![call]);
            }
            Err(Stop::No) => {}
            Err(stop) => told = stop,
        }
    }
    Err(told)
}

impl Tags {
    fn call(&self, cursor: &mut Cursor<'_>, tools: &Offered) -> Read<Call> {
        for marks in self.lead {
            if cursor.any(marks)?.is_some() {
                cursor.space()?;
            }
        }
        cursor.literal(self.invoke)?;
        let written = cursor.name()?;
        cursor.literal("\">")?;
        let tool = tools.find(written).ok_or(Stop::Foreign(self.invoke_end))?;
        let arguments = self.body(cursor, tools.schema(tool));
        let arguments = arguments.map_err(|stop| stop.inside(self.invoke_end))?;
        Ok(Call::new(tool, &arguments))
    }

    fn body(&self, cursor: &mut Cursor<'_>, schema: Schema<'_>) -> Read<Map<String, Value>> {
        let mut arguments = Map::new();
        cursor.space()?;
        if cursor.sees("{")? {
            arguments = cursor.object()?;
            cursor.space()?;
        }
        while !cursor.takes(self.invoke_end)? {
            let is_parameter = cursor.takes(self.parameter)?;
            if !is_parameter {
                cursor.literal(self.invoke)?;
            }
            let key = cursor.until("\"")?;
            let value = if is_parameter {
                self.parameter(cursor, schema.field(key))?
            } else {
                cursor.literal(" string=\"")?;
                schema
                    .field(key)
                    .coerced(Value::String(cursor.until("\" />")?.to_owned()))
            };
            arguments.insert(key.to_owned(), value);
            cursor.space()?;
        }
        Ok(arguments)
    }

    /// The value of a parameter, from behind its name.
    fn parameter(&self, cursor: &mut Cursor<'_>, schema: Schema<'_>) -> Read<Value> {
        let said = cursor
            .any(&[" string=\"true\">", " string=\"false\">", ">"])?
            .ok_or(Stop::No)?;
        let text = cursor.until(self.parameter_end)?;
        Ok(match said {
            0 => schema.coerced(Value::String(text.to_owned())),
            1 => serde_json::from_str(text.trim()).unwrap_or_else(|_| schema.value(text)),
            _ => schema.value(text),
        })
    }
}
