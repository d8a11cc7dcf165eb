//! The API's shapes, as little of them as is read.
//!
//! Every field may be missing, null or of another type, and is then none: only what a request cannot be without makes it a
//! broken one. Texts of comments and attachments are not here at all.

use plimsoll_model::Text;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// An answer that makes no sense. Says where, and never what: the answer may hold secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
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

/// What every answer is wrapped in.
#[derive(Deserialize)]
struct Wrapped<T> {
    data: T,
}

/// What an answer is about.
pub(crate) fn one<T: DeserializeOwned>(answer: &[u8]) -> Result<T, WireError> {
    let wrapped: Wrapped<T> = serde_json::from_slice(answer)?;
    Ok(wrapped.data)
}

/// An item of a list, decoded on its own, with its id where it has one.
pub(crate) struct Row<T> {
    pub(crate) gid: Option<String>,
    pub(crate) item: Result<T, WireError>,
}

/// The items of a list, one by one, and the offset of the next page.
pub(crate) fn rows<T: DeserializeOwned>(
    answer: &[u8],
) -> Result<(Vec<Row<T>>, Option<String>), WireError> {
    #[derive(Deserialize)]
    struct List<'a> {
        #[serde(borrow)]
        data: Vec<&'a RawValue>,
        #[serde(default)]
        next_page: Option<Next>,
    }
    #[derive(Deserialize)]
    struct Next {
        offset: String,
    }
    let list: List<'_> = serde_json::from_slice(answer)?;
    let rows = list.data.into_iter().map(|raw| Row {
        gid: serde_json::from_str::<Gid>(raw.get())
            .map(|gid| gid.gid.into_string())
            .ok(),
        item: serde_json::from_str(raw.get()).map_err(WireError::from),
    });
    let next = list.next_page.map(|next| next.offset);
    Ok((rows.collect(), next.filter(|offset| !offset.is_empty())))
}

/// What is of another type is as good as missing.
fn maybe<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    Ok(T::deserialize(value).ok())
}

/// The items of a list that make sense, and whether all do.
fn lenient<'de, D, T>(deserializer: D) -> Result<Several<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    let (items, listed) = match value {
        Value::Array(items) => (items, true),
        Value::Null => (Vec::new(), true),
        _ => (Vec::new(), false),
    };
    let count = items.len();
    let items = items
        .into_iter()
        .filter_map(|item| T::deserialize(item).ok());
    let items: Vec<T> = items.collect();
    let whole = listed && items.len() == count;
    Ok(Several { items, whole })
}

/// A list, and whether all of it could be read.
#[derive(Clone, Debug)]
pub(crate) struct Several<T> {
    pub(crate) items: Vec<T>,
    pub(crate) whole: bool,
}

impl<T> Default for Several<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            whole: true,
        }
    }
}

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
        self.resource_subtype.as_deref() == Some("approval") || self.approval_status.is_some()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_broken_item_does_not_lose_the_list() {
        let answer = br#"{"data":[{"gid":"1","created_by":7,"tags":[{"name":"x"},5],"custom_fields":null},{"gid":9,"name":"hunter2"},null],
            "next_page":{"offset":"o2","path":"/x"}}"#;
        let (rows, next): (Vec<Row<Task>>, _) = rows(answer).unwrap();
        let good = rows[0].item.as_ref().unwrap();
        assert!(good.created_by.is_none() && !good.tags.whole && good.custom_fields.whole);
        assert_eq!(
            (rows[0].gid.as_deref(), rows[1].gid.as_deref()),
            (Some("1"), None)
        );
        let error = rows[1].item.as_ref().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
        assert!(rows[2].item.is_err());
        assert_eq!(next.as_deref(), Some("o2"));
    }

    #[test]
    fn the_last_page_names_none() {
        for end in [r#"{"data":[],"next_page":null}"#, r#"{"data":[]}"#] {
            assert_eq!(super::rows::<Task>(end.as_bytes()).unwrap().1, None);
        }
        assert!(super::rows::<Task>(b"{}").is_err());
        assert!(super::rows::<Task>(b"[]").is_err());
    }
}
