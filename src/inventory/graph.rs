//! The snapshot as petgraph sees it: its algorithms run on the snapshot itself, without a copy.

use std::collections::HashSet;

use petgraph::Direction;
use petgraph::visit::{
    Bfs, GraphBase, GraphRef, IntoNeighbors, IntoNeighborsDirected, Reversed, Visitable,
    Walker as _,
};

use super::{Edge, Snapshot};

/// A view of a snapshot's graph: nodes are places, edges are relations of any kind.
#[derive(Clone, Copy)]
pub struct Graph<'s>(pub &'s Snapshot);

impl GraphBase for Graph<'_> {
    type NodeId = u32;
    type EdgeId = (u32, u32);
}

impl GraphRef for Graph<'_> {}

impl Visitable for Graph<'_> {
    type Map = HashSet<u32>;

    fn visit_map(&self) -> Self::Map {
        HashSet::new()
    }

    fn reset_map(&self, map: &mut Self::Map) {
        map.clear();
    }
}

impl<'s> IntoNeighbors for Graph<'s> {
    type Neighbors = Box<dyn Iterator<Item = u32> + 's>;

    fn neighbors(self, at: u32) -> Self::Neighbors {
        self.neighbors_directed(at, Direction::Outgoing)
    }
}

impl<'s> IntoNeighborsDirected for Graph<'s> {
    type NeighborsDirected = Box<dyn Iterator<Item = u32> + 's>;

    fn neighbors_directed(self, at: u32, direction: Direction) -> Self::NeighborsDirected {
        let Graph(snapshot) = self;
        match direction {
            Direction::Outgoing => {
                Box::new(snapshot.outgoing(at).iter().map(|edge: &Edge| edge.to))
            }
            Direction::Incoming => {
                Box::new(snapshot.incoming(at).iter().map(|edge: &Edge| edge.from))
            }
        }
    }
}

/// What an asset rests on, directly or through others: everything that its relations lead to, nearest first.
pub fn rests_on(snapshot: &Snapshot, at: u32) -> Vec<u32> {
    let graph = Graph(snapshot);
    Bfs::new(graph, at)
        .iter(graph)
        .filter(|place| *place != at)
        .collect()
}

/// What rests on an asset, directly or through others, nearest first.
pub fn carries(snapshot: &Snapshot, at: u32) -> Vec<u32> {
    let graph = Reversed(Graph(snapshot));
    Bfs::new(graph, at)
        .iter(graph)
        .filter(|place| *place != at)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Node;
    use plimsoll_model::{Asset, AssetId, RelationKind};

    #[test]
    fn both_ways_and_round_a_circle() {
        let node = |name: &str| Node {
            asset: Asset::new(AssetId::of("host", &[name]), "host", name),
            sources: [].into(),
        };
        let edge = |from, to| Edge {
            from,
            kind: RelationKind::Uses,
            to,
        };
        let nodes = ["a", "b", "c", "d"].map(node).to_vec();
        let snapshot = Snapshot::new(
            nodes,
            vec![edge(0, 1), edge(1, 2), edge(2, 1), edge(3, 2)],
            vec![],
        );
        assert_eq!(rests_on(&snapshot, 0), [1, 2]);
        assert_eq!(carries(&snapshot, 2), [1, 3, 0]);
        assert_eq!(rests_on(&snapshot, 2), [1]);
    }
}
