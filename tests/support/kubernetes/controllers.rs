//! Plays the controllers of a cluster and the kubelets of its nodes: workloads get their pods, claims their volumes.
//!
//! All of it is written through the API, under the names of those whose part it is, and is the same at every run.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::node::Node;
use super::pods::{Owner, digest, pod, running, short_hash, succeeded};
use super::{Api, Kubernetes, volumes};

/// Who writes what controllers write.
pub(super) const MANAGER: &str = "?fieldManager=kube-controller-manager";

/// Makes a pod's status, given what tells an image's digest.
type Status = fn(&Value, &dyn Fn(&str) -> String) -> Value;

/// The controllers of one cluster.
pub(crate) struct Controllers {
    pub(super) api: Api,
    pub(super) nodes: Vec<Node>,
    /// How often a registry's tag was moved.
    moved: BTreeMap<String, u32>,
    /// Pods are on other nodes, under other names, in each.
    generation: u32,
}

impl Controllers {
    /// Those of a cluster with nodes.
    pub(crate) fn of(kubernetes: &Kubernetes, nodes: Vec<Node>) -> Self {
        let mut api = kubernetes.admin_api();
        for node in &nodes {
            node.join(&mut api);
        }
        Self {
            api,
            nodes,
            moved: BTreeMap::new(),
            generation: 0,
        }
    }

    /// Every node's heartbeat.
    pub(crate) fn beat(&mut self) {
        for node in &self.nodes {
            node.beat(&mut self.api);
        }
    }

    /// A node leaves, and its pods are made anew on others.
    pub(crate) fn remove_node(&mut self, name: &str) {
        let at = self.nodes.iter().position(|node| node.name == name);
        let node = self.nodes.remove(at.expect("a node of that name"));
        node.leave(&mut self.api);
        self.reconcile();
    }

    /// The namespace controller ends a namespace that is being deleted, and in which a deployment with its account and map is all.
    pub(crate) fn end_namespace(&mut self, name: &str) {
        let path = format!("/api/v1/namespaces/{name}");
        let kinds = [
            "apis/apps/v1/namespaces/{}/deployments",
            "apis/apps/v1/namespaces/{}/replicasets",
            "api/v1/namespaces/{}/pods",
            "api/v1/namespaces/{}/serviceaccounts",
            "api/v1/namespaces/{}/configmaps",
        ];
        for kind in kinds {
            let list = format!("/{}", kind.replace("{}", name));
            for item in self.api.list(&list) {
                let name = text(&item["metadata"]["name"]);
                self.api.delete(&format!("{list}/{name}"));
            }
        }
        let mut namespace = self.api.get(&path);
        namespace["spec"]["finalizers"] = json!([]);
        self.api.replace(&format!("{path}/finalize"), &namespace);
    }

    /// A registry gives another image under a tag, from the next pull on.
    pub(crate) fn move_tag(&mut self, image: &str) {
        *self.moved.entry(image.to_owned()).or_default() += 1;
    }

    /// Every pod is made anew on another node.
    pub(crate) fn reschedule(&mut self) {
        self.generation += 1;
        self.reconcile();
    }

    /// A pod is evicted, and another takes its place and pulls its images anew; gives the new one's name.
    pub(crate) fn evict(&mut self, namespace: &str, owner: &str) {
        let pods = self
            .api
            .list(&format!("/api/v1/namespaces/{namespace}/pods"));
        let pod = pods
            .iter()
            .find(|pod| text(&pod["metadata"]["name"]).starts_with(owner));
        let name = text(&pod.expect("a pod of that owner")["metadata"]["name"]);
        self.api
            .delete(&format!("/api/v1/namespaces/{namespace}/pods/{name}"));
        self.reconcile();
    }

    /// An autoscaler sets how many replicas a deployment has.
    pub(crate) fn scale(&mut self, namespace: &str, deployment: &str, replicas: u32) {
        let path =
            format!("/apis/apps/v1/namespaces/{namespace}/deployments/{deployment}/scale{MANAGER}");
        self.api
            .patch(&path, &json!({"spec": {"replicas": replicas}}));
        self.reconcile();
    }

    /// Makes everything as it is declared.
    pub(crate) fn reconcile(&mut self) {
        self.namespaces();
        self.collect_garbage();
        let expected = self.expected();
        let pods = self.api.list("/api/v1/pods");
        let mut present = BTreeSet::new();
        for pod in &pods {
            let metadata = &pod["metadata"];
            let key = (
                text(&metadata["namespace"]).to_owned(),
                text(&metadata["name"]).to_owned(),
            );
            let owned = metadata["ownerReferences"][0].is_object();
            let wanted = expected.get(&key).is_some_and(|wanted| {
                wanted.spec["nodeName"] == pod["spec"]["nodeName"]
                    && wanted.revision == text(&metadata["labels"]["controller-revision-hash"])
            });
            let on_node = self
                .nodes
                .iter()
                .any(|node| pod["spec"]["nodeName"] == node.name.as_str());
            if owned && (!wanted || !on_node) {
                let (namespace, name) = &key;
                self.api
                    .delete(&format!("/api/v1/namespaces/{namespace}/pods/{name}"));
            } else {
                if !owned && pod["status"]["phase"] != "Running" {
                    self.start(pod);
                }
                present.insert(key);
            }
        }
        for ((namespace, name), wanted) in &expected {
            if present.contains(&(namespace.clone(), name.clone())) {
                continue;
            }
            let object = pod(namespace, name, wanted);
            let path = format!("/api/v1/namespaces/{namespace}/pods{MANAGER}");
            let made = self.api.create(&path, &object);
            if wanted.ends {
                self.write_status(&made, |pod, digests| succeeded(pod, digests));
            } else {
                self.start(&made);
            }
        }
        volumes::bind(&mut self.api);
        self.statuses();
        self.balancers();
    }

