//! Tokens, organisations, and what is listed for a whole one.

use plimsoll_model::Text;
use serde::Deserialize;

use super::{Map, or_default};

/// An item of `GET /tokens/current`.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Token {
    #[serde(deserialize_with = "or_default")]
    pub(crate) org_slug: Text,
    /// Empty where the token is for the whole organisation.
    #[serde(deserialize_with = "or_default")]
    pub(crate) apps: Vec<Text>,
    pub(crate) user: Option<Text>,
    pub(crate) restricted_to_machine: Option<Text>,
}

/// `GET /organizations/{slug}` of the older interface.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Organisation {
    pub(crate) raw_slug: Option<Text>,
    pub(crate) internal_numeric_id: Option<i64>,
}

/// An item of `GET /platform/regions`.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Region {
    #[serde(deserialize_with = "or_default")]
    pub(crate) code: Text,
    #[serde(deserialize_with = "or_default")]
    pub(crate) name: Text,
}

/// An item of `GET /orgs/{slug}/machines`: neither services nor mounts nor events, and no digest.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct MachineRow {
    #[serde(deserialize_with = "or_default")]
    pub(crate) id: Text,
    #[serde(deserialize_with = "or_default")]
    pub(crate) app_name: Text,
    #[serde(deserialize_with = "or_default")]
    pub(crate) state: Text,
    pub(crate) region: Option<Text>,
    pub(crate) config: Option<RowConfig>,
}

/// What such a row has of the configuration.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct RowConfig {
    #[serde(deserialize_with = "or_default")]
    pub(crate) metadata: Map<Text>,
}
