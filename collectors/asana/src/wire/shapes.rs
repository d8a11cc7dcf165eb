//! What is read of each thing.

use plimsoll_model::Text;
use serde::Deserialize;

use super::{Several, lenient, maybe};

/// Something by its id.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Gid {
    pub(crate) gid: Text,
}

/// Something by its id and its name: a person, a section, a tag, a value.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Named {
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) gid: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) name: Option<Text>,
}

/// A task, and a subtask.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Task {
    pub(crate) gid: Text,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) name: Option<String>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) html_notes: Option<String>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) resource_subtype: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) approval_status: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) completed_by: Option<Named>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) created_at: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) created_by: Option<Named>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) modified_at: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) start_at: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) due_at: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) assignee: Option<Named>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) memberships: Several<Membership>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) custom_fields: Several<CustomField>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) tags: Several<Named>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) parent: Option<Gid>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) num_subtasks: Option<i64>,
}

impl Task {
    /// Whether it asks for an approval.
    pub(crate) fn is_approval(&self) -> bool {
        match self.resource_subtype.as_deref() {
            Some(kind) => kind == "approval",
            None => self.approval_status.is_some(),
        }
    }
}

/// That a task is in a project, and in which section.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Membership {
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) project: Option<Gid>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) section: Option<Named>,
}

/// A custom field of a task as it stands now.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CustomField {
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) name: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) enum_value: Option<Named>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) multi_enum_values: Several<Named>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) date_value: Option<DateValue>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) people_value: Several<Named>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) text_value: Option<String>,
}

/// A day, with or without an hour.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct DateValue {
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) date: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) date_time: Option<Text>,
}

/// Something that happened to a task.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Story {
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) created_at: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) created_by: Option<Named>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) resource_subtype: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) source: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) old_name: Option<String>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) new_name: Option<String>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) old_approval_status: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) new_approval_status: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) old_section: Option<Named>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) new_section: Option<Named>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) project: Option<Gid>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) tag: Option<Named>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) custom_field: Option<Named>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) old_enum_value: Option<Named>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) new_enum_value: Option<Named>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) old_multi_enum_values: Several<Named>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) new_multi_enum_values: Several<Named>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) old_people_value: Several<Named>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) new_people_value: Several<Named>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) new_text_value: Option<String>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) old_dates: Option<Dates>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) new_dates: Option<Dates>,
}

/// When a task is to begin and to end.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Dates {
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) start_on: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) due_at: Option<Text>,
}
