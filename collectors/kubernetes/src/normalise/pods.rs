//! Pods, folded into what keeps them while they are read: no pod outlives its page.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher, Hash, Hasher};
use std::marker::PhantomData;

use plimsoll_kit::image::without_credentials;
use plimsoll_model::Text;

use crate::list::{Fold, Page};
use crate::wire::{self, Broken, Head, Map, Meta, Pod, PodSpec, Short, Status, WireError};

/// The kinds that keep pods and have a template that is read, so that the pods' own metadata is not needed.
const TEMPLATED: &[&str] = &["ReplicaSet", "StatefulSet", "DaemonSet", "Job"];

/// The most shapes of one keeper's pods that are kept whole; more are kept as far as they tell what they may do.
const MOST_WHOLE: usize = 32;
/// The most that are kept at all.
const MOST_SHAPES: usize = 1024;

/// What keeps a pod directly: namespace, kind and name.
pub(crate) type Key = (Text, Text, Text);

/// All pods, by what keeps them.
#[derive(Default)]
pub(crate) struct Pods {
    /// The pods of each keeper.
    pub(crate) groups: HashMap<Key, Group>,
    /// The pods that nothing keeps, or the machine itself.
    pub(crate) bare: Vec<Bare>,
    /// Tells parts of pods apart; with a key of its own, so that nobody can make two alike.
    hashes: RandomState,
    count: usize,
}

/// A pod that nothing keeps.
pub(crate) struct Bare {
    pub(crate) meta: Meta,
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
    /// The specifications that they have, each once.
    pub(crate) shapes: Vec<Shape>,
    /// Whether there were more than are kept.
    pub(crate) has_more_shapes: bool,
    /// The sets of labels of those that have not ended, each once.
    pub(crate) labels: BTreeMap<u64, Map<Text>>,
    /// The first pod's own metadata, where no template is read.
    pub(crate) example: Option<Box<Meta>>,
    by_hash: HashMap<u64, usize>,
}

/// A specification that some pods have.
#[derive(Clone)]
pub(crate) struct Shape {
    pub(crate) spec: Box<PodSpec>,
    /// Whether one of them has not ended.
    pub(crate) is_live: bool,
    /// Whether no more is known of it than what it may do.
    pub(crate) is_stripped: bool,
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
        let hash = {
            let mut hasher = self.hashes.build_hasher();
            short.hash(&name, &mut hasher);
            pod.status()
                .into_iter()
                .flat_map(Status::ended)
                .for_each(|one| one.hash(&mut hasher));
            hasher.finish()
        };
        let labels = head.labels.map_or("", |raw| raw.get());
        let taken = Taken {
            hash,
            labels: self.hashes.hash_one(labels),
            name: &name,
            head: &head,
            short: &short,
            pod,
        };
        let Some(owner) = owner else {
            let meta = pod.meta().map_err(named)?;
            let mut group = Group::default();
            let own_name = meta.generate_name.is_none();
            group.take(&taken, own_name).map_err(named)?;
            self.bare.push(Bare { meta, group });
            return Ok(());
        };
        let key = (
            space.clone(),
            Text::from(owner.kind.as_ref()),
            Text::from(owner.name.as_ref()),
        );
        let templated = TEMPLATED.contains(&owner.kind.as_ref());
        let group = self.groups.entry(key).or_default();
        if !templated {
            // The first by name, so that the order of the list does not show.
            let first = group.example.as_ref();
            if first.is_none_or(|example| name < example.name) {
                group.example = Some(Box::new(pod.meta().map_err(named)?));
            }
        }
        group.take(&taken, templated).map_err(named)
    }
}

/// A pod while it is taken in.
struct Taken<'p, 'a> {
    hash: u64,
    labels: u64,
    name: &'p Text,
    head: &'p Head<'a>,
    short: &'p Short<'a>,
    pod: &'p Pod<'a>,
}

