//! A key or token that shows itself to nobody by accident, and leaves nothing of itself in memory that is given back.
//!
//! Copies that are not overwritten, because they are not crelay's: the environment that the process was started with,
//! the headers inside reqwest and what hyper and TLS buffer of them. [`crate::launch::shield`] closes the memory they
//! are in.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde::Deserialize;
use zeroize::Zeroizing;

/// A secret text, overwritten when it is dropped. `Debug` hides it; only [`Secret::expose`] gives it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Keeps `text` from being shown. A `String` is taken over as it lies in memory; anything else is copied.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for a header or a child's environment.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Whether `word`, typed where a name belongs, may be a key: it begins as many do, or is long and has digits in it,
/// which no name of a provider is. Such a word is not repeated.
#[must_use]
pub fn resembles_key(word: &str) -> bool {
    /// The keys of the table's providers have 32 characters and more.
    const LONG: usize = 24;
    let has_digits = word.bytes().filter(u8::is_ascii_digit).count() > 1;
    let is_one = word
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    word.strip_prefix("sk-").is_some_and(|rest| rest.len() > 4) || (word.len() >= LONG && has_digits && is_one)
}

/// Whether every user of this machine can read the file at `path`, through all the folders that it is in.
#[must_use]
pub fn is_open_to_all(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else {
        return false;
    };
    let allows = |path: &Path, bit: u32| fs::metadata(path).is_ok_and(|metadata| metadata.mode() & bit != 0);
    path.is_file() && allows(&path, 0o004) && path.ancestors().skip(1).all(|folder| allows(folder, 0o001))
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_from_a_name() {
        for (word, is_key) in [
            ("sk-1234567890abcdef", true),
            ("0a1b2c3d4e5f60718293a4b5c6d7e8f9.Zz", true),
            ("deepseek", false),
            ("sk-ai", false),
            ("my-company-gateway-in-europe", false),
            ("vllm-2", false),
            ("http://127.0.0.1:11434/v1/models", false),
        ] {
            assert_eq!(resembles_key(word), is_key, "{word}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nothing_of_a_secret_is_left_where_it_was() {
        use std::fs::File;
        use std::os::unix::fs::FileExt;

        let text = "sk-of-the-provider-".repeat(10);
        let secret = Secret::new(text.clone());
        let (address, length) = (secret.expose().as_ptr() as u64, text.len());
        drop(secret);
        let mut left = vec![0; length];
        File::open("/proc/self/mem")
            .unwrap()
            .read_exact_at(&mut left, address)
            .unwrap();
        // Whoever has the memory now may have written there, but not this.
        assert!(
            !left.windows(19).any(|part| text.as_bytes().starts_with(part)),
            "{left:?}"
        );
    }

    #[test]
    fn a_file_is_open_to_all_only_through_open_folders() {
        use std::fs::{Permissions, set_permissions};
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "sk-1").unwrap();
        let open = |folder_mode, mode| {
            set_permissions(folder.path(), Permissions::from_mode(folder_mode)).unwrap();
            set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            is_open_to_all(&path)
        };
        assert!(open(0o755, 0o644) && open(0o711, 0o604));
        assert!(!open(0o755, 0o640) && !open(0o700, 0o644) && !is_open_to_all(Path::new("/dev/stdin")));
        assert!(!is_open_to_all(&folder.path().join("none")));
    }

    #[test]
    fn a_secret_shows_itself_to_nobody_by_accident() {
        assert_eq!(format!("{:?}", Some(Secret::new("sk-1"))), "Some(Secret(…))");
    }
}
