//! Patches for `apply_patch` in the shapes in which models write them.
//!
//! Codex takes a patch that begins with `*** Begin Patch`, ends with `*** End Patch` and names its files in lines of
//! its own (seen on 0.169). Models that were trained on other tools wrap it or write a unified diff. What is certain is
//! put right; anything else is handed on as it came, so that Codex's own error teaches the model.

use serde_json::Value;

use super::freeform;

const BEGIN: &str = "*** Begin Patch";
const END: &str = "*** End Patch";
/// Lines that name a file.
const FILES: [&str; 3] = ["*** Add File: ", "*** Update File: ", "*** Delete File: "];

/// The patch as Codex takes it, or the text as it is.
pub fn repaired(text: &str) -> String {
    if is_sound(text) {
        return text.to_owned();
    }
    let unwrapped = unwrapped(text, 4);
    if unwrapped.trim_start().starts_with(['"', '{', '[']) {
        // A wrapping that does not end was cut, and what is in it with it.
        return text.to_owned();
    }
    let lines: Vec<&str> = strip_wrapping(&unwrapped).lines().collect();
    let lines = between_markers(&lines);
    let patch = if lines.iter().any(|line| names_file(line)) {
        without_diff_marks(lines)
    } else {
        match from_diff(lines) {
            Some(patch) => patch,
            None => return text.to_owned(),
        }
    };
    format!("{BEGIN}\n{}\n{END}", patch.join("\n"))
}

/// Whether there is nothing to repair.
fn is_sound(text: &str) -> bool {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines.first() == Some(&BEGIN) && lines.last() == Some(&END) && without_diff_marks(&lines) == lines
}

/// Whether a text that is still coming begins as a patch does, so that its beginning needs no repair.
pub fn is_begun(text: &str) -> bool {
    text.strip_prefix(BEGIN).is_some_and(|rest| rest.starts_with('\n'))
}

/// The text inside JSON: a string in a string, an object with a patch in it, a command that is a list.
fn unwrapped(text: &str, depth: usize) -> String {
    let trimmed = text.trim();
    if depth == 0 || !trimmed.starts_with(['"', '{', '[']) {
        return text.to_owned();
    }
    let inner = match serde_json::from_str(trimmed) {
        Ok(Value::String(inner)) => Some(inner),
        Ok(value) => patch_in(&value).map(str::to_owned),
        // Line breaks stand raw in the string, which is no JSON.
        Err(_) => freeform::loose(trimmed),
    };
    match inner {
        Some(inner) => unwrapped(&inner, depth - 1),
        None => text.to_owned(),
    }
}

/// The one string in a value that holds a patch.
fn patch_in(value: &Value) -> Option<&str> {
    let strings: Vec<&str> = match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().filter_map(patch_in).collect(),
        Value::Object(fields) => fields.values().filter_map(patch_in).collect(),
        _ => Vec::new(),
    };
    match strings
        .iter()
        .filter(|text| text.contains("*** ") || text.contains("@@"))
        .collect::<Vec<_>>()[..]
    {
        [only] => Some(only),
        _ => None,
    }
}

/// Takes off a code fence or a shell's here-document.
fn strip_wrapping(text: &str) -> &str {
    let text = text.trim_matches(['\n', '\r', ' ']);
    let first = text.lines().next().unwrap_or_default();
    let is_fence = first.starts_with("```");
    let is_command = first.contains("apply_patch") && first.contains("<<");
    if !is_fence && !is_command {
        return text;
    }
    let inner = text[first.len()..].trim_start_matches(['\n', '\r']);
    let last = inner.lines().last().unwrap_or_default();
    let marker = first.rsplit("<<").next().unwrap_or_default();
    let marker = marker.trim_matches(['-', '\'', '"', ' ']);
    let is_end = if is_fence {
        last.starts_with("```")
    } else {
        last.trim() == marker
    };
    let inner = if is_end {
        &inner[..inner.len() - last.len()]
    } else {
        inner
    };
    if is_fence {
        strip_wrapping(inner)
    } else {
        inner.trim_end_matches(['\n', '\r'])
    }
}

/// What stands between the markers, each a line of its own; one that is missing stands where the text begins or ends.
fn between_markers<'a, 'b>(lines: &'a [&'b str]) -> &'a [&'b str] {
    let is = |line: &str, marker: &str| {
        line.strip_prefix(marker)
            .is_some_and(|rest| matches!(rest.trim(), "" | "***"))
    };
    let first_file = lines.iter().position(|line| names_file(line)).unwrap_or(lines.len());
    let begin = lines[..first_file]
        .iter()
        .position(|line| is(line, BEGIN))
        .map_or(0, |place| place + 1);
    let body = &lines[begin..];
    let end = body.iter().rposition(|line| is(line, END)).unwrap_or(body.len());
    &body[..end]
}

fn names_file(line: &str) -> bool {
    FILES.iter().any(|marker| line.starts_with(marker))
}

/// The lines of a patch without the marks of a unified diff that models mix in: a hunk's numbers, and the two file
/// lines directly after Codex's own.
fn without_diff_marks(lines: &[&str]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut rest = lines.iter().peekable();
    while let Some(line) = rest.next() {
        kept.push(hunk(line).unwrap_or_else(|| (*line).to_owned()));
        let mut ahead = rest.clone();
        let is_doubled = names_file(line)
            && ahead.next().is_some_and(|next| next.starts_with("--- "))
            && ahead.next().is_some_and(|next| next.starts_with("+++ "));
        if is_doubled {
            rest = ahead;
        }
    }
    kept
}

