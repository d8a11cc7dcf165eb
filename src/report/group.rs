//! Drifts of one expectation as one block: fourteen systems that fail the same thing are one thing to mend.

use std::collections::HashMap;

use jiff::Timestamp;

use super::value::DriftRow;
use crate::baseline::{DriftState, Severity, Status};

/// The drifts that share control, expectation, what is expected, status and severity.
pub(super) struct Group<'a> {
    /// The first of them; all of them share its control, expectation, `expected`, status and severity.
    pub(super) first: &'a DriftRow,
    /// What there is instead, in the order of the report.
    pub(super) actuals: Vec<Actual<'a>>,
}

/// The drifts of a group that were found alike.
pub(super) struct Actual<'a> {
    /// What there is.
    pub(super) actual: &'a str,
    /// How that is known.
    pub(super) evidence: &'a str,
    /// Who: never empty.
    pub(super) rows: Vec<&'a DriftRow>,
}

impl<'a> Group<'a> {
    /// Every drift of the group.
    pub(super) fn rows(&self) -> impl Iterator<Item = &'a DriftRow> {
        self.actuals
            .iter()
            .flat_map(|actual| actual.rows.iter().copied())
    }

    /// How many drifts it has.
    pub(super) fn len(&self) -> usize {
        self.actuals.iter().map(|actual| actual.rows.len()).sum()
    }

    /// The oldest and the newest time since when one of them is open.
    pub(super) fn since(&self) -> (Timestamp, Timestamp) {
        let start = (self.first.since, self.first.since);
        self.rows().fold(start, |(oldest, newest), row| {
            (oldest.min(row.since), newest.max(row.since))
        })
    }

    /// How many are in a state.
    pub(super) fn count(&self, state: DriftState) -> usize {
        self.rows().filter(|row| row.state == state).count()
    }
}

/// The drifts of one status as groups, in the order in which the report has their first.
pub(super) fn groups(drifts: &[DriftRow], status: Status) -> Vec<Group<'_>> {
    type Key<'a> = (&'a str, &'a str, &'a str, Severity);
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places: HashMap<Key<'_>, usize> = HashMap::new();
    let mut actuals: HashMap<(usize, &str, &str), usize> = HashMap::new();
    for row in drifts.iter().filter(|row| row.status == status) {
        let key = (
            row.control.as_str(),
            row.expectation.as_str(),
            row.expected.as_str(),
            row.severity,
        );
        let place = *places.entry(key).or_insert_with(|| {
            groups.push(Group {
                first: row,
                actuals: Vec::new(),
            });
            groups.len() - 1
        });
        let Some(group) = groups.get_mut(place) else {
            continue;
        };
        let found = (place, row.actual.as_str(), row.evidence.as_str());
        let at = *actuals.entry(found).or_insert_with(|| {
            group.actuals.push(Actual {
                actual: &row.actual,
                evidence: &row.evidence,
                rows: Vec::new(),
            });
            group.actuals.len() - 1
        });
        if let Some(actual) = group.actuals.get_mut(at) {
            actual.rows.push(row);
        }
    }
    groups
}
