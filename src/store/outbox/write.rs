//! What a scan, or a clock, writes of its plan; and what the planner has to know.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use plimsoll_model::Text;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::super::{Commit, StoreError, micros, time};
use super::hold;
use crate::approval::Announced;
use crate::baseline::Severity;
use crate::notify::plan::{Hold, Job, Occurrence, Past, Plan, Planned, Told, What};

/// How many decisions of before are looked at for one subject and all channels.
const PAST: i64 = 200;

impl Commit<'_> {
    /// Gives up what waits for channels that are not configured any more. How many messages that were.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn give_up_others(&self, channels: &[&str], now: Timestamp) -> Result<u64, StoreError> {
        const WHY: &str = "the channel is not configured any more";
        let give_up = || -> rusqlite::Result<u64> {
            let open: Vec<(i64, String)> = self
                .transaction
                .prepare_cached(
                    "SELECT id, channel FROM delivery WHERE state IN ('planned', 'sending')",
                )?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            let mut many = 0;
            for (id, _) in open
                .iter()
                .filter(|(_, channel)| !channels.contains(&channel.as_str()))
            {
                self.transaction.execute(
                    "UPDATE delivery SET state = 'given-up', ended = ?2, why = ?3 WHERE id = ?1",
                    params![id, micros(now), WHY],
                )?;
                self.transaction.execute(
                    "INSERT INTO delivery_log (delivery, at, what, why) VALUES (?1, ?2, 'given-up', ?3)",
                    params![id, micros(now), WHY],
                )?;
                for sql in [
                    "DELETE FROM thread WHERE delivery = ?1",
                    "DELETE FROM announcement WHERE delivery = ?1",
                ] {
                    self.transaction.execute(sql, [id])?;
                }
                many += 1;
            }
            Ok(many)
        };
        give_up().map_err(|error| self.says(&error))
    }

    /// What was decided about subjects before.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn told<'s>(&self, subjects: impl Iterator<Item = &'s Text>) -> Result<Past, StoreError> {
        let read = |subjects: &mut dyn Iterator<Item = &'s Text>| -> rusqlite::Result<Past> {
            let mut past = Past::new();
            let mut rows = self.transaction.prepare_cached(
                "SELECT n.what, n.at, d.channel, d.hold, d.flapping FROM notice n JOIN decision d ON d.notice = n.id \
                 WHERE n.subject = ?1 ORDER BY n.id DESC LIMIT ?2",
            )?;
            for subject in subjects {
                let told = rows.query_map(params![subject.as_str(), PAST], |row| {
                    let what = what_of(row.get_ref(0)?.as_str()?);
                    Ok(what.map(|what| Told {
                        channel: row
                            .get_ref(2)
                            .ok()
                            .and_then(|text| text.as_str().ok())
                            .unwrap_or_default()
                            .into(),
                        what,
                        at: time(row.get(1).unwrap_or_default()),
                        hold: hold(row.get_ref(3).ok().and_then(|text| text.as_str().ok())),
                        flapping: row.get(4).unwrap_or_default(),
                    }))
                })?;
                let mut told: Vec<Told> = told
                    .collect::<rusqlite::Result<Vec<_>>>()?
                    .into_iter()
                    .flatten()
                    .collect();
                told.reverse();
                if !told.is_empty() {
                    past.insert(subject.clone(), told);
                }
            }
            Ok(past)
        };
        let mut subjects = subjects;
        read(&mut subjects).map_err(|error| self.says(&error))
    }

    /// The subjects that were waived when they were told last.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn waived(&self) -> Result<HashSet<Text>, StoreError> {
        let read = || -> rusqlite::Result<HashSet<Text>> {
            self.transaction
                .prepare(
                    "SELECT DISTINCT w.subject FROM notice w WHERE w.what = 'waived' \
                     AND (SELECT n.what FROM notice n WHERE n.subject = w.subject ORDER BY n.id DESC LIMIT 1) = 'waived'",
                )?
                .query_map([], |row| Ok(Text::from(row.get_ref(0)?.as_str()?)))?
                .collect()
        };
        read().map_err(|error| self.says(&error))
    }

    /// The changes of which nothing was told so far, because the sources of change requests were to be read first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn untold(&self) -> Result<HashSet<i64>, StoreError> {
        let read = || -> rusqlite::Result<HashSet<i64>> {
            let mut subjects = self.transaction.prepare(
                "SELECT n.subject FROM decision d JOIN notice n ON n.id = d.notice \
                 WHERE d.hold = '\"trackers-to-come\"' \
                 AND NOT EXISTS (SELECT 1 FROM notice later WHERE later.subject = n.subject AND later.id > n.id)",
            )?;
            let mut untold = HashSet::new();
            let mut rows = subjects.query([])?;
            while let Some(row) = rows.next()? {
                untold.extend(Occurrence::change_of(row.get_ref(0)?.as_str()?));
            }
            Ok(untold)
        };
        read().map_err(|error| self.says(&error))
    }

    /// Writes what was decided, and the messages that follow.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_plan(
        &self,
        scan: Option<i64>,
        at: Timestamp,
        plan: &Plan,
    ) -> Result<(), StoreError> {
        put_plan(&self.transaction, scan, at, plan).map_err(|error| self.says(&error))
    }

    /// What waits in a channel for its digest, the oldest first, with the numbers of the notices.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn digested(
        &self,
        channel: &str,
        most: usize,
    ) -> Result<Vec<(i64, Occurrence)>, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let read = || -> rusqlite::Result<Vec<(i64, Occurrence)>> {
            let mut rows = self.transaction.prepare(
                "SELECT n.id, n.body FROM decision d JOIN notice n ON n.id = d.notice \
                 WHERE d.channel = ?1 AND d.delivery IS NULL AND d.hold = '\"digested\"' ORDER BY n.id LIMIT ?2",
            )?;
            let mut rows = rows.query(params![channel, most])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                if let Ok(occurrence) = serde_json::from_str(row.get_ref(1)?.as_str()?) {
                    found.push((row.get(0)?, occurrence));
                }
            }
            Ok(found)
        };
        read().map_err(|error| self.says(&error))
    }

    /// Writes the digest of a channel, which tells these notices.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_digest(
        &self,
        at: Timestamp,
        notices: &[i64],
        digest: &Planned,
    ) -> Result<(), StoreError> {
        let write = || -> rusqlite::Result<()> {
            let delivery = put_delivery(&self.transaction, at, digest)?;
            let mut put = self
                .transaction
                .prepare("UPDATE decision SET delivery = ?3 WHERE notice = ?1 AND channel = ?2")?;
            for notice in notices {
                put.execute(params![notice, digest.channel.as_str(), delivery])?;
            }
            Ok(())
        };
        write().map_err(|error| self.says(&error))
    }

    /// When something was done last.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn mark(&self, name: &str) -> Result<Option<Timestamp>, StoreError> {
        mark(&self.transaction, name).map_err(|error| self.says(&error))
    }

    /// Writes when something was done.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_mark(&self, name: &str, at: Timestamp) -> Result<(), StoreError> {
        put_mark(&self.transaction, name, at).map_err(|error| self.says(&error))
    }

    /// Which changes are announced by messages of ours, and how far those are.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn announcements(&self) -> Result<HashMap<i64, Announced>, StoreError> {
        let read = || -> rusqlite::Result<HashMap<i64, Announced>> {
            self.transaction
                .prepare(
                    "SELECT a.change, d.state, d.ended FROM announcement a JOIN delivery d ON d.id = a.delivery",
                )?
                .query_map([], |row| {
                    let ended = row.get::<_, Option<i64>>(2)?;
                    let announced = match (row.get_ref(1)?.as_str()?, ended) {
                        ("sent", Some(at)) => Announced::At(time(at)),
                        ("planned" | "sending", _) => Announced::Planned,
                        _ => Announced::No,
                    };
                    Ok((row.get(0)?, announced))
                })?
                .collect()
        };
        read().map_err(|error| self.says(&error))
    }

    /// Commits what was written by itself, without a scan.
    ///
    /// # Errors
    /// When it cannot be written; nothing of it is there then.
    pub fn close(self) -> Result<(), StoreError> {
        let (path, wait) = (self.path.clone(), self.wait);
        self.transaction
            .commit()
            .map_err(|error| StoreError::of(&path, wait, &error))
    }
}

