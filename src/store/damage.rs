//! Bodies that cannot be read any more. One costs what was known of one asset, and no report.

use std::collections::{BTreeSet, HashMap, HashSet};

use plimsoll_model::{Asset, AssetId, Text};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde::de::IgnoredAny;

use super::body::Unpacker;
use super::{Store, StoreError, seal, time};
use crate::baseline::Drift;
use crate::inventory::{Fingerprint, KnownPart};

/// Why nothing is known of an asset whose stored body cannot be read.
const DAMAGED: &str = "what was stored of it is damaged; the next scan that sees it stores it anew";

/// How many bodies one scan looks at: all of a small inventory, and the next ones of a large one.
const SLICE: usize = 2_000;

/// How many damaged assets are named.
const SHOWN: usize = 20;

/// What stands for an asset whose body cannot be read: that it is there, and nothing else.
pub(super) fn placeholder(id: AssetId) -> Asset {
    let (kind, name) = id.as_str().split_once(':').unwrap_or(("", id.as_str()));
    let (kind, name) = (Text::from(kind), Text::from(name));
    let mut asset = Asset::new(id, kind, name);
    asset.partial = Some(Text::const_new(DAMAGED));
    asset
}

/// Whether an asset from the store stands for one whose body cannot be read.
pub fn is_damaged(asset: &Asset) -> bool {
    asset.partial.as_deref() == Some(DAMAGED)
}

/// A fingerprint that is no other's than of what is damaged; turned twice it is what it was.
pub fn turned(fingerprint: Fingerprint) -> Fingerprint {
    fingerprint.map(|byte| !byte)
}

/// Puts what a scan saw in the place of what was damaged and is the same, so that nothing is left of the damage.
pub(super) fn heal(
    connection: &Connection,
    scan: i64,
    damaged: &HashSet<i64>,
) -> rusqlite::Result<()> {
    for version in damaged {
        let took = connection.execute(
            "UPDATE version SET from_scan = old.from_scan FROM (SELECT * FROM version WHERE id = ?1) AS old \
             WHERE version.from_scan = ?2 AND version.asset = old.asset AND version.scope = old.scope \
             AND version.fingerprint = old.fingerprint AND version.id != old.id",
            [*version, scan],
        )?;
        if took > 0 {
            connection.execute("DELETE FROM version WHERE id = ?1", [*version])?;
            connection.execute("DELETE FROM unseen WHERE version = ?1", [*version])?;
        }
    }
    Ok(())
}

