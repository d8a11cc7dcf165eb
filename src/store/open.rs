//! Opening, making and migrating the file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::StoreError;
use super::commit::Commit;

/// `PLMS`: marks a file as ours, <https://www.sqlite.org/pragma.html#pragma_application_id>.
const APPLICATION: i64 = 0x504C_4D53;

/// Each brings the database from its place in the list to the next version.
const MIGRATIONS: &[&str] = &[
    include_str!("schema.sql"),
    include_str!("records.sql"),
    include_str!("verdicts.sql"),
    include_str!("cursors.sql"),
    include_str!("outbox.sql"),
    include_str!("early.sql"),
    include_str!("asof.sql"),
    include_str!("lost.sql"),
    include_str!("staging.sql"),
    include_str!("editions.sql"),
    include_str!("sealed.sql"),
    include_str!("unseen.sql"),
];

/// The version that this Plimsoll writes.
#[cfg(test)]
pub(super) const NEWEST: usize = MIGRATIONS.len();

/// The inventory in its file.
pub struct Store {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    pub(super) wait: Duration,
}

impl Store {
    /// Opens the inventory for a scan, and makes it where there is none. `wait` is how long to wait for another process.
    ///
    /// # Errors
    /// When the file cannot be made or opened, is damaged, another program's, or a newer Plimsoll's. A file that is
    /// refused is left as it is.
    pub fn open(path: &Path, wait: Duration) -> Result<Self, StoreError> {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            create_private(folder).map_err(|error| StoreError::Open {
                path: path.into(),
                why: error.to_string(),
            })?;
        }
        check_place(path)?;
        // SQLite would make it readable by all, and gives its companions the rights of the file.
        create_file(path).map_err(|error| StoreError::Open {
            path: path.into(),
            why: error.to_string(),
        })?;
        let mut store = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, wait)?;
        store.check()?;
        store.migrate()?;
        // A restored backup has another mode, in which a scan and a report wait for each other. Where somebody reads it just
        // now it keeps that mode.
        let _ = store
            .connection
            .query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()));
        Ok(store)
    }

    /// Opens the inventory to read it. All that is read from it is as of one moment, whatever scans write meanwhile;
    /// [`begin`](Self::begin) is for one that was [opened](Self::open) for a scan.
    ///
    /// # Errors
    /// As [`open`](Self::open), and when there is none.
    pub fn open_existing(path: &Path, wait: Duration) -> Result<Self, StoreError> {
        match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(StoreError::Missing(path.into()));
            }
            Err(error) => {
                return Err(StoreError::Open {
                    path: path.into(),
                    why: error.to_string(),
                });
            }
            Ok(_) => check_place(path)?,
        }
        let mut store = match Self::on_read_only(path, wait)? {
            Some(store) => store,
            None => Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, wait)?,
        };
        if store.check()? == 0 {
            return Err(StoreError::Missing(path.into()));
        }
        store.migrate()?;
        store
            .connection
            .execute_batch("BEGIN")
            .map_err(|error| store.says(&error))?;
        Ok(store)
    }

    /// Reads the whole file for damage, every body in it too; takes time that grows with it.
    ///
    /// # Errors
    /// When it is damaged, with the names of the assets whose bodies are.
    pub fn verify(&self) -> Result<(), StoreError> {
        self.verify_pages()?;
        self.verify_bodies()
    }

    /// The same without the bodies.
    pub(super) fn verify_pages(&self) -> Result<(), StoreError> {
        let check = || {
            self.connection
                .query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
        };
        match check().map_err(|error| self.says(&error))? {
            ok if ok == "ok" => Ok(()),
            why => Err(StoreError::Corrupt {
                path: self.path.clone(),
                // It comes in lines, under a heading of its own.
                why: why.lines().last().unwrap_or_default().to_owned(),
            }),
        }
    }

    /// When the file was last written, by its file system; what is not written into it yet counts too. None where that is not known.
    pub fn written(&self) -> Option<jiff::Timestamp> {
        let mut beside = self.path.as_os_str().to_owned();
        beside.push("-wal");
        [self.path.as_path(), Path::new(&beside)]
            .into_iter()
            .filter_map(|path| std::fs::metadata(path).ok())
            // SQLite makes an empty one as soon as we look.
            .filter(|file| file.len() > 0)
            .filter_map(|file| file.modified().ok())
            .filter_map(|time| jiff::Timestamp::try_from(time).ok())
            .max()
    }

    /// Begins to store a scan. Until it is committed or dropped, other processes wait, and those that read see
    /// what was there before.
    ///
    /// # Errors
    /// When another process holds the file for longer than we wait.
    pub fn begin(&mut self) -> Result<Commit<'_>, StoreError> {
        let (path, wait) = (self.path.clone(), self.wait);
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| StoreError::of(&path, wait, &error))?;
        Ok(Commit::new(transaction, path, wait))
    }

    /// The inventory on a file system that is mounted read-only, where SQLite cannot make what its readers share: nobody writes there.
    ///
    /// # Errors
    /// When a scan was not written into the file wholly before: without what lies beside it, the file is not the whole.
    fn on_read_only(path: &Path, wait: Duration) -> Result<Option<Self>, StoreError> {
        let system = rustix::fs::statvfs(path).ok();
        let flag = rustix::fs::StatVfsMountFlags::RDONLY;
        if !system.is_some_and(|system| system.f_flag.contains(flag)) {
            return Ok(None);
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push("-wal");
        if std::fs::metadata(&beside).is_ok_and(|file| file.len() > 0) {
            return Err(StoreError::ReadOnly(path.into()));
        }
        let absolute = std::path::absolute(path).map_err(|error| StoreError::Open {
            path: path.into(),
            why: error.to_string(),
        })?;
        let mut uri = "file:".to_owned();
        for byte in absolute.as_os_str().as_encoded_bytes() {
            if byte.is_ascii_alphanumeric() || b"/-_.~".contains(byte) {
                uri.push(char::from(*byte));
            } else {
                uri.push_str(&format!("%{byte:02X}"));
            }
        }
        uri.push_str("?immutable=1");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let store = Self::connect(Path::new(&uri), flags, wait)?;
        Ok(Some(Self {
            path: path.into(),
            ..store
        }))
    }

    pub(super) fn connect(
        path: &Path,
        flags: OpenFlags,
        wait: Duration,
    ) -> Result<Self, StoreError> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
        let says = |error: &rusqlite::Error| StoreError::of(path, wait, error);
        let connection = Connection::open_with_flags(path, flags).map_err(|error| says(&error))?;
        connection
            .busy_timeout(wait)
            .map_err(|error| says(&error))?;
        connection
            .execute_batch("PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000; PRAGMA foreign_keys = OFF; PRAGMA trusted_schema = OFF;")
            .map_err(|error| says(&error))?;
        Ok(Self {
            connection,
            path: path.into(),
            wait,
        })
    }

    /// The file's version; 0 for an empty one. Looks, and writes nothing.
    pub(super) fn check(&self) -> Result<i64, StoreError> {
        let pragma = |name: &str| {
            self.connection
                .query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0))
                .map_err(|error| self.says(&error))
        };
        // Reads the schema, so that a file that is no database shows here.
        let tables: i64 = self
            .connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(|error| self.says(&error))?;
        let (application, version) = (pragma("application_id")?, pragma("user_version")?);
        if tables == 0 && application == 0 && version == 0 {
            return Ok(0);
        }
        if application != APPLICATION {
            return Err(StoreError::Foreign(self.path.clone()));
        }
        let known = MIGRATIONS.len() as i64;
        if version > known {
            return Err(StoreError::Newer {
                path: self.path.clone(),
                found: version,
                known,
            });
        }
        Ok(version)
    }

    fn migrate(&mut self) -> Result<(), StoreError> {
        if self.check()? == MIGRATIONS.len() as i64 {
            return Ok(());
        }
        let (path, wait) = (self.path.clone(), self.wait);
        let says = |error: rusqlite::Error| StoreError::of(&path, wait, &error);
        self.connection
            .query_row("PRAGMA journal_mode = WAL", [], |row| {
                row.get::<_, String>(0)
            })
            .map_err(says)?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(says)?;
        run_migrations(&transaction, MIGRATIONS.len()).map_err(says)?;
        transaction.commit().map_err(says)
    }

    pub(super) fn says(&self, error: &rusqlite::Error) -> StoreError {
        StoreError::of(&self.path, self.wait, error)
    }
}

