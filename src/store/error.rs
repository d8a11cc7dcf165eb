//! What can go wrong with the database, and what to do about it.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is none yet.
    #[error(
        "there is no inventory at {0} yet: run `plimsoll scan` first, or name it under [store] path"
    )]
    Missing(PathBuf),
    /// Its folder or file cannot be made or opened.
    #[error(
        "cannot open the inventory at {path}: {why}; check that its folder exists and that this user may write to it, \
         or name another file under [store] path"
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// A newer Plimsoll made it.
    #[error(
        "the inventory at {path} was made by a newer plimsoll (its version is {found}, this one knows up to {known}): \
         update plimsoll; nothing was changed"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version found.
        found: i64,
        /// The newest version known.
        known: i64,
    },
    /// It is another program's database.
    #[error(
        "{0} is no plimsoll inventory: name another file under [store] path; nothing was changed"
    )]
    Foreign(PathBuf),
    /// It is damaged.
    #[error(
        "the inventory at {path} is damaged ({why}); nothing was changed. Keep the file, restore a backup, or let \
         `plimsoll recover {path} NEW` copy what can be read into a new one: docs/guides/daemon.md has the steps"
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        why: String,
    },
    /// Another process holds it.
    #[error(
        "the inventory at {path} is locked by another process, and still was after {seconds} s: wait for the other scan to \
         end, or raise [store] busy_timeout; nothing was changed"
    )]
    Locked {
        /// The file.
        path: PathBuf,
        /// How long we waited.
        seconds: u64,
    },
    /// Another scan reads the same source.
    #[error(
        "another scan of source {source_name} is running, and still was after {seconds} s: wait for it to end; nothing was \
         changed"
    )]
    SourceBusy {
        /// The source.
        source_name: String,
        /// How long we waited.
        seconds: u64,
    },
    /// The disk is full.
    #[error(
        "the disk of {0} is full: the last scan is intact, this one was not stored; make room and scan again"
    )]
    Full(PathBuf),
    /// It, or its folder, may not be written.
    #[error(
        "{0} cannot be written, which even reading it needs: check the rights of the file and its folder; the last scan is \
         intact"
    )]
    ReadOnly(PathBuf),
    /// Bodies in it cannot be read.
    #[error(
        "the inventory at {path}: what was stored of {assets} is damaged, and the rest is whole; the next scan that sees them stores them \
         anew, and what they were before is lost: a backup may have it"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The assets.
        assets: String,
    },
    /// What it holds makes no sense.
    #[error("the inventory at {path} holds something that this plimsoll cannot read: {what}")]
    Content {
        /// The file.
        path: PathBuf,
        /// What and where.
        what: String,
    },
    /// The redaction key cannot be used.
    #[error("the redaction key {path}: {why}")]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        why: String,
    },
    /// Anything else that SQLite says.
    #[error("the inventory at {path}: {why}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        why: String,
    },
}

impl StoreError {
    /// Says what an error of SQLite means for the file at `path`.
    pub(super) fn of(path: &Path, waited: std::time::Duration, error: &rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        // The memory that readers share lies beside the file: where it cannot grow, the disk is full too.
        let extended = error.sqlite_error().map(|error| error.extended_code);
        if extended == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE) {
            return Self::Full(path);
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked {
                path,
                seconds: waited.as_secs(),
            },
            Some(ErrorCode::DiskFull) => Self::Full(path),
            Some(ErrorCode::ReadOnly) => Self::ReadOnly(path),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Corrupt {
                path,
                why: error.to_string(),
            },
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Self::Open {
                path,
                why: error.to_string(),
            },
            _ => Self::Sqlite {
                path,
                why: error.to_string(),
            },
        }
    }
}
