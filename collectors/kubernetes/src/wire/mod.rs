//! The API's shapes, as little of them as is read.
//!
//! Every field may be missing or null, words are texts and never enums, and where a list does not decode as a whole its
//! objects are decoded one by one: a server that is newer than this file, or one broken object, must not lose the rest.
//! What is missing stays none, so that it can be said to be unknown.

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;

use plimsoll_model::Text;
use serde::de::{Deserialize, Deserializer, IgnoredAny};
use serde_json::value::RawValue;

use crate::list::Page;

mod certificate;
mod fields;
mod gateway;
mod meta;
mod network;
mod node;
mod pod;
mod spec;
mod storage;
mod whole;
mod workload;

pub(crate) use certificate::Certificate;
pub(crate) use fields::Managed;
pub(crate) use gateway::{Gateway, Reference, Route};
pub(crate) use meta::{Link, Meta, Metadata, Owner, Run, Selector};
pub(crate) use network::{
    Backend, Ingress, IngressClass, IngressSpec, Policy, PolicyRule, Service,
};
pub(crate) use node::{Lease, Node};
pub(crate) use pod::{Head, Pod, Short, Status};
pub(crate) use spec::{Container, EnvSource, PodSpec, Source, Variable, VolumeSource};
pub(crate) use storage::{Claim, Class, Volume};
pub(crate) use whole::Whole;
pub(crate) use workload::{Account, Autoscaler, CronJob, Job, Template, Workload};

/// A map as Go writes it: null where it is empty.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Map<V>(pub(crate) BTreeMap<Text, V>);

/// A list as Go writes it: null where it is empty.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Many<T>(pub(crate) Vec<T>);

impl<V> Default for Map<V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V> std::ops::Deref for Map<V> {
    type Target = BTreeMap<Text, V>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T> std::ops::Deref for Many<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Map<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Option::deserialize(deserializer)?.unwrap_or_default()))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Option::deserialize(deserializer)?.unwrap_or_default()))
    }
}

/// Null is as missing.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Something that is there, whatever it says: what it says may be a secret, and is not kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct There;

impl<'de> Deserialize<'de> for There {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer)?;
        Ok(Self)
    }
}

/// A number or a word, as ports and quantities are.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(untagged)]
pub(crate) enum NumberOrWord {
    Number(i64),
    Word(Text),
}

impl std::fmt::Display for NumberOrWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Word(word) => f.write_str(word),
        }
    }
}

/// A name of something in the same namespace.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Named {
    pub(crate) name: Option<Text>,
}

/// An answer that makes no sense. Says where, and never what: the answer may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
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

/// An object of a list that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// Its place in its page, from 1.
    pub(crate) at: usize,
    /// Its namespace, where that can be read.
    pub(crate) namespace: Option<Text>,
    /// Its name, where that can be read.
    pub(crate) name: Option<Text>,
    /// Why.
    pub(crate) error: WireError,
}

#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
struct List<T> {
    metadata: Option<ListMeta>,
    items: Option<Vec<T>>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct ListMeta {
    #[serde(rename = "continue")]
    next: Option<String>,
    #[serde(rename = "remainingItemCount")]
    remaining: Option<i64>,
}

impl<T> List<T> {
    /// Where the next page is, and whether the list is said to go on with nothing that says where. Every list has metadata:
    /// one without has lost what would say that it goes on.
    fn end(metadata: Option<ListMeta>, broken: Vec<Broken>, count: usize) -> Page {
        let cut = metadata.is_none();
        let metadata = metadata.unwrap_or_default();
        let next = metadata.next.filter(|next| !next.is_empty());
        let remaining = metadata.remaining.filter(|rest| *rest != 0);
        Page {
            cut: cut || (next.is_none() && remaining.is_some()),
            next,
            remaining: remaining.and_then(|rest| usize::try_from(rest).ok()),
            count,
            broken,
        }
    }
}

/// A whole answer.
pub(crate) fn one<'a, T: Deserialize<'a>>(answer: &'a [u8]) -> Result<T, WireError> {
    Ok(plimsoll_kit::json::read(answer)?)
}

/// A page of a list: as a whole, and where that fails object by object.
pub(crate) fn list<'a, T: Deserialize<'a>>(
    answer: &'a [u8],
    _: PhantomData<T>,
    mut take: impl FnMut(T),
) -> Result<Page, WireError> {
    if let Ok(list) = plimsoll_kit::json::read::<List<T>>(answer)
        && let Some(items) = list.items
    {
        let count = items.len();
        items.into_iter().for_each(take);
        return Ok(List::<T>::end(list.metadata, Vec::new(), count));
    }
    let raw: List<&RawValue> = plimsoll_kit::json::read(answer)?;
    // Null is an empty list; an answer without items is none.
    if raw.items.is_none() && !has_items(answer) {
        return Err(WireError::Shape { line: 1, column: 1 });
    }
    let mut broken = Vec::new();
    let count = raw.items.as_ref().map_or(0, Vec::len);
    for (at, item) in raw.items.into_iter().flatten().enumerate() {
        match serde_json::from_str(item.get()) {
            Ok(item) => take(item),
            Err(error) => broken.push(name_it(at + 1, item, error.into())),
        }
    }
    Ok(List::<T>::end(raw.metadata, broken, count))
}

fn has_items(answer: &[u8]) -> bool {
    let fields: Result<BTreeMap<String, IgnoredAny>, _> = plimsoll_kit::json::read(answer);
    fields.is_ok_and(|fields| fields.contains_key("items"))
}

fn name_it(at: usize, item: &RawValue, error: WireError) -> Broken {
    #[derive(serde::Deserialize)]
    struct Object {
        metadata: Name,
    }
    #[derive(serde::Deserialize)]
    struct Name {
        name: Option<Text>,
        namespace: Option<Text>,
    }
    // What could be anything is shown only where it is a name.
    let is_name = |name: &Text| {
        let fits =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.:".contains(&byte);
        (1..=253).contains(&name.len()) && name.bytes().all(fits)
    };
    let object: Option<Object> = serde_json::from_str(item.get()).ok();
    let (name, namespace) = object.map_or((None, None), |object| {
        (object.metadata.name, object.metadata.namespace)
    });
    Broken {
        at,
        namespace: namespace.filter(is_name),
        name: name.filter(is_name),
        error,
    }
}

/// `GET /version`.
#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Version {
    pub(crate) git_version: Option<Text>,
    pub(crate) platform: Option<Text>,
}

