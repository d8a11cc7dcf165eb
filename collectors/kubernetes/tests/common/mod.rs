//! A small cluster, as its API server answers.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;

use plimsoll_kit::Harvest;
use plimsoll_kit::testkit::{FakeServer, Reply, build, context, harvest, run};
use plimsoll_model::Asset;

/// The objects of a cluster by the path of their list, each as its name and its text.
#[derive(Clone, Default)]
pub(crate) struct Cluster {
    lists: BTreeMap<String, Vec<(String, String)>>,
}

/// An owner that keeps something.
pub(crate) fn owner(kind: &str, name: &str) -> String {
    format!(r#""ownerReferences":[{{"kind":"{kind}","name":"{name}","controller":true}}]"#)
}

/// Annotations that hold a secret each.
const ANNOTATIONS: &str = r#""annotations":{"kubectl.kubernetes.io/last-applied-configuration":"PLIMSOLL-MARKER-applied","custom/thing":"PLIMSOLL-MARKER-annotation","plimsoll.note":"https://joe:PLIMSOLL-MARKER-url@git.example/x?PLIMSOLL-MARKER-query"}"#;

/// A pod template with a marker wherever a secret may stand.
fn template(app: &str) -> String {
    format!(
        r#"{{"metadata":{{"creationTimestamp":null,"labels":{{"app":"{app}"}},{ANNOTATIONS}}},"spec":{{"containers":[{{"name":"{app}","image":"{app}:1",
        "command":["PLIMSOLL-MARKER-command"],"args":["--password=PLIMSOLL-MARKER-args"],"env":[{{"name":"PASSWORD","value":"PLIMSOLL-MARKER-env"}},{{"name":"PLIMSOLL-MARKER odd","value":"x"}},
        {{"name":"KEY","valueFrom":{{"secretKeyRef":{{"name":"keys","key":"key"}}}}}}],"envFrom":[{{"configMapRef":{{"name":"settings"}}}}],
        "ports":[{{"containerPort":8080,"name":"web"}}],"livenessProbe":{{"exec":{{"command":["PLIMSOLL-MARKER-probe"]}}}},
        "readinessProbe":{{"httpGet":{{"path":"/PLIMSOLL-MARKER-path","port":1,"httpHeaders":[{{"name":"Authorization","value":"PLIMSOLL-MARKER-header"}}]}}}},
        "lifecycle":{{"preStop":{{"exec":{{"command":["PLIMSOLL-MARKER-stop"]}}}}}},
        "volumeMounts":[{{"name":"data","mountPath":"/data"}}],"securityContext":{{"runAsNonRoot":true}}}}],
        "volumes":[{{"name":"data","persistentVolumeClaim":{{"claimName":"data"}}}},{{"name":"f","flexVolume":{{"driver":"x/cifs","options":{{"password":"PLIMSOLL-MARKER-flex"}}}}}},
        {{"name":"c","csi":{{"driver":"secrets-store.csi.k8s.io","volumeAttributes":{{"token":"PLIMSOLL-MARKER-attribute"}}}}}}]}}}}"#
    )
}

const MANAGED: &str = r#""managedFields":[{"manager":"kubectl-edit","operation":"Update","apiVersion":"apps/v1","time":"2026-01-01T10:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:finalizers":{"v:\"PLIMSOLL-MARKER-value\"":{}}},"f:spec":{"f:replicas":{}}}}]"#;

