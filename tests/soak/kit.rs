//! What is shared with the other tests.

#[path = "../it/kit/home.rs"]
mod home;
#[path = "../it/kit/process.rs"]
mod process;

pub use home::Home;
pub use process::Process;

/// How long a test waits for what must come. Nothing is meant to take nearly as long; a machine may be busy.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);
