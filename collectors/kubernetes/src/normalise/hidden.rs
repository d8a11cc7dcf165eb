//! What may be shown and what becomes a mark or is left out.

use plimsoll_model::{Labels, Table, Text, Value};

use super::{Piece, Site, word};
use crate::wire::{Map, Meta};

/// Annotations whose values are shown as they are: names, numbers and versions by their definition.
const SHOWN: &[&str] = &[
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/version",
    "argocd.argoproj.io/tracking-id",
    "meta.helm.sh/release-name",
    "meta.helm.sh/release-namespace",
    "storageclass.kubernetes.io/is-default-class",
    "ingressclass.kubernetes.io/is-default-class",
    "kubernetes.io/ingress.class",
    "kubernetes.io/change-cause-id",
    "org.opencontainers.image.revision",
    "org.opencontainers.image.version",
    "eks.amazonaws.com/role-arn",
    "iam.gke.io/gcp-service-account",
    "azure.workload.identity/client-id",
];

/// Annotations that are written for us to read.
const OURS: &str = "plimsoll.";

/// Annotations that controllers write for themselves, over and over: how things are, and not what anyone asked for.
const VOLATILE: &[&str] = &[
    "kubectl.kubernetes.io/last-applied-configuration",
    "deployment.kubernetes.io/",
    "deprecated.daemonset.template.generation",
    "control-plane.alpha.kubernetes.io/",
    "endpoints.kubernetes.io/",
    "autoscaling.alpha.kubernetes.io/",
    "pv.kubernetes.io/",
    "volume.kubernetes.io/",
    "volume.beta.kubernetes.io/",
    "cni.projectcalico.org/",
    "projectcalico.org/",
    "cloud.google.com/neg-status",
    "ingress.kubernetes.io/backends",
    "ingress.kubernetes.io/forwarding-rule",
    "ingress.kubernetes.io/https-",
    "ingress.kubernetes.io/target-proxy",
    "ingress.kubernetes.io/url-map",
    "ingress.kubernetes.io/ssl-cert",
    "meta.helm.sh/",
];

/// The labels of an object, and those annotations that may be shown. Labels are names for others to choose by, and
/// Kubernetes shows them to all; annotations may hold anything.
pub(crate) fn labels(meta: &Meta) -> Labels {
    let mut labels: Labels = meta
        .labels
        .iter()
        .map(|(name, value)| (word(name), word(value)))
        .collect();
    for (name, value) in meta.annotations.iter() {
        let shown = name.starts_with(OURS) || SHOWN.contains(&name.as_str());
        if shown && !labels.contains(name) {
            labels.insert(word(name), without_credentials(value));
        }
    }
    labels
}

/// The labels of one pod or replica set that stand for all of their keeper: those that people give by convention. The others
/// may be different on each.
pub(crate) fn shared_labels(labels: &Map<Text>) -> Map<Text> {
    let shared = |name: &str| {
        name.starts_with(OURS)
            || name.starts_with("app.kubernetes.io/")
            || matches!(name, "app" | "name" | "team" | "tier" | "environment")
    };
    let kept = labels.iter().filter(|(name, _)| shared(name));
    Map(kept
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect())
}

/// The other annotations, as marks: what a controller does with them can change much (`configuration-snippet`).
pub(crate) fn annotations(site: &Site<'_>, piece: &mut Piece, name: &str, meta: &Meta) {
    let mut table = Table::new();
    for (key, value) in meta.annotations.iter() {
        let shown = key.starts_with(OURS) || SHOWN.contains(&key.as_str());
        let volatile = VOLATILE.iter().any(|start| key.starts_with(start));
        if !shown && !volatile {
            let what = format!("{name} {key}");
            let mark = site.redactor.mark(&piece.asset.id, &what, value.as_bytes());
            table.insert(word(key), Value::Text(mark));
        }
    }
    if !table.is_empty() {
        piece
            .asset
            .claim(name, super::reported(table, "metadata.annotations"));
    }
}

/// A value without what an address may carry: user name, password, query, fragment.
pub(crate) fn without_credentials(value: &str) -> Text {
    let Some((scheme, rest)) = value.split_once("://") else {
        return word(value);
    };
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    word(&format!("{scheme}://{rest}"))
}

/// Whether a text can be shown as the name of a variable or parameter.
pub(crate) fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic();
    !name.is_empty() && name.len() <= 256 && name.bytes().all(fits)
}
