//! What the configuration says to leave out, why, and until when.

use plimsoll_settings::Section;

/// A row of `[[ignore]]`.
#[derive(Clone, Debug)]
pub struct Ignore {}

impl Ignore {
    /// Reads one `[[ignore]]` of a configuration. Mistakes are noted on the section.
    pub fn read(section: &Section<'_>) -> Option<Self> {
        let _ = section;
        Some(Self {})
    }
}
