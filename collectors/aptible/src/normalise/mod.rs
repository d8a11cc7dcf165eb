//! What the answers mean: wire to model, without I/O and without a clock.

pub(crate) mod app;
pub(crate) mod attested;
pub(crate) mod backup;
pub(crate) mod certificate;
pub(crate) mod database;
pub(crate) mod disk;
pub(crate) mod drain;
pub(crate) mod endpoint;
pub(crate) mod environment;
pub(crate) mod image;
pub(crate) mod operation;
pub(crate) mod ports;
pub(crate) mod scaling;
pub(crate) mod service;
pub(crate) mod stack;
pub(crate) mod tls;

use plimsoll_kit::model::{Asset, AssetId, Claim, Relation, RelationKind, Text, Value, fact};

/// How the platform is called in ids.
pub(crate) const PLACE: &str = "aptible";

/// Our own names for facts that the model has none for; the README has their shapes.
pub(crate) mod own {
    /// Text: the API's own path of it (`apps/31`), by which its records name it also when it is gone.
    pub(crate) const PLATFORM_ID: &str = "platform.id";
    /// Bool: whether the stack serves one customer alone.
    pub(crate) const STACK_DEDICATED: &str = "stack.dedicated";
    /// Text: the platform's word for its state: `provisioned`, `pending` …
    pub(crate) const STATUS: &str = "status";
}

/// An asset with the relations that start at it, or at another one and end there.
pub(crate) struct Piece {
    pub(crate) asset: Asset,
    pub(crate) relations: Vec<Relation>,
}

impl Piece {
    pub(crate) fn new(asset: Asset) -> Self {
        Self {
            asset,
            relations: Vec::new(),
        }
    }

    /// Relates the asset to another.
    pub(crate) fn relate(&mut self, kind: RelationKind, to: AssetId) {
        let from = self.asset.id.clone();
        self.relations.push(relation(from, kind, to));
    }

    /// Relates another to the asset.
    pub(crate) fn relate_from(&mut self, from: AssetId, kind: RelationKind) {
        let to = self.asset.id.clone();
        self.relations.push(relation(from, kind, to));
    }
}

fn relation(from: AssetId, kind: RelationKind, to: AssetId) -> Relation {
    Relation {
        from,
        kind,
        to,
        scope: Text::default(),
    }
}

/// The id of what the API numbers.
pub(crate) fn id_of(kind: &str, number: &str) -> AssetId {
    AssetId::of(kind, &[PLACE, number])
}

/// An asset of the platform, with what its records call it.
pub(crate) fn asset(id: AssetId, kind: &str, name: Text, api: &str, number: &str) -> Asset {
    let mut asset = Asset::new(id, kind, name);
    asset.claim(fact::PLATFORM, Claim::reported(PLACE));
    let path = format!("{api}/{number}");
    asset.claim(own::PLATFORM_ID, Claim::reported(path));
    asset
}

/// Claims a fact where the answer says it, and nothing where it does not.
pub(crate) fn say(
    asset: &mut Asset,
    fact: &str,
    value: Option<impl Into<Value>>,
    basis: &'static str,
) {
    if let Some(value) = value {
        asset.claim(fact, Claim::reported(value).by(basis));
    }
}

/// A word of the platform, to be claimed.
pub(crate) fn said(text: Option<&Text>) -> Option<Value> {
    let text = text.filter(|text| !text.is_empty())?;
    Some(Value::Text(word(text)))
}

/// A time of the platform, to be claimed.
pub(crate) fn time(text: Option<&Text>) -> Option<Value> {
    let time: jiff::Timestamp = text?.parse().ok()?;
    Some(Value::Text(time.to_string().into()))
}

/// The most characters of a word.
const WORD: usize = 512;

/// A platform's word: without control characters, and cut to what a word can be.
pub(crate) fn word(text: &str) -> Text {
    let seen = text.chars().filter(|c| !c.is_control());
    seen.take(WORD).collect()
}

/// What people call a thing: its handle, else its number.
pub(crate) fn name_of(handle: Option<&Text>, number: &str) -> Text {
    match handle.filter(|handle| !handle.is_empty()) {
        Some(handle) => word(handle),
        None => format!("#{number}").into(),
    }
}

/// The asset of a name in the DNS, the same whichever source speaks of it.
pub(crate) fn dns_name(host: &str) -> Option<Asset> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let sound = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'*');
    if host.is_empty() || host.len() > 253 || !host.bytes().all(sound) {
        return None;
    }
    let kind = plimsoll_kit::model::kind::DNS_NAME;
    Some(Asset::new(AssetId::of(kind, &[&host]), kind, host))
}
