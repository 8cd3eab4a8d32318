//! Whether Codex can go on with a thread later.

use std::fs;
use std::path::Path;

use crate::usage::Day;

/// Whether a thread of this id was written down below Codex's home, which `codex exec --ephemeral` does not. Codex
/// keeps a file for each, by the day on which it began, and its ids begin with that moment (version 7 of UUIDs, RFC
/// 9562; seen on 0.118 to 0.169).
#[must_use]
pub fn can_resume(codex_home: &Path, id: &str) -> bool {
    let digits: String = id.chars().filter(char::is_ascii_hexdigit).take(12).collect();
    let Ok(milliseconds) = u64::from_str_radix(&digits, 16) else {
        return false;
    };
    // Its days are those of the user's clock.
    let around = Day::of(milliseconds / 1000 + 24 * 60 * 60);
    (0..3).any(|days| {
        let day = around.before(days).to_string().replace('-', "/");
        let entries = fs::read_dir(codex_home.join("sessions").join(day))
            .into_iter()
            .flatten();
        let mut names = entries.flatten().map(|entry| entry.file_name());
        names.any(|name| name.to_string_lossy().contains(id))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_found_by_the_day_that_its_id_tells() {
        let home = tempfile::tempdir().unwrap();
        let id = "01a1ff41-1bc4-7f72-b95d-6cac25bf8565";
        assert!(!can_resume(home.path(), id));
        let folder = home.path().join("sessions/2026/11/22");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("rollout-2026-11-22T01-56-59-{id}.jsonl")), "").unwrap();
        assert!(can_resume(home.path(), id));
        assert!(!can_resume(home.path(), "01a1ff41-1bc4-7f72-b95d-6cac25bf8566"));
        assert!(!can_resume(home.path(), "last"));
    }
}
