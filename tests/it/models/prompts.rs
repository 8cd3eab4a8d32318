//! The base prompt that Codex is given for these models.

use serde_json::json;

use crate::kit::Process;

use super::{Lister, User};

/// What the fake Codex calls its own, as each entry of the catalog has it.
fn prompt(config: &str, file: Option<&[u8]>) -> Result<String, String> {
    let user = User::of(Lister::start().lists(json!([{"id": "a"}, {"id": "b"}]))).configured(config);
    if let Some(file) = file {
        std::fs::write(user.fake.home.path().join("config/crelay/prompt.md"), file).unwrap();
    }
    let base_url = user.lister.base_url();
    let ended = Process::run(&mut user.session(&["--base-url", &base_url, "-m", "a"]));
    if ended.code != 0 {
        return Err(ended.stderr);
    }
    let told = user.told();
    assert!(
        told.iter()
            .all(|entry| entry["base_instructions"] == told[0]["base_instructions"])
    );
    Ok(told[0]["base_instructions"].as_str().unwrap().to_owned())
}

#[test]
fn codex_has_a_short_prompt_or_the_users_if_that_is_wished() {
    // The fake Codex has no prompt of its own to tell, and the short one stands in for it.
    let own = prompt("", None).unwrap();
    let short = prompt("instructions = \"short\"", None).unwrap();
    assert!(
        short.len() < 6 << 10 && short.contains("*** Begin Patch") && short.contains("AGENTS.md"),
        "{short}"
    );
    assert_eq!(own, short);
    // The file counts before the word.
    let text = "Be kind.\n";
    let both = "instructions = \"short\"\ninstructions_file = \"prompt.md\"";
    assert_eq!(prompt(both, Some(text.as_bytes())).unwrap(), text);
}

#[test]
fn a_prompt_that_cannot_be_used_is_told_before_codex_starts() {
    let fault = |file: Option<&[u8]>| prompt("instructions_file = \"prompt.md\"", file).unwrap_err();
    let large = vec![b'a'; (256 << 10) + 1];
    for (file, words) in [
        (None, "which cannot be read: no such file or directory"),
        (Some(&b" \n"[..]), "which is empty"),
        (Some(&large), "longer than 256 KiB"),
        (Some(b"\xff\xfe"), "which cannot be read: it is no text in UTF-8"),
    ] {
        let told = fault(file);
        assert!(told.starts_with("error: ") && told.contains(words), "{told}");
        assert!(told.contains("config.toml:1"), "{told}");
    }
}
