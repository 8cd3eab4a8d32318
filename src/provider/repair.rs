//! What a provider refused in so many words, and how a request is put so that it is taken.

use std::fmt;

use serde_json::{Map, Value};

use super::dialect::{Dialect, Images, MaxTokens, Param, Replay, ResponseFormat, ToolName};
use super::effort::Effort;

/// A refusal that says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// The effort is not known, but these words are.
    Efforts(Vec<String>),
    /// The model always thinks.
    AlwaysThinks,
    /// These fields are not known or not allowed, by their way from the top: `tool_choice`, `messages.2.name`.
    LeaveOut(Vec<String>),
    /// The model does not see images.
    NoImages,
}

impl fmt::Display for Repair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Efforts(words) => write!(formatter, "only the efforts {} are known", words.join(", ")),
            Self::AlwaysThinks => write!(formatter, "the model always thinks"),
            Self::LeaveOut(fields) => write!(formatter, "`{}` is not taken", fields.join("`, `")),
            Self::NoImages => write!(formatter, "the model sees no images"),
        }
    }
}

/// What a request is made of; leaving it out would ask something else.
const NEEDED: &[&str] = &["model", "messages", "input", "tools", "stream"];

impl Dialect {
    /// Speaks so that what was refused is not said again. Says whether it speaks otherwise than before;
    /// [`Repair::NoImages`] is not the dialect's.
    pub fn repair(&mut self, repair: &Repair) -> bool {
        let before = self.clone();
        match repair {
            Repair::Efforts(words) => self.know_efforts(words),
            Repair::AlwaysThinks => self.efforts.retain(|effort| *effort != Effort::None),
            Repair::LeaveOut(fields) => fields.iter().for_each(|field| self.leave_out(field)),
            Repair::NoImages => {}
        }
        *self != before
    }

    /// Knows these efforts alone. Where they are no steps (`none` and `default` with one model), none is asked for.
    fn know_efforts(&mut self, words: &[String]) {
        let step = |word: &String| {
            let own = self.effort_words.iter().find(|(_, own)| *own == word);
            own.map(|(step, _)| *step).or_else(|| Effort::parse(word))
        };
        let mut steps: Vec<Effort> = words.iter().filter_map(step).collect();
        if steps.iter().all(|step| *step == Effort::None) {
            // One protocol's name for it, and the other's.
            return ["reasoning_effort", "reasoning.effort"]
                .iter()
                .for_each(|field| self.leave_out(field));
        }
        steps.sort_unstable();
        steps.dedup();
        self.efforts = steps;
    }

    fn leave_out(&mut self, field: &str) {
        let steps: Vec<&str> = field.split(['.', '[', ']']).filter(|step| !step.is_empty()).collect();
        let Some((first, rest)) = steps.split_first() else {
            return;
        };
        match (*first, rest.last().copied()) {
            ("messages", Some("reasoning_content" | "reasoning" | "reasoning_details" | "extra_content")) => {
                self.replay = Replay::Never;
            }
            ("messages", Some("name")) => self.tool_name = ToolName::Absent,
            ("messages", Some("detail")) => self.images = Images::Url,
            ("tools", Some("strict")) => self.params.retain(|param| *param != Param::Strict),
            ("response_format", _) | ("text", Some("format")) => self.response_format = ResponseFormat::Sentence,
            ("max_tokens", _) => self.max_tokens = MaxTokens::MaxCompletionTokens,
            ("max_completion_tokens", _) => self.max_tokens = MaxTokens::MaxTokens,
            (needed, _) if NEEDED.contains(&needed) => {}
            _ if self.left_out.contains(&steps.join(".")) => {}
            _ => self.left_out.push(steps.join(".")),
        }
    }

    /// Takes out of `parameters` what was refused.
    pub fn leave_out_of(&self, parameters: &mut Map<String, Value>) {
        for path in &self.left_out {
            match path.split_once('.') {
                None => parameters.retain(|name, _| letters(name) != letters(path)),
                Some((outer, inner)) => {
                    let Some(fields) = parameters.get_mut(outer).and_then(Value::as_object_mut) else {
                        continue;
                    };
                    fields.shift_remove(inner);
                    if fields.is_empty() {
                        parameters.shift_remove(outer);
                    }
                }
            }
        }
    }
}

