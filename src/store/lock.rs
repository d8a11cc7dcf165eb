//! Two scans of one source never overlap, across processes too.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use plimsoll_model::Text;

use super::StoreError;

/// Held while a source is scanned; the system lets go of it when the process ends, however it ends.
pub struct SourceLock {
    _file: File,
}

impl SourceLock {
    /// Takes the lock of a source beside the inventory at `path`, and waits for another scan of it. A link to the
    /// inventory is followed, so that every way to it leads to the same lock.
    ///
    /// # Errors
    /// When another process still holds it after `wait`, or the file cannot be made.
    pub fn acquire(path: &Path, source: &Text, wait: Duration) -> Result<Self, StoreError> {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{}.lock", file_safe(source)));
        let lock = path.with_file_name(name);
        let file = plimsoll_kit::file::open_own(&lock).map_err(|error| StoreError::Open {
            path: lock.clone(),
            why: error.fault.to_string(),
        })?;
        give_to_owner(&file, &path);
        let deadline = Instant::now() + wait;
        let mut pause = Duration::from_millis(5);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(std::fs::TryLockError::WouldBlock) => {}
                Err(std::fs::TryLockError::Error(error)) => {
                    return Err(StoreError::Open {
                        path: lock,
                        why: error.to_string(),
                    });
                }
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let source_name = source.to_string();
                return Err(StoreError::SourceBusy {
                    source_name,
                    seconds: wait.as_secs(),
                });
            }
            std::thread::sleep(pause.min(left));
            pause = (pause * 2).min(Duration::from_millis(500));
        }
    }
}

/// A lock that root makes beside somebody else's inventory is theirs: they have to be able to take it later. Where that cannot
/// be done it is root's, and says so when they try.
fn give_to_owner(file: &File, inventory: &Path) {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let (Ok(lock), Ok(inventory)) = (file.metadata(), inventory.metadata()) else {
        return;
    };
    if lock.uid() == 0 && inventory.uid() != 0 {
        let _ = fchown(file, Some(inventory.uid()), Some(inventory.gid()));
    }
}

/// Source names are checked when the configuration is read; this holds for any other text.
fn file_safe(source: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    source
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .take(64)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_each_source_for_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plimsoll.db");
        let docker = Text::from("docker");
        let held = SourceLock::acquire(&path, &docker, Duration::ZERO).unwrap();
        assert!(SourceLock::acquire(&path, &"host".into(), Duration::ZERO).is_ok());
        let busy = SourceLock::acquire(&path, &docker, Duration::ZERO)
            .err()
            .unwrap();
        assert!(
            busy.to_string()
                .contains("another scan of source docker is running")
        );
        drop(held);
        assert!(SourceLock::acquire(&path, &docker, Duration::ZERO).is_ok());
    }

    #[test]
    fn a_lock_that_is_a_link_or_a_pipe_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plimsoll.db");
        let lock = folder.path().join("plimsoll.db.docker.lock");
        let precious = folder.path().join("precious");
        std::fs::write(&precious, b"x").unwrap();
        let make: [&dyn Fn(); 3] = [
            &|| std::os::unix::fs::symlink(&precious, &lock).unwrap(),
            &|| std::fs::hard_link(&precious, &lock).unwrap(),
            &|| drop(plimsoll_kit::testkit::Fifo::holding_readers(&lock)),
        ];
        for make in make {
            make();
            let refused = SourceLock::acquire(&path, &"docker".into(), Duration::ZERO);
            assert!(matches!(refused, Err(StoreError::Open { .. })));
            std::fs::remove_file(&lock).unwrap();
        }
        assert!(SourceLock::acquire(&path, &"docker".into(), Duration::ZERO).is_ok());
    }

    #[test]
    fn every_link_to_an_inventory_leads_to_one_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plimsoll.db");
        std::fs::write(&path, b"").unwrap();
        let links = ["one.db", "two.db"].map(|name| folder.path().join(name));
        for link in &links {
            std::os::unix::fs::symlink(&path, link).unwrap();
        }
        let docker = Text::from("docker");
        let _held = SourceLock::acquire(&links[0], &docker, Duration::ZERO).unwrap();
        assert!(SourceLock::acquire(&links[1], &docker, Duration::ZERO).is_err());
    }
}
