//! What somebody meant who mistyped a name.

/// The one of `names` that is at most two slips away from `typed`; a short name forgives fewer, because every other
/// short name is near it.
#[must_use]
pub fn nearest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_ascii_lowercase();
    let near = names.filter_map(|name| {
        let distance = distance(&typed, name);
        (distance <= 2.min(name.chars().count() / 3)).then_some((distance, name))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// How many characters must be put in, taken out, replaced or swapped with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    // The rows of the table for the last two characters of `one`.
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (place, left) in one.iter().enumerate() {
        let mut row = vec![place + 1];
        for (column, right) in other.iter().enumerate() {
            let replaced = last[column] + usize::from(left != right);
            let mut least = replaced.min(last[column + 1] + 1).min(row[column] + 1);
            let swaps = place > 0 && column > 0 && one[place - 1] == *right && *left == other[column - 1];
            if swaps {
                least = least.min(before[column - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_through_two_slips_and_not_through_three() {
        let names = ["deepseek", "groq", "xai", "ollama", "demo"];
        let meant = |typed| nearest(typed, names.into_iter());
        for (typed, name) in [
            ("deepsek", Some("deepseek")),
            ("DeepSeek", Some("deepseek")),
            ("depseeck", Some("deepseek")),
            ("dpsek", None),
            ("grok", Some("groq")),
            ("olama", Some("ollama")),
            ("dmeo", Some("demo")),
            ("gorq", Some("groq")),
            ("xia", Some("xai")),
            ("demon", Some("demo")),
            ("mine", None),
            ("", None),
        ] {
            assert_eq!(meant(typed), name, "{typed}");
        }
    }
}
