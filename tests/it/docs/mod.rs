//! The README and the pages of `docs/`: their commands run, their links lead somewhere, and what can be made of the
//! source is made of it. `CRELAY_BLESS=1 cargo test --test it docs::` writes the made parts anew.

mod adding;
mod architecture;
mod configuration;
mod examples;
mod links;
mod page;
mod providers;
mod sentences;
mod walk;

use std::fs;
use std::path::{Path, PathBuf};

use page::Page;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All pages, by their paths below the root.
fn pages() -> Vec<Page> {
    let docs = fs::read_dir(root().join("docs")).unwrap();
    let docs = docs.map(|entry| PathBuf::from("docs").join(entry.unwrap().file_name()));
    let mut paths: Vec<PathBuf> = docs
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    paths.sort();
    paths.insert(0, "README.md".into());
    paths.into_iter().map(|path| Page::read(root(), &path)).collect()
}

/// Compares the part of `path` between the comments `made: NAME` and `end: NAME` with `made`, or writes it.
fn assert_made(path: &str, name: &str, made: &str) {
    let file = root().join(path);
    let text = fs::read_to_string(&file).unwrap();
    let (begin, end) = (format!("<!-- made: {name} -->\n"), format!("<!-- end: {name} -->"));
    let (before, rest) = text
        .split_once(&begin)
        .unwrap_or_else(|| panic!("{path} lacks {begin}"));
    let (kept, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{path} lacks {end}"));
    // The empty lines keep Markdown from taking the comments for parts of a table.
    let made = format!("\n{}\n\n", made.trim());
    if std::env::var_os("CRELAY_BLESS").is_some() {
        fs::write(&file, format!("{before}{begin}{made}{end}{after}")).unwrap();
    } else {
        assert_eq!(
            kept, made,
            "`CRELAY_BLESS=1 cargo test --test it docs::` writes it anew"
        );
    }
}
