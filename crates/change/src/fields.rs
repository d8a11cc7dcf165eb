//! Whether an action that says which fields it touched can have made a change.
//!
//! A platform names its own fields (`spec.template.spec.containers`), a change has paths of facts (`image`). This is the
//! one place that knows how they go together.

use super::{Change, PathChange, path_is_of};

/// Facts, and the platform's words for what they are read from, in lower case. A deep field counts by its deepest word:
/// `spec.template.spec.containers[web].image` is `image`, and `spec.template.spec.containers` may be any fact of a
/// container. Kubernetes API reference: workload, service, storage and networking resources.
const FACTS: &[(&[&str], &[&str])] = &[
    (
        &["image", "images"],
        &["image", "containers", "initcontainers"],
    ),
    (&["release"], &["image", "containers"]),
    (
        &["replicas", "autoscaling"],
        &[
            "replicas",
            "minreplicas",
            "maxreplicas",
            "completions",
            "parallelism",
        ],
    ),
    (
        &["ports", "sources.allowed"],
        &[
            "ports",
            "hostport",
            "nodeport",
            "targetport",
            "hostnetwork",
            "externalips",
            "loadbalancerip",
            "loadbalancerclass",
            "loadbalancersourceranges",
            "externaltrafficpolicy",
            "containers",
            "listeners",
            "tls",
            "type",
        ],
    ),
    (
        &["https.forced", "hostnames", "tls"],
        &[
            "tls",
            "rules",
            "host",
            "hosts",
            "hostnames",
            "listeners",
            "ingressclassname",
            "defaultbackend",
            "annotations",
        ],
    ),
    (
        &["env", "secrets"],
        &[
            "env",
            "envfrom",
            "secretkeyref",
            "secretref",
            "containers",
            "initcontainers",
            "imagepullsecrets",
            "volumes",
        ],
    ),
    (
        &["command", "entrypoint"],
        &["command", "args", "containers"],
    ),
    (
        &[
            "privileged",
            "capabilities.added",
            "capabilities.dropped",
            "user",
            "readonly-root",
            "security.options",
            "clock.settable",
        ],
        &[
            "securitycontext",
            "privileged",
            "capabilities",
            "runasuser",
            "runasnonroot",
            "readonlyrootfilesystem",
            "seccompprofile",
            "containers",
            "initcontainers",
        ],
    ),
    (
        &["namespaces.host"],
        &["hostnetwork", "hostpid", "hostipc", "hostusers"],
    ),
    (
        &["mounts", "devices"],
        &[
            "volumes",
            "volumemounts",
            "volumeclaimtemplates",
            "hostpath",
            "containers",
        ],
    ),
    (
        &["service-account"],
        &[
            "serviceaccount",
            "serviceaccountname",
            "automountserviceaccounttoken",
        ],
    ),
    (&["size-bytes"], &["storage", "capacity", "resources"]),
    (
        &["encryption", "driver"],
        &["parameters", "provisioner", "storageclassname", "csi"],
    ),
    (
        &["health.checked"],
        &[
            "livenessprobe",
            "readinessprobe",
            "startupprobe",
            "containers",
        ],
    ),
    (&["restart-policy"], &["restartpolicy"]),
    (&["labels"], &["labels"]),
    (
        &["relations"],
        &[
            "selector",
            "rules",
            "backendrefs",
            "parentrefs",
            "volumes",
            "volumename",
            "storageclassname",
            "env",
            "envfrom",
            "serviceaccountname",
            "imagepullsecrets",
            "tls",
            "containers",
        ],
    ),
];

/// Whether fields are what a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Touch {
    /// One of them is what one of the changed facts is read from.
    Yes,
    /// None of them has to do with any of the changed facts.
    No,
    /// Nothing says how the changed facts and the fields go together.
    Unknown,
}

/// Whether an action on these fields, of which there is at least one, can have made the change.
pub(super) fn touch<T: AsRef<str>>(change: &Change, fields: &[T]) -> Touch {
    touched(&change.paths, fields)
}