/// Makes an empty database one of an earlier version, from 1.
pub(super) fn migrate_to(connection: &mut Connection, version: i64) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    run_migrations(&transaction, usize::try_from(version).unwrap_or(0))?;
    transaction.commit()
}

fn run_migrations(connection: &Connection, version: usize) -> rusqlite::Result<()> {
    // Another process may have migrated while we waited.
    let done: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let done = usize::try_from(done).unwrap_or(0);
    for migration in MIGRATIONS.iter().take(version).skip(done) {
        connection.execute_batch(migration)?;
    }
    connection.pragma_update(None, "application_id", APPLICATION)?;
    connection.pragma_update(None, "user_version", version as i64)
}

/// Refuses a folder in which anybody could put another inventory, key or lock in the place of ours, and what is there and is no
/// file, as a pipe, at which SQLite would wait.
fn check_place(path: &Path) -> Result<(), StoreError> {
    let refused = |why: String| StoreError::Open {
        path: path.into(),
        why,
    };
    match std::fs::metadata(path) {
        Ok(there) if !there.is_file() => Err(refused("it is no regular file".to_owned())),
        _ => {
            plimsoll_kit::file::check_folder(path).map_err(|error| refused(error.fault.to_string()))
        }
    }
}

/// Makes an empty file that only this user can read, where there is none.
fn create_file(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let made = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Makes a folder that only this user can look into, with its parents.
fn create_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_folder_that_everybody_writes_to_holds_no_inventory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plimsoll.db");
        drop(Store::open(&path, Duration::ZERO).unwrap());
        let chmod = |mode| {
            let mode = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(folder.path(), mode).unwrap();
        };
        chmod(0o777);
        assert!(Store::open(&path, Duration::ZERO).is_err());
        let error = Store::open_existing(&path, Duration::ZERO).err().unwrap();
        assert!(error.to_string().contains("chmod o-w"), "{error}");
        chmod(0o755);
        assert!(Store::open(&path, Duration::ZERO).is_ok());
    }

    #[test]
    fn others_cannot_read_the_inventory_in_any_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = folder.path().join("plimsoll.db");
        let _store = Store::open(&path, Duration::ZERO).unwrap();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let mode = file.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
    }
}
