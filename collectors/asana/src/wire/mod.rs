//! The API's shapes, as little of them as is read.
//!
//! Every field may be missing, null or of another type, and is then none: only what a request cannot be without makes it a
//! broken one. Texts of comments and attachments are not here at all.

mod shapes;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

pub(crate) use shapes::{CustomField, Gid, Named, Story, Task};

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
    let wrapped: Wrapped<T> = plimsoll_kit::json::read(answer)?;
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
        // Said on every page of a list that is asked for with a limit, as ours are: an answer without it is not whole.
        #[serde(deserialize_with = "Option::deserialize")]
        next_page: Option<Next>,
    }
    #[derive(Deserialize)]
    struct Next {
        #[serde(deserialize_with = "said")]
        offset: String,
    }
    let list: List<'_> = plimsoll_kit::json::read(answer)?;
    let rows = list.data.into_iter().map(|raw| Row {
        gid: serde_json::from_str::<Gid>(raw.get())
            .map(|gid| gid.gid.into_string())
            .ok(),
        item: serde_json::from_str(raw.get()).map_err(WireError::from),
    });
    let next = list.next_page.map(|next| next.offset);
    Ok((rows.collect(), next))
}

/// A text that is not empty.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Err(serde::de::Error::custom("the next page has no name"));
    }
    Ok(text)
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
        let end = br#"{"data":[],"next_page":null}"#;
        assert_eq!(super::rows::<Task>(end).unwrap().1, None);
        // A page that has no name is there all the same, and an end that is not said is none.
        for torn in [
            r#"{"data":[]}"#,
            r#"{"data":[],"next_page":"o2"}"#,
            r#"{"data":[],"next_page":{"offset":""}}"#,
            r#"{"data":[],"next_page":{}}"#,
        ] {
            assert!(super::rows::<Task>(torn.as_bytes()).is_err(), "{torn}");
        }
        assert!(super::rows::<Task>(b"{}").is_err());
        assert!(super::rows::<Task>(b"[]").is_err());
    }
}
