//! The API's shapes, as little of them as is read: an allow-list.
//!
//! Every field may be missing or null, words are texts and never enums, times are texts until they are read, and the items of
//! a list are decoded one by one. What may hold free text and is not needed has no place here: no comment, no review's
//! text, no output of a check.

mod branch;
mod event;
mod graphql;
mod pull;

use plimsoll_model::Text;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::value::RawValue;

pub(crate) use branch::{
    Branch, Parameters, Protection, Repository, RequiredReviews, Rule, Ruleset, Suite, Switch,
};
pub(crate) use event::Event;
pub(crate) use graphql::{Editor, Edits, Nodes};
pub(crate) use pull::{
    Activity, CheckRun, Commit, Issue, Label, Listed, Pull, Review, Signature, Status,
};

/// An account. Null where it is gone, and without a number in the vendor's oldest records.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub(crate) struct User {
    pub(crate) login: Option<Text>,
    pub(crate) id: Option<i64>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<Text>,
}

/// The items of a list, and the places of the broken ones, from 1.
pub(crate) struct Items<T> {
    pub(crate) good: Vec<T>,
    pub(crate) broken: Vec<usize>,
    /// How many there are on all pages, by the answer's own count.
    pub(crate) total: Option<usize>,
    /// The ids of the items of a list that is counted: one that comes twice is one.
    pub(crate) ids: Vec<i64>,
}

/// Why an answer is no list. Says where, and never what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoList {
    #[error("the answer ends in the middle")]
    Short,
    #[error("the answer is no JSON at line {line}, column {column}")]
    Syntax { line: usize, column: usize },
    #[error("the answer is no list: line {line}, column {column}")]
    Shape { line: usize, column: usize },
    #[error("the answer has no list where one should be")]
    Missing,
    #[error("the answer does not say how many there are")]
    Uncounted,
}

impl From<serde_json::Error> for NoList {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            serde_json::error::Category::Eof => Self::Short,
            serde_json::error::Category::Data => Self::Shape { line, column },
            _ => Self::Syntax { line, column },
        }
    }
}

/// The items of a bare list, or of the one that stands under a key.
pub(crate) fn items<T: DeserializeOwned>(
    answer: &[u8],
    key: Option<&str>,
) -> Result<Items<T>, NoList> {
    let mut total = None;
    let raw: Vec<&RawValue> = match key {
        None => plimsoll_kit::json::read(answer)?,
        Some(key) => {
            let object: std::collections::BTreeMap<String, &RawValue> =
                plimsoll_kit::json::read(answer)?;
            let list = object.get(key).ok_or(NoList::Missing)?;
            // Said of every list under a key: without it nobody knows whether it is all.
            total = object
                .get("total_count")
                .and_then(|count| serde_json::from_str(count.get()).ok());
            if total.is_none() {
                return Err(NoList::Uncounted);
            }
            serde_json::from_str(list.get())?
        }
    };
    let mut items = Items {
        good: Vec::with_capacity(raw.len()),
        broken: Vec::new(),
        total,
        ids: Vec::new(),
    };
    for (at, item) in raw.into_iter().enumerate() {
        if total.is_some() {
            let id = serde_json::from_str::<Id>(item.get());
            items.ids.extend(id.ok().map(|id| id.id));
        }
        match serde_json::from_str(item.get()) {
            Ok(item) => items.good.push(item),
            Err(_) => items.broken.push(at + 1),
        }
    }
    Ok(items)
}

/// What tells an item from others of its list.
#[derive(serde::Deserialize)]
struct Id {
    id: i64,
}

/// Null is the default.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Something that may come in a shape of another kind, and is none then: for what a list of many kinds of item has under
/// one name.
pub(crate) fn if_fits<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(T::deserialize(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_broken_item_does_not_lose_the_list() {
        let read =
            items::<User>(br#"[{"login":"ida","id":11},7,{"login":[]},null]"#, None).unwrap();
        assert_eq!(read.good.len(), 1);
        assert_eq!(read.broken, [2, 3, 4]);
        let under = br#"{"total_count":9,"check_runs":[{"login":"a"}]}"#;
        let read = items::<User>(under, Some("check_runs")).unwrap();
        assert_eq!((read.good.len(), read.total), (1, Some(9)));
    }

    #[test]
    fn errors_do_not_repeat_the_answer() {
        for (text, key) in [
            ("\"hunter2\"", None),
            ("{\"hunter2\":1}", Some("statuses")),
            ("[{", None),
        ] {
            let error = items::<User>(text.as_bytes(), key).err().unwrap();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }
}
