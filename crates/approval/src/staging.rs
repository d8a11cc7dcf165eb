//! What ran in staging, where and when.

use std::collections::HashMap;

use jiff::Timestamp;
use plimsoll_model::{AssetId, Text};

/// Which artefacts ran in staging, where and when.
#[derive(Clone, Debug, Default)]
pub struct Sightings {
    /// Whether any system of staging is in the inventory.
    pub staging_known: bool,
    /// By digest or commit, in lower case: each time that it ran on a system of staging.
    pub runs: HashMap<Text, Vec<StagingRun>>,
}

/// That an artefact ran on a system of staging for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagingRun {
    /// The system.
    pub asset: AssetId,
    /// When it was seen last without the artefact; none where it was met with it.
    pub after: Option<Timestamp>,
    /// When it began at the latest: the first look that saw it, or the record of staging that names the artefact.
    pub from: Timestamp,
    /// When it was seen last; none while it runs.
    pub until: Option<Timestamp>,
}
