//! From a judged scan to its report.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use plimsoll_model::{How, Text};

use super::value::{
    AccessRow, ChangeRow, ControlRow, CoverageRow, DriftRow, IgnoredRow, RejudgedRow, Remarks,
    Report, SCHEMA, ScanRow, Summary, SystemRow, Verdict,
};
use crate::approval::Outcome;
use crate::baseline::{Counts, Drift, DriftState, Judgement, Status};
use crate::inventory::Snapshot;

/// What a report is built from.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    /// Which scan.
    pub scan: ScanRow,
    /// The inventory as of the scan.
    pub snapshot: &'a Snapshot,
    /// How that snapshot was judged.
    pub judgement: &'a Judgement,
    /// The drifts that are open: new, still open and reopened. Any order.
    pub drifts: &'a [Drift],
    /// The drifts that this scan saw end: those that are resolved and those about which nothing is asked any more. Any order.
    pub resolved: &'a [Drift],
    /// What it says of itself besides.
    pub remarks: Remarks,
    /// What changed between the scan before and this one. Any order.
    pub changes: Vec<ChangeRow>,
    /// Changes of scans before on which the scan came to another verdict. Any order.
    pub rejudged: Vec<RejudgedRow>,
    /// Changes of scans before that brought a drift: who made them and their verdicts stand with the drift. Any order.
    pub earlier: &'a [ChangeRow],
    /// The accesses that the scan met, the newest first.
    pub accesses: Vec<AccessRow>,
    /// The catalogue, in the order in which a report shows it.
    pub controls: &'a [ControlInfo],
}

/// A control of the catalogue as a report shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlInfo {
    /// Its id.
    pub id: Text,
    /// What must hold.
    pub title: Text,
    /// The references it answers, as `SOC 2 CC8.1`.
    pub references: Vec<Text>,
}

/// Builds the report of a scan.
///
/// Drifts and changes come out worst first and newest first. A control that was judged and is not in the catalogue
/// comes last, under its id. Places of the judgement that are not in the snapshot are left out.
pub fn build(input: Input<'_>) -> Report {
    let mut changes = input.changes;
    changes.sort_by(|a, b| {
        let key = |row: &ChangeRow| (urgency(row.verdict), Reverse(row.observed.before));
        let places = || (&a.asset, a.id).cmp(&(&b.asset, b.id));
        key(a).cmp(&key(b)).then_with(places)
    });
    let mut rejudged = input.rejudged;
    rejudged.sort_by_key(|row| (urgency(row.change.verdict), Reverse(row.change.id)));
    let all = input.earlier.iter().chain(&changes);
    let by_id: HashMap<i64, &ChangeRow> = all.map(|row| (row.id, row)).collect();
    let drifts = drift_rows(input.drifts, &by_id);
    let ended = drift_rows(input.resolved, &by_id);
    let (unasked, resolved): (Vec<DriftRow>, Vec<DriftRow>) = ended
        .into_iter()
        .partition(|row| row.state == DriftState::Unasked);
    let coverage = coverage(input.snapshot);
    let systems = systems(input.snapshot, input.judgement);
    let ignored = ignored(input.snapshot, input.judgement);
    let changed = changes.iter().map(|row| (&row.asset, row.kind));
    let map = crate::export::changed(
        input.snapshot,
        &input.judgement.systems,
        changed,
        (input.scan.id, input.scan.finished),
    );
    let summary = Summary {
        assets: assets_by_kind(input.snapshot),
        relations: count(input.snapshot.edges().len()),
        systems: count(systems.len()),
        fail: tally(
            drifts
                .iter()
                .filter(|row| row.status == Status::Fail && row.follows.is_none()),
            |row| row.severity.as_str(),
        ),
        unknown: count_where(&drifts, |row| {
            row.status == Status::Unknown && row.follows.is_none()
        }),
        follow: count_where(&drifts, |row| row.follows.is_some()),
        new: count_where(&drifts, |row| {
            matches!(row.state, DriftState::New | DriftState::Reopened) && row.follows.is_none()
        }),
        resolved: count_where(&resolved, |row| row.follows.is_none()),
        unasked: count(unasked.len()),
        unjudged: count(input.remarks.unjudged.len()),
        uncompared: input.remarks.uncompared,
        accesses: count(input.accesses.len()),
        changes: tally(changes.iter(), |row| row.verdict.as_str()),
        rejudged: tally(rejudged.iter(), |row| row.change.verdict.as_str()),
        scopes_complete: count_where(&coverage, |row| row.complete),
        scopes: count(coverage.len()),
        ignored: count(ignored.len()),
    };
    Report {
        schema: SCHEMA,
        scan: input.scan,
        summary,
        controls: controls(input.controls, input.judgement, &changes),
        coverage,
        systems,
        drifts,
        resolved,
        unasked,
        unjudged: input.remarks.unjudged,
        misattested: input.remarks.misattested,
        changes,
        rejudged,
        accesses: input.accesses,
        ignored,
        map,
    }
}

