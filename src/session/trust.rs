//! Who vouches for a provider over TLS: the authorities of the system, and those whose certificates the user names.
//! Which certificate is believed in the end is not decided here.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::report;

use super::choice::Ground;
use super::config::Entry;
use super::error::Error;

/// Adds to the system's; Codex reads it before `SSL_CERT_FILE` (developers.openai.com/codex, read 2026-11).
const ADDITIONAL: &str = "CODEX_CA_CERTIFICATE";

/// Stands in the system's place, as it does for OpenSSL and all that follow it.
const INSTEAD: &str = "SSL_CERT_FILE";

/// The same, in folders with colons between them.
const FOLDERS_INSTEAD: &str = "SSL_CERT_DIR";

/// Sixty times what systems have, in bytes; a larger file is something else.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Who vouches for a provider. By default, whom the system trusts.
#[derive(Clone, Default)]
pub struct Authorities {
    /// The certificates of further ones, in DER; each can be read.
    pub named: Vec<CertificateDer<'static>>,
    /// Whether those are all, and the system's do not count.
    pub only_named: bool,
}

impl fmt::Debug for Authorities {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { named, only_named } = self;
        let mut shown = formatter.debug_struct("Authorities");
        shown
            .field("named", &named.len())
            .field("only_named", only_named)
            .finish()
    }
}

/// A file of certificates in the configuration.
#[derive(Debug, Clone)]
pub(super) struct CaFile {
    path: PathBuf,
    /// Where it is named.
    origin: String,
}

impl Ground<'_> {
    /// The file that the configuration names for the provider with this id. It stands where the configuration does,
    /// unless it is named by its whole path.
    pub(super) fn ca_file(&self, id: &str, entry: &Entry) -> Option<CaFile> {
        let (path, key): (_, &[&str]) = match (&entry.ca_file, &self.config.ca_file) {
            (Some(path), _) => (path, &["providers", self.written(id), "ca_file"]),
            (None, Some(path)) => (path, &["ca_file"]),
            (None, None) => return None,
        };
        let folder = self.config.path.parent().unwrap_or(Path::new(""));
        Some(CaFile {
            path: folder.join(path),
            origin: self.config.place(key),
        })
    }

    /// Reads every file that the configuration names beside Codex: whether one is there and usable is told though this
    /// run may not need it.
    ///
    /// # Errors
    ///
    /// The first that is not.
    pub fn check_files(&self) -> Result<(), Error> {
        self.config.own_instructions()?;
        let providers = self.config.providers.iter();
        let own = providers.filter(|(_, entry)| entry.ca_file.is_some());
        let own = own.filter_map(|(name, entry)| self.ca_file(name, entry));
        let for_all = self.ca_file("", &Entry::default());
        for CaFile { path, origin } in for_all.into_iter().chain(own) {
            read_file(&path, &origin, &mut Vec::new())?;
        }
        Ok(())
    }

    /// Reads all certificates that are named: those of the configuration, and of the environment.
    ///
    /// # Errors
    ///
    /// When something is named that cannot be read, or in which no certificate is. To do without would be to trust
    /// others than the user wants.
    pub(super) fn authorities(&self, configured: Option<&CaFile>) -> Result<Authorities, Error> {
        let mut named = Vec::new();
        if let Some(CaFile { path, origin }) = configured {
            read_file(path, origin, &mut named)?;
        }
        let variable = |name: &str| self.environment.get(OsStr::new(name)).filter(|value| !value.is_empty());
        if let Some(path) = variable(ADDITIONAL) {
            read_file(Path::new(path), &format!("`{ADDITIONAL}`"), &mut named)?;
        }
        let file = variable(INSTEAD);
        let folders = variable(FOLDERS_INSTEAD);
        if let Some(path) = file {
            read_file(Path::new(path), &format!("`{INSTEAD}`"), &mut named)?;
        }
        if let Some(folders) = folders {
            read_folders(folders, &mut named)?;
        }
        Ok(Authorities {
            named,
            only_named: file.is_some() || folders.is_some(),
        })
    }
}

fn read_file(path: &Path, origin: &str, named: &mut Vec<CertificateDer<'static>>) -> Result<(), Error> {
    let wrong = |fault: String| Error::Authorities {
        origin: origin.to_owned(),
        path: path.to_owned(),
        fault,
    };
    let bytes = bytes(path).map_err(|error| wrong(format!("cannot be read: {}", report::words(&error))))?;
    let mut found = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        found.push(certificate.map_err(|_| wrong("is damaged".to_owned()))?);
    }
    // A bundle of a system may hold ancient ones beside many good ones.
    found.retain(is_readable);
    if found.is_empty() {
        return Err(wrong("holds no certificate".to_owned()));
    }
    named.append(&mut found);
    Ok(())
}

/// Such folders hold all kinds of things; those that are certificates count.
fn read_folders(folders: &OsStr, named: &mut Vec<CertificateDer<'static>>) -> Result<(), Error> {
    let origin = format!("`{FOLDERS_INSTEAD}`");
    let mut found = Vec::new();
    let paths = folders
        .as_bytes()
        .split(|byte| *byte == b':')
        .filter(|path| !path.is_empty());
    for folder in paths.map(|path| PathBuf::from(OsStr::from_bytes(path))) {
        let unreadable = |error: io::Error| Error::Authorities {
            origin: origin.clone(),
            path: folder.clone(),
            fault: format!("cannot be read: {}", report::words(&error)),
        };
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let bytes = if path.is_file() {
                bytes(&path).unwrap_or_default()
            } else {
                Vec::new()
            };
            found.extend(
                CertificateDer::pem_slice_iter(&bytes)
                    .filter_map(Result::ok)
                    .filter(is_readable),
            );
        }
    }
    if found.is_empty() {
        let fault = "holds no file with a certificate".to_owned();
        return Err(Error::Authorities {
            origin,
            path: PathBuf::from(folders),
            fault,
        });
    }
    // Each is there under several names.
    found.sort_unstable_by(|one, other| one.as_ref().cmp(other));
    found.dedup();
    named.append(&mut found);
    Ok(())
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn is_readable(certificate: &CertificateDer<'static>) -> bool {
    RootCertStore::empty().add(certificate.clone()).is_ok()
}

#[cfg(test)]
mod tests;
