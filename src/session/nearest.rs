//! What somebody meant who mistyped a name.

/// The one of `names` that is at most two slips away from `typed`; a short name forgives fewer, because every other
/// short name is near it.
pub(super) fn nearest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_ascii_lowercase();
    let near = names.filter_map(|name| {
        let distance = distance(&typed, name);
        (distance <= 2.min(name.chars().count() / 3)).then_some((distance, name))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// How many characters must be put in, taken out or replaced.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, left) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = place + 1;
        for (column, right) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_through_two_slips_and_not_through_three() {
        let names = ["deepseek", "groq", "xai", "ollama"];
        let meant = |typed| nearest(typed, names.into_iter());
        for (typed, name) in [
            ("deepsek", Some("deepseek")),
            ("DeepSeek", Some("deepseek")),
            ("depseeck", Some("deepseek")),
            ("dpsek", None),
            ("grok", Some("groq")),
            ("olama", Some("ollama")),
            ("mine", None),
            ("", None),
        ] {
            assert_eq!(meant(typed), name, "{typed}");
        }
    }
}
