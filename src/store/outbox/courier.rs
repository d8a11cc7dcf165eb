//! The outbox as a courier works it: what is due, and what became of it. Every step is a transaction of its own.

use jiff::Timestamp;
use plimsoll_model::Text;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use super::super::{Store, StoreError, micros, time};
use super::{DeliveryState, job, write};
use crate::notify::plan::{Job, Message, Since};

/// By which a platform knows a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remote {
    /// Its id there.
    pub id: Text,
    /// Where there it is, as a channel's id; empty where an id is enough.
    #[serde(default)]
    pub place: Text,
}

/// A message that is being sent.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Its number.
    pub id: i64,
    /// Its channel.
    pub channel: Text,
    /// Whose thread it belongs to.
    pub subject: Text,
    /// By which it is known again.
    pub key: Text,
    /// When it was planned.
    pub at: Timestamp,
    /// How often it was tried, with this time.
    pub attempts: u32,
    /// Since when it may have arrived; none where it cannot have.
    pub unsure: Option<Timestamp>,
    /// What is to be done; none where a later Plimsoll wrote it in words that this one does not know.
    pub job: Option<Job>,
    /// The first message of its thread, where this is not it: what the platform knows it by, and what it says.
    pub root: Option<Root>,
}

/// The first message of a thread.
#[derive(Clone, Debug)]
pub struct Root {
    /// Its number.
    pub id: i64,
    /// By which the platform knows it.
    pub remote: Remote,
    /// What it says now.
    pub message: Option<Message>,
}

