//! Judging the snapshot, following the drifts, and the last writes of a scan.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher as _};

use jiff::Timestamp;
use plimsoll_kit::Clock;
use plimsoll_model::{AssetId, Text};

use super::accesses::{Where, accesses};
use super::makers::{Makers, Question};
use super::published;
use super::recall::stored_row;
use super::records::Records;
use super::roles::role_changes;
use super::tell::{Told, tell};
use super::verdicts::{Courts, Gone, New, rule};
use super::weigh::Seen;
use super::{Scanned, Yardstick, keep_from};
use crate::approval::Judged;
use crate::baseline::{self, Drift, DriftState};
use crate::change::{Attribution, Change, ChangeKind, path_is_of};
use crate::inventory::Snapshot;
use crate::report::{self, ChangeRow, Observed, Remarks, ScanRow, Uncompared};
use crate::store::{Commit, Numbers, StoreError, WriteChange, WriteOutcome};
use crate::trace;

/// What the scan found before it was judged.
pub(super) struct Found {
    pub(super) scan: i64,
    pub(super) started: Timestamp,
    pub(super) seen: Vec<Seen>,
    /// What the sources have records of, stored already.
    pub(super) records: Records,
    /// Ids that live on under another one.
    pub(super) moved: HashMap<AssetId, AssetId>,
    /// What is there no more.
    pub(super) gone: Gone,
    /// Open as of the scan before.
    pub(super) drifts: Vec<Drift>,
    pub(super) last_complete: HashMap<i64, Timestamp>,
    /// The same, by source and name of the scope.
    pub(super) read_before: HashMap<(Text, Text), Timestamp>,
    pub(super) numbers: Numbers,
    /// The hidden values that could not be compared.
    pub(super) uncompared: Uncompared,
    /// What ended because its source was retired.
    pub(super) retired: HashSet<AssetId>,
}

