//! One thing in the inventory.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{Claim, Facts, Labels, Text, fact};

/// An asset's id: stable over restarts, redeploys and rescheduling, and unique over all sources.
///
/// By convention `kind:place/name`, as `container:web-1/shop-db`. From 1 to [`AssetId::MAX`] bytes without control
/// characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct AssetId(Text);

/// Why a text is no asset id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidId {
    /// It is empty.
    Empty,
    /// It is longer than [`AssetId::MAX`] bytes; this many.
    TooLong(usize),
    /// It holds a control character.
    Control,
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InvalidId::Empty => f.write_str("an id must not be empty"),
            InvalidId::TooLong(bytes) => {
                write!(
                    f,
                    "an id has at most {} bytes, this one has {bytes}",
                    AssetId::MAX
                )
            }
            InvalidId::Control => f.write_str("an id must not hold control characters"),
        }
    }
}

impl std::error::Error for InvalidId {}

impl AssetId {
    /// The longest id, in bytes.
    pub const MAX: usize = 1024;

    /// An id from any text.
    ///
    /// # Errors
    /// When it is empty, too long, or holds control characters.
    pub fn new(id: impl Into<Text>) -> Result<Self, InvalidId> {
        let id = id.into();
        if id.is_empty() {
            Err(InvalidId::Empty)
        } else if id.len() > Self::MAX {
            Err(InvalidId::TooLong(id.len()))
        } else if id.chars().any(char::is_control) {
            Err(InvalidId::Control)
        } else {
            Ok(Self(id))
        }
    }

    /// The id `kind:part/part…` from a platform's own names, made valid: control characters become
    /// `?`, and what is too long is cut and closed with a digest of the whole, so that two long names stay two.
    pub fn of(kind: &str, parts: &[&str]) -> Self {
        let mut id = Text::from(kind);
        for (at, part) in parts.iter().enumerate() {
            id.push(if at == 0 { ':' } else { '/' });
            id.extend(part.chars().map(|c| if c.is_control() { '?' } else { c }));
        }
        if id.len() > Self::MAX {
            let tail = format!("~{:016x}", digest(&id));
            let cut = id.floor_char_boundary(Self::MAX - tail.len());
            id.truncate(cut);
            id.push_str(&tail);
        }
        Self(id)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// FNV-1a, 64 bits: <http://www.isthe.com/chongo/tech/comp/fnv/>. Stable over versions, which std's hasher is not.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

impl<'de> Deserialize<'de> for AssetId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Text::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl Borrow<str> for AssetId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0.as_str(), f)
    }
}

/// Another system's id for the same asset, as `namespace:value` (`machine-id:…`, `ebs-volume:vol-…`).
///
/// Two assets that share one are merged, so only a proven one may be given: not a mere equal name.
/// Two assets under one id whose aliases of one namespace differ are *not* the same, and are kept apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Alias(pub Text);

impl Alias {
    /// The namespace of ids that are made of the names that an asset has today, as `called:app:aptible/acme-prod/api`: what people
    /// write in rules and tickets. A name may pass to another asset, so it proves nothing: two that are called alike stay two.
    pub const CALLED: &'static str = "called";

    /// The alias for an id that is made of names.
    pub fn called(id: &AssetId) -> Self {
        Self::new(Self::CALLED, id.as_str())
    }

    /// An alias in a namespace.
    pub fn new(namespace: &str, value: &str) -> Self {
        Self(Text::from(format!("{namespace}:{value}")))
    }

    /// What comes before the first colon.
    pub fn namespace(&self) -> &str {
        self.0
            .split_once(':')
            .map_or(&self.0, |(namespace, _)| namespace)
    }
}

/// One thing in the inventory as one source sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    /// Its id.
    pub id: AssetId,
    /// What kind of thing it is: a word of [`kind`](crate::kind), or a source's own.
    pub kind: Text,
    /// What people call it.
    pub name: Text,
    /// The scope of its source in which it was read.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub scope: Text,
    /// Other systems' ids for it, proven and sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Alias>,
    /// Labels, tags or annotations that may be shown (redacted where they may hold a secret).
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// What is claimed of it, by the names of [`fact`](crate::fact) or a source's own.
    #[serde(default, skip_serializing_if = "Facts::is_empty")]
    pub facts: Facts,
    /// Measurements that differ at every look (an offset, a skew). They are judged, and are neither fingerprinted
    /// nor compared.
    #[serde(default, skip_serializing_if = "Facts::is_empty")]
    pub readings: Facts,
    /// Set when only a part of the asset could be read, with the reason: facts that are missing are then
    /// unknown, not gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<Text>,
}

impl Asset {
    /// An asset of which nothing is claimed yet.
    pub fn new(id: AssetId, kind: impl Into<Text>, name: impl Into<Text>) -> Self {
        Self {
            id,
            kind: kind.into(),
            name: name.into(),
            scope: Text::default(),
            aliases: Vec::new(),
            labels: Labels::new(),
            facts: Facts::new(),
            readings: Facts::new(),
            partial: None,
        }
    }

    /// Claims a fact.
    pub fn claim(&mut self, name: &str, claim: Claim) -> &mut Self {
        self.facts.insert(name, claim);
        self
    }

    /// Gives a reading: see [`Asset::readings`].
    pub fn reading(&mut self, name: &str, claim: Claim) -> &mut Self {
        self.readings.insert(name, claim);
        self
    }

    /// Every id that it goes by: its own first, then those that are made of the names that it has today.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let called = self.aliases.iter();
        let called = called.filter(|alias| alias.namespace() == Alias::CALLED);
        let called = called.filter_map(|alias| Some(alias.0.split_once(':')?.1));
        std::iter::once(self.id.as_str()).chain(called)
    }

    /// The claim under `name`, whether fact or reading.
    pub fn get(&self, name: &str) -> Option<&Claim> {
        self.facts.get(name).or_else(|| self.readings.get(name))
    }

    /// The value under `name`, if it is known.
    pub fn value(&self, name: &str) -> Option<&crate::Value> {
        self.get(name).and_then(Claim::value)
    }

    /// Brings the asset into its one form: what has no order is sorted. The harvest does this to every asset.
    pub fn settle(&mut self) {
        self.aliases.sort_unstable();
        self.aliases.dedup();
        for (name, claim) in self.facts.iter_mut() {
            claim.settle(fact::ORDERED.contains(&name));
        }
        for (name, claim) in self.readings.iter_mut() {
            claim.settle(fact::ORDERED.contains(&name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_checked() {
        assert_eq!(AssetId::new(""), Err(InvalidId::Empty));
        assert_eq!(AssetId::new("a\0b"), Err(InvalidId::Control));
        assert_eq!(
            AssetId::new("x".repeat(1025)),
            Err(InvalidId::TooLong(1025))
        );
        assert_eq!(AssetId::new("host:web-1").unwrap().as_str(), "host:web-1");
    }

    #[test]
    fn made_ids_are_valid_and_distinct() {
        let long = "é".repeat(2000);
        let one = AssetId::of("container", &["web-1", &long]);
        let other = AssetId::of("container", &["web-1", &format!("{long}x")]);
        assert_ne!(one, other);
        assert!(AssetId::new(one.as_str()).is_ok() && AssetId::new(other.as_str()).is_ok());
        assert_eq!(AssetId::of("a", &["b\n", "c"]).as_str(), "a:b?/c");
    }
}
