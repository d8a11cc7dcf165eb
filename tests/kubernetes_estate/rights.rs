//! What the user that scans may do: what the collector's own file gives, and less than that.

use std::path::Path;

use crate::kubernetes::Kubernetes;
use crate::shop::SCANNER;

/// The role in that file.
const ROLE: &str = "--clusterrole=plimsoll";

/// Gives the service account `plimsoll` what the collector's file says, and the user that scans the same.
pub(crate) fn ship(kubernetes: &Kubernetes) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("collectors/kubernetes/clusterrole.yaml");
    kubernetes.apply(&file);
    let leases = ["--namespace=kube-node-lease", "--role=plimsoll"];
    let binding = ["create", "rolebinding", "scanner-leases"];
    kubernetes.kubectl(&[&binding[..], &leases, &[&user()]].concat());
    everywhere(kubernetes);
}

/// Lets the user that scans do in the whole cluster what the role says.
pub(crate) fn everywhere(kubernetes: &Kubernetes) {
    kubernetes.kubectl(&["create", "clusterrolebinding", "scanner", ROLE, &user()]);
}

/// Takes that away again.
pub(crate) fn nowhere(kubernetes: &Kubernetes) {
    kubernetes.kubectl(&["delete", "clusterrolebinding", "scanner"]);
}

/// Lets the user do it in one namespace.
pub(crate) fn inside(kubernetes: &Kubernetes, namespace: &str) {
    let namespace = format!("--namespace={namespace}");
    let binding = [
        "create",
        "rolebinding",
        "scanner",
        &namespace,
        ROLE,
        &user(),
    ];
    kubernetes.kubectl(&binding);
}

/// Lets the user read the cluster's own objects, and nothing in namespaces.
pub(crate) fn cluster_alone(kubernetes: &Kubernetes) {
    kubernetes.kubectl(&[
        "create",
        "clusterrole",
        "cluster-alone",
        "--verb=get,list",
        "--resource=namespaces,nodes,persistentvolumes,storageclasses.storage.k8s.io,ingressclasses.networking.k8s.io",
    ]);
    let role = "--clusterrole=cluster-alone";
    kubernetes.kubectl(&[
        "create",
        "clusterrolebinding",
        "cluster-alone",
        role,
        &user(),
    ]);
}

fn user() -> String {
    format!("--user={SCANNER}")
}

#[test]
fn the_manifests_of_the_daemon_are_accepted_and_give_no_more_than_reading() {
    let kubernetes = Kubernetes::start();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/kubernetes");
    for file in ["namespace.yaml", "rbac.yaml", "deployment.yaml"] {
        kubernetes.apply(&folder.join(file));
    }
    let account = "--as=system:serviceaccount:plimsoll:plimsoll";
    let rights = kubernetes.kubectl(&["auth", "can-i", "--list", "--namespace=shop", account]);
    assert!(rights.contains("deployments.apps"), "{rights}");
    assert!(
        !rights.contains("secrets") && !rights.contains("watch"),
        "{rights}"
    );
}
