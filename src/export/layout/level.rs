//! Groups from the inside out.

use std::collections::{BTreeSet, HashMap};

use super::layered::{GATE, layered};
use super::measure::{Style, node_size, width};
use super::{Point, Rect, pack};
use crate::export::label::name;
use crate::export::{Diagram, End, Group};

/// Around what is in a group: left, right and below; and above, where its name stands.
const INSET: i32 = 14;
const HEADER: i32 = 32;
const GAP: i32 = 14;
const GROUP_GAP: i32 = 24;

/// Where groups and nodes stand, and the points through which edges go, by the two things of one level that they
/// connect.
pub(super) struct Placed {
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) groups: Vec<Rect>,
    pub(super) nodes: Vec<Rect>,
    pub(super) waypoints: HashMap<(End, End), Vec<Point>>,
}

/// In the place of an end of a way: that it leaves the group, or comes from outside.
pub(super) const OUTSIDE: End = End::Group(usize::MAX);

/// The points through which the edges between two things of a level go.
type Way = ((End, End), Vec<Point>);

/// A part of a level that moves as one.
struct Block {
    size: (i32, i32),
    items: Vec<(End, Point)>,
    ways: Vec<Way>,
    /// Whether something in it has a public port: that goes first, where the internet comes in.
    public: bool,
}

pub(super) struct Levels<'d> {
    diagram: &'d Diagram,
    /// The children of each group, and of none at the end.
    children: Vec<Vec<End>>,
    /// The edges of each level, each once: between the children of one group.
    edges: Vec<Vec<(End, End)>>,
    /// The diagram's edges between two children, for where in these they are fastened.
    inner: HashMap<(End, End), Vec<(End, End)>>,
    /// What edges lead from to outside its group, and what they lead to from there.
    leaving: BTreeSet<End>,
    coming: BTreeSet<End>,
    /// Whether something in a group has a public port.
    public: Vec<bool>,
    placed: Placed,
    ways: Vec<Vec<Way>>,
}

impl<'d> Levels<'d> {
    pub(super) fn new(diagram: &'d Diagram) -> Self {
        let levels = diagram.groups.len() + 1;
        let level = |group: Option<usize>| group.unwrap_or(levels - 1);
        let mut children = vec![Vec::new(); levels];
        for (at, group) in diagram.groups.iter().enumerate() {
            children[level(group.parent)].push(End::Group(at));
        }
        for (at, node) in diagram.nodes.iter().enumerate() {
            children[level(node.group)].push(End::Node(at));
        }
        let mut edges = vec![Vec::new(); levels];
        let mut inner: HashMap<(End, End), Vec<(End, End)>> = HashMap::new();
        let (mut leaving, mut coming) = (BTreeSet::new(), BTreeSet::new());
        for edge in &diagram.edges {
            let path = |end: End| {
                let mut path: Vec<End> = diagram.around(end).into_iter().map(End::Group).collect();
                path.push(end);
                path
            };
            let (from, to) = (path(edge.from), path(edge.to));
            let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
            leaving.extend(from.iter().skip(same + 1));
            coming.extend(to.iter().skip(same + 1));
            if let (Some(a), Some(b)) = (from.get(same), to.get(same)) {
                let group = same.checked_sub(1).and_then(|last| match from.get(last) {
                    Some(End::Group(group)) => Some(*group),
                    _ => None,
                });
                edges[level(group)].push((*a, *b));
                inner
                    .entry((*a, *b))
                    .or_default()
                    .push((edge.from, edge.to));
            }
        }
        for edges in &mut edges {
            edges.sort_unstable();
            edges.dedup();
        }
        let mut public = vec![false; diagram.groups.len()];
        for (end, _) in diagram.entries() {
            let own = match end {
                End::Group(at) => Some(at),
                End::Node(_) => None,
            };
            for group in diagram.around(end).into_iter().chain(own) {
                public[group] = true;
            }
        }
        let placed = Placed {
            width: 0,
            height: 0,
            groups: vec![Rect::default(); diagram.groups.len()],
            nodes: vec![Rect::default(); diagram.nodes.len()],
            waypoints: HashMap::new(),
        };
        Self {
            diagram,
            children,
            edges,
            inner,
            leaving,
            coming,
            public,
            placed,
            ways: vec![Vec::new(); levels],
        }
    }

