//! The API's shapes, as little of them as is read.
//!
//! Every field may be missing or null, words are texts and never enums, and the items of a list are decoded one by one: an
//! engine that is newer than this file, or one broken container, must not lose the rest. What is missing stays
//! none, so that it can be said to be unknown; nothing here is given a default that claims something.

use std::collections::BTreeMap;

use plimsoll_model::{Labels, Text};
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::value::RawValue;

mod container;
mod engine;
mod image;
mod network;
mod volume;

pub(crate) use container::{Config, HostConfig, Inspect, Listed, Mount, PortBinding, State, Words};
pub(crate) use engine::{Info, Version};
pub(crate) use image::{ImageInspect, ImageListed};
pub(crate) use network::Network;
pub(crate) use volume::{Volume, Volumes};

/// A map as Go writes it: null where it is empty.
pub(crate) type Map<V> = BTreeMap<Text, V>;

/// Null or missing is the default.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Labels whose values may be null.
pub(crate) fn labels<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Labels, D::Error> {
    or_default(deserializer)
}

/// An answer that makes no sense. Says where, and never what: the answer may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WireError {
    #[error("the answer ends in the middle")]
    Short,
    #[error("the answer is no JSON at line {line}, column {column}")]
    Syntax { line: usize, column: usize },
    #[error("the answer has an unexpected shape at line {line}, column {column}")]
    Shape { line: usize, column: usize },
}

impl From<serde_json::Error> for WireError {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            serde_json::error::Category::Eof => Self::Short,
            serde_json::error::Category::Data => Self::Shape { line, column },
            _ => Self::Syntax { line, column },
        }
    }
}

/// A whole answer.
pub(crate) fn one<'a, T: Deserialize<'a>>(answer: &'a [u8]) -> Result<T, WireError> {
    Ok(plimsoll_kit::json::read(answer)?)
}

/// The items of a list, and for each broken one its place from 1 and why.
pub(crate) struct Items<T> {
    pub(crate) good: Vec<T>,
    pub(crate) broken: Vec<(usize, WireError)>,
}

/// A list, item by item.
pub(crate) fn list<T: DeserializeOwned>(answer: &[u8]) -> Result<Items<T>, WireError> {
    let raw: Vec<&RawValue> = plimsoll_kit::json::read(answer)?;
    Ok(items(raw))
}

/// The items that were left raw so far.
pub(crate) fn items<T: DeserializeOwned>(raw: Vec<&RawValue>) -> Items<T> {
    let mut items = Items {
        good: Vec::with_capacity(raw.len()),
        broken: Vec::new(),
    };
    for (at, item) in raw.into_iter().enumerate() {
        match serde_json::from_str(item.get()) {
            Ok(item) => items.good.push(item),
            Err(error) => items.broken.push((at + 1, error.into())),
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_broken_item_does_not_lose_the_list() {
        let answer = br#"[{"Name":"a"},{"Name":7},null,{"Name":"b","New":{"x":[1]}}]"#;
        let items: Items<Network> = list(answer).unwrap();
        let names: Vec<_> = items.good.iter().map(|n| n.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        let places: Vec<_> = items.broken.iter().map(|(at, _)| *at).collect();
        assert_eq!(places, [2, 3]);
    }

    #[test]
    fn what_is_no_list_is_not_an_empty_one() {
        assert!(list::<Network>(b"null").is_err());
        assert!(list::<Network>(b"{}").is_err());
        assert_eq!(list::<Network>(b"[{}").err(), Some(WireError::Short));
        assert!(one::<Volumes<'_>>(b"{}").is_err());
    }

    #[test]
    fn errors_do_not_repeat_the_answer() {
        let error = one::<Info>(br#"{"Name":["hunter2"]}"#).err().unwrap();
        assert!(!error.to_string().contains("hunter2"), "{error}");
        let error = one::<Info>(br#"{"NCPU":1,"hunter2"#).err().unwrap();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
