//! From a snapshot and a selection to a diagram.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use plimsoll_model::{Asset, How, RelationKind, Text, fact, kind};

use super::collapse::collapse;
use super::families::GROUPING;
use super::homes::{chain, homes};
use super::{Diagram, Edge, End, Group, Mark, Node, Selection, Sensitive, Title};
use crate::baseline::System;
use crate::inventory::{self, Snapshot, public_ports};

/// What a diagram is drawn from.
pub struct Picture<'a> {
    /// The inventory.
    pub snapshot: &'a Snapshot,
    /// Its systems, in order of their places.
    pub systems: &'a [System],
    /// The environment of a place that is no system, where something says it.
    pub environment: &'a dyn Fn(u32) -> Option<Text>,
    /// What is shown.
    pub selection: &'a Selection,
    /// What is marked, by place.
    pub marks: &'a HashMap<u32, Mark>,
    /// What relations are marked.
    pub edges: &'a HashMap<inventory::Edge, Mark>,
    /// With more nodes than this, what is alike and then whole groups are drawn as one.
    pub limit: usize,
}

/// The group of what belongs to several environments.
const SEVERAL: &str = "several environments";
/// The group of what belongs to none that is known.
const UNKNOWN: &str = "environment not known";

/// Draws a diagram under a title. What had to be collapsed is said in the title's warnings.
pub fn draw(picture: &Picture<'_>, title: Title) -> Diagram {
    let mut diagram = Builder::new(picture).build();
    diagram.title = title;
    if let Some(warning) = collapse(&mut diagram, picture.limit) {
        diagram.title.warnings.push(warning);
    }
    diagram
}

struct Builder<'a> {
    picture: &'a Picture<'a>,
    homes: Vec<Option<u32>>,
    /// The group of an asset, by place.
    groups: BTreeMap<u32, usize>,
    environments: BTreeMap<Text, usize>,
    diagram: Diagram,
}

impl<'a> Builder<'a> {
    fn new(picture: &'a Picture<'a>) -> Self {
        Self {
            picture,
            homes: homes(picture.snapshot),
            groups: BTreeMap::new(),
            environments: BTreeMap::new(),
            diagram: Diagram::default(),
        }
    }

    fn build(mut self) -> Diagram {
        let snapshot = self.picture.snapshot;
        let shown = &self.picture.selection.places;
        // What is around something that is shown is shown as its group.
        let mut holding: BTreeSet<u32> = BTreeSet::new();
        for at in shown {
            holding.extend(chain(&self.homes, *at));
        }
        let networks = self.networks(&holding);
        let roots = self.root_environments(shown);
        let environments: BTreeSet<&Text> = roots.values().collect();
        for environment in order(environments) {
            let at = self.diagram.groups.len();
            self.diagram.groups.push(environment_group(environment));
            self.environments.insert(environment.clone(), at);
        }
        let mut places: Vec<(usize, u32)> = holding
            .iter()
            .map(|at| (chain(&self.homes, *at).len(), *at))
            .collect();
        places.sort_unstable();
        for (_, at) in places {
            let parent = self.parent(at, &roots);
            self.group(at, parent);
        }
        let nested: BTreeSet<u32> = networks.values().copied().collect();
        for network in nested {
            let parent = self.parent(network, &roots);
            self.group(network, parent);
        }
        let mut nodes = HashMap::new();
        for at in shown.iter().filter(|at| !self.groups.contains_key(at)) {
            let network = networks
                .get(at)
                .and_then(|network| self.groups.get(network))
                .copied();
            let group = network.or_else(|| self.parent(*at, &roots));
            let node = self.node(*at, group);
            nodes.insert(*at, self.diagram.nodes.len());
            self.diagram.nodes.push(node);
        }
        self.edges(snapshot, &nodes);
        boundaries(&mut self.diagram);
        tell_apart(&mut self.diagram);
        self.diagram
    }

    /// For each shown member of a network in the same place, that network; of several the first.
    fn networks(&self, holding: &BTreeSet<u32>) -> BTreeMap<u32, u32> {
        let snapshot = self.picture.snapshot;
        let shown = &self.picture.selection.places;
        let home = |at: u32| self.homes.get(at as usize).copied().flatten();
        let mut networks = BTreeMap::new();
        for at in shown.iter().filter(|at| !holding.contains(at)) {
            let network = snapshot
                .along(*at, RelationKind::MemberOf)
                .find(|(to, asset)| {
                    asset.kind == kind::NETWORK
                        && shown.contains(to)
                        && home(*to) == home(*at)
                        && !self.is_alone(*to)
                });
            if let Some((network, _)) = network {
                networks.insert(*at, network);
            }
        }
        networks
    }

