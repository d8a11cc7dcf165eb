//! What the answers mean: wire to model, without I/O and without a clock.

pub(crate) mod action;
pub(crate) mod address;
pub(crate) mod app;
pub(crate) mod certificate;
pub(crate) mod edge;
pub(crate) mod edits;
pub(crate) mod group;
pub(crate) mod hidden;
pub(crate) mod organisation;
pub(crate) mod reference;
pub(crate) mod shape;
pub(crate) mod union;
pub(crate) mod volume;
pub(crate) mod workload;

use std::collections::BTreeMap;

use jiff::Timestamp;
use plimsoll_kit::Redactor;
use plimsoll_model::{Asset, AssetId, Claim, Relation, RelationKind, Text, Value, fact, kind};

/// What all of an organisation's assets share.
pub(crate) struct Site<'a> {
    /// The organisation's number, which ids are made of: its slug can be altered.
    pub(crate) number: Text,
    /// Its own slug of today, also where it is called `personal`.
    pub(crate) slug: Text,
    /// The names of the regions by their codes; empty where they could not be read.
    pub(crate) regions: BTreeMap<Text, Text>,
    pub(crate) redactor: &'a Redactor,
    /// Keys of metadata whose values may be shown.
    pub(crate) shown: &'a [String],
}

/// An asset with the relations that start at it.
#[derive(Clone)]
pub(crate) struct Piece {
    pub(crate) asset: Asset,
    pub(crate) relations: Vec<Relation>,
}

impl Piece {
    /// An asset on this platform, of a kind that the platform has a word for.
    pub(crate) fn new(id: AssetId, kind: &str, name: impl Into<Text>, word: &str) -> Self {
        let mut asset = Asset::new(id, kind, name);
        asset.claim(fact::PLATFORM, Claim::reported("fly"));
        asset.claim(fact::PLATFORM_KIND, Claim::reported(word));
        Self {
            asset,
            relations: Vec::new(),
        }
    }

    /// A name in the DNS, of which nothing is claimed.
    pub(crate) fn dns_name(name: &str) -> Self {
        Self {
            asset: Asset::new(dns_name_id(name), kind::DNS_NAME, dns_name(name)),
            relations: Vec::new(),
        }
    }

    /// Relates the asset to another.
    pub(crate) fn relate(&mut self, kind: RelationKind, to: AssetId) {
        let from = self.asset.id.clone();
        self.relate_from(from, kind, to);
    }

    /// A relation that starts elsewhere, and is known by what this was made of.
    pub(crate) fn relate_from(&mut self, from: AssetId, kind: RelationKind, to: AssetId) {
        self.relations.push(Relation {
            from,
            kind,
            to,
            scope: Text::default(),
        });
    }
}

pub(crate) fn organisation_id(organisation: &str) -> AssetId {
    AssetId::of(kind::ORGANISATION, &["fly", organisation])
}

pub(crate) fn app_id(app: &str) -> AssetId {
    AssetId::of(kind::APP, &["fly", app])
}

pub(crate) fn workload_id(app: &str, group: &str) -> AssetId {
    AssetId::of(kind::WORKLOAD, &["fly", app, group])
}

/// A network is called by its organisation, and by a name that nobody can alter.
pub(crate) fn network_id(organisation: &str, network: &str) -> AssetId {
    AssetId::of(kind::NETWORK, &["fly", organisation, network])
}

pub(crate) fn volume_id(volume: &str) -> AssetId {
    AssetId::of(kind::VOLUME, &["fly", volume])
}

pub(crate) fn address_id(ip: &str) -> AssetId {
    AssetId::of(kind::ADDRESS, &["fly", ip])
}

pub(crate) fn certificate_id(app: &str, hostname: &str) -> AssetId {
    AssetId::of(kind::CERTIFICATE, &["fly", app, hostname])
}

pub(crate) fn dns_name_id(name: &str) -> AssetId {
    AssetId::of(kind::DNS_NAME, &[&dns_name(name)])
}

fn dns_name(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// A reported value with the call and field that it rests on.
pub(crate) fn reported(value: impl Into<Value>, basis: &str) -> Claim {
    Claim::reported(value).by(basis)
}

/// A word, or unknown where the platform does not say or says nothing.
pub(crate) fn said(value: Option<&Text>, basis: &str) -> Claim {
    match value
        .map(|value| word(value))
        .filter(|word| !word.is_empty())
    {
        Some(word) => reported(word, basis),
        None => Claim::unknown(format!("the platform does not say: {basis} is empty")),
    }
}

/// A yes or no, or unknown where the platform does not say.
pub(crate) fn yes(value: Option<bool>, basis: &str) -> Claim {
    match value {
        Some(value) => reported(value, basis),
        None => Claim::unknown(format!("the platform does not say: {basis} is empty")),
    }
}

/// A whole number, or unknown where the platform does not say.
pub(crate) fn number(value: Option<i64>, basis: &str) -> Claim {
    match value {
        Some(value) => reported(value, basis),
        None => Claim::unknown(format!("the platform does not say: {basis} is empty")),
    }
}

/// A time as the platform writes it; none where it is none, or one before there was the platform: of what is gone it
/// says the year 1 or 1970.
pub(crate) fn time(text: Option<&Text>) -> Option<Timestamp> {
    let time: Timestamp = text?.parse().ok()?;
    (time.as_second() > 1_000_000_000).then_some(time)
}

/// A time as a claim.
pub(crate) fn time_claim(text: Option<&Text>, basis: &str) -> Claim {
    match time(text) {
        Some(time) => reported(time.to_string(), basis),
        None => Claim::unknown(format!("the platform does not say: {basis} is no time")),
    }
}

/// Claims where something runs or lies.
pub(crate) fn claim_region(asset: &mut Asset, site: &Site<'_>, region: Option<&Text>, basis: &str) {
    asset.claim(fact::REGION, said(region, basis));
    if let Some(name) = region.and_then(|code| site.regions.get(code)) {
        asset.claim(
            "region.name",
            reported(word(name), "GET /platform/regions name"),
        );
    }
}

/// A platform's word: without control characters, and cut to what a word can be.
pub(crate) fn word(text: &str) -> Text {
    text.chars()
        .filter(|c| !c.is_control())
        .take(WORD)
        .collect()
}

/// The most characters of a word.
const WORD: usize = 1024;
