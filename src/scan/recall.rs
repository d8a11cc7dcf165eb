//! The report of a past scan, from what is stored.

use std::collections::HashSet;

use plimsoll_model::AssetId;

use super::outcome::change_row;
use super::{Yardstick, control_infos};
use crate::approval::{Ruling, without_requests};
use crate::baseline::{Judgement, attest, judge};
use crate::inventory::{Snapshot, hint_at_retiring};
use crate::report::{
    self, AccessRow, ChangeRow, IgnoredRow, RejudgedRow, Remarks, Report, ScanRow, Verdict,
};
use crate::store::{ScanInfo, Store, StoreError, StoredChange};

/// How much of a past scan to bring back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recall {
    /// All of it, the systems too.
    Whole,
    /// Drifts and changes, without loading the inventory.
    Quick,
}

/// The report of a past scan: its drifts, changes, counts and coverage as they were stored, with the verdicts that it gave. Who made a
/// change is told by all that is known by now; roles and environments of the systems are chosen by today's baselines and rules.
///
/// # Errors
/// When the inventory cannot be read.
pub fn recall(
    store: &Store,
    scan: &ScanInfo,
    yardstick: &Yardstick<'_>,
    how_much: Recall,
) -> Result<Report, StoreError> {
    let (snapshot, mut judgement) = match how_much {
        Recall::Whole => {
            let Yardstick {
                baselines,
                rules,
                ignores,
                attests,
                ..
            } = yardstick;
            let snapshot = store.snapshot(scan.id)?;
            let (snapshot, _) = attest(snapshot, attests, scan.finished);
            let judgement = judge(&snapshot, baselines, rules, ignores, scan.finished);
            (snapshot, judgement)
        }
        Recall::Quick => {
            let coverage = store.coverage(scan.id)?;
            (
                Snapshot::new(Vec::new(), Vec::new(), coverage),
                Judgement::default(),
            )
        }
    };
    let mut coverage = snapshot.coverage().to_vec();
    if let Some(configured) = yardstick.configured {
        hint_at_retiring(&mut coverage, configured);
    }
    let snapshot = snapshot.with_coverage(coverage);
    judgement.tally = scan.tally.clone();
    judgement.ignored.clear();
    let (mut open, resolved) = store.drifts(scan.id)?;
    let ignored: Vec<IgnoredRow> = serde_json::from_str(&scan.ignored).unwrap_or_default();
    // A drift that is left out keeps its row, so that it is the same drift when the ignore ends.
    let left_out: HashSet<_> = ignored
        .iter()
        .map(|row| (&row.asset, &row.control, &row.expectation))
        .collect();
    open.retain(|drift| !left_out.contains(&(&drift.asset, &drift.control, &drift.expectation)));
    drop(left_out);
    let changes = store.changes_of(scan.id)?;
    let here: HashSet<i64> = changes.iter().map(|change| change.id).collect();
    let named = open
        .iter()
        .chain(&resolved)
        .filter_map(|drift| drift.change);
    let earlier = store.changes_numbered(named.filter(|id| !here.contains(id)), scan.id)?;
    let earlier: Vec<ChangeRow> = earlier.iter().map(stored_row).collect();
    let mut report = report::build(report::Input {
        scan: ScanRow {
            id: scan.id,
            started: scan.started,
            finished: scan.finished,
        },
        snapshot: &snapshot,
        judgement: &judgement,
        drifts: &open,
        resolved: &resolved,
        remarks: remarks(scan),
        changes: changes.iter().map(stored_row).collect(),
        rejudged: rejudged(store, scan.id)?,
        earlier: &earlier,
        accesses: accesses(store, scan.id)?,
        controls: &control_infos(yardstick.baselines),
    });
    report.ignored = ignored;
    report.summary.ignored = report.ignored.len() as u64;
    Ok(report)
}

/// A report that holds the changes of a span of time and nothing else of its scan: the newest `limit` of them, and
/// whether there are more.
///
/// # Errors
/// When the inventory cannot be read.
pub fn recall_changes(
    store: &Store,
    scan: &ScanInfo,
    span: (Option<jiff::Timestamp>, Option<jiff::Timestamp>),
    asset: Option<&AssetId>,
    limit: usize,
) -> Result<(Report, bool), StoreError> {
    let mut changes = store.changes(span.0, span.1, asset, limit.saturating_add(1))?;
    let truncated = changes.len() > limit;
    changes.truncate(limit);
    let snapshot = Snapshot::new(Vec::new(), Vec::new(), store.coverage(scan.id)?);
    let report = report::build(report::Input {
        scan: ScanRow {
            id: scan.id,
            started: scan.started,
            finished: scan.finished,
        },
        snapshot: &snapshot,
        judgement: &Judgement::default(),
        drifts: &[],
        resolved: &[],
        remarks: Remarks::default(),
        changes: changes.iter().map(stored_row).collect(),
        rejudged: Vec::new(),
        earlier: &[],
        accesses: Vec::new(),
        controls: &[],
    });
    Ok((report, truncated))
}

/// What a scan said of itself.
fn remarks(scan: &ScanInfo) -> Remarks {
    let stored = scan.remarks.as_deref();
    stored
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default()
}

/// The changes of scans before one on which it came to another verdict.
fn rejudged(store: &Store, scan: i64) -> Result<Vec<RejudgedRow>, StoreError> {
    let rows = store.changes_judged_anew(scan)?;
    let rows = rows.iter().map(|(stored, before)| RejudgedRow {
        change: stored_row(stored),
        verdict_before: verdict_of(before.as_ref()),
    });
    Ok(rows.filter(RejudgedRow::differs).collect())
}

/// The verdict that a change has by what was said of it; nothing is proven of one of which nothing was said.
pub(super) fn verdict_of(ruling: Option<&Ruling>) -> Verdict {
    ruling.map_or(Verdict::Unproven, |ruling| ruling.judged.verdict())
}

/// The accesses that a scan reported. One that a later Plimsoll wrote in a form that this one does not know is left out.
fn accesses(store: &Store, scan: i64) -> Result<Vec<AccessRow>, StoreError> {
    let rows = store.accesses(scan)?;
    Ok(rows
        .iter()
        .filter_map(|row| serde_json::from_str(row).ok())
        .collect())
}

pub(crate) fn stored_row(stored: &StoredChange) -> ChangeRow {
    let StoredChange {
        id,
        after,
        before,
        change,
        attribution,
        ruling,
        ..
    } = stored;
    let judged = ruling.as_ref().map(|ruling| ruling.judged.clone());
    let judged = judged.unwrap_or_else(without_requests);
    change_row(*id, change, (*after, *before), attribution.clone(), judged)
}
