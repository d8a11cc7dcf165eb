//! What has more nodes than a person can read is drawn with what is alike as one, and then with whole groups as one.

use std::collections::BTreeMap;

use super::families::counted;
use super::{Diagram, Edge, End, Mark, Node, Sensitive};

/// What can be done about it.
pub(super) const ADVICE: &str =
    ". Narrow it with --environment, --role or --around, or raise --limit";

/// Brings the number of nodes to the limit or as near as it goes, and says what was done.
pub(super) fn collapse(diagram: &mut Diagram, limit: usize) -> Option<String> {
    let before = total(diagram);
    if diagram.nodes.len() <= limit {
        return None;
    }
    merge_alike(diagram);
    let mut folded = 0;
    while diagram.nodes.len() > limit && diagram.groups.iter().any(|group| group.parent.is_some()) {
        folded += fold_innermost(diagram);
        if diagram.nodes.len() > limit {
            merge_alike(diagram);
        }
    }
    let groups = if folded > 0 {
        format!(", and {} as one node each", counted(folded, "group"))
    } else {
        String::new()
    };
    Some(format!(
        "{before} assets are drawn as {}: alike ones of one group as one{groups}{ADVICE}",
        counted(diagram.nodes.len(), "node"),
    ))
}

fn total(diagram: &Diagram) -> usize {
    diagram.nodes.iter().map(|node| node.count).sum()
}

type Alike<'a> = (
    Option<usize>,
    &'a str,
    Option<&'a str>,
    Option<&'a str>,
    Sensitive,
    bool,
    Option<Mark>,
    bool,
);

/// Makes one node of nodes that are alike: of one group, kind, role and standing.
fn merge_alike(diagram: &mut Diagram) {
    let mut alike: BTreeMap<Alike<'_>, Vec<usize>> = BTreeMap::new();
    for (at, node) in diagram.nodes.iter().enumerate() {
        let key = (
            node.group,
            node.kind.as_str(),
            node.role.as_deref(),
            node.environment.as_deref(),
            node.sensitive,
            node.public.is_empty(),
            // What was asked about stays itself.
            node.mark,
            node.unseen,
        );
        alike.entry(key).or_default().push(at);
    }
    let mut into: Vec<usize> = vec![0; diagram.nodes.len()];
    let mut nodes: Vec<(usize, Node)> = Vec::with_capacity(alike.len());
    for members in alike.into_values() {
        let several = members.len() > 2 && diagram.nodes[members[0]].mark != Some(Mark::Focus);
        if several {
            nodes.push((members[0], together(diagram, &members)));
        } else {
            nodes.extend(members.iter().map(|at| (*at, diagram.nodes[*at].clone())));
        }
        // Until the nodes are in order, each is known by its first member.
        for at in &members {
            into[*at] = if several { members[0] } else { *at };
        }
    }
    nodes.sort_by_key(|(first, _)| *first);
    let places: BTreeMap<usize, usize> = nodes
        .iter()
        .enumerate()
        .map(|(at, (first, _))| (*first, at))
        .collect();
    let into: Vec<usize> = into
        .iter()
        .map(|first| places.get(first).copied().unwrap_or_default())
        .collect();
    diagram.nodes = nodes.into_iter().map(|(_, node)| node).collect();
    let moved = |end: End| match end {
        End::Node(at) => End::Node(into.get(at).copied().unwrap_or_default()),
        group => group,
    };
    redraw(diagram, moved);
}

fn together(diagram: &Diagram, members: &[usize]) -> Node {
    let nodes = members.iter().filter_map(|at| diagram.nodes.get(*at));
    let count = nodes.clone().map(|node| node.count).sum();
    let mut public: Vec<String> = nodes.flat_map(|node| node.public.iter().cloned()).collect();
    public.sort();
    public.dedup();
    let first = &diagram.nodes[members[0]];
    Node {
        key: format!("{} and {} more", first.key, members.len() - 1),
        name: if first.kind.contains(" with ") {
            format!("{} × {}", members.len(), first.kind)
        } else {
            counted(count, &first.kind)
        },
        public,
        count,
        ..first.clone()
    }
}

