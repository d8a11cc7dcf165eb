//! What a fact can hold.

use std::cmp::Ordering;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::{Table, Text};

/// What a fact can hold. There is no null: what is not known is a [`Claim`](crate::Claim) that says so.
#[derive(Clone, Debug)]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// A whole number; its unit is in the fact's name (`clock.skew-ms`).
    Int(i64),
    /// A number with a fraction; never NaN or infinite when it came from JSON.
    Float(f64),
    /// A word or a line.
    Text(Text),
    /// Several values. Without order, so held sorted and without repeats, unless the fact is one of
    /// [`fact::ORDERED`](crate::fact::ORDERED); see [`Value::settle`].
    List(Vec<Value>),
    /// Named parts. Things that have a key of their own (ports, mounts) are a table under that
    /// key and not a list, so that a change shows as a change of one part.
    Table(Table),
}

impl Value {
    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The yes or no, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(yes) => Some(*yes),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The number as a float, whole or not, if it is one.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Value::Int(number) => Some(*number as f64),
            Value::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// The list's items, if it is one.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The table, if it is one.
    pub fn as_table(&self) -> Option<&Table> {
        match self {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// A list of texts.
    pub fn texts<T: Into<Text>>(items: impl IntoIterator<Item = T>) -> Value {
        Value::List(
            items
                .into_iter()
                .map(|item| Value::Text(item.into()))
                .collect(),
        )
    }

    /// Brings the value into its one form: lists without order are sorted and lose repeats, so
    /// that two polls that answer in another order are equal.
    pub fn settle(&mut self, ordered: bool) {
        match self {
            Value::List(items) => {
                for item in items.iter_mut() {
                    item.settle(ordered);
                }
                if !ordered {
                    items.sort_unstable();
                    items.dedup();
                }
            }
            Value::Table(table) => table.iter_mut().for_each(|(_, part)| part.settle(ordered)),
            _ => {}
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Value::Bool(_) => 0,
            Value::Int(_) => 1,
            Value::Float(_) => 2,
            Value::Text(_) => 3,
            Value::List(_) => 4,
            Value::Table(_) => 5,
        }
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::Int(a), Value::Int(b)) => a.cmp(b),
            (Value::Float(a), Value::Float(b)) => a.total_cmp(b),
            (Value::Text(a), Value::Text(b)) => a.cmp(b),
            (Value::List(a), Value::List(b)) => a.cmp(b),
            (Value::Table(a), Value::Table(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

/// As a person reads it: lists with commas, tables as `name=value`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(true) => f.write_str("yes"),
            Value::Bool(false) => f.write_str("no"),
            Value::Int(number) => write!(f, "{number}"),
            Value::Float(number) => write!(f, "{number}"),
            Value::Text(text) => f.write_str(text),
            Value::List(items) if items.is_empty() => f.write_str("none"),
            Value::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{item}")?;
                }
                Ok(())
            }
            Value::Table(table) if table.is_empty() => f.write_str("none"),
            Value::Table(table) => {
                for (at, (name, part)) in table.iter().enumerate() {
                    if at > 0 {
                        f.write_str(", ")?;
                    }
                    match part {
                        Value::Table(_) | Value::List(_) => write!(f, "{name} ({part})")?,
                        _ => write!(f, "{name}={part}")?,
                    }
                }
                Ok(())
            }
        }
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Value::Bool(yes)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Value::Int(number.into())
    }
}

impl From<u16> for Value {
    fn from(number: u16) -> Self {
        Value::Int(number.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Value::Int(number.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text.into())
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Value::Text(text)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Value::List(items)
    }
}

impl From<Table> for Value {
    fn from(table: Table) -> Self {
        Value::Table(table)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Bool(yes) => serializer.serialize_bool(*yes),
            Value::Int(number) => serializer.serialize_i64(*number),
            Value::Float(number) => serializer.serialize_f64(*number),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(items) => items.serialize(serializer),
            Value::Table(table) => table.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a boolean, a number, a text, an array or an object")
            }

            fn visit_bool<E>(self, yes: bool) -> Result<Value, E> {
                Ok(Value::Bool(yes))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
                Ok(Value::Int(number))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
                Ok(i64::try_from(number).map_or(Value::Float(number as f64), Value::Int))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
                if number.is_finite() {
                    Ok(Value::Float(number))
                } else {
                    Err(E::custom("a number must be finite"))
                }
            }

            fn visit_str<E>(self, text: &str) -> Result<Value, E> {
                Ok(Value::Text(text.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                list.shrink_to_fit();
                Ok(Value::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
                let table = Table::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(Value::Table(table))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> Value {
        let mut value: Value = serde_json::from_str(json).unwrap();
        value.settle(false);
        value
    }

    #[test]
    fn lists_without_order_are_equal_in_any_order() {
        assert_eq!(value(r#"[3,"a",1,3]"#), value(r#"["a",1,3]"#));
        assert_eq!(value(r#"{"a":[2,1]}"#), value(r#"{"a":[1,2]}"#));
        assert_ne!(value("[1]"), value("[1,2]"));
    }

    #[test]
    fn null_is_no_value() {
        assert!(serde_json::from_str::<Value>("null").is_err());
        assert!(serde_json::from_str::<Value>("[null]").is_err());
    }

    #[test]
    fn reads_as_a_person_would_write_it() {
        assert_eq!(
            value(r#"{"a":true,"b":{"c":1}}"#).to_string(),
            "a=yes, b (c=1)"
        );
        assert_eq!(value("[]").to_string(), "none");
    }
}
