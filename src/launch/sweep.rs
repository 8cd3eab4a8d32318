//! What killed sessions left is taken away by the next start.

use crate::session::Folders;

use super::record::{self, Record};

/// Gives back what sessions took that ended without doing so. A living session holds the lock of its record and is left
/// alone. Never fails: a session can start beside what is left of another.
pub fn sweep(folders: &Folders) {
    let ids = record::ids(folders).unwrap_or_else(|error| {
        tracing::warn!(%error, "the records of earlier sessions cannot be listed");
        Vec::new()
    });
    for id in ids {
        match Record::take(folders, &id) {
            Ok(None) => (),
            Ok(Some(mut record)) => {
                let taken = record.read(folders);
                if let Err(error) = record.settle(folders, &taken) {
                    tracing::warn!(session = id, %error, "what a killed session left cannot be taken away");
                }
            }
            Err(error) => tracing::warn!(session = id, %error, "the record of a session cannot be locked"),
        }
    }
}
