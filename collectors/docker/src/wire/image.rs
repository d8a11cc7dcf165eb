//! Images.

use plimsoll_model::{Labels, Text};
use serde::Deserialize;

use super::{labels, or_default};

/// An item of `GET /images/json`.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct ImageListed {
    pub(crate) id: Text,
    #[serde(deserialize_with = "or_default")]
    pub(crate) repo_tags: Vec<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) repo_digests: Vec<Text>,
    /// Seconds since 1970.
    pub(crate) created: Option<i64>,
    #[serde(deserialize_with = "labels")]
    pub(crate) labels: Labels,
}

/// `GET /images/{id}/json`.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct ImageInspect {
    pub(crate) id: Text,
    #[serde(deserialize_with = "or_default")]
    pub(crate) repo_tags: Vec<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) repo_digests: Vec<Text>,
    pub(crate) created: Option<Text>,
    pub(crate) os: Option<Text>,
    pub(crate) architecture: Option<Text>,
    pub(crate) config: Option<ImageConfig>,
}

/// What the image says of its containers.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct ImageConfig {
    pub(crate) user: Option<Text>,
    #[serde(deserialize_with = "labels")]
    pub(crate) labels: Labels,
}
