//! Nodes and their leases.

use plimsoll_model::Text;

use super::{Many, Meta};

/// A node.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Node {
    pub(crate) metadata: Meta,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) spec: NodeSpec,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) status: NodeStatus,
}

/// What is asked of a node.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct NodeSpec {
    #[serde(rename = "providerID")]
    pub(crate) provider_id: Option<Text>,
    pub(crate) unschedulable: Option<bool>,
    pub(crate) taints: Many<Taint>,
}

/// What keeps pods off a node.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Taint {
    pub(crate) key: Text,
    pub(crate) value: Option<Text>,
    pub(crate) effect: Text,
}

/// How a node is.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct NodeStatus {
    pub(crate) addresses: Many<Address>,
    pub(crate) conditions: Many<Condition>,
    #[serde(deserialize_with = "super::or_default")]
    pub(crate) node_info: NodeInfo,
}

/// An address of a node.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Address {
    #[serde(rename = "type")]
    pub(crate) sort: Text,
    pub(crate) address: Text,
}

/// A word on how something is.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Condition {
    #[serde(rename = "type")]
    pub(crate) sort: Text,
    pub(crate) status: Text,
}

/// What a node's kubelet says of its machine.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct NodeInfo {
    #[serde(rename = "machineID")]
    pub(crate) machine_id: Option<Text>,
    pub(crate) kernel_version: Option<Text>,
    pub(crate) os_image: Option<Text>,
    pub(crate) operating_system: Option<Text>,
    pub(crate) architecture: Option<Text>,
    pub(crate) container_runtime_version: Option<Text>,
    pub(crate) kubelet_version: Option<Text>,
}

/// A node's lease: its sign of life.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Lease {
    pub(crate) metadata: Meta,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) spec: LeaseSpec,
}

/// What a lease says.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct LeaseSpec {
    pub(crate) renew_time: Option<Text>,
}
