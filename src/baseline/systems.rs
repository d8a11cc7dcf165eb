//! What each asset is, without judging it.

use plimsoll_model::Text;

use super::choose::environment;
use super::estate::Estate;
use super::{Baselines, Rule, System};
use crate::inventory::{Node, Snapshot};

/// The systems of a snapshot with their roles and environments, in order of their places.
pub fn systems(snapshot: &Snapshot, baselines: &Baselines, rules: &[Rule]) -> Vec<System> {
    Estate::new(snapshot, baselines, rules).systems
}

/// The environment that a node names itself, or that a rule gives it: of things that are no systems too.
pub fn own_environment(node: &Node, rules: &[Rule]) -> Option<Text> {
    let (environment, _) = environment(node, rules).ok().flatten()?;
    Some(environment.text())
}
