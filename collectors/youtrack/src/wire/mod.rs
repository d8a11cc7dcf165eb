//! The API's shapes, as little of them as is read.
//!
//! Every field may be missing, null or of another type, and is then none: only what a request cannot be without makes it a
//! broken one. Comments, attachments and work items are not here at all.

mod shapes;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

pub(crate) use shapes::{
    CustomField, Event, Issue, Part, Project, ProjectField, Quiet, User, Vcs, parts,
};

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

/// A whole answer.
pub(crate) fn one<T: DeserializeOwned>(answer: &[u8]) -> Result<T, WireError> {
    Ok(plimsoll_kit::json::read(answer)?)
}

/// An item of a list, decoded on its own, with what tells it from the others.
pub(crate) struct Row<T> {
    pub(crate) key: String,
    pub(crate) item: Result<T, WireError>,
}

/// The items of a list, one by one.
pub(crate) fn rows<T: DeserializeOwned>(answer: &[u8]) -> Result<Vec<Row<T>>, WireError> {
    #[derive(Deserialize)]
    struct Key {
        id: String,
    }
    let raw: Vec<&RawValue> = plimsoll_kit::json::read(answer)?;
    let rows = raw.into_iter().map(|raw| {
        let key = serde_json::from_str::<Key>(raw.get()).map(|key| key.id);
        Row {
            // What has no id is told by all that it says.
            key: key.unwrap_or_else(|_| raw.get().to_owned()),
            item: serde_json::from_str(raw.get()).map_err(WireError::from),
        }
    });
    Ok(rows.collect())
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_broken_item_does_not_lose_the_list() {
        let answer = br#"[{"id":"2-1","idReadable":"A-1","created":1,"reporter":7,"tags":[{"name":"x"},{"name":1}],"customFields":null},
            {"id":"2-2","idReadable":"A-2","created":"hunter2"}, null]"#;
        let rows: Vec<Row<Issue>> = rows(answer).unwrap();
        let good = rows[0].item.as_ref().unwrap();
        assert!(good.reporter.is_none() && !good.tags.whole && good.custom_fields.whole);
        assert_eq!((rows[0].key.as_str(), rows[1].key.as_str()), ("2-1", "2-2"));
        let error = rows[1].item.as_ref().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
        assert!(rows[2].item.is_err());
    }

    #[test]
    fn values_come_in_every_shape() {
        let count = |value| parts(&value).len();
        assert_eq!(count(json!(null)), 0);
        assert!(matches!(parts(&json!(17))[0], Part::Number(17)));
        assert!(matches!(&parts(&json!("x"))[0], Part::Text(text) if text == "x"));
        assert!(matches!(&parts(&json!({"name": "a"}))[0], Part::Name(name) if name == "a"));
        assert!(
            matches!(&parts(&json!([{"login": "kim", "name": "Kim"}]))[0], Part::User(user) if user.login.as_deref() == Some("kim"))
        );
        assert!(matches!(
            parts(&json!([{"id": "1"}, [1.5], true]))[..],
            [Part::Other, Part::Other, Part::Other]
        ));
    }
}
