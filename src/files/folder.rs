//! Folders in which nobody else can put what crelay would trust.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

use super::error::{Error, Root};
use super::whole;

/// Makes `path` and the folders above it unless they are there, and refuses it if it is somebody else's, if others can
/// write there, or if a link or a file stands in its place.
pub fn folder(path: &Path, root: Root) -> Result<(), Error> {
    make(path, root)?;
    let metadata = fs::symlink_metadata(path).map_err(Error::file("read", path, root))?;
    check(path, &metadata, root)
}

/// As [`folder`], for one that the user may keep elsewhere: a link to a folder is followed.
pub fn linked_folder(path: &Path, root: Root) -> Result<(), Error> {
    make(path, root)?;
    let metadata = fs::metadata(path).map_err(Error::file("read", path, root))?;
    check(path, &metadata, root)
}

/// The folder `name` beneath `base`, which is made unless it is there. The user may keep `base` elsewhere; what is
/// beneath is crelay's alone.
pub fn beneath(base: &Path, name: &str, root: Root) -> Result<PathBuf, Error> {
    linked_folder(base, root)?;
    let path = base.join(name);
    folder(&path, root)?;
    Ok(path)
}

/// As [`beneath`], for who only reads: nothing is made, and `None` if there is no such folder.
pub fn found(base: &Path, name: &str, root: Root) -> Result<Option<PathBuf>, Error> {
    use io::ErrorKind::{InvalidFilename, NotADirectory, NotFound};
    let path = base.join(name);
    match fs::symlink_metadata(&path) {
        // Where no folder can be, nothing has been put; whoever wants to write there says what stands in the way.
        Err(error) if matches!(error.kind(), NotFound | NotADirectory | InvalidFilename) => Ok(None),
        Err(error) => Err(Error::file("read", &path, root)(error)),
        Ok(metadata) => {
            let above = fs::metadata(base).map_err(Error::file("read", base, root))?;
            check(base, &above, root)?;
            check(&path, &metadata, root)?;
            Ok(Some(path))
        }
    }
}

/// Whether [`folder`] would give `path`, and a file could be made in it. Nothing is made.
pub fn usable(path: &Path, root: Root) -> Result<(), Error> {
    if let Ok(metadata) = fs::symlink_metadata(path) {
        check(path, &metadata, root)?;
    }
    writable(path, root)
}

/// As [`usable`], for [`linked_folder`].
pub fn usable_linked(path: &Path, root: Root) -> Result<(), Error> {
    if let Ok(metadata) = fs::metadata(path) {
        check(path, &metadata, root)?;
    }
    writable(path, root)
}

/// Whether a file could be made in `path`, or `path` where it is not there, with the folders above it. Nothing is made.
pub fn writable(path: &Path, root: Root) -> Result<(), Error> {
    let mut all = path.ancestors();
    let nearest = all.find(|above| above.symlink_metadata().is_ok()).unwrap_or(path);
    let verb = if nearest == path { "write in" } else { "create" };
    let found = match fs::metadata(nearest) {
        Ok(metadata) if !metadata.is_dir() => Err(io::ErrorKind::NotADirectory.into()),
        Ok(_) => access(nearest, AccessFlags::W_OK | AccessFlags::X_OK).map_err(io::Error::from),
        Err(error) => Err(error),
    };
    found.map_err(Error::file(verb, path, root))
}

fn make(path: &Path, root: Root) -> Result<(), Error> {
    match whole::private_folder(path) {
        // Something that is no folder stands there; who asks for a folder says so better.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.symlink_metadata().is_ok() => {
            let path = path.to_owned();
            Err(Error::NotFolder { path, root })
        }
        made => made.map_err(Error::file("create", path, root)),
    }
}

fn check(path: &Path, metadata: &Metadata, root: Root) -> Result<(), Error> {
    let path = path.to_owned();
    if !metadata.is_dir() {
        return Err(Error::NotFolder { path, root });
    }
    let is_ours = metadata.uid() == nix::unistd::geteuid().as_raw();
    if is_ours && metadata.mode() & 0o022 == 0 {
        return Ok(());
    }
    Err(Error::NotPrivate { path, is_ours, root })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_folder_is_made_and_a_link_in_its_place_is_followed_only_where_the_user_may_set_one() {
        let base = tempfile::tempdir().unwrap();
        let [real, link] = ["a/real", "link"].map(|name| base.path().join(name));
        folder(&real, Root::State).unwrap();
        assert_eq!(fs::metadata(&real).unwrap().mode() & 0o777, 0o700);
        symlink(&real, &link).unwrap();
        linked_folder(&link, Root::State).unwrap();
        assert!(matches!(
            folder(&link, Root::State),
            Err(Error::NotFolder { path, .. }) if path == link
        ));
    }

    #[test]
    fn a_folder_in_which_others_write_is_refused() {
        let base = tempfile::tempdir().unwrap();
        for (mode, is_private) in [(0o700, true), (0o755, true), (0o770, false), (0o707, false)] {
            fs::set_permissions(base.path(), PermissionsExt::from_mode(mode)).unwrap();
            let found = folder(base.path(), Root::State);
            assert_eq!(found.is_ok(), is_private, "{mode:o}");
            fs::set_permissions(base.path(), PermissionsExt::from_mode(0o700)).unwrap();
        }
    }

    #[test]
    fn a_folder_of_somebody_else_is_refused() {
        let base = tempfile::tempdir().unwrap();
        // Only the superuser can give something away; to everybody else the root of all files is somebody else's.
        let foreign = match std::os::unix::fs::chown(base.path(), Some(65534), None) {
            Ok(()) => base.path(),
            Err(_) => Path::new("/"),
        };
        for found in [folder(foreign, Root::State), linked_folder(foreign, Root::State)] {
            assert!(
                matches!(found, Err(Error::NotPrivate { is_ours: false, .. })),
                "{found:?}"
            );
        }
    }

    #[test]
    fn a_file_or_a_link_to_nowhere_is_no_folder() {
        let base = tempfile::tempdir().unwrap();
        let [file, link] = ["file", "link"].map(|name| base.path().join(name));
        fs::write(&file, "").unwrap();
        symlink("nowhere", &link).unwrap();
        for path in [file, link] {
            assert!(matches!(folder(&path, Root::State), Err(Error::NotFolder { .. })));
            assert!(matches!(
                linked_folder(&path, Root::State),
                Err(Error::NotFolder { .. })
            ));
        }
    }
}
