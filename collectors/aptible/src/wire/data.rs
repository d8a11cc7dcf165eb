//! Databases, disks and backups.

use plimsoll_kit::model::Text;
use serde::Deserialize;

use super::{Links, hal};

/// A database. Its passphrase, its connection URL and its credentials have no place here.
#[derive(Debug, Deserialize)]
pub(crate) struct Database {
    #[serde(default, deserialize_with = "super::id")]
    pub(crate) id: Option<Text>,
    pub(crate) handle: Option<Text>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<Text>,
    pub(crate) status: Option<Text>,
    pub(crate) docker_repo: Option<Text>,
    pub(crate) enable_backups: Option<bool>,
    pub(crate) enable_pitr: Option<bool>,
    pub(crate) pitr_status: Option<Text>,
    pub(crate) oldest_pitr_time: Option<Text>,
    pub(crate) logical_replica: Option<bool>,
    pub(crate) current_kms_arn: Option<Text>,
    pub(crate) created_at: Option<Text>,
    #[serde(default, deserialize_with = "hal::links")]
    pub(crate) _links: Links,
}

/// A version of a database server that the platform offers.
#[derive(Debug, Deserialize)]
pub(crate) struct DatabaseImage {
    #[serde(default, deserialize_with = "super::id")]
    pub(crate) id: Option<Text>,
    pub(crate) version: Option<Text>,
    pub(crate) docker_repo: Option<Text>,
    pub(crate) eol_at: Option<Text>,
}

/// A database's disk. Its passphrase has no place here.
#[derive(Debug, Deserialize)]
pub(crate) struct Disk {
    #[serde(default, deserialize_with = "super::id")]
    pub(crate) id: Option<Text>,
    pub(crate) handle: Option<Text>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) size: Option<i64>,
    pub(crate) filesystem: Option<Text>,
    pub(crate) ebs_volume_type: Option<Text>,
    pub(crate) ebs_volume_id: Option<Text>,
    pub(crate) availability_zone: Option<Text>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) key_bytes: Option<i64>,
    pub(crate) current_kms_arn: Option<Text>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) provisioned_iops: Option<i64>,
    pub(crate) created_at: Option<Text>,
    #[serde(default, deserialize_with = "hal::links")]
    pub(crate) _links: Links,
}

/// A disk that services of apps can mount.
#[derive(Debug, Deserialize)]
pub(crate) struct PersistentDisk {
    #[serde(default, deserialize_with = "super::id")]
    pub(crate) id: Option<Text>,
    pub(crate) handle: Option<Text>,
    pub(crate) status: Option<Text>,
    pub(crate) disk_type: Option<Text>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) size: Option<i64>,
    pub(crate) kms_arn: Option<Text>,
    pub(crate) availability_zone: Option<Text>,
    pub(crate) aws_resource_id: Option<Text>,
    pub(crate) created_at: Option<Text>,
    pub(crate) deleted_at: Option<Text>,
}

/// That a service mounts a disk.
#[derive(Debug, Deserialize)]
pub(crate) struct Attachment {
    pub(crate) mount_point: Option<Text>,
    pub(crate) deleted_at: Option<Text>,
    #[serde(default, deserialize_with = "hal::links")]
    pub(crate) _links: Links,
}

/// A backup of a database.
#[derive(Debug, Deserialize)]
pub(crate) struct Backup {
    #[serde(default, deserialize_with = "super::id")]
    pub(crate) id: Option<Text>,
    pub(crate) created_at: Option<Text>,
    #[serde(default, deserialize_with = "hal::links")]
    pub(crate) _links: Links,
}

/// For how long an environment's backups are kept.
#[derive(Debug, Deserialize)]
pub(crate) struct Retention {
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) id: Option<i64>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) daily: Option<i64>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) monthly: Option<i64>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) yearly: Option<i64>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) pitr_days: Option<i64>,
    pub(crate) make_copy: Option<bool>,
    pub(crate) keep_final: Option<bool>,
    pub(crate) created_at: Option<Text>,
}
