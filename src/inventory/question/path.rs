//! How one asset leads to another.

use petgraph::algo::astar;
use petgraph::graph::NodeIndex;
use petgraph::visit::{EdgeRef, GraphBase, IntoEdges, Reversed, UndirectedAdaptor, Visitable};
use plimsoll_model::RelationKind;

use super::depend::{bare, place};
use crate::inventory::{Edge, Snapshot};

/// A shortest path between two assets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// In which direction the relations were followed.
    pub way: Way,
    /// The steps, from the first asset to the second; none where both are one.
    pub hops: Vec<Hop>,
}

/// In which direction the relations of a path were followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// All along their direction: the first asset leads to the second.
    Along,
    /// All against it: the second leads to the first.
    Against,
    /// Some along and some against it: both are connected, and neither leads to the other.
    Mixed,
}

/// One step of a path, in the direction of its relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The relation.
    pub edge: Edge,
    /// Whether the path takes it against its direction.
    pub against: bool,
}

/// A shortest path from one asset to another; none where nothing connects them.
///
/// A path along the relations comes before one against them, and that before one that goes both ways.
pub fn path(snapshot: &Snapshot, from: u32, to: u32) -> Option<Path> {
    let mut graph = bare(snapshot);
    for edge in snapshot.edges().iter().rev() {
        let ends = [edge.from, edge.to].map(|at| NodeIndex::new(at as usize));
        graph.add_edge(ends[0], ends[1], edge.kind);
    }
    let ends = (from, to);
    let along = shortest(&graph, ends).map(|places| (Way::Along, places));
    let against = || shortest(Reversed(&graph), ends).map(|places| (Way::Against, places));
    let mixed = || shortest(UndirectedAdaptor(&graph), ends).map(|places| (Way::Mixed, places));
    let (way, places) = along.or_else(against).or_else(mixed)?;
    let hops = places
        .windows(2)
        .filter_map(|pair| hop(snapshot, pair[0], pair[1], way));
    Some(Path {
        way,
        hops: hops.collect(),
    })
}

fn shortest<G>(graph: G, (from, to): (u32, u32)) -> Option<Vec<u32>>
where
    G: IntoEdges + Visitable + GraphBase<NodeId = NodeIndex<u32>>,
    G::EdgeRef: EdgeRef<Weight = RelationKind>,
{
    let [from, to] = [from, to].map(|at| NodeIndex::new(at as usize));
    let (_, nodes) = astar(graph, from, |node| node == to, |_| 1_u32, |_| 0)?;
    Some(nodes.into_iter().map(place).collect())
}

/// The first relation between two neighbours on a path.
fn hop(snapshot: &Snapshot, a: u32, b: u32, way: Way) -> Option<Hop> {
    let edge = |from: u32, to: u32| {
        snapshot
            .outgoing(from)
            .iter()
            .find(|edge| edge.to == to)
            .copied()
    };
    let along = edge(a, b).filter(|_| way != Way::Against);
    let along = along.map(|edge| Hop {
        edge,
        against: false,
    });
    along.or_else(|| {
        edge(b, a).map(|edge| Hop {
            edge,
            against: true,
        })
    })
}
