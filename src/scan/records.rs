//! The records that the sources gave: taken out of the harvests, stored, and what became of each.

use std::collections::HashSet;

use jiff::Timestamp;
use plimsoll_model::{Action, ChangeRequest, Text};

use super::weigh::Weighed;
use crate::store::{Commit, Kept, Numbers, StoreError, WriteAction, WriteRequest, newest_time};

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
    /// Takes the records out of the harvests, without those from before a time. Of several under one id the newest
    /// counts.
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
            met.clear();
            let mut requests = std::mem::take(&mut one.gathered.harvest.requests);
            requests.retain(|request| newest_time(request) >= keep_from && bounded(&request.id));
            requests.sort_by(|a, b| {
                newest_time(b)
                    .cmp(&newest_time(a))
                    .then_with(|| a.id.cmp(&b.id))
            });
            for request in requests {
                if met.insert(request.id.clone()) {
                    records.requests.push(RequestRecord {
                        source: source.clone(),
                        assets: request.assets.iter().map(|id| numbers.number(id)).collect(),
                        request,
                    });
                }
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
        let requests: Vec<WriteRequest<'_>> = self
            .requests
            .iter()
            .map(|record| WriteRequest {
                source: &record.source,
                assets: record.assets.clone(),
                request: &record.request,
            })
            .collect();
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
