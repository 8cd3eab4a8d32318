//! What is known of single models.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Rules;

struct Known {
    most: Option<u64>,
    vision: bool,
    efforts: &'static [&'static str],
    off: bool,
}

static MODELS: LazyLock<HashMap<(&str, &str), Known>> = LazyLock::new(|| {
    let lines = include_str!("models.txt").lines();
    lines.filter(|line| !line.starts_with('#')).map(read).collect()
});

fn read(line: &'static str) -> ((&'static str, &'static str), Known) {
    let [provider, model, most, sight, efforts] = line.split_whitespace().collect::<Vec<_>>()[..] else {
        panic!("models.txt: {line}");
    };
    let efforts: Vec<&str> = efforts.split(',').filter(|word| *word != "-").collect();
    let known = Known {
        most: most.parse().ok(),
        vision: sight == "sees",
        off: efforts.iter().any(|word| ["off", "none"].contains(word)),
        efforts: efforts
            .into_iter()
            .filter(|word| *word != "off")
            .collect::<Vec<_>>()
            .leak(),
    };
    ((provider, model), known)
}

/// Puts what is known of the model into `rules`; a model that nobody knows sees no images.
pub fn known(provider: &str, model: &str, rules: &mut Rules) {
    let Some(known) = MODELS.get(&(provider, model)) else {
        return;
    };
    rules.most = known.most.unwrap_or(u64::MAX);
    rules.vision = known.vision;
    rules.efforts = known.efforts;
    rules.off = known.off;
}
