//! A row of the configuration's rule table: which assets get which role or environment.

use plimsoll_settings::Section;

/// A row of the rule table.
#[derive(Clone, Debug)]
pub struct Rule {}

impl Rule {
    /// Reads `[[rules]]` number `number` (from 1) of a configuration. Mistakes are noted on the section.
    pub fn read(section: &Section<'_>, number: usize) -> Option<Self> {
        let _ = (section, number);
        Some(Self {})
    }
}
