//! How hard the model is to think, in the words of the dialect.

use serde_json::{Map, Value, json};

use crate::provider::dialect::{Dialect, ReasoningRequest, ThoughtsApart};
use crate::provider::effort::Effort;

const EFFORT: &str = "reasoning_effort";
const TEMPLATE: &str = "chat_template_kwargs";

/// Asks for the step of the dialect's ladder that comes nearest to the wish. Without a wish, or without a ladder, the
/// provider's own habit counts. Where a switch turns thinking off, no effort stands beside it; where there is only the
/// effort, that is the switch.
pub fn ask(dialect: &Dialect, wish: Option<Effort>, options: &mut Map<String, Value>) {
    let asked = Asked {
        dialect,
        step: wish.and_then(|wish| wish.nearest(&dialect.efforts)),
    };
    for (name, value) in asked.parameters() {
        if let Some(value) = value {
            options.insert(name.to_owned(), value);
        }
    }
    let apart = match dialect.thoughts_apart {
        ThoughtsApart::Unasked => return,
        ThoughtsApart::ReasoningSplit => ("reasoning_split", json!(true)),
        ThoughtsApart::ReasoningFormat => ("reasoning_format", json!("parsed")),
    };
    options.insert(apart.0.to_owned(), apart.1);
}

/// A parameter, if there is anything to say.
type Parameter = (&'static str, Option<Value>);

#[derive(Clone, Copy)]
struct Asked<'a> {
    dialect: &'a Dialect,
    step: Option<Effort>,
}

impl Asked<'_> {
    fn parameters(self) -> Vec<Parameter> {
        let effort = (EFFORT, self.effort());
        let enabled = ("enable_thinking", self.is_on().map(Value::from));
        let kept = ("preserve_thinking", Some(json!(true)));
        match self.dialect.reasoning {
            ReasoningRequest::Silent => Vec::new(),
            ReasoningRequest::Effort => vec![(EFFORT, self.step.map(|step| self.word(step)))],
            ReasoningRequest::Thinking => vec![("thinking", self.switch("enabled")), effort],
            ReasoningRequest::ThinkingKept => vec![("thinking", self.keeping("clear_thinking", json!(false))), effort],
            ReasoningRequest::ThinkingSwitch => vec![("thinking", self.switch("enabled"))],
            ReasoningRequest::ThinkingKeepAll => vec![("thinking", self.keeping("keep", json!("all")))],
            ReasoningRequest::ThinkingAdaptive => vec![("thinking", self.switch("adaptive"))],
            ReasoningRequest::EnableThinking => vec![enabled, kept, effort],
            ReasoningRequest::EnableThinkingBudget => vec![enabled, kept, ("thinking_budget", self.budget())],
            ReasoningRequest::EnableThinkingTemplate => vec![enabled, template([effort])],
            ReasoningRequest::Object => vec![("reasoning", self.step.map(|step| json!({"effort": self.word(step)})))],
            ReasoningRequest::ObjectSwitch => vec![("reasoning", self.is_on().map(|is_on| json!({"enabled": is_on})))],
            ReasoningRequest::TemplateSwitch => vec![template([enabled])],
            ReasoningRequest::TemplateSwitches => {
                vec![template([("thinking", self.is_on().map(Value::from)), enabled])]
            }
            ReasoningRequest::TemplateMode => {
                let mode = self.is_on().map(|is_on| if is_on { "enabled" } else { "disabled" });
                vec![template([("thinking_mode", mode.map(Value::from))])]
            }
            ReasoningRequest::TemplateEffort => vec![template([enabled, kept, effort])],
        }
    }

    /// Whether the model is to think; `None` where nobody said.
    fn is_on(self) -> Option<bool> {
        self.step.map(|step| step != Effort::None)
    }

    fn word(self, step: Effort) -> Value {
        json!(self.dialect.word(step))
    }

    /// The step beside a switch.
    fn effort(self) -> Option<Value> {
        let step = self.step.filter(|step| *step != Effort::None);
        step.map(|step| self.word(step))
    }

    fn switch(self, on: &str) -> Option<Value> {
        self.is_on()
            .map(|is_on| json!({"type": if is_on { on } else { "disabled" }}))
    }

    /// The switch where thoughts are only kept if that is asked for, so that it always stands there.
    fn keeping(self, name: &str, value: Value) -> Option<Value> {
        if self.is_on() == Some(false) {
            return self.switch("enabled");
        }
        Some(json!({"type": "enabled", name: value}))
    }

    /// Tokens for thinking; the higher steps have no limit but the provider's. The figures are ours: the makers name no
    /// steps, only the range, which begins at 128 and ends at 32768 where it is smallest (SiliconFlow).
    fn budget(self) -> Option<Value> {
        let tokens = match self.step? {
            Effort::Minimal => 1024,
            Effort::Low => 4096,
            Effort::Medium => 16_384,
            Effort::None | Effort::High | Effort::Xhigh | Effort::Max => return None,
        };
        Some(json!(tokens))
    }
}