/// How soon a reader should look at a change; less is sooner.
fn urgency(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Unapproved => 0,
        Verdict::Overdue => 1,
        Verdict::Unproven => 2,
        Verdict::Pending => 3,
        Verdict::NotRequired => 4,
        Verdict::Approved => 5,
    }
}

fn drift_rows(drifts: &[Drift], changes: &HashMap<i64, &ChangeRow>) -> Vec<DriftRow> {
    let mut sorted: Vec<&Drift> = drifts.iter().collect();
    sorted.sort_unstable_by(|a, b| {
        let urgency = |drift: &Drift| (drift.status, Reverse(drift.severity), Reverse(drift.since));
        urgency(a)
            .cmp(&urgency(b))
            .then_with(|| a.asset.cmp(&b.asset))
            .then_with(|| a.control.cmp(&b.control))
            .then_with(|| a.expectation.cmp(&b.expectation))
    });
    let rows = sorted.into_iter().map(|drift| DriftRow {
        asset: drift.asset.clone(),
        kind: drift.kind.clone(),
        name: drift.name.clone(),
        role: drift.role.clone(),
        environment: drift.environment.clone(),
        control: drift.control.clone(),
        expectation: drift.expectation.clone(),
        status: drift.status,
        severity: drift.severity,
        expected: drift.expected.clone(),
        actual: drift.actual.clone(),
        evidence: evidence(drift.how, &drift.basis),
        since: drift.since,
        state: drift.state,
        change: drift.change,
        verdict: brought(drift, changes).map(|change| change.verdict),
        request: brought(drift, changes).and_then(|change| change.request.clone()),
        actor: brought(drift, changes).and_then(|change| change.actor.clone()),
        follows: drift.follows.clone(),
    });
    rows.collect()
}

/// The change that brought a drift, where it is known.
fn brought<'c>(drift: &Drift, changes: &HashMap<i64, &'c ChangeRow>) -> Option<&'c ChangeRow> {
    drift.change.and_then(|id| changes.get(&id).copied())
}

/// How something is known and from where: `measured: adjtimex(2)`.
fn evidence(how: How, basis: &str) -> Text {
    let mut text = Text::from(how.as_str());
    if !basis.is_empty() {
        text.push_str(": ");
        text.push_str(basis);
    }
    text
}

fn coverage(snapshot: &Snapshot) -> Vec<CoverageRow> {
    let rows = snapshot.coverage().iter().map(|scope| CoverageRow {
        source: scope.source.clone(),
        scope: scope.scope.clone(),
        complete: scope.complete,
        fresh: scope.fresh,
        as_of: scope.as_of,
        troubles: scope
            .troubles
            .iter()
            .map(|trouble| match &trouble.asset {
                Some(asset) if !trouble.what.contains(asset.as_str()) => {
                    Text::from(format!("{asset}: {}", trouble.what))
                }
                _ => trouble.what.clone(),
            })
            .collect(),
    });
    rows.collect()
}

fn systems(snapshot: &Snapshot, judgement: &Judgement) -> Vec<SystemRow> {
    let rows = judgement.systems.iter().filter_map(|system| {
        let asset = &snapshot.nodes().get(system.at as usize)?.asset;
        Some(SystemRow {
            asset: asset.id.clone(),
            kind: asset.kind.clone(),
            name: asset.name.clone(),
            role: system.role.clone(),
            role_by: system.role_by.clone(),
            environment: system.environment.clone(),
            environment_by: system.environment_by.clone(),
        })
    });
    let mut systems = Vec::with_capacity(judgement.systems.len());
    systems.extend(rows);
    systems
}

