//! One folder of the user's alone: an empty file notes that the keyring has a key, another holds the key itself.
//! Each provider has its own, so nobody who writes one has to wait for who writes another.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::files;
use crate::session::key::LONGEST;
use crate::session::{Place, Secret};

use super::error::Error;

/// Permissions of anybody but the owner.
const OTHERS: u32 = 0o077;

/// The folder, beneath the state.
const FOLDER: &str = "keys";

#[derive(Debug)]
pub(super) struct Files {
    state: PathBuf,
}

impl Files {
    pub fn below(state: &Path) -> Self {
        Self {
            state: state.to_owned(),
        }
    }

    pub fn folder(&self) -> PathBuf {
        self.state.join(FOLDER)
    }

    pub fn path(&self, provider: &str, place: Place) -> PathBuf {
        self.folder().join(format!("{}.{}", encode(provider), ending(place)))
    }

    pub fn has(&self, provider: &str, place: Place) -> bool {
        self.path(provider, place).exists()
    }

    /// Of who has both, the keyring counts.
    pub fn list(&self) -> Result<Vec<(String, Place)>, Error> {
        let Some(folder) = self.found()? else {
            return Ok(Vec::new());
        };
        let unreadable = failed("read", &folder);
        let mut kept = Vec::new();
        for entry in fs::read_dir(&folder).map_err(&unreadable)? {
            let name = entry.map_err(&unreadable)?.file_name();
            // What has another name is not ours.
            kept.extend(name.to_str().and_then(understand));
        }
        kept.sort();
        kept.dedup_by(|later, earlier| later.0 == earlier.0);
        Ok(kept)
    }

    pub fn key(&self, provider: &str) -> Result<Secret, Error> {
        let path = self.path(provider, Place::File);
        let unreadable = failed("read", &path);
        self.found()?;
        // Neither a link is followed nor a pipe waited for.
        let flags = nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK;
        let file = match OpenOptions::new().read(true).custom_flags(flags).open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(Error::Gone(provider.to_owned(), Place::File.word()));
            }
            opened => opened.map_err(&unreadable)?,
        };
        let metadata = file.metadata().map_err(&unreadable)?;
        if !metadata.is_file() {
            return Err(unreadable(io::Error::other("it is not a file")));
        }
        if metadata.mode() & OTHERS != 0 {
            return Err(Error::Open(self.path(provider, Place::File)));
        }
        // Room for it at once: what grows leaves the key in its smaller selves.
        let mut text = Zeroizing::new(String::with_capacity(LONGEST));
        file.take(LONGEST as u64)
            .read_to_string(&mut text)
            .map_err(&unreadable)?;
        Ok(Secret::new(std::mem::take(&mut *text)))
    }

    pub fn set(&self, provider: &str, key: &Secret) -> Result<(), Error> {
        self.write(&self.path(provider, Place::File), key.expose().as_bytes())
    }

    /// Notes that the keyring has the key of `provider`.
    pub fn note(&self, provider: &str) -> Result<(), Error> {
        self.write(&self.path(provider, Place::Keyring), b"")
    }

    /// Says whether it was there.
    pub fn remove(&self, provider: &str, place: Place) -> Result<bool, Error> {
        let path = self.path(provider, place);
        self.found()?;
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failed("remove", &path)(error)),
        }
    }

    /// Removes what writers that were killed left; it may hold half a key, or a whole one.
    pub fn sweep(&self) -> Result<(), Error> {
        let folder = self.found()?;
        let swept = folder.map_or(Ok(()), |folder| files::sweep(&folder));
        swept.map_err(failed("sweep", &self.folder()))
    }

    /// The folder, if it is there and nobody else could have put a key into it.
    fn found(&self) -> Result<Option<PathBuf>, Error> {
        Ok(files::found(&self.state, FOLDER, files::Root::State)?)
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<(), Error> {
        files::beneath(&self.state, FOLDER, files::Root::State)?;
        files::replace(path, content).map_err(failed("write", path))
    }
}

fn failed(verb: &'static str, path: &Path) -> impl Fn(io::Error) -> Error {
    move |source| files::Error::file(verb, path, files::Root::State)(source).into()
}

fn ending(place: Place) -> &'static str {
    match place {
        Place::Keyring => "keyring",
        Place::File => "key",
    }
}

fn understand(name: &str) -> Option<(String, Place)> {
    let (name, end) = name.rsplit_once('.')?;
    let place = [Place::Keyring, Place::File]
        .into_iter()
        .find(|place| ending(*place) == end)?;
    Some((decode(name)?, place))
}

/// The name of a provider as one of a file. The user's own may be called anything, and file systems may not tell large
/// letters from small.
fn encode(provider: &str) -> String {
    let mut encoded = String::new();
    for byte in provider.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02x}")),
        }
    }
    encoded
}

fn decode(name: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        bytes.push(u8::from_str_radix(after.get(..2)?, 16).ok()?);
        rest = &after[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}
