//! Pods, folded into what keeps them while they are read: no pod outlives its page.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::marker::PhantomData;

use plimsoll_model::Text;

use crate::list::{Fold, Page};
use crate::wire::{self, Broken, Meta, Pod, PodSpec, WireError};

/// The kinds that keep pods and have a template that is read, so that the pods' own word is not needed.
const TEMPLATED: &[&str] = &["ReplicaSet", "StatefulSet", "DaemonSet", "Job"];

/// What keeps a pod directly: namespace, kind and name.
pub(crate) type Key = (Text, Text, Text);

/// All pods, by what keeps them.
#[derive(Default)]
pub(crate) struct Pods {
    /// The pods of each keeper.
    pub(crate) groups: HashMap<Key, Group>,
    /// The pods that nothing keeps, or the machine itself.
    pub(crate) bare: Vec<Bare>,
    count: usize,
}

/// A pod that nothing keeps.
pub(crate) struct Bare {
    pub(crate) meta: Meta,
    pub(crate) spec: PodSpec,
    pub(crate) group: Group,
}

/// The pods of one keeper.
#[derive(Clone, Default)]
pub(crate) struct Group {
    /// How many run.
    pub(crate) running: i64,
    /// How often their containers were restarted.
    pub(crate) restarts: i64,
    /// The nodes that they run on.
    pub(crate) nodes: BTreeSet<Text>,
    /// What runs, by container.
    pub(crate) live: BTreeMap<Text, Vec<Run>>,
    /// What ran, by container, of pods that have ended.
    pub(crate) ended: BTreeMap<Text, Vec<Run>>,
    /// Containers that were put into a running pod: pod, container and image.
    pub(crate) debugged: BTreeSet<(Text, Text, Text)>,
    /// A pod's own word, where no template is read.
    pub(crate) example: Option<Box<(Meta, PodSpec)>>,
}

/// One image as it runs, with the pods that run it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// As the pod asks for it.
    pub(crate) asked: Text,
    /// As the kubelet says that it is; empty where it does not say yet.
    pub(crate) id: Text,
    /// The pods.
    pub(crate) pods: Vec<Text>,
}

impl Fold for Pods {
    fn page(&mut self, bytes: &[u8]) -> Result<Page, WireError> {
        let mut broken = Vec::new();
        let mut at = 0;
        let mut page = wire::list(bytes, PhantomData::<Pod<'_>>, |pod| {
            at += 1;
            if let Err(mut one) = self.take(&pod) {
                one.at = at;
                broken.push(one);
            }
        })?;
        page.broken.append(&mut broken);
        Ok(page)
    }

    fn len(&self) -> usize {
        self.count
    }
}

impl Pods {
    fn take(&mut self, pod: &Pod<'_>) -> Result<(), Broken> {
        let unnamed = |error| Broken {
            at: 0,
            namespace: None,
            name: None,
            error,
        };
        let (head, short) = pod.short().map_err(|(named, error)| match named {
            Some((namespace, name)) => Broken {
                at: 0,
                namespace,
                name,
                error,
            },
            None => unnamed(error),
        })?;
        let space: Text = head.namespace.as_deref().unwrap_or_default().into();
        let name: Text = head.name.as_ref().into();
        let named = |error| Broken {
            at: 0,
            namespace: Some(space.clone()),
            name: Some(name.clone()),
            error,
        };
        self.count += 1;
        let owners = head.owner_references.iter().flatten();
        let owner = owners
            .filter(|owner| owner.controller == Some(true))
            // The pods of a machine's own folder: the node keeps them, and it is no workload.
            .find(|owner| owner.kind != "Node");
        let Some(owner) = owner else {
            let (meta, spec) = pod.whole().map_err(named)?;
            let mut group = Group::default();
            group.take(&name, &short, pod);
            self.bare.push(Bare { meta, spec, group });
            return Ok(());
        };
        let key = (
            space.clone(),
            Text::from(owner.kind.as_ref()),
            Text::from(owner.name.as_ref()),
        );
        let group = self.groups.entry(key).or_default();
        if !TEMPLATED.contains(&owner.kind.as_ref()) {
            // The first by name, so that the order of the list does not show.
            let first = group.example.as_ref();
            if first.is_none_or(|example| name < example.0.name) {
                group.example = Some(Box::new(pod.whole().map_err(named)?));
            }
        }
        group.take(&name, &short, pod);
        Ok(())
    }
}

impl Group {
    fn take(&mut self, name: &Text, short: &wire::Short<'_>, pod: &Pod<'_>) {
        let status = pod.status();
        let phase = status.and_then(|status| status.phase.as_deref());
        let ended = matches!(phase, Some("Succeeded" | "Failed"));
        if phase == Some("Running") {
            self.running += 1;
        }
        if let Some(node) = short.node_name.as_deref().filter(|_| !ended) {
            self.nodes.insert(node.into());
        }
        let runs = status.map_or(&[][..], |status| {
            status.container_statuses.as_deref().unwrap_or_default()
        });
        let init = status.map_or(&[][..], |status| {
            status
                .init_container_statuses
                .as_deref()
                .unwrap_or_default()
        });
        for run in runs {
            self.restarts = self.restarts.saturating_add(run.restart_count.unwrap_or(0));
        }
        let into = if ended {
            &mut self.ended
        } else {
            &mut self.live
        };
        for (asked, runs) in [(&short.containers, runs), (&short.init_containers, init)] {
            for asked in asked.iter().flatten() {
                let run = runs.iter().find(|run| run.name == asked.name);
                let id = run
                    .and_then(|run| run.image_id.as_deref())
                    .unwrap_or_default();
                let image = asked.image.as_deref().unwrap_or_default();
                add(into, &asked.name, image, id, name);
            }
        }
        for extra in short.ephemeral_containers.iter().flatten() {
            let image = extra.image.as_deref().unwrap_or_default();
            let debugged = (name.clone(), extra.name.as_ref().into(), image.into());
            self.debugged.insert(debugged);
        }
    }

