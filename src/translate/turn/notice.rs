//! A word of crelay's own to who reads the answer, before all that the provider says.
//!
//! It is shown as a thought: Codex's TUI puts those on its status line and into the transcript, and `codex exec` prints
//! them (seen on 0.169). What travels back of it is sealed and empty, so no provider ever reads it.

use crate::translate::reasoning::Thoughts;
use crate::wire::responses::{Event, OutputItem, Status};

use super::open::{Place, Reasoning};

/// The word, once it was said.
#[derive(Debug, Default)]
pub struct Notice(Option<OutputItem>);

impl Notice {
    /// Says `words`. Nothing else may have been said yet.
    pub fn say(&mut self, place: Place, words: &str, out: &mut Vec<Event>) {
        let mut reasoning = Reasoning::open(place, out);
        reasoning.append(words, out);
        self.0 = Some(reasoning.close(&Thoughts::default(), out));
    }

    /// How many items it takes before those of the answer.
    pub fn places(&self) -> usize {
        usize::from(self.0.is_some())
    }

    /// Puts it where it was said, into an answer that ends so. One that failed says nothing but why.
    pub fn put_before(self, status: Status, output: &mut Vec<OutputItem>) {
        if status != Status::Failed {
            output.splice(0..0, self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use crate::provider::dialect::{Dialect, NativeReplay, Replay, Wire};
    use crate::translate::{Exchange, Opening, Question, Reader, Target};
    use crate::wire::responses::{self, Encoder, Event, ResponseError, Streamed};
    use crate::wire::{Said, chat};

    const WORDS: &str = "Acme is out; Zenith answers.";

    /// Somebody who reads thoughts again, whoever had them.
    fn dialect(wire: Wire) -> Dialect {
        let mut dialect = Dialect {
            replay: Replay::Reasoning,
            wires: vec![wire],
            ..Dialect::default()
        };
        dialect.native.replay = NativeReplay::Text;
        dialect
    }

    fn exchange(dialect: &Dialect, input: &Value) -> Exchange {
        let target = Target {
            dialect,
            model: "m",
            vision: false,
            max_output: None,
            window: Some(1000),
        };
        let whole = json!({"model": "m", "stream": true, "input": input});
        let body = whole.to_string();
        let question = Question {
            request: &serde_json::from_str(&body).unwrap(),
            whole: &|| whole.clone(),
            asked: "zenith",
        };
        Exchange::of(target, &question)
    }

    /// What the answer is made of, heard after the notice if there is one: its events, as they are written.
    fn heard(dialect: &Dialect, notice: Option<&str>, fails: bool) -> Vec<Value> {
        let opening = Opening {
            response_id: "resp_1".to_owned(),
            created_at: 1,
            model: "m".to_owned(),
            reader: Reader::Codex,
            who: "Zenith".to_owned(),
            echo: Map::new(),
        };
        let mut out = Vec::new();
        let mut reading = exchange(dialect, &json!("hi")).open(opening, &mut out);
        if let Some(words) = notice {
            reading.notice(words, &mut out);
        }
        for said in said(dialect.wire()) {
            reading.push(said, &mut out).unwrap();
        }
        if fails {
            let error = ResponseError {
                code: "server_error".to_owned(),
                message: String::new(),
            };
            reading.fail(error, &mut out);
        } else {
            reading.finish(2, &mut out);
        }
        out.iter().map(written).collect()
    }

    fn written(event: &Event) -> Value {
        let mut bytes = Vec::new();
        Encoder::new().encode(event, &mut bytes);
        let text = String::from_utf8(bytes).unwrap();
        let data = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        serde_json::from_str(data).unwrap()
    }

    /// A thought, and a word.
    fn said(wire: Wire) -> Vec<Said> {
        match wire {
            Wire::Chat => {
                let chunks = [
                    r#"{"choices":[{"delta":{"reasoning":"Hm."}}]}"#,
                    r#"{"choices":[{"delta":{"content":"Yes."},"finish_reason":"stop"}]}"#,
                ];
                let chunks = chunks.map(|json| Said::Chunk(Box::new(chat::chunk(json).unwrap())));
                chunks.into()
            }
            Wire::Responses => {
                let output = json!([
                    {"type": "reasoning", "id": "rs_a", "summary": [{"type": "summary_text", "text": "Hm."}]},
                    {"type": "message", "id": "msg_a", "role": "assistant",
                        "content": [{"type": "output_text", "text": "Yes."}]},
                ]);
                let end = json!({"type": "response.completed", "response": {"status": "completed", "output": output}});
                vec![Said::Event(Box::new(Streamed::read(None, &end.to_string()).unwrap()))]
            }
        }
    }

    fn output(events: &[Value]) -> &Value {
        &events.last().unwrap()["response"]["output"]
    }

    #[test]
    fn a_notice_is_a_thought_before_the_answer_that_no_provider_reads() {
        for wire in [Wire::Chat, Wire::Responses] {
            let dialect = dialect(wire);
            let told = heard(&dialect, Some(WORDS), false);
            let places: Vec<(&str, &str)> = told
                .iter()
                .filter(|event| event["type"] == "response.output_item.done")
                .map(|event| {
                    assert_eq!(
                        event["item"],
                        output(&told)[event["output_index"].as_u64().unwrap() as usize]
                    );
                    let item = &event["item"];
                    (item["type"].as_str().unwrap(), item["id"].as_str().unwrap())
                })
                .collect();
            assert_eq!(
                places,
                [("reasoning", "rs_1_0"), ("reasoning", "rs_1_1"), ("message", "msg_1_2")]
            );
            assert_eq!(output(&told)[0]["summary"][0]["text"], WORDS);
            // What goes back is what would go back without it.
            let untold = heard(&dialect, None, false);
            let body = |events: &[Value]| {
                let mut input = vec![json!({"role": "user", "content": "hi"})];
                input.extend(output(events).as_array().unwrap().iter().cloned());
                input.push(json!({"role": "user", "content": "go on"}));
                // Ids of items are none of the conversation's.
                input
                    .iter_mut()
                    .for_each(|item| drop(item.as_object_mut().unwrap().remove("id")));
                let body = exchange(&dialect, &Value::Array(input)).body;
                String::from_utf8(body).unwrap()
            };
            assert!(
                body(&told).contains("Hm.") && !body(&told).contains("Acme"),
                "{}",
                body(&told)
            );
            assert_eq!(body(&told), body(&untold));
        }
    }

    #[test]
    fn an_answer_that_failed_says_nothing_but_why() {
        for wire in [Wire::Chat, Wire::Responses] {
            let told = heard(&dialect(wire), Some(WORDS), true);
            assert_eq!(told.last().unwrap()["type"], "response.failed");
            let is_notice = |item: &Value| item["summary"][0]["text"] == WORDS;
            assert!(!output(&told).as_array().unwrap().iter().any(is_notice), "{told:?}");
        }
    }

    #[test]
    fn a_conversation_that_leaves_no_room_is_known_by_its_silence_behind_a_notice_too() {
        let dialect = dialect(Wire::Chat);
        let opening = Opening {
            response_id: "resp_1".to_owned(),
            created_at: 1,
            model: "m".to_owned(),
            reader: Reader::Codex,
            who: "Zenith".to_owned(),
            echo: Map::new(),
        };
        let mut out = Vec::new();
        let mut reading = exchange(&dialect, &json!("hi")).open(opening, &mut out);
        reading.notice(WORDS, &mut out);
        let silence = r#"{"choices":[{"delta":{},"finish_reason":"length"}],"usage":{"prompt_tokens":990}}"#;
        let silence = Said::Chunk(Box::new(chat::chunk(silence).unwrap()));
        reading.push(silence, &mut out).unwrap();
        reading.finish(2, &mut out);
        let ended: Option<&responses::Response> = out.last().and_then(Event::ending);
        let ended = ended.unwrap();
        assert_eq!(ended.error.as_ref().unwrap().code, "context_length_exceeded");
        assert_eq!(ended.output, []);
    }
}
