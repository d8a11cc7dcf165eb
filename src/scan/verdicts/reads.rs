//! How far the sources of change requests were read.

use std::collections::{BTreeSet, HashSet};

use jiff::Timestamp;
use plimsoll_model::{ChangeRequest, Text};

use super::Courts;
use crate::approval::{Filed, Requests};
use crate::inventory::Coverage;

/// Which changes are judged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Those that this scan saw. It read the sources of change requests after all others, so that what they say is said after.
    ThisScan,
    /// Those of scans before, which may have ended while this one read: only what was read from then on is said after.
    ScansBefore,
}

/// The sources of change requests, as far as they were read.
pub(super) struct Reads {
    /// When each source was tried last, completely or not, and whether by this scan.
    tried: Vec<(Timestamp, bool)>,
    /// Every scope that has ever given a request, or may hold one.
    scopes: Vec<(Text, Text)>,
}

impl Reads {
    pub(super) fn of(courts: &Courts<'_>, requests: &[(Text, ChangeRequest)]) -> Self {
        let configured = courts.yardstick.configured;
        let named = courts.yardstick.request_sources;
        let counts = |source: &&Text| configured.is_none_or(|all| all.contains(source));
        let mut scopes: HashSet<(&Text, &Text)> = requests
            .iter()
            .map(|(source, request)| (source, &request.scope))
            .collect();
        let given = requests.iter().map(|(source, _)| source);
        let sources: BTreeSet<&Text> = named.iter().chain(given).filter(counts).collect();
        let coverage = courts.snapshot.coverage();
        // Another scope of the same source may hold the request that is looked for.
        scopes.extend(coverage.iter().map(|read| (&read.source, &read.scope)));
        // One that is to give requests and was never read at all may hold any.
        let nothing = Text::default();
        for source in named {
            if !scopes.iter().any(|(have, _)| *have == source) {
                scopes.insert((source, &nothing));
            }
        }
        scopes.retain(|(source, _)| sources.contains(source));
        let mut scopes: Vec<_> = scopes
            .into_iter()
            .map(|(source, scope)| (source.clone(), scope.clone()))
            .collect();
        scopes.sort_unstable();
        let tried = |source: &Text| {
            let reads = coverage.iter().filter(|read| read.source == *source);
            let last = reads.max_by_key(|read| read.as_of);
            last.map_or((Timestamp::MIN, false), |read| (read.as_of, read.fresh))
        };
        Self {
            tried: sources.into_iter().map(tried).collect(),
            scopes,
        }
    }

    /// Whether this scan tried any.
    pub(super) fn by_this_scan(&self) -> bool {
        self.tried.iter().any(|(_, fresh)| *fresh)
    }

    /// Whether one was not tried since a time.
    pub(super) fn untried_since(&self, time: Timestamp, of: Of) -> bool {
        let counts = |fresh| fresh && of == Of::ThisScan;
        self.tried
            .iter()
            .any(|(at, fresh)| *at < time && !counts(*fresh))
    }

    /// Until when all of them were read completely; none where there is none.
    pub(super) fn until(&self, courts: &Courts<'_>, of: Of) -> Option<Timestamp> {
        let until = |(source, scope): &(Text, Text)| courts.scope_until(source, scope, of);
        self.scopes.iter().map(until).min()
    }

    /// Which this scan did not read completely, and why.
    pub(super) fn troubles(&self, courts: &Courts<'_>) -> Vec<Text> {
        let mut troubles = Vec::new();
        for (source, scope) in &self.scopes {
            let read = courts.coverage(source, scope);
            if read.is_some_and(|read| read.complete && read.fresh) {
                continue;
            }
            let told = read.and_then(|read| read.troubles.first());
            let why = told.map_or("it was not read by this scan", |trouble| {
                trouble.what.as_str()
            });
            troubles.push(Text::from(format!("{source} {scope}: {why}")));
        }
        troubles
    }
}

impl<'a> Courts<'a> {
    /// The requests, each with the time until when it is known.
    pub(super) fn filed<'r>(&self, requests: &'r [(Text, ChangeRequest)], of: Of) -> Requests<'r> {
        let filed = requests.iter().map(|(source, request)| Filed {
            source,
            as_of: self.as_of(source, request, of),
            request,
        });
        Requests::new(filed.collect())
    }

    fn coverage(&self, source: &str, scope: &str) -> Option<&'a Coverage> {
        let mut all = self.snapshot.coverage().iter();
        all.find(|one| one.source == source && one.scope == scope)
    }

    /// Until when a scope was read completely.
    fn scope_until(&self, source: &Text, scope: &Text, of: Of) -> Timestamp {
        match self.coverage(source, scope) {
            Some(read) if read.complete => self.sure(read, of),
            _ => {
                let key = (source.clone(), scope.clone());
                let before = self.read_before.get(&key).copied();
                before.unwrap_or(Timestamp::MIN)
            }
        }
    }

    fn as_of(&self, source: &Text, request: &ChangeRequest, of: Of) -> Timestamp {
        let handed = self.handed.contains(&(source.clone(), request.id.clone()));
        match self.coverage(source, &request.scope) {
            Some(read) if handed => self.sure(read, of),
            _ => self.scope_until(source, &request.scope, of),
        }
    }

    /// From when on nothing is known any more of what a read said.
    fn sure(&self, read: &Coverage, of: Of) -> Timestamp {
        match of {
            Of::ThisScan if read.fresh => self.now,
            _ => read.as_of,
        }
    }
}
