//! What a model needs wherever it is served: its schema reaches it as it is, and so does what it must be shown again.

use super::{Family, Replay, Rules, Schema, System, Values};

/// The families that hosts of many models serve.
pub const EVERYWHERE: &[Family] = &[
    ("*kimi*", kimi),
    ("*deepseek-v4*", deepseek),
    ("*glm-5*", glm),
    ("*glm-4*", glm),
    ("*mimo*", mimo),
    ("*qwen*", qwen),
    ("*minimax*", minimax),
];

/// Efforts as `reasoning_effort`, on hosts that pass it on.
pub const EFFORT: &[super::Knob] = &[("reasoning_effort", Values::Efforts)];

/// The same, where nobody has seen the host take them.
pub const MAYBE_EFFORT: &[super::Knob] = &[("reasoning_effort", Values::MaybeEfforts)];

/// Moonshot's flavour of schemas is wanted by the model's own template (omp, ai), and so is its reasoning with every
/// call (public code); K3 wants the field on every message (pi). A forced choice is refused while thinking (ai).
pub fn kimi(rules: Rules) -> Rules {
    let forced = if rules.model.to_lowercase().contains("k2") {
        &["none"][..]
    } else {
        &["none", "required"]
    };
    Rules {
        schema: Schema::Moonshot,
        replay: calls_need(rules.replay),
        tool_choices: meet(rules.tool_choices, forced),
        ..rules
    }
}

/// V4 must be shown its reasoning in a chain of calls (probe), and takes no forced choice while thinking (recordings).
pub fn deepseek(rules: Rules) -> Rules {
    Rules {
        replay: match rules.replay {
            Replay::Details => Replay::DetailsAnd("reasoning_content"),
            other => calls_need(other),
        },
        tool_choices: meet(rules.tool_choices, &["none"]),
        ..rules
    }
}

/// Earlier reasoning is wanted (opencode, pi).
pub fn glm(rules: Rules) -> Rules {
    Rules {
        replay: calls_keep(rules.replay),
        ..rules
    }
}

/// Its own reasoning, and no placeholder (omp). Choices are refused (omp).
pub fn mimo(rules: Rules) -> Rules {
    Rules {
        replay: calls_keep(rules.replay),
        tool_choices: meet(rules.tool_choices, &["none"]),
        ..rules
    }
}

/// The template raises an error when instructions do not lead (omp).
pub fn qwen(rules: Rules) -> Rules {
    Rules {
        system: System::Leading,
        ..rules
    }
}

/// The same.
pub fn minimax(rules: Rules) -> Rules {
    Rules {
        system: System::Leading,
        ..rules
    }
}

/// A host that takes no reasoning back has no field for it; one that does wants what the model wants.
fn calls_need(replay: Replay) -> Replay {
    match replay {
        // Behind another field is a host's own template, which misses nothing.
        Replay::Allowed("reasoning_content") | Replay::Kept("reasoning_content") => {
            Replay::WithCalls("reasoning_content")
        }
        Replay::Allowed(field) => Replay::Kept(field),
        other => other,
    }
}

fn calls_keep(replay: Replay) -> Replay {
    match replay {
        Replay::Allowed(field) => Replay::Kept(field),
        other => other,
    }
}

/// The words of `ours` that are also in `theirs`.
fn meet(ours: &'static [&'static str], theirs: &'static [&'static str]) -> &'static [&'static str] {
    if ours.iter().all(|word| theirs.contains(word)) {
        ours
    } else {
        theirs
    }
}