    /// Places everything.
    pub(super) fn place(mut self) -> Placed {
        let root = self.diagram.groups.len();
        // Groups come before those in them, so that backwards all in a group is placed before it.
        for at in (0..root).rev() {
            let (w, h) = self.level(at);
            let header = header_width(&self.diagram.groups[at]);
            self.placed.groups[at].w = (w + 2 * INSET).max(header);
            self.placed.groups[at].h = h + HEADER + INSET;
        }
        (self.placed.width, self.placed.height) = self.level(root);
        self.settle(root, Point::default());
        for at in 0..root {
            let Rect { x, y, .. } = self.placed.groups[at];
            self.settle(
                at,
                Point {
                    x: x + INSET,
                    y: y + HEADER,
                },
            );
        }
        self.placed
    }

    /// Moves a level's children to where their group stands.
    fn settle(&mut self, level: usize, origin: Point) {
        for end in &self.children[level] {
            let rect = match end {
                End::Node(at) => &mut self.placed.nodes[*at],
                End::Group(at) => &mut self.placed.groups[*at],
            };
            rect.x += origin.x;
            rect.y += origin.y;
        }
        for (edge, mut way) in std::mem::take(&mut self.ways[level]) {
            for point in &mut way {
                point.x += origin.x;
                point.y += origin.y;
            }
            self.placed.waypoints.insert(edge, way);
        }
    }

    /// Places the children of a group relative to one another.
    fn level(&mut self, level: usize) -> (i32, i32) {
        let mut blocks = self.blocks(level);
        blocks.sort_by_key(|block| (!block.public, std::cmp::Reverse(block.size.1)));
        let sizes: Vec<(i32, i32)> = blocks.iter().map(|block| block.size).collect();
        let gap = if self.children[level]
            .iter()
            .any(|end| matches!(end, End::Group(_)))
        {
            GROUP_GAP
        } else {
            GAP
        };
        let (points, size) = pack::rows(&sizes, gap);
        for (block, point) in blocks.into_iter().zip(points) {
            let moved = |inner: Point| Point {
                x: inner.x + point.x,
                y: inner.y + point.y,
            };
            for (end, inner) in block.items {
                let Point { x, y } = moved(inner);
                let (w, h) = self.size(end);
                let rect = Rect { x, y, w, h };
                match end {
                    End::Node(at) => self.placed.nodes[at] = rect,
                    End::Group(at) => self.placed.groups[at] = rect,
                }
            }
            let ways = block
                .ways
                .into_iter()
                .map(|(edge, way)| (edge, way.into_iter().map(moved).collect()));
            self.ways[level].extend(ways);
        }
        size
    }

    fn size(&self, end: End) -> (i32, i32) {
        match end {
            End::Node(at) => node_size(&self.diagram.nodes[at]),
            End::Group(at) => (self.placed.groups[at].w, self.placed.groups[at].h),
        }
    }

    fn is_public(&self, end: End) -> bool {
        match end {
            End::Node(at) => !self.diagram.nodes[at].public.is_empty(),
            End::Group(at) => self.public[at],
        }
    }

    fn blocks(&self, level: usize) -> Vec<Block> {
        let children = &self.children[level];
        let places: HashMap<End, usize> = children
            .iter()
            .enumerate()
            .map(|(at, end)| (*end, at))
            .collect();
        let edges: Vec<(usize, usize)> = self.edges[level]
            .iter()
            .filter_map(|(a, b)| Some((*places.get(a)?, *places.get(b)?)))
            .collect();
        let (mut blocks, mut alone) = (Vec::new(), Vec::new());
        for part in parts(children.len(), &edges) {
            match part.as_slice() {
                [only] if matches!(children[*only], End::Node(_)) => alone.push(children[*only]),
                [only] => blocks.push(self.single(children[*only])),
                _ => blocks.push(self.connected(children, &part, &edges)),
            }
        }
        if !alone.is_empty() {
            blocks.push(self.alone(alone));
        }
        blocks
    }

    fn single(&self, end: End) -> Block {
        Block {
            size: self.size(end),
            items: vec![(end, Point::default())],
            ways: Vec::new(),
            public: self.is_public(end),
        }
    }

