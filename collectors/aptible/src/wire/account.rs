//! Stacks and environments.

use plimsoll_kit::model::Text;
use serde::Deserialize;

use super::{Links, hal};

/// A stack: machines and a network, of one customer or of many.
#[derive(Debug, Deserialize)]
pub(crate) struct Stack {
    #[serde(default, deserialize_with = "super::id")]
    pub(crate) id: Option<Text>,
    pub(crate) name: Option<Text>,
    pub(crate) region: Option<Text>,
    pub(crate) public: Option<bool>,
    pub(crate) version: Option<Text>,
    pub(crate) outbound_ip_addresses: Option<Vec<Text>>,
    pub(crate) memory_limits: Option<bool>,
    pub(crate) cpu_limits: Option<bool>,
    pub(crate) intrusion_detection: Option<bool>,
    pub(crate) internal_domain: Option<Text>,
    pub(crate) default_domain: Option<Text>,
    pub(crate) vpc_id: Option<Text>,
    pub(crate) created_at: Option<Text>,
    #[serde(default, deserialize_with = "hal::links")]
    pub(crate) _links: Links,
}

/// An environment, which the API calls an account.
#[derive(Debug, Deserialize)]
pub(crate) struct Account {
    #[serde(default, deserialize_with = "super::id")]
    pub(crate) id: Option<Text>,
    pub(crate) handle: Option<Text>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<Text>,
    pub(crate) activated: Option<bool>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) total_app_count: Option<i64>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) total_database_count: Option<i64>,
    pub(crate) created_at: Option<Text>,
    #[serde(default, deserialize_with = "hal::links")]
    pub(crate) _links: Links,
}
