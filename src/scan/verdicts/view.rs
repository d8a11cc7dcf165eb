//! What is known of the asset of a change.

use std::collections::{HashMap, HashSet};

use plimsoll_model::{Asset, AssetId, RelationKind, Text, Value, fact};

use crate::approval::{Judged, Ruling};
use crate::baseline::System;
use crate::change::LEVELS;
use crate::inventory::Snapshot;

/// What is known of the asset of a change.
#[derive(Default)]
pub(super) struct Context<'a> {
    pub(super) environment: Option<Text>,
    pub(super) role: Option<Text>,
    pub(super) sensitive: Option<bool>,
    /// As it is now; none where it is no more.
    pub(super) asset: Option<&'a Asset>,
    pub(super) lineage: Vec<(&'a AssetId, &'a str)>,
}

impl Context<'_> {
    /// The same, of one that is no more.
    pub(super) fn gone(mut self) -> Self {
        self.asset = None;
        self
    }

    pub(super) fn ruling(&self, judged: Judged) -> Ruling {
        Ruling {
            judged,
            environment: self.environment.clone(),
            role: self.role.clone(),
            sensitive: self.sensitive,
        }
    }
}

/// A snapshot with its systems by their places.
pub(super) struct View<'a> {
    snapshot: &'a Snapshot,
    systems: HashMap<u32, &'a System>,
}

impl<'a> View<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, systems: &'a [System]) -> Self {
        Self {
            snapshot,
            systems: systems.iter().map(|system| (system.at, system)).collect(),
        }
    }

    /// What is known of an asset; none where it is not in here.
    pub(super) fn context(&self, id: &AssetId) -> Option<Context<'a>> {
        let at = self.snapshot.find(id.as_str())?;
        let asset = self.snapshot.asset(at);
        let system = self.systems.get(&at);
        let said = asset.value(fact::SENSITIVE).and_then(Value::as_bool);
        Some(Context {
            environment: match system {
                Some(system) => system.environment.clone(),
                None => self.around(at),
            },
            role: system.map(|system| system.role.clone()),
            // Of a system more is known than its source says: a role or a rule may say it too. That nothing says so is no
            // proof that it holds none.
            sensitive: match system.and_then(|system| system.sensitive) {
                Some(true) => Some(true),
                _ => said,
            },
            asset: Some(asset),
            lineage: self.lineage(at),
        })
    }

    /// The environment of a part of systems: the one that all systems beside it have.
    fn around(&self, at: u32) -> Option<Text> {
        let out = self.snapshot.outgoing(at).iter().map(|edge| edge.to);
        let into = self.snapshot.incoming(at).iter().map(|edge| edge.from);
        let mut found: Option<&Text> = None;
        for near in out.chain(into) {
            let Some(system) = self.systems.get(&near) else {
                continue;
            };
            match (found, &system.environment) {
                (_, None) => return None,
                (Some(one), Some(other)) if one != other => return None,
                (_, Some(some)) => found = Some(some),
            }
        }
        found.cloned()
    }

    fn lineage(&self, at: u32) -> Vec<(&'a AssetId, &'a str)> {
        let mut found = Vec::new();
        let mut level = vec![at];
        let mut met = HashSet::from([at]);
        for _ in 0..LEVELS {
            let mut next = Vec::new();
            for part in level {
                for (whole, asset) in self.snapshot.against(part, RelationKind::Contains) {
                    if met.insert(whole) {
                        found.push((&asset.id, asset.name.as_str()));
                        next.push(whole);
                    }
                }
            }
            level = next;
        }
        found
    }
}
