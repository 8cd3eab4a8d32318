use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use keyring_core::mock;

use super::*;
use crate::report::Report;

fn never_waits() {
    panic!("a keyring that is open makes nobody wait");
}

/// Keeps keys in `folder` and in a keyring that is gone with it.
fn keep(folder: &tempfile::TempDir) -> Keep {
    let store: Arc<keyring_core::CredentialStore> = mock::Store::new().unwrap();
    Keep {
        files: Files::below(folder.path()),
        ring: Ring::over(move |provider| store.build("crelay", provider, None), never_waits),
    }
}

fn told<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    Report::from(outcome.unwrap_err()).to_string()
}

fn names(keep: &Keep) -> Vec<(String, Place)> {
    keep.list().unwrap()
}

#[test]
fn a_key_is_in_the_keyring_and_only_its_owners_name_is_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let keep = keep(&folder);
    assert_eq!(names(&keep), []);
    keep.set("deepseek", Place::Keyring, &Secret::new("sk-1")).unwrap();
    keep.set("deepseek", Place::Keyring, &Secret::new("sk-2")).unwrap();
    assert_eq!(names(&keep), [("deepseek".to_owned(), Place::Keyring)]);
    assert_eq!(
        keep.key("deepseek", Place::Keyring, UNLOCKING).unwrap(),
        Secret::new("sk-2")
    );
    let note = keep.folder().join("deepseek.keyring");
    assert_eq!(fs::read(note).unwrap(), b"");
    assert_eq!(keep.remove("deepseek").unwrap(), [Place::Keyring]);
    assert_eq!(names(&keep), []);
    assert_eq!(keep.remove("deepseek").unwrap(), []);
}

#[test]
fn a_key_in_a_file_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let keep = keep(&folder);
    keep.set("work", Place::File, &Secret::new("sk-1")).unwrap();
    assert_eq!(names(&keep), [("work".to_owned(), Place::File)]);
    assert_eq!(keep.key("work", Place::File, UNLOCKING).unwrap(), Secret::new("sk-1"));
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&keep.file("work")), mode(&keep.folder())), (0o600, 0o700));
    fs::set_permissions(keep.file("work"), fs::Permissions::from_mode(0o640)).unwrap();
    let said = told(keep.key("work", Place::File, UNLOCKING));
    assert!(
        said.contains("can be read by others") && said.contains("chmod 600"),
        "{said}"
    );
}

#[test]
fn a_key_is_kept_in_one_place() {
    let folder = tempfile::tempdir().unwrap();
    let keep = keep(&folder);
    keep.set("work", Place::File, &Secret::new("sk-1")).unwrap();
    keep.set("work", Place::Keyring, &Secret::new("sk-2")).unwrap();
    assert_eq!(names(&keep), [("work".to_owned(), Place::Keyring)]);
    assert!(!keep.file("work").exists());
    keep.set("work", Place::File, &Secret::new("sk-3")).unwrap();
    assert_eq!(names(&keep), [("work".to_owned(), Place::File)]);
    let gone = keep.key("work", Place::Keyring, UNLOCKING);
    assert!(matches!(gone, Err(Error::Gone(..))));
}

#[test]
fn a_provider_may_be_called_anything() {
    let folder = tempfile::tempdir().unwrap();
    let keep = keep(&folder);
    let strange = ["../out", "My Corp", "my corp", "über", "a.key", "50%", ""];
    for (number, name) in strange.iter().enumerate() {
        keep.set(name, Place::File, &Secret::new(format!("sk-{number}")))
            .unwrap();
    }
    fs::write(keep.folder().join("not-ours"), "").unwrap();
    fs::write(keep.folder().join("not%zzours.key"), "").unwrap();
    let mut expected: Vec<(String, Place)> = strange.iter().map(|name| ((*name).to_owned(), Place::File)).collect();
    expected.sort();
    assert_eq!(names(&keep), expected);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    for (number, name) in strange.iter().enumerate() {
        assert_eq!(
            keep.key(name, Place::File, UNLOCKING).unwrap(),
            Secret::new(format!("sk-{number}"))
        );
    }
}

#[test]
fn a_key_that_somebody_else_removed_is_told_and_can_be_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let keep = keep(&folder);
    keep.files.note("deepseek").unwrap();
    assert_eq!(
        told(keep.key("deepseek", Place::Keyring, UNLOCKING)),
        "error: the key for `deepseek` is not in the keyring any more\n\n\
         hint: run `crelay auth set deepseek`, or `crelay auth remove deepseek`"
    );
    assert_eq!(keep.remove("deepseek").unwrap(), [Place::Keyring]);
    assert_eq!(
        told(keep.key("deepseek", Place::File, UNLOCKING)).lines().next(),
        Some("error: the key for `deepseek` is not in the file any more")
    );
}

