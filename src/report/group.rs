//! Drifts of one expectation as one block: fourteen systems that fail the same thing are one thing to mend.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::value::DriftRow;
use crate::baseline::{DriftState, Severity, Status};

/// The drifts that share control, expectation, what is expected, status and severity.
pub(super) struct Group<'a> {
    /// The first of them; all of them share its control, expectation, `expected`, status and severity.
    pub(super) first: &'a DriftRow,
    /// What there is instead, in the order of the report.
    pub(super) actuals: Vec<Actual<'a>>,
    /// What follows from it: the controls with how many of their drifts do.
    pub(super) followers: BTreeMap<&'a str, usize>,
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

    /// What follows from it, in words: `environments-separated (4), staging-mirrors-production (2)`; none where nothing does.
    pub(super) fn follows(&self) -> Option<String> {
        let followers = self.followers.iter();
        let words = followers.map(|(control, many)| format!("{control} ({many})"));
        let words: Vec<String> = words.collect();
        (!words.is_empty()).then(|| words.join(", "))
    }

    /// How many are in a state.
    pub(super) fn count(&self, state: DriftState) -> usize {
        self.rows().filter(|row| row.state == state).count()
    }
}

/// The drifts of one status as groups, in the order in which the report has their first. What follows from another stands with that one.
pub(super) fn groups(drifts: &[DriftRow], status: Status) -> Vec<Group<'_>> {
    type Key<'a> = (&'a str, &'a str, &'a str, Severity);
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places: HashMap<Key<'_>, usize> = HashMap::new();
    let mut actuals: HashMap<(usize, &str, &str), usize> = HashMap::new();
    let mut followers: HashMap<(&str, &str), Vec<&str>> = HashMap::new();
    for row in drifts {
        if let Some(cause) = &row.follows {
            let key = (cause.asset.as_str(), cause.control.as_str());
            followers.entry(key).or_default().push(&row.control);
        }
    }
    let own = drifts.iter().filter(|row| row.follows.is_none());
    for row in own.filter(|row| row.status == status) {
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
                followers: BTreeMap::new(),
            });
            groups.len() - 1
        });
        let Some(group) = groups.get_mut(place) else {
            continue;
        };
        // Of several expectations of one control the first that is met tells what follows.
        let following = followers.remove(&(row.asset.as_str(), row.control.as_str()));
        for control in following.into_iter().flatten() {
            *group.followers.entry(control).or_default() += 1;
        }
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
