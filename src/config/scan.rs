//! `[scan]`: how scans run.

use std::ops::RangeInclusive;
use std::time::Duration;

use plimsoll_settings::Section;

/// The deadlines that make sense: a source that is not read in a day is not read.
pub(super) const DEADLINES: RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(86_400);

/// `[scan]`: how scans run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanSettings {
    /// How many sources are read at once, from 1 to 64.
    pub concurrency: usize,
    /// How long one source may take, where it has no deadline of its own. From a second to a day.
    pub deadline: Duration,
}

impl ScanSettings {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let concurrency = section.int("concurrency", 1..=64);
        let settings = Self {
            concurrency: concurrency
                .and_then(|number| usize::try_from(number).ok())
                .unwrap_or(4),
            deadline: section
                .duration("deadline", DEADLINES)
                .unwrap_or(Duration::from_secs(300)),
        };
        section.finish();
        settings
    }
}