fn ignored(snapshot: &Snapshot, judgement: &Judgement) -> Vec<IgnoredRow> {
    let rows = judgement.ignored.iter().filter_map(|ignored| {
        let asset = &snapshot.nodes().get(ignored.finding.at as usize)?.asset;
        Some(IgnoredRow {
            asset: asset.id.clone(),
            control: ignored.finding.control.clone(),
            expectation: ignored.finding.expectation.clone(),
            status: ignored.finding.status,
            reason: ignored.reason.clone(),
            until: ignored.until,
        })
    });
    rows.collect()
}

/// How the controls came out: for the systems, and for the changes of this scan where an approval policy judged them.
fn controls(
    catalogue: &[ControlInfo],
    judgement: &Judgement,
    changes: &[ChangeRow],
) -> Vec<ControlRow> {
    let mut tally = judgement.tally.clone();
    let judged = changes.iter().filter_map(|row| row.judged.as_ref());
    for reason in judged.flat_map(|judged| &judged.reasons) {
        if catalogue.iter().any(|control| control.id == reason.control) {
            let counts = tally.entry(reason.control.clone()).or_default();
            match reason.outcome {
                Outcome::Fails | Outcome::Late => counts.fail += 1,
                // What may still come has not come.
                Outcome::Unknown | Outcome::Waits => counts.unknown += 1,
                Outcome::Holds => counts.pass += 1,
                Outcome::Unasked => counts.not_applicable += 1,
            }
        }
    }
    let known: HashMap<&str, &ControlInfo> = catalogue
        .iter()
        .map(|control| (control.id.as_str(), control))
        .collect();
    let listed = catalogue.iter().map(|control| {
        let counts = tally.get(&control.id).copied();
        control_row(
            &control.id,
            &control.title,
            &control.references,
            counts.unwrap_or_default(),
        )
    });
    let others = tally
        .iter()
        .filter(|(id, _)| !known.contains_key(id.as_str()))
        .map(|(id, counts)| control_row(id, id, &[], *counts));
    listed.chain(others).collect()
}

fn control_row(id: &Text, title: &Text, references: &[Text], counts: Counts) -> ControlRow {
    let status = if counts.fail > 0 {
        "fail"
    } else if counts.unknown > 0 {
        "unknown"
    } else if counts.pass > 0 {
        "pass"
    } else if counts.ignored > 0 {
        "ignored"
    } else {
        "not applicable"
    };
    ControlRow {
        control: id.clone(),
        title: title.clone(),
        status,
        counts,
        references: references.to_vec(),
    }
}

/// Ids start with the kind, so assets of one kind mostly stand together: one look-up for each run of them.
fn assets_by_kind(snapshot: &Snapshot) -> BTreeMap<Text, u64> {
    let mut kinds = BTreeMap::new();
    for run in snapshot
        .nodes()
        .chunk_by(|a, b| a.asset.kind == b.asset.kind)
    {
        if let Some(first) = run.first() {
            *kinds.entry(first.asset.kind.clone()).or_default() += count(run.len());
        }
    }
    kinds
}

fn tally<'a, T: 'a>(
    rows: impl Iterator<Item = &'a T>,
    word: impl Fn(&T) -> &'static str,
) -> BTreeMap<Text, u64> {
    let mut words: BTreeMap<&'static str, u64> = BTreeMap::new();
    for row in rows {
        *words.entry(word(row)).or_default() += 1;
    }
    words
        .into_iter()
        .map(|(word, count)| (Text::const_new(word), count))
        .collect()
}

fn count_where<T>(rows: &[T], which: impl Fn(&T) -> bool) -> u64 {
    count(rows.iter().filter(|row| which(row)).count())
}