pub(super) fn mark(connection: &Connection, name: &str) -> rusqlite::Result<Option<Timestamp>> {
    let found = connection
        .prepare_cached("SELECT at FROM mark WHERE name = ?1")?
        .query_row([name], |row| row.get::<_, i64>(0))
        .optional()?;
    Ok(found.map(time))
}

pub(super) fn put_mark(connection: &Connection, name: &str, at: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO mark (name, at) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET at = excluded.at",
        )?
        .execute(params![name, micros(at)])?;
    Ok(())
}

fn put_plan(
    connection: &Connection,
    scan: Option<i64>,
    at: Timestamp,
    plan: &Plan,
) -> rusqlite::Result<()> {
    let mut numbers = Vec::with_capacity(plan.deliveries.len());
    for delivery in &plan.deliveries {
        numbers.push(put_delivery(connection, at, delivery)?);
    }
    let mut put = connection.prepare_cached(
        "INSERT INTO notice (scan, at, subject, what, body) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut decide = connection.prepare_cached(
        "INSERT INTO decision (notice, channel, hold, flapping, delivery) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (occurrence, decisions) in &plan.notices {
        let routine = |hold: &Option<Hold>| hold.as_ref().is_some_and(Hold::routine);
        if decisions.iter().all(|decision| routine(&decision.hold)) {
            continue;
        }
        // Of ten thousand drifts at once a few are told in full.
        let whole = decisions
            .iter()
            .any(|one| one.hold.as_ref().is_none_or(Hold::shown));
        let body = if whole {
            serde_json::to_string(occurrence)
        } else {
            serde_json::to_string(&occurrence.slim())
        };
        let body = body.unwrap_or_default();
        let what = occurrence.what.as_str();
        put.execute(params![
            scan,
            micros(occurrence.at),
            occurrence.subject.as_str(),
            what,
            body
        ])?;
        let notice = connection.last_insert_rowid();
        for decision in decisions {
            let hold = decision.hold.as_ref();
            let json = hold.and_then(|hold| serde_json::to_string(hold).ok());
            let delivery = decision.delivery.and_then(|at| numbers.get(at).copied());
            let said = decision.delivery.and_then(|at| plan.deliveries.get(at));
            let flapping =
                said.is_some_and(|planned| planned.flapping) || hold == Some(&Hold::Flapping);
            decide.execute(params![
                notice,
                decision.channel.as_str(),
                json,
                flapping,
                delivery
            ])?;
        }
    }
    Ok(())
}

