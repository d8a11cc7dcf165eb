//! How far records have been read before.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plimsoll_model::Text;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Commit, Store, StoreError, micros, time};

/// A keyed digest of what a source is read by.
pub type SettingsMark = [u8; 32];

impl Store {
    /// When reading each of a source's scopes began that was, the last time, complete and by these settings. One that was read
    /// later than `now` was so by a clock that was wrong, and counts as never read.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read_before(
        &self,
        source: &str,
        mark: &SettingsMark,
        now: Timestamp,
    ) -> Result<BTreeMap<Text, Timestamp>, StoreError> {
        read_before(&self.connection, source, mark, now, None).map_err(|error| self.says(&error))
    }
}

impl Commit<'_> {
    /// The scopes of a source that were read completely by these settings before a scan, so that what is stored of them was.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read_alike(
        &self,
        source: &str,
        mark: &SettingsMark,
        scan: i64,
    ) -> Result<BTreeMap<Text, Timestamp>, StoreError> {
        read_before(&self.transaction, source, mark, Timestamp::MAX, Some(scan))
            .map_err(|error| self.says(&error))
    }

    /// Remembers by which settings a source was read, and since when. The same ones cost no row.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put_settings(
        &self,
        source: &str,
        mark: &SettingsMark,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.transaction
            .prepare_cached(
                "INSERT INTO settings (source, mark, since) VALUES (?1, ?2, ?3)
                 ON CONFLICT (source) DO UPDATE SET mark = excluded.mark, since = excluded.since
                 WHERE settings.mark != excluded.mark",
            )
            .and_then(|mut put| put.execute(params![source, mark, micros(at)]))
            .map(|_| ())
            .map_err(|error| self.says(&error))
    }
}

fn read_before(
    connection: &Connection,
    source: &str,
    mark: &SettingsMark,
    now: Timestamp,
    scan: Option<i64>,
) -> rusqlite::Result<BTreeMap<Text, Timestamp>> {
    let since = connection
        .prepare_cached("SELECT since FROM settings WHERE source = ?1 AND mark = ?2")?
        .query_row(params![source, mark], |row| row.get::<_, i64>(0))
        .optional()?;
    let Some(since) = since else {
        return Ok(BTreeMap::new());
    };
    connection
        .prepare_cached(
            "SELECT scope.name, max(scope_read.at) FROM scope JOIN scope_read ON scope_read.scope = scope.id
             WHERE scope.source = ?1 AND scope_read.complete AND scope_read.at >= ?2 AND (?4 IS NULL OR scope_read.scan < ?4)
             GROUP BY scope.id HAVING max(scope_read.at) <= ?3",
        )?
        .query_map(params![source, since, micros(now), scan], |row| {
            Ok((Text::from(row.get_ref(0)?.as_str()?), time(row.get(1)?)))
        })?
        .collect()
}
