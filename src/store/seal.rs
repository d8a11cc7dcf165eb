//! A record's JSON with its checksum: one flipped bit shows, and is not taken for another value.

use plimsoll_model::{Action, AssetId, How, Text};
use rusqlite::types::ValueRef;
use serde::de::DeserializeOwned;

use crate::baseline::{Drift, DriftState, LAST_KNOWN, Severity, Status};
use crate::change::{Change, ChangeKind, PathChange};

/// What stands between the JSON, which has no line break of its own, and the checksum.
const MARK: &str = "\n#";
/// How many digits of the hash are kept.
const DIGITS: usize = 16;

/// Why nothing is known of a record that cannot be read.
pub(super) const LOST: &str = "what was stored of it is damaged";

fn checksum(json: &str) -> String {
    let mut sum = blake3::hash(json.as_bytes()).to_hex().to_string();
    sum.truncate(DIGITS);
    sum
}

/// A record as it is stored.
pub(super) fn seal(mut json: String) -> String {
    let sum = checksum(&json);
    json.push_str(MARK);
    json.push_str(&sum);
    json
}

/// The JSON of a record as it was stored. One that an earlier Plimsoll wrote has no checksum.
///
/// # Errors
/// When it is not what was stored.
pub(super) fn json(stored: ValueRef<'_>) -> Result<&str, String> {
    let text = stored.as_str().map_err(|error| error.to_string())?;
    match text.rsplit_once(MARK) {
        Some((json, sum)) if checksum(json) == sum => Ok(json),
        Some(_) => Err("its checksum is another".to_owned()),
        None => Ok(text),
    }
}

/// A record as it was stored.
///
/// # Errors
/// When it is not what was stored, or no such record.
pub(super) fn read<T: DeserializeOwned>(stored: ValueRef<'_>) -> Result<T, String> {
    plimsoll_kit::json::read(json(stored)?.as_bytes()).map_err(|error| error.to_string())
}

/// Says that a record cannot be read.
pub(super) fn warn(what: &str, why: &str) {
    tracing::warn!(
        why,
        "what was stored of {what} is damaged; `plimsoll check --database` names all that is"
    );
}

/// What stands for a drift that cannot be read: the stricter of what it may have been, until the next scan says what it is.
pub(super) fn lost_drift(
    asset: AssetId,
    control: &str,
    expectation: &str,
    since: jiff::Timestamp,
) -> Drift {
    let (kind, name) = asset.as_str().split_once(':').unwrap_or(("", ""));
    Drift {
        kind: kind.into(),
        name: name.into(),
        role: Text::default(),
        environment: None,
        control: control.into(),
        expectation: expectation.into(),
        status: Status::Unknown,
        severity: Severity::Critical,
        expected: Text::default(),
        actual: Text::from(format!("{LOST}{LAST_KNOWN}{LOST}")),
        how: How::Unknown,
        basis: Text::default(),
        facts: [].into(),
        since,
        state: DriftState::Open,
        change: None,
        follows: None,
        asset,
    }
}

/// What stands for a change that cannot be read: that there was one.
pub(super) fn lost_change(asset: AssetId) -> Change {
    let (kind, name) = asset.as_str().split_once(':').unwrap_or(("", ""));
    Change {
        asset_kind: kind.into(),
        asset_name: name.into(),
        kind: ChangeKind::Modified,
        paths: vec![PathChange {
            path: Text::const_new(LOST),
            from: None,
            to: None,
        }],
        asset,
    }
}

/// What stands for an action that cannot be read: that somebody did something.
pub(super) fn lost_action(id: &str, asset: AssetId, at: jiff::Timestamp) -> Action {
    Action {
        id: id.into(),
        asset,
        what: Text::const_new(LOST),
        at,
        actor: None,
        details: Default::default(),
        fields: Vec::new(),
        scope: Text::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_flipped_bit_shows_wherever_it_is() {
        let stored = seal(r#"{"verdict":"approved","asset":"é"}"#.to_owned());
        let value = |bytes: &[u8]| read::<serde_json::Value>(ValueRef::Text(bytes));
        assert!(value(stored.as_bytes()).is_ok());
        for at in 0..stored.len() * 8 {
            let mut bytes = stored.clone().into_bytes();
            bytes[at / 8] ^= 1 << (at % 8);
            assert!(value(&bytes).is_err(), "bit {at}");
        }
    }

    #[test]
    fn what_an_earlier_version_wrote_is_read() {
        assert!(read::<serde_json::Value>(ValueRef::Text(b"{}")).is_ok());
        assert!(read::<serde_json::Value>(ValueRef::Null).is_err());
        assert!(read::<serde_json::Value>(ValueRef::Text(b"{")).is_err());
    }
}
