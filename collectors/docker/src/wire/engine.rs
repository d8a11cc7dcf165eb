//! The engine itself.

use plimsoll_model::Text;
use serde::Deserialize;

use super::or_default;

/// `GET /version`.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Version {
    pub(crate) version: Option<Text>,
    pub(crate) api_version: Option<Text>,
    #[serde(rename = "MinAPIVersion")]
    pub(crate) min_api_version: Option<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) components: Vec<Component>,
}

/// A part of the engine.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Component {
    pub(crate) name: Option<Text>,
}

/// `GET /info`.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Info {
    #[serde(rename = "ID")]
    pub(crate) id: Option<Text>,
    pub(crate) name: Option<Text>,
    pub(crate) operating_system: Option<Text>,
    #[serde(rename = "OSType")]
    pub(crate) os_type: Option<Text>,
    pub(crate) kernel_version: Option<Text>,
    pub(crate) architecture: Option<Text>,
    pub(crate) driver: Option<Text>,
    pub(crate) logging_driver: Option<Text>,
    pub(crate) docker_root_dir: Option<Text>,
    /// `1` or `2`.
    pub(crate) cgroup_version: Option<Text>,
    pub(crate) system_time: Option<Text>,
    pub(crate) live_restore_enabled: Option<bool>,
    pub(crate) security_options: Option<Vec<Text>>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) warnings: Vec<Text>,
    /// How many containers there are, in any state.
    #[serde(deserialize_with = "or_default")]
    pub(crate) containers: Option<u64>,
}