fn touched<T: AsRef<str>>(paths: &[PathChange], fields: &[T]) -> Touch {
    // What a controller reports of a thing is nothing that anybody changed about it.
    let mut fields = fields.iter().map(|field| field.as_ref().to_lowercase());
    let fields: Vec<String> = fields.by_ref().filter(|field| !is_status(field)).collect();
    if fields.is_empty() {
        return Touch::No;
    }
    if paths.is_empty() {
        return Touch::Unknown;
    }
    let mut sure = true;
    for path in paths {
        let path = path.path.to_lowercase();
        let mut known = false;
        let words = FACTS
            .iter()
            .filter(|(facts, _)| facts.iter().any(|fact| path_is_of(&path, fact)));
        for (_, words) in words {
            known = true;
            if fields
                .iter()
                .any(|field| deepest(field).is_some_and(|word| words.contains(&word)))
            {
                return Touch::Yes;
            }
        }
        // Findings of one's own may well name the facts themselves.
        if fields
            .iter()
            .any(|field| path_is_of(&path, field) || path_is_of(field, &path))
        {
            return Touch::Yes;
        }
        sure &= known;
    }
    if sure { Touch::No } else { Touch::Unknown }
}

/// Whether a platform says, by the fields that it touched, that it touched what one changed path is read from.
pub fn is_touched<T: AsRef<str>>(path: &str, fields: &[T]) -> bool {
    let path = PathChange {
        path: path.into(),
        from: None,
        to: None,
    };
    touched(&[path], fields) == Touch::Yes
}

fn is_status(field: &str) -> bool {
    let field = field.trim_start_matches('.');
    path_is_of(field, "status")
}

/// The last step of a field that any fact is read from.
fn deepest(field: &str) -> Option<&str> {
    // How a thing is rolled out is no fact of it; `strategy.type` is not what reaches it.
    if field.contains("strategy") {
        return None;
    }
    let known = |step: &&str| FACTS.iter().any(|(_, words)| words.contains(step));
    field.rsplit(['.', '[', ']', '/', ':']).find(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ChangeKind, PathChange};
    use plimsoll_model::AssetId;

    fn touches(paths: &[&str], fields: &[&str]) -> Touch {
        let path = |path: &&str| PathChange {
            path: (*path).into(),
            from: None,
            to: None,
        };
        let change = Change {
            asset: AssetId::of("workload", &["a"]),
            asset_kind: "workload".into(),
            asset_name: "a".into(),
            kind: ChangeKind::Modified,
            paths: paths.iter().map(path).collect(),
        };
        touch(&change, fields)
    }

    #[test]
    fn a_field_is_what_its_deepest_known_step_says() {
        let containers = "spec.template.spec.containers";
        assert_eq!(touches(&["image"], &[containers]), Touch::Yes);
        assert_eq!(
            touches(
                &["image.digests"],
                &["spec.template.spec.containers[name=web].image"]
            ),
            Touch::Yes
        );
        assert_eq!(
            touches(
                &["mounts[/data]"],
                &["spec.template.spec.containers[web].image"]
            ),
            Touch::No
        );
        assert_eq!(touches(&["image"], &["spec.replicas"]), Touch::No);
        assert_eq!(
            touches(&["ports[80/tcp].reach"], &["spec.type"]),
            Touch::Yes
        );
        assert_eq!(
            touches(&["ports[80/tcp].reach"], &["spec.strategy.type"]),
            Touch::No
        );
        assert_eq!(
            touches(&["replicas", "image"], &["spec.replicas"]),
            Touch::Yes
        );
    }

    #[test]
    fn what_a_controller_reports_changes_nothing() {
        assert_eq!(
            touches(&["anything"], &["status.replicas", "status"]),
            Touch::No
        );
        assert_eq!(touches(&[], &["status.conditions"]), Touch::No);
        assert_eq!(
            touches(&["replicas"], &["status.replicas", "spec.replicas"]),
            Touch::Yes
        );
    }

    #[test]
    fn what_nothing_is_said_of_is_not_guessed() {
        assert_eq!(touches(&["colour"], &["spec.paint"]), Touch::Unknown);
        assert_eq!(touches(&["colour"], &["colour"]), Touch::Yes);
        assert_eq!(touches(&[], &["spec"]), Touch::Unknown);
        assert_eq!(touches(&["image"], &[""]), Touch::No);
    }
}
