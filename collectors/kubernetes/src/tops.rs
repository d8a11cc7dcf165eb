//! Whose a pod is in the end: owners are followed to the top that can be read, or is named. What is made anew by design (the
//! next replica set, each run of a workflow) has the id of what makes it.

use std::collections::HashMap;

use plimsoll_model::Text;

use crate::estate::Estate;
use crate::normalise::pods::{Group, Key};
use crate::wire::{Map, Owner};

/// How far owners are followed; a longer way is a circle.
const MOST: usize = 8;

/// What a kind's objects are made by, as a label of theirs names it: kind, label, kind of the maker. The first that is there
/// decides. For who is not owned by its maker, and for makers that may not be read.
const MAKERS: &[(&str, &str, &str)] = &[
    (
        "Workflow",
        "workflows.argoproj.io/cron-workflow",
        "CronWorkflow",
    ),
    (
        "Workflow",
        "workflows.argoproj.io/cluster-workflow-template",
        "ClusterWorkflowTemplate",
    ),
    (
        "Workflow",
        "workflows.argoproj.io/workflow-template",
        "WorkflowTemplate",
    ),
    ("PipelineRun", "tekton.dev/pipeline", "Pipeline"),
    ("TaskRun", "tekton.dev/pipeline", "Pipeline"),
    ("TaskRun", "tekton.dev/task", "Task"),
    ("TaskRun", "tekton.dev/clusterTask", "ClusterTask"),
    (
        "ReplicationController",
        "deploymentconfig",
        "DeploymentConfig",
    ),
    (
        "EphemeralRunner",
        "actions.github.com/scale-set-name",
        "AutoscalingRunnerSet",
    ),
    ("Revision", "serving.knative.dev/service", "Service"),
    (
        "Revision",
        "serving.knative.dev/configuration",
        "Configuration",
    ),
];

/// What makes an object of this kind with these labels.
fn maker(kind: &str, labels: &Map<Text>) -> Option<(Text, Text)> {
    let own = MAKERS.iter().filter(|(of, ..)| *of == kind);
    let mut found = own.filter_map(|(_, label, maker)| {
        let name = labels.get(*label).filter(|name| !name.is_empty())?;
        Some((Text::from(*maker), name.clone()))
    });
    found.next()
}

/// What stands above an object.
#[derive(Default)]
struct Above {
    owner: Option<(Text, Text)>,
    /// What is above it for good: it is made anew by that.
    maker: Option<(Text, Text)>,
}

impl Above {
    fn of(
        kind: &str,
        owner: Option<&Owner>,
        labels: Option<&Map<Text>>,
        generate_name: Option<&Text>,
    ) -> Self {
        // What a node keeps is no node's part.
        let owner = owner.filter(|owner| owner.kind != "Node");
        let owner = owner.map(|owner| (owner.kind.clone(), owner.name.clone()));
        let made_up = || {
            let name = made_up(generate_name?)?;
            Some((kind.into(), name))
        };
        let maker = labels.and_then(|labels| maker(kind, labels));
        let maker = maker.or_else(|| made_up().filter(|_| owner.is_none()));
        Self { owner, maker }
    }
}

/// What all objects are called whose names are made up from the same beginning.
fn made_up(generate_name: &str) -> Option<Text> {
    let start = generate_name.trim_end_matches('-');
    (!start.is_empty()).then(|| Text::from(format!("{start}-*")))
}

/// The objects that stand between pods and their tops.
pub(crate) struct Tops {
    above: HashMap<Key, Above>,
}

impl Tops {
    /// All that were read.
    pub(crate) fn of(estate: &Estate) -> Self {
        let mut above = HashMap::new();
        for (kind, links) in [
            ("ReplicaSet", &estate.replica_sets),
            ("ReplicationController", &estate.controllers),
        ] {
            for meta in links.items().map(|one| &one.metadata) {
                let key = (meta.space().into(), kind.into(), meta.name.clone());
                above.insert(key, Above::of(kind, meta.controller(), None, None));
            }
        }
        for meta in estate.jobs.items().map(|one| &one.metadata) {
            let key = (meta.space().into(), "Job".into(), meta.name.clone());
            let generate_name = meta.generate_name.as_ref();
            let one = Above::of("Job", meta.controller(), Some(&meta.labels), generate_name);
            above.insert(key, one);
        }
        for (kind, runs) in &estate.runs {
            for meta in runs.items().map(|one| &one.metadata) {
                let key = (meta.space().into(), (*kind).into(), meta.name.clone());
                let generate_name = meta.generate_name.as_ref();
                let one = Above::of(kind, meta.controller(), Some(&meta.labels), generate_name);
                above.insert(key, one);
            }
        }
        // A deployment is its own top, but for those that are made for a version of something.
        for meta in estate.deployments.items().map(|one| &one.metadata) {
            let owner = meta.controller().filter(|owner| owner.kind == "Revision");
            let maker = owner.and_then(|owner| maker(&owner.kind, &meta.labels));
            if let Some(maker) = maker {
                let key = (meta.space().into(), "Deployment".into(), meta.name.clone());
                let one = Above {
                    owner: None,
                    maker: Some(maker),
                };
                above.insert(key, one);
            }
        }
        Self { above }
    }

