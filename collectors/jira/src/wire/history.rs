//! What happened to an issue, and what hangs on it.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Person, sound, text};

/// An issue's history as far as it was read.
#[derive(Default)]
pub(crate) struct History {
    pub(crate) entries: Vec<Entry>,
    /// Why it is not all of it, for a person; empty where it is.
    pub(crate) lacks: Vec<String>,
}

/// Something that somebody did at once.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    #[serde(default, deserialize_with = "text")]
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) author: Option<Person>,
    #[serde(default)]
    pub(crate) created: Value,
    #[serde(default)]
    items: Vec<Box<RawValue>>,
    #[serde(default)]
    history_metadata: Option<Value>,
}

impl Entry {
    /// What was altered, and how many of these cannot be read.
    pub(crate) fn items(&self) -> (Vec<Item>, usize) {
        sound(&self.items)
    }

    /// Whether something is told of how it was made besides by whom. A person's own hand leaves nothing there: a rule or an app acted in
    /// that name.
    pub(crate) fn by_program(&self) -> bool {
        match &self.history_metadata {
            None => false,
            Some(Value::Object(about)) => about.values().any(|value| !value.is_null()),
            Some(other) => !other.is_null(),
        }
    }
}

/// One field that was altered. In a data centre there is no `fieldId`.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    #[serde(default, deserialize_with = "text")]
    pub(crate) field: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) field_id: String,
    /// `jira` or `custom`.
    #[serde(default, deserialize_with = "text")]
    fieldtype: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) from: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) from_string: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) to: String,
    #[serde(default, rename = "toString", deserialize_with = "text")]
    pub(crate) to_string: String,
}

impl Item {
    /// What the system calls a field of its own, in lower case: its id, or its name where there is no id. Empty for a custom field, whatever that is called.
    pub(crate) fn own(&self) -> String {
        if self.fieldtype == "custom" || self.field_id.starts_with("customfield_") {
            return String::new();
        }
        let name = if self.field_id.is_empty() {
            &self.field
        } else {
            &self.field_id
        };
        name.to_lowercase()
    }
}

/// A step of a service desk's approval.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Approval {
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) final_decision: String,
    #[serde(default)]
    pub(crate) approvers: Vec<Step>,
    #[serde(default)]
    pub(crate) completed_date: Value,
}

/// What one approver said.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Step {
    #[serde(default)]
    pub(crate) approver: Option<Person>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) approver_decision: String,
}

/// A comment.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Comment {
    #[serde(default)]
    pub(crate) author: Option<Person>,
    #[serde(default)]
    pub(crate) update_author: Option<Person>,
    #[serde(default)]
    pub(crate) body: Option<Box<RawValue>>,
    #[serde(default)]
    pub(crate) created: Value,
    #[serde(default)]
    pub(crate) updated: Value,
}

/// A link to something elsewhere.
#[derive(Deserialize)]
pub(crate) struct RemoteLink {
    #[serde(default)]
    object: Option<Remote>,
}

#[derive(Deserialize)]
struct Remote {
    #[serde(default, deserialize_with = "text")]
    url: String,
}

impl RemoteLink {
    /// Where it leads to.
    pub(crate) fn url(&self) -> &str {
        self.object.as_ref().map_or("", |object| &object.url)
    }
}
