//! Who last set what: managed fields as actions.
//!
//! A manager is the name that a program gives itself, and no user; the time moves when a value that it owns changes.

use std::collections::BTreeSet;

use jiff::Timestamp;
use plimsoll_model::{Action, Actor, AssetId, Labels, Text};

use super::word;
use crate::wire::{Managed, Meta};

/// The most fields of one action, and how deep they go where they are more.
const MOST: usize = 24;

/// The cluster's own programs: what they do is mostly no change.
const SYSTEM: &[&str] = &[
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "cloud-controller-manager",
    "kube-apiserver",
    "node-problem-detector",
];

/// What the cluster's own programs keep up to date by themselves.
const UPKEEP: &[&str] = &[
    "metadata.annotations.deployment.kubernetes.io/",
    "metadata.annotations.deprecated.daemonset.",
    "metadata.annotations.pv.kubernetes.io/",
    "metadata.annotations.volume.",
    "metadata.annotations.volumes.kubernetes.io/",
    "metadata.annotations.node.alpha.kubernetes.io/",
    "metadata.annotations.csi.volume.kubernetes.io/",
    "metadata.annotations.kubernetes.io/description",
    "metadata.annotations.control-plane.alpha.kubernetes.io/",
    "metadata.ownerReferences",
    "metadata.labels.batch.kubernetes.io/",
    "metadata.labels.controller-uid",
    "metadata.labels.job-name",
    "metadata.labels.kubernetes.io/metadata.name",
    "spec.replicas",
    "spec.volumeName",
    "spec.claimRef",
    "spec.podCIDR",
    "spec.taints",
    "spec.suspend",
    "data.",
    "data",
];

/// The actions on an object.
pub(crate) fn of(asset: &AssetId, meta: &Meta) -> Vec<Action> {
    let entries = meta.managed_fields.iter();
    let all = entries.filter_map(|entry| action(asset, entry, None));
    all.collect()
}

/// The actions on an object that is no asset, and is told of another: `object` says which it was.
pub(crate) fn of_other(asset: &AssetId, object: &str, meta: &Meta) -> Vec<Action> {
    let entries = meta.managed_fields.iter();
    let all = entries.filter_map(|entry| action(asset, entry, Some(object)));
    all.collect()
}

fn action(asset: &AssetId, entry: &Managed, object: Option<&str>) -> Option<Action> {
    if entry.subresource.as_deref() == Some("status") {
        return None;
    }
    let at: Timestamp = entry.time.as_deref()?.parse().ok()?;
    let manager = word(entry.manager.as_deref()?);
    if manager.is_empty() {
        return None;
    }
    let system = SYSTEM.contains(&manager.as_str());
    let fields = entry.fields.0.iter().filter(|path| {
        let status = path.as_str() == "status" || path.starts_with("status.");
        let applied = path.ends_with("kubectl.kubernetes.io/last-applied-configuration");
        // A mark that something wants to be asked before the end: it changes nothing.
        let marked = path.starts_with("metadata.finalizers");
        let upkeep = system && UPKEEP.iter().any(|start| path.starts_with(start));
        !status && !applied && !marked && !upkeep
    });
    let fields = shortened(fields.collect());
    if fields.is_empty() {
        return None;
    }
    let what = word(entry.operation.as_deref().unwrap_or("Update"));
    let subresource = entry.subresource.as_deref().map(word);
    let mut details = Labels::new();
    let version = word(entry.api_version.as_deref().unwrap_or_default());
    let mut id = format!("{asset} {manager} {what} {version}");
    if let Some(object) = object {
        id.push_str(&format!(" {object}"));
        details.insert("object", word(object));
    }
    if let Some(subresource) = subresource.filter(|text| !text.is_empty()) {
        id.push_str(&format!(" {subresource}"));
        details.insert("subresource", subresource);
    }
    id.push_str(&format!(" {at}"));
    Some(Action {
        id: id.into(),
        asset: asset.clone(),
        what,
        at,
        actor: Some(Actor {
            account: manager,
            name: None,
        }),
        details,
        fields,
        scope: Text::default(),
    })
}

