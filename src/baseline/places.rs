//! Where everything is: what it runs on, what holds it, and on which hosts its instances are.

use std::collections::HashMap;

use plimsoll_model::{RelationKind, Value, fact, kind};

use super::outcome::{misshapen, reason};
use crate::inventory::{FORMER_ID, Snapshot};

/// A place that is none.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// From a container over its engine to its machine, and some to spare.
const LONGEST_CHAIN: usize = 4;

/// From a workload over its app, its platform's environment and its cluster to the organisation, and some to spare.
const DEEPEST: usize = 8;

/// Where every asset of a snapshot is.
pub(crate) struct Places {
    /// For each asset what it runs on, or [`NOWHERE`].
    below: Vec<u32>,
    /// For each asset the host that it runs on, or [`NOWHERE`].
    hosts: Vec<u32>,
    /// For each asset what holds it most closely, or [`NOWHERE`].
    holders: Vec<u32>,
    /// The hosts of what runs as several instances.
    spread: HashMap<u32, Spread>,
}

/// The hosts on which the instances of one system run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spread {
    /// Those that are in the inventory.
    pub(crate) hosts: Vec<u32>,
    /// Why these are not all, or not known.
    pub(crate) gap: Option<String>,
}

impl Places {
    pub(crate) fn new(snapshot: &Snapshot) -> Self {
        let below = below(snapshot);
        Self {
            hosts: hosts(snapshot, &below),
            holders: holders(snapshot),
            spread: spread(snapshot),
            below,
        }
    }

    /// What an asset runs on, the nearest first.
    pub(crate) fn below(&self, at: u32) -> impl Iterator<Item = u32> + Clone {
        chain(&self.below, at, LONGEST_CHAIN)
    }

    /// What holds an asset (an app, a namespace, a cluster, an organisation), the nearest first.
    pub(crate) fn around(&self, at: u32) -> impl Iterator<Item = u32> + Clone {
        chain(&self.holders, at, DEEPEST)
    }

    /// The one host that an asset runs on; itself for a host.
    pub(crate) fn host(&self, at: u32) -> Option<u32> {
        some(&self.hosts, at)
    }

    /// The hosts of the instances of an asset, where its platform says them.
    pub(crate) fn spread(&self, at: u32) -> Option<&Spread> {
        self.spread.get(&at)
    }

    /// Everything that something runs on, repeated.
    pub(crate) fn grounds(&self) -> impl Iterator<Item = u32> {
        self.below.iter().copied().filter(|at| *at != NOWHERE)
    }
}

fn some(list: &[u32], at: u32) -> Option<u32> {
    list.get(at as usize).copied().filter(|at| *at != NOWHERE)
}

fn chain(list: &[u32], at: u32, longest: usize) -> impl Iterator<Item = u32> + Clone {
    std::iter::successors(some(list, at), move |at| some(list, *at)).take(longest)
}

/// For each asset the first that it runs on.
fn below(snapshot: &Snapshot) -> Vec<u32> {
    let mut below = vec![NOWHERE; snapshot.nodes().len()];
    for edge in snapshot.edges() {
        let slot = below.get_mut(edge.from as usize);
        if let Some(slot) = slot.filter(|slot| **slot == NOWHERE)
            && edge.kind == RelationKind::RunsOn
            && edge.to != edge.from
        {
            *slot = edge.to;
        }
    }
    below
}

fn hosts(snapshot: &Snapshot, below: &[u32]) -> Vec<u32> {
    let nodes = snapshot.nodes();
    let is_host = |at: u32| {
        let node = nodes.get(at as usize);
        node.is_some_and(|node| node.asset.kind == kind::HOST)
    };
    let mut hosts = vec![NOWHERE; nodes.len()];
    // A part is on the host that contains it.
    for edge in snapshot.edges() {
        if edge.kind == RelationKind::Contains
            && is_host(edge.from)
            && let Some(host) = hosts.get_mut(edge.to as usize)
        {
            *host = (*host).min(edge.from);
        }
    }
    for (at, host) in hosts.iter_mut().enumerate() {
        let next = |at: &u32| some(below, *at);
        let mut chain = std::iter::successors(Some(at as u32), next).take(LONGEST_CHAIN);
        *host = chain.find(|at| is_host(*at)).unwrap_or(*host);
    }
    hosts
}

