//! What depends on an asset.

use std::collections::VecDeque;

use petgraph::Direction;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef as _;
use plimsoll_model::RelationKind;

use super::depend::{needs, place};
use crate::inventory::Snapshot;

/// An asset that is affected when another fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Affected {
    /// Its place.
    pub at: u32,
    /// What it needs directly, on the shortest way to the asset that was asked about.
    pub through: u32,
    /// The relation by which it needs that.
    pub kind: RelationKind,
    /// How many steps lead to the asset that was asked about; 1 is directly.
    pub depth: u32,
}

/// What depends on an asset, directly or through others, nearest first and then in order of ids.
///
/// What runs on it, stores on it, uses it, is routed to it, was built from it or is a member of it; the parts that it
/// contains; and the endpoints that it offers.
pub fn blast(snapshot: &Snapshot, at: u32) -> Vec<Affected> {
    let graph = needs(snapshot, |_| true);
    let mut seen = vec![false; snapshot.nodes().len()];
    let mut found: Vec<Affected> = Vec::new();
    let mut open = VecDeque::from([(at, 0)]);
    if let Some(seen) = seen.get_mut(at as usize) {
        *seen = true;
    }
    while let Some((needed, depth)) = open.pop_front() {
        let node = NodeIndex::new(needed as usize);
        for edge in graph.edges_directed(node, Direction::Incoming) {
            let user = place(edge.source());
            match seen.get_mut(user as usize) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            found.push(Affected {
                at: user,
                through: needed,
                kind: *edge.weight(),
                depth: depth + 1,
            });
            open.push_back((user, depth + 1));
        }
    }
    found.sort_by_key(|affected| (affected.depth, affected.at));
    found
}
