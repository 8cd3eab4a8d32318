//! Links lead to files and headings that are there, and every page can be found.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::{pages, root};

/// The screens of a reader who only wants to know what this is.
const README_LINES: usize = 150;

/// `path` without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut whole, part| {
        match part {
            Component::ParentDir => drop(whole.pop()),
            Component::CurDir => {}
            part => whole.push(part),
        }
        whole
    })
}

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_are_there() {
    let pages = pages();
    let mut wrong = Vec::new();
    for page in &pages {
        let local = page.links.iter().filter(|(_, link)| !link.contains("://"));
        for (line, link) in local {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => page.path.clone(),
                file => normal(&page.path.parent().unwrap().join(file)),
            };
            let anchors = pages
                .iter()
                .find(|other| other.path == target)
                .map(|other| &other.anchors);
            let is_heading =
                anchors.is_none_or(|anchors| heading.is_empty() || anchors.iter().any(|one| one == heading));
            if !root().join(&target).exists() || !is_heading {
                wrong.push(format!("{}:{line}: {link}", page.path.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_page_stands_in_the_index() {
    let pages = pages();
    let index = pages
        .iter()
        .find(|page| page.path == Path::new("docs/README.md"))
        .unwrap();
    let listed: BTreeSet<PathBuf> = index
        .links
        .iter()
        .map(|(_, link)| Path::new("docs").join(link))
        .collect();
    let others = pages
        .iter()
        .filter(|page| page.path != index.path && page.path != Path::new("README.md"));
    let missing: Vec<&PathBuf> = others
        .map(|page| &page.path)
        .filter(|path| !listed.contains(*path))
        .collect();
    assert_eq!(missing, Vec::<&PathBuf>::new());
}

#[test]
fn the_readme_is_read_in_three_screens() {
    let readme = &pages()[0];
    assert!(readme.lines <= README_LINES, "{} lines", readme.lines);
}
