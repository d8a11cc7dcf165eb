//! What the approval policy says of changes, and what it goes by.

use std::collections::HashMap;

use jiff::Timestamp;
use plimsoll_model::{AssetId, ChangeRequest, Text};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, params};

use super::commit::Commit;
use super::{Store, StoreError, micros, seal, time};
use crate::approval::{Ruling, StagingRun};

/// How one scope was read by one scan.
#[derive(Clone, Debug)]
pub struct LoggedRead {
    /// The scan.
    pub scan: i64,
    /// When the scan started.
    pub started: Timestamp,
    /// The source.
    pub source: Text,
    /// The scope.
    pub scope: Text,
    /// When its reading began.
    pub at: Timestamp,
    /// Whether it was read completely.
    pub complete: bool,
}

impl Commit<'_> {
    /// Every request that is known, with its source.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn requests(&self) -> Result<Vec<(Text, ChangeRequest)>, StoreError> {
        requests(&self.transaction).map_err(|error| self.says(&error))
    }

    /// The newest verdict on each change that was seen at a time or later.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn rulings(&self, from: Timestamp) -> Result<HashMap<i64, Ruling>, StoreError> {
        let read = || -> rusqlite::Result<HashMap<i64, Ruling>> {
            let mut found = HashMap::new();
            let mut rows = self.transaction.prepare(
                "SELECT v.change, v.body FROM verdict v JOIN change c ON c.id = v.change WHERE c.before >= ?1 ORDER BY v.id",
            )?;
            let mut rows = rows.query([micros(from)])?;
            while let Some(row) = rows.next()? {
                // The newest counts: where that cannot be read, an older one does not take its place.
                let change = row.get(0)?;
                match ruling(row.get_ref(1)?) {
                    Some(ruling) => found.insert(change, ruling),
                    None => found.remove(&change),
                };
            }
            Ok(found)
        };
        read().map_err(|error| self.says(&error))
    }

    /// Takes the verdicts on a change away that cannot be read, as it is judged anew.
    fn drop_lost_rulings(&self, change: i64) -> rusqlite::Result<()> {
        let lost: Vec<i64> = {
            let mut query = self
                .transaction
                .prepare_cached("SELECT id, body FROM verdict WHERE change = ?1")?;
            let mut rows = query.query([change])?;
            let mut lost = Vec::new();
            while let Some(row) = rows.next()? {
                if seal::json(row.get_ref(1)?).is_err() {
                    lost.push(row.get(0)?);
                }
            }
            lost
        };
        for id in lost {
            self.transaction
                .execute("DELETE FROM verdict WHERE id = ?1", [id])?;
        }
        Ok(())
    }

    /// Writes a verdict, after those that there are.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_ruling(
        &self,
        change: i64,
        scan: i64,
        at: Timestamp,
        ruling: &Ruling,
    ) -> Result<(), StoreError> {
        let body = seal::seal(serde_json::to_string(ruling).unwrap_or_default());
        self.drop_lost_rulings(change)
            .map_err(|error| self.says(&error))?;
        self.transaction
            .prepare_cached("INSERT INTO verdict (change, scan, at, body) VALUES (?1, ?2, ?3, ?4)")
            .and_then(|mut put| put.execute(params![change, scan, micros(at), body]))
            .map(|_| ())
            .map_err(|error| self.says(&error))
    }

    /// Every time that an artefact ran on a system of staging.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn staging_runs(&self) -> Result<Vec<(Text, StagingRun)>, StoreError> {
        staging_runs(&self.transaction).map_err(|error| self.says(&error))
    }

    /// Writes when a run in staging began, or that it ended.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_staging_run(&self, artefact: &str, run: &StagingRun) -> Result<(), StoreError> {
        self.transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO staging_run (artefact, asset, started, before, ended) VALUES (?1, ?2, ?3, ?4, ?5)",
            )
            .and_then(|mut put| {
                put.execute(params![
                    artefact,
                    run.asset.as_str(),
                    micros(run.from),
                    run.after.map(micros),
                    run.until.map(micros)
                ])
            })
            .map(|_| ())
            .map_err(|error| self.says(&error))
    }

    /// The newest verdict on one change.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn ruling_of(&self, change: i64) -> Result<Option<Ruling>, StoreError> {
        let read = || -> rusqlite::Result<Option<Ruling>> {
            let mut rows = self.transaction.prepare_cached(
                "SELECT body FROM verdict WHERE change = ?1 ORDER BY id DESC LIMIT 1",
            )?;
            let mut rows = rows.query([change])?;
            Ok(match rows.next()? {
                Some(row) => ruling(row.get_ref(0)?),
                None => None,
            })
        };
        read().map_err(|error| self.says(&error))
    }

    /// When an asset was met first, at the latest: the end of the first scan that saw it. None for one that nobody met.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn first_seen(&self, asset: &AssetId) -> Result<Option<Timestamp>, StoreError> {
        let read = || -> rusqlite::Result<Option<i64>> {
            self.transaction
                .prepare_cached(
                    "SELECT MIN(s.finished) FROM version v JOIN scan s ON s.id = v.from_scan \
                     WHERE v.asset = (SELECT id FROM asset WHERE name = ?1)",
                )?
                .query_row([asset.as_str()], |row| row.get(0))
        };
        let first = read().map_err(|error| self.says(&error))?;
        Ok(first.map(time))
    }
}

