//! Parts and relations become a snapshot.

use std::collections::HashMap;

use plimsoll_model::{AssetId, RelationKind, Text};

use super::merge::{Merged, Part, merge};
use super::{Coverage, Edge, Snapshot};

/// A snapshot, and what was odd about its parts.
pub struct Assembled {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// Ids under which two sources mean different things, with the id that the later one got.
    pub conflicts: Vec<(AssetId, AssetId)>,
    /// Ids that live on under another one, since both share an alias.
    pub moved: HashMap<AssetId, AssetId>,
    /// Relations an end of which nobody knows, by their place in what was handed in; the graph is without them.
    pub dangling: Vec<usize>,
}

/// Assembles a snapshot from the parts of all `sources` and their relations.
pub fn assemble<'r>(
    parts: Vec<Part>,
    sources: &[Text],
    relations: impl ExactSizeIterator<Item = (&'r AssetId, RelationKind, &'r AssetId)>,
    coverage: Vec<Coverage>,
) -> Assembled {
    let Merged {
        nodes,
        moved,
        conflicts,
    } = merge(parts, sources);
    let mut places: HashMap<&str, u32> = HashMap::with_capacity(nodes.len() + moved.len());
    for (at, node) in nodes.iter().enumerate() {
        if let Ok(at) = u32::try_from(at) {
            places.insert(node.asset.id.as_str(), at);
        }
    }
    for (from, to) in &moved {
        if let Some(&at) = places.get(to.as_str()) {
            places.insert(from.as_str(), at);
        }
    }
    let mut edges = Vec::with_capacity(relations.len());
    let mut dangling = Vec::new();
    let mut last: Option<(&AssetId, Option<u32>)> = None;
    for (at, (from, kind, to)) in relations.enumerate() {
        // Relations come sorted: most start where the one before did.
        let start = match last {
            Some((id, start)) if id == from => start,
            _ => places.get(from.as_str()).copied(),
        };
        last = Some((from, start));
        match (start, places.get(to.as_str())) {
            (Some(from), Some(&to)) => edges.push(Edge { from, kind, to }),
            _ => dangling.push(at),
        }
    }
    drop(places);
    Assembled {
        snapshot: Snapshot::new(nodes, edges, coverage),
        conflicts,
        moved,
        dangling,
    }
}
