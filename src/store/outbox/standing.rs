//! What the clock's side of the planner has to know.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plimsoll_model::{Text, Trouble};
use rusqlite::{OptionalExtension as _, params};

use super::super::verdicts::ruling;
use super::super::{Commit, StoreError, micros, seal, time};
use crate::baseline::{Drift, Severity, Status};
use crate::notify::plan::{Reading, Standing};
use crate::report::IgnoredRow;

impl Commit<'_> {
    /// When the first scan that is kept was started.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn first_scan(&self) -> Result<Option<Timestamp>, StoreError> {
        self.transaction
            .query_row("SELECT min(started) FROM scan", [], |row| {
                row.get::<_, Option<i64>>(0)
            })
            .map(|at| at.map(time))
            .map_err(|error| self.says(&error))
    }

    /// When every source was read completely last: the oldest of the scopes that its last read met. A scope that never was
    /// counts from when it was met.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn source_readings(&self) -> Result<Vec<Reading>, StoreError> {
        let read = || -> rusqlite::Result<Vec<Reading>> {
            let mut rows = self.transaction.prepare(
                "WITH newest AS (SELECT o.source AS source, max(r.scan) AS scan FROM scope_read r JOIN scope o ON o.id = r.scope \
                 GROUP BY o.source) \
                 SELECT o.source, r.troubles, \
                 coalesce((SELECT max(c.at) FROM scope_read c WHERE c.scope = o.id AND c.complete), \
                          (SELECT min(c.at) FROM scope_read c WHERE c.scope = o.id)) \
                 FROM newest n JOIN scope_read r ON r.scan = n.scan JOIN scope o ON o.id = r.scope AND o.source = n.source \
                 ORDER BY o.source, o.name",
            )?;
            let mut rows = rows.query([])?;
            let mut found: BTreeMap<Text, Reading> = BTreeMap::new();
            while let Some(row) = rows.next()? {
                let source = Text::from(row.get_ref(0)?.as_str()?);
                let at = time(row.get(2)?);
                let reading = found.entry(source.clone()).or_insert_with(|| Reading {
                    source,
                    complete: Some(at),
                    troubles: Vec::new(),
                });
                reading.complete = reading.complete.map(|have| have.min(at));
                let troubles = row.get_ref(1)?.as_str_or_null()?;
                let troubles: Vec<Trouble> = troubles
                    .and_then(|json| serde_json::from_str(json).ok())
                    .unwrap_or_default();
                let room = 5_usize.saturating_sub(reading.troubles.len());
                let troubles = troubles.into_iter().take(room);
                reading.troubles.extend(troubles.map(|one| one.what));
            }
            Ok(found.into_values().collect())
        };
        read().map_err(|error| self.says(&error))
    }

    /// How things stand, counted since a time.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn standing(&self, since: Option<Timestamp>) -> Result<Standing, StoreError> {
        let read = || -> rusqlite::Result<Standing> {
            let from = since.map_or(i64::MIN, micros);
            let one = |sql: &str| {
                self.transaction
                    .query_row(sql, [from], |row| row.get::<_, i64>(0))
                    .map(|count| u64::try_from(count).unwrap_or(0))
            };
            let mut standing = Standing {
                since,
                scans: one("SELECT count(*) FROM scan WHERE finished > ?1")?,
                opened: one(
                    "SELECT count(*) FROM notice WHERE at > ?1 AND what IN ('opened', 'reopened')",
                )?,
                resolved: one("SELECT count(*) FROM notice WHERE at > ?1 AND what = 'resolved'")?,
                ..Standing::default()
            };
            let last = self
                .transaction
                .query_row(
                    "SELECT id, finished, ignored FROM scan ORDER BY id DESC LIMIT 1",
                    [],
                    |row| {
                        Ok((
                            row.get::<_, i64>(0)?,
                            row.get::<_, i64>(1)?,
                            row.get::<_, String>(2)?,
                        ))
                    },
                )
                .optional()?;
            standing.changes = self.changes_since(from)?;
            if let Some((scan, finished, ignored)) = last {
                standing.last = Some(time(finished));
                standing.open = self.open_by_severity(&ignored)?;
                let mut rows = self.transaction.prepare(
                    "SELECT count(*), coalesce(sum(complete), 0) FROM scope_read WHERE id IN \
                     (SELECT max(id) FROM scope_read WHERE scan <= ?1 GROUP BY scope)",
                )?;
                let (scopes, complete) = rows.query_row([scan], |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
                })?;
                standing.scopes = u64::try_from(scopes).unwrap_or(0);
                standing.complete = u64::try_from(complete).unwrap_or(0);
            }
            Ok(standing)
        };
        read().map_err(|error| self.says(&error))
    }

    fn changes_since(&self, from: i64) -> rusqlite::Result<Vec<(Text, u64)>> {
        let mut rows = self.transaction.prepare(
            "SELECT (SELECT v.body FROM verdict v WHERE v.change = c.id ORDER BY v.id DESC LIMIT 1) FROM change c \
             WHERE c.before > ?1",
        )?;
        let mut rows = rows.query(params![from])?;
        let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let ruling = ruling(row.get_ref(0)?);
            let verdict = ruling.map_or("unproven", |ruling| ruling.judged.verdict().as_str());
            *counts.entry(verdict).or_default() += 1;
        }
        let counts = counts.into_iter();
        Ok(counts
            .map(|(verdict, count)| (Text::const_new(verdict), count))
            .collect())
    }

    /// The open drifts that fail and are not left out.
    fn open_by_severity(&self, ignored: &str) -> rusqlite::Result<Vec<(Severity, u64)>> {
        let ignored: Vec<IgnoredRow> = serde_json::from_str(ignored).unwrap_or_default();
        let mut rows = self
            .transaction
            .prepare("SELECT body FROM drift WHERE to_scan IS NULL")?;
        let mut rows = rows.query([])?;
        let mut counts: BTreeMap<Severity, u64> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let Ok(drift) = seal::read::<Drift>(row.get_ref(0)?) else {
                continue;
            };
            let left_out = ignored.iter().any(|row| {
                row.asset == drift.asset
                    && row.control == drift.control
                    && row.expectation == drift.expectation
            });
            if drift.status == Status::Fail && drift.follows.is_none() && !left_out {
                *counts.entry(drift.severity).or_default() += 1;
            }
        }
        Ok(counts.into_iter().rev().collect())
    }
}