/// Judges, follows the drifts, stores, commits, and builds the report.
pub(super) fn conclude(
    commit: Commit<'_>,
    snapshot: Snapshot,
    mut found: Found,
    yardstick: &Yardstick<'_>,
    clock: &Clock,
) -> Result<Scanned, StoreError> {
    let now = clock();
    let Yardstick {
        baselines,
        rules,
        ignores,
        attests,
        retention,
        ..
    } = yardstick;
    let (snapshot, misattested) = baseline::attest(snapshot, attests, now);
    let judgement = baseline::judge(&snapshot, baselines, rules, ignores, now);

    tracing::debug!(
        systems = judgement.systems.len(),
        findings = judgement.findings.len(),
        "judged"
    );

    published::leave_out(&mut found.seen, &snapshot, &found.gone, &found.moved);
    let first_change = commit.next_change()?;
    found
        .seen
        .sort_by_key(|seen| (seen.asset, seen.change.kind, seen.scope));
    found
        .seen
        .dedup_by(|a, b| a.asset == b.asset && a.change.kind == b.change.kind && b.absorb(a));
    let changes: Vec<(i64, &Seen)> = (first_change..).zip(&found.seen).collect();

    let before = Wording::of(&found.drifts);
    let drifts = {
        // The store answers inside a pure room's question: its error waits outside.
        let failed = RefCell::new(None);
        let was_resolved = |asset: &AssetId, control: &str, expectation: &str| {
            let Some(number) = found.numbers.get(asset) else {
                return false;
            };
            commit
                .was_resolved(number, control, expectation)
                .unwrap_or_else(|error| {
                    failed.borrow_mut().get_or_insert(error);
                    false
                })
        };
        let mut drifts = baseline::follow(found.drifts, &was_resolved, &judgement, &snapshot, now);
        if let Some(error) = failed.into_inner() {
            return Err(error);
        }
        baseline::tell_unasked(&mut drifts, baselines, &judgement, &snapshot, &|id| {
            found.retired.contains(id)
        });
        link(&mut drifts, &changes, &found.moved);
        drifts
    };
    let has_ended =
        |drift: &Drift| matches!(drift.state, DriftState::Resolved | DriftState::Unasked);
    let (resolved, open): (Vec<Drift>, Vec<Drift>) = drifts.into_iter().partition(has_ended);
    // What never failed is not resolved: that nothing was known of it has ended, and that is all.
    let is_told = |drift: &Drift| drift.state == DriftState::Unasked || drift.has_failed();
    let (resolved, over): (Vec<Drift>, Vec<Drift>) = resolved.into_iter().partition(is_told);
    let roles = role_changes(
        commit.roles()?,
        &judgement,
        &snapshot,
        &found.numbers,
        &found.moved,
    );
    let remarks = Remarks {
        unjudged: roles.lost,
        uncompared: found.uncompared,
        misattested,
    };

    let mut makers = Makers::new(&commit, found.scan, &found.moved, &found.numbers);
    let questions: Vec<Question<'_>> = changes
        .iter()
        .map(|(_, seen)| question(seen, &found.last_complete))
        .collect();
    makers.look_back(&found.records, now)?;
    let attributions = makers.of_scan(&questions)?;
    drop(makers);
    let at = Where {
        snapshot: &snapshot,
        judgement: &judgement,
        moved: &found.moved,
        last_complete: &found.last_complete,
    };
    let accesses = accesses(&found.records, &at, now);

    let courts = Courts {
        scan: found.scan,
        snapshot: &snapshot,
        judgement: &judgement,
        moved: &found.moved,
        gone: &found.gone,
        read_before: &found.read_before,
        handed: found.records.handed(),
        yardstick,
        now,
    };
    let new: Vec<New<'_>> = changes
        .iter()
        .zip(&attributions)
        .map(|((id, seen), maker)| {
            let (after, before) = between(seen, &found.last_complete);
            New {
                id: *id,
                change: &seen.change,
                after,
                before,
                attribution: maker.as_ref(),
            }
        })
        .collect();
    let mut ruled = rule(&commit, &courts, &new)?;
    drop(courts);
    let rows = new.iter().zip(&ruled.new).map(|(one, ruling)| {
        let times = (one.after, one.before);
        let judged = ruling.judged.clone();
        change_row(one.id, one.change, times, one.attribution.cloned(), judged)
    });
    let named = open
        .iter()
        .chain(&resolved)
        .filter_map(|drift| drift.change);
    let earlier = commit.changes_numbered(named.filter(|id| *id < first_change))?;
    let earlier: Vec<ChangeRow> = earlier.iter().map(stored_row).collect();
    let report = report::build(report::Input {
        scan: ScanRow {
            id: found.scan,
            started: found.started,
            finished: now,
        },
        snapshot: &snapshot,
        judgement: &judgement,
        drifts: &open,
        resolved: &resolved,
        remarks: remarks.clone(),
        changes: rows.collect(),
        rejudged: std::mem::take(&mut ruled.rejudged),
        earlier: &earlier,
        accesses,
        controls: &super::control_infos(baselines),
    });
    if let Some(notify) = yardstick.notify {
        let numbers = new.iter().map(|one| one.id);
        let told = Told {
            report: &report,
            rulings: numbers.zip(ruled.new).collect(),
            again: &ruled.again,
            early: &ruled.early,
            snapshot: &snapshot,
            moved: &found.moved,
            now,
        };
        tell(&commit, notify, told)?;
    }
    // Of two things under one id the later one goes by an id that no harvest has.
    let mut met: Vec<(i64, &AssetId)> = Vec::new();
    for drift in open.iter().chain(&resolved).chain(&over) {
        if found.numbers.get(&drift.asset).is_none() {
            met.push((found.numbers.number(&drift.asset), &drift.asset));
        }
    }
    let write = WriteOutcome {
        met,
        started: found.started,
        finished: now,
        tally: &judgement.tally,
        ignored: serde_json::to_string(&report.ignored).unwrap_or_default(),
        changes: changes
            .iter()
            .zip(&attributions)
            .map(|((id, seen), maker)| {
                write_change(*id, seen, &found.last_complete, maker.as_ref())
            })
            .collect(),
        accesses: report
            .accesses
            .iter()
            .filter_map(|row| serde_json::to_string(row).ok())
            .collect(),
        opened: numbered(&open, &found.numbers, |drift| {
            matches!(drift.state, DriftState::New | DriftState::Reopened)
        }),
        altered: numbered(&open, &found.numbers, |drift| before.altered(drift)),
        resolved: [&resolved, &over]
            .into_iter()
            .flat_map(|ended| {
                let is_resolved = |drift: &Drift| drift.state == DriftState::Resolved;
                numbered(ended, &found.numbers, is_resolved)
            })
            .collect(),
        unasked: numbered(&resolved, &found.numbers, |drift| {
            drift.state == DriftState::Unasked
        }),
        remarks: stored_remarks(&remarks),
        roles: roles.write,
        keep_from: keep_from(now, *retention),
    };
    tracing::info_span!(target: trace::TARGET, "commit")
        .in_scope(|| commit.finish(found.scan, &write))?;
    drop(write);
    Ok(Scanned {
        report,
        snapshot,
        judgement,
        waits_for_requests: ruled.waits,
        refused: ruled.refused,
    })
}

/// What a scan says of itself as it is stored; none where there is nothing.
fn stored_remarks(remarks: &Remarks) -> Option<String> {
    let silent = remarks.unjudged.is_empty()
        && remarks.uncompared.values == 0
        && remarks.misattested.is_empty();
    (!silent)
        .then(|| serde_json::to_string(remarks).ok())
        .flatten()
}

