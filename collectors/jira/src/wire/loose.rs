//! Texts and numbers that come as either.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A text, also where a number or nothing stands.
pub(crate) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Null => String::new(),
        _ => return Err(serde::de::Error::custom("neither a text nor a number")),
    })
}

/// A whole number, also where it stands in quotes.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
