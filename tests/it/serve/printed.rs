//! What `crelay config print` gives to a Codex that nobody starts with crelay, read by the real one.

use std::fs;

use super::{Server, demo};
use crate::codex::CONFIG;
use crate::kit::{Codex, Home, Process};

#[test]
fn codex_works_with_the_configuration_and_the_catalog_as_they_are_printed() {
    let (home, codex) = (Home::new(), Codex::take());
    let server = Server::start(&mut demo(&home));
    let (_, port) = server.url.rsplit_once(':').unwrap();
    let print = |words: &[&str]| {
        let mut command = home.crelay();
        command.args(["config", "print", "-P", "demo"]).args(words);
        Process::run(command.env("CRELAY_CODEX", codex.program())).well().stdout
    };
    // The catalog is named in a comment, because the file has to be written first.
    let lines = print(&["--codex", "--port", port]).replace("# model_catalog_json", "model_catalog_json");
    let document: toml_edit::DocumentMut = lines.parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let catalog = folder.path().join("models.json");
    fs::write(&catalog, print(&["--catalog"])).unwrap();
    let named = document["model_catalog_json"].as_str().unwrap();
    let lines = lines.replace(named, catalog.to_str().unwrap());
    let theirs = Home::configured(&format!("{lines}{CONFIG}"));
    let mut command = theirs.command(codex.program());
    command.args(["exec", "--skip-git-repo-check", "show me"]);
    let ended = Process::run(&mut command).well();
    assert!(ended.stdout.contains("That was the whole path"), "{}", ended.stdout);
    // What Codex says of a model that it knows nothing of.
    assert!(!ended.stderr.contains("metadata"), "{}", ended.stderr);
    assert!(ended.stderr.contains("provider: crelay"), "{}", ended.stderr);
}
