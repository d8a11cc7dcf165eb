//! What can be reached from the internet, and through what.

use std::collections::VecDeque;

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef as _;
use plimsoll_model::{Asset, RelationKind, Value, fact, kind};

use super::depend::{bare, place};
use crate::inventory::{Published, Snapshot};

/// What can be reached from the internet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// What has a public port itself, in order of ids.
    pub entries: Vec<Entry>,
    /// What is reached through those, nearest first.
    pub through: Vec<Through>,
    /// Of what that is not known, in order of ids. Never to be read as not reached.
    pub unknown: Vec<Unknown>,
    /// What has a public port and does not run, in order of ids: it is reached when it is started.
    pub idle: Vec<Entry>,
    /// How many others could be asked and are known to be reached by nobody outside.
    pub unreached: usize,
}

/// An asset with a public port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place.
    pub at: u32,
    /// Its public ports, as `address:port/protocol`.
    pub ports: Vec<String>,
}

/// An asset that is reached through another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Through {
    /// Its place.
    pub at: u32,
    /// What leads there, one step before.
    pub from: u32,
    /// The relation of that step.
    pub kind: RelationKind,
    /// The entry at which the way begins.
    pub entry: u32,
    /// How many steps it is from there.
    pub depth: u32,
}

/// An asset of which it is not known whether it can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Its place.
    pub at: u32,
    /// Why.
    pub why: String,
    /// What leads there, where that is what is not known.
    pub from: Option<u32>,
}

/// Kinds that may listen: of one that says nothing about its ports nothing is known.
const LISTENING: &[&str] = &[
    kind::HOST,
    kind::CONTAINER,
    kind::WORKLOAD,
    kind::ENDPOINT,
    kind::DATABASE,
    kind::SERVICE,
];

/// What a system uses without sending traffic to it.
const SILENT: &[&str] = &[
    kind::CERTIFICATE,
    kind::CONFIGURATION,
    kind::IMAGE,
    kind::SECRET,
    kind::SERVICE_ACCOUNT,
    kind::STORAGE_CLASS,
    kind::VOLUME,
    kind::VOLUME_CLAIM,
];

/// What can be reached from the internet: what has a public port, where that is routed to, the systems behind an
/// endpoint that is reached, and what those use. `is_system` says of a place whether it has a role.
pub fn reach(snapshot: &Snapshot, is_system: impl Fn(u32) -> bool) -> Reach {
    let graph = traffic(snapshot);
    let mut found = Reach::default();
    let mut doubts: Vec<(u32, String)> = Vec::new();
    let published = Published::of(snapshot);
    for (at, node) in (0u32..).zip(snapshot.nodes()) {
        // A listener that a container publishes is the container's.
        let own = |key: &str, row: &Value| published.container(at, key, row).is_none();
        match exposure(&node.asset, own) {
            Exposure::Public(ports) => found.entries.push(Entry { at, ports }),
            Exposure::Unknown(why) => doubts.push((at, why)),
            Exposure::Unsaid if is_system(at) || LISTENING.contains(&node.asset.kind.as_str()) => {
                doubts.push((at, "no source says what it listens on".to_owned()));
            }
            Exposure::Private => found.unreached += 1,
            Exposure::Idle(ports) => found.idle.push(Entry { at, ports }),
            Exposure::Unsaid => {}
        }
    }
    let mut seen = vec![false; snapshot.nodes().len()];
    let entries = found.entries.iter().map(|entry| entry.at);
    found.through = spread(&graph, entries, &mut seen);
    found
        .through
        .sort_by_key(|through| (through.depth, through.at));
    let private = |at: u32| {
        let own = |key: &str, row: &Value| published.container(at, key, row).is_none();
        matches!(exposure(snapshot.asset(at), own), Exposure::Private)
    };
    let behind = found
        .through
        .iter()
        .filter(|through| private(through.at))
        .count();
    found.unreached = found.unreached.saturating_sub(behind);
    // What is reached for certain needs no doubt.
    doubts.retain(|(at, _)| !seen.get(*at as usize).copied().unwrap_or_default());
    let doubtful = spread(&graph, doubts.iter().map(|(at, _)| *at), &mut seen);
    let behind = doubtful
        .iter()
        .filter(|through| private(through.at))
        .count();
    found.unreached = found.unreached.saturating_sub(behind);
    found
        .unknown
        .extend(doubts.into_iter().map(|(at, why)| Unknown {
            at,
            why,
            from: None,
        }));
    found
        .unknown
        .extend(doubtful.into_iter().map(|through| Unknown {
            at: through.at,
            why: "what leads there may be reached".to_owned(),
            from: Some(through.from),
        }));
    found.unknown.sort_by_key(|unknown| unknown.at);
    found
}

