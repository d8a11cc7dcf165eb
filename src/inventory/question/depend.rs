//! What needs what, as a graph of petgraph.

use petgraph::graph::{DiGraph, NodeIndex};
use plimsoll_model::RelationKind;

use crate::inventory::Snapshot;

/// Nodes are places of the snapshot; an edge leads from what needs to what is needed.
pub(super) type Needs = DiGraph<(), RelationKind, u32>;

/// The graph of what needs what, by the relations of the kinds that are wanted.
///
/// Most relations lead from what needs to what is needed. Two are turned: a part needs its whole, and an endpoint needs
/// the system that offers it. The neighbours of a node come in order of their places.
pub(super) fn needs(snapshot: &Snapshot, wanted: impl Fn(RelationKind) -> bool) -> Needs {
    let mut graph = bare(snapshot);
    let mut edges: Vec<(u32, u32, RelationKind)> = snapshot
        .edges()
        .iter()
        .filter(|edge| edge.from != edge.to && wanted(edge.kind))
        .map(|edge| match edge.kind {
            RelationKind::Contains | RelationKind::Exposes => (edge.to, edge.from, edge.kind),
            kind => (edge.from, edge.to, kind),
        })
        .collect();
    edges.sort_unstable();
    // petgraph gives the newest edge first.
    for (from, to, kind) in edges.into_iter().rev() {
        graph.add_edge(
            NodeIndex::new(from as usize),
            NodeIndex::new(to as usize),
            kind,
        );
    }
    graph
}

/// A graph with a node for each place and no edge.
pub(super) fn bare(snapshot: &Snapshot) -> Needs {
    let (nodes, edges) = (snapshot.nodes().len(), snapshot.edges().len());
    let mut graph = DiGraph::with_capacity(nodes, edges);
    for _ in 0..nodes {
        graph.add_node(());
    }
    graph
}

/// The place of a node.
pub(super) fn place(node: NodeIndex<u32>) -> u32 {
    node.index() as u32
}
