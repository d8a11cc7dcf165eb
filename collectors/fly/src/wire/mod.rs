//! The interfaces' shapes, as little of them as is read.
//!
//! Every field may be missing or null, words are texts and never enums, and the items of a list are decoded one by one: one broken
//! item must not lose the rest. A list may come as null where it is empty. What may hold a secret and is not needed is not here at all.

mod app;
mod graphql;
mod machine;
mod organisation;

use std::collections::BTreeMap;

use plimsoll_model::Text;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::value::RawValue;

pub(crate) use app::{
    Address, App, Certificate, CertificateClosely, Release, Secret, Snapshot, Volume,
};
pub(crate) use graphql::{AppNode, Attribution, ReleaseNode, SecretNode, User};
pub(crate) use machine::{Config, Event, Guest, Machine, Mount, Port, Process, Service};
pub(crate) use organisation::{MachineRow, Organisation, Region, Token};

/// A map whose values may be null.
pub(crate) type Map<V> = BTreeMap<Text, Option<V>>;

/// Null or missing is the default.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A list from which items that make no sense are left out: for what is a help and no fact.
pub(crate) fn lenient<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let items: Option<Vec<serde_json::Value>> = Option::deserialize(deserializer)?;
    let items = items.into_iter().flatten();
    Ok(items.filter_map(|item| T::deserialize(item).ok()).collect())
}

/// An answer that makes no sense. Says where, and never what: the answer may hold secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WireError {
    #[error("the answer ends in the middle")]
    Short,
    #[error("the answer is no JSON at line {line}, column {column}")]
    Syntax { line: usize, column: usize },
    #[error("the answer has an unexpected shape at line {line}, column {column}")]
    Shape { line: usize, column: usize },
    #[error("the answer has no list `{0}`")]
    NoList(&'static str),
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
pub(crate) fn one<T: DeserializeOwned>(answer: &[u8]) -> Result<T, WireError> {
    Ok(plimsoll_kit::json::read(answer)?)
}

/// What is in an object under a key.
pub(crate) fn inside<T: DeserializeOwned>(
    answer: &[u8],
    key: &'static str,
) -> Result<T, WireError> {
    let object: BTreeMap<String, &RawValue> = plimsoll_kit::json::read(answer)?;
    let found = object.get(key).ok_or(WireError::NoList(key))?;
    Ok(serde_json::from_str(found.get())?)
}

/// The items of a list, and for each broken one its place from 1 and why.
pub(crate) struct Items<T> {
    pub(crate) good: Vec<T>,
    pub(crate) broken: Vec<(usize, WireError)>,
}

/// The items of a bare list; null is an empty one.
pub(crate) fn list<T: DeserializeOwned>(answer: &[u8]) -> Result<Items<T>, WireError> {
    let raw: Option<Vec<&RawValue>> = plimsoll_kit::json::read(answer)?;
    Ok(items(raw.unwrap_or_default()))
}

/// The items of the list that stands under a key of an object; null is an empty one, and a missing key is no list.
pub(crate) fn list_in<T: DeserializeOwned>(
    answer: &[u8],
    key: &'static str,
) -> Result<Items<T>, WireError> {
    let object: BTreeMap<String, &RawValue> = plimsoll_kit::json::read(answer)?;
    let found = object.get(key).ok_or(WireError::NoList(key))?;
    list(found.get().as_bytes())
}

/// How many items the whole list has, where the platform counts them.
pub(crate) fn total_count(answer: &[u8]) -> Option<usize> {
    #[derive(serde::Deserialize)]
    struct Page {
        total_count: Option<usize>,
    }
    plimsoll_kit::json::read::<Page>(answer).ok()?.total_count
}

/// The cursor of the page after this one; none at the end.
///
/// # Errors
/// When the answer does not make out whether there is one.
pub(crate) fn next_cursor(answer: &[u8]) -> Result<Option<String>, WireError> {
    #[derive(serde::Deserialize)]
    struct Page {
        // Said on every page, empty on the last: an answer without it does not say that the list ends.
        #[serde(deserialize_with = "Option::deserialize")]
        next_cursor: Option<String>,
    }
    let page: Page = plimsoll_kit::json::read(answer)?;
    Ok(page.next_cursor.filter(|cursor| !cursor.is_empty()))
}

/// The regions that could not be asked for a page.
pub(crate) fn error_regions(answer: &[u8]) -> Vec<Text> {
    #[derive(serde::Deserialize)]
    struct Page {
        #[serde(default, deserialize_with = "or_default")]
        error_regions: Vec<Text>,
    }
    match plimsoll_kit::json::read::<Page>(answer) {
        Ok(page) => page.error_regions,
        // Something stands there and cannot be read: as good as one.
        Err(_) => vec!["?".into()],
    }
}

fn items<T: DeserializeOwned>(raw: Vec<&RawValue>) -> Items<T> {
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
        let answer =
            br#"{"apps":[{"name":"a"},{"name":7},null,{"name":"b","new":{"x":[1]}}],"total_apps":4}"#;
        let items: Items<App> = list_in(answer, "apps").unwrap();
        let names: Vec<_> = items.good.iter().map(|app| app.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        let places: Vec<_> = items.broken.iter().map(|(at, _)| *at).collect();
        assert_eq!(places, [2, 3]);
    }

    #[test]
    fn null_is_an_empty_list_and_absence_is_none() {
        assert!(list::<Machine>(b"null").unwrap().good.is_empty());
        assert!(
            list_in::<App>(b"{\"apps\":null}", "apps")
                .unwrap()
                .good
                .is_empty()
        );
        let error = list_in::<App>(b"{}", "apps").err();
        assert_eq!(error, Some(WireError::NoList("apps")));
        assert!(list::<Machine>(b"{}").is_err());
        assert_eq!(list::<Machine>(b"[{}").err(), Some(WireError::Short));
    }

    #[test]
    fn errors_do_not_repeat_the_answer() {
        let error = one::<App>(br#"{"name":["hunter2"]}"#).err().unwrap();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }

    #[test]
    fn cursors_and_regions() {
        let next = next_cursor(br#"{"next_cursor":"c2"}"#).unwrap();
        assert_eq!(next.as_deref(), Some("c2"));
        for end in [&br#"{"next_cursor":""}"#[..], br#"{"next_cursor":null}"#] {
            assert_eq!(next_cursor(end).unwrap(), None);
        }
        for torn in [&b"["[..], br#"{"next_cursor":7}"#, b"{}"] {
            assert!(next_cursor(torn).is_err());
        }
        assert_eq!(error_regions(br#"{"error_regions":["fra"]}"#), ["fra"]);
        assert_eq!(error_regions(br#"{"error_regions":{"fra":1}}"#), ["?"]);
        assert!(error_regions(br#"{"error_regions":null}"#).is_empty());
    }
}