    /// A kubelet pulls a pod's images and runs it.
    fn start(&mut self, pod: &Value) {
        self.write_status(pod, |pod, digests| running(pod, digests));
    }

    fn write_status(&mut self, pod: &Value, status: Status) {
        let mut pod = pod.clone();
        if !pod["spec"]["nodeName"].is_string() {
            return self.schedule(&pod);
        }
        let digests = |image: &str| digest(image, self.moved.get(image).copied().unwrap_or(0));
        pod["status"] = status(&pod, &digests);
        let metadata = &pod["metadata"];
        let path = format!(
            "/api/v1/namespaces/{}/pods/{}/status?fieldManager=kubelet",
            text(&metadata["namespace"]),
            text(&metadata["name"])
        );
        self.api.replace(&path, &pod);
    }

    /// Binds a pod that nobody owns to the first node, and starts it.
    fn schedule(&mut self, pod: &Value) {
        let metadata = &pod["metadata"];
        let path = format!(
            "/api/v1/namespaces/{}/pods/{}",
            text(&metadata["namespace"]),
            text(&metadata["name"])
        );
        let node = &self.nodes.first().expect("a node").name;
        let binding = json!({
            "apiVersion": "v1", "kind": "Binding", "metadata": {"name": metadata["name"]},
            "target": {"apiVersion": "v1", "kind": "Node", "name": node},
        });
        self.api.create(&format!("{path}/binding"), &binding);
        let bound = self.api.get(&path);
        self.start(&bound);
    }

    /// Each namespace has its default service account and the authority's certificate.
    fn namespaces(&mut self) {
        for namespace in self.api.list("/api/v1/namespaces") {
            let name = text(&namespace["metadata"]["name"]);
            let path = format!("/api/v1/namespaces/{name}");
            let account = json!({"metadata": {"name": "default"}});
            let accounts = format!("{path}/serviceaccounts{MANAGER}");
            self.api.send("POST", &accounts, Some(&account));
            let certificate =
                json!({"metadata": {"name": "kube-root-ca.crt"}, "data": {"ca.crt": "…"}});
            let maps = format!("{path}/configmaps{MANAGER}");
            self.api.send("POST", &maps, Some(&certificate));
        }
    }

    /// The pods that there should be, by namespace and name.
    fn expected(&mut self) -> BTreeMap<(String, String), Owner> {
        let mut expected = BTreeMap::new();
        for deployment in self.api.list("/apis/apps/v1/deployments") {
            let set = self.replica_set(&deployment);
            let revision = text(&set["metadata"]["labels"]["pod-template-hash"]).to_owned();
            let count = deployment["spec"]["replicas"].as_u64().unwrap_or(1);
            for number in 0..count {
                let mut owner = Owner::new(&set, "apps/v1", "ReplicaSet", &set["spec"]["template"]);
                owner.revision.clear();
                let seed = format!("{revision}/{number}/{}", self.generation);
                let name = format!(
                    "{}-{}",
                    text(&set["metadata"]["name"]),
                    short_hash(&seed, 5)
                );
                self.place(&mut owner, number);
                expected.insert((owner.namespace.clone(), name), owner);
            }
        }
        for set in self.api.list("/apis/apps/v1/statefulsets") {
            for number in 0..set["spec"]["replicas"].as_u64().unwrap_or(1) {
                let mut owner =
                    Owner::new(&set, "apps/v1", "StatefulSet", &set["spec"]["template"]);
                let name = format!("{}-{number}", text(&set["metadata"]["name"]));
                volumes::claims(&mut self.api, &set, &name, &mut owner);
                self.place(&mut owner, number);
                expected.insert((owner.namespace.clone(), name), owner);
            }
        }
        for set in self.api.list("/apis/apps/v1/daemonsets") {
            for node in &self.nodes {
                let mut owner = Owner::new(&set, "apps/v1", "DaemonSet", &set["spec"]["template"]);
                owner.spec["nodeName"] = json!(node.name);
                let seed = format!("{}/{}/{}", owner.revision, node.name, self.generation);
                let name = format!(
                    "{}-{}",
                    text(&set["metadata"]["name"]),
                    short_hash(&seed, 5)
                );
                expected.insert((owner.namespace.clone(), name), owner);
            }
        }
        self.run_cron_jobs();
        for job in self.api.list("/apis/batch/v1/jobs") {
            self.complete(&job);
            let mut owner = Owner::new(&job, "batch/v1", "Job", &job["spec"]["template"]);
            owner.ends = true;
            owner.revision.clear();
            let name = text(&job["metadata"]["name"]);
            let name = format!("{name}-{}", short_hash(name, 5));
            // What has ended stays where it was.
            let here = self.nodes.first().expect("a node");
            owner.spec["nodeName"] = json!(here.name);
            expected.insert((owner.namespace.clone(), name), owner);
        }
        expected
    }

    fn place(&self, owner: &mut Owner, number: u64) {
        let at = number + u64::from(self.generation);
        let at = usize::try_from(at).unwrap() % self.nodes.len();
        owner.spec["nodeName"] = json!(self.nodes[at].name);
    }
}

/// What an owned object says of its owner.
pub(super) fn reference(owner: &Value, version: &str, kind: &str) -> Value {
    json!({
        "apiVersion": version, "kind": kind, "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"],
        "controller": true, "blockOwnerDeletion": true,
    })
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
