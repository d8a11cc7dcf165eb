//! Networks.

use plimsoll_model::{Labels, Text};
use serde::Deserialize;

use super::{Map, labels, or_default};

/// An item of `GET /networks`.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Network {
    pub(crate) id: Text,
    #[serde(deserialize_with = "or_default")]
    pub(crate) name: Text,
    pub(crate) driver: Option<Text>,
    pub(crate) scope: Option<Text>,
    pub(crate) internal: Option<bool>,
    pub(crate) attachable: Option<bool>,
    #[serde(rename = "EnableIPv6")]
    pub(crate) enable_ipv6: Option<bool>,
    #[serde(rename = "IPAM", deserialize_with = "or_default")]
    pub(crate) ipam: Ipam,
    #[serde(deserialize_with = "or_default")]
    pub(crate) options: Map<Option<Text>>,
    #[serde(deserialize_with = "labels")]
    pub(crate) labels: Labels,
}

/// How addresses are given.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Ipam {
    #[serde(deserialize_with = "or_default")]
    pub(crate) config: Vec<Pool>,
}

/// A range of addresses.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Pool {
    pub(crate) subnet: Option<Text>,
}