/// Follows traffic from all the starts at once.
fn spread(
    graph: &DiGraph<(), RelationKind, u32>,
    starts: impl Iterator<Item = u32>,
    seen: &mut [bool],
) -> Vec<Through> {
    let mut open = VecDeque::new();
    for at in starts {
        if let Some(seen) = seen.get_mut(at as usize) {
            *seen = true;
            open.push_back((at, at, 0));
        }
    }
    let mut found = Vec::new();
    while let Some((from, entry, depth)) = open.pop_front() {
        for edge in graph.edges(NodeIndex::new(from as usize)) {
            let at = place(edge.target());
            match seen.get_mut(at as usize) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            found.push(Through {
                at,
                from,
                kind: *edge.weight(),
                entry,
                depth: depth + 1,
            });
            open.push_back((at, entry, depth + 1));
        }
    }
    found
}

/// Where traffic goes on: from an endpoint to what it routes to and to the system that offers it, and from a system to
/// the systems that it uses.
fn traffic(snapshot: &Snapshot) -> DiGraph<(), RelationKind, u32> {
    let mut graph = bare(snapshot);
    for edge in snapshot.edges().iter().rev() {
        let (from, to) = match edge.kind {
            RelationKind::RoutesTo => (edge.from, edge.to),
            RelationKind::Exposes => (edge.to, edge.from),
            RelationKind::Uses if !SILENT.contains(&snapshot.asset(edge.to).kind.as_str()) => {
                (edge.from, edge.to)
            }
            _ => continue,
        };
        if !runs(snapshot.asset(from)) || !runs(snapshot.asset(to)) {
            continue;
        }
        graph.add_edge(
            NodeIndex::new(from as usize),
            NodeIndex::new(to as usize),
            edge.kind,
        );
    }
    graph
}

/// What an asset's own ports say.
enum Exposure {
    Public(Vec<String>),
    Private,
    Unknown(String),
    /// It does not run; these ports are public when it does.
    Idle(Vec<String>),
    Unsaid,
}

/// Whether an asset runs, as far as its platform has a word for that. What is started again by itself does.
fn runs(asset: &Asset) -> bool {
    let state = asset.value(fact::STATE).and_then(|state| state.as_str());
    !matches!(state, Some("stopped" | "created" | "dead"))
}

/// What the ports of an asset say of which `own` says yes.
fn exposure(asset: &Asset, own: impl Fn(&str, &Value) -> bool) -> Exposure {
    if !runs(asset) {
        return match public_ports(asset) {
            ports if ports.is_empty() => Exposure::Private,
            ports => Exposure::Idle(ports),
        };
    }
    let Some(claim) = asset.get(fact::PORTS) else {
        return match &asset.partial {
            Some(why) => Exposure::Unknown(why.to_string()),
            None => Exposure::Unsaid,
        };
    };
    let Some(ports) = claim.value().and_then(|ports| ports.as_table()) else {
        return Exposure::Unknown(claim.basis().unwrap_or("its ports are unknown").to_owned());
    };
    let mut public = public_ports(asset);
    public.retain(|key| ports.get(key).is_none_or(|row| own(key, row)));
    if !public.is_empty() {
        return Exposure::Public(public);
    }
    let mut rows = ports.iter().filter(|(key, row)| own(key, row));
    let unclear = rows.find(|(_, port)| {
        let reach = port
            .as_table()
            .and_then(|port| port.get("reach"))
            .and_then(|reach| reach.as_str());
        !matches!(reach, Some("private" | "loopback"))
    });
    match unclear {
        Some((name, _)) => Exposure::Unknown(format!("the reach of {name} is unknown")),
        None => Exposure::Private,
    }
}

/// The ports of an asset that are known to be public, as `address:port/protocol`.
pub fn public_ports(asset: &Asset) -> Vec<String> {
    let ports = asset.value(fact::PORTS).and_then(|ports| ports.as_table());
    let public = ports
        .into_iter()
        .flat_map(|ports| ports.iter())
        .filter(|(_, port)| {
            let reach = port.as_table().and_then(|port| port.get("reach"));
            reach.and_then(|reach| reach.as_str()) == Some("public")
        });
    public.map(|(name, _)| name.to_owned()).collect()
}
