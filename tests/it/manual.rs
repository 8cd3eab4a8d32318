//! The manual pages in `packaging/man` are those of the commands that there are. `CRELAY_BLESS=1 cargo test --test it
//! manual::` writes them anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use clap_mangen::Man;

/// The pages by their file names: of the program, and of each command that is shown.
fn pages() -> BTreeMap<String, String> {
    let mut command = crelay::cli::command().disable_help_subcommand(true);
    command.build();
    let mut pages = BTreeMap::new();
    add(&command, "crelay", &mut pages);
    pages
}

fn add(command: &clap::Command, name: &str, pages: &mut BTreeMap<String, String>) {
    let mut page = Vec::new();
    Man::new(command.clone().display_name(name.to_owned()))
        .render(&mut page)
        .unwrap();
    pages.insert(format!("{name}.1"), String::from_utf8(page).unwrap());
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        add(inner, &format!("{name}-{}", inner.get_name()), pages);
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/man");
    let pages = pages();
    if std::env::var_os("CRELAY_BLESS").is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, page) in &pages {
            fs::write(folder.join(name), page).unwrap();
        }
    }
    let kept = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let kept: BTreeMap<String, String> = kept
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read_to_string(path).unwrap(),
            )
        })
        .collect();
    assert_eq!(
        kept, pages,
        "`CRELAY_BLESS=1 cargo test --test it manual::` writes them anew"
    );
}
