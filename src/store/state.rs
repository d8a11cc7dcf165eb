//! What a scan needs to know of those before it.

use std::collections::HashMap;

use jiff::Timestamp;
use plimsoll_model::{AssetId, RelationKind, Text, Trouble};

use crate::baseline::Drift;
use crate::inventory::KnownPart;

/// What a scan needs to know of those before it.
pub struct State {
    /// The number that this scan will have.
    pub scan: i64,
    /// When the scan before was finished, if there was one.
    pub last_scan: Option<Timestamp>,
    /// Every scope ever read.
    pub scopes: Vec<ScopeState>,
    /// Every asset id ever met.
    pub numbers: Numbers,
    /// The current versions, in any order.
    pub parts: Vec<KnownPart>,
    /// The current relations, in any order.
    pub relations: Vec<KnownRelation>,
    /// The open drifts.
    pub drifts: Vec<Drift>,
}

/// A scope and when it was read.
#[derive(Clone, Debug)]
pub struct ScopeState {
    /// The store's number.
    pub id: i64,
    /// The source.
    pub source: Text,
    /// Its name.
    pub name: Text,
    /// The first time that it was tried, for one that was never read completely.
    pub first: Option<Timestamp>,
    /// The last time that it was tried.
    pub last: Option<LastRead>,
    /// The last time that it was read completely.
    pub last_complete: Option<Timestamp>,
}

/// The last time that a scope was tried.
#[derive(Clone, Debug)]
pub struct LastRead {
    /// The scan that did.
    pub scan: i64,
    /// When.
    pub at: Timestamp,
    /// Whether it was read completely.
    pub complete: bool,
    /// What went wrong.
    pub troubles: Vec<Trouble>,
}

/// A relation that is current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownRelation {
    /// The store's number of the row.
    pub row: i64,
    /// The scope in which it was seen.
    pub scope: i64,
    /// The number of the asset where it starts.
    pub from: i64,
    /// What it says.
    pub kind: RelationKind,
    /// The number of the asset where it ends.
    pub to: i64,
}

/// A few of the store's numbers, to be asked for each of many: in order, which costs less than a hash of each.
pub struct Wanted(Vec<i64>);

impl Wanted {
    /// The set of these numbers.
    pub fn of(numbers: impl IntoIterator<Item = i64>) -> Self {
        let mut set: Vec<i64> = numbers.into_iter().collect();
        set.sort_unstable();
        set.dedup();
        Self(set)
    }

    /// Whether a number is in it.
    pub fn has(&self, number: i64) -> bool {
        self.0.binary_search(&number).is_ok()
    }
}

/// The store's numbers of asset ids, those that this scan met first among them.
#[derive(Default)]
pub struct Numbers {
    /// By id.
    known: Vec<(AssetId, i64)>,
    fresh: HashMap<AssetId, i64>,
    next: i64,
}

impl Numbers {
    /// Numbers that are known, in order of their ids.
    pub(super) fn new(known: Vec<(AssetId, i64)>) -> Self {
        let next = known.iter().map(|(_, number)| *number).max().unwrap_or(0) + 1;
        Self {
            known,
            fresh: HashMap::new(),
            next,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.known.len() + self.fresh.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers of ids in ascending order; none for one that is not known. One pass over both lists.
    pub fn of_sorted<'a>(
        &self,
        ids: impl ExactSizeIterator<Item = &'a AssetId>,
    ) -> Vec<Option<i64>> {
        let mut numbers = Vec::with_capacity(ids.len());
        // Few ids against many known ones: look each up; else walk along.
        let walk = ids.len() > self.known.len() / 16;
        let mut at = 0;
        for id in ids {
            let found = if walk {
                while self.known.get(at).is_some_and(|(known, _)| known < id) {
                    at += 1;
                }
                self.known
                    .get(at)
                    .filter(|(known, _)| known == id)
                    .map(|(_, number)| *number)
            } else {
                self.find(id)
            };
            numbers.push(found.or_else(|| self.fresh.get(id).copied()));
        }
        numbers
    }

    /// The number of an id.
    pub fn get(&self, id: &AssetId) -> Option<i64> {
        self.find(id).or_else(|| self.fresh.get(id).copied())
    }

    /// The number of an id, a new one where it is not known.
    pub fn number(&mut self, id: &AssetId) -> i64 {
        if let Some(number) = self.get(id) {
            return number;
        }
        let number = self.next;
        self.next += 1;
        self.fresh.insert(id.clone(), number);
        number
    }

    /// The ids of some numbers. One pass over all ids, and no more kept than was asked for.
    pub fn ids_of(&self, numbers: impl IntoIterator<Item = i64>) -> HashMap<i64, &AssetId> {
        let wanted = Wanted::of(numbers);
        let known = self.known.iter().map(|(id, number)| (*number, id));
        known
            .chain(self.fresh.iter().map(|(id, number)| (*number, id)))
            .filter(|(number, _)| wanted.has(*number))
            .collect()
    }

    /// The ids that were not known, with their numbers, in order of these.
    pub(super) fn fresh(&self) -> Vec<(i64, &AssetId)> {
        let mut fresh: Vec<_> = self
            .fresh
            .iter()
            .map(|(id, number)| (*number, id))
            .collect();
        fresh.sort_unstable();
        fresh
    }

    fn find(&self, id: &AssetId) -> Option<i64> {
        self.known
            .binary_search_by(|(known, _)| known.cmp(id))
            .ok()
            .map(|at| self.known[at].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_by_number_and_no_more_than_asked_for() {
        let id = |name: &str| AssetId::of("host", &[name]);
        let mut numbers = Numbers::new(vec![(id("a"), 7), (id("b"), 3), (id("c"), 1 << 60)]);
        let fresh = numbers.number(&id("d"));
        let found = numbers.ids_of([fresh, 3, 3, -1, 99]);
        let expected = HashMap::from([(3, id("b")), (fresh, id("d"))]);
        assert_eq!(
            found,
            expected.iter().map(|(number, id)| (*number, id)).collect()
        );
    }
}
