//! What each asset is: its role and its environment, and how they were chosen.

use std::ops::Range;

use plimsoll_model::{Text, fact, kind};

use super::Rule;
use super::environment::Environment;
use super::index::Index;
use super::load::Baselines;
use super::role::Side;
use super::select::Chooser;
use super::types::System;
use crate::inventory::{Node, Snapshot};

/// The label that gives a role.
pub(crate) const ROLE_LABEL: &str = "plimsoll.role";
/// The label that gives an environment.
pub(crate) const ENVIRONMENT_LABEL: &str = "plimsoll.environment";

/// Parts of systems, which are never systems themselves. They may well carry a system's labels: a container takes
/// over those of its image.
const PARTS: &[&str] = &[
    kind::IMAGE,
    kind::NETWORK,
    kind::VOLUME,
    kind::FILESYSTEM,
    kind::BLOCK_DEVICE,
];

/// From how many items on it pays to start a second thread.
const WORTH_A_THREAD: usize = 5_000;

/// What was chosen for a system, and what it claims.
#[derive(Clone, Debug)]
pub(crate) struct Chosen<'a> {
    /// The role's place in the baselines.
    pub(crate) role: usize,
    pub(crate) environment: Option<Environment>,
    pub(crate) side: Option<Side>,
    pub(crate) index: Index<'a>,
}

/// Both halves of `0..all` in order, worked at once where that pays.
pub(crate) fn in_halves<T: Send>(all: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    if all < WORTH_A_THREAD {
        return vec![work(0..all)];
    }
    let half = all / 2;
    std::thread::scope(|scope| {
        let first = scope.spawn(|| work(0..half));
        let second = work(half..all);
        match first.join() {
            Ok(first) => vec![first, second],
            // A half that was lost would look like systems without findings.
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// The systems of a snapshot in order of their places. `hosts` has each asset's host, or a place that is none.
pub(crate) fn choose<'a>(
    snapshot: &'a Snapshot,
    baselines: &Baselines,
    rules: &[Rule],
    hosts: &[u32],
) -> (Vec<System>, Vec<Chosen<'a>>) {
    let nodes = snapshot.nodes();
    let halves = in_halves(nodes.len(), |range| {
        let mut choice = Choice {
            nodes,
            baselines,
            rules,
            hosts,
            chooser: Chooser::new(&baselines.selector),
        };
        let places = range.filter_map(|at| choice.system(at));
        places.unzip::<_, _, Vec<_>, Vec<_>>()
    });
    let (mut systems, mut chosen) = (Vec::new(), Vec::new());
    for (more_systems, more_chosen) in halves {
        systems.extend(more_systems);
        chosen.extend(more_chosen);
    }
    (systems, chosen)
}

/// What choosing looks at.
struct Choice<'s, 'a> {
    nodes: &'a [Node],
    baselines: &'s Baselines,
    rules: &'s [Rule],
    hosts: &'s [u32],
    chooser: Chooser<'s, 'a>,
}

impl<'a> Choice<'_, 'a> {
    fn system(&mut self, at: usize) -> Option<(System, Chosen<'a>)> {
        let node = self.nodes.get(at)?;
        if PARTS.contains(&node.asset.kind.as_str()) {
            return None;
        }
        let index = Index::new(&node.asset);
        let (role, role_by) = role(node, self.baselines, self.rules, &index, &mut self.chooser)?;
        let baseline = self.baselines.roles().get(role)?;
        let inherited = || {
            let host = self.hosts.get(at).filter(|host| **host as usize != at)?;
            let host = self.nodes.get(*host as usize)?;
            let (environment, by) = environment(host, self.rules).ok()??;
            let by = Text::from(format!("its host {}: {by}", host.asset.name));
            Some((environment, by))
        };
        // A label that names no environment is mended, and nothing else is asked in its place.
        let found = match environment(node, self.rules) {
            Ok(own) => own.or_else(inherited),
            Err(_) => None,
        };
        let (environment, environment_by) = found.unzip();
        let system = System {
            at: at as u32,
            role: baseline.name.clone(),
            role_by,
            environment: environment.map(Environment::text),
            environment_by,
        };
        let side = baseline.side;
        Some((
            system,
            Chosen {
                role,
                environment,
                side,
                index,
            },
        ))
    }
}

fn role<'a>(
    node: &'a Node,
    baselines: &Baselines,
    rules: &[Rule],
    index: &Index<'a>,
    chooser: &mut Chooser<'_, 'a>,
) -> Option<(usize, Text)> {
    let asset = &node.asset;
    let label = asset
        .labels
        .get(ROLE_LABEL)
        .and_then(|role| baselines.place(role));
    if let Some(role) = label {
        return Some((role, Text::const_new("label plimsoll.role")));
    }
    for rule in rules {
        let role = rule.role().and_then(|role| baselines.place(role));
        if let Some(role) = role.filter(|_| rule.matches(node)) {
            return Some((role, rule.called().clone()));
        }
    }
    let (role, called) = chooser.choose(index)?;
    Some((role, called.clone()))
}

/// The environment that an asset's own label, its platform or a rule gives, and which of them did.
///
/// # Errors
/// The label's word, when it is no environment.
pub(super) fn environment<'n>(
    node: &'n Node,
    rules: &[Rule],
) -> Result<Option<(Environment, Text)>, &'n str> {
    let asset = &node.asset;
    if let Some(word) = asset.labels.get(ENVIRONMENT_LABEL) {
        let environment = Environment::parse(word).ok_or(word.as_str())?;
        return Ok(Some((
            environment,
            Text::const_new("label plimsoll.environment"),
        )));
    }
    let platform = asset
        .get(fact::ENVIRONMENT)
        .and_then(plimsoll_model::Claim::last_value)
        .and_then(|word| word.as_str());
    if let Some(environment) = platform.and_then(Environment::parse) {
        return Ok(Some((environment, Text::const_new("the platform"))));
    }
    let mut rules = rules.iter();
    Ok(rules.find_map(|rule| {
        let environment = rule.environment().filter(|_| rule.matches(node))?;
        Some((environment, rule.called().clone()))
    }))
}
