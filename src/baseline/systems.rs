//! What each asset is, without judging it.

use std::collections::HashMap;

use plimsoll_model::Text;

use super::category::Categories;
use super::estate::Estate;
use super::places::Places;
use super::{Baselines, Rule, System};
use crate::inventory::Snapshot;

/// The systems of a snapshot with their roles and environments, in order of their places.
pub fn systems(snapshot: &Snapshot, baselines: &Baselines, rules: &[Rule]) -> Vec<System> {
    Estate::new(snapshot, baselines, rules).systems
}

/// The environments of some assets of a snapshot, by their places: of things that are no systems too.
pub fn environments_of(
    snapshot: &Snapshot,
    rules: &[Rule],
    of: impl IntoIterator<Item = u32>,
) -> HashMap<u32, Text> {
    let mut of = of.into_iter().peekable();
    if of.peek().is_none() {
        return HashMap::new();
    }
    let places = Places::new(snapshot);
    let mut categories = Categories::new(snapshot.nodes(), rules, &places);
    let known = of.filter_map(|at| Some((at, categories.environment(at).environment?.text())));
    known.collect()
}

/// The environment of every asset of a snapshot, in order of their places: of things that are no systems too.
pub fn environments(snapshot: &Snapshot, rules: &[Rule]) -> Vec<Option<Text>> {
    let places = Places::new(snapshot);
    let mut categories = Categories::new(snapshot.nodes(), rules, &places);
    let all = 0..snapshot.nodes().len() as u32;
    all.map(|at| Some(categories.environment(at).environment?.text()))
        .collect()
}
