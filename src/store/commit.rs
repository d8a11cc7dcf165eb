//! One scan, written in one transaction.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::{Asset, AssetId, Facts, RelationKind, Text, Trouble};
use rusqlite::{Transaction, params};

use super::body::{Packer, dictionary, pack_readings};
use super::seal::seal;
use super::state::{Numbers, ScopeState};
use super::{StoreError, damage, micros, retention};
use crate::baseline::{Drift, Tally};
use crate::change::{Attribution, Change};
use crate::inventory::Fingerprint;

/// A scan being stored. Dropping it leaves everything as it was.
pub struct Commit<'a> {
    pub(super) transaction: Transaction<'a>,
    pub(super) path: PathBuf,
    pub(super) wait: Duration,
    /// Current versions whose bodies cannot be read, of those that were looked at.
    pub(super) damaged: RefCell<HashSet<i64>>,
    /// When the file was written before this, by its file system.
    written: Option<Timestamp>,
}

/// What one scan writes of the inventory.
#[derive(Default)]
pub struct WriteInventory<'a> {
    /// Scopes that had not been met before, with the numbers that they shall have.
    pub scopes: Vec<ScopeState>,
    /// How the scopes of this scan were read.
    pub reads: Vec<WriteRead>,
    /// The measurements of every scope that was read, by the numbers of their assets.
    pub readings: Vec<(i64, Vec<(i64, &'a Facts)>)>,
    /// Numbers of versions that this scan looked for and could not see.
    pub unseen: Vec<i64>,
    /// Numbers of versions that had been out of sight and were seen.
    pub seen_again: Vec<i64>,
    /// Numbers of versions that are current no more.
    pub ended_versions: Vec<i64>,
    /// Versions that are current from now on.
    pub versions: Vec<WriteVersion<'a>>,
    /// Numbers of relations that are current no more.
    pub ended_relations: Vec<i64>,
    /// Relations that are current from now on.
    pub relations: Vec<WriteRelation>,
}

/// What one scan writes of its judgement.
pub struct WriteOutcome<'a> {
    /// When the scan started.
    pub started: Timestamp,
    /// When it had been judged.
    pub finished: Timestamp,
    /// How the controls came out.
    pub tally: &'a Tally,
    /// What was left out, as JSON.
    pub ignored: String,
    /// Ids that were first met when the snapshot was assembled, with the numbers that they shall have.
    pub met: Vec<(i64, &'a AssetId)>,
    /// What changed, each under the number that it shall have.
    pub changes: Vec<WriteChange<'a>>,
    /// The accesses that it reports, as JSON.
    pub accesses: Vec<String>,
    /// Drifts that open with this scan, with the number of their asset.
    pub opened: Vec<(i64, &'a Drift)>,
    /// Drifts that stay open and read otherwise than before.
    pub altered: Vec<(i64, &'a Drift)>,
    /// Drifts that this scan saw resolved.
    pub resolved: Vec<(i64, &'a Drift)>,
    /// Drifts about which nothing is asked any more.
    pub unasked: Vec<(i64, &'a Drift)>,
    /// What it says of itself, as JSON; none where there is nothing.
    pub remarks: Option<String>,
    /// The assets that have another role than before, by their numbers; none for one that has none now.
    pub roles: Vec<(i64, Option<Text>)>,
    /// What ended before this time is forgotten.
    pub keep_from: Timestamp,
}

/// How one scope was read.
pub struct WriteRead {
    /// Its number.
    pub scope: i64,
    /// When.
    pub at: Timestamp,
    /// Whether completely.
    pub complete: bool,
    /// What went wrong.
    pub troubles: Vec<Trouble>,
}

/// A version of an asset.
pub struct WriteVersion<'a> {
    /// The asset's number.
    pub asset: i64,
    /// The scope's number.
    pub scope: i64,
    /// The fingerprint of what was seen.
    pub fingerprint: Fingerprint,
    /// The asset.
    pub body: &'a Asset,
}

/// A relation by numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WriteRelation {
    /// The scope's number.
    pub scope: i64,
    /// The number of the asset where it starts.
    pub from: i64,
    /// What it says.
    pub kind: RelationKind,
    /// The number of the asset where it ends.
    pub to: i64,
}

/// A change with its place and time.
pub struct WriteChange<'a> {
    /// The number that it shall have.
    pub id: i64,
    /// The asset's number.
    pub asset: i64,
    /// The last time that it was seen as it was.
    pub after: Option<Timestamp>,
    /// The first time that it was seen as it is.
    pub before: Timestamp,
    /// The change.
    pub change: &'a Change,
    /// Who made it, where a record tells.
    pub attribution: Option<&'a Attribution>,
}

/// A kind's place in [`RelationKind::ALL`]: the list only grows at its end.
pub(super) fn kind_number(kind: RelationKind) -> i64 {
    RelationKind::ALL
        .iter()
        .position(|other| *other == kind)
        .unwrap_or(0) as i64
}

pub(super) fn kind_of(number: i64) -> Option<RelationKind> {
    usize::try_from(number)
        .ok()
        .and_then(|at| RelationKind::ALL.get(at))
        .copied()
}

impl<'a> Commit<'a> {
    pub(super) fn new(transaction: Transaction<'a>, path: PathBuf, wait: Duration) -> Self {
        Self {
            transaction,
            path,
            wait,
            damaged: RefCell::default(),
            written: None,
        }
    }

    /// With the time at which the file was [written](super::Store::written) before: a clock that is behind it is not believed.
    pub fn beside_file(mut self, written: Option<Timestamp>) -> Self {
        self.written = written;
        self
    }

    /// When the file was written before, where that was told.
    pub fn written(&self) -> Option<Timestamp> {
        self.written
    }

    /// Writes what a scan saw. Nothing shows to others before [`finish`](Self::finish).
    ///
    /// # Errors
    /// When it cannot be written; the scan before is then intact.
    pub fn put_inventory(
        &self,
        scan: i64,
        numbers: &Numbers,
        write: &WriteInventory<'_>,
    ) -> Result<(), StoreError> {
        self.put_seen(scan, numbers, write)
            .map_err(|error| self.says(&error))
    }

    /// Writes what a scan made of it, forgets what is too old, and commits.
    ///
    /// # Errors
    /// When it cannot be written; the scan before is then intact.
    pub fn finish(self, scan: i64, write: &WriteOutcome<'_>) -> Result<(), StoreError> {
        let (path, wait) = (self.path.clone(), self.wait);
        let says = |error: rusqlite::Error| StoreError::of(&path, wait, &error);
        self.put_outcome(scan, write).map_err(says)?;
        retention::forget(&self.transaction, write.keep_from, self.written).map_err(says)?;
        self.transaction.commit().map_err(says)
    }

    fn put_seen(
        &self,
        scan: i64,
        numbers: &Numbers,
        write: &WriteInventory<'_>,
    ) -> rusqlite::Result<()> {
        let transaction = &self.transaction;
        let mut put =
            transaction.prepare("INSERT INTO scope (id, source, name) VALUES (?1, ?2, ?3)")?;
        for scope in &write.scopes {
            put.execute(params![
                scope.id,
                scope.source.as_str(),
                scope.name.as_str()
            ])?;
        }
        let mut put = transaction.prepare(
            "INSERT INTO scope_read (scan, scope, at, complete, troubles) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for read in &write.reads {
            let troubles = match read.troubles.as_slice() {
                [] => None,
                troubles => serde_json::to_string(troubles).ok(),
            };
            put.execute(params![
                scan,
                read.scope,
                micros(read.at),
                read.complete,
                troubles
            ])?;
        }
        self.put_assets(&numbers.fresh())?;
        for (scope, readings) in &write.readings {
            let body = pack_readings(readings)
                .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
            transaction.execute(
                "INSERT INTO reading (scope, body) VALUES (?1, ?2) ON CONFLICT (scope) DO UPDATE SET body = excluded.body",
                params![scope, body],
            )?;
        }
        let mut hide = transaction.prepare(
            "UPDATE version SET unseen_since = ?1 WHERE id = ?2 AND unseen_since IS NULL",
        )?;
        for version in &write.unseen {
            hide.execute([scan, *version])?;
        }
        let mut remember = transaction.prepare(
            "INSERT OR IGNORE INTO unseen SELECT id, unseen_since, ?1 FROM version WHERE id = ?2 AND unseen_since IS NOT NULL",
        )?;
        let mut show =
            transaction.prepare("UPDATE version SET unseen_since = NULL WHERE id = ?1")?;
        for version in &write.seen_again {
            remember.execute([scan, *version])?;
            show.execute([*version])?;
        }
        let mut end = transaction.prepare("UPDATE version SET to_scan = ?1 WHERE id = ?2")?;
        for version in &write.ended_versions {
            end.execute([scan, *version])?;
        }
        let mut end = transaction.prepare("UPDATE relation SET to_scan = ?1 WHERE id = ?2")?;
        for relation in &write.ended_relations {
            end.execute([scan, *relation])?;
        }
        self.put_versions(scan, &write.versions)?;
        damage::heal(transaction, scan, &self.damaged.borrow())?;
        let mut put = transaction.prepare(
            "INSERT INTO relation (scope, from_asset, kind, to_asset, from_scan) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for relation in &write.relations {
            let kind = kind_number(relation.kind);
            put.execute([relation.scope, relation.from, kind, relation.to, scan])?;
        }
        Ok(())
    }

    fn put_assets(&self, assets: &[(i64, &AssetId)]) -> rusqlite::Result<()> {
        let mut put = self
            .transaction
            .prepare("INSERT INTO asset (id, name) VALUES (?1, ?2)")?;
        for (number, id) in assets {
            put.execute(params![number, id.as_str()])?;
        }
        Ok(())
    }

    fn put_outcome(&self, scan: i64, write: &WriteOutcome<'_>) -> rusqlite::Result<()> {
        let tally = serde_json::to_string(write.tally).unwrap_or_default();
        self.transaction.execute(
            "INSERT INTO scan (id, started, finished, tally, ignored, remarks) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                scan,
                micros(write.started),
                micros(write.finished),
                tally,
                write.ignored,
                write.remarks
            ],
        )?;
        self.put_assets(&write.met)?;
        let mut put = self.transaction.prepare(
            "INSERT INTO role (asset, role) VALUES (?1, ?2) ON CONFLICT (asset) DO UPDATE SET role = excluded.role",
        )?;
        let mut end = self
            .transaction
            .prepare("DELETE FROM role WHERE asset = ?1")?;
        for (asset, role) in &write.roles {
            match role {
                Some(role) => put.execute(params![asset, role.as_str()])?,
                None => end.execute([asset])?,
            };
        }
        let mut put = self.transaction.prepare(
            "INSERT INTO change (id, scan, asset, after, before, body, actor) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        for change in &write.changes {
            let body = seal(serde_json::to_string(change.change).unwrap_or_default());
            let (after, before) = (change.after.map(micros), micros(change.before));
            let actor = change
                .attribution
                .and_then(|found| serde_json::to_string(found).ok())
                .map(seal);
            put.execute(params![
                change.id,
                scan,
                change.asset,
                after,
                before,
                body,
                actor
            ])?;
        }
        let mut put = self
            .transaction
            .prepare("INSERT INTO access (scan, body) VALUES (?1, ?2)")?;
        for access in &write.accesses {
            put.execute(params![scan, seal(access.clone())])?;
        }
        self.put_drifts(scan, write)
    }

    /// Packs on a second thread while this one inserts.
    fn put_versions(&self, scan: i64, versions: &[WriteVersion<'_>]) -> rusqlite::Result<()> {
        const BATCH: usize = 512;
        if versions.is_empty() {
            return Ok(());
        }
        let bodies: Vec<&Asset> = versions.iter().map(|version| version.body).collect();
        let (dictionary, bytes) = dictionary(&self.transaction, &bodies)?;
        let mut put = self.transaction.prepare(
            "INSERT INTO version (asset, scope, from_scan, fingerprint, dictionary, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let failed =
            |error: std::io::Error| rusqlite::Error::ToSqlConversionFailure(Box::new(error));
        let mut call = self
            .transaction
            .prepare("INSERT OR IGNORE INTO called (name, asset) VALUES (?1, ?2)")?;
        for version in versions {
            for name in version.body.ids().skip(1) {
                call.execute(params![name, version.asset])?;
            }
        }
        std::thread::scope(|threads| {
            let (sender, packed) = sync_channel(4);
            threads.spawn(move || {
                let mut packer = match Packer::new(&bytes) {
                    Ok(packer) => packer,
                    Err(error) => {
                        let _ = sender.send(Err(error));
                        return;
                    }
                };
                for batch in bodies.chunks(BATCH) {
                    let batch: Result<Vec<Vec<u8>>, _> =
                        batch.iter().map(|asset| packer.pack(asset)).collect();
                    if sender.send(batch).is_err() {
                        return;
                    }
                }
            });
            for versions in versions.chunks(BATCH) {
                let batch = packed
                    .recv()
                    .unwrap_or_else(|_| Err(std::io::Error::other("the packing thread ended")));
                for (version, body) in versions.iter().zip(batch.map_err(failed)?) {
                    put.execute(params![
                        version.asset,
                        version.scope,
                        scan,
                        version.fingerprint,
                        dictionary,
                        body
                    ])?;
                }
            }
            Ok(())
        })
    }

    fn put_drifts(&self, scan: i64, write: &WriteOutcome<'_>) -> rusqlite::Result<()> {
        let mut supersede = self.transaction.prepare(
            "UPDATE drift SET to_scan = ?4, goes_on = 1 WHERE asset = ?1 AND control = ?2 AND expectation = ?3 AND to_scan IS NULL",
        )?;
        // One that opens may take the place of one of which nothing was known.
        for (asset, drift) in write.opened.iter().chain(&write.altered) {
            let (control, expectation) = (drift.control.as_str(), drift.expectation.as_str());
            supersede.execute(params![asset, control, expectation, scan])?;
        }
        let mut put = self.transaction.prepare(
            "INSERT INTO drift (asset, control, expectation, from_scan, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for (asset, drift) in write.opened.iter().chain(&write.altered) {
            let body = seal(serde_json::to_string(drift).unwrap_or_default());
            let (control, expectation) = (drift.control.as_str(), drift.expectation.as_str());
            put.execute(params![asset, control, expectation, scan, body])?;
        }
        let mut end = self.transaction.prepare(
            "UPDATE drift SET to_scan = ?4 WHERE asset = ?1 AND control = ?2 AND expectation = ?3 AND to_scan IS NULL",
        )?;
        for (asset, drift) in &write.resolved {
            let (control, expectation) = (drift.control.as_str(), drift.expectation.as_str());
            end.execute(params![asset, control, expectation, scan])?;
        }
        let mut drop = self.transaction.prepare(
            "UPDATE drift SET to_scan = ?4, goes_on = 2 WHERE asset = ?1 AND control = ?2 AND expectation = ?3 AND to_scan IS NULL",
        )?;
        for (asset, drift) in &write.unasked {
            let (control, expectation) = (drift.control.as_str(), drift.expectation.as_str());
            drop.execute(params![asset, control, expectation, scan])?;
        }
        Ok(())
    }

    pub(super) fn says(&self, error: &rusqlite::Error) -> StoreError {
        StoreError::of(&self.path, self.wait, error)
    }
}
