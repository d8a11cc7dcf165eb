//! Something of which a few parts are read, and the whole is kept to be compared.

use plimsoll_model::Text;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error};

/// A thing, and all that it says in one form, whatever the order of its fields. The whole may hold secrets: it becomes a mark and
/// is never shown, not even to a debugger.
#[derive(Clone, Default)]
pub(crate) struct Whole<T> {
    /// All of it, as JSON with sorted fields.
    pub(crate) text: Text,
    parts: T,
}

impl<T> std::ops::Deref for Whole<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.parts
    }
}

impl<T> PartialEq for Whole<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for Whole<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.parts.fmt(f)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let whole = serde_json::Value::deserialize(deserializer)?;
        let text = whole.to_string().into();
        let parts = T::deserialize(whole).map_err(D::Error::custom)?;
        Ok(Self { text, parts })
    }
}