/// The paths in their order; where they are many, cut to the deepest level at which they are few.
fn shortened(paths: Vec<&Text>) -> Vec<Text> {
    let whole: BTreeSet<Text> = paths.iter().map(|path| (*path).clone()).collect();
    if whole.len() <= MOST {
        return whole.into_iter().collect();
    }
    let mut cut = BTreeSet::new();
    for depth in (1..=6).rev() {
        cut = paths.iter().map(|path| head(path, depth)).collect();
        if cut.len() <= MOST {
            break;
        }
    }
    cut.into_iter().take(MOST).collect()
}

/// The first parts of a path. A dot inside a label's name counts as a part, which does no harm.
fn head(path: &str, depth: usize) -> Text {
    let mut dots = path.match_indices('.').map(|(at, _)| at);
    dots.nth(depth - 1).map_or(path, |at| &path[..at]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions(json: &str) -> Vec<Action> {
        let meta = format!(r#"{{"name":"web","managedFields":{json}}}"#);
        let meta: Meta = serde_json::from_str(&meta).unwrap();
        of(
            &AssetId::of("workload", &["c", "shop", "deployment", "web"]),
            &meta,
        )
    }

    #[test]
    fn an_edit_says_who_when_and_what() {
        let found = actions(
            r#"[{"manager":"kubectl-edit","operation":"Update","apiVersion":"apps/v1","time":"2026-01-02T03:04:05Z","fieldsType":"FieldsV1",
            "fieldsV1":{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{"f:image":{}}}}}},
            "f:metadata":{"f:annotations":{"f:kubectl.kubernetes.io/last-applied-configuration":{}}}}}]"#,
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].actor.as_ref().unwrap().account, "kubectl-edit");
        assert_eq!(found[0].what, "Update");
        assert_eq!(
            found[0].fields,
            ["spec.template.spec.containers[web].image"]
        );
        assert!(found[0].id.ends_with("2026-01-02T03:04:05Z"));
    }

    #[test]
    fn what_a_controller_keeps_up_is_no_action() {
        let found = actions(
            r#"[{"manager":"kube-controller-manager","operation":"Update","time":"2026-01-02T03:04:05Z","subresource":"status","fieldsV1":{"f:status":{"f:replicas":{}}}},
            {"manager":"kube-controller-manager","operation":"Update","time":"2026-01-02T03:04:05Z","fieldsV1":{"f:metadata":{"f:annotations":{"f:deployment.kubernetes.io/revision":{}}},"f:status":{"f:x":{}}}},
            {"manager":"kube-controller-manager","operation":"Update","time":"2026-01-02T03:04:05Z","subresource":"scale","fieldsV1":{"f:spec":{"f:replicas":{}}}},
            {"manager":"kubectl","operation":"Update","time":"2026-01-02T03:04:05Z","subresource":"scale","fieldsV1":{"f:spec":{"f:replicas":{}}}},
            {"manager":"x","operation":"Update","fieldsV1":{"f:spec":{"f:replicas":{}}}}]"#,
        );
        let managers: Vec<_> = found
            .iter()
            .map(|action| action.actor.as_ref().unwrap().account.as_str())
            .collect();
        assert_eq!(managers, ["kubectl"], "a person's scaling is an action");
        assert_eq!(found[0].details.get("subresource").unwrap(), "scale");
    }

    #[test]
    fn many_fields_are_said_in_few_words() {
        let many: Vec<Text> = (0..100)
            .map(|at| format!("spec.template.spec.containers[web].env[A{at}].value").into())
            .collect();
        let short = shortened(many.iter().collect());
        assert_eq!(short, ["spec.template.spec.containers[web]"]);
    }
}
