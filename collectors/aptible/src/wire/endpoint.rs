//! Endpoints, their settings and certificates, and log drains.

use std::collections::BTreeMap;

use plimsoll_kit::model::Text;
use serde::Deserialize;

use super::{Links, hal};

/// An endpoint, which the API calls a vhost.
#[derive(Debug, Deserialize)]
pub(crate) struct Vhost {
    #[serde(default, deserialize_with = "super::id")]
    pub(crate) id: Option<Text>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<Text>,
    pub(crate) status: Option<Text>,
    pub(crate) internal: Option<bool>,
    pub(crate) default: Option<bool>,
    pub(crate) platform: Option<Text>,
    pub(crate) shared: Option<bool>,
    pub(crate) user_domain: Option<Text>,
    pub(crate) virtual_domain: Option<Text>,
    pub(crate) external_host: Option<Text>,
    pub(crate) internal_host: Option<Text>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) external_http_port: Option<i64>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) external_https_port: Option<i64>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) internal_http_port: Option<i64>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) internal_https_port: Option<i64>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) container_port: Option<i64>,
    #[serde(default, deserialize_with = "super::numbers")]
    pub(crate) container_ports: Option<Vec<i64>>,
    #[serde(default, deserialize_with = "super::numbers")]
    pub(crate) container_exposed_ports: Option<Vec<i64>>,
    pub(crate) ip_whitelist: Option<Vec<Text>>,
    pub(crate) acme: Option<bool>,
    pub(crate) acme_status: Option<Text>,
    /// Whether a header with a shared secret is asked for; the secret is not kept.
    #[serde(default, deserialize_with = "super::is_set")]
    pub(crate) token_header: bool,
    pub(crate) created_at: Option<Text>,
    #[serde(default, deserialize_with = "hal::links")]
    pub(crate) _links: Links,
}

/// The settings of an endpoint. The sensitive ones beside them have no place here.
#[derive(Debug, Deserialize)]
pub(crate) struct Setting {
    #[serde(default)]
    pub(crate) settings: Option<BTreeMap<Text, Option<Text>>>,
}

/// A certificate. Its private key has no place here, nor has its body.
#[derive(Debug, Deserialize)]
pub(crate) struct Certificate {
    #[serde(default, deserialize_with = "super::id")]
    pub(crate) id: Option<Text>,
    pub(crate) common_name: Option<Text>,
    pub(crate) subject_alternative_names: Option<Vec<Text>>,
    pub(crate) not_before: Option<Text>,
    pub(crate) not_after: Option<Text>,
    pub(crate) acme: Option<bool>,
    pub(crate) trusted: Option<bool>,
    pub(crate) self_signed: Option<bool>,
    pub(crate) private_key_algorithm: Option<Text>,
    pub(crate) issuer_common_name: Option<Text>,
    pub(crate) sha256_fingerprint: Option<Text>,
}

/// Where logs are sent. Its address and its credentials have no place here.
#[derive(Debug, Deserialize)]
pub(crate) struct LogDrain {
    #[serde(default, deserialize_with = "super::id")]
    pub(crate) id: Option<Text>,
    pub(crate) handle: Option<Text>,
    pub(crate) drain_type: Option<Text>,
    pub(crate) status: Option<Text>,
    pub(crate) drain_apps: Option<bool>,
    pub(crate) drain_databases: Option<bool>,
    pub(crate) drain_proxies: Option<bool>,
    pub(crate) drain_ephemeral_sessions: Option<bool>,
    pub(crate) created_at: Option<Text>,
    #[serde(default, deserialize_with = "hal::links")]
    pub(crate) _links: Links,
}