impl Store {
    /// Makes what is written from here on outlast a power failure, so that nothing is sent again after one.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn durable(&self) -> Result<(), StoreError> {
        self.connection
            .execute_batch("PRAGMA synchronous = FULL")
            .map_err(|error| self.says(&error))
    }

    /// Takes the next message of a channel that is due, the worst first and each thread in its order, and notes that
    /// sending it begins: from here on it may have arrived.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn claim(&mut self, channel: &str, now: Timestamp) -> Result<Option<Claimed>, StoreError> {
        let (path, wait) = (self.path.clone(), self.wait);
        let mut work = || -> rusqlite::Result<Option<Claimed>> {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let Some(mut claimed) = next(&transaction, channel, now)? else {
                return Ok(None);
            };
            claimed.root = root(&transaction, &claimed)?;
            claimed.attempts = claimed.attempts.saturating_add(1);
            transaction
                .prepare_cached(
                    "UPDATE delivery SET state = 'sending', attempts = ?2, sending_since = coalesce(sending_since, ?3) WHERE id = ?1",
                )?
                .execute(params![claimed.id, claimed.attempts, micros(now)])?;
            transaction.commit()?;
            Ok(Some(claimed))
        };
        work().map_err(|error| StoreError::of(&path, wait, &error))
    }

    /// Notes that a message arrived, and until when its channel is left alone, where its platform wants that.
    ///
    /// # Errors
    /// When it cannot be written: it is then found again as one that may have arrived.
    pub fn sent(
        &mut self,
        claimed: &Claimed,
        now: Timestamp,
        remote: Option<&Remote>,
        note: Option<&str>,
        rest: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.end(claimed.id, now, DeliveryState::Sent, note, |connection| {
            if let Some(until) = rest {
                write::put_mark(connection, &pause(&claimed.channel), until)?;
            }
            let remote = remote.and_then(|remote| serde_json::to_string(remote).ok());
            connection.execute(
                "UPDATE delivery SET remote = ?2 WHERE id = ?1",
                params![claimed.id, remote],
            )?;
            let Some(Job::Edit(now_so)) = &claimed.job else {
                // Where the thread's first message was given up this one takes its place.
                connection.execute(
                    "INSERT OR IGNORE INTO thread (channel, subject, delivery) VALUES (?1, ?2, ?3)",
                    params![
                        claimed.channel.as_str(),
                        claimed.subject.as_str(),
                        claimed.id
                    ],
                )?;
                return Ok(());
            };
            if let Some(root) = &claimed.root {
                let mut since = since(connection, root.id)?;
                since.push(now_so.clone());
                let since = serde_json::to_string(&since).unwrap_or_default();
                connection.execute(
                    "UPDATE delivery SET since = ?2 WHERE id = ?1",
                    params![root.id, since],
                )?;
            }
            Ok(())
        })
    }

    /// Notes that nobody tries any more to send a message. What comes later of its subject begins a thread of its own.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn given_up(
        &mut self,
        claimed: &Claimed,
        now: Timestamp,
        why: &str,
    ) -> Result<(), StoreError> {
        self.end(
            claimed.id,
            now,
            DeliveryState::GivenUp,
            Some(why),
            |connection| {
                for sql in [
                    "DELETE FROM thread WHERE delivery = ?1",
                    "DELETE FROM announcement WHERE delivery = ?1",
                ] {
                    connection.execute(sql, [claimed.id])?;
                }
                Ok(())
            },
        )
    }

    /// Notes that a message is to be tried again; `unsure` where it may have arrived all the same.
    ///
    /// # Errors
    /// When it cannot be written: it is then found again as one that may have arrived.
    pub fn later(
        &mut self,
        claimed: &Claimed,
        now: Timestamp,
        due: Timestamp,
        unsure: bool,
        why: &str,
    ) -> Result<(), StoreError> {
        let (path, wait) = (self.path.clone(), self.wait);
        let mut work = || -> rusqlite::Result<()> {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let state = if unsure { "sending" } else { "planned" };
            transaction.execute(
                "UPDATE delivery SET state = ?2, due = ?3, why = ?4, \
                 sending_since = CASE WHEN ?2 = 'planned' THEN NULL ELSE sending_since END WHERE id = ?1",
                params![claimed.id, state, micros(due), why],
            )?;
            log(&transaction, claimed.id, now, "failed", Some(why))?;
            write::put_mark(&transaction, &pause(&claimed.channel), due)?;
            transaction.commit()
        };
        work().map_err(|error| StoreError::of(&path, wait, &error))
    }

    /// Until when a channel is left alone.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn paused(&self, channel: &str) -> Result<Option<Timestamp>, StoreError> {
        write::mark(&self.connection, &pause(channel)).map_err(|error| self.says(&error))
    }

    /// When the next message of a channel is due, if there is one. What waits for another counts as that one does.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn next_due(&self, channel: &str, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.connection
            .query_row(
                "SELECT min(CASE WHEN d.at > ?2 THEN ?3 ELSE d.due END) FROM delivery d \
                 WHERE d.state IN ('planned', 'sending') AND d.channel = ?1 \
                 AND NOT EXISTS (SELECT 1 FROM delivery e WHERE e.state IN ('planned', 'sending') AND e.channel = d.channel \
                     AND e.subject = d.subject AND e.id < d.id) \
                 AND NOT EXISTS (SELECT 1 FROM thread t JOIN delivery r ON r.id = t.delivery \
                     WHERE t.channel = d.channel AND t.subject = d.subject AND r.id < d.id AND r.state IN ('planned', 'sending'))",
                params![channel, ahead(now), micros(now)],
                |row| row.get::<_, Option<i64>>(0),
            )
            .map(|due| due.map(time))
            .map_err(|error| self.says(&error))
    }

    fn end(
        &mut self,
        id: i64,
        now: Timestamp,
        state: DeliveryState,
        why: Option<&str>,
        more: impl Fn(&Connection) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        let (path, wait) = (self.path.clone(), self.wait);
        let mut work = || -> rusqlite::Result<()> {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute(
                "UPDATE delivery SET state = ?2, ended = ?3, why = ?4 WHERE id = ?1",
                params![id, state.as_str(), micros(now), why],
            )?;
            more(&transaction)?;
            log(&transaction, id, now, state.as_str(), why)?;
            transaction.commit()
        };
        work().map_err(|error| StoreError::of(&path, wait, &error))
    }
}

