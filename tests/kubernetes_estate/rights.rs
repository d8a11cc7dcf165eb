//! What the user that scans may do: the role that the collector's own page gives, and less than that.

use std::path::Path;

use crate::kubernetes::Kubernetes;
use crate::shop::{ACCOUNT, SCANNER};

/// The role of the collector's page, as it stands there.
fn page() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("collectors/kubernetes/README.md");
    let page = std::fs::read_to_string(&page)
        .unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    let blocks = page.split("```yaml\n").skip(1);
    let blocks = blocks.filter_map(|block| Some(block.split_once("```")?.0));
    let found = blocks.filter(|block| block.contains("kind: ClusterRole\n"));
    let mut found: Vec<&str> = found.collect();
    assert!(!found.is_empty(), "the collector's page has no ClusterRole to paste");
    found.swap_remove(0).to_owned()
}

/// The role's name, once the cluster has what the page says.
pub(crate) fn role(kubernetes: &Kubernetes) -> String {
    kubernetes.apply_text(&page());
    let roles = kubernetes.kubectl(&["get", "clusterroles", "--output=name"]);
    let role = roles
        .lines()
        .filter_map(|line| line.strip_prefix("clusterrole.rbac.authorization.k8s.io/"))
        .find(|name| name.starts_with("plimsoll"));
    role.expect("a role called plimsoll").to_owned()
}

/// Lets the user that scans do in the whole cluster what the page's role says, and a service account too.
pub(crate) fn everywhere(kubernetes: &Kubernetes) {
    let role = format!("--clusterrole={}", role(kubernetes));
    let user = format!("--user={SCANNER}");
    let account = format!("--serviceaccount={}:{}", ACCOUNT.0, ACCOUNT.1);
    let binding = ["create", "clusterrolebinding", "scanner"];
    kubernetes.kubectl(&[&binding[..], &[&role, &user, &account]].concat());
}

/// Takes that away again.
pub(crate) fn nowhere(kubernetes: &Kubernetes) {
    kubernetes.kubectl(&["delete", "clusterrolebinding", "scanner"]);
}

/// Lets the user do it in one namespace.
pub(crate) fn inside(kubernetes: &Kubernetes, namespace: &str) {
    let role = format!("--clusterrole={}", role(kubernetes));
    let (namespace, user) = (format!("--namespace={namespace}"), format!("--user={SCANNER}"));
    kubernetes.kubectl(&["create", "rolebinding", "scanner", &namespace, &role, &user]);
}

/// Lets the user read the cluster's own objects, and nothing in namespaces.
pub(crate) fn cluster_alone(kubernetes: &Kubernetes) {
    kubernetes.kubectl(&[
        "create",
        "clusterrole",
        "cluster-alone",
        "--verb=get,list",
        "--resource=namespaces,nodes,persistentvolumes,storageclasses.storage.k8s.io",
    ]);
    let user = format!("--user={SCANNER}");
    let role = "--clusterrole=cluster-alone";
    kubernetes.kubectl(&["create", "clusterrolebinding", "cluster-alone", role, &user]);
}
