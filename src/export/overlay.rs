//! Two snapshots as one, with what differs marked.

use std::collections::{BTreeMap, HashMap};

use plimsoll_model::{AssetId, RelationKind};

use super::Mark;
use crate::inventory::{Edge, Node, Published, Snapshot, differences};

/// Two snapshots as one.
pub struct Overlay {
    /// All that is, and what was and is no more. The coverage is the later one's.
    pub snapshot: Snapshot,
    /// What differs, by place.
    pub marks: HashMap<u32, Mark>,
    /// Relations that came or went.
    pub edges: HashMap<Edge, Mark>,
}

/// Lays a later snapshot over an earlier one.
pub fn overlay(before: &Snapshot, after: &Snapshot) -> Overlay {
    let mut nodes: BTreeMap<&AssetId, (Option<&Node>, Option<&Node>)> = BTreeMap::new();
    for node in before.nodes() {
        nodes.entry(&node.asset.id).or_default().0 = Some(node);
    }
    for node in after.nodes() {
        nodes.entry(&node.asset.id).or_default().1 = Some(node);
    }
    let mut marks = HashMap::new();
    let published = Published::of(after);
    for (at, (was, is)) in (0u32..).zip(nodes.values()) {
        let mark = match (was, is) {
            (None, Some(_)) => Some(Mark::Added),
            (Some(_), None) => Some(Mark::Removed),
            (Some(was), Some(is)) => {
                let (was, is) = ((before, &was.asset), (after, &is.asset));
                (!differences(was, is, &published).is_empty()).then_some(Mark::Modified)
            }
            (None, None) => None,
        };
        marks.extend(mark.map(|mark| (at, mark)));
    }
    let places: HashMap<&AssetId, u32> = nodes.keys().copied().zip(0u32..).collect();
    let moved = |snapshot: &Snapshot, edge: &Edge| -> Option<Edge> {
        let place = |at: u32| places.get(&snapshot.asset(at).id).copied();
        Some(Edge {
            from: place(edge.from)?,
            kind: edge.kind,
            to: place(edge.to)?,
        })
    };
    let mut edges: BTreeMap<(u32, RelationKind, u32), (bool, bool)> = BTreeMap::new();
    for (snapshot, later) in [(before, false), (after, true)] {
        for edge in snapshot
            .edges()
            .iter()
            .filter_map(|edge| moved(snapshot, edge))
        {
            let seen = edges.entry((edge.from, edge.kind, edge.to)).or_default();
            *(if later { &mut seen.1 } else { &mut seen.0 }) = true;
        }
    }
    let mut differ = HashMap::new();
    let mut all = Vec::with_capacity(edges.len());
    for ((from, kind, to), seen) in edges {
        let edge = Edge { from, kind, to };
        match seen {
            (false, true) => _ = differ.insert(edge, Mark::Added),
            (true, false) => _ = differ.insert(edge, Mark::Removed),
            _ => {}
        }
        all.push(edge);
    }
    let nodes = nodes
        .into_values()
        .filter_map(|(was, is)| is.or(was).cloned());
    Overlay {
        snapshot: Snapshot::new(nodes.collect(), all, after.coverage().to_vec()),
        marks,
        edges: differ,
    }
}