/// Makes nodes of the groups that hold no group, but for environments, and gives how many those were.
fn fold_innermost(diagram: &mut Diagram) -> usize {
    let depth = |at: usize| diagram.around(End::Group(at)).len();
    let deepest = (0..diagram.groups.len()).map(depth).max().unwrap_or(0);
    if deepest == 0 {
        return 0;
    }
    let innermost: Vec<usize> = (0..diagram.groups.len())
        .filter(|at| depth(*at) == deepest)
        .collect();
    let mut of_group: BTreeMap<usize, usize> = BTreeMap::new();
    let mut nodes: Vec<Node> = Vec::new();
    let mut kept: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, node) in diagram.nodes.iter().enumerate() {
        if node.group.is_none_or(|group| !innermost.contains(&group)) {
            kept.insert(at, nodes.len());
            nodes.push(node.clone());
        }
    }
    for group in &innermost {
        of_group.insert(*group, nodes.len());
        nodes.push(folded(diagram, *group));
    }
    let old_nodes = std::mem::replace(&mut diagram.nodes, nodes);
    let kept_groups: Vec<usize> = (0..diagram.groups.len())
        .filter(|at| !innermost.contains(at))
        .collect();
    let new_group: BTreeMap<usize, usize> = kept_groups
        .iter()
        .enumerate()
        .map(|(new, old)| (*old, new))
        .collect();
    let moved = |end: End| match end {
        End::Group(at) => match new_group.get(&at) {
            Some(new) => End::Group(*new),
            None => End::Node(of_group.get(&at).copied().unwrap_or_default()),
        },
        End::Node(at) => {
            let group = old_nodes.get(at).and_then(|node| node.group);
            let into = kept.get(&at).or_else(|| of_group.get(&group?));
            End::Node(into.copied().unwrap_or_default())
        }
    };
    redraw(diagram, moved);
    let renumber = |group: Option<usize>| group.and_then(|group| new_group.get(&group).copied());
    diagram.groups = kept_groups
        .iter()
        .map(|at| {
            let mut group = diagram.groups[*at].clone();
            group.parent = renumber(group.parent);
            group
        })
        .collect();
    for node in &mut diagram.nodes {
        node.group = renumber(node.group);
    }
    innermost.len()
}

/// A group as one node.
fn folded(diagram: &Diagram, at: usize) -> Node {
    let group = &diagram.groups[at];
    let inside: Vec<&Node> = diagram
        .nodes
        .iter()
        .filter(|node| node.group == Some(at))
        .collect();
    let mut public = group.public.clone();
    public.extend(inside.iter().flat_map(|node| node.public.iter().cloned()));
    public.sort();
    public.dedup();
    let count: usize = inside.iter().map(|node| node.count).sum();
    let marks = inside.iter().filter_map(|node| node.mark);
    let sensitive = inside
        .iter()
        .map(|node| node.sensitive)
        .max()
        .unwrap_or_default();
    Node {
        key: group.key.clone(),
        name: group.name.clone(),
        kind: format!("{} with {}", group.kind, counted(count, "asset")),
        role: None,
        environment: group.environment.clone(),
        group: group.parent,
        sensitive: if group.boundary {
            Sensitive::Yes
        } else {
            sensitive
        },
        public,
        mark: group.mark.or_else(|| marks.min().map(|_| Mark::Modified)),
        unseen: group.unseen || inside.iter().any(|node| node.unseen),
        count: count + 1,
    }
}

/// Leads edges to where their ends went, and makes one of those that are then alike.
fn redraw(diagram: &mut Diagram, moved: impl Fn(End) -> End) {
    let mut edges: BTreeMap<(End, End, &'static str, Option<Mark>), usize> = BTreeMap::new();
    for edge in &diagram.edges {
        let (from, to) = (moved(edge.from), moved(edge.to));
        if from != to {
            *edges.entry((from, to, edge.kind, edge.mark)).or_default() += edge.count;
        }
    }
    let edge = |((from, to, kind, mark), count)| Edge {
        from,
        kind,
        to,
        mark,
        count,
    };
    diagram.edges = edges.into_iter().map(edge).collect();
}
