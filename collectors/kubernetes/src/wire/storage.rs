//! Volumes, claims and classes.

use plimsoll_model::Text;

use super::{Many, Map, Meta, NumberOrWord};

/// A persistent volume.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Volume {
    pub(crate) metadata: Meta,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) spec: VolumeSpec,
}

/// What a volume is.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct VolumeSpec {
    pub(crate) capacity: Map<NumberOrWord>,
    pub(crate) access_modes: Many<Text>,
    pub(crate) persistent_volume_reclaim_policy: Option<Text>,
    pub(crate) storage_class_name: Option<Text>,
    pub(crate) claim_ref: Option<ClaimRef>,
    pub(crate) csi: Option<Csi>,
    pub(crate) aws_elastic_block_store: Option<VolumeId>,
    pub(crate) gce_persistent_disk: Option<PdName>,
    pub(crate) azure_disk: Option<DiskUri>,
    pub(crate) host_path: Option<Path>,
    pub(crate) local: Option<Path>,
    pub(crate) nfs: Option<Nfs>,
}

/// Whose claim a volume answers.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct ClaimRef {
    pub(crate) name: Text,
    pub(crate) namespace: Text,
}

/// A volume of a driver.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Csi {
    pub(crate) driver: Text,
    pub(crate) volume_handle: Text,
    pub(crate) fs_type: Option<Text>,
    pub(crate) volume_attributes: Map<Text>,
}

/// An EBS volume of the driver that was in the tree.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct VolumeId {
    #[serde(rename = "volumeID")]
    pub(crate) volume_id: Text,
}

/// A Compute Engine disk of the driver that was in the tree.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PdName {
    pub(crate) pd_name: Text,
}

/// An Azure disk of the driver that was in the tree.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct DiskUri {
    #[serde(rename = "diskURI")]
    pub(crate) disk_uri: Text,
}

/// A folder or device of a node.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Path {
    pub(crate) path: Text,
}

/// A folder of another machine.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Nfs {
    pub(crate) server: Text,
    pub(crate) path: Text,
}

/// A claim on storage.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Claim {
    pub(crate) metadata: Meta,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) spec: ClaimSpec,
}

/// What a claim asks for, and has got.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ClaimSpec {
    pub(crate) access_modes: Many<Text>,
    pub(crate) storage_class_name: Option<Text>,
    pub(crate) volume_name: Option<Text>,
    #[serde(deserialize_with = "super::or_default")]
    pub(crate) resources: super::spec::Resources,
}

/// How a cluster makes volumes.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Class {
    pub(crate) metadata: Meta,
    #[serde(default)]
    pub(crate) provisioner: Text,
    #[serde(default)]
    pub(crate) parameters: Map<Text>,
    #[serde(default)]
    pub(crate) reclaim_policy: Option<Text>,
    #[serde(default)]
    pub(crate) volume_binding_mode: Option<Text>,
    #[serde(default)]
    pub(crate) allow_volume_expansion: Option<bool>,
}
