//! Assets as they were before a scan, with what was around them: a change is judged by what its asset was, too.

use std::collections::{BTreeMap, HashSet};

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
    /// Assets that changed, as they were before.
    pub(in crate::scan) changed: Vec<Asset>,
    /// Relations that are no more: of these assets and of others.
    pub(in crate::scan) relations: Vec<(AssetId, RelationKind, AssetId)>,
    /// Relations that came with this scan.
    pub(in crate::scan) joined: HashSet<(AssetId, RelationKind, AssetId)>,
}

impl Gone {
    /// The assets beside what is still there of their surroundings, and the systems among them.
    pub(super) fn as_known(&self, courts: &Courts<'_>) -> (Snapshot, Vec<System>) {
        if self.assets.is_empty() && self.changed.is_empty() && self.joined.is_empty() {
            return (Snapshot::default(), Vec::new());
        }
        let gone = self.assets.iter().chain(&self.changed);
        let mut all: BTreeMap<&AssetId, &Asset> = gone.map(|asset| (&asset.id, asset)).collect();
        let mut edges: Vec<(&AssetId, RelationKind, &AssetId)> = Vec::new();
        edges.extend(
            self.relations
                .iter()
                .map(|(from, kind, to)| (from, *kind, to)),
        );
        let snapshot = courts.snapshot;
        let ends = edges.iter().flat_map(|(from, _, to)| [*from, *to]);
        let joined = self.joined.iter().flat_map(|(from, _, to)| [from, to]);
        let changed = self.changed.iter().map(|asset| &asset.id);
        let ends: Vec<&AssetId> = ends.chain(joined).chain(changed).collect();
        let came = |from: &AssetId, to: &AssetId| {
            self.joined
                .contains(&(from.clone(), RelationKind::Contains, to.clone()))
        };
        let mut met: HashSet<u32> = HashSet::new();
        let mut level: Vec<u32> = ends
            .into_iter()
            .filter_map(|id| snapshot.find(courts.moved.get(id).unwrap_or(id).as_str()))
            .collect();
        for _ in 0..=LEVELS {
            level.sort_unstable();
            level.dedup();
            let mut next = Vec::new();
            for at in level {
                if !met.insert(at) {
                    continue;
                }
                let asset = snapshot.asset(at);
                // As it was, where it changed.
                all.entry(&asset.id).or_insert(asset);
                for (whole, above) in snapshot.against(at, RelationKind::Contains) {
                    if !came(&above.id, &asset.id) {
                        edges.push((&above.id, RelationKind::Contains, &asset.id));
                        next.push(whole);
                    }
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
