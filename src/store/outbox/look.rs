//! The outbox as people look at it.

use jiff::Timestamp;
use plimsoll_model::Text;
use rusqlite::{Row, params};

use super::super::{Store, StoreError, time};
use super::{DeliveryState, Remote, decision, job, maybe};
use crate::notify::plan::{Hold, Job, Occurrence};

/// Something that was worth telling, with what was decided about it.
#[derive(Clone, Debug)]
pub struct NoticeRow {
    /// Its number.
    pub id: i64,
    /// When it was found.
    pub at: Timestamp,
    /// What it is.
    pub occurrence: Occurrence,
    /// For each channel why it was held, or none where it was sent, and the number of the message that tells it.
    pub decisions: Vec<(Text, Option<Hold>, Option<i64>)>,
}

/// A message and how far it has come.
#[derive(Clone, Debug)]
pub struct DeliveryRow {
    /// Its number.
    pub id: i64,
    /// Its channel.
    pub channel: Text,
    /// Whose thread it belongs to.
    pub subject: Text,
    /// By which it is known again.
    pub key: Text,
    /// How far it has come.
    pub state: DeliveryState,
    /// When it was planned.
    pub at: Timestamp,
    /// When it is tried, or was to be.
    pub due: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// When it arrived or was given up.
    pub ended: Option<Timestamp>,
    /// By which its platform knows it.
    pub remote: Option<Remote>,
    /// What went wrong the last time, or is worth knowing.
    pub why: Option<String>,
    /// What it says.
    pub job: Option<Job>,
}

/// One attempt.
#[derive(Clone, Debug)]
pub struct LogRow {
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub what: String,
    /// What went wrong.
    pub why: Option<String>,
}

const DELIVERY: &str = "SELECT id, channel, subject, key, state, at, due, attempts, ended, remote, why, job FROM delivery";

impl Store {
    /// A notice by its number.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn notice(&self, id: i64) -> Result<Option<NoticeRow>, StoreError> {
        let found = self.notices_where("id = ?1 LIMIT ?2", params![id, 1])?;
        Ok(found.into_iter().next())
    }

    /// The notices of a subject, or of all that have to do with an asset, the newest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn notices_of(&self, what: &str, most: u32) -> Result<Vec<NoticeRow>, StoreError> {
        self.notices_where(
            "subject = ?1 OR json_extract(body, '$.asset') = ?1 ORDER BY id DESC LIMIT ?2",
            params![what, most],
        )
    }

    /// The newest notices, the newest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn notices(&self, most: u32) -> Result<Vec<NoticeRow>, StoreError> {
        self.notices_where("id > ?1 ORDER BY id DESC LIMIT ?2", params![0, most])
    }

    /// The messages that are not sent yet, the next first, and then the newest of the others.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn deliveries(&self, most: u32) -> Result<Vec<DeliveryRow>, StoreError> {
        let mut rows = self.list(
            &format!("{DELIVERY} WHERE state IN ('planned', 'sending') ORDER BY due, id LIMIT ?1"),
            [most],
            delivery,
        )?;
        let more = most.saturating_sub(u32::try_from(rows.len()).unwrap_or(u32::MAX));
        rows.extend(self.list(
            &format!(
                "{DELIVERY} WHERE state NOT IN ('planned', 'sending') ORDER BY id DESC LIMIT ?1"
            ),
            [more],
            delivery,
        )?);
        Ok(rows)
    }

    /// A message by its number.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn delivery(&self, id: i64) -> Result<Option<DeliveryRow>, StoreError> {
        let found = self.list(&format!("{DELIVERY} WHERE id = ?1"), [id], delivery)?;
        Ok(found.into_iter().next())
    }

    /// Every attempt to send a message, the first first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn delivery_log(&self, delivery: i64) -> Result<Vec<LogRow>, StoreError> {
        self.list(
            "SELECT at, what, why FROM delivery_log WHERE delivery = ?1 ORDER BY id",
            [delivery],
            |row| {
                Ok(LogRow {
                    at: time(row.get(0)?),
                    what: row.get(1)?,
                    why: row.get(2)?,
                })
            },
        )
    }

    /// How many messages there are in each channel and state, with the oldest one's time of planning.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn outbox(&self) -> Result<Vec<(Text, DeliveryState, u64, Timestamp)>, StoreError> {
        self.list(
            "SELECT channel, state, count(*), min(at) FROM delivery GROUP BY channel, state ORDER BY channel, state",
            [],
            |row| {
                Ok((
                    Text::from(row.get_ref(0)?.as_str()?),
                    DeliveryState::of(row.get_ref(1)?.as_str()?),
                    u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0),
                    time(row.get(3)?),
                ))
            },
        )
    }

    fn notices_where(
        &self,
        filter: &str,
        with: impl rusqlite::Params,
    ) -> Result<Vec<NoticeRow>, StoreError> {
        let rows = self.list(
            &format!("SELECT id, at, body FROM notice WHERE {filter}"),
            with,
            |row| {
                let occurrence = serde_json::from_str::<Occurrence>(row.get_ref(2)?.as_str()?);
                Ok((row.get::<_, i64>(0)?, time(row.get(1)?), occurrence.ok()))
            },
        )?;
        let mut found = Vec::with_capacity(rows.len());
        for (id, at, occurrence) in rows {
            // One that a later Plimsoll wrote in words that this one does not know is left out.
            let Some(occurrence) = occurrence else {
                continue;
            };
            let decisions = self.list(
                "SELECT channel, hold, delivery FROM decision WHERE notice = ?1 ORDER BY channel",
                [id],
                |row| {
                    let (decision, delivery) = decision(row, 0)?;
                    Ok((decision.channel, decision.hold, delivery))
                },
            )?;
            found.push(NoticeRow {
                id,
                at,
                occurrence,
                decisions,
            });
        }
        Ok(found)
    }
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<DeliveryRow> {
    let remote = row.get_ref(9)?.as_str_or_null()?;
    Ok(DeliveryRow {
        id: row.get(0)?,
        channel: Text::from(row.get_ref(1)?.as_str()?),
        subject: Text::from(row.get_ref(2)?.as_str()?),
        key: Text::from(row.get_ref(3)?.as_str()?),
        state: DeliveryState::of(row.get_ref(4)?.as_str()?),
        at: time(row.get(5)?),
        due: time(row.get(6)?),
        attempts: row.get(7)?,
        ended: maybe(row.get(8)?),
        remote: remote.and_then(|json| serde_json::from_str(json).ok()),
        why: row.get(10)?,
        job: job(row.get_ref(11)?.as_str()?),
    })
}
