//! What is known of the asset of a change.

use std::collections::{HashMap, HashSet};

use plimsoll_model::{Asset, AssetId, RelationKind, Text, Value, fact};

use crate::approval::{Counted, Judged, Ruling};
use crate::baseline::{Rule, System, environments_of};
use crate::change::LEVELS;
use crate::inventory::Snapshot;

/// What is known of the asset of a change.
#[derive(Default)]
pub(super) struct Context<'a> {
    pub(super) environment: Option<Text>,
    pub(super) role: Option<Text>,
    pub(super) sensitive: Option<bool>,
    /// As it is now; none where it is no more.
    pub(super) asset: Option<&'a Asset>,
    pub(super) lineage: Vec<(&'a AssetId, &'a str)>,
    /// Its kind; none where the asset is not known.
    pub(super) kind: Option<Text>,
    /// Other systems that have its name.
    pub(super) namesakes: Vec<&'a AssetId>,
}

impl Context<'_> {
    /// The same, of one that is no more.
    pub(super) fn gone(mut self) -> Self {
        self.asset = None;
        self
    }

    /// The same, as it is kept with a verdict.
    pub(super) fn counted(&self) -> Option<Counted> {
        Some(Counted {
            environment: self.environment.clone(),
            kind: self.kind.clone()?,
            role: self.role.clone(),
            sensitive: self.sensitive,
        })
    }

    pub(super) fn ruling(&self, judged: Judged, was: Option<Counted>) -> Ruling {
        Ruling {
            was,
            judged,
            environment: self.environment.clone(),
            role: self.role.clone(),
            sensitive: self.sensitive,
        }
    }
}

/// A snapshot with its systems by their places.
pub(super) struct View<'a> {
    snapshot: &'a Snapshot,
    systems: HashMap<u32, &'a System>,
    /// The environments of assets that are no systems.
    environments: HashMap<u32, Text>,
    /// The systems of a name, in lower case.
    names: HashMap<Text, Vec<u32>>,
}

impl<'a> View<'a> {
    /// The view in which some assets are looked at.
    pub(super) fn new(
        snapshot: &'a Snapshot,
        systems: &'a [System],
        rules: &[Rule],
        of: &[&AssetId],
    ) -> Self {
        let systems: HashMap<u32, &System> =
            systems.iter().map(|system| (system.at, system)).collect();
        let found = of.iter().filter_map(|id| snapshot.find(id.as_str()));
        let plain = found.filter(|at| !systems.contains_key(at));
        let environments = environments_of(snapshot, rules, plain);
        let mut names: HashMap<Text, Vec<u32>> = HashMap::new();
        if !of.is_empty() {
            for at in systems.keys() {
                let name = snapshot.asset(*at).name.to_lowercase();
                names.entry(name).or_default().push(*at);
            }
        }
        Self {
            snapshot,
            systems,
            environments,
            names,
        }
    }

    /// Other systems of the same name that may be in the same environment: neither what contains the asset, nor its parts.
    fn namesakes(&self, at: u32, environment: Option<&Text>) -> Vec<&'a AssetId> {
        let name = self.snapshot.asset(at).name.to_lowercase();
        let all = self.names.get(&name).into_iter().flatten();
        let others = all.copied().filter(|other| {
            let theirs = self
                .systems
                .get(other)
                .and_then(|system| system.environment.as_ref());
            let apart = environment
                .zip(theirs)
                .is_some_and(|(own, theirs)| own != theirs);
            *other != at && !apart && !self.holds(at, *other) && !self.holds(*other, at)
        });
        let mut found: Vec<&AssetId> = others.map(|other| &self.snapshot.asset(other).id).collect();
        found.sort_unstable();
        found.truncate(5);
        found
    }

    fn holds(&self, whole: u32, part: u32) -> bool {
        let id = &self.snapshot.asset(whole).id;
        self.lineage(part).iter().any(|(above, _)| *above == id)
    }

    /// What is known of an asset; none where it is not in here.
    pub(super) fn context(&self, id: &AssetId) -> Option<Context<'a>> {
        let at = self.snapshot.find(id.as_str())?;
        let asset = self.snapshot.asset(at);
        let system = self.systems.get(&at);
        let said = asset.value(fact::SENSITIVE).and_then(Value::as_bool);
        Some(Context {
            environment: match system {
                Some(system) => system.environment.clone(),
                None => {
                    let own = self.environments.get(&at).cloned();
                    own.or_else(|| self.around(at))
                }
            },
            role: system.map(|system| system.role.clone()),
            // Of a system more is known than its source says: a role or a rule may say it too. That nothing says so is no
            // proof that it holds none.
            sensitive: match system.and_then(|system| system.sensitive) {
                Some(true) => Some(true),
                _ => said,
            },
            asset: Some(asset),
            lineage: self.lineage(at),
            kind: Some(asset.kind.clone()),
            namesakes: self.namesakes(at, system.and_then(|system| system.environment.as_ref())),
        })
    }

    /// The environment of a part of systems: the one that all systems beside it have.
    fn around(&self, at: u32) -> Option<Text> {
        let out = self.snapshot.outgoing(at).iter().map(|edge| edge.to);
        let into = self.snapshot.incoming(at).iter().map(|edge| edge.from);
        let mut found: Option<&Text> = None;
        for near in out.chain(into) {
            let Some(system) = self.systems.get(&near) else {
                continue;
            };
            match (found, &system.environment) {
                (_, None) => return None,
                (Some(one), Some(other)) if one != other => return None,
                (_, Some(some)) => found = Some(some),
            }
        }
        found.cloned()
    }

    fn lineage(&self, at: u32) -> Vec<(&'a AssetId, &'a str)> {
        let mut found = Vec::new();
        let mut level = vec![at];
        let mut met = HashSet::from([at]);
        for _ in 0..LEVELS {
            let mut next = Vec::new();
            for part in level {
                for (whole, asset) in self.snapshot.against(part, RelationKind::Contains) {
                    if met.insert(whole) {
                        found.push((&asset.id, asset.name.as_str()));
                        next.push(whole);
                    }
                }
            }
            level = next;
        }
        found
    }
}
