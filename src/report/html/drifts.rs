//! Drifts as the templates are given them.

use std::collections::BTreeSet;

use serde::Serialize;

use super::view::{Cut, name, sentence};
use crate::baseline::{DriftState, Status};
use crate::report::group::{Actual, Group, groups};
use crate::report::tame::tame;
use crate::report::value::{ChangeRow, DriftRow, Report, Verdict};
use crate::report::when;

/// How many groups, findings of a group and names of a finding are shown.
const GROUPS: usize = 300;
const FOUND: usize = 50;
const NAMES: usize = 200;

/// The drifts of one expectation.
#[derive(Serialize)]
pub(super) struct Block {
    severity: &'static str,
    control: String,
    title: Option<String>,
    /// Its id, where that is not the control's.
    expectation: Option<String>,
    expected: String,
    systems: usize,
    /// `new`, `reopened`, or how many are.
    states: Vec<String>,
    found: Cut<Found>,
    since: String,
    newest: Option<String>,
    /// How long the oldest had been open at the time of the scan; none under a minute.
    age: Option<String>,
    /// Whether this scan is the first that saw it.
    fresh: bool,
    /// What follows from it.
    follows: Option<String>,
}

/// What was found on some systems.
#[derive(Serialize)]
pub(super) struct Found {
    actual: String,
    /// How it is known: a word of the evidence ladder.
    how: String,
    basis: String,
    systems: Cut<Who>,
    changes: Vec<Cause>,
}

#[derive(Serialize)]
struct Who {
    name: String,
    asset: String,
    role: String,
    environment: Option<String>,
}

#[derive(Serialize)]
struct Cause {
    id: i64,
    verdict: Option<&'static str>,
    /// Whether the report shows the change itself.
    here: bool,
    actor: Option<String>,
}

/// Why something of a control cannot be known.
#[derive(Serialize)]
pub(super) struct Reason {
    control: String,
    reason: String,
    systems: Cut<String>,
}

/// The drifts of a status, grouped.
pub(super) fn blocks(report: &Report, status: Status) -> Cut<Block> {
    Cut::new(&groups(&report.drifts, status), GROUPS, |group| {
        block(report, group)
    })
}

fn block(report: &Report, group: &Group<'_>) -> Block {
    let first = group.first;
    let (oldest, newest) = group.since();
    let states = [DriftState::New, DriftState::Reopened];
    let states = states
        .into_iter()
        .filter_map(|state| match group.count(state) {
            0 => None,
            all if all == group.len() => Some(state.as_str().to_owned()),
            some => Some(format!("{some} {}", state.as_str())),
        });
    let control = report
        .controls
        .iter()
        .find(|row| row.control == first.control);
    Block {
        severity: first.severity.as_str(),
        control: name(&first.control),
        title: control.map(|row| sentence(&row.title)),
        expectation: first.which().map(name),
        expected: sentence(&first.expected),
        systems: group.len(),
        states: states.collect(),
        found: Cut::new(&group.actuals, FOUND, |actual| found(report, actual)),
        since: when::absolute(oldest),
        newest: (oldest != newest).then(|| when::absolute(newest)),
        age: when::age(oldest, report.scan.finished),
        fresh: oldest >= report.scan.started,
        follows: group.follows().map(|follows| sentence(&follows)),
    }
}

fn found(report: &Report, actual: &Actual<'_>) -> Found {
    let (how, basis) = actual
        .evidence
        .split_once(": ")
        .unwrap_or((actual.evidence, ""));
    // What is unknown has its reason as what was found: once is enough.
    let basis = if basis == actual.actual { "" } else { basis };
    let ids: BTreeSet<i64> = actual.rows.iter().filter_map(|row| row.change).collect();
    let causes = ids.into_iter().take(FOUND).map(|id| {
        let row = actual.rows.iter().find(|row| row.change == Some(id));
        let change = report.changes.iter().find(|change| change.id == id);
        // Of a change of a scan before the drift knows the account alone.
        let account = || row?.actor.clone();
        let by = change.map(ChangeRow::by);
        let by = by.or_else(account);
        Cause {
            id,
            verdict: row.and_then(|row| row.verdict).map(Verdict::as_str),
            here: change.is_some(),
            actor: by.map(|by| tame(&by, 160).into_owned()),
        }
    });
    Found {
        actual: sentence(actual.actual),
        how: name(how),
        basis: sentence(basis),
        systems: Cut::new(&actual.rows, NAMES, |row| who(row)),
        changes: causes.collect(),
    }
}

fn who(row: &DriftRow) -> Who {
    Who {
        name: name(&row.name),
        asset: tame(row.asset.as_str(), 120).into_owned(),
        role: name(&row.role),
        environment: row.environment.as_deref().map(name),
    }
}

/// What cannot be known, one row for each control and reason.
pub(super) fn reasons(report: &Report) -> Vec<Reason> {
    let mut rows: Vec<(&str, &str, Vec<&DriftRow>)> = Vec::new();
    for group in &groups(&report.drifts, Status::Unknown) {
        for actual in &group.actuals {
            let control = group.first.control.as_str();
            match rows
                .iter_mut()
                .find(|row| row.0 == control && row.1 == actual.actual)
            {
                Some(row) => row.2.extend(&actual.rows),
                None => rows.push((control, actual.actual, actual.rows.clone())),
            }
        }
    }
    rows.sort_by_key(|row| row.0);
    let rows = rows
        .iter()
        .take(GROUPS)
        .map(|(control, reason, systems)| Reason {
            control: name(control),
            reason: sentence(reason),
            systems: Cut::new(systems, 12, |row| name(&row.name)),
        });
    rows.collect()
}
