//! The settings table.

use std::path::PathBuf;

use plimsoll_kit::settings::Section;

pub(crate) struct Settings {
    /// The folder that is read.
    pub(crate) folder: PathBuf,
}

impl Settings {
    /// Reads the table. Every mistake is noted on the section; none is given when there is one.
    pub(crate) fn read(section: &Section<'_>) -> Option<Self> {
        let folder = section.required_text("folder", "the folder of the messages")?;
        section.finish();
        if !folder.starts_with('/') {
            section.mistake_at("folder", "`folder` must be an absolute path");
            return None;
        }
        Some(Self {
            folder: folder.into(),
        })
    }
}
