//! What is there no more, with what was around it: a change that removes something is judged by what that was.

use std::collections::BTreeMap;

use plimsoll_model::{Asset, AssetId, RelationKind};

use super::Courts;
use crate::baseline::{System, systems};
use crate::change::LEVELS;
use crate::inventory::{Part, Snapshot, assemble};

/// What is there no more.
#[derive(Default)]
pub(in crate::scan) struct Gone {
    /// The assets as they were last known.
    pub(in crate::scan) assets: Vec<Asset>,
    /// Relations that are no more: of these assets and of others.
    pub(in crate::scan) relations: Vec<(AssetId, RelationKind, AssetId)>,
}

impl Gone {
    /// The assets beside what is still there of their surroundings, and the systems among them.
    pub(super) fn as_known(&self, courts: &Courts<'_>) -> (Snapshot, Vec<System>) {
        if self.assets.is_empty() {
            return (Snapshot::default(), Vec::new());
        }
        let mut all: BTreeMap<&AssetId, &Asset> =
            self.assets.iter().map(|asset| (&asset.id, asset)).collect();
        let mut edges: Vec<(&AssetId, RelationKind, &AssetId)> = Vec::new();
        for (from, kind, to) in &self.relations {
            if !all.contains_key(from) && !all.contains_key(to) {
                continue;
            }
            edges.push((from, *kind, to));
        }
        let snapshot = courts.snapshot;
        let ends: Vec<&AssetId> = edges
            .iter()
            .flat_map(|(from, _, to)| [*from, *to])
            .collect();
        let mut level: Vec<u32> = ends
            .into_iter()
            .filter_map(|id| snapshot.find(courts.moved.get(id).unwrap_or(id).as_str()))
            .collect();
        for _ in 0..=LEVELS {
            level.sort_unstable();
            level.dedup();
            let mut next = Vec::new();
            for at in level {
                let asset = snapshot.asset(at);
                if all.insert(&asset.id, asset).is_some() {
                    continue;
                }
                for (whole, above) in snapshot.against(at, RelationKind::Contains) {
                    edges.push((&above.id, RelationKind::Contains, &asset.id));
                    next.push(whole);
                }
            }
            level = next;
        }
        let parts = all.into_values().map(|asset| Part {
            asset: asset.clone(),
            source: 0,
            first_scan: 0,
            last_scan: 0,
        });
        edges.sort_unstable();
        edges.dedup();
        let known = assemble(parts.collect(), &["".into()], edges.into_iter(), Vec::new()).snapshot;
        let yardstick = courts.yardstick;
        let systems = systems(&known, yardstick.baselines, yardstick.rules);
        (known, systems)
    }
}