    fn connected(&self, children: &[End], part: &[usize], edges: &[(usize, usize)]) -> Block {
        let local: HashMap<usize, usize> = part
            .iter()
            .enumerate()
            .map(|(at, child)| (*child, at))
            .collect();
        let mut own: Vec<(usize, usize)> = edges
            .iter()
            .filter_map(|(a, b)| Some((*local.get(a)?, *local.get(b)?)))
            .collect();
        let mut ends: Vec<End> = part.iter().map(|child| children[*child]).collect();
        let mut sizes: Vec<(i32, i32)> = ends.iter().map(|end| self.size(*end)).collect();
        let mut fastened: Vec<(f64, f64)> = own
            .iter()
            .map(|(a, b)| self.fastened(ends[*a], ends[*b]))
            .collect();
        let real = ends.len();
        for at in 0..real {
            for (gates, out) in [(&self.leaving, true), (&self.coming, false)] {
                if gates.contains(&ends[at]) {
                    let gate = ends.len();
                    own.push(if out { (at, gate) } else { (gate, at) });
                    fastened.push((0.5, 0.5));
                    ends.push(OUTSIDE);
                    sizes.push(GATE);
                }
            }
        }
        let found = layered(&sizes, &own, &fastened);
        let ways = own
            .iter()
            .zip(found.ways)
            .filter(|(_, way)| !way.is_empty());
        let ways = ways.map(|((a, b), way)| ((ends[*a], ends[*b]), way));
        Block {
            size: found.size,
            ways: ways.collect(),
            public: ends.iter().take(real).any(|end| self.is_public(*end)),
            items: ends.into_iter().take(real).zip(found.places).collect(),
        }
    }

    /// How far down two children the edges between them are fastened, on average.
    fn fastened(&self, a: End, b: End) -> (f64, f64) {
        let edges = self.inner.get(&(a, b)).map_or(&[][..], Vec::as_slice);
        let many = edges.len().max(1) as f64;
        let sum = |of: fn(&(End, End)) -> End, outer: End| -> f64 {
            edges.iter().map(|edge| self.down(of(edge), outer)).sum()
        };
        (sum(|edge| edge.0, a) / many, sum(|edge| edge.1, b) / many)
    }

    /// How far down in an outer thing the middle of an inner one is, of 1.
    fn down(&self, inner: End, outer: End) -> f64 {
        let rect = |end: End| match end {
            End::Node(at) => Rect {
                h: node_size(&self.diagram.nodes[at]).1,
                ..self.placed.nodes[at]
            },
            End::Group(at) => self.placed.groups[at],
        };
        let whole = self.size(outer).1.max(1);
        if inner == outer {
            return 0.5;
        }
        let around = self.diagram.around(inner);
        let between = around
            .iter()
            .rev()
            .map(|at| End::Group(*at))
            .take_while(|end| *end != outer);
        let own = rect(inner);
        let y = own.y + own.h / 2 + HEADER + between.map(|end| rect(end).y + HEADER).sum::<i32>();
        f64::from(y) / f64::from(whole)
    }

    /// What has no edge stands in a grid: what has a public port first, then kind by kind.
    fn alone(&self, mut ends: Vec<End>) -> Block {
        let kind = |end: &End| match end {
            End::Node(at) => (
                self.diagram.nodes[*at].kind.as_str(),
                self.diagram.nodes[*at].role.as_deref(),
            ),
            End::Group(_) => ("", None),
        };
        // What something outside leads to stands to the left, and what leads there to the right.
        let side = |end: &End| match (self.coming.contains(end), self.leaving.contains(end)) {
            (true, false) => 0,
            (false, true) => 2,
            _ => 1,
        };
        ends.sort_by_key(|end| (!self.is_public(*end), side(end), kind(end), *end));
        let sizes: Vec<(i32, i32)> = ends.iter().map(|end| self.size(*end)).collect();
        let (points, size) = pack::grid(&sizes, GAP);
        let public = ends.iter().any(|end| self.is_public(*end));
        Block {
            size,
            items: ends.into_iter().zip(points).collect(),
            ways: Vec::new(),
            public,
        }
    }
}

/// The room that a group's name takes.
fn header_width(group: &Group) -> i32 {
    let mut small = name(&group.kind);
    for more in group
        .environment
        .iter()
        .map(String::as_str)
        .chain(group.mark.map(|mark| mark.as_str()))
    {
        small.push_str(" · ");
        small.push_str(more);
    }
    if !group.public.is_empty() {
        small.push_str(&format!(
            " · public {}",
            crate::export::label::ports(&group.public)
        ));
    }
    let boundary = if group.boundary {
        width("◆ compliance boundary", Style::Small) + 12
    } else {
        0
    };
    width(&name(&group.name), Style::Name) + width(&small, Style::Small) + 2 * INSET + 16 + boundary
}

/// What is connected, each part in order.
fn parts(all: usize, edges: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut union = petgraph::unionfind::UnionFind::<usize>::new(all);
    for (a, b) in edges {
        union.union(*a, *b);
    }
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let mut places: HashMap<usize, usize> = HashMap::new();
    for at in 0..all {
        let place = *places.entry(union.find(at)).or_insert_with(|| {
            parts.push(Vec::new());
            parts.len() - 1
        });
        parts[place].push(at);
    }
    parts
}
