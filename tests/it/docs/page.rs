//! A page of Markdown, as far as tests read it: blocks in fences, headings and links.

use std::fs;
use std::path::{Path, PathBuf};

pub struct Page {
    /// Below the root.
    pub path: PathBuf,
    pub blocks: Vec<Block>,
    /// As links name them.
    pub anchors: Vec<String>,
    /// Where links lead, each with its line.
    pub links: Vec<(usize, String)>,
    pub lines: usize,
}

/// What stands between two fences.
pub struct Block {
    /// The line of the first fence.
    pub line: usize,
    pub language: String,
    pub text: String,
    /// The comment right above, if there is one.
    pub mark: Option<String>,
}

impl Page {
    pub fn read(root: &Path, path: &Path) -> Self {
        let text = fs::read_to_string(root.join(path)).unwrap();
        let mut page = Self {
            path: path.to_owned(),
            blocks: Vec::new(),
            anchors: Vec::new(),
            links: Vec::new(),
            lines: text.lines().count(),
        };
        let mut open: Option<Block> = None;
        let mut above = "";
        for (number, line) in (1..).zip(text.lines()) {
            match (&mut open, line.trim_start().strip_prefix("```")) {
                (Some(_), Some(_)) => page.blocks.extend(open.take()),
                (Some(block), None) => block.text.push_str(&format!("{line}\n")),
                (None, Some(language)) => {
                    let comment = above
                        .trim()
                        .strip_prefix("<!-- ")
                        .and_then(|rest| rest.strip_suffix(" -->"));
                    open = Some(Block {
                        line: number,
                        language: language.to_owned(),
                        text: String::new(),
                        mark: comment.map(str::to_owned),
                    });
                }
                (None, None) => page.see(number, line),
            }
            above = line;
        }
        assert!(open.is_none(), "a fence of {} is not closed", path.display());
        page
    }

    fn see(&mut self, number: usize, line: &str) {
        if let Some(heading) = line.strip_prefix('#') {
            let anchor = anchor(heading.trim_start_matches('#').trim());
            // A heading that stands there twice is told apart by its number.
            let same = self.anchors.iter().filter(|other| **other == anchor).count();
            self.anchors
                .push(if same == 0 { anchor } else { format!("{anchor}-{same}") });
        }
        let links = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        self.links.extend(links.map(|link| (number, link.to_owned())));
    }
}

/// What GitHub makes of a heading.
fn anchor(heading: &str) -> String {
    let lower = heading.to_lowercase();
    let kept = lower
        .chars()
        .filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}
