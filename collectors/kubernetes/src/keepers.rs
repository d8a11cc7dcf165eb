//! Which workload a pod belongs to, and the workloads that are known by what they make alone.

use std::collections::{BTreeMap, HashMap, HashSet};

use plimsoll_kit::Harvester;
use plimsoll_model::Text;

use crate::client::Api;
use crate::estate::Estate;
use crate::kinds;
use crate::normalise::hidden;
use crate::normalise::images::Seen;
use crate::normalise::pods::{Bare, Group, Key, Pods};
use crate::read::{Read, scope};
use crate::tops::{self, Tops};
use crate::wire::{self, Job, Link, Meta, Workload};

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
    pub(crate) fn sort(estate: &Estate, tops: &Tops, mut pods: Read<Pods>) -> Self {
        let mut kept = Self {
            groups: HashMap::new(),
            bare: Vec::new(),
            unseen: HashMap::new(),
            all_unseen: HashMap::new(),
        };
        for fold in std::mem::take(&mut pods.folds) {
            for bare in fold.bare {
                kept.sort_bare(bare);
            }
            // In their order, so that of several the same is the first at every scan.
            let mut groups: Vec<(Key, Group)> = fold.groups.into_iter().collect();
            groups.sort_unstable_by(|a, b| a.0.cmp(&b.0));
            for (key, group) in groups {
                let top = tops.of_group(&key, &group);
                kept.groups.entry(top).or_default().join(group);
            }
        }
        kept.bare
            .sort_by(|a, b| (a.meta.space(), &a.meta.name).cmp(&(b.meta.space(), &b.meta.name)));
        kept.note(estate, &pods);
        kept
    }

    /// A pod that nobody keeps is a workload; those whose names are made up from one beginning are one.
    fn sort_bare(&mut self, bare: Bare) {
        let Some(name) = tops::of_bare(bare.meta.generate_name.as_ref()) else {
            self.bare.push(bare);
            return;
        };
        let key = (bare.meta.space().into(), "Pod".into(), name);
        let mut group = bare.group;
        group.example = Some(Box::new(bare.meta));
        self.groups.entry(key).or_default().join(group);
    }

    fn note(&mut self, estate: &Estate, pods: &Read<Pods>) {
        let why_pods = "the pods of its namespace could not be listed";
        let why_sets =
            "the replica sets of its namespace could not be listed, so its pods are not known";
        let why_controllers = "the replication controllers of its namespace could not be listed, so its pods are not known";
        let why_jobs = "the jobs of its namespace could not be listed, so its pods are not known";
        for space in pods.unseen_spaces() {
            self.unseen.insert(("", space.clone()), why_pods);
        }
        for space in estate.replica_sets.unseen_spaces() {
            self.unseen.insert(("set", space.clone()), why_sets);
        }
        for space in estate.controllers.unseen_spaces() {
            let key = ("controller", space.clone());
            self.unseen.insert(key, why_controllers);
        }
        for space in estate.jobs.unseen_spaces() {
            self.unseen.insert(("job", space.clone()), why_jobs);
        }
        for (name, unseen, why) in [
            ("", pods.unseen_all(), why_pods),
            ("set", estate.replica_sets.unseen_all(), why_sets),
            (
                "controller",
                estate.controllers.unseen_all(),
                why_controllers,
            ),
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
            "Deployment" | "Rollout" => "set",
            "DeploymentConfig" => "controller",
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

/// A workload that is known by a replica set or replication controller alone: one that nothing keeps, or that something keeps
/// whose template is not read.
pub(crate) struct Single {
    pub(crate) word: Text,
    pub(crate) meta: Meta,
    pub(crate) workload: Workload,
}

/// Reads the replica sets and replication controllers that stand for a workload, one by one: they are few. What is there without
/// pods is there. Of several of one workload, one that runs; and of those the one that was rolled out last.
pub(crate) async fn singles(
    api: &Api,
    estate: &Estate,
    tops: &Tops,
    pods: &Read<Pods>,
    harvest: &mut Harvester,
) -> Vec<Single> {
    let told = estate.told();
    let mut wanted: BTreeMap<Key, (Standing<'_>, &Link, kinds::Kind)> = BTreeMap::new();
    for (word, kind, links) in [
        ("ReplicaSet", kinds::REPLICA_SETS, &estate.replica_sets),
        (
            "ReplicationController",
            kinds::CONTROLLERS,
            &estate.controllers,
        ),
    ] {
        for one in links.items() {
            let meta = &one.metadata;
            let key = tops.of_object(meta.space(), word, &meta.name);
            // Its deployment has the template, or is just being deleted; so has what a version of something is made by.
            let by_deployment = meta
                .controller()
                .is_some_and(|owner| owner.kind == "Deployment");
            if by_deployment || told.contains(&(key.0.as_str(), key.1.as_str(), key.2.as_str())) {
                continue;
            }
            let own = (meta.space().into(), word.into(), meta.name.clone());
            let runs = pods.folds.iter().any(|fold| fold.groups.contains_key(&own));
            let standing = (
                runs,
                meta.revision,
                meta.creation_timestamp.as_deref().unwrap_or_default(),
                meta.name.as_str(),
            );
            let first = wanted.get(&key);
            if first.is_none_or(|first| first.0 < standing) {
                wanted.insert(key, (standing, one, kind));
            }
        }
    }
    if wanted.len() > MOST_SINGLE {
        let all: std::collections::BTreeSet<&str> = wanted
            .values()
            .skip(MOST_SINGLE)
            .map(|(_, one, _)| one.metadata.space())
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
        .map(|(key, (_, one, kind))| async move {
            let meta = &one.metadata;
            let path = format!("{}/{}", kind.path(Some(meta.space())), meta.name);
            (key, meta, api.bytes(&path).await, path)
        });
    for ((space, word, name), meta, answer, path) in futures::future::join_all(reads).await {
        let read = answer.map_err(|error| error.to_string());
        let read =
            read.and_then(|bytes| wire::one::<Workload>(&bytes).map_err(|error| error.to_string()));
        match read {
            Ok(workload) => {
                let own = word == "ReplicaSet" || word == "ReplicationController";
                let meta = if own {
                    workload.metadata.clone()
                } else {
                    estate
                        .owner_meta(&space, &word, &name)
                        .unwrap_or_else(|| of_owner(space, name, &workload.metadata))
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

/// How much one of several stands for all: whether it runs, how often it was rolled out, when it was made, its name.
type Standing<'a> = (bool, u64, &'a str, &'a str);

/// The metadata of what keeps something and is not read itself.
pub(crate) fn of_owner(space: Text, name: Text, kept: &Meta) -> Meta {
    Meta {
        name,
        namespace: Some(space),
        labels: hidden::shared_labels(&kept.labels),
        ..Meta::default()
    }
}

impl Estate {
    /// What has a template that is read, and is no deployment.
    fn told(&self) -> HashSet<(&str, &str, &str)> {
        let mut told = word_of("Rollout", &self.rollouts);
        told.extend(word_of("DeploymentConfig", &self.deployment_configs));
        told
    }

    /// The metadata of an owner that is read and has no template of its own.
    fn owner_meta(&self, space: &str, word: &str, name: &str) -> Option<Meta> {
        let read = match word {
            "Rollout" => &self.rollouts,
            "DeploymentConfig" => &self.deployment_configs,
            _ => return None,
        };
        let mut items = read.items().map(|one| &one.metadata);
        items
            .find(|meta| meta.space() == space && meta.name == name)
            .cloned()
    }
}

fn word_of<'e>(
    word: &'static str,
    read: &'e Read<crate::list::All<Workload>>,
) -> HashSet<(&'e str, &'e str, &'e str)> {
    let told = read.items().filter(|one| has_template(one));
    told.map(|one| (one.metadata.space(), word, one.metadata.name.as_str()))
        .collect()
}

/// Whether a workload says itself what its pods are made of; a rollout may refer to a deployment instead.
pub(crate) fn has_template(one: &Workload) -> bool {
    !one.spec.template.spec.containers.is_empty()
}

/// The jobs that are workloads: those that nothing keeps, and of those that something keeps which is no cron job, or that are
/// made anew under names that are made up, one for all of them: the first by the beginning of its name, and of these the newest.
pub(crate) fn lone_jobs<'e>(estate: &'e Estate, tops: &Tops) -> Vec<(Text, Meta, &'e Job)> {
    let mut found: BTreeMap<Key, &Job> = BTreeMap::new();
    let begin = |job: &Job| {
        let meta = &job.metadata;
        let start = meta.generate_name.clone();
        start.unwrap_or_else(|| tops::chance(&meta.name).unwrap_or_else(|| meta.name.clone()))
    };
    let made = |job: &Job| {
        let meta = &job.metadata;
        (meta.creation_timestamp.clone(), meta.name.clone())
    };
    for job in estate.jobs.items() {
        let meta = &job.metadata;
        let key = tops.of_job(meta.space(), &meta.name);
        if key.1 == "CronJob" {
            continue;
        }
        let stands = found.get(&key).is_none_or(|first| {
            let (mine, theirs) = (begin(job), begin(first));
            mine < theirs || (mine == theirs && made(job) > made(first))
        });
        if stands {
            found.insert(key, job);
        }
    }
    let jobs = found.into_iter().map(|((space, word, name), job)| {
        let meta = if word == "Job" && name == job.metadata.name {
            job.metadata.clone()
        } else {
            of_owner(space, name, &job.metadata)
        };
        (word, meta, job)
    });
    jobs.collect()
}
