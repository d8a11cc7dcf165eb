//! What production and another environment both use.

use std::collections::VecDeque;

use petgraph::graph::NodeIndex;
use plimsoll_model::{RelationKind, fact, kind};

use super::depend::{Needs, needs, place};
use crate::inventory::Snapshot;

/// What is shared, and what may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sharing {
    /// What production and another environment both use, in order of ids.
    pub shared: Vec<Shared>,
    /// What production uses together with systems of which no environment is known, in order of ids.
    pub unknown: Vec<Shared>,
    /// How many systems are in production.
    pub production: usize,
    /// How many systems have no environment.
    pub untagged: usize,
}

/// One thing that several environments use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// Its place.
    pub at: u32,
    /// For each environment that uses it, and for none, the first system that does.
    pub users: Vec<(Option<&'static str>, u32)>,
}

/// The environments in the order in which they are told; production is the first.
const ENVIRONMENTS: [Option<&str>; 4] = [
    Some("production"),
    Some("staging"),
    Some("development"),
    None,
];

const NOBODY: u32 = u32::MAX;

/// What production and another environment both use, directly or through others.
///
/// `systems` are places with their environment. Followed are the relations by which one thing needs another, but for
/// images: that staging and production run the same one is as it should be. What a system of another environment needs
/// in its turn is that environment's: the system itself is what is shared.
pub fn shared(snapshot: &Snapshot, systems: &[(u32, Option<&str>)]) -> Sharing {
    let graph = needs(snapshot, |kind| kind != RelationKind::BuiltFrom);
    let slot = |environment: Option<&str>| ENVIRONMENTS.iter().position(|one| *one == environment);
    let mut own: Vec<Option<usize>> = vec![None; snapshot.nodes().len()];
    for (at, environment) in systems {
        if let Some(own) = own.get_mut(*at as usize)
            // An engine is how its host runs what is there, and a host's tenants say whose it is.
            && !matches!(snapshot.asset(*at).kind.as_str(), kind::ENGINE)
        {
            *own = slot(*environment);
        }
    }
    let users: Vec<Vec<u32>> = (0..ENVIRONMENTS.len())
        .map(|slot| reached(snapshot, &graph, &own, slot))
        .collect();
    let mut sharing = Sharing {
        production: own.iter().filter(|slot| **slot == Some(0)).count(),
        untagged: own
            .iter()
            .filter(|slot| slot.is_none_or(|slot| slot == 3) && slot.is_some())
            .count(),
        ..Sharing::default()
    };
    for at in 0..snapshot.nodes().len() {
        let user = |slot: usize| {
            users
                .get(slot)
                .and_then(|of| of.get(at))
                .copied()
                .filter(|user| *user != NOBODY)
        };
        let found: Vec<_> = (0..ENVIRONMENTS.len())
            .filter_map(|slot| Some((ENVIRONMENTS[slot], user(slot)?)))
            .collect();
        if user(0).is_none() || found.len() < 2 {
            continue;
        }
        let list = if user(1).or(user(2)).is_some() {
            &mut sharing.shared
        } else {
            &mut sharing.unknown
        };
        list.push(Shared {
            at: at as u32,
            users: found,
        });
    }
    sharing
}

/// For each place a system of the environment that uses it, itself for such a system.
fn reached(snapshot: &Snapshot, graph: &Needs, own: &[Option<usize>], slot: usize) -> Vec<u32> {
    let mut users = vec![NOBODY; own.len()];
    let mut open = VecDeque::new();
    for (at, _) in own
        .iter()
        .enumerate()
        .filter(|(_, own)| **own == Some(slot))
    {
        users[at] = at as u32;
        open.push_back(at as u32);
    }
    while let Some(at) = open.pop_front() {
        let user = users[at as usize];
        for next in graph.neighbors(NodeIndex::new(at as usize)).map(place) {
            let Some(seen) = users.get_mut(next as usize).filter(|seen| **seen == NOBODY) else {
                continue;
            };
            // The network of the driver `null` connects nobody.
            let asset = snapshot.asset(next);
            let driver = asset.value(fact::DRIVER).and_then(|driver| driver.as_str());
            if asset.kind == kind::NETWORK && driver == Some("null") {
                continue;
            }
            *seen = user;
            // A host or cluster is of whoever uses it, and what it needs is needed by them all.
            let stop = own
                .get(next as usize)
                .copied()
                .flatten()
                .is_some_and(|other| other != slot);
            let ground = matches!(
                asset.kind.as_str(),
                kind::HOST | kind::CLUSTER | kind::STACK
            );
            if !stop || ground {
                open.push_back(next);
            }
        }
    }
    users
}
