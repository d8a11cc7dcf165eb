//! Managed fields: who last set what, as the server keeps it.

use plimsoll_model::Text;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

/// The most fields that are read of one entry, and how deep they go.
const MOST: usize = 512;
const DEPTH: usize = 24;

/// One manager's entry.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Managed {
    pub(crate) manager: Option<Text>,
    pub(crate) operation: Option<Text>,
    pub(crate) api_version: Option<Text>,
    pub(crate) time: Option<Text>,
    pub(crate) subresource: Option<Text>,
    #[serde(rename = "fieldsV1")]
    pub(crate) fields: Fields,
}

/// The paths of the fields that it owns, as `spec.template.spec.containers[web].image`; only names are in them, never values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(pub(crate) Vec<Text>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut paths = Vec::new();
        let mut prefix = String::new();
        Level {
            prefix: &mut prefix,
            paths: &mut paths,
            depth: 0,
        }
        .deserialize(deserializer)?;
        Ok(Self(paths))
    }
}

struct Level<'l> {
    prefix: &'l mut String,
    paths: &'l mut Vec<Text>,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a set of fields")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut leaf = true;
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            // "." is the thing itself beside its parts; how an object is doing is no change of it.
            let status = self.depth == 0 && key == "f:status";
            if key == "." || status || self.depth >= DEPTH || self.paths.len() >= MOST {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            leaf = false;
            let before = self.prefix.len();
            step(self.prefix, &key);
            map.next_value_seed(Level {
                prefix: self.prefix,
                paths: self.paths,
                depth: self.depth + 1,
            })?;
            self.prefix.truncate(before);
        }
        if leaf && !self.prefix.is_empty() && self.paths.len() < MOST {
            self.paths.push(self.prefix.as_str().into());
        }
        Ok(())
    }
}

/// `f:name` is a field, `k:{…}` the item of a list that has that key, `v:…` and `i:…` an item by its value or place.
fn step(prefix: &mut String, key: &str) {
    match key.split_once(':') {
        Some(("f", name)) => {
            if !prefix.is_empty() {
                prefix.push('.');
            }
            push(prefix, name);
        }
        Some(("k", keys)) => {
            let keys: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(keys).unwrap_or_default();
            prefix.push('[');
            for (at, value) in keys.values().enumerate() {
                if at > 0 {
                    prefix.push('/');
                }
                match value {
                    serde_json::Value::String(name) => push(prefix, name),
                    other => push(prefix, &other.to_string()),
                }
            }
            prefix.push(']');
        }
        // A value is not shown, whatever it is.
        _ => prefix.push_str("[]"),
    }
}

fn push(prefix: &mut String, name: &str) {
    prefix.extend(name.chars().filter(|c| !c.is_control()).take(128));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_as_people_write_them() {
        let json = r#"{"f:metadata":{"f:labels":{".":{},"f:app.kubernetes.io/name":{}},"f:finalizers":{"v:\"hunter2\"":{}}},
            "f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{".":{},"f:image":{},
            "f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{}}}}}}}}}"#;
        let fields: Fields = serde_json::from_str(json).unwrap();
        assert_eq!(
            fields.0,
            [
                "metadata.labels.app.kubernetes.io/name",
                "metadata.finalizers[]",
                "spec.replicas",
                "spec.template.spec.containers[web].image",
                "spec.template.spec.containers[web].ports[80/TCP]",
            ]
        );
    }

    #[test]
    fn how_an_object_is_doing_is_left_out() {
        let json = r#"{"f:status":{"f:replicas":{}},"f:spec":{"f:status":{}}}"#;
        let fields: Fields = serde_json::from_str(json).unwrap();
        assert_eq!(fields.0, ["spec.status"]);
    }

    #[test]
    fn a_flood_of_fields_meets_a_cap() {
        let many: String = (0..2000).map(|at| format!("\"f:a{at}\":{{}},")).collect();
        let json = format!("{{{}\"f:z\":{{}}}}", many);
        let fields: Fields = serde_json::from_str(&json).unwrap();
        assert_eq!(fields.0.len(), MOST);
        let deep = format!(
            "{}{}",
            "{\"f:a\":".repeat(100),
            "{}".to_owned() + &"}".repeat(100)
        );
        let fields: Fields = serde_json::from_str(&deep).unwrap();
        assert_eq!(fields.0.len(), 1);
    }
}