    /// Whether at most one shown thing is in a network: then a box around it would say nothing.
    fn is_alone(&self, network: u32) -> bool {
        let members = self
            .picture
            .snapshot
            .against(network, RelationKind::MemberOf);
        members
            .filter(|(at, _)| self.picture.selection.places.contains(at))
            .take(2)
            .count()
            < 2
    }

    /// For each outermost place the environment that all in it share.
    fn root_environments(&self, shown: &BTreeSet<u32>) -> BTreeMap<u32, Text> {
        let mut found: BTreeMap<u32, BTreeSet<Text>> = BTreeMap::new();
        for at in shown {
            let root = chain(&self.homes, *at).first().copied().unwrap_or(*at);
            found
                .entry(root)
                .or_default()
                .extend(self.environment(root));
            found.entry(root).or_default().extend(self.environment(*at));
        }
        // What stands alone is where what it is related to is, where that is one environment.
        let alone: Vec<u32> = found
            .iter()
            .filter(|(_, all)| all.is_empty())
            .map(|(at, _)| *at)
            .collect();
        for at in alone {
            let snapshot = self.picture.snapshot;
            let near = snapshot.outgoing(at).iter().map(|edge| edge.to);
            let near = near.chain(snapshot.incoming(at).iter().map(|edge| edge.from));
            let near: BTreeSet<Text> = near
                .filter_map(|near| {
                    let root = chain(&self.homes, near).first().copied().unwrap_or(near);
                    self.environment(near).or_else(|| self.environment(root))
                })
                .collect();
            found.insert(at, near);
        }
        let one = |all: BTreeSet<Text>| match (all.len(), all.into_iter().next()) {
            (1, Some(environment)) => environment,
            (0, _) => UNKNOWN.into(),
            _ => SEVERAL.into(),
        };
        found
            .into_iter()
            .map(|(root, all)| (root, one(all)))
            .collect()
    }

    fn environment(&self, at: u32) -> Option<Text> {
        let systems = self.picture.systems;
        match systems.binary_search_by(|system| system.at.cmp(&at)) {
            Ok(found) => systems[found].environment.clone(),
            Err(_) => (self.picture.environment)(at),
        }
    }

    /// The group that is around a place.
    fn parent(&self, at: u32, roots: &BTreeMap<u32, Text>) -> Option<usize> {
        let around = chain(&self.homes, at);
        let inner = around
            .iter()
            .rev()
            .find_map(|home| self.groups.get(home))
            .copied();
        inner.or_else(|| {
            let root = around.first().copied().unwrap_or(at);
            self.environments.get(roots.get(&root)?).copied()
        })
    }

    fn group(&mut self, at: u32, parent: Option<usize>) {
        let asset = self.picture.snapshot.asset(at);
        let group = Group {
            key: asset.id.as_str().to_owned(),
            name: asset.name.to_string(),
            kind: asset.kind.to_string(),
            parent,
            environment: self.differing(at, parent),
            boundary: sensitive(asset) == Sensitive::Yes,
            public: public_ports(asset),
            mark: self.picture.marks.get(&at).copied(),
            unseen: asset.partial.is_some(),
        };
        self.groups.insert(at, self.diagram.groups.len());
        self.diagram.groups.push(group);
    }

    fn node(&self, at: u32, group: Option<usize>) -> Node {
        let asset = self.picture.snapshot.asset(at);
        let systems = self.picture.systems;
        let system = systems
            .binary_search_by(|system| system.at.cmp(&at))
            .ok()
            .map(|found| &systems[found]);
        let role = system.map(|system| system.role.to_string());
        Node {
            key: asset.id.as_str().to_owned(),
            name: asset.name.to_string(),
            kind: asset.kind.to_string(),
            role: role.filter(|role| *role != *asset.kind),
            environment: self.differing(at, group),
            group,
            sensitive: sensitive(asset),
            public: public_ports(asset),
            mark: self.picture.marks.get(&at).copied(),
            unseen: asset.partial.is_some(),
            count: 1,
        }
    }

    /// A thing's environment where the outermost group does not say it.
    fn differing(&self, at: u32, group: Option<usize>) -> Option<String> {
        let own = self.environment(at)?;
        let up = |at: &usize| self.diagram.groups.get(*at).and_then(|group| group.parent);
        let outermost = std::iter::successors(group, up).last()?;
        let outermost = self.diagram.groups.get(outermost)?;
        (outermost.name != own.as_str()).then(|| own.to_string())
    }

