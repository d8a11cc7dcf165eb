//! Which workload a pod belongs to: by way of its replica set or job.

use std::collections::{BTreeMap, HashMap};

use plimsoll_kit::Harvester;
use plimsoll_model::Text;

use crate::client::Api;
use crate::estate::Estate;
use crate::kinds;
use crate::normalise::hidden;
use crate::normalise::images::Seen;
use crate::normalise::pods::{Bare, Group, Key, Pods};
use crate::read::{Read, scope};
use crate::wire::{self, Job, Link, Meta, Owner, Workload};

/// The most replica sets that are read singly, because no deployment keeps them.
const MOST_SINGLE: usize = 500;

/// The pods by the workload that they belong to.
pub(crate) struct Kept {
    groups: HashMap<Key, Group>,
    /// The pods that nothing keeps.
    pub(crate) bare: Vec<Bare>,
    unseen: HashMap<(&'static str, Text), &'static str>,
    all_unseen: HashMap<&'static str, &'static str>,
}

impl Kept {
    /// Sorts pods by their workload.
    pub(crate) fn sort(estate: &Estate, mut pods: Read<Pods>) -> Self {
        let sets: HashMap<(&str, &str), Option<&Owner>> = estate
            .replica_sets
            .items()
            .map(|one| {
                let meta = &one.metadata;
                ((meta.space(), meta.name.as_str()), meta.controller())
            })
            .collect();
        let jobs: HashMap<(&str, &str), Option<&Owner>> = estate
            .jobs
            .items()
            .map(|one| {
                let meta = &one.metadata;
                ((meta.space(), meta.name.as_str()), meta.controller())
            })
            .collect();
        let mut kept = Self {
            groups: HashMap::new(),
            bare: Vec::new(),
            unseen: HashMap::new(),
            all_unseen: HashMap::new(),
        };
        for fold in std::mem::take(&mut pods.folds) {
            kept.bare.extend(fold.bare);
            for ((space, word, name), group) in fold.groups {
                let between = match word.as_str() {
                    "ReplicaSet" => sets.get(&(space.as_str(), name.as_str())),
                    "Job" => jobs.get(&(space.as_str(), name.as_str())),
                    _ => None,
                };
                let owner = between.copied().flatten();
                let key = match owner {
                    Some(owner) => (space, owner.kind.clone(), owner.name.clone()),
                    None => (space, word, name),
                };
                kept.groups.entry(key).or_default().join(group);
            }
        }
        kept.bare
            .sort_by(|a, b| (a.meta.space(), &a.meta.name).cmp(&(b.meta.space(), &b.meta.name)));
        kept.note(estate, &pods);
        kept
    }

    fn note(&mut self, estate: &Estate, pods: &Read<Pods>) {
        let why_pods = "the pods of its namespace could not be listed";
        let why_sets =
            "the replica sets of its namespace could not be listed, so its pods are not known";
        let why_jobs = "the jobs of its namespace could not be listed, so its pods are not known";
        for space in pods.unseen_spaces() {
            self.unseen.insert(("", space.clone()), why_pods);
        }
        for space in estate.replica_sets.unseen_spaces() {
            self.unseen.insert(("set", space.clone()), why_sets);
        }
        for space in estate.jobs.unseen_spaces() {
            self.unseen.insert(("job", space.clone()), why_jobs);
        }
        for (name, unseen, why) in [
            ("", pods.unseen_all(), why_pods),
            ("set", estate.replica_sets.unseen_all(), why_sets),
            ("job", estate.jobs.unseen_all(), why_jobs),
        ] {
            if unseen {
                self.all_unseen.insert(name, why);
            }
        }
    }

    /// The pods of a workload, each given once.
    pub(crate) fn take(&mut self, meta: &Meta, word: &str) -> Option<Group> {
        let key = (meta.space().into(), word.into(), meta.name.clone());
        self.groups.remove(&key)
    }

    /// What is known of a workload's pods, if these are they.
    pub(crate) fn seen<'g>(&self, space: &str, word: &str, group: Option<&'g Group>) -> Seen<'g> {
        let way = match word {
            "Deployment" => "set",
            "CronJob" => "job",
            _ => "",
        };
        for name in ["", way] {
            let here = self.unseen.get(&(name, Text::from(space)));
            if let Some(why) = here.or_else(|| self.all_unseen.get(name)) {
                return Seen::Unread(why);
            }
        }
        Seen::Read(group)
    }

    /// What is left when all workloads have taken theirs, sorted: the pods of kinds that are not read.
    pub(crate) fn others(&mut self) -> Vec<(Key, Group)> {
        let mut others: Vec<_> = std::mem::take(&mut self.groups).into_iter().collect();
        others.sort_by(|a, b| a.0.cmp(&b.0));
        others
    }
}

