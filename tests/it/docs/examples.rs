//! Configurations that are shown are understood.

use std::path::Path;

use crelay::session::Config;

use super::pages;

#[test]
fn every_configuration_that_is_shown_is_understood() {
    let mut seen = 0;
    for page in pages() {
        let blocks = page.blocks.iter().filter(|block| block.language == "toml");
        // One of Codex's, or a part of crelay's own source, says so.
        for block in blocks.filter(|block| block.mark.is_none()) {
            seen += 1;
            let place = format!("{}:{}", page.path.display(), block.line);
            if let Err(error) = Config::parse(&block.text, Path::new("config.toml")) {
                panic!("{place}: {error}");
            }
        }
    }
    assert!(seen > 0);
}
