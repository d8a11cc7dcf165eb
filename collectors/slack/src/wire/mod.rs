//! The interface's shapes, as little of them as is read.
//!
//! Every field may be missing or null, words are texts and never enums, and the messages of a list are decoded one by one: one
//! broken message must not lose the rest.

mod message;

use plimsoll_model::Text;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::value::RawValue;

pub(crate) use message::{Edited, Message, Reaction};

/// Null or missing is the default.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
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
    #[error("it has an unexpected shape")]
    Item,
    #[error("the answer has no list of messages")]
    NoList,
    #[error("the answer says that there is more, and not where")]
    NoCursor,
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

/// What every answer has.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Head {
    pub(crate) ok: bool,
    pub(crate) error: Option<Text>,
    /// The scope that is missing.
    pub(crate) needed: Option<Text>,
}

/// Where a list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Next {
    has_more: Option<bool>,
    #[serde(deserialize_with = "or_default")]
    response_metadata: Metadata,
    /// Whether older messages are kept back, as in workspaces without a paid plan.
    #[serde(deserialize_with = "or_default")]
    pub(crate) is_limited: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    next_cursor: Option<Text>,
}

impl Next {
    /// Empty at the end.
    pub(crate) fn cursor(&self) -> &str {
        self.response_metadata
            .next_cursor
            .as_deref()
            .unwrap_or_default()
    }

    /// Whether it is said that the list ends here: an answer that says nothing of it may have been cut off.
    pub(crate) fn ends(&self) -> bool {
        match self.has_more {
            Some(more) => !more && self.cursor().is_empty(),
            None => self.response_metadata.next_cursor.as_deref() == Some(""),
        }
    }
}

/// Whose token it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Auth {
    pub(crate) url: Option<Text>,
    pub(crate) user_id: Option<Text>,
    pub(crate) bot_id: Option<Text>,
}

/// A message with all who reacted to it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Reacted {
    #[serde(deserialize_with = "or_default")]
    pub(crate) message: Reactions,
}

/// The reactions of a message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Reactions {
    #[serde(deserialize_with = "or_default")]
    pub(crate) reactions: Vec<Reaction>,
}

/// An account.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Account {
    #[serde(deserialize_with = "or_default")]
    pub(crate) user: User,
}

/// What is known of an account. Addresses and telephones are not read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct User {
    pub(crate) name: Option<Text>,
    pub(crate) real_name: Option<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) is_bot: bool,
    #[serde(deserialize_with = "or_default")]
    pub(crate) profile: Profile,
}

/// What an account shows of itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Profile {
    pub(crate) display_name: Option<Text>,
    pub(crate) real_name: Option<Text>,
}

/// The messages of a page, and for each broken one its time, where that can be read, and why.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    pub(crate) good: Vec<Message>,
    pub(crate) broken: Vec<(Option<Text>, WireError)>,
}

/// The messages of a page.
pub(crate) fn messages(answer: &[u8]) -> Result<Messages, WireError> {
    #[derive(Deserialize)]
    struct List<'a> {
        #[serde(borrow)]
        messages: Option<Vec<&'a RawValue>>,
    }
    #[derive(Deserialize)]
    struct Ts {
        ts: Text,
    }
    let list: List<'_> = plimsoll_kit::json::read(answer)?;
    let mut messages = Messages::default();
    for raw in list.messages.ok_or(WireError::NoList)? {
        match serde_json::from_str::<Message>(raw.get()) {
            Ok(message) => messages.good.push(message),
            Err(_) => {
                let ts = serde_json::from_str::<Ts>(raw.get()).ok().map(|is| is.ts);
                messages.broken.push((ts, WireError::Item));
            }
        }
    }
    Ok(messages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_broken_message_costs_itself() {
        let page = br#"{"ok":true,"messages":[{"ts":"1.0","text":"a"},{"ts":"2.0","text":5},7,{"ts":"3.0"}]}"#;
        let read = messages(page).unwrap();
        let good: Vec<_> = read
            .good
            .iter()
            .map(|message| message.ts.as_str())
            .collect();
        assert_eq!(good, ["1.0", "3.0"]);
        let broken: Vec<_> = read.broken.iter().map(|(ts, _)| ts.as_deref()).collect();
        assert_eq!(broken, [Some("2.0"), None]);
        assert_eq!(messages(b"{}").unwrap_err(), WireError::NoList);
        assert_eq!(messages(b"{").unwrap_err(), WireError::Short);
    }

    #[test]
    fn an_end_is_one_that_is_said() {
        for (json, cursor, ends) in [
            (r#"{"response_metadata":{"next_cursor":"a="}}"#, "a=", false),
            (
                r#"{"response_metadata":{"next_cursor":"a="},"has_more":false}"#,
                "a=",
                false,
            ),
            (r#"{"response_metadata":{"next_cursor":""}}"#, "", true),
            (r#"{"has_more":false}"#, "", true),
            (r#"{"response_metadata":null,"has_more":false}"#, "", true),
            (
                r#"{"response_metadata":{"next_cursor":""},"has_more":true}"#,
                "",
                false,
            ),
            (r#"{"response_metadata":null,"has_more":null}"#, "", false),
            ("{}", "", false),
        ] {
            let next: Next = one(json.as_bytes()).unwrap();
            assert_eq!((next.cursor(), next.ends()), (cursor, ends), "{json}");
        }
    }
}
