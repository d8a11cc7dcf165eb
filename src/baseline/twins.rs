//! Which staging system mirrors which production system.

use std::collections::HashMap;

use plimsoll_model::{Text, kind};

use super::Rule;
use super::choose::Chosen;
use super::environment::Environment;
use super::names::words;
use super::places::Places;
use super::types::System;
use crate::inventory::Snapshot;

/// The label that names what a system or a place mirrors, by id or name.
pub(crate) const MIRRORS_LABEL: &str = "plimsoll.mirrors";

/// What mirrors a production system.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Twin {
    /// This one.
    One(u32),
    /// One of these, as far as names tell.
    Several(Few),
    /// What is named in `plimsoll.mirrors` or a rule, and is no system.
    Missing(Text),
    /// None of the staging systems.
    None,
    /// There are no staging systems.
    NoStaging,
}

/// How many there are, and the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Few {
    pub(crate) count: u32,
    first: [u32; 3],
}

impl Few {
    fn add(&mut self, at: u32) {
        if let Some(slot) = self.first.get_mut(self.count as usize) {
            *slot = at;
        }
        self.count = self.count.saturating_add(1);
    }

    /// The first of them, three at most.
    pub(crate) fn first(&self) -> &[u32] {
        let shown = self.first.len().min(self.count as usize);
        self.first.get(..shown).unwrap_or_default()
    }

    fn twin(self) -> Twin {
        match self.first() {
            [] => Twin::None,
            [one] => Twin::One(*one),
            _ => Twin::Several(self),
        }
    }
}

/// Whether a system of this kind has a counterpart. Machines are scale: what runs on them is compared.
pub(crate) fn has_twin(kind: &str) -> bool {
    kind != kind::HOST && kind != kind::ENGINE
}

/// What mirrors each production system. By a label or rule where there is one, on either of both; else by names:
/// the same name in places of the same names, words for environments left out, and where that finds nothing, the same
/// without the platform's environment. Clusters, stacks and organisations never count.
pub(crate) fn twins(
    snapshot: &Snapshot,
    places: &Places,
    rules: &[Rule],
    systems: &[System],
    chosen: &[Chosen<'_>],
) -> HashMap<u32, Twin> {
    let of = |environment: Environment| {
        let systems = systems.iter().zip(chosen);
        let of = systems.filter(move |(_, chosen)| chosen.environment == Some(environment));
        let of = of.map(|(system, _)| system.at);
        of.filter(|at| has_twin(&snapshot.asset(*at).kind))
    };
    let mut finder = Finder {
        snapshot,
        places,
        rules: rules
            .iter()
            .filter(|rule| rule.mirrors().is_some())
            .collect(),
        buffer: String::new(),
    };
    if of(Environment::Staging).next().is_none() {
        let production = of(Environment::Production);
        return production.map(|at| (at, Twin::NoStaging)).collect();
    }
    let mut twins = HashMap::new();
    let mut named = finder.named(
        systems,
        of(Environment::Production),
        of(Environment::Staging),
        &mut twins,
    );
    named.sort_unstable();
    let unnamed = |at: &u32| named.binary_search(at).is_err();
    // Those of one name in places of the same names.
    let mut groups: HashMap<u128, Group> = HashMap::new();
    for at in of(Environment::Staging).filter(unnamed) {
        let key = finder.key(at, Environment::Staging, false);
        groups.entry(key).or_default().staging.add(at);
    }
    let mut open = Vec::new();
    for at in of(Environment::Production) {
        if twins.contains_key(&at) || !unnamed(&at) {
            continue;
        }
        let key = finder.key(at, Environment::Production, false);
        match groups.get_mut(&key) {
            Some(group) => {
                group.production.add(at);
                twins.insert(at, group.staging.twin());
            }
            None => open.push(at),
        }
    }
    // Of what is left, those of one name whatever the place is called, where it is one and one.
    let mut wide: HashMap<u128, Group> = HashMap::new();
    if !open.is_empty() {
        for at in of(Environment::Staging).filter(unnamed) {
            let key = finder.key(at, Environment::Staging, false);
            let taken = groups
                .get(&key)
                .is_some_and(|group| group.production.count > 0);
            if !taken {
                let key = finder.key(at, Environment::Staging, true);
                wide.entry(key).or_default().staging.add(at);
            }
        }
        let keys: Vec<u128> = open
            .iter()
            .map(|at| finder.key(*at, Environment::Production, true))
            .collect();
        for (at, key) in open.iter().zip(&keys) {
            if let Some(group) = wide.get_mut(key) {
                group.production.add(*at);
            }
        }
        for (at, key) in open.into_iter().zip(keys) {
            let twin = match wide.get(&key) {
                Some(group) if group.production.count > 1 => Twin::Several(group.staging),
                Some(group) => group.staging.twin(),
                None => Twin::None,
            };
            twins.insert(at, twin);
        }
    }
    twins
}

/// Systems that go by one key.
#[derive(Default)]
struct Group {
    staging: Few,
    production: Few,
}

struct Finder<'e> {
    snapshot: &'e Snapshot,
    places: &'e Places,
    /// Those that say what is mirrored.
    rules: Vec<&'e Rule>,
    buffer: String,
}

