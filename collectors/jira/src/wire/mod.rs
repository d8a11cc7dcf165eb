//! The API's shapes. Unknown fields and words never fail a list, and a broken part fails no more than itself.

pub(crate) mod adf;
mod history;
mod issue;
mod loose;
mod time;
pub(crate) mod wiki;

use serde::Deserialize;
use serde_json::value::RawValue;

pub(crate) use history::{Approval, Comment, Entry, History, Item, RemoteLink};
pub(crate) use issue::{Issue, Named, Person};
pub(crate) use loose::{text, whole};
pub(crate) use time::{moment, time};

/// A page of a search, on Cloud by a token and in a data centre by a number.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SearchPage {
    pub(crate) issues: Vec<Box<RawValue>>,
    #[serde(default)]
    pub(crate) next_page_token: Option<String>,
    #[serde(default)]
    pub(crate) is_last: Option<bool>,
    #[serde(default)]
    pub(crate) total: Option<i64>,
}

/// A page of anything else. Its list has another name in each interface.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page {
    #[serde(alias = "histories", alias = "comments")]
    pub(crate) values: Vec<Box<RawValue>>,
    #[serde(default, alias = "isLastPage")]
    pub(crate) is_last: Option<bool>,
    #[serde(default)]
    pub(crate) total: Option<i64>,
}

/// A field as the list of all fields has it.
#[derive(Deserialize)]
pub(crate) struct Field {
    #[serde(deserialize_with = "text")]
    pub(crate) id: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) schema: Option<Schema>,
}

/// What a field holds.
#[derive(Deserialize)]
pub(crate) struct Schema {
    #[serde(default)]
    pub(crate) custom: Option<String>,
}

/// A status as the list of all statuses has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Status {
    #[serde(deserialize_with = "text")]
    pub(crate) id: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) status_category: Option<Category>,
}

/// A status's category: `new`, `indeterminate` or `done`.
#[derive(Deserialize)]
pub(crate) struct Category {
    #[serde(default, deserialize_with = "text")]
    pub(crate) key: String,
}

/// A project.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Project {
    #[serde(default, deserialize_with = "text")]
    pub(crate) key: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) project_type_key: String,
}

/// The account of the token.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Myself {
    #[serde(default)]
    pub(crate) account_id: Option<String>,
    #[serde(default)]
    pub(crate) key: Option<String>,
    #[serde(default)]
    pub(crate) name: Option<String>,
}

/// The items of a list that are what they should be, and how many are not.
pub(crate) fn sound<'r, T: Deserialize<'r>>(raw: &'r [Box<RawValue>]) -> (Vec<T>, usize) {
    let mut good = Vec::with_capacity(raw.len());
    for item in raw {
        good.extend(serde_json::from_str(item.get()).ok());
    }
    let broken = raw.len() - good.len();
    (good, broken)
}