/// `GET /apis`.
#[derive(serde::Deserialize)]
pub(crate) struct Groups {
    groups: Many<Group>,
}

#[derive(serde::Deserialize)]
struct Group {
    name: Text,
    #[serde(default)]
    versions: Many<GroupVersion>,
}

#[derive(serde::Deserialize)]
struct GroupVersion {
    version: Text,
}

impl Groups {
    /// The versions of each group.
    pub(crate) fn by_name(self) -> BTreeMap<Text, BTreeSet<Text>> {
        let groups = self.groups.0.into_iter();
        groups
            .map(|group| {
                let versions = group.versions.0.into_iter().map(|one| one.version);
                (group.name, versions.collect())
            })
            .collect()
    }
}

/// `GET /apis/GROUP/VERSION`.
#[derive(serde::Deserialize)]
pub(crate) struct Resources {
    resources: Many<Resource>,
}

#[derive(serde::Deserialize)]
struct Resource {
    name: Text,
}

impl Resources {
    /// The kinds, by their names in paths.
    pub(crate) fn names(self) -> impl Iterator<Item = Text> {
        self.resources.0.into_iter().map(|resource| resource.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(answer: &str) -> Result<(Vec<Text>, Page), WireError> {
        let mut names = Vec::new();
        let page = list(answer.as_bytes(), PhantomData::<Metadata>, |item| {
            names.push(item.metadata.name);
        })?;
        Ok((names, page))
    }

    #[test]
    fn one_broken_object_does_not_lose_the_list() {
        let answer = r#"{"metadata":{"continue":"n"},"items":[{"metadata":{"name":"a"}},
            {"metadata":{"name":"b","namespace":"shop","labels":7}},null,
            {"metadata":{"name":"PLIMSOLL hunter2","labels":7}},{"metadata":{"name":"c","new":[1]}}]}"#;
        let (names, page) = read(answer).unwrap();
        assert_eq!(names, ["a", "c"]);
        assert_eq!(page.next.as_deref(), Some("n"));
        let places: Vec<_> = page.broken.iter().map(|one| one.at).collect();
        assert_eq!(places, [2, 3, 4]);
        assert_eq!(page.broken[0].name.as_deref(), Some("b"));
        assert_eq!(page.broken[0].namespace.as_deref(), Some("shop"));
        assert_eq!(page.broken[2].name, None, "what is no name is not repeated");
    }

    #[test]
    fn what_is_no_list_is_not_an_empty_one() {
        assert!(read("null").is_err());
        assert!(read("{}").is_err());
        assert!(read(r#"{"items":{}}"#).is_err());
        assert_eq!(read(r#"{"items":[{}"#).err(), Some(WireError::Short));
        assert_eq!(read(r#"{"items":null}"#).unwrap().0.len(), 0);
        assert_eq!(read(r#"{"items":[]}"#).unwrap().0.len(), 0);
    }

    #[test]
    fn null_is_as_missing_everywhere() {
        for json in [
            r#"{"metadata":{"name":"a","labels":null,"annotations":null,"ownerReferences":null,"managedFields":null},"spec":null}"#,
            r#"{"metadata":{"name":"a"},"spec":{"template":null,"selector":null,"volumeClaimTemplates":null}}"#,
            r#"{"metadata":{"name":"a"},"spec":{"template":{"spec":{"containers":null,"volumes":null,"securityContext":null}}}}"#,
            r#"{"metadata":{"name":"a"},"spec":{"template":{"spec":{"containers":[{"name":"b","env":null,"securityContext":{"capabilities":null},"resources":{"limits":null}}]}}}}"#,
        ] {
            let one: Result<Workload, _> = serde_json::from_str(json);
            assert!(one.is_ok(), "{json}: {:?}", one.err());
        }
        let gateway = r#"{"metadata":{"name":"a"},"spec":{"listeners":null,"infrastructure":null},"status":null}"#;
        assert!(serde_json::from_str::<Gateway>(gateway).is_ok());
        let ingress = r#"{"metadata":{"name":"a"},"spec":{"rules":[{"http":{"paths":[{"backend":null}]}}]},"status":{"loadBalancer":null}}"#;
        assert!(serde_json::from_str::<Ingress>(ingress).is_ok());
    }

    #[test]
    fn errors_do_not_repeat_the_answer() {
        let error = one::<Version>(br#"{"gitVersion":["hunter2"]}"#)
            .err()
            .unwrap();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
