//! What each asset is: its role and its environment, and how they were chosen.

use std::ops::Range;

use plimsoll_model::{Text, fact, kind};

use super::Rule;
use super::category::{Categories, Sensitive};
use super::environment::Environment;
use super::index::{Claims, Index};
use super::load::Baselines;
use super::places::Places;
use super::role::Side;
use super::select::Chooser;
use super::types::System;
use crate::inventory::{Node, Snapshot};

/// The label that gives a role.
pub(crate) const ROLE_LABEL: &str = "plimsoll.role";
/// Parts of systems, which are never systems themselves. They may well carry a system's labels: a container takes
/// over those of its image.
const PARTS: &[&str] = &[
    kind::IMAGE,
    kind::NETWORK,
    kind::VOLUME,
    kind::FILESYSTEM,
    kind::BLOCK_DEVICE,
    kind::APP,
    kind::NETWORK_SERVICE,
    kind::CLUSTER,
    kind::NAMESPACE,
    kind::ORGANISATION,
    kind::PLATFORM_ENVIRONMENT,
    kind::STACK,
    kind::NETWORK_POLICY,
    kind::VOLUME_CLAIM,
    kind::STORAGE_CLASS,
    kind::CONFIGURATION,
    kind::SECRET,
    kind::SERVICE_ACCOUNT,
    kind::ADDRESS,
    kind::CERTIFICATE,
    kind::LOG_DRAIN,
    kind::BACKUP,
    kind::DNS_NAME,
];

/// From how many items on it pays to start a second thread.
const WORTH_A_THREAD: usize = 5_000;

/// What was chosen for a system, and what it claims.
#[derive(Clone, Debug)]
pub(crate) struct Chosen<'a> {
    /// The role's place in the baselines.
    pub(crate) role: usize,
    pub(crate) environment: Option<Environment>,
    /// Whether its platform's word for the environment and ours disagree.
    pub(crate) disputed: bool,
    /// Whether it holds sensitive data.
    pub(crate) sensitive: Sensitive,
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

/// The systems of a snapshot in order of their places.
pub(crate) fn choose<'a>(
    snapshot: &'a Snapshot,
    baselines: &Baselines,
    rules: &[Rule],
    places: &Places,
) -> (Vec<System>, Vec<Chosen<'a>>) {
    let nodes = snapshot.nodes();
    let halves = in_halves(nodes.len(), |range| {
        let mut choice = Choice {
            nodes,
            baselines,
            rules,
            categories: Categories::new(nodes, rules, places),
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
    categories: Categories<'s, 'a>,
    chooser: Chooser<'s, 'a>,
}

impl<'a> Choice<'_, 'a> {
    fn system(&mut self, at: usize) -> Option<(System, Chosen<'a>)> {
        let node = self.nodes.get(at)?;
        if PARTS.contains(&node.asset.kind.as_str()) {
            return None;
        }
        let index = Index::new(&node.asset);
        let said = index.claim(fact::SENSITIVE);
        let mut sensitive = self.categories.sensitive(at as u32, said);
        let known_sensitive = sensitive == Sensitive::Yes;
        let (role, role_by) = role(
            node,
            self.baselines,
            self.rules,
            &index,
            known_sensitive,
            &mut self.chooser,
        )?;
        let baseline = self.baselines.roles().get(role)?;
        if baseline.sensitive {
            sensitive = Sensitive::Yes;
        }
        let category = self.categories.environment(at as u32);
        let system = System {
            at: at as u32,
            role: baseline.name.clone(),
            role_by,
            environment: category.environment.map(Environment::text),
            environment_by: category.by,
            sensitive: match sensitive {
                Sensitive::Yes => Some(true),
                Sensitive::No => Some(false),
                Sensitive::Unknown => None,
            },
        };
        let chosen = Chosen {
            role,
            environment: category.environment,
            disputed: category.disputed,
            sensitive,
            side: baseline.side,
            index,
        };
        Some((system, chosen))
    }
}

fn role<'a>(
    node: &'a Node,
    baselines: &Baselines,
    rules: &[Rule],
    index: &Index<'a>,
    sensitive: bool,
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
    chooser.choose(index, sensitive)
}
