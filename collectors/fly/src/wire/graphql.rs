//! What the query for attribution gives.

use plimsoll_model::Text;
use serde::Deserialize;

use super::{lenient, or_default};

/// The query's data.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Attribution {
    pub(crate) organization: Option<OrganisationNode>,
}

/// An organisation with a page of its apps.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct OrganisationNode {
    pub(crate) raw_slug: Option<Text>,
    pub(crate) apps: Option<Apps>,
}

/// A page of apps.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Apps {
    pub(crate) page_info: Option<PageInfo>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) nodes: Vec<AppNode>,
}

/// Whether there is a page after this one.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PageInfo {
    pub(crate) has_next_page: Option<bool>,
    pub(crate) end_cursor: Option<String>,
}

/// An app. Of what could not be answered there is none.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct AppNode {
    #[serde(deserialize_with = "or_default")]
    pub(crate) name: Text,
    pub(crate) created_at: Option<Text>,
    pub(crate) releases_unprocessed: Option<Releases>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) secrets: Vec<SecretNode>,
}

/// Some of an app's releases, the newest first.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Releases {
    #[serde(deserialize_with = "or_default")]
    pub(crate) nodes: Vec<Option<serde_json::Value>>,
}

/// A release.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ReleaseNode {
    #[serde(deserialize_with = "or_default")]
    pub(crate) id: Text,
    pub(crate) version: Option<i64>,
    pub(crate) status: Option<Text>,
    pub(crate) stable: Option<bool>,
    pub(crate) image_ref: Option<Text>,
    pub(crate) deployment_strategy: Option<Text>,
    pub(crate) created_at: Option<Text>,
    pub(crate) user: Option<User>,
}

/// A secret, as far as it says who set it.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct SecretNode {
    #[serde(deserialize_with = "or_default")]
    pub(crate) name: Text,
    #[serde(deserialize_with = "or_default")]
    pub(crate) digest: Text,
    pub(crate) created_at: Option<Text>,
    pub(crate) user: Option<User>,
}

/// An account.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct User {
    pub(crate) email: Option<Text>,
    pub(crate) name: Option<Text>,
}