/// What reaches the chat template, where it has anything to say.
fn template<const N: usize>(parameters: [Parameter; N]) -> Parameter {
    let said = parameters.into_iter();
    let said: Map<String, Value> = said
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
    (TEMPLATE, (!said.is_empty()).then_some(Value::Object(said)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// What is asked for with a wish that the ladder has, with one that turns thinking off, and without any.
    fn asked(reasoning: ReasoningRequest) -> [Value; 3] {
        let dialect = Dialect {
            reasoning,
            efforts: vec![Effort::None, Effort::Low, Effort::High],
            ..Dialect::default()
        };
        [Some(Effort::Low), Some(Effort::None), None].map(|wish| sent(&dialect, wish))
    }

    fn sent(dialect: &Dialect, wish: Option<Effort>) -> Value {
        let mut options = Map::new();
        ask(dialect, wish, &mut options);
        Value::Object(options)
    }

    #[test]
    fn each_knob_is_turned_on_and_off_in_its_own_words() {
        for (reasoning, on, off) in [
            (ReasoningRequest::Silent, r"{}", r"{}"),
            (
                ReasoningRequest::Effort,
                r#"{"reasoning_effort":"low"}"#,
                r#"{"reasoning_effort":"none"}"#,
            ),
            (
                ReasoningRequest::Thinking,
                r#"{"thinking":{"type":"enabled"},"reasoning_effort":"low"}"#,
                r#"{"thinking":{"type":"disabled"}}"#,
            ),
            (
                ReasoningRequest::ThinkingSwitch,
                r#"{"thinking":{"type":"enabled"}}"#,
                r#"{"thinking":{"type":"disabled"}}"#,
            ),
            (
                ReasoningRequest::ThinkingAdaptive,
                r#"{"thinking":{"type":"adaptive"}}"#,
                r#"{"thinking":{"type":"disabled"}}"#,
            ),
            (
                ReasoningRequest::Object,
                r#"{"reasoning":{"effort":"low"}}"#,
                r#"{"reasoning":{"effort":"none"}}"#,
            ),
            (
                ReasoningRequest::ObjectSwitch,
                r#"{"reasoning":{"enabled":true}}"#,
                r#"{"reasoning":{"enabled":false}}"#,
            ),
            (
                ReasoningRequest::EnableThinkingTemplate,
                r#"{"enable_thinking":true,"chat_template_kwargs":{"reasoning_effort":"low"}}"#,
                r#"{"enable_thinking":false}"#,
            ),
        ] {
            let [low, none, silent] = asked(reasoning).map(|sent| sent.to_string());
            assert_eq!([&*low, &*none, &*silent], [on, off, "{}"], "{reasoning:?}");
        }
    }

    #[test]
    fn a_template_is_told_what_its_model_reads() {
        for (reasoning, on, off) in [
            (
                ReasoningRequest::TemplateSwitch,
                json!({"enable_thinking": true}),
                json!({"enable_thinking": false}),
            ),
            (
                ReasoningRequest::TemplateSwitches,
                json!({"thinking": true, "enable_thinking": true}),
                json!({"thinking": false, "enable_thinking": false}),
            ),
            (
                ReasoningRequest::TemplateMode,
                json!({"thinking_mode": "enabled"}),
                json!({"thinking_mode": "disabled"}),
            ),
        ] {
            let told = [
                json!({"chat_template_kwargs": on}),
                json!({"chat_template_kwargs": off}),
                json!({}),
            ];
            assert_eq!(asked(reasoning), told, "{reasoning:?}");
        }
    }

    #[test]
    fn what_keeps_earlier_thoughts_stands_there_without_a_wish() {
        let kept = json!({"type": "enabled", "clear_thinking": false});
        let off = json!({"thinking": {"type": "disabled"}});
        let low = json!({"thinking": kept, "reasoning_effort": "low"});
        assert_eq!(
            asked(ReasoningRequest::ThinkingKept),
            [low, off.clone(), json!({"thinking": kept})]
        );
        let all = json!({"thinking": {"type": "enabled", "keep": "all"}});
        assert_eq!(asked(ReasoningRequest::ThinkingKeepAll), [all.clone(), off, all]);
        let preserve = json!({"preserve_thinking": true});
        assert_eq!(
            asked(ReasoningRequest::EnableThinking),
            [
                json!({"enable_thinking": true, "preserve_thinking": true, "reasoning_effort": "low"}),
                json!({"enable_thinking": false, "preserve_thinking": true}),
                preserve.clone()
            ]
        );
        assert_eq!(
            asked(ReasoningRequest::EnableThinkingBudget),
            [
                json!({"enable_thinking": true, "preserve_thinking": true, "thinking_budget": 4096}),
                json!({"enable_thinking": false, "preserve_thinking": true}),
                preserve.clone()
            ]
        );
        let template = |value: Value| json!({"chat_template_kwargs": value});
        assert_eq!(
            asked(ReasoningRequest::TemplateEffort),
            [
                template(json!({"enable_thinking": true, "preserve_thinking": true, "reasoning_effort": "low"})),
                template(json!({"enable_thinking": false, "preserve_thinking": true})),
                template(preserve)
            ]
        );
    }

    #[test]
    fn who_cannot_be_told_not_to_think_is_not_told() {
        for reasoning in [ReasoningRequest::ThinkingKept, ReasoningRequest::ThinkingSwitch] {
            let dialect = Dialect {
                reasoning,
                efforts: vec![Effort::Low, Effort::High],
                ..Dialect::default()
            };
            assert_eq!(sent(&dialect, Some(Effort::None))["thinking"]["type"], "enabled");
        }
    }

    #[test]
    fn a_step_goes_by_the_provider_s_own_word_and_thoughts_are_kept_apart() {
        let dialect = Dialect {
            reasoning: ReasoningRequest::Effort,
            efforts: vec![Effort::None, Effort::High],
            effort_words: BTreeMap::from([(Effort::High, "default".to_owned())]),
            thoughts_apart: ThoughtsApart::ReasoningFormat,
            ..Dialect::default()
        };
        let expected = json!({"reasoning_effort": "default", "reasoning_format": "parsed"});
        assert_eq!(sent(&dialect, Some(Effort::Medium)), expected);
        let split = Dialect {
            thoughts_apart: ThoughtsApart::ReasoningSplit,
            ..Dialect::default()
        };
        assert_eq!(sent(&split, None), json!({"reasoning_split": true}));
    }
}
