//! Which assets have another role than at the scan before, and which lost theirs.

use std::collections::HashMap;

use plimsoll_model::{AssetId, Text};

use crate::baseline::Judgement;
use crate::inventory::Snapshot;
use crate::report::UnjudgedRow;
use crate::store::Numbers;

/// What differs between the roles of two scans.
#[derive(Debug, Default)]
pub(super) struct RoleChanges {
    /// To be written: by the asset's number, none for one that has no role now.
    pub(super) write: Vec<(i64, Option<Text>)>,
    /// The assets that are there and lost their role.
    pub(super) lost: Vec<UnjudgedRow>,
}

/// Compares the roles of this scan with those `before`, which come in order of their assets' numbers. What lives on under another id
/// (`moved`) lost nothing.
pub(super) fn role_changes(
    before: Vec<(i64, Text)>,
    judgement: &Judgement,
    snapshot: &Snapshot,
    numbers: &Numbers,
    moved: &HashMap<AssetId, AssetId>,
) -> RoleChanges {
    let ids = judgement.systems.iter();
    let ids = ids.map(|system| &snapshot.asset(system.at).id);
    let mut now: Vec<(i64, &Text)> = numbers
        .of_sorted(ids)
        .into_iter()
        .zip(&judgement.systems)
        .filter_map(|(number, system)| Some((number?, &system.role)))
        .collect();
    now.sort_unstable_by_key(|(number, _)| *number);
    let mut changes = RoleChanges::default();
    let mut gone: Vec<(i64, Text)> = Vec::new();
    let mut now = now.into_iter().peekable();
    for (number, role) in before {
        while let Some((fresh, role)) = now.next_if(|(fresh, _)| *fresh < number) {
            changes.write.push((fresh, Some(role.clone())));
        }
        match now.next_if(|(same, _)| *same == number) {
            Some((_, same)) if *same == role => {}
            Some((_, other)) => changes.write.push((number, Some(other.clone()))),
            None => {
                changes.write.push((number, None));
                gone.push((number, role));
            }
        }
    }
    changes
        .write
        .extend(now.map(|(fresh, role)| (fresh, Some(role.clone()))));
    let ids = numbers.ids_of(gone.iter().map(|(number, _)| *number));
    for (number, role) in gone {
        let Some(id) = ids.get(&number).filter(|id| !moved.contains_key(**id)) else {
            continue;
        };
        if let Some(at) = snapshot.find(id.as_str()) {
            let asset = snapshot.asset(at);
            changes.lost.push(UnjudgedRow {
                asset: asset.id.clone(),
                kind: asset.kind.clone(),
                name: asset.name.clone(),
                role,
            });
        }
    }
    changes.lost.sort_by(|a, b| a.asset.cmp(&b.asset));
    changes
}