impl Group {
    fn take(&mut self, taken: &Taken<'_, '_>, templated: bool) -> Result<(), WireError> {
        let status = taken.pod.status();
        let phase = status.and_then(|status| status.phase.as_deref());
        let ended = matches!(phase, Some("Succeeded" | "Failed"));
        let at = match self.by_hash.get(&taken.hash) {
            Some(at) => *at,
            None => {
                let at = self.add_shape(taken, templated)?;
                self.by_hash.insert(taken.hash, at);
                at
            }
        };
        if phase == Some("Running") {
            self.running += 1;
        }
        if let Some(node) = taken.short.node_name.as_deref().filter(|_| !ended) {
            self.nodes.insert(node.into());
        }
        if !ended {
            let labels = self.labels.entry(taken.labels);
            labels.or_insert_with(|| taken.head.label_map());
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
        let Some(shape) = self.shapes.get_mut(at) else {
            return Ok(());
        };
        shape.is_live |= !ended;
        let spec = &shape.spec;
        for (asked, runs) in [(&spec.containers, runs), (&spec.init_containers, init)] {
            for asked in asked.iter() {
                let run = runs.iter().find(|run| run.name == asked.name.as_str());
                let id = run
                    .and_then(|run| run.image_id.as_deref())
                    .unwrap_or_default();
                let image = without_credentials(asked.image.as_deref().unwrap_or_default());
                add(into, &asked.name, image, id, taken.name);
            }
        }
        if taken.short.has_ephemeral() {
            for extra in taken.pod.spec()?.ephemeral_containers.iter() {
                let image = extra.image.clone().unwrap_or_default();
                let debugged = (taken.name.clone(), extra.name.clone(), image);
                self.debugged.insert(debugged);
            }
        }
        Ok(())
    }

    /// Keeps a specification that was not seen before, and says where.
    fn add_shape(&mut self, taken: &Taken<'_, '_>, templated: bool) -> Result<usize, WireError> {
        let mut spec = Box::new(taken.pod.spec()?);
        let over: Vec<&str> = taken
            .pod
            .status()
            .into_iter()
            .flat_map(Status::ended)
            .collect();
        let put_in = &mut spec.ephemeral_containers.0;
        put_in.retain(|one| !over.contains(&one.name.as_str()));
        spec.forget_token();
        if !templated {
            spec.forget_name(taken.name);
        }
        let is_stripped = self.shapes.len() >= MOST_WHOLE;
        if is_stripped {
            spec.strip(taken.name);
            let alike = |one: &Shape| one.is_stripped && one.spec == spec;
            if let Some(at) = self.shapes.iter().position(alike) {
                return Ok(at);
            }
        }
        if self.shapes.len() >= MOST_SHAPES {
            self.has_more_shapes = true;
            return Ok(MOST_SHAPES);
        }
        self.shapes.push(Shape {
            spec,
            is_live: false,
            is_stripped,
        });
        Ok(self.shapes.len() - 1)
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
        let first = |one: &Meta| {
            self.example
                .as_ref()
                .is_none_or(|mine| one.name < mine.name)
        };
        if let Some(theirs) = other.example.filter(|theirs| first(theirs)) {
            self.example = Some(theirs);
        }
        // Hashes are of one reading of the pods, so the same of both.
        self.labels.extend(other.labels);
        self.has_more_shapes |= other.has_more_shapes;
        for mut theirs in other.shapes {
            let alike = |mine: &&mut Shape| mine.spec == theirs.spec;
            if let Some(mine) = self.shapes.iter_mut().find(alike) {
                mine.is_live |= theirs.is_live;
                continue;
            }
            if self.shapes.len() >= MOST_WHOLE && !theirs.is_stripped {
                theirs.spec.strip("");
                theirs.is_stripped = true;
            }
            if self.shapes.len() >= MOST_SHAPES {
                self.has_more_shapes = true;
            } else {
                self.shapes.push(theirs);
            }
        }
    }

    /// The specifications of what runs; of what has ended too, where `ended` is true.
    pub(crate) fn specs(&self, ended: bool) -> impl Iterator<Item = &PodSpec> {
        let shapes = self.shapes.iter().filter(move |one| one.is_live || ended);
        shapes.map(|one| one.spec.as_ref())
    }

    /// Whether its pods run to an end, and are not started again for ever.
    pub(crate) fn ends(&self) -> bool {
        let mut policies = self.shapes.iter().map(|one| &one.spec.restart_policy);
        policies.any(|policy| policy.as_deref().is_some_and(|policy| policy != "Always"))
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
        assert_eq!(group.example.as_ref().unwrap().name, "kafka-0");
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

    /// A pod with a container of this image and these words, and what the server puts in.
    fn like(number: usize, owner: &str, image: &str, word: &str) -> String {
        let signs = b"bcdfghjklmnpqrstvwxz";
        let sign =
            |at: usize| char::from(signs[(number / signs.len().pow(at as u32)) % signs.len()]);
        let token: String = (0..5).map(sign).collect();
        format!(
            r#"{{"metadata":{{"name":"db-{number}","namespace":"shop","labels":{{"app":"db"}},"ownerReferences":[{owner}]}},
            "spec":{{"containers":[{{"name":"db","image":"{image}","args":["{word}"],"volumeMounts":[{{"name":"kube-api-access-{token}","mountPath":"/t"}}]}}],
            "volumes":[{{"name":"data","persistentVolumeClaim":{{"claimName":"data-db-{number}"}}}},{{"name":"kube-api-access-{token}","projected":{{"sources":[]}}}}]}},
            "status":{{"phase":"Running"}}}}"#
        )
    }