/// A change as the report shows it.
pub(crate) fn change_row(
    id: i64,
    change: &Change,
    (after, before): (Option<Timestamp>, Timestamp),
    attribution: Option<Attribution>,
    judged: Judged,
) -> ChangeRow {
    let exact = attribution.as_ref().filter(|maker| maker.exact);
    let observed = Observed {
        after,
        before,
        at: exact.map(|maker| maker.record.at),
    };
    ChangeRow {
        id,
        asset: change.asset.clone(),
        asset_kind: change.asset_kind.clone(),
        name: change.asset_name.clone(),
        kind: change.kind,
        paths: change.paths.clone(),
        observed,
        actor: attribution
            .as_ref()
            .and_then(|maker| maker.record.account.clone()),
        attribution,
        verdict: judged.verdict(),
        request: judged.request.clone(),
        reasons: judged.sentences(),
        judged: (!judged.rule.is_empty()).then_some(judged),
    }
}

/// Between which reads a change happened. Every asset that is known was last seen at the last complete read of its
/// scope, or later. Where the clock was put back in between, that look lies after this one by it, and says nothing of since when.
fn between(seen: &Seen, last_complete: &HashMap<i64, Timestamp>) -> (Option<Timestamp>, Timestamp) {
    let after = last_complete.get(&seen.scope).copied();
    (after.filter(|after| *after <= seen.before), seen.before)
}

fn question<'a>(seen: &'a Seen, last_complete: &HashMap<i64, Timestamp>) -> Question<'a> {
    let (after, before) = between(seen, last_complete);
    Question {
        asset: seen.asset,
        after,
        before,
        change: &seen.change,
    }
}

fn write_change<'a>(
    id: i64,
    seen: &'a Seen,
    last_complete: &HashMap<i64, Timestamp>,
    attribution: Option<&'a Attribution>,
) -> WriteChange<'a> {
    let (after, before) = between(seen, last_complete);
    WriteChange {
        id,
        asset: seen.asset,
        after,
        before,
        change: &seen.change,
        attribution,
    }
}

/// Gives every drift that opened the change that brought it: of its own asset, and of a fact that was looked at. A
/// change goes by the id that its source has, a drift by the one under which the asset lives on.
fn link(drifts: &mut [Drift], changes: &[(i64, &Seen)], moved: &HashMap<AssetId, AssetId>) {
    let mut by_asset: HashMap<&str, Vec<(i64, &Change)>> = HashMap::new();
    for (id, seen) in changes {
        let asset = moved.get(&seen.change.asset).unwrap_or(&seen.change.asset);
        let list = by_asset.entry(asset.as_str()).or_default();
        list.push((*id, &seen.change));
    }
    for drift in drifts
        .iter_mut()
        .filter(|drift| matches!(drift.state, DriftState::New | DriftState::Reopened))
    {
        let Some(list) = by_asset.get(drift.asset.as_str()) else {
            continue;
        };
        let brought = list.iter().find(|(_, change)| brings(change, &drift.facts));
        drift.change = brought.map(|(id, _)| *id);
    }
}

fn brings(change: &Change, facts: &[Text]) -> bool {
    change.kind == ChangeKind::Added
        || change
            .paths
            .iter()
            .any(|path| facts.iter().any(|fact| path_is_of(&path.path, fact)))
}

fn numbered<'d>(
    drifts: &'d [Drift],
    numbers: &Numbers,
    which: impl Fn(&Drift) -> bool,
) -> Vec<(i64, &'d Drift)> {
    let chosen = drifts.iter().filter(|drift| which(drift));
    chosen
        .filter_map(|drift| Some((numbers.get(&drift.asset)?, drift)))
        .collect()
}

/// How open drifts read, by who they are: enough to see which read otherwise later, at a fraction of their size.
struct Wording(HashMap<u64, u64>);

impl Wording {
    fn of(drifts: &[Drift]) -> Self {
        Self(
            drifts
                .iter()
                .map(|drift| (identity(drift), wording(drift)))
                .collect(),
        )
    }

    /// Whether a drift that stays open reads otherwise now.
    fn altered(&self, drift: &Drift) -> bool {
        drift.state == DriftState::Open
            && self
                .0
                .get(&identity(drift))
                .is_some_and(|before| *before != wording(drift))
    }
}

fn identity(drift: &Drift) -> u64 {
    hash((&drift.asset, &drift.control, &drift.expectation))
}

fn wording(drift: &Drift) -> u64 {
    let Drift {
        kind,
        name,
        role,
        environment,
        severity,
        status,
        expected,
        actual,
        how,
        basis,
        follows,
        ..
    } = drift;
    hash((
        (kind, name, role, environment),
        (
            severity,
            status,
            expected,
            actual,
            how,
            basis,
            &drift.facts,
            drift.since,
            drift.change,
            follows,
        ),
    ))
}

fn hash(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}