/// The versions of some rows of `version` (id, dictionary, body) whose bodies cannot be read.
fn unreadable(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> rusqlite::Result<HashSet<i64>> {
    let mut unpacker = Unpacker::new();
    let mut query = connection.prepare(sql)?;
    let mut rows = query.query(parameters)?;
    let mut found = HashSet::new();
    while let Some(row) = rows.next()? {
        let dictionary = row.get(1)?;
        let read = unpacker.unpack::<IgnoredAny>(dictionary, row.get_ref(2)?.as_blob()?, || {
            connection.query_row(
                "SELECT bytes FROM dictionary WHERE id = ?1",
                [dictionary],
                |row| row.get(0),
            )
        })?;
        if read.is_err() {
            found.insert(row.get(0)?);
        }
    }
    Ok(found)
}

/// Those of the current versions that this scan looks at and whose bodies cannot be read. Scans one after another look at all.
pub(super) fn damaged_now(
    connection: &Connection,
    scan: i64,
    parts: &[KnownPart],
) -> rusqlite::Result<HashSet<i64>> {
    let newest = parts.iter().map(|part| part.version).max().unwrap_or(0);
    let slices = i64::try_from(parts.len().div_ceil(SLICE)).unwrap_or(1);
    // Versions are numbered as they come, so a slice begins about where the one before ended.
    let from = match slices {
        0 => return Ok(HashSet::new()),
        1 => 0,
        slices => newest / slices * scan.rem_euclid(slices),
    };
    let limit = i64::try_from(SLICE * 2).unwrap_or(i64::MAX);
    unreadable(
        connection,
        "SELECT id, dictionary, body FROM version WHERE to_scan IS NULL AND id >= ?1 ORDER BY id LIMIT ?2",
        [from, limit],
    )
}

/// What stands for a drift that cannot be read; none where not even its asset is known.
pub(super) fn lost_drift(connection: &Connection, id: i64) -> rusqlite::Result<Option<Drift>> {
    let mut query = connection.prepare_cached(
        "SELECT a.name, d.control, d.expectation, s.finished FROM drift d LEFT JOIN asset a ON a.id = d.asset \
         LEFT JOIN scan s ON s.id = d.from_scan WHERE d.id = ?1",
    )?;
    query.query_row([id], |row| {
        let asset = row.get_ref(0)?.as_str_or_null()?.unwrap_or_default();
        let (control, expectation) = (row.get::<_, String>(1)?, row.get::<_, String>(2)?);
        let since = row
            .get::<_, Option<i64>>(3)?
            .map_or(jiff::Timestamp::MIN, time);
        let asset = AssetId::new(asset).ok();
        Ok(asset.map(|asset| seal::lost_drift(asset, &control, &expectation, since)))
    })
}

/// The records that are kept as JSON: what each is called, with the name of its asset or of itself.
const RECORDS: &[(&str, &str)] = &[
    (
        "a drift of",
        "SELECT d.body, coalesce(a.name, d.id) FROM drift d LEFT JOIN asset a ON a.id = d.asset",
    ),
    ("change", "SELECT body, id FROM change"),
    (
        "who made change",
        "SELECT actor, id FROM change WHERE actor IS NOT NULL",
    ),
    ("a verdict on change", "SELECT body, change FROM verdict"),
    ("the action", "SELECT body, record FROM action"),
    ("the request", "SELECT body, record FROM request"),
    ("an access of scan", "SELECT body, scan FROM access"),
];

impl Store {
    /// The records of which what was stored cannot be read.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn damaged_records(&self) -> Result<BTreeSet<String>, StoreError> {
        let read = || -> rusqlite::Result<BTreeSet<String>> {
            let mut found = BTreeSet::new();
            for (what, sql) in RECORDS {
                let mut query = self.connection.prepare(sql)?;
                let mut rows = query.query([])?;
                while let Some(row) = rows.next()? {
                    if seal::read::<IgnoredAny>(row.get_ref(0)?).is_err() {
                        let name = match row.get_ref(1)? {
                            ValueRef::Integer(number) => number.to_string(),
                            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                            _ => "?".to_owned(),
                        };
                        found.insert(format!("{what} {name}"));
                    }
                }
            }
            Ok(found)
        };
        read().map_err(|error| self.says(&error))
    }

    /// The assets of which a stored body cannot be read, current or past: all are tried, which takes time that grows with the file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn damaged(&self) -> Result<BTreeSet<AssetId>, StoreError> {
        let says = |error: rusqlite::Error| self.says(&error);
        let sql = "SELECT id, dictionary, body FROM version";
        let versions = unreadable(&self.connection, sql, []).map_err(says)?;
        if versions.is_empty() {
            return Ok(BTreeSet::new());
        }
        let of: HashMap<i64, i64> = self
            .list("SELECT id, asset FROM version", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .into_iter()
            .collect();
        let names = self.asset_names()?;
        let number = versions.iter().filter_map(|version| of.get(version));
        Ok(number
            .filter_map(|number| names.get(number).cloned())
            .collect())
    }

    /// Says of which assets and records what was stored cannot be read.
    ///
    /// # Errors
    /// When one cannot, and when the file cannot be read.
    pub fn verify_bodies(&self) -> Result<(), StoreError> {
        let assets = self.damaged()?;
        let mut damaged: Vec<String> = assets.into_iter().map(|id| id.to_string()).collect();
        damaged.extend(self.damaged_records()?);
        if damaged.is_empty() {
            return Ok(());
        }
        let count = damaged.len();
        let shown = damaged.iter().take(SHOWN).map(String::as_str);
        let mut assets = shown.collect::<Vec<_>>().join(", ");
        if count > SHOWN {
            assets.push_str(&format!(" and {} more", count - SHOWN));
        }
        Err(StoreError::Damaged {
            path: self.path.clone(),
            assets,
        })
    }
}
