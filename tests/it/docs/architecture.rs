//! The map of `docs/architecture.md` is that of `src/lib.rs` and of the table of rooms in `house`.

use std::fmt::Write as _;
use std::fs;

use super::{assert_made, root};
use crate::house::ROOMS;

/// The rooms of the map in `src/lib.rs`, and what lives there.
fn rooms() -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("//! | [`"));
    let rooms = lines.map(|line| {
        let (room, rest) = line.split_once("`] | ").unwrap();
        (room.to_owned(), rest.trim_end_matches(" |").to_owned())
    });
    rooms.collect()
}

#[test]
fn the_map_tells_every_room_and_whom_it_may_use() {
    let mut text = "| room | what lives there | may use |\n|---|---|---|\n".to_owned();
    let rooms = rooms();
    for (room, lives) in &rooms {
        let (_, allowed) = ROOMS.iter().find(|(name, _)| name == room).unwrap();
        let allowed: Vec<String> = allowed.iter().map(|other| format!("`{other}`")).collect();
        let allowed = match (allowed.len() + 1 == ROOMS.len(), allowed.is_empty()) {
            (true, _) => "all".to_owned(),
            (_, true) => "–".to_owned(),
            _ => allowed.join(", "),
        };
        let _ = writeln!(text, "| `{room}` | {lives} | {allowed} |");
    }
    assert_eq!(rooms.len(), ROOMS.len(), "the map in src/lib.rs has all rooms");
    assert_made("docs/architecture.md", "map", &text);
}
