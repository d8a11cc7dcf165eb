//! A fact and how it is known.

use std::sync::Arc;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer};

use crate::{Text, Value};

/// How a fact is known: the evidence ladder of the control catalogue, best first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// Plimsoll observed it itself: a handshake, the kernel's clock state.
    Measured,
    /// The platform's API states it for this very resource.
    Reported,
    /// The platform promises it for all resources of a kind; the basis is the reference.
    Attested,
    /// Nothing says so. Never a pass, never a change; the basis is the reason.
    Unknown,
}

impl How {
    /// The word used in reports and findings.
    pub fn as_str(self) -> &'static str {
        match self {
            How::Measured => "measured",
            How::Reported => "reported",
            How::Attested => "attested",
            How::Unknown => "unknown",
        }
    }
}

impl std::fmt::Display for How {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A fact about an asset with how it is known.
///
/// In JSON an object with `value`, `how` and `basis`; a bare boolean, number, text or array is short
/// for a reported value without a basis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// What is claimed; none exactly when [`How::Unknown`].
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
    /// How it is known.
    how: How,
    /// What the claim rests on: the call and field for a measured or reported fact, the reference for an
    /// attested one, the reason for an unknown one.
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<Arc<str>>,
    /// For an unknown claim, what was known before sight was lost, so that a change made in the
    /// dark shows when it comes back. The engine fills it; a collector does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_known: Option<Box<Value>>,
}

impl Claim {
    /// A claim that Plimsoll observed itself.
    pub fn measured(value: impl Into<Value>) -> Self {
        Self::known(value.into(), How::Measured)
    }

    /// A claim that the platform's API states.
    pub fn reported(value: impl Into<Value>) -> Self {
        Self::known(value.into(), How::Reported)
    }

    /// A claim that the platform promises for all of a kind, with the reference to the promise.
    pub fn attested(value: impl Into<Value>, reference: impl Into<Arc<str>>) -> Self {
        Self::known(value.into(), How::Attested).by(reference)
    }

    /// A claim that something is not known, and why.
    pub fn unknown(reason: impl Into<Arc<str>>) -> Self {
        Self {
            value: None,
            how: How::Unknown,
            basis: Some(reason.into()),
            last_known: None,
        }
    }

    /// The same claim, resting on `basis` (a call and field, a file, a reference).
    pub fn by(mut self, basis: impl Into<Arc<str>>) -> Self {
        self.basis = Some(basis.into());
        self
    }

    /// The same unknown claim, remembering what was known before. A known claim stays as it is.
    pub fn remembering(mut self, last_known: Option<&Value>) -> Self {
        if self.how == How::Unknown {
            self.last_known = last_known.cloned().map(Box::new);
        }
        self
    }

    /// The value, unless it is unknown.
    pub fn value(&self) -> Option<&Value> {
        self.value.as_ref()
    }

    /// The value, or for an unknown claim what was last known.
    pub fn last_value(&self) -> Option<&Value> {
        self.value.as_ref().or(self.last_known.as_deref())
    }

    /// How it is known.
    pub fn how(&self) -> How {
        self.how
    }

    /// What it rests on; the reason when unknown.
    pub fn basis(&self) -> Option<&str> {
        self.basis.as_deref()
    }

    /// Brings the value into its one form; see [`Value::settle`].
    pub fn settle(&mut self, ordered: bool) {
        if let Some(value) = &mut self.value {
            value.settle(ordered);
        }
    }

    fn known(value: Value, how: How) -> Self {
        Self {
            value: Some(value),
            how,
            basis: None,
            last_known: None,
        }
    }
}

impl<'de> Deserialize<'de> for Claim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::{Error, MapAccess, SeqAccess, Visitor};

        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Claim;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(
                    "a boolean, a number, a text, an array, or an object with `value` and `how`",
                )
            }

            fn visit_bool<E: Error>(self, yes: bool) -> Result<Claim, E> {
                Ok(Claim::reported(yes))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Claim, E> {
                Ok(Claim::reported(number))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Claim, E> {
                Ok(Claim::reported(
                    i64::try_from(number).map_or(Value::Float(number as f64), Value::Int),
                ))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Claim, E> {
                Ok(Claim::reported(Value::Float(number)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Claim, E> {
                Ok(Claim::reported(text))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Claim, A::Error> {
                let items = serde::de::value::SeqAccessDeserializer::new(items);
                Ok(Claim::reported(Value::deserialize(items)?))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claim, A::Error> {
                let (mut value, mut how, mut basis, mut last_known) = (None, None, None, None);
                let mut met = 0u8;
                while let Some(name) = map.next_key::<Text>()? {
                    let names = ["value", "how", "basis", "last_known"];
                    let place = names.iter().position(|one| *one == name.as_str());
                    if let Some(bit) = place.map(|at| 1u8 << at) {
                        if met & bit != 0 {
                            return Err(A::Error::custom(crate::sorted::REPEATED));
                        }
                        met |= bit;
                    }
                    match name.as_str() {
                        "value" => value = Some(map.next_value::<Value>()?),
                        "how" => how = Some(map.next_value::<How>()?),
                        "basis" => basis = Some(Arc::from(map.next_value::<Text>()?.as_str())),
                        "last_known" => last_known = Some(Box::new(map.next_value::<Value>()?)),
                        other => {
                            let fields = &["value", "how", "basis"];
                            return Err(A::Error::unknown_field(other, fields));
                        }
                    }
                }
                let how = match (how, value.is_some()) {
                    (None, true) => How::Reported,
                    (None, false) => return Err(A::Error::missing_field("value")),
                    (Some(How::Unknown), true) => {
                        return Err(A::Error::custom("an unknown claim has no `value`"));
                    }
                    (Some(How::Unknown), false) => How::Unknown,
                    (Some(_), false) => return Err(A::Error::missing_field("value")),
                    (Some(how), true) => how,
                };
                Ok(Claim {
                    value,
                    how,
                    basis,
                    last_known,
                })
            }
        }

        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(json: &str) -> Result<Claim, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn short_and_long_form() {
        assert_eq!(claim("true"), Ok(Claim::reported(true)));
        assert_eq!(
            claim("[1,2]"),
            Ok(Claim::reported(vec![Value::Int(1), Value::Int(2)]))
        );
        assert_eq!(
            claim(r#"{"value":5,"how":"measured","basis":"adjtimex(2)"}"#),
            Ok(Claim::measured(5).by("adjtimex(2)"))
        );
        assert_eq!(
            claim(r#"{"how":"unknown","basis":"why"}"#),
            Ok(Claim::unknown("why"))
        );
    }

    #[test]
    fn unknown_never_carries_a_value() {
        assert!(claim(r#"{"how":"unknown","value":1}"#).is_err());
        assert!(claim(r#"{"how":"measured"}"#).is_err());
        assert!(claim(r#"{"value":true,"value":false}"#).is_err());
        assert!(claim(r#"{"how":"unknown","basis":"a","how":"unknown"}"#).is_err());
        assert!(
            claim(r#"{"values":1}"#)
                .unwrap_err()
                .contains("unknown field")
        );
    }

    #[test]
    fn remembers_only_what_is_lost() {
        let before = Value::Int(1);
        assert_eq!(
            Claim::unknown("gone")
                .remembering(Some(&before))
                .last_value(),
            Some(&before)
        );
        assert_eq!(
            Claim::reported(2).remembering(Some(&before)),
            Claim::reported(2)
        );
    }
}
