//! What controllers make between a workload and its pods, and what goes with its owner.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::controllers::{Controllers, MANAGER, reference, text};
use super::pods::short_hash;

/// When a cron job ran last, in minutes as its controller names the job.
const LAST_RUN: &str = "29800000";

impl Controllers {
    /// The replica set of a deployment's template; those of its former ones have no replicas from now on.
    pub(super) fn replica_set(&mut self, deployment: &Value) -> Value {
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
    pub(super) fn collect_garbage(&mut self) {
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
    pub(super) fn run_cron_jobs(&mut self) {
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
}
