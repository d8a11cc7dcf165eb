//! Who shares what: the ways in which two systems can have a third asset in common.

use plimsoll_model::{RelationKind, fact, kind};

use super::choose::Chosen;
use super::environment::Environment;
use super::places::{NOWHERE, Places};
use super::role::Side;
use super::types::System;
use crate::inventory::{Edge, Snapshot};

/// The relations by which two systems can share a third asset.
const SHARING: &[RelationKind] = &[
    RelationKind::RunsOn,
    RelationKind::StoresOn,
    RelationKind::Uses,
    RelationKind::MemberOf,
];

/// What two systems may well have in common: it names, proves or collects, and leads from none to the other.
const NO_SHARING: &[&str] = &[
    kind::CERTIFICATE,
    kind::DNS_NAME,
    kind::IMAGE,
    kind::LOG_DRAIN,
    kind::STORAGE_CLASS,
];

/// A snapshot with where its assets are and where the edges of each begin.
#[derive(Clone, Copy)]
pub(crate) struct Ways<'e> {
    pub(crate) snapshot: &'e Snapshot,
    pub(crate) places: &'e Places,
    /// For each asset the place of its first edge, and one more for the end.
    pub(crate) starts: &'e [u32],
}

impl<'e> Ways<'e> {
    /// The edges that start at an asset.
    pub(crate) fn outgoing(self, at: u32) -> &'e [Edge] {
        let place = |at: usize| self.starts.get(at).map(|place| *place as usize);
        let range = place(at as usize).zip(place(at as usize + 1));
        let edges = range.and_then(|(start, end)| self.snapshot.edges().get(start..end));
        edges.unwrap_or_default()
    }

    /// Puts what a system has in common with others that do the same into `into`, each once: its hosts, what it is related
    /// to, and what holds it.
    pub(crate) fn shared(self, at: u32, into: &mut Vec<u32>) {
        into.clear();
        match self.places.spread(at) {
            Some(spread) => into.extend_from_slice(&spread.hosts),
            None => into.extend(self.places.host(at).filter(|host| *host != at)),
        }
        // What two relations lead to is among the first few; a system with thousands must not cost their square.
        let mut add = |to: u32| {
            if to != at && !into.iter().take(64).any(|have| *have == to) {
                into.push(to);
            }
        };
        let is_endpoint = self.snapshot.asset(at).kind == kind::ENDPOINT;
        for edge in self.outgoing(at) {
            if edge.kind == RelationKind::RoutesTo {
                if is_endpoint {
                    add(edge.to);
                    self.behind(edge.to, kind::NETWORK_SERVICE, edge.kind, &mut add);
                }
            } else if self.shares(edge) {
                add(edge.to);
                if edge.kind == RelationKind::StoresOn {
                    self.behind(edge.to, kind::VOLUME_CLAIM, edge.kind, &mut add);
                }
            }
        }
        self.places.around(at).for_each(add);
    }

    /// What stands behind an asset that is only a name for it.
    fn behind(self, at: u32, name: &str, along: RelationKind, add: &mut impl FnMut(u32)) {
        if self.snapshot.asset(at).kind == name {
            let edges = self.outgoing(at).iter();
            edges
                .filter(|edge| edge.kind == along)
                .for_each(|edge| add(edge.to));
        }
    }

    /// Whether a relation is a way to share what it leads to.
    fn shares(self, edge: &Edge) -> bool {
        if !SHARING.contains(&edge.kind) {
            return false;
        }
        let to = self.snapshot.asset(edge.to);
        // The network of the driver `null` connects nobody.
        let connects = || {
            let driver = to.value(fact::DRIVER);
            driver.and_then(|driver| driver.as_str()) != Some("null")
        };
        match edge.kind {
            RelationKind::Uses => !NO_SHARING.contains(&to.kind.as_str()),
            RelationKind::MemberOf => connects(),
            _ => true,
        }
    }

    /// For each asset the systems that use it.
    pub(crate) fn users(self, systems: &[System], chosen: &[Chosen<'_>]) -> Vec<Users> {
        let mut users = vec![Users::NONE; self.snapshot.nodes().len()];
        let mut shared = Vec::new();
        for (system, chosen) in systems.iter().zip(chosen) {
            // An engine is how a host runs containers, and no tenant of it.
            if self.snapshot.asset(system.at).kind == kind::ENGINE {
                continue;
            }
            self.shared(system.at, &mut shared);
            for to in &shared {
                if let Some(users) = users.get_mut(*to as usize) {
                    users.add(system.at, chosen);
                }
            }
            if !has_own_bounds(&self.snapshot.asset(system.at).kind) {
                let ground = self.places.below(system.at).next();
                let ground = ground.and_then(|at| users.get_mut(at as usize));
                if let Some((users, side)) = ground.zip(chosen.side) {
                    first(users.unbounded.get_mut(side as usize), system.at);
                }
            }
        }
        users
    }
}

