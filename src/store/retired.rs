//! Sources that were taken out for good.

use std::collections::HashMap;

use jiff::Timestamp;
use plimsoll_model::Text;
use rusqlite::params;

use super::commit::Commit;
use super::{Store, StoreError, micros, time};

/// A source that was taken out for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetiredSource {
    /// Its name.
    pub source: Text,
    /// The scan that ended what it had seen.
    pub scan: i64,
    /// When.
    pub at: Timestamp,
    /// The stated reason.
    pub reason: Text,
    /// How many assets it had seen last.
    pub assets: u64,
}

/// A source that is known, with what it saw last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownSource {
    /// Its name.
    pub source: Text,
    /// When one of its scopes was read last.
    pub last: Timestamp,
    /// How many assets it has.
    pub assets: u64,
    /// Its scopes.
    pub scopes: Vec<Text>,
}

impl Commit<'_> {
    /// Writes that a source was taken out for good.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_retired(
        &self,
        source: &str,
        scan: i64,
        at: Timestamp,
        reason: &str,
        assets: u64,
    ) -> Result<(), StoreError> {
        let assets = i64::try_from(assets).unwrap_or(i64::MAX);
        self.transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO retired (source, scan, at, reason, assets) VALUES (?1, ?2, ?3, ?4, ?5)",
            )
            .and_then(|mut put| put.execute(params![source, scan, micros(at), reason, assets]))
            .map(|_| ())
            .map_err(|error| self.says(&error))
    }

    /// The sources that were taken out for good, with the scan that did so. One may have been read again since.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn retired_sources(&self) -> Result<HashMap<Text, i64>, StoreError> {
        let read = || -> rusqlite::Result<HashMap<Text, i64>> {
            self.transaction
                .prepare_cached("SELECT source, scan FROM retired")?
                .query_map([], |row| {
                    Ok((Text::from(row.get_ref(0)?.as_str()?), row.get(1)?))
                })?
                .collect()
        };
        read().map_err(|error| self.says(&error))
    }
}

impl Store {
    /// The sources that were taken out for good, in order of their names.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn retired_sources(&self) -> Result<Vec<RetiredSource>, StoreError> {
        self.list(
            "SELECT source, scan, at, reason, assets FROM retired ORDER BY source",
            [],
            |row| {
                Ok(RetiredSource {
                    source: row.get_ref(0)?.as_str()?.into(),
                    scan: row.get(1)?,
                    at: time(row.get(2)?),
                    reason: row.get_ref(3)?.as_str()?.into(),
                    assets: row.get::<_, i64>(4)?.try_into().unwrap_or_default(),
                })
            },
        )
    }

    /// Every source that was ever read, in order of their names.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn known_sources(&self) -> Result<Vec<KnownSource>, StoreError> {
        let rows = self.list(
            "SELECT o.source, o.name, (SELECT max(at) FROM scope_read r WHERE r.scope = o.id), \
             (SELECT count(*) FROM version v WHERE v.scope = o.id AND v.to_scan IS NULL) \
             FROM scope o ORDER BY o.source, o.name",
            [],
            |row| {
                Ok((
                    Text::from(row.get_ref(0)?.as_str()?),
                    Text::from(row.get_ref(1)?.as_str()?),
                    row.get::<_, Option<i64>>(2)?.map_or(Timestamp::MIN, time),
                    row.get::<_, i64>(3)?,
                ))
            },
        )?;
        let mut known: Vec<KnownSource> = Vec::new();
        for (source, scope, last, assets) in rows {
            let assets = u64::try_from(assets).unwrap_or_default();
            match known.last_mut().filter(|one| one.source == source) {
                Some(one) => {
                    one.last = one.last.max(last);
                    one.assets += assets;
                    one.scopes.push(scope);
                }
                None => known.push(KnownSource {
                    source,
                    last,
                    assets,
                    scopes: vec![scope],
                }),
            }
        }
        Ok(known)
    }
}