    /// The pods of two keepers as those of one, as of the replica sets of a deployment.
    pub(crate) fn join(&mut self, other: Group) {
        self.running += other.running;
        self.restarts = self.restarts.saturating_add(other.restarts);
        self.nodes.extend(other.nodes);
        self.debugged.extend(other.debugged);
        for (mine, theirs) in [(&mut self.live, other.live), (&mut self.ended, other.ended)] {
            for (container, runs) in theirs {
                let mine = mine.entry(container).or_default();
                for run in runs {
                    let same = |one: &&mut Run| one.asked == run.asked && one.id == run.id;
                    match mine.iter_mut().find(same) {
                        Some(one) => one.pods.extend(run.pods),
                        None => mine.push(run),
                    }
                }
            }
        }
        if self.example.is_none() {
            self.example = other.example;
        }
    }

    /// What runs; of jobs that have all ended, what ran.
    pub(crate) fn seen(&self) -> &BTreeMap<Text, Vec<Run>> {
        if self.live.is_empty() {
            &self.ended
        } else {
            &self.live
        }
    }
}

fn add(into: &mut BTreeMap<Text, Vec<Run>>, container: &str, asked: &str, id: &str, pod: &Text) {
    let runs = match into.get_mut(container) {
        Some(runs) => runs,
        None => into.entry(container.into()).or_default(),
    };
    match runs
        .iter_mut()
        .find(|run| run.id == id && run.asked == asked)
    {
        Some(run) => run.pods.push(pod.clone()),
        None => runs.push(Run {
            asked: asked.into(),
            id: id.into(),
            pods: vec![pod.clone()],
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(name: &str, owner: &str, image: &str, id: &str, phase: &str) -> String {
        format!(
            r#"{{"metadata":{{"name":"{name}","namespace":"shop","ownerReferences":[{owner}],"annotations":{{"x":"hunter2"}}}},
            "spec":{{"nodeName":"n1","containers":[{{"name":"web","image":"{image}"}}]}},
            "status":{{"phase":"{phase}","containerStatuses":[{{"name":"web","imageID":"{id}","restartCount":2}}]}}}}"#
        )
    }

    fn fold(pods: &[String]) -> (Pods, Page) {
        let mut all = Pods::default();
        let page = all.page(format!(r#"{{"items":[{}]}}"#, pods.join(",")).as_bytes());
        (all, page.unwrap())
    }

    const SET: &str = r#"{"kind":"ReplicaSet","name":"web-1","controller":true}"#;

    #[test]
    fn pods_become_their_keepers_numbers() {
        let (pods, _) = fold(&[
            pod("web-1-a", SET, "web:1", "web@sha256:a", "Running"),
            pod("web-1-b", SET, "web:1", "web@sha256:a", "Running"),
            pod("web-1-c", SET, "web:1", "web@sha256:b", "Pending"),
            pod("web-1-d", SET, "web:1", "web@sha256:c", "Failed"),
        ]);
        let key = ("shop".into(), "ReplicaSet".into(), "web-1".into());
        let group = &pods.groups[&key];
        assert_eq!((group.running, group.restarts), (2, 8));
        assert_eq!(group.live["web"].len(), 2);
        assert_eq!(group.live["web"][0].pods, ["web-1-a", "web-1-b"]);
        assert_eq!(group.ended["web"].len(), 1);
        assert!(group.example.is_none(), "its replica set has the template");
        assert_eq!(pods.len(), 4);
    }

    #[test]
    fn what_nothing_keeps_is_kept_whole() {
        let node = r#"{"kind":"Node","name":"n1","controller":true}"#;
        let (pods, _) = fold(&[
            pod("one", "", "x", "", "Running"),
            pod("etcd-n1", node, "x", "", "Running"),
        ]);
        assert_eq!(pods.bare.len(), 2);
        assert!(pods.groups.is_empty());
    }

    #[test]
    fn a_keeper_that_is_not_read_is_known_by_its_first_pod() {
        let other = r#"{"kind":"StrimziPodSet","name":"kafka","controller":true}"#;
        let (pods, _) = fold(&[
            pod("kafka-1", other, "x", "", "Running"),
            pod("kafka-0", other, "x", "", "Running"),
        ]);
        let group = pods.groups.values().next().unwrap();
        assert_eq!(group.example.as_ref().unwrap().0.name, "kafka-0");
    }

    #[test]
    fn a_broken_pod_is_named_and_the_rest_is_there() {
        let bad = pod("web-1-b", SET, "web:1", "x", "Running")
            .replace(r#""nodeName":"n1""#, r#""nodeName":7"#);
        let (pods, page) = fold(&[pod("web-1-a", SET, "web:1", "x", "Running"), bad]);
        assert_eq!(pods.len(), 1);
        assert_eq!(page.broken[0].name.as_deref(), Some("web-1-b"));
        assert_eq!(page.broken[0].namespace.as_deref(), Some("shop"));
    }
}
