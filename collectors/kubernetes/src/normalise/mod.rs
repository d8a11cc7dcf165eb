//! What a cluster's answers mean: wire to model, without I/O and without a clock.

pub(crate) mod account;
pub(crate) mod actions;
pub(crate) mod autoscaler;
pub(crate) mod certificate;
pub(crate) mod clock;
pub(crate) mod confined;
pub(crate) mod containers;
pub(crate) mod controllers;
pub(crate) mod encryption;
pub(crate) mod gateway;
pub(crate) mod hidden;
pub(crate) mod images;
pub(crate) mod ingress;
pub(crate) mod mounts;
pub(crate) mod names;
pub(crate) mod node;
pub(crate) mod pods;
pub(crate) mod policy;
pub(crate) mod ports;
pub(crate) mod reach;
pub(crate) mod rules;
pub(crate) mod running;
pub(crate) mod service;
pub(crate) mod storage;
pub(crate) mod workload;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use plimsoll_kit::Redactor;
use plimsoll_model::{
    Action, Asset, AssetId, Claim, Relation, RelationKind, Text, Value, fact, kind,
};

use crate::wire::Meta;

/// What every asset of a cluster needs to know.
#[derive(Clone, Copy)]
pub(crate) struct Site<'s> {
    /// The cluster's name in ids.
    pub(crate) cluster: &'s str,
    /// Makes marks of what must not be seen.
    pub(crate) redactor: &'s Redactor,
}

impl Site<'_> {
    /// The cluster itself.
    pub(crate) fn cluster_id(&self) -> AssetId {
        AssetId::of(kind::CLUSTER, &[self.cluster])
    }

    /// Something of the cluster's own.
    pub(crate) fn id(&self, kind: &str, name: &str) -> AssetId {
        AssetId::of(kind, &[self.cluster, name])
    }

    /// Something in a namespace.
    pub(crate) fn in_space(&self, kind: &str, space: &str, name: &str) -> AssetId {
        AssetId::of(kind, &[self.cluster, space, name])
    }

    /// Something in a namespace, of a kind for which Kubernetes has several words.
    pub(crate) fn sorted(&self, kind: &str, space: &str, word: &str, name: &str) -> AssetId {
        let word = word.to_ascii_lowercase();
        AssetId::of(kind, &[self.cluster, space, &word, name])
    }

    /// A namespace.
    pub(crate) fn namespace(&self, space: &str) -> AssetId {
        self.id(kind::NAMESPACE, space)
    }
}

/// An asset with the relations that start at it or tell its place, and what was done to it.
pub(crate) struct Piece {
    pub(crate) asset: Asset,
    pub(crate) relations: Vec<Relation>,
    pub(crate) actions: Vec<Action>,
}

impl Piece {
    /// An asset of Kubernetes, with what every object says of itself.
    pub(crate) fn new(id: AssetId, kind: &str, word: &str, meta: &Meta) -> Self {
        let mut piece = Self::bare(id, kind, &meta.name);
        piece.asset.labels = hidden::labels(meta);
        piece
            .asset
            .claim(fact::PLATFORM, Claim::reported("kubernetes"));
        piece
            .asset
            .claim(fact::PLATFORM_KIND, Claim::reported(word));
        piece.actions = actions::of(&piece.asset.id, meta);
        piece
    }

    /// An asset of which nothing is said.
    pub(crate) fn bare(id: AssetId, kind: &str, name: &str) -> Self {
        Self {
            asset: Asset::new(id, kind, word(name)),
            relations: Vec::new(),
            actions: Vec::new(),
        }
    }

    /// Relates the asset to another.
    pub(crate) fn relate(&mut self, kind: RelationKind, to: AssetId) {
        let from = self.asset.id.clone();
        self.relations.push(relation(from, kind, to));
    }

    /// Says what the asset is a part of.
    pub(crate) fn within(&mut self, whole: AssetId) {
        let to = self.asset.id.clone();
        self.relations
            .push(relation(whole, RelationKind::Contains, to));
    }

    /// Says when the object was made.
    pub(crate) fn created(&mut self, meta: &Meta) {
        if let Some(created) = &meta.creation_timestamp {
            let claim = reported(word(created), "metadata.creationTimestamp");
            self.asset.claim(fact::CREATED, claim);
        }
    }

    /// Claims a text where the platform says one.
    pub(crate) fn said(&mut self, name: &str, text: Option<&Text>, by: &'static str) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.asset.claim(name, reported(word(text), by));
        }
    }
}

/// A relation whose scope is that of whoever hands it over.
pub(crate) fn relation(from: AssetId, kind: RelationKind, to: AssetId) -> Relation {
    Relation {
        from,
        kind,
        to,
        scope: Text::default(),
    }
}

/// A claim of the API, resting on a field.
pub(crate) fn reported(value: impl Into<Value>, by: &'static str) -> Claim {
    Claim::reported(value).by(basis(by))
}

/// A claim of which nothing is known, and why.
pub(crate) fn unknown(why: &'static str) -> Claim {
    Claim::unknown(basis(why))
}

/// One text for all the claims that rest on it: a scan makes hundreds of thousands.
pub(crate) fn basis(text: &'static str) -> Arc<str> {
    static KNOWN: LazyLock<Mutex<HashMap<&'static str, Arc<str>>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(known.entry(text).or_insert_with(|| Arc::from(text)))
}

/// A platform's word: without control characters, and cut to what a word can be.
pub(crate) fn word(text: &str) -> Text {
    if text.len() <= WORD
        && !text
            .bytes()
            .any(|byte| byte.is_ascii_control() || byte >= 0x80)
    {
        return text.into();
    }
    let seen = text.chars().filter(|c| !c.is_control());
    seen.take(WORD).collect()
}

/// The most characters of a word: as long as a path on the host may be.
const WORD: usize = 4096;

/// The same name as an asset for whoever speaks of it.
pub(crate) fn dns_name(name: &str) -> Option<AssetId> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte);
    let is_name = (1..=253).contains(&name.len()) && name.bytes().all(fits);
    // An address is no name.
    let is_address = name.parse::<std::net::IpAddr>().is_ok();
    (is_name && !is_address).then(|| AssetId::of(kind::DNS_NAME, &[&name]))
}

/// A quantity of bytes as Kubernetes writes it: `10Gi`, `1e9`, `512M`. None where it is no whole number of bytes.
pub(crate) fn bytes(quantity: &str) -> Option<i64> {
    const UNITS: [(&str, f64); 12] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("Pi", 1_125_899_906_842_624.0),
        ("Ei", 1_152_921_504_606_846_976.0),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("P", 1e15),
        ("E", 1e18),
    ];
    let unit = UNITS.iter().find(|(unit, _)| quantity.ends_with(unit));
    let (number, unit) = match unit {
        Some((unit, factor)) => (quantity.strip_suffix(unit)?, *factor),
        None => (quantity, 1.0),
    };
    let number: f64 = number.parse().ok()?;
    let bytes = number * unit;
    let whole = bytes.is_finite() && (0.0..9.2e18).contains(&bytes);
    #[allow(clippy::cast_possible_truncation, reason = "checked to be in range")]
    whole.then_some(bytes.round() as i64)
}

/// A processor architecture by the kernel's name, where Go has one of its own.
pub(crate) fn architecture(name: &str) -> Text {
    match name {
        "amd64" => "x86_64".into(),
        "arm64" => "aarch64".into(),
        "386" => "i686".into(),
        other => word(other),
    }
}