/// Whether what is of a kind is bounded by itself: a container, what runs in containers or virtual machines of its own, and
/// what its platform keeps. Anything else has in common what it runs on.
pub(crate) fn has_own_bounds(kind: &str) -> bool {
    [
        kind::CONTAINER,
        kind::WORKLOAD,
        kind::DATABASE,
        kind::ENDPOINT,
    ]
    .contains(&kind)
}

/// Puts a system where none or a later one stands: the first in order stays, so that an explanation is the same at every look.
fn first(slot: Option<&mut u32>, system: u32) {
    if let Some(slot) = slot {
        *slot = (*slot).min(system);
    }
}

/// For each asset the place of its first edge, and one more for the end.
pub(crate) fn starts(snapshot: &Snapshot) -> Vec<u32> {
    let mut starts = Vec::with_capacity(snapshot.nodes().len() + 1);
    let (mut place, edges) = (0, snapshot.edges());
    for at in 0..=snapshot.nodes().len() as u32 {
        while edges.get(place).is_some_and(|edge| edge.from < at) {
            place += 1;
        }
        starts.push(place as u32);
    }
    starts
}

/// The systems that use an asset: for each environment, and for none, one of them; and the same by side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Users {
    environments: [u32; 4],
    sides: [u32; 2],
    /// Of those that run on it directly and have no bounds of their own.
    unbounded: [u32; 2],
}

impl Users {
    pub(crate) const NONE: Users = Users {
        environments: [NOWHERE; 4],
        sides: [NOWHERE; 2],
        unbounded: [NOWHERE; 2],
    };

    fn add(&mut self, system: u32, chosen: &Chosen<'_>) {
        let environment = chosen
            .environment
            .map_or(3, |environment| environment as usize);
        let side = chosen
            .side
            .and_then(|side| self.sides.get_mut(side as usize));
        for slot in side
            .into_iter()
            .chain(self.environments.get_mut(environment))
        {
            first(Some(slot), system);
        }
    }

    /// A system of an environment that uses it; of none when it is given none.
    pub(crate) fn of(&self, environment: Option<Environment>) -> Option<u32> {
        let slot = environment.map_or(3, |environment| environment as usize);
        self.environments
            .get(slot)
            .copied()
            .filter(|at| *at != NOWHERE)
    }

    /// A system on a side that uses it.
    pub(crate) fn on(&self, side: Side) -> Option<u32> {
        self.sides
            .get(side as usize)
            .copied()
            .filter(|at| *at != NOWHERE)
    }

    /// A system on a side that runs on it directly, in no container of its own.
    pub(crate) fn unbounded_on(&self, side: Side) -> Option<u32> {
        self.unbounded
            .get(side as usize)
            .copied()
            .filter(|at| *at != NOWHERE)
    }

    /// Whether no system uses it.
    pub(crate) fn nobody(&self) -> bool {
        self.environments.iter().all(|at| *at == NOWHERE)
    }
}