impl<'e> Finder<'e> {
    /// Notes the twins that labels and rules name, and gives all systems that they speak of.
    fn named(
        &self,
        systems: &'e [System],
        production: impl Iterator<Item = u32>,
        staging: impl Iterator<Item = u32>,
        twins: &mut HashMap<u32, Twin>,
    ) -> Vec<u32> {
        let mut named = Vec::new();
        let mut names: Option<HashMap<&str, Few>> = None;
        let mut find = |word: &str| match self.snapshot.find(word) {
            Some(at) => Few {
                count: 1,
                first: [at; 3],
            },
            None => {
                let names = names.get_or_insert_with(|| {
                    let mut names: HashMap<&str, Few> = HashMap::new();
                    for system in systems {
                        let name = self.snapshot.asset(system.at).name.as_str();
                        names.entry(name).or_default().add(system.at);
                    }
                    names
                });
                names.get(word).copied().unwrap_or_default()
            }
        };
        for at in production {
            if let Some(word) = self.mirrors(at) {
                let twin = match find(word).twin() {
                    Twin::None => Twin::Missing(word.clone()),
                    twin => twin,
                };
                twins.insert(at, twin);
                named.push(at);
            }
        }
        let mut by_staging: HashMap<u32, Few> = HashMap::new();
        for at in staging {
            if let Some(word) = self.mirrors(at) {
                named.push(at);
                let targets = find(word);
                for target in targets.first() {
                    by_staging.entry(*target).or_default().add(at);
                }
            }
        }
        for (target, few) in by_staging {
            twins.entry(target).or_insert_with(|| few.twin());
            named.push(target);
        }
        named
    }

    /// What an asset is said to mirror.
    fn mirrors(&self, at: u32) -> Option<&'e Text> {
        let node = self.snapshot.nodes().get(at as usize)?;
        let label = node.asset.labels.get(MIRRORS_LABEL);
        let ruled = || {
            let mut rules = self.rules.iter();
            rules.find_map(|rule| rule.mirrors().filter(|_| rule.matches(node)))
        };
        label.or_else(ruled)
    }

    /// What a system goes by: its kind, the names of its places, and its own; where `wide`, without that of the
    /// platform's environment.
    fn key(&mut self, at: u32, environment: Environment, wide: bool) -> u128 {
        let asset = self.snapshot.asset(at);
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        buffer.push_str(&asset.kind);
        for holder in self.places.around(at) {
            match self.snapshot.asset(holder).kind.as_str() {
                kind::CLUSTER | kind::STACK | kind::ORGANISATION => {}
                kind::PLATFORM_ENVIRONMENT if wide => {}
                _ => self.place(holder, environment, &mut buffer),
            }
        }
        words(&asset.name, environment, &mut buffer);
        let hash = blake3::hash(buffer.as_bytes());
        self.buffer = buffer;
        let mut short = [0; 16];
        for (to, from) in short.iter_mut().zip(hash.as_bytes()) {
            *to = *from;
        }
        u128::from_le_bytes(short)
    }

    /// The name of a place; of one that mirrors another, the other's.
    fn place(&self, at: u32, environment: Environment, buffer: &mut String) {
        let Some(word) = self.mirrors(at) else {
            return words(&self.snapshot.asset(at).name, environment, buffer);
        };
        let name = match self.snapshot.find(word) {
            Some(other) => &self.snapshot.asset(other).name,
            None => word,
        };
        let other = match environment {
            Environment::Production => Environment::Staging,
            _ => Environment::Production,
        };
        words(name, other, buffer);
    }
}
