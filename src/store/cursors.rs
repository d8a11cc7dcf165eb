//! How far records have been read before, and by what.

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

/// By what a source was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadBy {
    /// By which settings.
    pub mark: SettingsMark,
    /// By which edition of its collector, from 1.
    pub edition: u32,
}

/// By what a source was read last, and since when its scopes are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownReading {
    /// By what.
    pub by: ReadBy,
    /// When the list of its scopes was read completely by that, first and last; none where it was not.
    pub listed: Option<(Timestamp, Timestamp)>,
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

    /// By what each source was read last.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn readings_known(&self) -> Result<BTreeMap<Text, KnownReading>, StoreError> {
        let read = || -> rusqlite::Result<BTreeMap<Text, KnownReading>> {
            self.transaction
                .prepare_cached(
                    "SELECT source, mark, edition, listed_first, listed_last FROM settings",
                )?
                .query_map([], |row| {
                    let by = ReadBy {
                        mark: row.get(1)?,
                        edition: row.get(2)?,
                    };
                    let first: Option<i64> = row.get(3)?;
                    let listed = first.zip(row.get::<_, Option<i64>>(4)?);
                    let listed = listed.map(|(first, last)| (time(first), time(last)));
                    Ok((
                        Text::from(row.get_ref(0)?.as_str()?),
                        KnownReading { by, listed },
                    ))
                })?
                .collect()
        };
        read().map_err(|error| self.says(&error))
    }

    /// Remembers by what a source was read and since when, and whether the list of its scopes was read completely. What was
    /// listed by other settings, or by another edition, counts no more. The same ones without a list cost no row.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put_settings(
        &self,
        source: &str,
        by: &ReadBy,
        at: Timestamp,
        listed: bool,
    ) -> Result<(), StoreError> {
        let listed = listed.then(|| micros(at));
        self.transaction
            .prepare_cached(
                "INSERT INTO settings (source, mark, since, edition, listed_first, listed_last) VALUES (?1, ?2, ?3, ?4, ?5, ?5)
                 ON CONFLICT (source) DO UPDATE SET mark = excluded.mark, since = excluded.since, edition = excluded.edition,
                 listed_first = excluded.listed_first, listed_last = excluded.listed_last
                 WHERE settings.mark != excluded.mark OR settings.edition != excluded.edition",
            )
            .and_then(|mut put| put.execute(params![source, by.mark, micros(at), by.edition, listed]))
            .map_err(|error| self.says(&error))?;
        if listed.is_none() {
            return Ok(());
        }
        self.transaction
            .prepare_cached(
                "UPDATE settings SET listed_first = coalesce(listed_first, ?2), listed_last = ?2 WHERE source = ?1",
            )
            .and_then(|mut put| put.execute(params![source, listed]))
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
