//! Pods as controllers make them and kubelets report them.

use serde_json::{Value, json};

use super::controllers::{reference, text};

/// What a pod is made for, and from what.
pub(crate) struct Owner {
    pub(crate) namespace: String,
    reference: Value,
    labels: Value,
    annotations: Value,
    /// The pod's specification, with its node.
    pub(crate) spec: Value,
    /// What the label of the template's revision says; empty where the owner's name says it.
    pub(crate) revision: String,
    /// Whether its pods run to an end.
    pub(crate) ends: bool,
}

impl Owner {
    /// An object of a kind, and its template of a pod.
    pub(crate) fn new(owner: &Value, version: &str, kind: &str, template: &Value) -> Self {
        Self {
            namespace: text(&owner["metadata"]["namespace"]).to_owned(),
            reference: reference(owner, version, kind),
            labels: template["metadata"]["labels"].clone(),
            annotations: template["metadata"]["annotations"].clone(),
            spec: template["spec"].clone(),
            revision: short_hash(&template.to_string(), 10),
            ends: false,
        }
    }
}

/// The pod of an owner.
pub(crate) fn pod(namespace: &str, name: &str, owner: &Owner) -> Value {
    let mut pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": owner.labels,
            "annotations": owner.annotations,
            "ownerReferences": [owner.reference],
        },
        "spec": owner.spec,
    });
    if !owner.revision.is_empty() {
        pod["metadata"]["labels"]["controller-revision-hash"] = json!(owner.revision);
    }
    pod
}

/// The status of a pod that runs; `digests` gives an image's digest at its registry.
pub(crate) fn running(pod: &Value, digests: &dyn Fn(&str) -> String) -> Value {
    let state = json!({"running": {"startedAt": pod["metadata"]["creationTimestamp"]}});
    status(pod, "Running", &state, digests)
}

/// The status of one that has done its work.
pub(crate) fn succeeded(pod: &Value, digests: &dyn Fn(&str) -> String) -> Value {
    let time = &pod["metadata"]["creationTimestamp"];
    let state = json!({"terminated": {
        "exitCode": 0, "reason": "Completed", "startedAt": time, "finishedAt": time,
    }});
    status(pod, "Succeeded", &state, digests)
}

fn status(pod: &Value, phase: &str, state: &Value, digests: &dyn Fn(&str) -> String) -> Value {
    let ready = phase == "Running";
    let containers = pod["spec"]["containers"].as_array();
    let containers: Vec<Value> = containers
        .into_iter()
        .flatten()
        .map(|container| {
            let image = text(&container["image"]);
            let (name, digest) = (full_name(image), digests(image));
            json!({
                "name": container["name"],
                "image": name,
                "imageID": format!("{}@{digest}", repository(&name)),
                "containerID": format!("containerd://{}", blake3::hash(pod.to_string().as_bytes())),
                "ready": ready,
                "started": ready,
                "restartCount": 0,
                "state": state,
                "lastState": {},
            })
        })
        .collect();
    let conditions = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"]
        .map(|kind| {
            json!({
                "type": kind, "status": "True", "lastTransitionTime": pod["metadata"]["creationTimestamp"],
            })
        });
    json!({
        "phase": phase,
        "qosClass": pod["status"]["qosClass"],
        "hostIP": "10.0.0.1",
        "hostIPs": [{"ip": "10.0.0.1"}],
        "podIP": "10.244.0.7",
        "podIPs": [{"ip": "10.244.0.7"}],
        "startTime": pod["metadata"]["creationTimestamp"],
        "conditions": conditions,
        "containerStatuses": containers,
    })
}

/// The digest that a registry has for an image, when the tag was moved so often; one that stands in the reference stays.
pub(crate) fn digest(image: &str, moved: u32) -> String {
    match image.split_once('@') {
        Some((_, digest)) => digest.to_owned(),
        None => format!(
            "sha256:{}",
            blake3::hash(format!("{image}/{moved}").as_bytes())
        ),
    }
}

/// An image's name as a runtime writes it.
fn full_name(image: &str) -> String {
    let first = image.split('/').next().unwrap_or_default();
    if image.contains('/') && (first.contains(['.', ':']) || first == "localhost") {
        image.to_owned()
    } else if image.contains('/') {
        format!("docker.io/{image}")
    } else {
        format!("docker.io/library/{image}")
    }
}

/// An image's name without tag and digest.
fn repository(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or_default();
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => name,
    }
}

/// A hash as it stands in the names of what controllers make.
pub(crate) fn short_hash(text: &str, length: usize) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let hash = blake3::hash(text.as_bytes());
    let letter = |byte: &u8| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]);
    hash.as_bytes().iter().take(length).map(letter).collect()
}
