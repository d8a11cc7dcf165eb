//! What the sections are read against.

use std::path::PathBuf;

use plimsoll_kit::{Registration, Surroundings};
use plimsoll_settings::Section;

/// What the sections are read against.
pub(super) struct Reading<'a> {
    /// The collectors that there are.
    pub(super) registrations: &'a [Registration],
    /// Variables and folders of this machine.
    pub(super) surroundings: &'a Surroundings,
    /// The configuration file's folder: what relative paths start from, so that it does not matter from where
    /// the program is called.
    pub(super) folder: PathBuf,
}

impl Reading<'_> {
    /// A path that the user wrote under `key`.
    pub(super) fn path(&self, section: &Section<'_>, key: &str) -> Option<PathBuf> {
        let text = section.text(key)?;
        self.resolve(section, key, &text)
    }

    /// A path as the user wrote it under `key`: from the home folder after `~/`, else from the configuration's.
    pub(super) fn resolve(&self, section: &Section<'_>, key: &str, text: &str) -> Option<PathBuf> {
        if text.trim().is_empty() {
            section.mistake_at(key, format!("`{key}` must not be empty"));
            return None;
        }
        let Some(inside) = text.strip_prefix("~/") else {
            return Some(self.folder.join(text));
        };
        let Some(home) = self.surroundings.home() else {
            let hint = Some("write the whole path".to_owned());
            let message = format!("`{key}`: {text:?} needs a home folder, and HOME is not set");
            section.mistake(section.place_of(key), message, hint);
            return None;
        };
        Some(self.surroundings.path(home).join(inside))
    }
}
