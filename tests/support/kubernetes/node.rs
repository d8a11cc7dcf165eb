//! Nodes, as their kubelets and a cloud's controller write them.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Api;

/// A node of a cluster, whose kubelet is played.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) name: String,
    /// What the cloud calls the machine.
    pub(crate) provider_id: String,
    /// `/etc/machine-id`.
    pub(crate) machine_id: String,
    /// What a node-problem-detector says of its clock; none runs where nothing is said.
    pub(crate) clock_problem: Option<bool>,
    /// How far its own clock is ahead of the API server's.
    pub(crate) clock_ahead: SignedDuration,
}

impl Node {
    /// A node called `name` in a cloud, number `number`, with a clock that is right and that nobody watches.
    pub(crate) fn new(name: &str, number: u32) -> Self {
        Self {
            name: name.to_owned(),
            provider_id: format!("aws:///eu-central-1a/i-0a1b2c3d4e5f6{number:04x}"),
            machine_id: format!("ec2a9f1{number:025x}"),
            clock_problem: None,
            clock_ahead: SignedDuration::ZERO,
        }
    }

    /// Registers it, with its addresses, conditions and lease.
    pub(crate) fn join(&self, api: &mut Api) {
        let zone = "eu-central-1a";
        let node = json!({
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": self.name,
                "labels": {
                    "kubernetes.io/hostname": self.name,
                    "kubernetes.io/os": "linux",
                    "kubernetes.io/arch": "amd64",
                    "node.kubernetes.io/instance-type": "m7i.large",
                    "topology.kubernetes.io/region": "eu-central-1",
                    "topology.kubernetes.io/zone": zone,
                },
            },
            "spec": {"providerID": self.provider_id},
        });
        let made = api.create("/api/v1/nodes?fieldManager=kubelet", &node);
        self.report(api);
        let lease = json!({
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {
                "name": self.name,
                "namespace": "kube-node-lease",
                "ownerReferences": [{
                    "apiVersion": "v1", "kind": "Node", "name": self.name, "uid": made["metadata"]["uid"],
                }],
            },
            "spec": {
                "holderIdentity": self.name,
                "leaseDurationSeconds": 40,
                "renewTime": self.micro_time(),
            },
        });
        api.create(&format!("{LEASES}?fieldManager=kubelet"), &lease);
    }

    /// A heartbeat: the lease is renewed and the status written again, with later times and nothing else.
    pub(crate) fn beat(&self, api: &mut Api) {
        self.report(api);
        let path = format!("{LEASES}/{}?fieldManager=kubelet", self.name);
        api.patch(&path, &json!({"spec": {"renewTime": self.micro_time()}}));
    }

    /// Takes it out of the cluster.
    pub(crate) fn leave(&self, api: &mut Api) {
        api.delete(&format!("/api/v1/nodes/{}", self.name));
        // The garbage collector follows the owner.
        api.delete(&format!("{LEASES}/{}", self.name));
    }

    fn report(&self, api: &mut Api) {
        let path = format!("/api/v1/nodes/{}", self.name);
        let mut node = api.get(&path);
        node["status"] = self.status();
        api.replace(&format!("{path}/status?fieldManager=kubelet"), &node);
    }

    fn status(&self) -> Value {
        let now = self.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let condition = |kind: &str, status: &str, reason: &str| {
            json!({
                "type": kind, "status": status, "reason": reason, "message": format!("kubelet says {reason}"),
                "lastHeartbeatTime": now, "lastTransitionTime": "2026-01-01T00:00:00Z",
            })
        };
        let mut conditions = vec![
            condition("MemoryPressure", "False", "KubeletHasSufficientMemory"),
            condition("DiskPressure", "False", "KubeletHasNoDiskPressure"),
            condition("PIDPressure", "False", "KubeletHasSufficientPID"),
            condition("Ready", "True", "KubeletReady"),
        ];
        if let Some(problem) = self.clock_problem {
            let (status, reason) = match problem {
                true => ("True", "NTPIsDown"),
                false => ("False", "NTPIsUp"),
            };
            conditions.push(condition("NTPProblem", status, reason));
        }
        let resources =
            json!({"cpu": "2", "memory": "8Gi", "pods": "110", "ephemeral-storage": "50Gi"});
        json!({
            "capacity": resources,
            "allocatable": resources,
            "conditions": conditions,
            "addresses": [
                {"type": "InternalIP", "address": format!("10.0.0.{}", self.machine_id.bytes().last().unwrap_or(b'0'))},
                {"type": "Hostname", "address": self.name},
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {
                "machineID": self.machine_id,
                "systemUUID": self.machine_id,
                "bootID": self.machine_id,
                "kernelVersion": "6.1.119",
                "osImage": "Bottlerocket OS 1.30.0",
                "containerRuntimeVersion": "containerd://1.7.24",
                "kubeletVersion": "v1.34.4",
                "kubeProxyVersion": "",
                "operatingSystem": "linux",
                "architecture": "amd64",
            },
        })
    }

    fn now(&self) -> Timestamp {
        Timestamp::now() + self.clock_ahead
    }

    fn micro_time(&self) -> String {
        self.now().strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
    }
}

const LEASES: &str = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