/// A workload that is known by a replica set alone: one that nothing keeps, or that something keeps whose kind is not read.
pub(crate) struct Single {
    pub(crate) word: Text,
    pub(crate) meta: Meta,
    pub(crate) workload: Workload,
}

/// Reads the replica sets that no deployment keeps, one by one: they are few.
pub(crate) async fn singles(
    api: &Api,
    estate: &Estate,
    pods: &Read<Pods>,
    harvest: &mut Harvester,
) -> Vec<Single> {
    let mut wanted: BTreeMap<Key, &Link> = BTreeMap::new();
    for one in estate.replica_sets.items() {
        let meta = &one.metadata;
        let has_pods = || {
            let key = (meta.space().into(), "ReplicaSet".into(), meta.name.clone());
            pods.folds.iter().any(|fold| fold.groups.contains_key(&key))
        };
        let key = match meta.controller() {
            None => (meta.space().into(), "ReplicaSet".into(), meta.name.clone()),
            Some(owner) if owner.kind == "Deployment" => continue,
            // Of several, one that runs; and of those the first by name.
            Some(_) if !has_pods() => continue,
            Some(owner) => (meta.space().into(), owner.kind.clone(), owner.name.clone()),
        };
        let first = wanted.get(&key);
        if first.is_none_or(|first| meta.name < first.metadata.name) {
            wanted.insert(key, one);
        }
    }
    if wanted.len() > MOST_SINGLE {
        let all: std::collections::BTreeSet<&str> = wanted
            .values()
            .skip(MOST_SINGLE)
            .map(|one| one.metadata.space())
            .collect();
        for space in all {
            let what = format!(
                "more than {MOST_SINGLE} replica sets belong to no deployment: the rest was left unread"
            );
            harvest.trouble(&scope(space), what);
        }
    }
    let mut singles = Vec::new();
    let reads = wanted
        .into_iter()
        .take(MOST_SINGLE)
        .map(|(key, one)| async move {
            let meta = &one.metadata;
            let path = format!(
                "{}/{}",
                kinds::REPLICA_SETS.path(Some(meta.space())),
                meta.name
            );
            (key, meta, api.bytes(&path).await, path)
        });
    for ((space, word, name), meta, answer, path) in futures::future::join_all(reads).await {
        let read = answer.map_err(|error| error.to_string());
        let read =
            read.and_then(|bytes| wire::one::<Workload>(&bytes).map_err(|error| error.to_string()));
        match read {
            Ok(workload) => {
                let of_owner = Meta {
                    name,
                    namespace: Some(space),
                    labels: hidden::shared_labels(&workload.metadata.labels),
                    ..Meta::default()
                };
                let own = word == "ReplicaSet";
                let meta = if own {
                    workload.metadata.clone()
                } else {
                    of_owner
                };
                singles.push(Single {
                    word,
                    meta,
                    workload,
                });
            }
            Err(error) => harvest.trouble(&scope(meta.space()), format!("GET {path}: {error}")),
        }
    }
    singles
}

/// The jobs that are workloads: those that nothing keeps, and of those that something keeps which is no cron job the first
/// by name, for all of them.
pub(crate) fn lone_jobs(estate: &Estate) -> Vec<(Text, Meta, &Job)> {
    let mut found: BTreeMap<Key, &Job> = BTreeMap::new();
    for job in estate.jobs.items() {
        let meta = &job.metadata;
        let key = match meta.controller() {
            None => (meta.space().into(), "Job".into(), meta.name.clone()),
            Some(owner) if owner.kind == "CronJob" => continue,
            Some(owner) => (meta.space().into(), owner.kind.clone(), owner.name.clone()),
        };
        let first = found.get(&key);
        if first.is_none_or(|first| meta.name < first.metadata.name) {
            found.insert(key, job);
        }
    }
    let jobs = found.into_iter().map(|((space, word, name), job)| {
        let meta = if word == "Job" {
            job.metadata.clone()
        } else {
            Meta {
                name,
                namespace: Some(space),
                labels: hidden::shared_labels(&job.metadata.labels),
                ..Meta::default()
            }
        };
        (word, meta, job)
    });
    jobs.collect()
}
