//! The API's shapes, as little of them as is read: an allow-list, because plain answers hold passwords and keys.
//!
//! No struct here has a field for a passphrase, a connection URL, a private key, a drain's credentials, a variable or an
//! operation's command line, so none of these outlives the decoding of its answer. (A service's command is the one text that
//! may hold a secret and is kept: for as long as it takes to make its mark.)
//!
//! Every field may be missing or null, words are texts and never enums, numbers may come as texts, and the items of a list
//! are decoded one by one. What is missing stays none, so that it can be said to be unknown.

mod account;
mod app;
mod data;
mod endpoint;
mod hal;
mod operation;

pub(crate) use account::{Account, Stack};
pub(crate) use app::{App, Image, Service, SizingPolicy};
pub(crate) use data::{
    Attachment, Backup, Database, DatabaseImage, Disk, PersistentDisk, Retention,
};
pub(crate) use endpoint::{Certificate, LogDrain, Setting, Vhost};
pub(crate) use hal::{Broken, Links, NoPage, Ref, page, page_number};
pub(crate) use operation::Operation;

use plimsoll_kit::model::Text;
use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};

/// A whole number that may come as a text; none where it is null, empty or no whole number's text.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(Option::<Number>::deserialize(deserializer)?.and_then(|number| number.0))
}

/// An id: a number or a text, as a text.
pub(crate) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text>, D::Error> {
    Ok(Option::<Id>::deserialize(deserializer)?.map(|id| id.0))
}

/// A list of whole numbers, of which some may come as texts or null.
pub(crate) fn numbers<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<i64>>, D::Error> {
    let list = Option::<Vec<Option<Number>>>::deserialize(deserializer)?;
    Ok(list.map(|list| {
        let numbers = list.into_iter().flatten();
        numbers.filter_map(|number| number.0).collect()
    }))
}

/// Whether a value is there that is neither null nor an empty text. The value itself is not kept.
pub(crate) fn is_set<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    deserializer.deserialize_any(Presence)
}

struct Number(Option<i64>);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrText).map(Number)
    }
}

struct NumberOrText;

impl Visitor<'_> for NumberOrText {
    type Value = Option<i64>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a whole number, or one as a text")
    }

    fn visit_i64<E>(self, number: i64) -> Result<Option<i64>, E> {
        Ok(Some(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Option<i64>, E> {
        Ok(i64::try_from(number).ok())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Option<i64>, E> {
        let whole = number.fract() == 0.0 && number.abs() < 9e15;
        Ok(whole.then_some(number as i64))
    }

    fn visit_str<E>(self, text: &str) -> Result<Option<i64>, E> {
        Ok(text.trim().parse().ok())
    }
}

struct Id(Text);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrText;

        impl Visitor<'_> for NumberOrText {
            type Value = Id;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an id: a number or a text")
            }

            fn visit_i64<E>(self, number: i64) -> Result<Id, E> {
                Ok(Id(number.to_string().into()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Id, E> {
                Ok(Id(number.to_string().into()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Id, E> {
                Ok(Id(text.into()))
            }
        }

        deserializer.deserialize_any(NumberOrText)
    }
}

struct Presence;

impl<'de> Visitor<'de> for Presence {
    type Value = bool;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("anything")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_bool<E>(self, yes: bool) -> Result<bool, E> {
        Ok(yes)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_str<E>(self, text: &str) -> Result<bool, E> {
        Ok(!text.is_empty())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<bool, A::Error> {
        let mut some = false;
        while items.next_element::<IgnoredAny>()?.is_some() {
            some = true;
        }
        Ok(some)
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut entries: A) -> Result<bool, A::Error> {
        let mut some = false;
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            some = true;
        }
        Ok(some)
    }
}

/// A row of which nothing is read.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Row {}
