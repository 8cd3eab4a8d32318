//! What of crelay goes out to users: the crate, archives, the script that installs them, and what is said of a release.

mod changelog;
mod install;
mod place;
mod refused;
mod released;
mod versions;
mod workflows;

use std::path::{Path, PathBuf};

/// The folder of this repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files of the repository that are kept, at paths below it. What is made or installed there is passed over.
fn kept_files() -> Vec<PathBuf> {
    const MADE: [&str; 5] = ["target", "node_modules", ".git", "__pycache__", "dist"];
    let mut folders = vec![root().to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() && !MADE.iter().any(|made| path.ends_with(made)) {
                folders.push(path);
            } else if kind.is_file() {
                files.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    files
}
