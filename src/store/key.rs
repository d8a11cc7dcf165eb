//! The redaction key: a file of its own, outside the database.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use plimsoll_kit::KEY_BYTES;
use plimsoll_kit::file::{self, FileFault};

use super::StoreError;

/// The redaction key at `path`; a new one is made, readable by this user only, where there is none.
///
/// Whoever has the key and the database can guess values and compare: it is kept apart from backups of the database.
/// Another key makes every mark new, which shows as no change.
///
/// # Errors
/// When the file cannot be made or read, is not 32 bytes long, or others may read it.
pub fn redaction_key(path: &Path) -> Result<[u8; KEY_BYTES], StoreError> {
    let says = |why: String| StoreError::Key {
        path: path.into(),
        why,
    };
    file::check_folder(path).map_err(|error| says(error.fault.to_string()))?;
    // A link that leads nowhere is no place for a new one.
    match path.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => make(path),
        _ => read(path),
    }
    .map_err(says)
}

fn read(path: &Path) -> Result<[u8; KEY_BYTES], String> {
    let wrong = |length: &str| {
        format!(
            "it must be {KEY_BYTES} bytes long and has {length}; restore it, or move it away to have a new one made"
        )
    };
    let bytes = file::read_private(path, KEY_BYTES).map_err(|error| match error.fault {
        FileFault::TooLong(_) => wrong("more"),
        FileFault::System(error) => format!("{error}; check that this user may read it"),
        fault => fault.to_string(),
    })?;
    let length = bytes.len();
    bytes.try_into().map_err(|_| wrong(&length.to_string()))
}

/// Writes the key beside its place and links it there, so that of two processes that make one both use the same.
fn make(path: &Path) -> Result<[u8; KEY_BYTES], String> {
    /// Scans of one process have one name for their drafts.
    static MAKING: Mutex<()> = Mutex::new(());
    let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut key = [0; KEY_BYTES];
    let mut random = File::open("/dev/urandom").map_err(|error| error.to_string())?;
    random
        .read_exact(&mut key)
        .map_err(|error| error.to_string())?;
    let draft = draft(path);
    // One that a killed process left would keep its mode, and could be open elsewhere.
    let _ = std::fs::remove_file(&draft);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| file.write_all(&key).and_then(|()| file.sync_all()))
        .and_then(|()| match std::fs::hard_link(&draft, path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
            other => other.map(|()| true),
        });
    let _ = std::fs::remove_file(&draft);
    match written {
        Ok(true) => Ok(key),
        Ok(false) => read(path),
        Err(error) => Err(format!(
            "cannot make it: {error}; check that this user may write to its folder"
        )),
    }
}

fn draft(path: &Path) -> PathBuf {
    path.with_extension(format!("key.{}", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    #[test]
    fn a_draft_that_was_left_gives_the_key_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("redaction.key");
        std::fs::write(draft(&path), b"old").unwrap();
        std::fs::set_permissions(draft(&path), std::fs::Permissions::from_mode(0o644)).unwrap();
        let key = redaction_key(&path).unwrap();
        assert_eq!(redaction_key(&path).unwrap(), key);
    }

    #[test]
    fn scans_that_begin_together_make_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("redaction.key");
        let keys: Vec<_> = std::thread::scope(|threads| {
            let make = || threads.spawn(|| redaction_key(&path).unwrap());
            let all: Vec<_> = std::iter::repeat_with(make).take(16).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
    }

    #[test]
    fn made_once_private_and_checked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("redaction.key");
        let key = redaction_key(&path).unwrap();
        assert_eq!(redaction_key(&path).unwrap(), key);
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "no draft is left"
        );

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(
            redaction_key(&path)
                .unwrap_err()
                .to_string()
                .contains("chmod 600")
        );

        std::fs::write(&path, b"short").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert!(
            redaction_key(&path)
                .unwrap_err()
                .to_string()
                .contains("has 5")
        );
    }
}
