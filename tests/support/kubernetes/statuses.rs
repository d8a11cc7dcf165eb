//! What controllers write into the status of the objects that they look after.

use serde_json::{Value, json};

use super::controllers::{Controllers, MANAGER, text};

impl Controllers {
    /// A job has done its work.
    pub(super) fn complete(&mut self, job: &Value) {
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

    /// What the controllers say of the workloads: all replicas are there and ready.
    pub(super) fn statuses(&mut self) {
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
    pub(super) fn balancers(&mut self) {
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
