//! Nodes: the hosts of a cluster.

use plimsoll_kit::machine_alias;
use plimsoll_model::{Table, Text, Value, fact, kind};

use super::{Piece, Site, architecture, clock, reported, unknown, word};
use crate::wire::{Lease, Node};

/// Taints that a cluster puts on and takes off by how a node is.
const BY_CONDITION: &[&str] = &["node.kubernetes.io/", "node.cloudprovider.kubernetes.io/"];

/// Reads a node, with its lease where that could be read.
pub(crate) fn node(site: &Site<'_>, node: &Node, lease: Option<&Lease>) -> Piece {
    let meta = &node.metadata;
    let info = &node.status.node_info;
    let id = site.id(kind::HOST, &meta.name);
    let mut piece = Piece::new(id, kind::HOST, "Node", meta);
    piece.within(site.cluster_id());
    piece.created(meta);
    let alias = info.machine_id.as_deref().and_then(machine_alias);
    piece.asset.aliases.extend(alias);
    piece.said(fact::OS, info.os_image.as_ref(), "status.nodeInfo.osImage");
    piece.said(
        fact::KERNEL,
        info.kernel_version.as_ref(),
        "status.nodeInfo.kernelVersion",
    );
    if let Some(name) = &info.architecture {
        let claim = reported(architecture(name), "status.nodeInfo.architecture");
        piece.asset.claim(fact::ARCHITECTURE, claim);
    }
    piece.said(
        "kubelet.version",
        info.kubelet_version.as_ref(),
        "status.nodeInfo.kubeletVersion",
    );
    piece.said(
        "container-runtime.version",
        info.container_runtime_version.as_ref(),
        "status.nodeInfo.containerRuntimeVersion",
    );
    let region = meta.labels.get("topology.kubernetes.io/region");
    piece.said(fact::REGION, region, "label topology.kubernetes.io/region");
    piece.said(
        "provider.id",
        node.spec.provider_id.as_ref(),
        "spec.providerID",
    );
    let addresses: Vec<Text> = node
        .status
        .addresses
        .iter()
        .filter(|address| address.sort.ends_with("IP"))
        .map(|address| word(&address.address))
        .collect();
    if !addresses.is_empty() {
        let claim = reported(Value::texts(addresses), "status.addresses");
        piece.asset.claim("addresses", claim);
    }
    piece.asset.claim(
        "unschedulable",
        reported(node.spec.unschedulable == Some(true), "spec.unschedulable"),
    );
    let taints: Table = node
        .spec
        .taints
        .iter()
        .filter(|taint| {
            !BY_CONDITION
                .iter()
                .any(|start| taint.key.starts_with(start))
        })
        .map(|taint| {
            let value = taint.value.as_deref().unwrap_or_default();
            let key = word(&format!("{}:{}", taint.key, taint.effect));
            (key, Value::Text(word(value)))
        })
        .collect();
    piece.asset.claim("taints", reported(taints, "spec.taints"));
    let ready = node
        .status
        .conditions
        .iter()
        .find(|one| one.sort == "Ready");
    if let Some(ready) = ready {
        let claim = match ready.status.as_str() {
            "True" => reported("healthy", "condition Ready"),
            "False" => reported("unhealthy", "condition Ready"),
            _ => unknown("its kubelet has not been heard of for a while"),
        };
        piece.asset.reading(fact::HEALTH, claim);
    }
    let synchronised = clock::synchronised(node);
    piece.asset.claim(fact::CLOCK_SYNCHRONISED, synchronised);
    if let Some(lease) = lease {
        clock::skew(&mut piece.asset, lease);
    }
    piece
}