    /// The top of an object.
    pub(crate) fn of_object(&self, space: &str, kind: &str, name: &str) -> Key {
        let mut key: Key = (space.into(), kind.into(), name.into());
        for _ in 0..MOST {
            let Some(above) = self.above.get(&key) else {
                break;
            };
            let Some((kind, name)) = above.owner.clone().or_else(|| above.maker.clone()) else {
                break;
            };
            key = (key.0, kind, name);
        }
        key
    }

    /// The top of the pods of a keeper.
    pub(crate) fn of_group(&self, key: &Key, group: &Group) -> Key {
        let top = self.of_object(&key.0, &key.1, &key.2);
        let labels = group.example.as_ref().map(|meta| &meta.labels);
        self.settle(top, labels, group.ends())
    }

    /// The top of a job.
    pub(crate) fn of_job(&self, space: &str, name: &str) -> Key {
        self.settle(self.of_object(space, "Job", name), None, true)
    }

    /// Where a top cannot be read: what its pods' labels name; and where these run to an end, and its name ends in signs of chance
    /// or a number as those that are made up do, all that begin alike.
    fn settle(&self, top: Key, labels: Option<&Map<Text>>, ends: bool) -> Key {
        if self.above.contains_key(&top) || READ.contains(&top.1.as_str()) {
            return top;
        }
        let (space, kind, name) = top;
        if let Some((kind, name)) = labels.and_then(|labels| maker(&kind, labels)) {
            return (space, kind, name);
        }
        let name = chance(&name).filter(|_| ends).unwrap_or(name);
        (space, kind, name)
    }
}

/// The kinds whose names are read, or given by people.
const READ: &[&str] = &[
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "Job",
    "CronJob",
    "DeploymentConfig",
    "Rollout",
    "CronWorkflow",
    "WorkflowTemplate",
    "ClusterWorkflowTemplate",
    "Pipeline",
    "Task",
    "ClusterTask",
];

/// A name without what the server put behind it (five signs, of which none makes a word) or a maker (a time).
pub(crate) fn chance(name: &str) -> Option<Text> {
    let (start, end) = name.rsplit_once('-')?;
    let is_sign = |byte: u8| b"bcdfghjklmnpqrstvwxz2456789".contains(&byte);
    let is_chance = end.len() == 5 && end.bytes().all(is_sign);
    let is_time = end.len() >= 8 && end.bytes().all(|byte| byte.is_ascii_digit());
    ((is_chance || is_time) && !start.is_empty()).then(|| Text::from(format!("{start}-*")))
}

/// What a pod that nobody keeps is called: by the beginning of its name, where the rest is made up.
pub(crate) fn of_bare(generate_name: Option<&Text>) -> Option<Text> {
    made_up(generate_name?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_made_up_are_told_from_given_ones() {
        for (name, start) in [
            ("nightly-x7k2p", Some("nightly-*")),
            ("nightly-1764547200", Some("nightly-*")),
            ("nightly-20261201", Some("nightly-*")),
            ("nightly-build", None),
            ("shop-web", None),
            ("shop-2", None),
            ("x7k2p", None),
        ] {
            assert_eq!(chance(name).as_deref(), start, "{name}");
        }
    }

    #[test]
    fn labels_name_who_made_it() {
        let labels = |name: &str| {
            let row = (Text::from(name), Text::from("build"));
            Map([row].into())
        };
        let found = |kind: &str, label: &str| {
            maker(kind, &labels(label)).map(|(kind, name)| format!("{kind}/{name}"))
        };
        assert_eq!(
            found("TaskRun", "tekton.dev/pipeline").as_deref(),
            Some("Pipeline/build")
        );
        assert_eq!(
            found("Workflow", "workflows.argoproj.io/workflow-template").as_deref(),
            Some("WorkflowTemplate/build")
        );
        assert_eq!(found("Deployment", "tekton.dev/pipeline"), None);
    }
}
