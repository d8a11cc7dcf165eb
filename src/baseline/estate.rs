//! What judging needs to know of the whole estate: who is what, who runs where, and who shares what.

use std::collections::HashMap;

use plimsoll_model::{Asset, RelationKind, Text, Value, fact, kind};

use super::Rule;
use super::choose::{Chosen, choose};
use super::exposure::{Lead, leads};
use super::index::Index;
use super::judge::applies;
use super::load::Baselines;
use super::places::{Places, Spread};
use super::sharing::{Users, Ways, starts};
use super::twins::{Twin, twins};
use super::types::System;
use crate::inventory::{Edge, Published, Snapshot};

/// The role of databases.
const DATABASE: &str = "database";

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
    places: Places,
    /// The claims of everything that something runs on.
    grounds: HashMap<u32, Index<'a>>,
    /// For each asset who uses it.
    users: Vec<Users>,
    /// For what endpoints lead to: those that the public may reach.
    leads: HashMap<u32, Vec<Lead>>,
    /// For each production system what mirrors it.
    twins: HashMap<u32, Twin>,
    /// The sources with a scope that was not read completely.
    half_read: Vec<&'a Text>,
    /// For each host its file systems, each at all its mount points, the longest mount point first.
    filesystems: HashMap<u32, Vec<(&'a str, u32)>>,
    /// What the containers of each host publish.
    published: Published,
}

impl<'a> Estate<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, baselines: &'a Baselines, rules: &[Rule]) -> Self {
        let places = Places::new(snapshot);
        let starts = starts(snapshot);
        let (systems, chosen) = choose(snapshot, baselines, rules, &places);
        let ways = Ways {
            snapshot,
            places: &places,
            starts: &starts,
        };
        let users = ways.users(&systems, &chosen);
        let leads = leads(ways);
        let twins = twins(snapshot, &places, rules, &systems, &chosen);
        let mut grounds = HashMap::new();
        for at in places.grounds() {
            grounds
                .entry(at)
                .or_insert_with(|| Index::new(snapshot.asset(at)));
        }
        Self {
            snapshot,
            baselines,
            systems,
            chosen,
            starts,
            places,
            grounds,
            users,
            leads,
            twins,
            half_read: half_read(snapshot),
            filesystems: filesystems(snapshot),
            published: Published::of(snapshot),
        }
    }

    fn ways(&self) -> Ways<'_> {
        Ways {
            snapshot: self.snapshot,
            places: &self.places,
            starts: &self.starts,
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
        let below = self.places.below(at);
        below.filter_map(|at| self.grounds.get(&at))
    }

    /// What an asset runs on, the nearest first.
    pub(crate) fn below(&self, at: u32) -> impl Iterator<Item = u32> + Clone {
        self.places.below(at)
    }

    /// What holds an asset (an app, a namespace, a cluster, an organisation), the nearest first.
    pub(crate) fn around(&self, at: u32) -> impl Iterator<Item = u32> + Clone {
        self.places.around(at)
    }

    /// The host that an asset runs on; itself for a host.
    pub(crate) fn host(&self, at: u32) -> Option<u32> {
        self.places.host(at)
    }

    /// The hosts of the instances of an asset, where its platform says them.
    pub(crate) fn spread(&self, at: u32) -> Option<&Spread> {
        self.places.spread(at)
    }

    /// The endpoints that lead to an asset and that the public may reach.
    pub(crate) fn leads(&self, at: u32) -> &[Lead] {
        self.leads.get(&at).map_or(&[], Vec::as_slice)
    }

    /// The systems that each are mirrored by one of staging.
    pub(crate) fn twins(&self) -> HashMap<u32, u32> {
        let known = self.twins.iter().filter_map(|(at, twin)| match twin {
            Twin::One(other) => Some((*at, *other)),
            _ => None,
        });
        known.collect()
    }

    /// What mirrors a production system.
    pub(crate) fn twin(&self, at: u32) -> &Twin {
        self.twins.get(&at).unwrap_or(&Twin::None)
    }

    /// A system's choices, by its place in the snapshot.
    pub(crate) fn chosen(&self, at: u32) -> Option<&Chosen<'a>> {
        let found = self.systems.binary_search_by(|system| system.at.cmp(&at));
        self.chosen.get(found.ok()?)
    }

    /// Whether a source has a scope that was not read completely: what it did not see may be there.
    pub(crate) fn is_half_read(&self, source: &Text) -> bool {
        self.half_read.contains(&source)
    }

    /// A source with a scope that was not read completely, if there is one.
    pub(crate) fn any_half_read(&self) -> Option<&'a Text> {
        self.half_read.first().copied()
    }

    /// Whether an asset is a database: by its kind, or by a role that is or extends `database`.
    pub(crate) fn is_database(&self, at: u32) -> bool {
        let role = self
            .chosen(at)
            .and_then(|chosen| self.baselines.roles().get(chosen.role));
        self.snapshot.asset(at).kind == kind::DATABASE
            || role.is_some_and(|role| {
                role.name == DATABASE || role.extends.iter().any(|parent| parent == DATABASE)
            })
    }

    /// Whether an asset is a system, and so judged itself.
    pub(crate) fn is_system(&self, at: u32) -> bool {
        let found = self.systems.binary_search_by(|system| system.at.cmp(&at));
        found.is_ok()
    }

    /// The container to which a listener of a host leads.
    pub(crate) fn published(&self, host: u32, key: &str, listener: &Value) -> Option<u32> {
        self.published.container(host, key, listener)
    }

    /// Whether an asset is asked something that looks at just these facts.
    pub(crate) fn asks(&self, at: u32, facts: &[&str]) -> bool {
        let Ok(found) = self.systems.binary_search_by(|system| system.at.cmp(&at)) else {
            return false;
        };
        let (Some(system), Some(chosen)) = (self.systems.get(found), self.chosen.get(found)) else {
            return false;
        };
        let role = self.baselines.roles().get(chosen.role);
        let asset = self.snapshot.asset(at);
        let environment = system.environment.as_deref();
        role.is_some_and(|role| {
            role.expectations.iter().any(|expectation| {
                expectation.off.is_none()
                    && expectation
                        .facts
                        .iter()
                        .map(Text::as_str)
                        .eq(facts.iter().copied())
                    && applies(expectation, asset, environment, &chosen.index).is_none()
            })
        })
    }

    pub(crate) fn users(&self, at: u32) -> Users {
        self.users.get(at as usize).copied().unwrap_or(Users::NONE)
    }

    /// The file systems of a host, each at all its mount points, the longest mount point first.
    pub(crate) fn filesystems(&self, host: u32) -> &[(&'a str, u32)] {
        self.filesystems.get(&host).map_or(&[], Vec::as_slice)
    }

    /// What a system has in common with others that do the same: itself, its hosts, what it is related to, what holds it.
    pub(crate) fn shared(&self, at: u32) -> Vec<u32> {
        let mut shared = Vec::new();
        self.ways().shared(at, &mut shared);
        shared.insert(0, at);
        shared
    }
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
