//! A value of any type, for what has no fixed shape.

use toml::de::DeValue;

/// Where something stands in its document, to point at later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(pub(crate) usize);

/// A value of any type.
#[derive(Clone, Debug, PartialEq)]
pub enum SettingValue {
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A text; dates and times come as they are written.
    Text(String),
    /// An array.
    List(Vec<SettingValue>),
    /// A table, in order of its keys.
    Table(Vec<(String, SettingValue)>),
}

impl SettingValue {
    pub(crate) fn of(value: &DeValue<'_>) -> Option<Self> {
        Some(match value {
            DeValue::String(text) => Self::Text(text.to_string()),
            DeValue::Integer(number) => {
                Self::Int(i64::from_str_radix(number.as_str(), number.radix()).ok()?)
            }
            DeValue::Float(number) => Self::Float(number.as_str().parse().ok()?),
            DeValue::Boolean(yes) => Self::Bool(*yes),
            DeValue::Datetime(time) => Self::Text(time.to_string()),
            DeValue::Array(items) => Self::List(
                items
                    .iter()
                    .map(|item| Self::of(item.as_ref()))
                    .collect::<Option<_>>()?,
            ),
            DeValue::Table(table) => Self::Table(
                table
                    .iter()
                    .map(|(key, value)| Some((key.as_ref().to_string(), Self::of(value.as_ref())?)))
                    .collect::<Option<_>>()?,
            ),
        })
    }
}
