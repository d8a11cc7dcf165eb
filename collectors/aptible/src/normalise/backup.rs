//! Backups: when the last one was taken, and for how long they are kept.

use std::collections::HashMap;

use jiff::Timestamp;
use plimsoll_kit::model::{Asset, Claim, Table, Text, Value, fact};

use super::{said, say, time};
use crate::wire::{Backup, Database, Retention};

const POLICY: &str = "GET /accounts/{id}/backup_retention_policies, the newest row";

/// When a database's newest backup was taken.
pub(crate) enum Latest {
    /// Then.
    At(Timestamp),
    /// There is none: all backups were read.
    Never,
    /// It is not known, and why.
    Unknown(String),
}

/// The newest backups of databases by their numbers. A copy to another region is younger than what it holds, and does not count.
pub(crate) fn newest(backups: &[Backup]) -> HashMap<Text, Timestamp> {
    let mut newest = HashMap::new();
    for backup in backups
        .iter()
        .filter(|backup| backup._links.copied_from.is_none())
    {
        let (Some(database), Some(at)) = (&backup._links.database, taken(backup)) else {
            continue;
        };
        let known = newest.entry(database.id.clone()).or_insert(at);
        *known = at.max(*known);
    }
    newest
}

/// When a backup was taken.
pub(crate) fn taken(backup: &Backup) -> Option<Timestamp> {
    backup.created_at.as_ref()?.parse().ok()
}

/// Whether a backup might be any database's, or of any time.
pub(crate) fn is_unclear(backup: &Backup) -> bool {
    backup._links.database.is_none() || taken(backup).is_none()
}

/// Whether backups come newest first.
pub(crate) fn is_newest_first(backups: &[Backup]) -> bool {
    let times: Vec<Timestamp> = backups.iter().filter_map(taken).collect();
    times.is_sorted_by(|a, b| a >= b)
}

/// Claims what is known of a database's backups.
pub(crate) fn claim(
    asset: &mut Asset,
    database: &Database,
    retention: Option<&[Retention]>,
    latest: Latest,
) {
    let enabled = match database.enable_backups {
        Some(yes) => Claim::reported(yes).by("GET /databases enable_backups"),
        None => Claim::unknown("GET /databases has no enable_backups"),
    };
    asset.claim(fact::BACKUP_ENABLED, enabled);
    match latest {
        Latest::At(at) => {
            let claim = Claim::reported(at.to_string())
                .by("GET /accounts/{id}/backups created_at, copies left aside");
            asset.reading(fact::BACKUP_LATEST, claim);
        }
        // An empty time says that there is none.
        Latest::Never => {
            let basis = "GET /accounts/{id}/backups has none of this database";
            asset.reading(fact::BACKUP_LATEST, Claim::reported("").by(basis));
        }
        Latest::Unknown(why) => {
            asset.reading(fact::BACKUP_LATEST, Claim::unknown(why));
        }
    }
    say(
        asset,
        "backup.point-in-time",
        database.enable_pitr,
        "GET /databases enable_pitr",
    );
    say(
        asset,
        "backup.point-in-time-status",
        said(database.pitr_status.as_ref()),
        "GET /databases pitr_status",
    );
    if let Some(oldest) = time(database.oldest_pitr_time.as_ref()) {
        let claim = Claim::reported(oldest).by("GET /databases oldest_pitr_time");
        asset.reading("backup.point-in-time-oldest", claim);
    }
    kept(asset, retention);
}

fn kept(asset: &mut Asset, retention: Option<&[Retention]>) {
    let newest = retention.map(|rows| {
        rows.iter().max_by_key(|row| {
            let made: Option<Timestamp> =
                row.created_at.as_ref().and_then(|text| text.parse().ok());
            (made, row.id)
        })
    });
    let row = match newest {
        Some(Some(row)) => row,
        Some(None) => {
            let why = "GET /accounts/{id}/backup_retention_policies has no row";
            asset.claim(fact::BACKUP_RETENTION_DAYS, Claim::unknown(why));
            return;
        }
        None => {
            let why = "the environment's backup retention could not be read";
            asset.claim(fact::BACKUP_RETENTION_DAYS, Claim::unknown(why));
            return;
        }
    };
    let days = match row.daily {
        Some(days) => Claim::reported(days)
            .by("GET /accounts/{id}/backup_retention_policies daily, the newest row"),
        None => Claim::unknown(
            "GET /accounts/{id}/backup_retention_policies gives no number of daily backups",
        ),
    };
    asset.claim(fact::BACKUP_RETENTION_DAYS, days);
    let numbers = [
        ("daily", row.daily),
        ("monthly", row.monthly),
        ("yearly", row.yearly),
        ("point-in-time-days", row.pitr_days),
    ];
    let mut table: Table = numbers
        .into_iter()
        .filter_map(|(name, number)| Some((name, Value::Int(number?))))
        .collect();
    for (name, yes) in [("copied", row.make_copy), ("final-kept", row.keep_final)] {
        if let Some(yes) = yes {
            table.insert(name, Value::Bool(yes));
        }
    }
    asset.claim("backup.retention", Claim::reported(table).by(POLICY));
}