/// How closely a kind of asset holds what it contains; none for machines, which run things and do not hold them.
fn closeness(kind: &str) -> Option<u8> {
    Some(match kind {
        kind::HOST | kind::ENGINE => return None,
        kind::APP | kind::NAMESPACE => 0,
        kind::PLATFORM_ENVIRONMENT => 1,
        kind::CLUSTER | kind::STACK => 3,
        kind::ORGANISATION => 4,
        _ => 2,
    })
}

/// For each asset the closest of what contains it; of two that are as close, the first in order.
fn holders(snapshot: &Snapshot) -> Vec<u32> {
    let mut holders = vec![NOWHERE; snapshot.nodes().len()];
    // The edges of one holder come together: what kind of asset it is has to be asked once.
    let mut last = (NOWHERE, None);
    for edge in snapshot.edges() {
        if edge.kind != RelationKind::Contains || edge.from == edge.to {
            continue;
        }
        if last.0 != edge.from {
            last = (edge.from, closeness(&snapshot.asset(edge.from).kind));
        }
        let (Some(close), Some(slot)) = (last.1, holders.get_mut(edge.to as usize)) else {
            continue;
        };
        let have = (*slot != NOWHERE).then(|| closeness(&snapshot.asset(*slot).kind));
        if have.flatten().is_none_or(|have| close < have) {
            *slot = edge.from;
        }
    }
    holders
}

fn spread(snapshot: &Snapshot) -> HashMap<u32, Spread> {
    let mut spread = HashMap::new();
    let mut moved: Option<HashMap<&str, u32>> = None;
    for (at, node) in (0..).zip(snapshot.nodes()) {
        let asset = &node.asset;
        // Containers are the many, and each is on one host.
        if asset.kind == kind::CONTAINER {
            continue;
        }
        let Some(claim) = asset.get(fact::INSTANCES_HOSTS) else {
            continue;
        };
        let mut found = Spread::default();
        match claim.value().map(Value::as_list) {
            None => found.gap = Some(reason(asset, fact::INSTANCES_HOSTS)),
            Some(None) => {
                found.gap = Some(misshapen(fact::INSTANCES_HOSTS));
            }
            Some(Some(ids)) => {
                if ids.iter().any(|id| id.as_str().is_none()) {
                    found.gap = Some(misshapen(fact::INSTANCES_HOSTS));
                }
                for id in ids.iter().filter_map(Value::as_str) {
                    // A host that another source sees too may live under the id that it has there.
                    let place = snapshot.find(id).or_else(|| {
                        let moved = moved.get_or_insert_with(|| former_ids(snapshot));
                        moved.get(id).copied()
                    });
                    match place {
                        Some(place) => found.hosts.push(place),
                        None => {
                            let gap = format!("{id}, where it runs, is not in the inventory");
                            found.gap.get_or_insert(gap);
                        }
                    }
                }
                found.hosts.sort_unstable();
                found.hosts.dedup();
            }
        }
        spread.insert(at, found);
    }
    spread
}

/// The ids under which hosts were known before they turned out to be one with others.
fn former_ids(snapshot: &Snapshot) -> HashMap<&str, u32> {
    let hosts = (0..).zip(snapshot.nodes());
    let hosts = hosts.filter(|(_, node)| node.asset.kind == kind::HOST);
    hosts
        .flat_map(|(at, node)| {
            let former = |alias: &plimsoll_model::Alias| alias.namespace() == FORMER_ID;
            let aliases = node.asset.aliases.iter().filter(move |alias| former(alias));
            aliases.filter_map(move |alias| Some((alias.0.split_once(':')?.1, at)))
        })
        .collect()
}
