//! What changed of a host's listeners and is told with its containers.

use std::collections::HashMap;

use plimsoll_model::{Asset, AssetId, RelationKind, kind};

use super::verdicts::Gone;
use super::weigh::Seen;
use crate::change::ChangeKind;
use crate::inventory::{Published, Snapshot};

/// Leaves out of the changes those of hosts that their containers explain, and what is then no change.
pub(super) fn leave_out(
    seen: &mut Vec<Seen>,
    snapshot: &Snapshot,
    gone: &Gone,
    moved: &HashMap<AssetId, AssetId>,
) {
    let of_ports = |one: &Seen| {
        let mut paths = one.change.paths.iter();
        one.change.kind == ChangeKind::Modified
            && *one.change.asset_kind == *kind::HOST
            && paths.any(|path| path.path.starts_with("ports["))
    };
    if !seen.iter().any(of_ports) {
        return;
    }
    let published = Published::of(snapshot);
    for one in seen.iter_mut().filter(|one| of_ports(one)) {
        let id = moved.get(&one.change.asset).unwrap_or(&one.change.asset);
        if let Some(host) = snapshot.find(id.as_str()) {
            let before = containers(host, id, snapshot, gone);
            published.leave_out(host, &before, &mut one.change.paths);
        }
    }
    seen.retain(|one| one.change.kind != ChangeKind::Modified || !one.change.paths.is_empty());
}

/// The containers of a host as they are, as they were before they changed, and those that are gone.
fn containers<'a>(
    host: u32,
    id: &AssetId,
    snapshot: &'a Snapshot,
    gone: &'a Gone,
) -> Vec<&'a Asset> {
    let there = snapshot.against(host, RelationKind::RunsOn);
    let mut all: Vec<&Asset> = there.map(|(_, asset)| asset).collect();
    let changed = gone.changed.iter();
    let changed: Vec<&Asset> = changed
        .filter(|was| all.iter().any(|is| is.id == was.id))
        .collect();
    let was_there = |asset: &AssetId| {
        let mut relations = gone.relations.iter();
        relations.any(|(from, kind, to)| from == asset && *kind == RelationKind::RunsOn && to == id)
    };
    all.extend(changed);
    all.extend(gone.assets.iter().filter(|asset| was_there(&asset.id)));
    all.retain(|asset| asset.kind == kind::CONTAINER);
    all
}
