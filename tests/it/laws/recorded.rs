//! What was recorded from real providers and servers.
//!
//! The recordings are not part of the project; tests that need them run where they are (`CRELAY_SHARED`, default
//! `../shared`).

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Which API was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Chat,
    Responses,
}

/// One answer of a real provider, as it came.
pub struct Exchange {
    pub id: String,
    pub provider: String,
    pub kind: Kind,
    pub status: u16,
    pub body: Vec<u8>,
}

impl Exchange {
    pub fn is_streamed(&self) -> bool {
        let start = self.body.trim_ascii_start();
        ["data:", "event:", "id:", ":"]
            .iter()
            .any(|word| start.starts_with(word.as_bytes()))
    }
}

/// Where the recordings are, if they are here.
pub fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("CRELAY_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    root.join("recordings/index.json").exists().then_some(root)
}

/// All that was recorded: what the index lists, then the servers that ran locally.
pub fn exchanges() -> Vec<Exchange> {
    let Some(shared) = shared() else {
        eprintln!("no recordings here: set CRELAY_SHARED to check against them");
        return Vec::new();
    };
    let folder = shared.join("recordings");
    let index: Vec<Value> = serde_json::from_slice(&fs::read(folder.join("index.json")).unwrap()).unwrap();
    let mut exchanges: Vec<Exchange> = index.iter().map(|row| listed(&folder, row)).collect();
    let servers = folder.join("local-servers");
    for server in sorted(&servers) {
        let answers = sorted(&server)
            .into_iter()
            .filter(|path| path.to_string_lossy().ends_with(".headers.txt"));
        exchanges.extend(answers.filter_map(|headers| local(&servers, &headers)));
    }
    exchanges
}

fn listed(folder: &Path, row: &Value) -> Exchange {
    Exchange {
        id: row["id"].as_str().unwrap().to_owned(),
        provider: row["provider"].as_str().unwrap().to_owned(),
        kind: if row["kind"] == "chat" {
            Kind::Chat
        } else {
            Kind::Responses
        },
        status: row["status"]
            .as_u64()
            .map_or(200, |status| u16::try_from(status).unwrap()),
        body: fs::read(folder.join(row["response"].as_str().unwrap())).unwrap(),
    }
}

/// An answer of a local server by its headers; `None` for a list of models.
fn local(servers: &Path, headers: &Path) -> Option<Exchange> {
    let body = PathBuf::from(headers.to_string_lossy().replace(".headers.txt", ".txt"));
    let scenario = body.file_stem().unwrap().to_string_lossy().into_owned();
    if scenario == "models" {
        return None;
    }
    let status_line = fs::read_to_string(headers).unwrap();
    Some(Exchange {
        id: body
            .strip_prefix(servers)
            .unwrap()
            .with_extension("")
            .to_string_lossy()
            .into_owned(),
        provider: body
            .parent()
            .unwrap()
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned(),
        kind: if scenario.starts_with("responses-native") {
            Kind::Responses
        } else {
            Kind::Chat
        },
        status: status_line.split(' ').nth(1).unwrap().parse().unwrap(),
        body: fs::read(&body).unwrap(),
    })
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
}
