//! One folder of the user's alone: an empty file notes that the keyring has a key, another holds the key itself.
//! Each provider has its own, so nobody who writes one has to wait for who writes another.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::session::{Place, Secret};

use super::error::Error;

/// Longer than any key; a larger file is something else.
const LONGEST: u64 = 16 * 1024;

/// Permissions of anybody but the owner.
const OTHERS: u32 = 0o077;

#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
}

impl Files {
    pub fn below(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn path(&self, provider: &str, place: Place) -> PathBuf {
        self.folder.join(format!("{}.{}", encode(provider), ending(place)))
    }

    pub fn has(&self, provider: &str, place: Place) -> bool {
        self.path(provider, place).exists()
    }

    /// Of who has both, the keyring counts.
    pub fn list(&self) -> Result<Vec<(String, Place)>, Error> {
        use ErrorKind::{InvalidFilename, NotADirectory, NotFound};
        let unreadable = |source| failed("read", &self.folder, source);
        let entries = match fs::read_dir(&self.folder) {
            // Where no folder can be, none has been kept; whoever wants to write there says what stands in the way.
            Err(error) if matches!(error.kind(), NotFound | NotADirectory | InvalidFilename) => return Ok(Vec::new()),
            read => read.map_err(unreadable)?,
        };
        let mut kept = Vec::new();
        for entry in entries {
            let name = entry.map_err(unreadable)?.file_name();
            // What has another name is not ours.
            kept.extend(name.to_str().and_then(understand));
        }
        kept.sort();
        kept.dedup_by(|later, earlier| later.0 == earlier.0);
        Ok(kept)
    }

    pub fn key(&self, provider: &str) -> Result<Secret, Error> {
        let path = self.path(provider, Place::File);
        let unreadable = |source| failed("read", &path, source);
        let file = match File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(Error::Gone(provider.to_owned(), Place::File.word()));
            }
            opened => opened.map_err(unreadable)?,
        };
        if file.metadata().map_err(unreadable)?.mode() & OTHERS != 0 {
            return Err(Error::Open(path));
        }
        // Room for it at once: what grows leaves the key in its smaller selves.
        let mut text = String::with_capacity(LONGEST as usize);
        file.take(LONGEST).read_to_string(&mut text).map_err(unreadable)?;
        Ok(Secret::new(text))
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
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failed("remove", &path, error)),
        }
    }

    /// In one step: whoever reads meanwhile finds the key of before.
    fn write(&self, path: &Path, content: &[u8]) -> Result<(), Error> {
        let beside = path.with_extension(format!("{}.new", std::process::id()));
        let write = || -> io::Result<()> {
            DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&beside)?;
            file.write_all(content)?;
            fs::rename(&beside, path)
        };
        write().map_err(|error| {
            // It may hold half a key.
            let _ = fs::remove_file(&beside);
            failed("write", path, error)
        })
    }
}

fn failed(verb: &'static str, path: &Path, source: io::Error) -> Error {
    Error::File {
        verb,
        path: path.to_owned(),
        source,
    }
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