impl Store {
    /// Every request that is known, with its source.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn requests(&self) -> Result<Vec<(Text, ChangeRequest)>, StoreError> {
        requests(&self.connection).map_err(|error| self.says(&error))
    }

    /// Every verdict on a change, the oldest first, with the scan that judged and when.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn rulings_of(&self, change: i64) -> Result<Vec<(i64, Timestamp, Ruling)>, StoreError> {
        let read = || -> rusqlite::Result<Vec<_>> {
            let mut rows = self
                .connection
                .prepare("SELECT scan, at, body FROM verdict WHERE change = ?1 ORDER BY id")?;
            rows.query_map([change], |row| {
                let ruling = ruling(row.get_ref(2)?);
                Ok((row.get(0)?, time(row.get(1)?), ruling))
            })?
            .collect()
        };
        let rows: Vec<(i64, Timestamp, Option<Ruling>)> =
            read().map_err(|error| self.says(&error))?;
        Ok(rows
            .into_iter()
            .filter_map(|(scan, at, ruling)| Some((scan, at, ruling?)))
            .collect())
    }

    /// Every time that an artefact ran on a system of staging.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn staging_runs(&self) -> Result<Vec<(Text, StagingRun)>, StoreError> {
        staging_runs(&self.connection).map_err(|error| self.says(&error))
    }

    /// How every scope was read by the scans that were finished in a span of time, in order.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read_log(&self, from: Timestamp, to: Timestamp) -> Result<Vec<LoggedRead>, StoreError> {
        let read = || -> rusqlite::Result<Vec<_>> {
            let mut rows = self.connection.prepare(
                "SELECT s.id, s.started, o.source, o.name, r.at, r.complete FROM scope_read r \
                 JOIN scan s ON s.id = r.scan JOIN scope o ON o.id = r.scope \
                 WHERE s.finished >= ?1 AND s.finished <= ?2 ORDER BY s.id, o.source, o.name",
            )?;
            rows.query_map([micros(from), micros(to)], |row| {
                Ok(LoggedRead {
                    scan: row.get(0)?,
                    started: time(row.get(1)?),
                    source: row.get_ref(2)?.as_str()?.into(),
                    scope: row.get_ref(3)?.as_str()?.into(),
                    at: time(row.get(4)?),
                    complete: row.get(5)?,
                })
            })?
            .collect()
        };
        read().map_err(|error| self.says(&error))
    }
}

/// A verdict as it was stored. One that is damaged, or that a later Plimsoll wrote in words that this one does not know, is none.
pub(super) fn ruling(stored: ValueRef<'_>) -> Option<Ruling> {
    match seal::json(stored) {
        _ if stored == ValueRef::Null => None,
        Ok(json) => serde_json::from_str(json).ok(),
        Err(why) => {
            seal::warn("a verdict", &why);
            None
        }
    }
}

fn requests(connection: &Connection) -> rusqlite::Result<Vec<(Text, ChangeRequest)>> {
    let mut rows =
        connection.prepare("SELECT source, body FROM request ORDER BY source, record")?;
    let mut rows = rows.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        // One that is damaged, or that a later Plimsoll wrote in a form that this one does not know, is left out.
        match seal::json(row.get_ref(1)?) {
            Ok(json) => {
                if let Ok(request) = serde_json::from_str(json) {
                    found.push((row.get_ref(0)?.as_str()?.into(), request));
                }
            }
            Err(why) => seal::warn("a request", &why),
        }
    }
    Ok(found)
}

fn staging_runs(connection: &Connection) -> rusqlite::Result<Vec<(Text, StagingRun)>> {
    let mut rows =
        connection.prepare("SELECT artefact, asset, started, before, ended FROM staging_run")?;
    let mut rows = rows.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let Ok(asset) = AssetId::new(row.get_ref(1)?.as_str()?) else {
            continue;
        };
        let run = StagingRun {
            asset,
            after: row.get::<_, Option<i64>>(3)?.map(time),
            from: time(row.get(2)?),
            until: row.get::<_, Option<i64>>(4)?.map(time),
        };
        found.push((row.get_ref(0)?.as_str()?.into(), run));
    }
    Ok(found)
}