/// What was planned after this is of a clock that was set back since, and is due.
fn ahead(now: Timestamp) -> i64 {
    micros(now).saturating_add(3_600_000_000)
}

fn pause(channel: &str) -> String {
    format!("pause:{channel}")
}

fn log(
    connection: &Connection,
    delivery: i64,
    at: Timestamp,
    what: &str,
    why: Option<&str>,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO delivery_log (delivery, at, what, why) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![delivery, micros(at), what, why])?;
    Ok(())
}

fn next(
    connection: &Connection,
    channel: &str,
    now: Timestamp,
) -> rusqlite::Result<Option<Claimed>> {
    connection
        .prepare_cached(
            "SELECT d.id, d.subject, d.key, d.at, d.attempts, d.state, d.sending_since, d.job FROM delivery d \
             WHERE d.state IN ('planned', 'sending') AND d.channel = ?1 AND (d.due <= ?2 OR d.at > ?3) \
             AND NOT EXISTS (SELECT 1 FROM delivery e WHERE e.state IN ('planned', 'sending') AND e.channel = d.channel \
                 AND e.subject = d.subject AND e.id < d.id) \
             AND NOT EXISTS (SELECT 1 FROM thread t JOIN delivery r ON r.id = t.delivery \
                 WHERE t.channel = d.channel AND t.subject = d.subject AND r.id < d.id AND r.state IN ('planned', 'sending')) \
             ORDER BY d.attempts, d.severity DESC, d.id LIMIT 1",
        )?
        .query_row(params![channel, micros(now), ahead(now)], |row| {
            let sending = row.get_ref(5)?.as_str()? == "sending";
            let since = row.get::<_, Option<i64>>(6)?.map(time);
            Ok(Claimed {
                id: row.get(0)?,
                channel: channel.into(),
                subject: Text::from(row.get_ref(1)?.as_str()?),
                key: Text::from(row.get_ref(2)?.as_str()?),
                at: time(row.get(3)?),
                attempts: row.get(4)?,
                unsure: if sending { since.or(Some(now)) } else { None },
                job: job(row.get_ref(7)?.as_str()?),
                root: None,
            })
        })
        .optional()
}

/// The first message of a thread, where it arrived and is another one.
fn root(connection: &Connection, claimed: &Claimed) -> rusqlite::Result<Option<Root>> {
    let found = connection
        .prepare_cached(
            "SELECT r.id, r.remote, r.job FROM thread t JOIN delivery r ON r.id = t.delivery \
             WHERE t.channel = ?1 AND t.subject = ?2 AND r.id != ?3 AND r.state = 'sent'",
        )?
        .query_row(
            params![
                claimed.channel.as_str(),
                claimed.subject.as_str(),
                claimed.id
            ],
            |row| {
                let remote = row.get_ref(1)?.as_str_or_null()?;
                let remote = remote.and_then(|json| serde_json::from_str::<Remote>(json).ok());
                let said = job(row.get_ref(2)?.as_str()?);
                Ok(remote.map(|remote| (row.get::<_, i64>(0), remote, said)))
            },
        )
        .optional()?
        .flatten();
    let Some((id, remote, said)) = found else {
        return Ok(None);
    };
    let id = id?;
    let mut message = match said {
        Some(Job::Post(message)) => Some(*message),
        _ => None,
    };
    if let Some(message) = &mut message {
        message.since = since(connection, id)?;
    }
    Ok(Some(Root {
        id,
        remote,
        message,
    }))
}

fn since(connection: &Connection, delivery: i64) -> rusqlite::Result<Vec<Since>> {
    let found = connection
        .prepare_cached("SELECT since FROM delivery WHERE id = ?1")?
        .query_row([delivery], |row| row.get::<_, Option<String>>(0))?;
    Ok(found
        .and_then(|json| serde_json::from_str(&json).ok())
        .unwrap_or_default())
}
