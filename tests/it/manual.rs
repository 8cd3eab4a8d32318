//! The manual pages in `packaging/man` are those of the commands that there are. `CRELAY_BLESS=1 cargo test --test it
//! manual::` writes them anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

/// The pages by their file names: of the program, and of each command that is shown.
fn pages() -> BTreeMap<String, String> {
    let mut command = crelay::cli::command().disable_help_subcommand(true);
    command.build();
    let mut pages = BTreeMap::new();
    add(&command, "crelay", &mut pages);
    pages
}

fn add(command: &clap::Command, name: &str, pages: &mut BTreeMap<String, String>) {
    pages.insert(format!("{name}.1"), page(command, name));
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        add(inner, &format!("{name}-{}", inner.get_name()), pages);
    }
}

/// The page of `command`, whose footer tells the version.
fn page(command: &clap::Command, name: &str) -> String {
    let man = Man::new(command.clone().display_name(name.to_owned()));
    let mut page = Vec::new();
    man.render_name_section(&mut page).unwrap();
    man.render_synopsis_section(&mut page).unwrap();
    man.render_description_section(&mut page).unwrap();
    if command.get_arguments().any(|argument| !argument.is_hide_set()) {
        man.render_options_section(&mut page).unwrap();
    }
    if command.get_subcommands().any(|inner| !inner.is_hide_set()) {
        man.render_subcommands_section(&mut page).unwrap();
    }
    if let Some(text) = command.get_after_long_help().or(command.get_after_help()) {
        sections(&text.to_string()).to_writer(&mut page).unwrap();
    }
    let page = String::from_utf8(page).unwrap();
    // Each part begins with the same lines about apostrophes, which are wanted once; and `roff` writes an empty date as
    // none at all, so that the version would stand in its place.
    const APOSTROPHES: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";
    let title = format!(
        ".TH \"{}\" \"1\" \"\" \"crelay {}\" \"crelay\"\n",
        name.to_uppercase(),
        env!("CARGO_PKG_VERSION")
    );
    format!("{APOSTROPHES}{title}{}", page.replace(APOSTROPHES, ""))
}

/// What help says at its end, in sections of a manual. A line that is two columns, or an example, is a tag and what it
/// says, which any width can show; all else is text.
fn sections(text: &str) -> Roff {
    let mut roff = Roff::new();
    let mut is_example = false;
    let mut prose: Vec<&str> = Vec::new();
    for line in text.lines().chain([""]) {
        let columns = line
            .strip_prefix("  ")
            .and_then(|line| line.trim_start().split_once("  "));
        let heading = match line {
            "Examples:" => Some("EXAMPLES"),
            "Environment:" => Some("ENVIRONMENT"),
            "Exit codes:" => Some("EXIT STATUS"),
            _ => None,
        };
        let tag = match (columns, line.strip_prefix("  ")) {
            (Some((tag, said)), _) => Some((tag, said.trim_start())),
            (None, Some(tag)) if is_example => Some((tag, "")),
            _ => None,
        };
        if !prose.is_empty() && (heading.is_some() || tag.is_some() || line.is_empty()) {
            roff.control("PP", []).text([roman(prose.join(" "))]);
            prose.clear();
        }
        match (heading, tag) {
            (Some(heading), _) => {
                is_example = heading == "EXAMPLES";
                roff.control("SH", [heading]);
            }
            (None, Some((tag, said))) => {
                roff.control("TP", []).text([bold(tag)]);
                if !said.is_empty() {
                    roff.text([roman(said)]);
                }
            }
            (None, None) if line.is_empty() => {}
            (None, None) => prose.push(line.trim()),
        }
    }
    roff
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
