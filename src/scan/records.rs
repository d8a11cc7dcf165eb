//! The records that the sources gave: taken out of the harvests, stored, and what became of each.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use plimsoll_model::{Action, ChangeRequest, Reading, Text};

use super::weigh::Weighed;
use crate::store::{
    Commit, Kept, Numbers, SettingsMark, StoreError, WriteAction, WriteRequest, newest_time,
};

/// An action with its place.
pub(super) struct ActionRecord {
    /// The source that gave it.
    pub(super) source: Text,
    /// The number of the scope in which it was read.
    pub(super) scope: i64,
    /// The number of the asset that it is about.
    pub(super) asset: i64,
    /// The action.
    pub(super) action: Action,
}

struct RequestRecord {
    source: Text,
    settings: SettingsMark,
    assets: Vec<i64>,
    request: ChangeRequest,
}

/// Whether an id is one: it is kept with every change that its record tells of.
fn bounded(id: &str) -> bool {
    const MOST: usize = 1024;
    if id.len() > MOST {
        tracing::warn!(
            bytes = id.len(),
            "a record's id is longer than {MOST} bytes: it is left out"
        );
    }
    id.len() <= MOST
}

/// The records of one scan.
#[derive(Default)]
pub(super) struct Records {
    actions: Vec<ActionRecord>,
    requests: Vec<RequestRecord>,
    kept: Vec<Kept>,
}

impl Records {
    /// Takes the records out of the harvests, without those from before a time. Of several actions under one id the newest
    /// counts; of several readings of one request all do.
    pub(super) fn take(
        weighed: &mut [Weighed],
        numbers: &mut Numbers,
        keep_from: Timestamp,
    ) -> Self {
        let mut records = Self::default();
        for one in weighed {
            let source = one.gathered.source.clone();
            let mut met: HashSet<Text> = HashSet::new();
            let actions = std::mem::take(&mut one.gathered.harvest.actions)
                .into_iter()
                .rev();
            for action in actions.filter(|action| action.at >= keep_from && bounded(&action.id)) {
                if met.insert(action.id.clone()) {
                    records.actions.push(ActionRecord {
                        source: source.clone(),
                        scope: one.scopes.get(&action.scope).copied().unwrap_or_default(),
                        asset: numbers.number(&action.asset),
                        action,
                    });
                }
            }
            let mut requests = std::mem::take(&mut one.gathered.harvest.requests);
            requests.retain(|request| newest_time(request) >= keep_from && bounded(&request.id));
            requests.sort_by(|a, b| {
                newest_time(b)
                    .cmp(&newest_time(a))
                    .then_with(|| a.id.cmp(&b.id))
            });
            let mut places: HashMap<Text, usize> = HashMap::new();
            let first = records.requests.len();
            for request in requests {
                let place = *places
                    .entry(request.id.clone())
                    .or_insert(records.requests.len());
                match records.requests.get_mut(place) {
                    // Given twice: what either says happened.
                    Some(met) => {
                        let newer = met.request.clone();
                        met.request = newer.grown_from(&request, Reading::Same);
                    }
                    None => records.requests.push(RequestRecord {
                        source: source.clone(),
                        settings: one.gathered.settings,
                        assets: Vec::new(),
                        request,
                    }),
                }
            }
            for record in records.requests.iter_mut().skip(first) {
                let assets = record.request.assets.iter();
                record.assets = assets.map(|id| numbers.number(id)).collect();
            }
        }
        records
    }

    /// Stores them. Their assets' numbers have to be stored with the inventory.
    pub(super) fn write(&mut self, commit: &Commit<'_>, scan: i64) -> Result<(), StoreError> {
        let actions: Vec<WriteAction<'_>> = self
            .actions
            .iter()
            .map(|record| WriteAction {
                source: &record.source,
                asset: record.asset,
                action: &record.action,
            })
            .collect();
        self.kept = commit.put_actions(scan, &actions)?;
        let mut requests: Vec<WriteRequest<'_>> = Vec::with_capacity(self.requests.len());
        let mut alike: HashMap<&Text, BTreeMap<Text, Timestamp>> = HashMap::new();
        for record in &self.requests {
            let scopes = match alike.entry(&record.source) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(free) => {
                    free.insert(commit.read_alike(&record.source, &record.settings, scan)?)
                }
            };
            let reading = match scopes.contains_key(&record.request.scope) {
                true => Reading::Same,
                false => Reading::Other,
            };
            requests.push(WriteRequest {
                source: &record.source,
                assets: record.assets.clone(),
                request: &record.request,
                reading,
            });
        }
        commit.put_requests(scan, &requests)?;
        Ok(())
    }

    /// The requests that this scan was given, by source and id.
    pub(super) fn handed(&self) -> HashSet<(Text, Text)> {
        let all = self.requests.iter();
        all.map(|one| (one.source.clone(), one.request.id.clone()))
            .collect()
    }

    /// The actions that were met for the first time, or say something else than before.
    pub(super) fn fresh(&self) -> impl Iterator<Item = &ActionRecord> {
        let kept = self.actions.iter().zip(&self.kept);
        kept.filter(|(_, kept)| **kept != Kept::Known)
            .map(|(record, _)| record)
    }

    /// The actions that were met for the first time.
    pub(super) fn first_met(&self) -> impl Iterator<Item = &ActionRecord> {
        let kept = self.actions.iter().zip(&self.kept);
        kept.filter(|(_, kept)| **kept == Kept::New)
            .map(|(record, _)| record)
    }
}