fn count(many: usize) -> u64 {
    u64::try_from(many).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;
    use plimsoll_model::{Asset, AssetId};

    use super::*;
    use crate::baseline::{Severity, System};
    use crate::inventory::Node;
    use crate::report::Observed;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn drift(asset: &str, status: Status, severity: Severity, since: i64) -> Drift {
        Drift {
            asset: AssetId::new(asset).unwrap(),
            kind: "container".into(),
            name: asset.into(),
            role: "worker".into(),
            environment: None,
            control: "least-privilege".into(),
            expectation: "unprivileged".into(),
            status,
            severity,
            expected: "x".into(),
            actual: "y".into(),
            how: How::Measured,
            basis: "".into(),
            facts: Vec::new().into(),
            since: at(since),
            state: DriftState::Open,
            change: None,
            follows: None,
        }
    }

    fn report(snapshot: &Snapshot, judgement: &Judgement, drifts: &[Drift]) -> Report {
        build(Input {
            scan: ScanRow {
                id: 1,
                started: at(0),
                finished: at(1),
            },
            snapshot,
            judgement,
            drifts,
            resolved: &[],
            changes: vec![ChangeRow {
                id: 7,
                asset: AssetId::new("a").unwrap(),
                asset_kind: "container".into(),
                name: "a".into(),
                kind: crate::change::ChangeKind::Added,
                paths: Vec::new(),
                observed: Observed {
                    after: None,
                    before: at(1),
                    at: None,
                },
                actor: Some("ada".into()),
                attribution: None,
                verdict: Verdict::Unapproved,
                request: None,
                reasons: Vec::new(),
                judged: None,
            }],
            remarks: Remarks::default(),
            rejudged: Vec::new(),
            earlier: &[],
            accesses: Vec::new(),
            controls: &[ControlInfo {
                id: "listed".into(),
                title: "What must hold".into(),
                references: Vec::new(),
            }],
        })
    }

    #[test]
    fn what_is_worst_comes_first() {
        let drifts = [
            drift("e", Status::Unknown, Severity::Critical, 9),
            drift("d", Status::Fail, Severity::High, 1),
            drift("c", Status::Fail, Severity::High, 2),
            drift("b", Status::Fail, Severity::High, 2),
            Drift {
                change: Some(7),
                ..drift("a", Status::Fail, Severity::Critical, 0)
            },
        ];
        let report = report(&Snapshot::default(), &Judgement::default(), &drifts);
        let order: Vec<&str> = report.drifts.iter().map(|row| row.asset.as_str()).collect();
        assert_eq!(order, ["a", "b", "c", "d", "e"]);
        assert_eq!(report.drifts[0].verdict, Some(Verdict::Unapproved));
        assert_eq!(report.drifts[0].actor.as_deref(), Some("ada"));
        assert_eq!(report.drifts[0].evidence, "measured");
        assert_eq!(report.summary.fail["high"], 3);
        assert_eq!((report.failing(), report.summary.unknown), (4, 1));
        assert_eq!(report.refused_changes(), 1);
    }

    #[test]
    fn a_control_is_as_bad_as_its_worst() {
        let counts = |pass, fail, unknown, ignored| Counts {
            pass,
            fail,
            unknown,
            ignored,
            not_applicable: 1,
        };
        let judgement = Judgement {
            tally: [
                ("a".into(), counts(9, 1, 1, 1)),
                ("b".into(), counts(9, 0, 1, 1)),
                ("c".into(), counts(1, 0, 0, 1)),
                ("d".into(), counts(0, 0, 0, 1)),
            ]
            .into(),
            ..Judgement::default()
        };
        let report = report(&Snapshot::default(), &judgement, &[]);
        let came_out: Vec<_> = report
            .controls
            .iter()
            .map(|row| (row.control.as_str(), row.status))
            .collect();
        let expected = [
            ("listed", "not applicable"),
            ("a", "fail"),
            ("b", "unknown"),
            ("c", "pass"),
            ("d", "ignored"),
        ];
        assert_eq!(came_out, expected);
    }

    #[test]
    fn places_outside_the_snapshot_are_left_out() {
        let node = Node {
            asset: Asset::new(AssetId::new("a").unwrap(), "container", "a"),
            sources: Arc::from([]),
        };
        let system = |at| System {
            at,
            role: "worker".into(),
            role_by: "kind".into(),
            environment: None,
            environment_by: None,
            sensitive: None,
        };
        let judgement = Judgement {
            systems: vec![system(0), system(1)],
            ..Judgement::default()
        };
        let snapshot = Snapshot::new(vec![node], Vec::new(), Vec::new());
        let report = report(&snapshot, &judgement, &[]);
        assert_eq!(report.systems.len(), 1);
        assert_eq!(report.summary.assets["container"], 1);
    }
}
