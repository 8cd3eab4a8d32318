//! `<tool_call>f<arg_key>k</arg_key><arg_value>v</arg_value></tool_call>`.

use serde_json::{Map, Value};

use crate::translate::heal::cursor::{Cursor, Read, Stop};
use crate::translate::heal::decoder::Decoder;
use crate::translate::heal::tools::{Call, Offered, Schema};

/// GLM from 4.5 on, and Poolside's models: 4.5 and 4.6 put the parts on lines of their own, at times with `\n` in two
/// characters (SGLang 0.5.23, omp 18.2.11, read 2026-11).
///
/// Remove when no host of the table serves GLM without its parser.
pub const PLAIN: Decoder = Decoder {
    opens: &["<tool_call>"],
    read: |cursor, tools| PLAIN_TAGS.call(cursor, tools).map(|call| vec![call]),
    closers: &["</tool_call>", "</arg_value>"],
    ..Decoder::NOTHING
};

/// Hunyuan 3, on hosts without its parser; its tags may end in `:opensource` (SGLang 0.5.23, read 2026-11).
///
/// Remove when no host of the table serves Hunyuan without its parser.
pub const SEPARATED: Decoder = Decoder {
    opens: &[
        "<tool_calls>",
        "<tool_call>",
        "<tool_calls:opensource>",
        "<tool_call:opensource>",
    ],
    read: |cursor, tools| {
        let tags = if cursor.rest().starts_with("<tool_calls:") || cursor.rest().starts_with("<tool_call:") {
            &OPEN_TAGS
        } else {
            &SEPARATED_TAGS
        };
        tags.call(cursor, tools).map(|call| vec![call])
    },
    closers: &[
        "</tool_calls>",
        "</tool_call>",
        "</tool_calls:opensource>",
        "</tool_call:opensource>",
    ],
    thoughts: &[("<think:opensource>", "</think:opensource>")],
    ..Decoder::NOTHING
};

struct Tags {
    list: Option<&'static str>,
    call: &'static str,
    call_end: &'static str,
    separator: Option<&'static str>,
    key: &'static str,
    key_end: &'static str,
    value: &'static str,
    value_end: &'static str,
}

const PLAIN_TAGS: Tags = Tags {
    list: None,
    call: "<tool_call>",
    call_end: "</tool_call>",
    separator: None,
    key: "<arg_key>",
    key_end: "</arg_key>",
    value: "<arg_value>",
    value_end: "</arg_value>",
};

const SEPARATED_TAGS: Tags = Tags {
    list: Some("<tool_calls>"),
    separator: Some("<tool_sep>"),
    ..PLAIN_TAGS
};

const OPEN_TAGS: Tags = Tags {
    list: Some("<tool_calls:opensource>"),
    call: "<tool_call:opensource>",
    call_end: "</tool_call:opensource>",
    separator: Some("<tool_sep:opensource>"),
    key: "<arg_key:opensource>",
    key_end: "</arg_key:opensource>",
    value: "<arg_value:opensource>",
    value_end: "</arg_value:opensource>",
};

impl Tags {
    fn call(&self, cursor: &mut Cursor<'_>, tools: &Offered) -> Read<Call> {
        if let Some(list) = self.list
            && cursor.takes(list)?
        {
            cursor.space()?;
        }
        cursor.literal(self.call)?;
        cursor.space()?;
        let written = cursor.name()?;
        match self.separator {
            Some(separator) => cursor.literal(separator)?,
            None => {
                cursor.space()?;
                if !cursor.sees(self.key)? && !cursor.sees(self.call_end)? {
                    return Err(Stop::No);
                }
            }
        }
        let tool = tools.find(written).ok_or(Stop::Foreign(self.call_end))?;
        let arguments = self.arguments(cursor, tools.schema(tool));
        let arguments = arguments.map_err(|stop| stop.inside(self.call_end))?;
        Ok(Call::new(tool, &arguments))
    }

    fn arguments(&self, cursor: &mut Cursor<'_>, schema: Schema<'_>) -> Read<Map<String, Value>> {
        let mut arguments = Map::new();
        cursor.space()?;
        while !cursor.takes(self.call_end)? {
            cursor.literal(self.key)?;
            let key = cursor.until(self.key_end)?.trim();
            cursor.space()?;
            cursor.literal(self.value)?;
            let text = cursor.until(self.value_end)?;
            arguments.insert(key.to_owned(), schema.field(key).value(text));
            cursor.space()?;
        }
        Ok(arguments)
    }
}
