//! The inventory graph as of one scan.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use plimsoll_model::{Asset, RelationKind, Text, Trouble};

/// The inventory graph as of one scan, immutable: what the scanned sources gave and the last known of the others.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    nodes: Vec<Node>,
    /// Sorted by start, kind and end.
    edges: Vec<Edge>,
    /// The edges sorted by end, kind and start.
    reversed: Vec<Edge>,
    coverage: Vec<Coverage>,
    /// The places of what goes by an id that is made of its names, by that.
    called: HashMap<Text, u32>,
}

/// An asset as all its sources together see it.
#[derive(Clone, Debug)]
pub struct Node {
    /// The asset.
    pub asset: Asset,
    /// The names of the sources that see it, sorted. Shared between the nodes of one source.
    pub sources: Arc<[Text]>,
}

impl Node {
    /// Whether nothing about it is known now: no source that knows of it could see it when it last looked.
    pub fn unseen(&self) -> bool {
        self.asset.partial.is_some()
            && self
                .asset
                .facts
                .iter()
                .all(|(_, claim)| claim.value().is_none())
    }
}

/// A relation between two nodes of one snapshot, by their places in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    /// Where it starts.
    pub from: u32,
    /// What it says.
    pub kind: RelationKind,
    /// Where it ends.
    pub to: u32,
}

/// As of when and how completely one scope was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The source.
    pub source: Text,
    /// The scope.
    pub scope: Text,
    /// Whether the last read was complete.
    pub complete: bool,
    /// When it was last read; for one that this scan did not read, before its start.
    pub as_of: Timestamp,
    /// Whether this scan tried to read it, or was to and its source did not come to it. One that it was not to read is the last known
    /// and counts neither way.
    pub fresh: bool,
    /// What went wrong.
    pub troubles: Vec<Trouble>,
}

impl Snapshot {
    /// A snapshot of nodes in order of their ids, edges in any order, and coverage in order of source and scope.
    pub fn new(nodes: Vec<Node>, mut edges: Vec<Edge>, coverage: Vec<Coverage>) -> Self {
        debug_assert!(nodes.is_sorted_by(|a, b| a.asset.id < b.asset.id));
        edges.sort_unstable();
        edges.dedup();
        let mut reversed = edges.clone();
        reversed.sort_unstable_by_key(|edge| (edge.to, edge.kind, edge.from));
        Self {
            called: called(&nodes),
            nodes,
            edges,
            reversed,
            coverage,
        }
    }

    /// The same snapshot with another coverage, in order of source and scope.
    pub fn with_coverage(mut self, coverage: Vec<Coverage>) -> Self {
        self.coverage = coverage;
        self
    }

    /// Has every node altered, in order of their ids, which stay.
    pub(crate) fn alter(&mut self, alter: impl FnMut(&mut Node)) {
        self.nodes.iter_mut().for_each(alter);
    }

    /// The nodes in order of their ids.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The edges in order of start, kind and end.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The scopes in order of source and name.
    pub fn coverage(&self) -> &[Coverage] {
        &self.coverage
    }

    /// The place of the node with an id, else of the only one that is called so today.
    pub fn find(&self, id: &str) -> Option<u32> {
        let at = self
            .nodes
            .binary_search_by(|node| node.asset.id.as_str().cmp(id));
        let at = at.ok().and_then(|at| u32::try_from(at).ok());
        at.or_else(|| self.called.get(id).copied())
    }

    /// The asset at a place.
    ///
    /// # Panics
    /// When the place is not of this snapshot.
    pub fn asset(&self, at: u32) -> &Asset {
        &self.nodes[at as usize].asset
    }

    /// The edges that start at a place.
    pub fn outgoing(&self, at: u32) -> &[Edge] {
        &self.edges[range(&self.edges, |edge| edge.from, at)]
    }

    /// The edges that end at a place.
    pub fn incoming(&self, at: u32) -> &[Edge] {
        &self.reversed[range(&self.reversed, |edge| edge.to, at)]
    }

    /// The assets that a node's relations of one kind lead to.
    pub fn along(&self, at: u32, kind: RelationKind) -> impl Iterator<Item = (u32, &Asset)> {
        let edges = self
            .outgoing(at)
            .iter()
            .filter(move |edge| edge.kind == kind);
        edges.map(|edge| (edge.to, self.asset(edge.to)))
    }

    /// The assets whose relations of one kind lead to a node.
    pub fn against(&self, at: u32, kind: RelationKind) -> impl Iterator<Item = (u32, &Asset)> {
        let edges = self
            .incoming(at)
            .iter()
            .filter(move |edge| edge.kind == kind);
        edges.map(|edge| (edge.from, self.asset(edge.from)))
    }
}

/// How what a source had seen is ended, that is read no more.
pub const RETIRE: &str = "plimsoll sources retire";

/// Says at the first scope of each source that is in the configuration no more (`configured` are those in it) what can be done about
/// it: what it had seen is unknown until then.
pub(crate) fn hint_at_retiring(coverage: &mut [Coverage], configured: &[Text]) {
    let mut last: Option<Text> = None;
    for row in coverage {
        let first = last.as_ref() != Some(&row.source);
        last = Some(row.source.clone());
        let hinted = row
            .troubles
            .iter()
            .any(|trouble| trouble.what.contains(RETIRE));
        if first && !hinted && !configured.contains(&row.source) {
            let what = format!(
                "source {0} is no longer in the configuration, and nothing is known of what it had seen: `{RETIRE} {0}` ends that",
                row.source
            );
            row.troubles.push(Trouble {
                what: what.into(),
                asset: None,
            });
        }
    }
}

/// The nodes by the ids that are made of their names; what two are called is the id of neither.
fn called(nodes: &[Node]) -> HashMap<Text, u32> {
    let mut called: HashMap<Text, Option<u32>> = HashMap::new();
    for (at, node) in (0u32..).zip(nodes) {
        for id in node.asset.ids().skip(1) {
            let slot = called.entry(id.into()).or_insert(Some(at));
            *slot = slot.filter(|first| *first == at);
        }
    }
    let sure = called.into_iter();
    sure.filter_map(|(id, at)| Some((id, at?))).collect()
}

fn range(edges: &[Edge], key: impl Fn(&Edge) -> u32, at: u32) -> Range<usize> {
    let start = edges.partition_point(|edge| key(edge) < at);
    let more = edges[start..].partition_point(|edge| key(edge) == at);
    start..start + more
}
