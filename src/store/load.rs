//! What a scan loads before it writes.

use std::collections::HashMap;

use plimsoll_model::{Asset, AssetId, Facts, Text};
use rusqlite::{OptionalExtension as _, params};

use super::body::{Unpacker, unpack_readings};
use super::commit::{Commit, kind_of};
use super::damage::{damaged_now, lost_drift, placeholder, turned};
use super::state::{KnownRelation, LastRead, Numbers, ScopeState, State};
use super::{StoreError, seal, time};
use crate::baseline::Drift;
use crate::inventory::KnownPart;

impl Commit<'_> {
    /// What this scan needs to know of those before it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn state(&self) -> Result<State, StoreError> {
        let (scan, last_scan): (i64, Option<i64>) = self.one(
            "SELECT coalesce(max(id), 0) + 1, (SELECT finished FROM scan ORDER BY id DESC LIMIT 1) FROM scan",
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        // Read first, and understood while the rest is read.
        let drifts = self.all("SELECT id, body FROM drift WHERE to_scan IS NULL", |row| {
            let body = seal::json(row.get_ref(1)?).map(str::to_owned);
            Ok((row.get::<_, i64>(0)?, body))
        })?;
        let (drifts, known) = std::thread::scope(|threads| {
            let read = || -> Vec<(i64, Result<Drift, String>)> {
                let parse =
                    |json: &str| serde_json::from_str(json).map_err(|error| error.to_string());
                let each = drifts.into_iter();
                each.map(|(id, json)| (id, json.and_then(|json| parse(&json))))
                    .collect()
            };
            let drifts = threads.spawn(read);
            let known = self.known()?;
            match drifts.join() {
                Ok(drifts) => Ok((drifts, known)),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })?;
        let drifts = drifts
            .into_iter()
            .map(|(id, drift)| drift.or_else(|why| self.replace_drift(id, &why)))
            .collect::<Result<Vec<_>, _>>()?;
        let (numbers, mut parts, relations) = known;
        // What is seen of these differs from them whatever it is, and is written anew.
        let damaged = damaged_now(&self.transaction, scan, &parts);
        let damaged = damaged.map_err(|error| self.says(&error))?;
        for part in &mut parts {
            if damaged.contains(&part.version) {
                part.fingerprint = turned(part.fingerprint);
            }
        }
        self.damaged.replace(damaged);
        Ok(State {
            scan,
            last_scan: last_scan.map(time),
            scopes: self.scopes()?,
            numbers,
            parts,
            relations,
            drifts,
        })
    }

    /// Puts what stands for a drift in the place of one that cannot be read. What this scan finds then takes its place.
    fn replace_drift(&self, id: i64, why: &str) -> Result<Drift, StoreError> {
        let replace = || {
            let drift = lost_drift(&self.transaction, id)?;
            if let Some(drift) = &drift {
                let body = seal::seal(serde_json::to_string(drift).unwrap_or_default());
                self.transaction.execute(
                    "UPDATE drift SET body = ?2 WHERE id = ?1",
                    params![id, body],
                )?;
            }
            Ok(drift)
        };
        let drift = replace().map_err(|error: rusqlite::Error| self.says(&error))?;
        let drift = drift.ok_or_else(|| self.content(format!("drift {id}: {why}")))?;
        seal::warn(
            &format!("the drift {} of {}", drift.expectation, drift.asset),
            why,
        );
        Ok(drift)
    }

    /// The numbers of all assets, and the versions and relations that stand.
    fn known(&self) -> Result<(Numbers, Vec<KnownPart>, Vec<KnownRelation>), StoreError> {
        let numbers = self.all("SELECT name, id FROM asset ORDER BY name", |row| {
            let name = row.get_ref(0)?.as_str()?;
            let number = row.get::<_, i64>(1)?;
            Ok(AssetId::new(name).ok().map(|id| (id, number)))
        })?;
        let parts = self.all(
            "SELECT scope, asset, fingerprint, id, unseen_since FROM version WHERE to_scan IS NULL",
            |row| {
                Ok(KnownPart {
                    scope: row.get(0)?,
                    asset: row.get(1)?,
                    fingerprint: row.get(2)?,
                    version: row.get(3)?,
                    unseen: row.get::<_, Option<i64>>(4)?.is_some(),
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
        let numbers = Numbers::new(numbers.into_iter().flatten().collect());
        Ok((numbers, parts, relations.into_iter().flatten().collect()))
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

    /// The role that each asset had by the scan before, in order of their numbers.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn roles(&self) -> Result<Vec<(i64, Text)>, StoreError> {
        self.all("SELECT asset, role FROM role ORDER BY asset", |row| {
            Ok((row.get(0)?, Text::from(row.get_ref(1)?.as_str()?)))
        })
    }

    /// Whether a drift had failed and was resolved, or not asked about any more.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn was_resolved(
        &self,
        asset: i64,
        control: &str,
        expectation: &str,
    ) -> Result<bool, StoreError> {
        let bodies = self
            .transaction
            .prepare_cached(
                "SELECT body FROM drift WHERE asset = ?1 AND control = ?2 AND expectation = ?3 AND to_scan IS NOT NULL AND goes_on <> 1",
            )
            .and_then(|mut query| {
                let rows = query.query_map(params![asset, control, expectation], |row| {
                    // What was only ever unknown is not back when it is unknown again.
                    let drift = seal::read::<Drift>(row.get_ref(0)?);
                    Ok(drift.map_or(true, |drift| drift.has_failed()))
                })?;
                rows.collect::<Result<Vec<bool>, _>>()
            })
            .map_err(|error| self.says(&error))?;
        Ok(bodies.contains(&true))
    }

    /// The newest measurements of the assets of scopes, by the assets' numbers.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn readings(
        &self,
        scopes: impl IntoIterator<Item = i64>,
    ) -> Result<HashMap<i64, Facts>, StoreError> {
        let mut readings = HashMap::new();
        for scope in scopes {
            let found = self
                .transaction
                .query_row(
                    "SELECT body FROM reading WHERE scope = ?1",
                    [scope],
                    |row| unpack_readings(row.get_ref(0)?.as_blob()?),
                )
                .optional()
                .map_err(|error| self.says(&error))?;
            // Those that are damaged are known no more; the next scan of the scope writes others.
            readings.extend(found.and_then(Result::ok).into_iter().flatten());
        }
        Ok(readings)
    }

    fn asset_of(&self, version: i64) -> Result<AssetId, StoreError> {
        let name = self.one(
            &format!(
                "SELECT name FROM asset WHERE id = (SELECT asset FROM version WHERE id = {version})"
            ),
            |row| row.get::<_, String>(0),
        )?;
        AssetId::new(name).map_err(|why| StoreError::Content {
            path: self.path.clone(),
            what: format!("version {version}: {why}"),
        })
    }

    /// The assets of versions, in the order asked for; see [`is_damaged`](super::is_damaged) for those that cannot be read.
    ///
    /// # Errors
    /// When one is missing, or the file cannot be read.
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
            let asset = match found.map_err(|error| self.says(&error))? {
                Ok(asset) => asset,
                Err(why) => {
                    let id = self.asset_of(version)?;
                    tracing::warn!(asset = %id, why, "what was stored of it is damaged");
                    placeholder(id)
                }
            };
            assets.push(asset);
        }
        Ok(assets)
    }

    fn scopes(&self) -> Result<Vec<ScopeState>, StoreError> {
        let mut scopes = self.all("SELECT id, source, name FROM scope ORDER BY id", |row| {
            Ok(ScopeState {
                id: row.get(0)?,
                source: Text::from(row.get_ref(1)?.as_str()?),
                name: Text::from(row.get_ref(2)?.as_str()?),
                first: None,
                last: None,
                last_complete: None,
            })
        })?;
        for scope in &mut scopes {
            let last = self
                .transaction
                .prepare_cached(
                    "SELECT at, complete, troubles, scan FROM scope_read WHERE scope = ?1 ORDER BY scan DESC LIMIT 1",
                )
                .and_then(|mut query| {
                    query
                        .query_row([scope.id], |row| {
                            let troubles: Option<String> = row.get(2)?;
                            Ok(LastRead {
                                scan: row.get(3)?,
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
            if scope.last_complete.is_none() {
                let first = self
                    .transaction
                    .prepare_cached("SELECT min(at) FROM scope_read WHERE scope = ?1")
                    .and_then(|mut query| {
                        query.query_row([scope.id], |row| row.get::<_, Option<i64>>(0))
                    });
                scope.first = first.map_err(|error| self.says(&error))?.map(time);
            }
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
}
