//! What a scan found is planned as notices, in its one transaction: no crash tells of a scan that was not stored, or loses what
//! one found.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use plimsoll_model::{AssetId, Text};

use crate::approval::Ruling;
use crate::inventory::Snapshot;
use crate::notify::plan::{Again, Found, Notify, gather, plan};
use crate::report::Report;
use crate::store::{Commit, StoreError};

/// What there is to tell.
pub(super) struct Told<'a> {
    pub(super) report: &'a Report,
    /// What was known of the assets of this scan's changes.
    pub(super) rulings: HashMap<i64, Ruling>,
    /// Changes of scans before of which there is something to tell.
    pub(super) again: &'a [Again],
    /// Those of this scan of which nothing is told before the sources of change requests were read.
    pub(super) early: &'a HashSet<i64>,
    pub(super) snapshot: &'a Snapshot,
    /// Ids that live on under another one.
    pub(super) moved: &'a HashMap<AssetId, AssetId>,
    pub(super) now: Timestamp,
}

/// Decides who is told what, and writes that.
pub(super) fn tell(commit: &Commit<'_>, notify: &Notify, told: Told<'_>) -> Result<(), StoreError> {
    let team = |id: &AssetId| -> Option<Text> {
        let id = told.moved.get(id).unwrap_or(id);
        let asset = told.snapshot.asset(told.snapshot.find(id.as_str())?);
        let mut labels = notify.team_labels.iter();
        labels.find_map(|label| asset.labels.get(label)).cloned()
    };
    let found = Found {
        report: told.report,
        rulings: &told.rulings,
        again: told.again,
        early: told.early,
        waived: &commit.waived()?,
        team: &team,
    };
    let occurrences = gather(&found);
    let past = commit.told(occurrences.iter().map(|one| &one.subject))?;
    let plan = plan(occurrences, &past, notify, told.now);
    tracing::debug!(
        notices = plan.notices.len(),
        messages = plan.deliveries.len(),
        "planned"
    );
    commit.put_plan(Some(told.report.scan.id), told.now, &plan)
}