    fn group(all: &[String]) -> Group {
        let (pods, page) = fold(all);
        assert!(page.broken.is_empty(), "{:?}", page.broken);
        pods.groups.into_values().next().unwrap()
    }

    const STATEFUL: &str = r#"{"kind":"StatefulSet","name":"db","controller":true}"#;

    #[test]
    fn pods_made_alike_are_one_shape_whatever_is_their_own() {
        let all: Vec<String> = (0..300).map(|at| like(at, STATEFUL, "db", "x")).collect();
        let one = group(&all);
        assert_eq!((one.shapes.len(), one.labels.len()), (1, 1));
        assert!(
            one.shapes[0]
                .spec
                .volumes
                .iter()
                .all(|one| one.name == "data")
        );
        let mut other = all;
        other.push(like(300, STATEFUL, "db", "y"));
        assert_eq!(group(&other).shapes.len(), 2);
    }

    #[test]
    fn pods_that_are_all_different_meet_a_cap_and_are_not_called_harmless() {
        let told: Vec<String> = (0..1100)
            .map(|at| like(at, STATEFUL, "db", &format!("word {at}")))
            .collect();
        let one = group(&told);
        assert_eq!(
            one.shapes.len(),
            MOST_WHOLE + 1,
            "their words are all that differs"
        );
        assert!(!one.has_more_shapes);
        let other: Vec<String> = (0..1100)
            .map(|at| like(at, STATEFUL, &format!("db:{at}"), "x"))
            .collect();
        let one = group(&other);
        assert_eq!(one.shapes.len(), MOST_SHAPES);
        assert!(one.has_more_shapes);
    }

    #[test]
    fn what_a_keeper_writes_a_pods_name_into_is_the_same_for_the_next() {
        let owner = r#"{"kind":"Cluster","name":"pg","controller":true}"#;
        let one = |name: &str| {
            let pod = format!(
                r#"{{"metadata":{{"name":"{name}","namespace":"shop","ownerReferences":[{owner}]}},"spec":{{"containers":[{{"name":"pg","env":[{{"name":"POD","value":"{name}.pg"}}]}}]}}}}"#
            );
            format!("{:?}", group(&[pod]).shapes[0].spec)
        };
        assert_eq!(one("cluster-1"), one("cluster-4"));
    }
}
