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
/// When a cron job ran last, in minutes as its controller names the job.
const LAST_RUN: &str = "29800000";

/// The controllers of one cluster.
pub(crate) struct Controllers {
    pub(super) api: Api,
    nodes: Vec<Node>,
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

    fn write_status(&mut self, pod: &Value, status: fn(&Value, &dyn Fn(&str) -> String) -> Value) {
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

    /// The replica set of a deployment's template; those of its former ones have no replicas from now on.
    fn replica_set(&mut self, deployment: &Value) -> Value {
        let metadata = &deployment["metadata"];
        let (namespace, name) = (text(&metadata["namespace"]), text(&metadata["name"]));
        let mut template = deployment["spec"]["template"].clone();
        let hash = short_hash(&template.to_string(), 10);
        let sets = format!("/apis/apps/v1/namespaces/{namespace}/replicasets");
        let mut current = None;
        for mut set in self.api.list(&sets) {
            if set["metadata"]["ownerReferences"][0]["uid"] != metadata["uid"] {
                continue;
            }
            let is_current = set["metadata"]["labels"]["pod-template-hash"] == hash.as_str();
            let wanted = match is_current {
                true => deployment["spec"]["replicas"].clone(),
                false => json!(0),
            };
            if set["spec"]["replicas"] != wanted {
                set["spec"]["replicas"] = wanted;
                let path = format!("{sets}/{}{MANAGER}", text(&set["metadata"]["name"]));
                set = self.api.replace(&path, &set);
            }
            if is_current {
                current = Some(set);
            }
        }
        if let Some(set) = current {
            return set;
        }
        template["metadata"]["labels"]["pod-template-hash"] = json!(hash);
        let mut selector = deployment["spec"]["selector"].clone();
        selector["matchLabels"]["pod-template-hash"] = json!(hash);
        let set = json!({
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": format!("{name}-{hash}"),
                "namespace": namespace,
                "labels": template["metadata"]["labels"],
                "annotations": {"deployment.kubernetes.io/revision": "1"},
                "ownerReferences": [reference(deployment, "apps/v1", "Deployment")],
            },
            "spec": {"replicas": deployment["spec"]["replicas"], "selector": selector, "template": template},
        });
        self.api.create(&format!("{sets}{MANAGER}"), &set)
    }

    /// The garbage collector: what was made for an owner goes with it.
    fn collect_garbage(&mut self) {
        let owners = ["/apis/apps/v1/deployments", "/apis/batch/v1/cronjobs"];
        let owners: BTreeSet<String> = owners
            .iter()
            .flat_map(|path| self.api.list(path))
            .map(|owner| text(&owner["metadata"]["uid"]).to_owned())
            .collect();
        for path in ["apps/v1/replicasets", "batch/v1/jobs"] {
            let (group, resource) = path.rsplit_once('/').unwrap();
            for object in self.api.list(&format!("/apis/{path}")) {
                let metadata = &object["metadata"];
                let owner = &metadata["ownerReferences"][0]["uid"];
                if owner.is_string() && !owners.contains(text(owner)) {
                    let (namespace, name) = (text(&metadata["namespace"]), text(&metadata["name"]));
                    self.api.delete(&format!(
                        "/apis/{group}/namespaces/{namespace}/{resource}/{name}"
                    ));
                }
            }
        }
    }

    /// Each cron job has run once.
    fn run_cron_jobs(&mut self) {
        for cron in self.api.list("/apis/batch/v1/cronjobs") {
            let metadata = &cron["metadata"];
            let (namespace, name) = (text(&metadata["namespace"]), text(&metadata["name"]));
            let template = &cron["spec"]["jobTemplate"];
            let job = json!({
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {
                    "name": format!("{name}-{LAST_RUN}"),
                    "labels": template["metadata"]["labels"],
                    "ownerReferences": [reference(&cron, "batch/v1", "CronJob")],
                },
                "spec": template["spec"],
            });
            let path = format!("/apis/batch/v1/namespaces/{namespace}/jobs{MANAGER}");
            // It is there already, mostly.
            self.api.send("POST", &path, Some(&job));
        }
    }

