//! `<|channel|>commentary to=functions.f <|constrain|>json<|message|>{…}<|call|>`.

use crate::translate::heal::cursor::{Cursor, Read, Stop};
use crate::translate::heal::decoder::Decoder;
use crate::translate::heal::tools::{Call, Offered};

/// gpt-oss, on hosts that do not take its messages apart: calls, thoughts (`analysis`), and the tokens around them
/// (SGLang 0.5.23, omp 18.2.11, read 2026-11). Groq and others also pass names such as `f<|channel|>commentary` in
/// proper calls (memory); those are cut by [`Offered::find`]. A bare `to=functions.f` in a sentence, which omp has seen
/// of GPT-5, is left alone: nothing tells it from words.
///
/// Remove when no host of the table passes on gpt-oss's own messages.
pub const CHANNELS: Decoder = Decoder {
    opens: &["<|start|>assistant", "<|channel|>"],
    read,
    tokens: &[
        "<|start|>assistant",
        "<|channel|>final<|message|>",
        "<|channel|>commentary<|message|>",
        "<|end|>",
        "<|return|>",
        "<|call|>",
    ],
    thoughts: &[("<|channel|>analysis<|message|>", "<|end|>")],
    ..Decoder::NOTHING
};

const END: &str = "<|call|>";

fn read(cursor: &mut Cursor<'_>, tools: &Offered) -> Read<Vec<Call>> {
    let mut written = None;
    if cursor.takes("<|start|>assistant")? {
        written = recipient(cursor)?;
    }
    cursor.literal("<|channel|>")?;
    cursor.any(&["commentary", "analysis"])?.ok_or(Stop::No)?;
    if written.is_none() {
        written = recipient(cursor)?;
    }
    let written = written.ok_or(Stop::No)?;
    if !cursor.sees("<|message|>")? {
        // The format of the content: ` <|constrain|>json` or ` json`.
        cursor.space()?;
        cursor.takes("<|constrain|>")?;
        cursor.name()?;
    }
    cursor.literal("<|message|>")?;
    let tool = tools.find(written).ok_or(Stop::Foreign(END))?;
    let mut arguments = || {
        cursor.space()?;
        if !cursor.sees("{")? {
            return Err(Stop::No);
        }
        let arguments = cursor.json()?;
        cursor.space()?;
        cursor.literal(END)?;
        Ok(arguments)
    };
    let arguments = arguments().map_err(|stop: Stop| stop.inside(END))?;
    Ok(vec![Call::with_text(tool, arguments)])
}

/// ` to=functions.f`, if it stands here.
fn recipient<'a>(cursor: &mut Cursor<'a>) -> Read<Option<&'a str>> {
    if !cursor.takes(" to=")? {
        return Ok(None);
    }
    cursor.name().map(Some)
}
