//! The scopes of a scan: their numbers, how they were read, and the coverage to show.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use plimsoll_model::Text;

use super::gather::Gathered;
use crate::inventory::Coverage;
use crate::store::{ScopeState, WriteRead};

/// The scopes that the store knows, with those that this scan met first.
pub(super) struct Scopes {
    states: Vec<ScopeState>,
    known: usize,
    by_name: HashMap<(Text, Text), i64>,
}

impl Scopes {
    pub(super) fn new(states: Vec<ScopeState>) -> Self {
        let key = |state: &ScopeState| ((state.source.clone(), state.name.clone()), state.id);
        let by_name = states.iter().map(key).collect();
        Self {
            known: states.len(),
            states,
            by_name,
        }
    }

    /// The number of a source's scope, a new one where it is met for the first time.
    pub(super) fn number(&mut self, source: &Text, name: &Text) -> i64 {
        let next = self.states.iter().map(|state| state.id).max().unwrap_or(0) + 1;
        let key = (source.clone(), name.clone());
        let number = *self.by_name.entry(key).or_insert(next);
        if number == next {
            let (source, name) = (source.clone(), name.clone());
            self.states.push(ScopeState {
                id: next,
                source,
                name,
                last: None,
                last_complete: None,
            });
        }
        number
    }

    /// The sources, sorted.
    pub(super) fn sources(&self) -> Vec<Text> {
        let mut sources: Vec<Text> = self
            .states
            .iter()
            .map(|state| state.source.clone())
            .collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    /// The source of every scope.
    pub(super) fn source_of(&self) -> HashMap<i64, Text> {
        self.states
            .iter()
            .map(|state| (state.id, state.source.clone()))
            .collect()
    }

    /// The scan that last read each scope before this one.
    pub(super) fn last_scan(&self) -> HashMap<i64, i64> {
        let read = |state: &ScopeState| Some((state.id, state.last.as_ref()?.scan));
        self.states.iter().filter_map(read).collect()
    }

    /// When each scope that had been read completely before last was.
    pub(super) fn last_complete(&self) -> HashMap<i64, Timestamp> {
        self.states
            .iter()
            .filter_map(|state| Some((state.id, state.last_complete?)))
            .collect()
    }

    /// The same, by source and name.
    pub(super) fn read_before(&self) -> HashMap<(Text, Text), Timestamp> {
        let read = |state: &ScopeState| {
            let key = (state.source.clone(), state.name.clone());
            Some((key, state.last_complete?))
        };
        self.states.iter().filter_map(read).collect()
    }

    /// The scopes that were met for the first time.
    pub(super) fn fresh(&self) -> Vec<ScopeState> {
        self.states[self.known..].to_vec()
    }
}

/// How the scopes of what was gathered were read, to be written.
pub(super) fn reads(scopes: &mut Scopes, gathered: &[Gathered]) -> Vec<WriteRead> {
    let mut reads = Vec::new();
    for one in gathered {
        for read in &one.harvest.scopes {
            reads.push(WriteRead {
                scope: scopes.number(&one.source, &read.scope),
                // What a read saw was so at its start or later: as a bound for changes the start is sure.
                at: one.started,
                complete: read.complete,
                troubles: read.troubles.clone(),
            });
        }
    }
    reads
}

/// How every scope stands after this scan, in order of source and scope.
pub(super) fn coverage(scopes: &Scopes, reads: &[WriteRead]) -> Vec<Coverage> {
    let fresh: HashSet<i64> = reads.iter().map(|read| read.scope).collect();
    let mut coverage: Vec<Coverage> = Vec::new();
    for state in &scopes.states {
        let row = |as_of, complete, fresh, troubles| Coverage {
            source: state.source.clone(),
            scope: state.name.clone(),
            complete,
            as_of,
            fresh,
            troubles,
        };
        if let Some(read) = reads.iter().find(|read| read.scope == state.id) {
            coverage.push(row(read.at, read.complete, true, read.troubles.clone()));
        } else if let Some(last) = state.last.clone().filter(|_| !fresh.contains(&state.id)) {
            coverage.push(row(last.at, last.complete, false, last.troubles));
        }
    }
    coverage.sort_by(|a, b| (&a.source, &a.scope).cmp(&(&b.source, &b.scope)));
    coverage
}
