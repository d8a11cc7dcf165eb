//! What of an inventory a diagram shows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use plimsoll_model::{Text, fact};

use super::Mark;
use super::families::{DETAILS, GROUPING};
use super::homes::{chain, homes};
use crate::baseline::System;
use crate::inventory::Snapshot;

/// What is wanted of an inventory.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only systems of this environment, and what belongs to them.
    pub environment: Option<Text>,
    /// Only systems of this role, and what belongs to them.
    pub role: Option<Text>,
    /// Only what is at most so many relations from this place.
    pub around: Option<(u32, u32)>,
    /// Details too: images, block devices, secrets and the like.
    pub details: bool,
}

/// What a diagram shows.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The places.
    pub places: BTreeSet<u32>,
    /// What was left out as a detail, by kind.
    pub left_out: BTreeMap<Text, usize>,
}

impl Selection {
    /// These places, and nothing left out.
    pub fn of(places: impl IntoIterator<Item = u32>) -> Self {
        Self {
            places: places.into_iter().collect(),
            left_out: BTreeMap::new(),
        }
    }
}

/// Chooses what a diagram shows. What is marked is shown even where it is a detail.
pub fn select(
    snapshot: &Snapshot,
    systems: &[System],
    marks: &std::collections::HashMap<u32, Mark>,
    wanted: &Wanted,
) -> Selection {
    let mut places: BTreeSet<u32> = match wanted.around {
        Some((at, depth)) => around(snapshot, at, depth),
        None => (0..snapshot.nodes().len() as u32).collect(),
    };
    if wanted.environment.is_some() || wanted.role.is_some() {
        let belonging = belonging(snapshot, systems, wanted);
        places.retain(|at| belonging.contains(at));
    }
    let mut selection = Selection {
        places,
        left_out: BTreeMap::new(),
    };
    if !wanted.details && wanted.around.is_none() {
        let Selection { places, left_out } = &mut selection;
        places.retain(|at| {
            let asset = snapshot.asset(*at);
            let sensitive = asset
                .value(fact::SENSITIVE)
                .and_then(|value| value.as_bool())
                == Some(true);
            let shown =
                !DETAILS.contains(&asset.kind.as_str()) || sensitive || marks.contains_key(at);
            if !shown {
                *left_out.entry(asset.kind.clone()).or_default() += 1;
            }
            shown
        });
    }
    selection
}

/// What is at most so many relations from a place, whatever their direction.
fn around(snapshot: &Snapshot, at: u32, depth: u32) -> BTreeSet<u32> {
    let mut seen = BTreeSet::from([at]);
    let mut open = VecDeque::from([(at, 0)]);
    while let Some((at, steps)) = open.pop_front() {
        if steps == depth {
            continue;
        }
        let outgoing = snapshot.outgoing(at).iter().map(|edge| edge.to);
        let incoming = snapshot.incoming(at).iter().map(|edge| edge.from);
        for next in outgoing.chain(incoming) {
            if seen.insert(next) {
                open.push_back((next, steps + 1));
            }
        }
    }
    seen
}

/// The systems that are wanted, what is related to them and is no system, and what they are in.
fn belonging(snapshot: &Snapshot, systems: &[System], wanted: &Wanted) -> BTreeSet<u32> {
    let all: BTreeSet<u32> = systems.iter().map(|system| system.at).collect();
    let fits = |system: &&System| {
        wanted
            .environment
            .as_ref()
            .is_none_or(|name| system.environment.as_ref() == Some(name))
            && wanted.role.as_ref().is_none_or(|role| system.role == *role)
    };
    let homes = homes(snapshot);
    let mut places = BTreeSet::new();
    for system in systems.iter().filter(fits) {
        places.insert(system.at);
        places.extend(chain(&homes, system.at));
        let outgoing = snapshot.outgoing(system.at).iter().map(|edge| edge.to);
        let incoming = snapshot.incoming(system.at).iter().map(|edge| edge.from);
        for near in outgoing.chain(incoming) {
            let place = GROUPING.contains(&snapshot.asset(near).kind.as_str());
            if !all.contains(&near) && !place {
                places.insert(near);
                places.extend(chain(&homes, near));
            }
        }
    }
    places
}