#[test]
fn without_a_keyring_nothing_is_noted_and_the_file_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let keep = Keep {
        ring: Ring::over(
            |_| Err(keyring_core::Error::PlatformFailure("no bus".into())),
            never_waits,
        ),
        ..keep(&folder)
    };
    let said = told(keep.set("deepseek", Place::Keyring, &Secret::new("sk-secret")));
    assert!(
        said.starts_with("error: there is no keyring that can be used here\n  caused by: no bus\n"),
        "{said}"
    );
    assert!(
        said.contains("`crelay auth set PROVIDER --file`") && !said.contains("secret"),
        "{said}"
    );
    assert_eq!(names(&keep), []);
}

#[test]
fn a_keyring_that_never_answers_is_given_up_and_the_wait_told() {
    static WAITED: AtomicUsize = AtomicUsize::new(0);
    let folder = tempfile::tempdir().unwrap();
    let mut keep = Keep {
        ring: Ring::over(
            |_| loop {
                std::thread::park();
            },
            || {
                WAITED.fetch_add(1, Ordering::Relaxed);
            },
        ),
        ..keep(&folder)
    };
    keep.ring.notice_at_once();
    let silent = keep.key("deepseek", Place::Keyring, Duration::ZERO);
    assert!(matches!(silent, Err(Error::Silent(Duration::ZERO))));
    // Who is asked for a password once and gives none is not asked again for each key.
    let again = keep.key("kimi", Place::Keyring, UNLOCKING);
    assert_eq!(told(again).lines().next(), Some("error: the keyring is locked"));
    assert_eq!(WAITED.load(Ordering::Relaxed), 1);
}

#[test]
fn a_key_that_the_keyring_lacks_shuts_it_for_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let keep = keep(&folder);
    keep.set("kimi", Place::Keyring, &Secret::new("sk-1")).unwrap();
    assert!(keep.key("deepseek", Place::Keyring, UNLOCKING).is_err());
    assert_eq!(
        keep.key("kimi", Place::Keyring, UNLOCKING).unwrap(),
        Secret::new("sk-1")
    );
}

#[test]
fn a_folder_of_keys_that_others_could_have_filled_is_not_trusted() {
    use std::os::unix::fs::symlink;
    let elsewhere = tempfile::tempdir().unwrap();
    for preparation in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let keep = keep(&folder);
        keep.set("work", Place::File, &Secret::new("sk-1")).unwrap();
        match preparation {
            0 => fs::set_permissions(keep.folder(), PermissionsExt::from_mode(0o770)).unwrap(),
            1 => fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o777)).unwrap(),
            _ => {
                let aside = elsewhere.path().join("keys");
                fs::rename(keep.folder(), &aside).unwrap();
                symlink(&aside, keep.folder()).unwrap();
            }
        }
        for refused in [
            keep.list().map(drop),
            keep.key("work", Place::File, UNLOCKING).map(drop),
            keep.set("work", Place::File, &Secret::new("sk-2")),
            keep.remove("work").map(drop),
        ] {
            assert!(told(refused).contains("\n\nhint: "), "{preparation}");
        }
    }
    assert_eq!(fs::read(elsewhere.path().join("keys/work.key")).unwrap(), b"sk-1");
}

#[test]
fn a_link_or_a_pipe_in_the_place_of_a_key_is_neither_followed_nor_waited_for() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let keep = keep(&folder);
    keep.set("work", Place::File, &Secret::new("sk-1")).unwrap();
    let aside = folder.path().join("aside");
    fs::rename(keep.file("work"), &aside).unwrap();
    symlink(&aside, keep.file("work")).unwrap();
    assert!(told(keep.key("work", Place::File, UNLOCKING)).starts_with("error: cannot read"));
    fs::remove_file(keep.file("work")).unwrap();
    nix::unistd::mkfifo(&keep.file("work"), nix::sys::stat::Mode::S_IRUSR).unwrap();
    assert!(told(keep.key("work", Place::File, UNLOCKING)).starts_with("error: cannot read"));
}

#[test]
fn a_key_that_was_being_written_when_its_writer_was_killed_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let keep = keep(&folder);
    keep.sweep();
    keep.set("work", Place::File, &Secret::new("sk-1")).unwrap();
    let left = keep.folder().join("kimi.4711-0.new");
    fs::write(&left, "sk-of-kimi").unwrap();
    assert_eq!(names(&keep), [("work".to_owned(), Place::File)]);
    keep.sweep();
    assert!(!left.exists() && keep.file("work").exists());
}

#[test]
fn a_key_that_cannot_be_noted_is_in_no_keyring_either() {
    let folder = tempfile::tempdir().unwrap();
    let keep = keep(&folder);
    // A file stands in the way of the folder, as a full disk would.
    let note = keep.files.path("deepseek", Place::Keyring);
    fs::write(folder.path().join("keys"), "").unwrap();
    assert!(keep.set("deepseek", Place::Keyring, &Secret::new("sk-1")).is_err());
    assert!(!note.exists());
    assert!(keep.ring.key("deepseek", LOOKING).is_err());
    // One that was kept before is kept still.
    fs::remove_file(folder.path().join("keys")).unwrap();
    keep.set("deepseek", Place::Keyring, &Secret::new("sk-2")).unwrap();
    assert_eq!(keep.ring.key("deepseek", LOOKING).unwrap(), Secret::new("sk-2"));
}
