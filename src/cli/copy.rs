//! A copy of the inventory to scan with, where the inventory itself cannot be written.

use std::path::Path;

use anyhow::Context as _;
use rustix::fs::{StatVfsMountFlags, statvfs};

use crate::config::StoreSettings;
use crate::store::{Store, StoreError};

/// Such a copy. It is gone when this is dropped.
pub(super) struct Copy {
    settings: StoreSettings,
    _folder: tempfile::TempDir,
}

impl Copy {
    /// A copy, where the inventory is on a read-only file system; none where it can be written, or cannot for another reason.
    pub(super) fn where_nothing_can_be_stored(
        settings: &StoreSettings,
    ) -> anyhow::Result<Option<Self>> {
        if !is_read_only(&settings.path) {
            return Ok(None);
        }
        let folder = tempfile::tempdir().or_else(|_| tempfile::tempdir_in("/dev/shm"));
        let folder = folder.context("no folder for a copy of the inventory")?;
        let copy = StoreSettings {
            path: folder.path().join("plimsoll.db"),
            key_file: folder.path().join("redaction.key"),
            ..settings.clone()
        };
        match Store::open_existing(&settings.path, settings.busy_timeout) {
            Err(StoreError::Missing(_)) => {}
            store => drop(store?.backup(&copy.path)?),
        }
        // Under another key everything that is marked would look changed.
        if settings.key_file.exists() {
            std::fs::copy(&settings.key_file, &copy.key_file)
                .with_context(|| format!("the redaction key {}", settings.key_file.display()))?;
        }
        Ok(Some(Self {
            settings: copy,
            _folder: folder,
        }))
    }

    pub(super) fn settings(&self) -> &StoreSettings {
        &self.settings
    }
}

/// Whether a file, or the nearest folder above it that there is, is on a file system that is mounted read-only.
fn is_read_only(path: &Path) -> bool {
    let there = path.ancestors().find_map(|place| {
        let place = if place.as_os_str().is_empty() {
            Path::new(".")
        } else {
            place
        };
        statvfs(place).ok()
    });
    there.is_some_and(|system| system.f_flag.contains(StatVfsMountFlags::RDONLY))
}
