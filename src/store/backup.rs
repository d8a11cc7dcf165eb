//! A copy of the inventory while it is in use.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::{Store, StoreError};

/// Why a copy could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The inventory cannot be read, or the copy not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is something already.
    #[error("{0} is there already: name another file; nothing was written over")]
    Exists(PathBuf),
    /// There is nothing in it that could be recovered.
    #[error(
        "{path} is too damaged to be recovered ({why}): restore a backup, or start again with an empty path"
    )]
    Lost {
        /// The file.
        path: PathBuf,
        /// What is damaged.
        why: String,
    },
    /// The file system refuses.
    #[error("cannot write {path}: {why}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
}

impl Store {
    /// Copies the inventory as of one moment to a new file that its owner alone can read, whatever scans write meanwhile,
    /// and reads the whole copy for damage. It comes under its name when it is complete. Gives its size in bytes.
    ///
    /// # Errors
    /// When there is such a file already, it cannot be written, or the copy is damaged.
    pub fn backup(&self, to: &Path) -> Result<u64, BackupError> {
        place(to, |part| Ok(self.copy(part)?))
    }

    fn copy(&self, to: &Path) -> Result<(), StoreError> {
        let says = |error: &rusqlite::Error| StoreError::of(to, self.wait, error);
        let mut copy = rusqlite::Connection::open(to).map_err(|error| says(&error))?;
        {
            let backup = Backup::new(&self.connection, &mut copy).map_err(|error| says(&error))?;
            // All of it in one step: scans go on beside a reader, and what is copied in many begins anew with each of them.
            loop {
                match backup.step(-1).map_err(|error| says(&error))? {
                    StepResult::Done => break,
                    _ => std::thread::sleep(Duration::from_millis(50)),
                }
            }
        }
        let check = || copy.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        let said = check().map_err(|error| says(&error))?;
        if said != "ok" {
            return Err(StoreError::Corrupt {
                path: to.into(),
                why: said.lines().last().unwrap_or_default().to_owned(),
            });
        }
        // One file and no others beside it.
        copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))
            .map_err(|error| says(&error))?;
        copy.close().map_err(|(_, error)| says(&error))
    }
}

/// Has a new file written that its owner alone can read, and gives it its name when it is complete. Gives its size in bytes.
///
/// # Errors
/// When there is such a file already, or it cannot be written.
pub(super) fn place(
    to: &Path,
    write: impl FnOnce(&Path) -> Result<(), BackupError>,
) -> Result<u64, BackupError> {
    let wrong = |path: &Path, error: std::io::Error| BackupError::Write {
        path: path.into(),
        why: error.to_string(),
    };
    if to.symlink_metadata().is_ok() {
        return Err(BackupError::Exists(to.into()));
    }
    let folder = match to.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // Temporary files are for their owner alone, and gone where this ends early.
    let part = tempfile::Builder::new()
        .prefix(".plimsoll-backup-")
        .tempfile_in(folder)
        .map_err(|error| wrong(to, error))?;
    write(part.path())?;
    part.as_file()
        .sync_all()
        .map_err(|error| wrong(to, error))?;
    let size = part
        .as_file()
        .metadata()
        .map_err(|error| wrong(to, error))?;
    // What came under the name since is not written over either.
    match renameat_with(CWD, part.path(), CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => {}
        Err(rustix::io::Errno::EXIST) => return Err(BackupError::Exists(to.into())),
        Err(error) => return Err(wrong(to, error.into())),
    }
    // The name has to last as well as the bytes.
    let folder = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
    folder.map_err(|error| wrong(to, error))?;
    Ok(size.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_copy_is_whole_private_alone_and_writes_nothing_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plimsoll.db");
        drop(Store::open(&path, Duration::ZERO).unwrap());
        let store = Store::open_existing(&path, Duration::ZERO).unwrap();
        // A scan is being stored meanwhile.
        let mut other = Store::open(&path, Duration::ZERO).unwrap();
        let commit = other.begin().unwrap();
        let to = folder.path().join("copy.db");
        let size = store.backup(&to).unwrap();
        drop(commit);
        let copy = to.metadata().unwrap();
        assert_eq!(
            (copy.len(), copy.permissions().mode() & 0o777),
            (size, 0o600)
        );
        Store::open_existing(&to, Duration::ZERO)
            .unwrap()
            .verify()
            .unwrap();
        let again = store.backup(&to).unwrap_err();
        assert!(matches!(again, BackupError::Exists(_)), "{again}");
        let nowhere = store.backup(&folder.path().join("none/copy.db"));
        assert!(matches!(nowhere, Err(BackupError::Write { .. })));
        let left = std::fs::read_dir(folder.path()).unwrap();
        let left = left.filter(|file| {
            let name = file.as_ref().unwrap().file_name();
            name.to_string_lossy().contains("backup")
        });
        assert_eq!(left.count(), 0);
    }
}
