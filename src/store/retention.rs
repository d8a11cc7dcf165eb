//! Forgetting what ended or happened long ago.

use jiff::Timestamp;
use rusqlite::{Transaction, params};

use super::{clock, micros, time};

/// Whether the clock can be believed by which something is to be forgotten.
fn is_believed(
    transaction: &Transaction<'_>,
    keep_from: Timestamp,
    written: Option<Timestamp>,
) -> rusqlite::Result<bool> {
    // As many as scans every minute make in the time that a clock has to prove itself.
    let mut query =
        transaction.prepare("SELECT finished FROM scan ORDER BY id DESC LIMIT 21000")?;
    let finished = query.query_map([], |row| Ok(time(row.get(0)?)))?;
    let finished = finished.collect::<rusqlite::Result<Vec<_>>>()?;
    let now = finished.first().copied().unwrap_or(keep_from);
    let retention = now.duration_since(keep_from);
    let believed =
        clock::is_settled(&finished, retention) && clock::fits_file(now, written, retention);
    if !believed {
        tracing::warn!(
            %now,
            "the clock leapt not long ago: nothing is forgotten until it has gone on evenly for two weeks"
        );
    }
    Ok(believed)
}

/// Forgets versions, relations, drifts and changes that ended before a time, the reads of scans before it, and
/// records of what happened before. What is current stays, however old, as do the last reads of every scope.
pub(super) fn forget(
    transaction: &Transaction<'_>,
    keep_from: Timestamp,
    written: Option<Timestamp>,
) -> rusqlite::Result<()> {
    // A scan that is dated after the newest one was so by a clock that was wrong, and keeps nothing.
    let oldest: i64 = transaction.query_row(
        "SELECT coalesce(min(id), 0) FROM scan \
         WHERE finished >= ?1 AND finished <= (SELECT finished FROM scan ORDER BY id DESC LIMIT 1)",
        [micros(keep_from)],
        |row| row.get(0),
    )?;
    // Mostly the first scan is young enough, and nothing else is asked.
    let first: i64 = transaction.query_row("SELECT coalesce(min(id), 0) FROM scan", [], |row| {
        row.get(0)
    })?;
    if oldest <= first || !is_believed(transaction, keep_from, written)? {
        return Ok(());
    }
    for sql in [
        "DELETE FROM version WHERE to_scan IS NOT NULL AND to_scan <= ?1",
        "DELETE FROM unseen WHERE until <= ?1",
        "DELETE FROM relation WHERE to_scan IS NOT NULL AND to_scan <= ?1",
        "DELETE FROM drift WHERE to_scan IS NOT NULL AND to_scan < ?1",
        // The newest stays, so that no number is given twice: an open drift may name one that is gone.
        "DELETE FROM change WHERE scan < ?1 AND id < (SELECT max(id) FROM change)",
        // As of the oldest scan that is kept, a scope that it did not read was as its last read before left it.
        "DELETE FROM scope_read WHERE scan < ?1 \
         AND id NOT IN (SELECT max(id) FROM scope_read WHERE scan <= ?1 GROUP BY scope) \
         AND id NOT IN (SELECT max(id) FROM scope_read WHERE complete GROUP BY scope)",
        "DELETE FROM access WHERE scan < ?1",
        "DELETE FROM scan WHERE id < ?1",
    ] {
        transaction.execute(sql, params![oldest])?;
    }
    // Notices too, but what is not sent yet; threads and announcements go with the message that they name.
    for sql in [
        "DELETE FROM delivery WHERE at < ?1 AND state NOT IN ('planned', 'sending')",
        "DELETE FROM notice WHERE at < ?1",
    ] {
        transaction.execute(sql, [micros(keep_from)])?;
    }
    for sql in [
        "DELETE FROM decision WHERE notice NOT IN (SELECT id FROM notice)",
        "DELETE FROM delivery_log WHERE delivery NOT IN (SELECT id FROM delivery)",
        "DELETE FROM thread WHERE delivery NOT IN (SELECT id FROM delivery)",
        "DELETE FROM announcement WHERE delivery NOT IN (SELECT id FROM delivery)",
    ] {
        transaction.execute(sql, [])?;
    }
    // A change and its verdicts go together.
    transaction.execute(
        "DELETE FROM verdict WHERE change NOT IN (SELECT id FROM change)",
        [],
    )?;
    // Older records are not taken in again.
    for sql in [
        "DELETE FROM action WHERE at < ?1",
        "DELETE FROM request_asset WHERE request IN (SELECT id FROM request WHERE at < ?1)",
        "DELETE FROM request WHERE at < ?1",
    ] {
        transaction.execute(sql, [micros(keep_from)])?;
    }
    Ok(())
}
