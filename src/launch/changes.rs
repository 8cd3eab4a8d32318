//! What became of a TOML document: the difference between two, and its repetition on a third.

use toml_edit::{Item, Table, TableLike};

/// One leaf that is new, different or gone.
#[derive(Debug, Clone)]
pub struct Change {
    /// The keys from the root to the leaf.
    pub path: Vec<String>,
    /// What stands there now; `None` if nothing does.
    pub value: Option<Item>,
}

/// All leaves in which `after` differs from `before`.
pub fn between(before: &dyn TableLike, after: &dyn TableLike) -> Vec<Change> {
    let mut changes = Vec::new();
    compare(before, after, &[], &mut changes);
    changes
}

/// Repeats `change` on `table`. What stands in its way gives way.
pub fn apply(table: &mut dyn TableLike, change: Change) {
    let Some((leaf, above)) = change.path.split_last() else {
        return;
    };
    let mut table = table;
    for key in above {
        if change.value.is_none() && !table.contains_key(key) {
            return;
        }
        let entry = table.entry(key).or_insert_with(implicit);
        if !entry.is_table_like() {
            *entry = implicit();
        }
        let Some(next) = entry.as_table_like_mut() else { return };
        table = next;
    }
    match change.value {
        Some(value) => drop(table.insert(leaf, value)),
        None => drop(table.remove(leaf)),
    }
}

/// Puts every leaf of `over` into `table`.
pub fn merge(table: &mut dyn TableLike, over: &dyn TableLike) {
    for change in between(&Table::new(), over) {
        apply(table, change);
    }
}

fn compare(before: &dyn TableLike, after: &dyn TableLike, path: &[String], changes: &mut Vec<Change>) {
    let nothing = Table::new();
    let below = |key: &str| [path, &[key.to_owned()]].concat();
    for (key, now) in after.iter() {
        let then = before.get(key);
        match (then.and_then(Item::as_table_like), now.as_table_like()) {
            (then, Some(now)) => compare(then.unwrap_or(&nothing), now, &below(key), changes),
            _ if then.is_some_and(|then| bare(then) == bare(now)) => (),
            _ => changes.push(Change {
                path: below(key),
                value: Some(now.clone()),
            }),
        }
    }
    let gone = before.iter().filter(|(key, _)| !after.contains_key(key));
    changes.extend(gone.map(|(key, _)| Change {
        path: below(key),
        value: None,
    }));
}

/// The text of a leaf without the blanks and comments around it.
fn bare(item: &Item) -> String {
    match item {
        Item::Value(value) => value.clone().decorated("", "").to_string(),
        other => other.to_string(),
    }
}

/// A table that is not written as long as it has only tables.
fn implicit() -> Item {
    let mut table = Table::new();
    table.set_implicit(true);
    Item::Table(table)
}

#[cfg(test)]
mod tests {
    use toml_edit::DocumentMut;

    use super::*;

    const BEFORE: &str = r#"
model = "a"  # a comment
gone = 1
[tui]
theme = "dark"
notifications = ["one", "two"]
[projects."/home/x"]
trust_level = "trusted"
"#;

    const AFTER: &str = r#"
model = "a"
model_reasoning_effort = "high"
[tui]
notifications = ["one"]
theme = "dark"
[tui.seen]
tip = true
[projects]
"/home/x" = { trust_level = "untrusted" }
"/home/y" = { trust_level = "trusted" }
"#;

    fn read(text: &str) -> DocumentMut {
        text.parse().unwrap()
    }

    fn seen(changes: &[Change]) -> Vec<(String, Option<String>)> {
        changes
            .iter()
            .map(|change| (change.path.join("|"), change.value.as_ref().map(bare)))
            .collect()
    }

    #[test]
    fn only_leaves_that_differ_are_changes() {
        let changes = between(read(BEFORE).as_table(), read(AFTER).as_table());
        let expected = [
            ("model_reasoning_effort", Some(r#""high""#)),
            ("tui|notifications", Some(r#"["one"]"#)),
            ("tui|seen|tip", Some("true")),
            ("projects|/home/x|trust_level", Some(r#""untrusted""#)),
            ("projects|/home/y|trust_level", Some(r#""trusted""#)),
            ("gone", None),
        ];
        let expected: Vec<_> = expected
            .map(|(path, value)| (path.to_owned(), value.map(ToOwned::to_owned)))
            .into();
        assert_eq!(seen(&changes), expected);
    }

    #[test]
    fn repeated_changes_make_the_same_of_what_they_came_from() {
        let mut document = read(BEFORE);
        for change in between(read(BEFORE).as_table(), read(AFTER).as_table()) {
            apply(document.as_table_mut(), change);
        }
        assert_eq!(seen(&between(document.as_table(), read(AFTER).as_table())), []);
        assert_eq!(seen(&between(read(AFTER).as_table(), document.as_table())), []);
        read(&document.to_string());
    }

    #[test]
    fn what_is_gone_need_not_have_been_there() {
        let mut document = read("[tui]\ntheme = \"dark\"\n");
        let changes = between(read("gone = 1\n[a.b]\nc = 1\n").as_table(), &Table::new());
        for change in changes {
            apply(document.as_table_mut(), change);
        }
        assert_eq!(document.to_string(), "[tui]\ntheme = \"dark\"\n");
    }

    #[test]
    fn a_value_in_the_way_of_a_table_gives_way() {
        let mut document = read("tui = true\n");
        merge(document.as_table_mut(), read("[tui]\ntheme = \"dark\"\n").as_table());
        assert_eq!(read(&document.to_string())["tui"]["theme"].as_str(), Some("dark"));
    }
}
