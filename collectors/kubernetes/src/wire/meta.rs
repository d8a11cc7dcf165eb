//! What every object says of itself.

use std::borrow::Cow;
use std::collections::BTreeMap;

use plimsoll_model::Text;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::{Managed, Many, Map};

/// Holds the whole object as it was applied last, a secret's values among it: it is never kept.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// An object of which nothing but the metadata is read.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Metadata {
    pub(crate) metadata: Meta,
}

/// An object of which nothing is asked but whose it is: of these there may be ten times as many as of what keeps them.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Link {
    pub(crate) metadata: LinkMeta,
}

/// Whose an object is.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LinkMeta {
    pub(crate) name: Text,
    #[serde(default)]
    pub(crate) namespace: Option<Text>,
    #[serde(default)]
    pub(crate) owner_references: Many<Owner>,
    #[serde(default)]
    pub(crate) creation_timestamp: Option<Text>,
    /// How often what keeps it was rolled out until it, by whichever annotation says so.
    #[serde(default, rename = "annotations", deserialize_with = "revision")]
    pub(crate) revision: u64,
}

/// An object that is made for one run of something.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Run {
    pub(crate) metadata: RunMeta,
}

/// Whose run it is: its keeper's, or that of what its labels name.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunMeta {
    pub(crate) name: Text,
    #[serde(default)]
    pub(crate) namespace: Option<Text>,
    #[serde(default)]
    pub(crate) generate_name: Option<Text>,
    #[serde(default)]
    pub(crate) labels: Map<Text>,
    #[serde(default)]
    pub(crate) owner_references: Many<Owner>,
}

impl RunMeta {
    /// The object that keeps this one, if one does.
    pub(crate) fn controller(&self) -> Option<&Owner> {
        controller(&self.owner_references)
    }

    /// Its namespace; empty where it is in none.
    pub(crate) fn space(&self) -> &str {
        self.namespace.as_deref().unwrap_or_default()
    }
}

impl LinkMeta {
    /// The object that keeps this one, if one does.
    pub(crate) fn controller(&self) -> Option<&Owner> {
        controller(&self.owner_references)
    }

    /// Its namespace; empty where it is in none.
    pub(crate) fn space(&self) -> &str {
        self.namespace.as_deref().unwrap_or_default()
    }
}

fn controller(owners: &[Owner]) -> Option<&Owner> {
    owners.iter().find(|owner| owner.controller == Some(true))
}

/// An object's metadata.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Meta {
    /// An object without a name is none; the metadata of a template has none.
    #[serde(default)]
    pub(crate) name: Text,
    #[serde(default)]
    pub(crate) namespace: Option<Text>,
    /// What its name was made from, where it was made up.
    #[serde(default)]
    pub(crate) generate_name: Option<Text>,
    #[serde(default)]
    pub(crate) uid: Option<Text>,
    #[serde(default)]
    pub(crate) labels: Map<Text>,
    #[serde(default, deserialize_with = "annotations")]
    pub(crate) annotations: Map<Text>,
    #[serde(default)]
    pub(crate) owner_references: Many<Owner>,
    #[serde(default)]
    pub(crate) managed_fields: Many<Managed>,
    #[serde(default)]
    pub(crate) creation_timestamp: Option<Text>,
}

/// Who an object belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Owner {
    pub(crate) kind: Text,
    pub(crate) name: Text,
    pub(crate) controller: Option<bool>,
}

impl Meta {
    /// The object that keeps this one, if one does.
    pub(crate) fn controller(&self) -> Option<&Owner> {
        controller(&self.owner_references)
    }

    /// Its namespace; empty where it is in none.
    pub(crate) fn space(&self) -> &str {
        self.namespace.as_deref().unwrap_or_default()
    }

    /// An annotation's value.
    pub(crate) fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.get(name).map(Text::as_str)
    }
}

/// Annotations but for the one that is never kept.
fn annotations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<Text>, D::Error> {
    struct Kept;

    impl<'de> Visitor<'de> for Kept {
        type Value = Map<Text>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("annotations")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Map::default())
        }

        fn visit_none<E>(self) -> Result<Self::Value, E> {
            Ok(Map::default())
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut kept = BTreeMap::new();
            while let Some(name) = map.next_key::<Text>()? {
                if name == LAST_APPLIED {
                    map.next_value::<IgnoredAny>()?;
                } else {
                    kept.insert(name, map.next_value()?);
                }
            }
            Ok(Map(kept))
        }
    }

    deserializer.deserialize_any(Kept)
}

/// The number of a rollout among annotations: `deployment.kubernetes.io/revision` and others' words for it.
fn revision<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    struct Number;

    impl<'de> Visitor<'de> for Number {
        type Value = u64;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("annotations")
        }

        fn visit_unit<E>(self) -> Result<u64, E> {
            Ok(0)
        }

        fn visit_none<E>(self) -> Result<u64, E> {
            Ok(0)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<u64, A::Error> {
            let mut number = 0;
            while let Some(name) = map.next_key::<Cow<'de, str>>()? {
                if name.ends_with("/revision") || name.ends_with("config.latest-version") {
                    let value = map.next_value::<Cow<'de, str>>()?;
                    number = value.parse().unwrap_or(number);
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            Ok(number)
        }
    }

    deserializer.deserialize_any(Number)
}

/// Which objects are meant, by their labels.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Selector {
    pub(crate) match_labels: Map<Text>,
    pub(crate) match_expressions: Many<Expression>,
}

/// A condition on one label.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Expression {
    pub(crate) key: Text,
    pub(crate) operator: Text,
    pub(crate) values: Many<Text>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_applied_last_is_dropped_when_it_is_read() {
        let json = r#"{"name":"a","creationTimestamp":null,"labels":null,"annotations":
            {"kubectl.kubernetes.io/last-applied-configuration":"hunter2","b":"c"},
            "ownerReferences":[{"kind":"X","name":"x"},{"kind":"ReplicaSet","name":"r","controller":true}]}"#;
        let meta: Meta = serde_json::from_str(json).unwrap();
        assert!(!format!("{meta:?}").contains("hunter2"));
        assert_eq!(meta.annotation("b"), Some("c"));
        assert_eq!(meta.controller().unwrap().name, "r");
    }
}
