//! The scopes of a scan: their numbers, how they were read, and the coverage to show.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use plimsoll_model::{ScopeRead, Text, Trouble};

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
                first: None,
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

    /// When each scope that had been read completely before last was. One that was not there when all scopes of its source were
    /// listed counts as read then, and as empty: what is in it came since. `listed` says when that was, first and last.
    pub(super) fn last_complete(
        &self,
        listed: &HashMap<Text, (Timestamp, Timestamp)>,
    ) -> HashMap<i64, Timestamp> {
        let empty = |state: &ScopeState| {
            let (first, last) = *listed.get(&state.source)?;
            match state.first {
                None => Some(last),
                Some(met) if met > last => Some(last),
                Some(met) => (met > first).then_some(first),
            }
        };
        let states = self.states.iter();
        states
            .filter_map(|state| Some((state.id, state.last_complete.or_else(|| empty(state))?)))
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

/// What is said of a scope that is gone.
const GONE: &str = "it is no more: the list of all scopes was read whole and does not name it";
/// What is said of a scope that was not read completely and whose source is gone.
const RENAMED: &str = "its source is no longer in the configuration, and it was not read completely while it was: what was in it is not known, \
                       unless the source gets its name back";
/// What is said of a scope that its source did not come to.
const UNNAMED: &str = "its source did not name it this time, and cannot tell whether it is gone: what was in it stays as last known";

/// Closes the scopes that are gone: they count as read, and as empty. Only a source that names every scope it has can say so.
///
/// `occupied` are the scopes in which something is still known. Gives the scopes that are gone and were empty before: nothing
/// more is to be said of them.
pub(super) fn close(
    scopes: &Scopes,
    gathered: &mut [Gathered],
    occupied: &HashSet<i64>,
) -> HashSet<i64> {
    let mut forgotten = HashSet::new();
    for one in gathered.iter_mut().filter(|one| one.harvest.every_scope) {
        let opened: HashSet<Text> = one
            .harvest
            .scopes
            .iter()
            .map(|read| read.scope.clone())
            .collect();
        let gone = scopes
            .states
            .iter()
            .filter(|state| state.source == one.source && !opened.contains(&state.name));
        for state in gone {
            if !occupied.contains(&state.id) {
                forgotten.insert(state.id);
                continue;
            }
            one.harvest.scopes.push(ScopeRead {
                scope: state.name.clone(),
                complete: true,
                troubles: vec![Trouble {
                    what: Text::const_new(GONE),
                    asset: None,
                }],
            });
        }
    }
    forgotten
}

/// The scopes of which nothing more is to be said, with those of sources that were retired before and are not read now.
pub(super) fn retired(
    scopes: &Scopes,
    gathered: &[Gathered],
    out: &HashMap<Text, i64>,
    mut forgotten: HashSet<i64>,
) -> HashSet<i64> {
    let gone = scopes.states.iter().filter(|state| {
        let since = state.last.as_ref().map_or(0, |last| last.scan);
        out.get(&state.source).is_some_and(|scan| since <= *scan)
            && gathered.iter().all(|one| one.source != state.source)
    });
    forgotten.extend(gone.map(|state| state.id));
    forgotten
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

/// How every scope stands after this scan, in order of source and scope, but for the `forgotten` ones. One that its source
/// came by and did not name is not complete: nothing is known of what is in it now. Such a one counts as one that this scan was to
/// read, and so does one that was not complete when its source went from the configuration (`configured` are those in it):
/// neither will ever be tried again by its name, so no other scan would tell.
pub(super) fn coverage(
    scopes: &Scopes,
    reads: &[WriteRead],
    forgotten: &HashSet<i64>,
    configured: Option<&[Text]>,
) -> Vec<Coverage> {
    let fresh: HashSet<i64> = reads.iter().map(|read| read.scope).collect();
    let source = |state: &&ScopeState| fresh.contains(&state.id);
    let scanned: HashSet<&Text> = scopes
        .states
        .iter()
        .filter(source)
        .map(|state| &state.source)
        .collect();
    let mut coverage: Vec<Coverage> = Vec::new();
    for state in &scopes.states {
        if forgotten.contains(&state.id) {
            continue;
        }
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
        } else if let Some(last) = state.last.clone() {
            let (mut complete, mut troubles) = (last.complete, last.troubles);
            let mut owed = false;
            let mut note = |what| {
                troubles.push(Trouble {
                    what: Text::const_new(what),
                    asset: None,
                });
            };
            if scanned.contains(&state.source) {
                (complete, owed) = (false, true);
                note(UNNAMED);
            } else if !complete && configured.is_some_and(|all| !all.contains(&state.source)) {
                owed = true;
                note(RENAMED);
            }
            coverage.push(row(last.at, complete, owed, troubles));
        }
    }
    coverage.sort_by(|a, b| (&a.source, &a.scope).cmp(&(&b.source, &b.scope)));
    coverage
}