/// Some name a parameter in camel case, of which only the letters are left.
fn letters(name: &str) -> String {
    name.replace('_', "")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn repaired(dialect: Dialect, repair: Repair) -> Option<Dialect> {
        let mut repaired = dialect;
        repaired.repair(&repair).then_some(repaired)
    }

    fn left_out(field: &str) -> Option<Dialect> {
        let full = Dialect {
            replay: Replay::Content,
            tool_name: ToolName::Present,
            params: vec![Param::Strict, Param::Metadata],
            ..Dialect::default()
        };
        repaired(full, Repair::LeaveOut(vec![field.to_owned()]))
    }

    #[test]
    fn only_the_efforts_that_are_known_are_asked_for() {
        let words = |words: &[&str]| Repair::Efforts(words.iter().map(|word| (*word).to_owned()).collect());
        let known = repaired(Dialect::default(), words(&["high", "low", "high", "turbo"])).unwrap();
        assert_eq!(known.efforts, [Effort::Low, Effort::High]);
        let own = Dialect {
            effort_words: [(Effort::Xhigh, "ultra".to_owned())].into(),
            ..Dialect::default()
        };
        let known = repaired(own, words(&["ultra", "low"])).unwrap();
        assert_eq!(known.efforts, [Effort::Low, Effort::Xhigh]);
        let none = repaired(Dialect::default(), words(&["none", "default"])).unwrap();
        let bodies = [
            json!({"reasoning_effort": "low", "user": "a"}),
            json!({"reasoning": {"effort": "low"}, "user": "a"}),
        ];
        for body in bodies {
            let mut parameters = body.as_object().unwrap().clone();
            none.leave_out_of(&mut parameters);
            assert_eq!(Value::Object(parameters), json!({"user": "a"}), "{body}");
        }
    }

    #[test]
    fn a_model_that_always_thinks_is_never_told_not_to() {
        let dialect = Dialect {
            efforts: vec![Effort::None, Effort::High],
            ..Dialect::default()
        };
        assert_eq!(repaired(dialect, Repair::AlwaysThinks).unwrap().efforts, [Effort::High]);
        assert_eq!(repaired(Dialect::default(), Repair::AlwaysThinks), None);
    }

    #[test]
    fn what_is_refused_is_left_out_where_it_is_said() {
        assert_eq!(left_out("tool_choice").unwrap().left_out, ["tool_choice"]);
        assert_eq!(
            left_out("text.format").unwrap().response_format,
            ResponseFormat::Sentence
        );
        assert_eq!(left_out("tools[0].function.strict").unwrap().params, [Param::Metadata]);
        assert_eq!(
            left_out("messages.3.assistant.reasoning_content").unwrap().replay,
            Replay::Never
        );
        assert_eq!(left_out("messages[3].name").unwrap().tool_name, ToolName::Absent);
        assert_eq!(
            left_out("max_tokens").unwrap().max_tokens,
            MaxTokens::MaxCompletionTokens
        );
        assert_eq!(
            left_out("response_format.type").unwrap().response_format,
            ResponseFormat::Sentence
        );
    }

    #[test]
    fn parameters_are_taken_out_by_their_way_from_the_top() {
        let trimmed = |field: &str, parameters: Value| {
            let mut parameters = parameters.as_object().unwrap().clone();
            left_out(field).unwrap().leave_out_of(&mut parameters);
            Value::Object(parameters)
        };
        assert_eq!(trimmed("user", json!({"user": "a", "b": 1})), json!({"b": 1}));
        assert_eq!(
            trimmed("reasoningeffort", json!({"reasoning_effort": "low"})),
            json!({})
        );
        assert_eq!(
            trimmed("reasoning.summary", json!({"reasoning": {"effort": 1, "summary": 2}})),
            json!({"reasoning": {"effort": 1}})
        );
        assert_eq!(
            trimmed(
                "stream_options.include_usage",
                json!({"stream_options": {"include_usage": true}})
            ),
            json!({})
        );
        assert_eq!(
            trimmed("reasoning.summary", json!({"reasoning": "x"})),
            json!({"reasoning": "x"})
        );
    }

    #[test]
    fn what_a_request_is_made_of_is_never_left_out() {
        for field in [
            "model",
            "messages",
            "messages.0.content",
            "tools",
            "input",
            "stream",
            "",
        ] {
            assert_eq!(left_out(field).map(|dialect| dialect.left_out), None, "{field}");
        }
    }
}