fn put_delivery(
    connection: &Connection,
    at: Timestamp,
    planned: &Planned,
) -> rusqlite::Result<i64> {
    let job = serde_json::to_string(&planned.job).unwrap_or_default();
    let put = connection
        .prepare_cached(
            "INSERT OR IGNORE INTO delivery (channel, subject, key, state, severity, at, due, job) \
             VALUES (?1, ?2, ?3, 'planned', ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            planned.channel.as_str(),
            planned.subject.as_str(),
            planned.key.as_str(),
            rank(planned.severity),
            micros(at),
            micros(planned.due),
            job
        ])?;
    if put == 0 {
        // The same message, planned before.
        return connection
            .prepare_cached("SELECT id FROM delivery WHERE key = ?1")?
            .query_row([planned.key.as_str()], |row| row.get(0));
    }
    let id = connection.last_insert_rowid();
    if matches!(planned.job, Job::Post(_)) {
        // What is told of something is told in order: what waits before this goes first, and no later than this.
        connection
            .prepare_cached(
                "UPDATE delivery SET due = ?3 WHERE state = 'planned' AND channel = ?1 AND id < ?4 AND due > ?3 \
                 AND (subject = ?2 OR id IN (SELECT delivery FROM thread WHERE channel = ?1 AND subject = ?2))",
            )?
            .execute(params![
                planned.channel.as_str(),
                planned.subject.as_str(),
                micros(planned.due),
                id
            ])?;
        let mut thread = connection.prepare_cached(
            "INSERT OR IGNORE INTO thread (channel, subject, delivery) VALUES (?1, ?2, ?3)",
        )?;
        for subject in &planned.subjects {
            thread.execute(params![planned.channel.as_str(), subject.as_str(), id])?;
        }
    }
    let mut announce = connection
        .prepare_cached("INSERT OR IGNORE INTO announcement (change, delivery) VALUES (?1, ?2)")?;
    for change in &planned.changes {
        announce.execute(params![change, id])?;
    }
    Ok(id)
}

fn rank(severity: Severity) -> i64 {
    match severity {
        Severity::Low => 0,
        Severity::Medium => 1,
        Severity::High => 2,
        Severity::Critical => 3,
    }
}

fn what_of(word: &str) -> Option<What> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}