/// The line that begins a hunk, if this one does in a unified diff: Codex looks for the text after `@@` in the file.
fn hunk(line: &str) -> Option<String> {
    let numbers = line.strip_prefix("@@ -")?.split_once(" @@")?.0;
    let is_range = |range: &str| !range.is_empty() && range.bytes().all(|byte| byte.is_ascii_digit() || byte == b',');
    let (old, new) = numbers.split_once(" +")?;
    (is_range(old) && is_range(new)).then(|| "@@".to_owned())
}

/// What a unified diff does to the file that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Add,
    Update,
    Delete,
}

/// A whole unified diff as a patch; `None` if it is none.
fn from_diff(lines: &[&str]) -> Option<Vec<String>> {
    let mut patch: Vec<String> = Vec::new();
    let mut change = None;
    let mut rest = lines.iter().peekable();
    while let Some(line) = rest.next() {
        let new = rest.peek().and_then(|next| next.strip_prefix("+++ "));
        if let (Some(old), Some(new)) = (line.strip_prefix("--- "), new) {
            rest.next();
            let (marker, path, what) = match (path(old), path(new)) {
                (old, "/dev/null") => (FILES[2], old, Change::Delete),
                ("/dev/null", new) => (FILES[0], new, Change::Add),
                (_, new) => (FILES[1], new, Change::Update),
            };
            patch.push(format!("{marker}{path}"));
            change = Some(what);
            continue;
        }
        match (change, hunk(line)) {
            // Words before the first file, and a deleted file's lines, say nothing to Codex.
            (None | Some(Change::Delete), _) | (Some(Change::Add), Some(_)) => {}
            (Some(Change::Update), Some(hunk)) => patch.push(hunk),
            (Some(_), None) if is_header(line) => {}
            (Some(_), None) => patch.push((*line).to_owned()),
        }
    }
    change.map(|_| patch)
}

fn is_header(line: &str) -> bool {
    [
        "diff --git ",
        "index ",
        "new file mode ",
        "deleted file mode ",
        "\\ No newline",
    ]
    .iter()
    .any(|header| line.starts_with(header))
}

/// The path of a diff's file line, without git's `a/` or `b/` and the time that `diff` writes behind a tab.
fn path(text: &str) -> &str {
    let path = text.split('\t').next().unwrap_or_default().trim();
    path.strip_prefix("a/")
        .or_else(|| path.strip_prefix("b/"))
        .unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PATCH: &str = "*** Begin Patch\n*** Update File: a.txt\n@@\n-old\n+new\n*** End Patch";
    const BODY: &str = "*** Update File: a.txt\n@@\n-old\n+new";

    #[test]
    fn every_wrong_shape_that_was_seen_becomes_the_patch() {
        for text in [
            PATCH.to_owned(),
            format!("```\n{PATCH}\n```"),
            format!("```diff\n{PATCH}\n```\n"),
            format!("apply_patch <<'EOF'\n{PATCH}\nEOF"),
            format!("apply_patch << PATCH\n{PATCH}\nPATCH\n"),
            format!("```bash\napply_patch <<\"EOF\"\n{PATCH}\nEOF\n```"),
            json!({"command": ["apply_patch", PATCH]}).to_string(),
            json!({"patch": PATCH}).to_string(),
            json!(json!({"input": PATCH}).to_string()).to_string(),
            json!(PATCH).to_string(),
            format!("{{\"input\": \"{PATCH}\"}}"),
            BODY.to_owned(),
            format!("{BEGIN}\n{BODY}"),
            format!("{BODY}\n{END}"),
            format!("{BEGIN} ***\n{BODY}\n{END} ***"),
            format!("Here is the patch:\n{PATCH}\nDone."),
            PATCH.replace("@@", "@@ -1,1 +1,1 @@ fn main() {"),
            PATCH.replace("@@", "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@"),
            "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-old\n+new\n\\ No newline at end of file\n".to_owned(),
            "diff --git a/a.txt b/a.txt\nindex 1..2 100644\n--- a/a.txt\t2026\n+++ b/a.txt\t2026\n@@ -1 +1 @@\n-old\n+new".to_owned(),
        ] {
            assert_eq!(repaired(&text), PATCH, "{text}");
        }
    }

    #[test]
    fn a_diff_that_adds_and_deletes_becomes_the_patch() {
        let diff =
            "--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1,2 @@\n+a\n+b\n--- a/old.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-x";
        let patch = "*** Begin Patch\n*** Add File: new.txt\n+a\n+b\n*** Delete File: old.txt\n*** End Patch";
        assert_eq!(repaired(diff), patch);
    }

    #[test]
    fn what_is_no_patch_is_handed_on() {
        for text in ["", "rm -rf x", "{\"a\": 1}", "@@\n-a\n+b", "- a list\n+ of things"] {
            assert_eq!(repaired(text), text);
        }
    }

    #[test]
    fn a_cut_wrapping_is_handed_on() {
        for text in [
            "{\"input\": \"*** Begin Patch\n*** Delete File: a\n*** Add File: b\n+on",
            "\"*** Begin Patch\\n*** Delete File: a",
        ] {
            assert_eq!(repaired(text), text);
        }
    }

    #[test]
    fn markers_inside_a_line_are_text() {
        let text = "*** Begin Patch\n*** Add File: a\n+*** End Patch\n+*** Begin Patch\n+more";
        assert_eq!(repaired(text), format!("{text}\n{END}"));
    }

    #[test]
    fn a_line_that_only_looks_like_a_diff_stays() {
        let patch = "*** Begin Patch\n*** Update File: a.md\n@@ heading\n--- a rule\n+++ another\n*** End Patch";
        assert_eq!(repaired(patch), patch);
    }
}
