//! What an engine's answers mean: wire to model, without I/O and without a clock.

pub(crate) mod basis;
pub(crate) mod clock;
pub(crate) mod container;
pub(crate) mod engine;
pub(crate) mod hidden;
pub(crate) mod identity;
pub(crate) mod image;
pub(crate) mod mounts;
pub(crate) mod network;
pub(crate) mod ports;
pub(crate) mod process;
pub(crate) mod security;
pub(crate) mod site;
pub(crate) mod volume;

#[cfg(test)]
mod tests;

use plimsoll_model::{Asset, AssetId, Relation, RelationKind, Text};

pub(crate) use site::{Flavour, Site};

/// An asset with the relations that start at it.
pub(crate) struct Piece {
    pub(crate) asset: Asset,
    pub(crate) relations: Vec<Relation>,
}

impl Piece {
    fn new(asset: Asset) -> Self {
        Self {
            asset,
            relations: Vec::new(),
        }
    }

    /// Relates the asset to another.
    fn relate(&mut self, kind: RelationKind, to: AssetId) {
        self.relations.push(Relation {
            from: self.asset.id.clone(),
            kind,
            to,
            scope: Text::default(),
        });
    }
}

/// A platform's word: without control characters, and cut to what a word can be.
pub(crate) fn word(text: &str) -> Text {
    // Nearly all are words as they come.
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

/// The first 12 digits of an id, as people write it, with `sha256:` before it if it was.
pub(crate) fn short(id: &str) -> Text {
    let (scheme, digits) = match id.split_once(':') {
        Some((scheme, digits)) => (Some(scheme), digits),
        None => (None, id),
    };
    let digits: String = digits.chars().take(12).collect();
    match scheme {
        Some(scheme) => Text::from(format!("{scheme}:{digits}")),
        None => digits.into(),
    }
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
