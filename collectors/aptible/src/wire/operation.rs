//! Operations: who did what, and when.

use plimsoll_kit::model::Text;
use serde::Deserialize;

use super::{Links, hal};

/// An operation. Its variables, command line, key, certificate and sensitive settings have no place here.
#[derive(Debug, Deserialize)]
pub(crate) struct Operation {
    #[serde(default, deserialize_with = "super::id")]
    pub(crate) id: Option<Text>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<Text>,
    pub(crate) status: Option<Text>,
    pub(crate) user_name: Option<Text>,
    pub(crate) user_email: Option<Text>,
    pub(crate) automated: Option<bool>,
    pub(crate) cancelled: Option<bool>,
    pub(crate) aborted: Option<bool>,
    pub(crate) git_ref: Option<Text>,
    pub(crate) docker_ref: Option<Text>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) container_count: Option<i64>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) container_size: Option<i64>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) disk_size: Option<i64>,
    pub(crate) instance_profile: Option<Text>,
    /// Free text: only the names of tickets in it are shown.
    pub(crate) note: Option<String>,
    pub(crate) created_at: Option<Text>,
    pub(crate) updated_at: Option<Text>,
    #[serde(default, deserialize_with = "hal::links")]
    pub(crate) _links: Links,
}
