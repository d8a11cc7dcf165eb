//! A platform's own record that someone did something.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AssetId, Labels, Text};

/// A platform's own record that someone did something to an asset at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// The platform's id of the record, unique in its source.
    pub id: Text,
    /// The asset it was done to.
    pub asset: AssetId,
    /// What was done, in the platform's word: `deploy`, `scale`, `execute`.
    pub what: Text,
    /// When, by the platform's clock.
    pub at: Timestamp,
    /// Who did it, where the platform says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Actor>,
    /// What the record says besides, and may be shown: `release`, `commit`, `image`, `ticket`, `status`, each a text.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub details: Labels,
    /// The platform's names of the fields that it touched, where it says them (`spec.template.spec.containers`); empty
    /// where it does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Text>,
    /// The scope of its source in which it was read.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub scope: Text,
}

/// An account on a platform.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// The account's id on its platform: a login, an address, a field manager.
    pub account: Text,
    /// Its display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
}
