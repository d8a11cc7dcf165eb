//! One scan, written in one transaction.

use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::{Asset, AssetId, RelationKind, Text, Trouble};
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::body::{Packer, Unpacker, dictionary};
use super::state::{KnownRelation, LastRead, Numbers, ScopeState, State};
use super::{StoreError, micros, retention, time};
use crate::baseline::{Drift, Tally};
use crate::change::Change;
use crate::inventory::{Fingerprint, KnownPart};

/// A scan being stored. Dropping it leaves everything as it was.
pub struct Commit<'a> {
    transaction: Transaction<'a>,
    path: PathBuf,
    wait: Duration,
}

/// All that one scan writes.
pub struct Write<'a> {
    /// The scan's number: [`State::scan`].
    pub scan: i64,
    /// When it started.
    pub started: Timestamp,
    /// When it had been judged.
    pub finished: Timestamp,
    /// How the controls came out.
    pub tally: &'a Tally,
    /// What was left out, as JSON.
    pub ignored: String,
    /// The numbers of all asset ids, those of this scan among them.
    pub numbers: &'a Numbers,
    /// Scopes that had not been met before, with the numbers that they shall have.
    pub scopes: Vec<ScopeState>,
    /// How the scopes of this scan were read.
    pub reads: Vec<WriteRead>,
    /// Numbers of versions that are current no more.
    pub ended_versions: Vec<i64>,
    /// Versions that are current from now on.
    pub versions: Vec<WriteVersion<'a>>,
    /// Numbers of relations that are current no more.
    pub ended_relations: Vec<i64>,
    /// Relations that are current from now on.
    pub relations: Vec<WriteRelation>,
    /// What changed, each under the number that it shall have.
    pub changes: Vec<WriteChange<'a>>,
    /// Drifts that open with this scan, with the number of their asset.
    pub opened: Vec<(i64, &'a Drift)>,
    /// Drifts that stay open and read otherwise than before.
    pub altered: Vec<(i64, &'a Drift)>,
    /// Drifts that this scan saw resolved.
    pub resolved: Vec<(i64, &'a Drift)>,
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
        }
    }

    /// What this scan needs to know of those before it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn state(&self) -> Result<State, StoreError> {
        let (scan, last_scan): (i64, Option<i64>) = self.one(
            "SELECT coalesce(max(id), 0) + 1, (SELECT finished FROM scan ORDER BY id DESC LIMIT 1) FROM scan",
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let numbers = self.all("SELECT name, id FROM asset ORDER BY name", |row| {
            let name = row.get_ref(0)?.as_str()?;
            let number = row.get::<_, i64>(1)?;
            Ok(AssetId::new(name).ok().map(|id| (id, number)))
        })?;
        let parts = self.all(
            "SELECT scope, asset, fingerprint, id FROM version WHERE to_scan IS NULL",
            |row| {
                Ok(KnownPart {
                    scope: row.get(0)?,
                    asset: row.get(1)?,
                    fingerprint: row.get(2)?,
                    version: row.get(3)?,
                })
            },
        )?;
        let relations = self.all(
            "SELECT scope, from_asset, kind, to_asset, id FROM relation WHERE to_scan IS NULL",
            |row| {
                let (scope, from, to, row_id) =
                    (row.get(0)?, row.get(1)?, row.get(3)?, row.get(4)?);
                Ok(kind_of(row.get(2)?).map(|kind| KnownRelation {
                    row: row_id,
                    scope,
                    from,
                    kind,
                    to,
                }))
            },
        )?;
        let drifts = self.all("SELECT body FROM drift WHERE to_scan IS NULL", |row| {
            Ok(serde_json::from_str::<Drift>(row.get_ref(0)?.as_str()?).map_err(|e| e.to_string()))
        })?;
        let drifts = drifts
            .into_iter()
            .collect::<Result<_, _>>()
            .map_err(|what| StoreError::Content {
                path: self.path.clone(),
                what: format!("an open drift: {what}"),
            })?;
        Ok(State {
            scan,
            last_scan: last_scan.map(time),
            scopes: self.scopes()?,
            numbers: Numbers::new(numbers.into_iter().flatten().collect()),
            parts,
            relations: relations.into_iter().flatten().collect(),
            drifts,
        })
    }

    /// The number of the next change.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn next_change(&self) -> Result<i64, StoreError> {
        self.one("SELECT coalesce(max(id), 0) + 1 FROM change", |row| {
            row.get(0)
        })
    }

    /// Whether a drift had been open and was resolved.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn was_resolved(
        &self,
        asset: i64,
        control: &str,
        expectation: &str,
    ) -> Result<bool, StoreError> {
        self.transaction
            .prepare_cached(
                "SELECT 1 FROM drift WHERE asset = ?1 AND control = ?2 AND expectation = ?3 AND to_scan IS NOT NULL",
            )
            .and_then(|mut query| query.exists(params![asset, control, expectation]))
            .map_err(|error| self.says(&error))
    }

    /// The assets of versions, in the order asked for.
    ///
    /// # Errors
    /// When one is missing or cannot be read.
    pub fn bodies(
        &self,
        versions: impl IntoIterator<Item = i64>,
    ) -> Result<Vec<Asset>, StoreError> {
        let mut unpacker = Unpacker::new();
        let mut query = self
            .transaction
            .prepare_cached("SELECT dictionary, body FROM version WHERE id = ?1")
            .map_err(|error| self.says(&error))?;
        let mut assets = Vec::new();
        for version in versions {
            let found = query.query_row([version], |row| {
                let dictionary = row.get(0)?;
                unpacker.unpack(dictionary, row.get_ref(1)?.as_blob()?, || {
                    self.transaction.query_row(
                        "SELECT bytes FROM dictionary WHERE id = ?1",
                        [dictionary],
                        |row| row.get(0),
                    )
                })
            });
            let asset =
                found
                    .map_err(|error| self.says(&error))?
                    .map_err(|why| StoreError::Content {
                        path: self.path.clone(),
                        what: format!("version {version}: {why}"),
                    })?;
            assets.push(asset);
        }
        Ok(assets)
    }

    /// Writes the scan and commits it.
    ///
    /// # Errors
    /// When it cannot be written; the scan before is then intact.
    pub fn write(self, write: &Write<'_>) -> Result<(), StoreError> {
        let (path, wait) = (self.path.clone(), self.wait);
        let says = |error: rusqlite::Error| StoreError::of(&path, wait, &error);
        self.put(write).map_err(says)?;
        retention::forget(&self.transaction, write.keep_from).map_err(says)?;
        self.transaction.commit().map_err(says)
    }

    fn put(&self, write: &Write<'_>) -> rusqlite::Result<()> {
        let transaction = &self.transaction;
        let tally = serde_json::to_string(write.tally).unwrap_or_default();
        transaction.execute(
            "INSERT INTO scan (id, started, finished, tally, ignored) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                write.scan,
                micros(write.started),
                micros(write.finished),
                tally,
                write.ignored
            ],
        )?;
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
                write.scan,
                read.scope,
                micros(read.at),
                read.complete,
                troubles
            ])?;
        }
        let mut put = transaction.prepare("INSERT INTO asset (id, name) VALUES (?1, ?2)")?;
        for (number, id) in write.numbers.fresh() {
            put.execute(params![number, id.as_str()])?;
        }
        let mut end = transaction.prepare("UPDATE version SET to_scan = ?1 WHERE id = ?2")?;
        for version in &write.ended_versions {
            end.execute([write.scan, *version])?;
        }
        let mut end = transaction.prepare("UPDATE relation SET to_scan = ?1 WHERE id = ?2")?;
        for relation in &write.ended_relations {
            end.execute([write.scan, *relation])?;
        }
        self.put_versions(write)?;
        let mut put = transaction.prepare(
            "INSERT INTO relation (scope, from_asset, kind, to_asset, from_scan) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for relation in &write.relations {
            let kind = kind_number(relation.kind);
            put.execute([relation.scope, relation.from, kind, relation.to, write.scan])?;
        }
        let mut put = transaction.prepare(
            "INSERT INTO change (id, scan, asset, after, before, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        for change in &write.changes {
            let body = serde_json::to_string(change.change).unwrap_or_default();
            put.execute(params![
                change.id,
                write.scan,
                change.asset,
                change.after.map(micros),
                micros(change.before),
                body
            ])?;
        }
        self.put_drifts(write)
    }

    /// Packs on a second thread while this one inserts.
    fn put_versions(&self, write: &Write<'_>) -> rusqlite::Result<()> {
        const BATCH: usize = 512;
        if write.versions.is_empty() {
            return Ok(());
        }
        let bodies: Vec<&Asset> = write.versions.iter().map(|version| version.body).collect();
        let (dictionary, bytes) = dictionary(&self.transaction, &bodies)?;
        let mut put = self.transaction.prepare(
            "INSERT INTO version (asset, scope, from_scan, fingerprint, dictionary, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let failed =
            |error: std::io::Error| rusqlite::Error::ToSqlConversionFailure(Box::new(error));
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
            for versions in write.versions.chunks(BATCH) {
                let batch = packed
                    .recv()
                    .unwrap_or_else(|_| Err(std::io::Error::other("the packing thread ended")));
                for (version, body) in versions.iter().zip(batch.map_err(failed)?) {
                    put.execute(params![
                        version.asset,
                        version.scope,
                        write.scan,
                        version.fingerprint,
                        dictionary,
                        body
                    ])?;
                }
            }
            Ok(())
        })
    }

    fn put_drifts(&self, write: &Write<'_>) -> rusqlite::Result<()> {
        let mut put = self.transaction.prepare(
            "INSERT INTO drift (asset, control, expectation, from_scan, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for (asset, drift) in &write.opened {
            let body = serde_json::to_string(drift).unwrap_or_default();
            let (control, expectation) = (drift.control.as_str(), drift.expectation.as_str());
            put.execute(params![asset, control, expectation, write.scan, body])?;
        }
        let mut alter = self.transaction.prepare(
            "UPDATE drift SET body = ?4 WHERE asset = ?1 AND control = ?2 AND expectation = ?3 AND to_scan IS NULL",
        )?;
        for (asset, drift) in &write.altered {
            let body = serde_json::to_string(drift).unwrap_or_default();
            alter.execute(params![
                asset,
                drift.control.as_str(),
                drift.expectation.as_str(),
                body
            ])?;
        }
        let mut end = self.transaction.prepare(
            "UPDATE drift SET to_scan = ?4 WHERE asset = ?1 AND control = ?2 AND expectation = ?3 AND to_scan IS NULL",
        )?;
        for (asset, drift) in &write.resolved {
            let (control, expectation) = (drift.control.as_str(), drift.expectation.as_str());
            end.execute(params![asset, control, expectation, write.scan])?;
        }
        Ok(())
    }

    fn scopes(&self) -> Result<Vec<ScopeState>, StoreError> {
        let mut scopes = self.all("SELECT id, source, name FROM scope ORDER BY id", |row| {
            Ok(ScopeState {
                id: row.get(0)?,
                source: Text::from(row.get_ref(1)?.as_str()?),
                name: Text::from(row.get_ref(2)?.as_str()?),
                last: None,
                last_complete: None,
            })
        })?;
        for scope in &mut scopes {
            let last = self
                .transaction
                .prepare_cached(
                    "SELECT at, complete, troubles FROM scope_read WHERE scope = ?1 ORDER BY scan DESC LIMIT 1",
                )
                .and_then(|mut query| {
                    query
                        .query_row([scope.id], |row| {
                            let troubles: Option<String> = row.get(2)?;
                            Ok(LastRead {
                                at: time(row.get(0)?),
                                complete: row.get(1)?,
                                troubles: troubles
                                    .and_then(|json| serde_json::from_str(&json).ok())
                                    .unwrap_or_default(),
                            })
                        })
                        .optional()
                });
            scope.last = last.map_err(|error| self.says(&error))?;
            let complete: Result<Option<i64>, _> = self
                .transaction
                .prepare_cached(
                    "SELECT at FROM scope_read WHERE scope = ?1 AND complete ORDER BY scan DESC LIMIT 1",
                )
                .and_then(|mut query| query.query_row([scope.id], |row| row.get(0)).optional());
            scope.last_complete = complete.map_err(|error| self.says(&error))?.map(time);
        }
        Ok(scopes)
    }

    fn one<T>(
        &self,
        sql: &str,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.transaction
            .query_row(sql, [], read)
            .map_err(|error| self.says(&error))
    }

    fn all<T>(
        &self,
        sql: &str,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let run = || -> rusqlite::Result<Vec<T>> {
            self.transaction
                .prepare(sql)?
                .query_map([], read)?
                .collect()
        };
        run().map_err(|error| self.says(&error))
    }

    fn says(&self, error: &rusqlite::Error) -> StoreError {
        StoreError::of(&self.path, self.wait, error)
    }
}