    /// A job has done its work.
    fn complete(&mut self, job: &Value) {
        if job["status"]["succeeded"].is_u64() {
            return;
        }
        let (mut job, metadata) = (job.clone(), &job["metadata"]);
        let time = &metadata["creationTimestamp"];
        let condition = |kind: &str| {
            json!({
                "type": kind, "status": "True", "reason": "CompletionsReached", "lastProbeTime": time,
                "lastTransitionTime": time,
            })
        };
        job["status"] = json!({
            "startTime": time, "completionTime": time, "succeeded": 1, "ready": 0, "terminating": 0,
            "uncountedTerminatedPods": {},
            "conditions": [condition("SuccessCriteriaMet"), condition("Complete")],
        });
        let path = format!(
            "/apis/batch/v1/namespaces/{}/jobs/{}/status{MANAGER}",
            text(&metadata["namespace"]),
            text(&metadata["name"])
        );
        self.api.replace(&path, &job);
    }

    /// An autoscaler sets how many replicas a deployment has.
    pub(crate) fn scale(&mut self, namespace: &str, deployment: &str, replicas: u32) {
        let path =
            format!("/apis/apps/v1/namespaces/{namespace}/deployments/{deployment}/scale{MANAGER}");
        self.api
            .patch(&path, &json!({"spec": {"replicas": replicas}}));
        self.reconcile();
    }

    /// What the controllers say of the workloads: all replicas are there and ready.
    fn statuses(&mut self) {
        let nodes = self.nodes.len();
        for resource in ["deployments", "statefulsets", "daemonsets"] {
            for mut object in self.api.list(&format!("/apis/apps/v1/{resource}")) {
                let count = object["spec"]["replicas"].as_u64().unwrap_or(1);
                let generation = object["metadata"]["generation"].clone();
                object["status"] = match resource {
                    "daemonsets" => json!({
                        "currentNumberScheduled": nodes, "desiredNumberScheduled": nodes, "numberAvailable": nodes,
                        "numberMisscheduled": 0, "numberReady": nodes, "updatedNumberScheduled": nodes,
                        "observedGeneration": generation,
                    }),
                    _ => json!({
                        "replicas": count, "readyReplicas": count, "availableReplicas": count,
                        "updatedReplicas": count, "observedGeneration": generation,
                    }),
                };
                let metadata = &object["metadata"];
                let path = format!(
                    "/apis/apps/v1/namespaces/{}/{resource}/{}/status{MANAGER}",
                    text(&metadata["namespace"]),
                    text(&metadata["name"])
                );
                self.api.replace(&path, &object);
            }
        }
    }

    /// A cloud's controller gives each load balancer an address: a private one where it was asked to, a public one else.
    fn balancers(&mut self) {
        for mut service in self.api.list("/api/v1/services") {
            if service["spec"]["type"] != "LoadBalancer" {
                continue;
            }
            let metadata = &service["metadata"];
            let (namespace, name) = (text(&metadata["namespace"]), text(&metadata["name"]));
            let annotations = metadata["annotations"].as_object();
            let internal = annotations
                .is_some_and(|all| all.iter().any(|(key, _)| key.contains("load-balancer-")));
            let net = if internal { "10.0.1" } else { "203.0.113" };
            let host = blake3::hash(format!("{namespace}/{name}").as_bytes()).as_bytes()[0];
            let status = json!({"loadBalancer": {"ingress": [{"ip": format!("{net}.{host}"), "ipMode": "VIP"}]}});
            if service["status"]["loadBalancer"] == status["loadBalancer"] {
                continue;
            }
            let path = format!(
                "/api/v1/namespaces/{namespace}/services/{name}/status?fieldManager=cloud-controller-manager"
            );
            service["status"] = status;
            self.api.replace(&path, &service);
        }
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
