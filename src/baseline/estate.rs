//! What judging needs to know of the whole estate: who is what, who runs where, and who shares what.

use std::collections::HashMap;

use plimsoll_model::{Asset, RelationKind, Text, fact, kind};

use super::Rule;
use super::choose::{Chosen, choose};
use super::environment::Environment;
use super::index::Index;
use super::load::Baselines;
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

/// From a container over its engine to its machine, and some to spare.
const LONGEST_CHAIN: usize = 4;

const NOWHERE: u32 = u32::MAX;

/// A snapshot with what was found out about it before anything is judged.
pub(crate) struct Estate<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) baselines: &'a Baselines,
    /// In order of their places.
    pub(crate) systems: Vec<System>,
    /// For each system its role's place in the baselines and its environment.
    pub(crate) chosen: Vec<Chosen<'a>>,
    /// For each asset the place of its first edge, and one more for the end: the edges are searched for every system
    /// several times.
    starts: Vec<u32>,
    /// For each asset what it runs on, or [`NOWHERE`].
    below: Vec<u32>,
    /// The claims of everything that something runs on.
    places: HashMap<u32, Index<'a>>,
    /// For each asset the host that it runs on, or [`NOWHERE`].
    hosts: Vec<u32>,
    /// For each asset who uses it.
    users: Vec<Users>,
    /// The sources with a scope that was not read completely.
    half_read: Vec<&'a Text>,
    /// For each host its file systems, each at all its mount points, the longest mount point first.
    filesystems: HashMap<u32, Vec<(&'a str, u32)>>,
}

/// The systems that use an asset: for each environment, and for none, one of them; and the same by side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Users {
    environments: [u32; 4],
    sides: [u32; 2],
}

impl Users {
    const NONE: Users = Users {
        environments: [NOWHERE; 4],
        sides: [NOWHERE; 2],
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
            // The first in order stays, so that an explanation is the same at every look.
            *slot = (*slot).min(system);
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

    /// Whether no system uses it.
    pub(crate) fn nobody(&self) -> bool {
        self.environments.iter().all(|at| *at == NOWHERE)
    }
}

impl<'a> Estate<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, baselines: &'a Baselines, rules: &[Rule]) -> Self {
        let below = below(snapshot);
        let hosts = hosts(snapshot, &below);
        let (systems, chosen) = choose(snapshot, baselines, rules, &hosts);
        let users = users(snapshot, &systems, &chosen, &hosts);
        let mut places = HashMap::new();
        for at in below.iter().copied().filter(|at| *at != NOWHERE) {
            places
                .entry(at)
                .or_insert_with(|| Index::new(snapshot.asset(at)));
        }
        Self {
            snapshot,
            baselines,
            systems,
            chosen,
            starts: starts(snapshot),
            below,
            places,
            hosts,
            users,
            half_read: half_read(snapshot),
            filesystems: filesystems(snapshot),
        }
    }

    /// The edges that start at an asset.
    fn outgoing(&self, at: u32) -> &'a [Edge] {
        let place = |at: usize| self.starts.get(at).map(|place| *place as usize);
        let range = place(at as usize).zip(place(at as usize + 1));
        let edges = range.and_then(|(start, end)| self.snapshot.edges().get(start..end));
        edges.unwrap_or_default()
    }

    /// The assets that a system's relations of one kind lead to.
    pub(crate) fn along(
        &self,
        at: u32,
        kind: RelationKind,
    ) -> impl Iterator<Item = (u32, &'a Asset)> + use<'a> {
        let snapshot = self.snapshot;
        let edges = self
            .outgoing(at)
            .iter()
            .filter(move |edge| edge.kind == kind);
        edges.map(move |edge| (edge.to, snapshot.asset(edge.to)))
    }

    /// The claims of what an asset runs on, up to its host.
    pub(crate) fn places_below(&self, at: u32) -> impl Iterator<Item = &Index<'a>> + Clone {
        let below = |at: u32| {
            self.below
                .get(at as usize)
                .copied()
                .filter(|at| *at != NOWHERE)
        };
        let chain = std::iter::successors(below(at), move |at| below(*at)).take(LONGEST_CHAIN);
        chain.filter_map(|at| self.places.get(&at))
    }

    /// The host that an asset runs on; itself for a host.
    pub(crate) fn host(&self, at: u32) -> Option<u32> {
        let host = self.hosts.get(at as usize).copied();
        host.filter(|host| *host != NOWHERE)
    }

    /// Whether a source has a scope that was not read completely: what it did not see may be there.
    pub(crate) fn is_half_read(&self, source: &Text) -> bool {
        self.half_read.contains(&source)
    }

    /// Whether an asset is a system, and so judged itself.
    pub(crate) fn is_system(&self, at: u32) -> bool {
        let found = self.systems.binary_search_by(|system| system.at.cmp(&at));
        found.is_ok()
    }

    pub(crate) fn users(&self, at: u32) -> Users {
        self.users.get(at as usize).copied().unwrap_or(Users::NONE)
    }

    /// The file systems of a host, each at all its mount points, the longest mount point first.
    pub(crate) fn filesystems(&self, host: u32) -> &[(&'a str, u32)] {
        self.filesystems.get(&host).map_or(&[], Vec::as_slice)
    }

    /// What a system shares when others do the same: itself, its host, and what it is related to.
    pub(crate) fn shared(&self, at: u32) -> impl Iterator<Item = u32> {
        let host = self.host(at).filter(|host| *host != at);
        let related = self.outgoing(at).iter();
        let related = related.filter(|edge| shares(self.snapshot, edge.kind, edge.to));
        std::iter::once(at).chain(host).chain(
            related
                .map(|edge| edge.to)
                .filter(move |to| Some(*to) != host),
        )
    }
}

