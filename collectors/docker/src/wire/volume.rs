//! Volumes.
//!
//! No `Debug`: options hold the passwords of network file systems.

use plimsoll_model::{Labels, Text};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Map, labels, or_default};

/// `GET /volumes`.
#[derive(Deserialize)]
pub(crate) struct Volumes<'a> {
    /// The items, raw. Null is an empty list, as older engines write it; missing is an error.
    #[serde(borrow, rename = "Volumes", deserialize_with = "nullable")]
    pub(crate) items: Vec<&'a RawValue>,
}

fn nullable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<&'de RawValue>, D::Error> {
    or_default(deserializer)
}

/// An item of `GET /volumes`.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Volume {
    #[serde(deserialize_with = "or_default")]
    pub(crate) name: Text,
    pub(crate) driver: Option<Text>,
    pub(crate) mountpoint: Option<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) options: Map<Option<Text>>,
    #[serde(deserialize_with = "labels")]
    pub(crate) labels: Labels,
}
