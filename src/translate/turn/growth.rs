//! Thoughts that are told again from their beginning with every piece.

use serde_json::Value;

use crate::wire::chat::Delta;

/// Cuts from each piece of thoughts what was said before, field by field.
///
/// MiniMax repeats, when it is asked for thoughts apart from the text, everything that it has thought so far, on some
/// models and not on others (omp 18.2.11 #2433, read 2026-11): a piece that does not begin so is taken as it is. Remove
/// when its documentation promises deltas.
#[derive(Debug, Default)]
pub struct Growth {
    content: String,
    reasoning: String,
    text: String,
    details: String,
}

impl Growth {
    /// Leaves in `delta` only what is new.
    pub fn cut(&mut self, delta: &mut Delta) {
        let fields = [
            (&mut self.content, &mut delta.reasoning_content),
            (&mut self.reasoning, &mut delta.reasoning),
            (&mut self.text, &mut delta.reasoning_text),
        ];
        for (said, piece) in fields {
            if let Some(piece) = piece {
                fresh(said, piece);
            }
        }
        for detail in &mut delta.reasoning_details {
            if let Some(Value::String(piece)) = detail.get_mut("text") {
                fresh(&mut self.details, piece);
            }
        }
    }
}

/// Takes `said` from the beginning of `piece`, and adds to it what is new.
fn fresh(said: &mut String, piece: &mut String) {
    if !said.is_empty() && piece.starts_with(said.as_str()) {
        piece.drain(..said.len());
    }
    said.push_str(piece);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(pieces: &[&str]) -> String {
        let mut growth = Growth::default();
        let mut heard = String::new();
        for piece in pieces {
            let detail = serde_json::json!({"reasoning_content": piece, "reasoning_details": [{"text": piece}]});
            let mut delta: Delta = serde_json::from_value(detail).unwrap();
            growth.cut(&mut delta);
            let piece = delta.reasoning_content.unwrap();
            assert_eq!(delta.reasoning_details[0]["text"], piece.as_str());
            heard.push_str(&piece);
        }
        heard
    }

    #[test]
    fn thoughts_that_repeat_themselves_are_heard_once() {
        assert_eq!(cut(&["All", "All at", "All at once."]), "All at once.");
        assert_eq!(cut(&["All", "All"]), "All");
    }

    #[test]
    fn thoughts_in_pieces_stay_as_they_are() {
        assert_eq!(cut(&["All", " at", " once."]), "All at once.");
        assert_eq!(cut(&["", "All", ""]), "All");
    }
}