impl Cluster {
    /// A shop with two deployments, an ingress and a volume, and markers everywhere.
    pub(crate) fn shop() -> Self {
        let mut all = Self::default();
        for space in ["kube-system", "shop"] {
            all.add(
                "api/v1/namespaces",
                space,
                &format!(
                    r#"{{"metadata":{{"name":"{space}","uid":"uid-{space}",{ANNOTATIONS}}}}}"#
                ),
            );
        }
        all.add("api/v1/nodes", "n1", &format!(r#"{{"metadata":{{"name":"n1",{ANNOTATIONS}}},"spec":{{"providerID":"aws:///eu-west-1a/i-1"}},"status":{{"addresses":[{{"type":"InternalIP","address":"10.0.0.1"}}],
            "conditions":[{{"type":"Ready","status":"True","message":"PLIMSOLL-MARKER-message"}}],"nodeInfo":{{"machineID":"0123456789abcdef0123456789abcdef","kernelVersion":"6.1","osImage":"Debian 12","architecture":"amd64","kubeletVersion":"v1.34.1"}}}}}}"#));
        all.add("apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", "n1", r#"{"metadata":{"name":"n1","namespace":"kube-node-lease","managedFields":[{"manager":"kubelet","operation":"Update","time":"2026-01-02T03:04:05Z","fieldsV1":{"f:spec":{"f:renewTime":{}}}}]},"spec":{"renewTime":"2026-01-02T03:04:05.500000Z"}}"#);
        for app in ["web", "worker"] {
            let template = template(app);
            all.add("apis/apps/v1/deployments", app, &format!(r#"{{"metadata":{{"name":"{app}","namespace":"shop","labels":{{"app":"{app}"}},{ANNOTATIONS},{MANAGED}}},"spec":{{"replicas":2,"template":{template}}},"status":{{"conditions":[{{"message":"PLIMSOLL-MARKER-status"}}]}}}}"#));
            let keeper = owner("Deployment", app);
            all.add("apis/apps/v1/replicasets", &format!("{app}-1"), &format!(r#"{{"metadata":{{"name":"{app}-1","namespace":"shop",{keeper},{ANNOTATIONS}}}}}"#));
            for pod in ["a", "b"] {
                all.add(
                    "api/v1/pods",
                    &format!("{app}-1-{pod}"),
                    &pod_of(
                        &format!("{app}-1-{pod}"),
                        &owner("ReplicaSet", &format!("{app}-1")),
                        app,
                    ),
                );
            }
        }
        all.add(
            "api/v1/pods",
            "alone",
            &pod_of("alone", r#""x":1"#, "alone"),
        );
        all.add("api/v1/services", "web", &format!(r#"{{"metadata":{{"name":"web","namespace":"shop",{ANNOTATIONS}}},"spec":{{"type":"LoadBalancer","selector":{{"app":"web"}},"ports":[{{"port":443,"targetPort":"web","nodePort":30443}}]}},"status":{{"loadBalancer":{{"ingress":[{{"hostname":"shop.elb.amazonaws.com"}}]}}}}}}"#));
        all.add("apis/networking.k8s.io/v1/ingresses", "shop", &format!(r#"{{"metadata":{{"name":"shop","namespace":"shop",{ANNOTATIONS}}},"spec":{{"ingressClassName":"nginx","tls":[{{"hosts":["shop.example.com"],"secretName":"shop-tls"}}],"rules":[{{"host":"shop.example.com","http":{{"paths":[{{"path":"/","backend":{{"service":{{"name":"web"}}}}}}]}}}}]}}}}"#));
        all.add("api/v1/persistentvolumeclaims", "data", &format!(r#"{{"metadata":{{"name":"data","namespace":"shop",{ANNOTATIONS}}},"spec":{{"storageClassName":"fast","volumeName":"pv-1","resources":{{"requests":{{"storage":"10Gi"}}}}}}}}"#));
        all.add("api/v1/persistentvolumes", "pv-1", &format!(r#"{{"metadata":{{"name":"pv-1",{ANNOTATIONS}}},"spec":{{"capacity":{{"storage":"10Gi"}},"storageClassName":"fast","claimRef":{{"namespace":"shop","name":"data"}},"csi":{{"driver":"ebs.csi.aws.com","volumeHandle":"vol-0abc","volumeAttributes":{{"token":"PLIMSOLL-MARKER-attribute"}}}}}}}}"#));
        all.add("apis/storage.k8s.io/v1/storageclasses", "fast", &format!(r#"{{"metadata":{{"name":"fast",{ANNOTATIONS}}},"provisioner":"ebs.csi.aws.com","parameters":{{"encrypted":"true","custom":"PLIMSOLL-MARKER-parameter"}}}}"#));
        all.add(
            "api/v1/serviceaccounts",
            "default",
            &format!(r#"{{"metadata":{{"name":"default","namespace":"shop",{ANNOTATIONS}}}}}"#),
        );
        // The server would hold the data back: here it does not, and it must not show all the same.
        all.add("api/v1/configmaps", "settings", &format!(r#"{{"metadata":{{"name":"settings","namespace":"shop",{ANNOTATIONS}}},"data":{{"a":"PLIMSOLL-MARKER-data"}}}}"#));
        for empty in [
            "apis/apps/v1/statefulsets",
            "apis/apps/v1/daemonsets",
            "apis/batch/v1/jobs",
            "apis/batch/v1/cronjobs",
            "apis/networking.k8s.io/v1/networkpolicies",
        ] {
            all.lists.entry(empty.into()).or_default();
        }
        all
    }

    /// Adds an object.
    pub(crate) fn add(&mut self, list: &str, name: &str, object: &str) {
        let list = self.lists.entry(list.into()).or_default();
        list.push((name.into(), object.into()));
    }

    /// Changes an object.
    pub(crate) fn edit(&mut self, list: &str, name: &str, change: impl Fn(&str) -> String) {
        let list = self.lists.get_mut(list).expect("a list");
        let one = list
            .iter_mut()
            .find(|(have, _)| have == name)
            .expect("an object");
        let changed = change(&one.1);
        assert_ne!(changed, one.1, "the change changes nothing");
        one.1 = changed;
    }

    /// Takes a list away: the server then says 404.
    pub(crate) fn drop_list(&mut self, list: &str) {
        self.lists.remove(list).expect("a list");
    }

    /// Turns every list around.
    pub(crate) fn turn(&mut self) {
        self.lists.values_mut().for_each(|list| list.reverse());
    }

    /// A list as the server sends it.
    pub(crate) fn list(&self, list: &str) -> String {
        let items = &self.lists[list];
        let items: Vec<&str> = items.iter().map(|(_, text)| text.as_str()).collect();
        format!(
            r#"{{"metadata":{{"resourceVersion":"1"}},"items":[{}]}}"#,
            items.join(",")
        )
    }

    /// A server that has it.
    pub(crate) fn serve(&self) -> FakeServer {
        let server = FakeServer::on_loopback();
        server.json(
            "/version",
            r#"{"gitVersion":"v1.34.1","platform":"linux/amd64"}"#,
        );
        server.json(
            "/apis",
            r#"{"groups":[{"name":"apps","versions":[{"version":"v1"}]}]}"#,
        );
        for list in self.lists.keys() {
            server.route("GET", &format!("/{list}"), Reply::json(self.list(list)));
        }
        server
    }
}

/// Reads a cluster called `c`.
pub(crate) fn read(server: &FakeServer) -> Harvest {
    let settings = format!("server = \"{}\"\nname = \"c\"\n", server.url());
    let collector = build(&plimsoll_kubernetes::REGISTRATION, &settings).expect("the settings");
    run(harvest(&*collector, &context("kubernetes")))
}

/// An asset that is there.
pub(crate) fn asset<'h>(harvest: &'h Harvest, id: &str) -> &'h Asset {
    let found = harvest.assets.iter().find(|asset| asset.id.as_str() == id);
    found.unwrap_or_else(|| panic!("no {id} among {:#?}", workloads(harvest)))
}

/// The ids of the workloads.
pub(crate) fn workloads(harvest: &Harvest) -> Vec<&str> {
    let ids = harvest.assets.iter().map(|asset| asset.id.as_str());
    ids.filter(|id| id.starts_with("workload:")).collect()
}

/// A fact as a person reads it; `?` where it is not known, `-` where it is not there.
pub(crate) fn shown(asset: &Asset, name: &str) -> String {
    match asset.get(name) {
        None => "-".into(),
        Some(claim) => claim
            .value()
            .map_or_else(|| "?".into(), ToString::to_string),
    }
}

fn pod_of(name: &str, owner: &str, app: &str) -> String {
    let spec = template(app);
    let spec: serde_json::Value = serde_json::from_str(&spec).expect("JSON");
    let mut spec = spec["spec"].clone();
    spec["nodeName"] = "n1".into();
    format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"shop","labels":{{"app":"{app}"}},{owner},{ANNOTATIONS}}},"spec":{spec},
        "status":{{"phase":"Running","message":"PLIMSOLL-MARKER-status","containerStatuses":[{{"name":"{app}","imageID":"docker.io/shop/{app}@sha256:aa","restartCount":1,"lastState":{{"terminated":{{"message":"PLIMSOLL-MARKER-terminated"}}}}}}]}}}}"#
    )
}