    fn edges(&mut self, snapshot: &Snapshot, nodes: &HashMap<u32, usize>) {
        let end = |at: u32| {
            let group = self.groups.get(&at).map(|group| End::Group(*group));
            group.or_else(|| nodes.get(&at).map(|node| End::Node(*node)))
        };
        for edge in snapshot.edges() {
            let (Some(from), Some(to)) = (end(edge.from), end(edge.to)) else {
                continue;
            };
            let mark = self.picture.edges.get(edge).copied();
            // What stands in a thing needs no line to say that it is of it.
            let inside = |inner: End, outer: End| match outer {
                End::Group(outer) => self.diagram.around(inner).contains(&outer),
                End::Node(_) => false,
            };
            if from == to || inside(from, to) || inside(to, from) {
                continue;
            }
            self.diagram.edges.push(Edge {
                from,
                kind: edge.kind.as_str(),
                to,
                mark,
                count: 1,
            });
        }
        self.diagram
            .edges
            .sort_by_key(|edge| (edge.from, edge.to, edge.kind));
    }
}

fn environment_group(name: &str) -> Group {
    Group {
        key: format!("environment:{name}"),
        name: name.to_owned(),
        kind: "environment".to_owned(),
        parent: None,
        environment: None,
        boundary: false,
        public: Vec::new(),
        mark: None,
        unseen: false,
    }
}

/// Production first, and what is not known last.
fn order(names: BTreeSet<&Text>) -> Vec<&Text> {
    let rank = |name: &Text| {
        let known = ["production", "staging", "development", SEVERAL];
        known
            .iter()
            .position(|known| *known == name.as_str())
            .unwrap_or(known.len())
    };
    let mut names: Vec<&Text> = names.into_iter().collect();
    names.sort_by_key(|name| (rank(name), *name));
    names
}

/// Whether an asset says that it holds sensitive data.
pub(super) fn sensitive(asset: &Asset) -> Sensitive {
    let Some(claim) = asset.get(fact::SENSITIVE) else {
        return Sensitive::Unsaid;
    };
    match claim.value().and_then(|value| value.as_bool()) {
        Some(true) => Sensitive::Yes,
        Some(false) => Sensitive::No,
        None if claim.how() == How::Unknown => Sensitive::Unknown,
        None => Sensitive::Unsaid,
    }
}

/// Marks the smallest place around each system with sensitive data.
fn boundaries(diagram: &mut Diagram) {
    let sensitive: Vec<usize> = diagram
        .nodes
        .iter()
        .filter(|node| node.sensitive == Sensitive::Yes)
        .filter_map(|node| node.group)
        .collect();
    for group in sensitive {
        let up = |at: &usize| diagram.groups.get(*at).and_then(|group| group.parent);
        let mut around = std::iter::successors(Some(group), up).take(diagram.groups.len());
        let place = around.find(|at| {
            diagram
                .groups
                .get(*at)
                .is_some_and(|group| GROUPING.contains(&group.kind.as_str()))
        });
        if let Some(place) = place.and_then(|place| diagram.groups.get_mut(place)) {
            place.boundary = true;
        }
    }
}

/// Gives things that stand side by side under one name the names of their ids.
fn tell_apart(diagram: &mut Diagram) {
    type Place = (Option<usize>, String, String);
    let mut many: HashMap<Place, usize> = HashMap::new();
    let group = |group: &Group| (group.parent, group.kind.clone(), group.name.clone());
    let node = |node: &Node| (node.group, node.kind.clone(), node.name.clone());
    let places = diagram
        .groups
        .iter()
        .map(group)
        .chain(diagram.nodes.iter().map(node));
    for place in places {
        *many.entry(place).or_default() += 1;
    }
    let by_id = |key: &str, kind: &str| {
        let tail = key
            .strip_prefix(kind)
            .and_then(|rest| rest.strip_prefix(':'));
        tail.unwrap_or(key).to_owned()
    };
    for one in &mut diagram.groups {
        if many.get(&group(one)).is_some_and(|many| *many > 1) {
            one.name = by_id(&one.key, &one.kind);
        }
    }
    for one in &mut diagram.nodes {
        if many.get(&node(one)).is_some_and(|many| *many > 1) {
            one.name = by_id(&one.key, &one.kind);
        }
    }
}
