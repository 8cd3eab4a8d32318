//! Two hundred sessions that start at once.

use super::{Fake, left_in_state, names};
use crate::kit::Process;

#[test]
fn two_hundred_sessions_at_once_neither_fail_nor_forget() {
    const SESSIONS: usize = 200;
    let fake = Fake::new();
    // Each is in a project of its own, and the user trusts them all.
    let trust = r#"printf '[projects."/%s"]\ntrust_level = "trusted"\n' "$NUMBER" >>"$profile""#;
    let sessions: Vec<_> = (0..SESSIONS)
        .map(|number| Process::spawn(fake.script(trust).env("NUMBER", number.to_string())))
        .collect();
    for session in sessions {
        let ended = session.wait().well();
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
    }
    assert_eq!(left_in_state(&fake), [""; 0]);
    assert_eq!(names(&fake.home.runtime().join("crelay")), [""; 0]);
    fake.home.assert_nothing_is_left();
    let seeded = Process::run(&mut fake.script("cat \"$profile\"")).well().stdout;
    let forgotten: Vec<_> = (0..SESSIONS)
        .filter(|number| !seeded.contains(&format!("[projects.\"/{number}\"]\n")))
        .collect();
    assert_eq!(forgotten, [0; 0]);
}