/// Whether a relation of a kind to an asset is a way to share it.
fn shares(snapshot: &Snapshot, kind: RelationKind, to: u32) -> bool {
    // The network of the driver `null` connects nobody.
    let connects = || {
        let driver = snapshot.asset(to).value(fact::DRIVER);
        driver.and_then(|driver| driver.as_str()) != Some("null")
    };
    SHARING.contains(&kind) && (kind != RelationKind::MemberOf || connects())
}

fn starts(snapshot: &Snapshot) -> Vec<u32> {
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
        let next = |at: &u32| below.get(*at as usize).copied().filter(|at| *at != NOWHERE);
        let mut chain = std::iter::successors(Some(at as u32), next).take(LONGEST_CHAIN);
        *host = chain.find(|at| is_host(*at)).unwrap_or(*host);
    }
    hosts
}

fn users(
    snapshot: &Snapshot,
    systems: &[System],
    chosen: &[Chosen<'_>],
    hosts: &[u32],
) -> Vec<Users> {
    let mut users = vec![Users::NONE; snapshot.nodes().len()];
    let mut add = |to: u32, system: u32, chosen: &Chosen<'_>| {
        if let Some(users) = users.get_mut(to as usize) {
            users.add(system, chosen);
        }
    };
    let mut edges = snapshot.edges().iter().peekable();
    for (system, chosen) in systems.iter().zip(chosen) {
        while edges.next_if(|edge| edge.from < system.at).is_some() {}
        // An engine is how a host runs containers, and no tenant of it.
        if snapshot.asset(system.at).kind == kind::ENGINE {
            continue;
        }
        let host = hosts.get(system.at as usize).copied().unwrap_or(NOWHERE);
        if host != system.at {
            add(host, system.at, chosen);
        }
        while let Some(edge) = edges.next_if(|edge| edge.from == system.at) {
            if edge.to != host && shares(snapshot, edge.kind, edge.to) {
                add(edge.to, system.at, chosen);
            }
        }
    }
    users
}

fn half_read(snapshot: &Snapshot) -> Vec<&Text> {
    let rows = snapshot.coverage().iter();
    let mut half_read: Vec<&Text> = rows
        .filter(|row| !row.complete)
        .map(|row| &row.source)
        .collect();
    half_read.dedup();
    half_read
}

fn filesystems(snapshot: &Snapshot) -> HashMap<u32, Vec<(&str, u32)>> {
    let mut filesystems: HashMap<u32, Vec<(&str, u32)>> = HashMap::new();
    for edge in snapshot.edges() {
        if edge.kind != RelationKind::Contains {
            continue;
        }
        let part = snapshot.asset(edge.to);
        if part.kind != kind::FILESYSTEM {
            continue;
        }
        let mountpoint = part.value(fact::MOUNTPOINT).and_then(|path| path.as_str());
        let list = filesystems.entry(edge.from).or_default();
        list.push((mountpoint.unwrap_or_default(), edge.to));
        let others = part.value(fact::MOUNTPOINTS).and_then(|all| all.as_list());
        let others = others
            .into_iter()
            .flatten()
            .filter_map(|path| path.as_str());
        list.extend(others.map(|path| (path, edge.to)));
    }
    for list in filesystems.values_mut() {
        list.sort_by(|a, b| (b.0.len(), a).cmp(&(a.0.len(), b)));
        list.dedup();
    }
    filesystems
}
