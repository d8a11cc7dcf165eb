//! Whether the inventory is still the file that it was.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The inventory's file, as the daemon found it. One that is moved away, or replaced, is not begun anew in silence: what was
/// known is then somewhere else, and everything would be met for the first time.
pub(super) struct Whereabouts {
    path: PathBuf,
    /// Its device and its number there; none until there is one.
    identity: Option<(u64, u64)>,
}

impl Whereabouts {
    pub(super) fn of(path: &Path) -> Self {
        let mut file = Self {
            path: path.into(),
            identity: None,
        };
        file.is_gone();
        file
    }

    /// Whether the file that was there is there no more. One that cannot be looked at now may still be.
    pub(super) fn is_gone(&mut self) -> bool {
        match (std::fs::metadata(&self.path), self.identity) {
            (Ok(found), None) => {
                self.identity = Some((found.dev(), found.ino()));
                false
            }
            (Ok(found), Some(known)) => (found.dev(), found.ino()) != known,
            (Err(error), known) => known.is_some() && error.kind() == std::io::ErrorKind::NotFound,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_moved_or_replaced_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plimsoll.db");
        let mut file = Whereabouts::of(&path);
        assert!(!file.is_gone(), "there was none");
        std::fs::write(&path, "one").unwrap();
        assert!(!file.is_gone());
        std::fs::write(&path, "written to").unwrap();
        assert!(!file.is_gone());
        let away = folder.path().join("away.db");
        std::fs::rename(&path, &away).unwrap();
        assert!(file.is_gone());
        std::fs::write(&path, "two").unwrap();
        assert!(file.is_gone());
        std::fs::rename(&away, &path).unwrap();
        assert!(!file.is_gone());
    }
}
