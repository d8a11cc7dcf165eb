//! An issue, and what its fields hold.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::text;

/// An issue. Each field is read by itself, so that a broken one is no broken issue.
#[derive(Deserialize)]
pub(crate) struct Issue {
    #[serde(deserialize_with = "text")]
    pub(crate) id: String,
    #[serde(deserialize_with = "text")]
    pub(crate) key: String,
    #[serde(default)]
    fields: HashMap<String, Box<RawValue>>,
    /// The history, where it came with the issue.
    #[serde(default)]
    pub(crate) changelog: Option<Box<RawValue>>,
}

/// A field that is there and not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Odd;

impl Issue {
    /// A field; none where it is empty or was not given.
    pub(crate) fn field<'i, T: Deserialize<'i>>(&'i self, id: &str) -> Result<Option<T>, Odd> {
        let Some(raw) = self.fields.get(id) else {
            return Ok(None);
        };
        serde_json::from_str(raw.get()).map_err(|_| Odd)
    }

    /// Whether a field has something in it; none where it was not given at all.
    pub(crate) fn holds(&self, id: &str) -> Option<bool> {
        self.fields.get(id).map(|raw| raw.get() != "null")
    }
}

/// An account, as either product writes it.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Person {
    #[serde(default)]
    pub(crate) account_id: Option<String>,
    #[serde(default)]
    pub(crate) key: Option<String>,
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) display_name: Option<String>,
    #[serde(default)]
    pub(crate) account_type: Option<String>,
}

/// Something with an id or a key: a status, another issue.
#[derive(Deserialize)]
pub(crate) struct Named {
    #[serde(default, deserialize_with = "text")]
    pub(crate) id: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) key: String,
}
