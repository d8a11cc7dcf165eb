//! What was, as of any scan.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use plimsoll_model::{Asset, AssetId, Facts, Text};
use rusqlite::{Connection, OptionalExtension as _, Params, Row, params};

use super::body::{Unpacker, unpack_readings};
use super::commit::{Commit, kind_of};
use super::damage::{lost_drift, placeholder};
use super::records::attribution;
use super::verdicts::ruling;
use super::{Store, StoreError, micros, seal, time};
use crate::approval::Ruling;
use crate::baseline::{Drift, DriftState, Tally};
use crate::change::{Attribution, Change};
use crate::inventory::{Coverage, Part, Snapshot, UNSEEN, assemble, lose_sight};

/// A change as [`read_change`] reads it, with the verdict as of the scan `?1`. Who made it is as of now: a record that comes late
/// tells of then.
const CHANGE_AS_OF: &str = "SELECT id, scan, after, before, body, actor, \
    (SELECT v.body FROM verdict v WHERE v.change = change.id AND v.scan <= ?1 ORDER BY v.id DESC LIMIT 1), \
    (SELECT name FROM asset WHERE asset.id = change.asset) FROM change";
/// What `drift.goes_on` says of one about which nothing is asked any more.
const UNASKED: i64 = 2;

/// Whether a version was out of sight as of the scan ?1.
pub(super) const UNSEEN_AT: &str = "(coalesce(unseen_since <= ?1, 0) OR EXISTS \
     (SELECT 1 FROM unseen AS past WHERE past.version = version.id AND past.since <= ?1 AND past.until > ?1))";
/// As of which scan is as of now.
const NOW: i64 = i64::MAX;

/// A scan as it was stored.
#[derive(Clone, Debug)]
pub struct ScanInfo {
    /// Its number.
    pub id: i64,
    /// When it started.
    pub started: Timestamp,
    /// When it had been judged.
    pub finished: Timestamp,
    /// How the controls came out.
    pub tally: Tally,
    /// What was left out, as JSON.
    pub ignored: String,
    /// What it says of itself besides, as JSON.
    pub remarks: Option<String>,
}

/// A change as it was stored.
#[derive(Clone, Debug)]
pub struct StoredChange {
    /// Its number.
    pub id: i64,
    /// The scan that saw it.
    pub scan: i64,
    /// The last time that the asset was seen as it was.
    pub after: Option<Timestamp>,
    /// The first time that it was seen as it is.
    pub before: Timestamp,
    /// The change.
    pub change: Change,
    /// Who made it, where a record tells.
    pub attribution: Option<Attribution>,
    /// What the approval policy says of it, as of the last scan that judged it.
    pub ruling: Option<Ruling>,
}

/// One version of an asset as one source saw it.
#[derive(Clone, Debug)]
pub struct AssetVersion {
    /// The source.
    pub source: Text,
    /// The scope.
    pub scope: Text,
    /// The scan that saw it first.
    pub from_scan: i64,
    /// When that was finished; none where that scan is forgotten, so that it was before [`Store::kept_since`].
    pub from: Option<Timestamp>,
    /// When the scan that saw it no more was finished; none while it is current.
    pub to: Option<Timestamp>,
    /// The scan that saw it no more; none while it is current.
    pub to_scan: Option<i64>,
    /// The asset.
    pub asset: Asset,
}

impl Store {
    /// The last scan that was finished at or before a time, or the last of all.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn scan_at(&self, at: Option<Timestamp>) -> Result<Option<ScanInfo>, StoreError> {
        let at = at.map_or(i64::MAX, micros);
        self.scan_info("finished <= ?1 ORDER BY id DESC", at)
    }

    /// The scan with which a span of time begins: the last that was finished at or before its start. Where nothing was scanned before,
    /// it begins with the first scan of all, if that is of the day that begins then.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn scan_from(&self, start: Timestamp) -> Result<Option<ScanInfo>, StoreError> {
        match self.scan_at(Some(start))? {
            None => {
                /// A day on which clocks are put back is longer.
                const DAY: SignedDuration = SignedDuration::from_hours(25);
                let day = start.checked_add(DAY).unwrap_or(Timestamp::MAX);
                let first = self.scan_info("finished > ?1 ORDER BY id", micros(start))?;
                Ok(first.filter(|scan| scan.finished < day))
            }
            before => Ok(before),
        }
    }

    fn scan_info(&self, which: &str, at: i64) -> Result<Option<ScanInfo>, StoreError> {
        self.connection
            .query_row(
                &format!(
                    "SELECT id, started, finished, tally, ignored, remarks FROM scan WHERE {which} LIMIT 1"
                ),
                [at],
                |row| {
                    Ok(ScanInfo {
                        id: row.get(0)?,
                        started: time(row.get(1)?),
                        finished: time(row.get(2)?),
                        tally: serde_json::from_str(row.get_ref(3)?.as_str()?).unwrap_or_default(),
                        ignored: row.get(4)?,
                        remarks: row.get(5)?,
                    })
                },
            )
            .optional()
            .map_err(|error| self.says(&error))
    }

    /// The role that each asset has by the last scan.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn roles(&self) -> Result<Vec<(AssetId, Text)>, StoreError> {
        let rows = self.list(
            "SELECT a.name, r.role FROM role r JOIN asset a ON a.id = r.asset ORDER BY a.name",
            [],
            |row| {
                let role = Text::from(row.get_ref(1)?.as_str()?);
                let id = AssetId::new(row.get_ref(0)?.as_str()?).ok();
                Ok(id.map(|id| (id, role)))
            },
        )?;
        Ok(rows.into_iter().flatten().collect())
    }

    /// The inventory as of a scan.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn snapshot(&self, scan: i64) -> Result<Snapshot, StoreError> {
        let scopes = self.scope_names()?;
        let mut sources: Vec<Text> = scopes.values().map(|(source, _)| source.clone()).collect();
        sources.sort_unstable();
        sources.dedup();
        let source_of = |scope: i64| {
            let (source, _) = scopes.get(&scope)?;
            sources.binary_search(source).ok()
        };
        let last_scans: HashMap<i64, i64> = self
            .list(
                "SELECT scope, max(scan) FROM scope_read WHERE scan <= ?1 GROUP BY scope",
                [scan],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?
            .into_iter()
            .collect();
        let mut readings = self.newest_readings(scan)?;
        let mut parts = Vec::new();
        for (number, scope, mut asset) in self.versions_at(scan)? {
            if let Some(readings) = readings.get_mut(&scope).and_then(|of| of.remove(&number))
                && asset.partial.is_none()
            {
                asset.readings = readings;
            }
            if let Some(source) = source_of(scope) {
                parts.push(Part {
                    asset,
                    source,
                    first_scan: number,
                    last_scan: last_scans.get(&scope).copied().unwrap_or_default(),
                });
            }
        }
        parts.sort_by(|a, b| (&a.asset.id, a.source).cmp(&(&b.asset.id, b.source)));
        let ids = self.asset_names()?;
        let relations: Vec<_> = self
            .list(
                "SELECT from_asset, kind, to_asset FROM relation WHERE from_scan <= ?1 AND (to_scan IS NULL OR to_scan > ?1)",
                [scan],
                |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)),
            )?
            .into_iter()
            .filter_map(|(from, kind, to)| Some((ids.get(&from)?, kind_of(kind)?, ids.get(&to)?)))
            .collect();
        let coverage = self.coverage(scan)?;
        Ok(assemble(parts, &sources, relations.into_iter(), coverage).snapshot)
    }

    /// How the scopes had been read as of a scan, in order of source and scope.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn coverage(&self, scan: i64) -> Result<Vec<Coverage>, StoreError> {
        let scopes = self.scope_names()?;
        let mut rows = self.list(
            "SELECT scope, scan, at, complete, troubles FROM scope_read WHERE id IN \
             (SELECT max(id) FROM scope_read WHERE scan <= ?1 GROUP BY scope) AND NOT EXISTS \
             (SELECT 1 FROM scope o JOIN retired r ON r.source = o.source WHERE o.id = scope_read.scope \
             AND r.scan < ?1 AND scope_read.scan <= r.scan)",
            [scan],
            |row| {
                let troubles: Option<String> = row.get(4)?;
                let (source, scope) = scopes.get(&row.get(0)?).cloned().unwrap_or_default();
                Ok(Coverage {
                    source,
                    scope,
                    fresh: row.get::<_, i64>(1)? == scan,
                    as_of: time(row.get(2)?),
                    complete: row.get(3)?,
                    troubles: troubles
                        .and_then(|json| serde_json::from_str(&json).ok())
                        .unwrap_or_default(),
                })
            },
        )?;
        rows.sort_by(|a, b| (&a.source, &a.scope).cmp(&(&b.source, &b.scope)));
        Ok(rows)
    }

    /// The drifts that were open as of a scan, and those that it saw end: resolved, or not asked about any more.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn drifts(&self, scan: i64) -> Result<(Vec<Drift>, Vec<Drift>), StoreError> {
        let rows = self.list(
            "SELECT body, from_scan, to_scan, goes_on, id FROM drift WHERE to_scan IS NULL AND from_scan <= ?1 \
             UNION ALL SELECT body, from_scan, to_scan, goes_on, id FROM drift WHERE to_scan IS NOT NULL AND from_scan <= ?1 \
             AND (to_scan > ?1 OR to_scan = ?1 AND goes_on <> 1)",
            [scan],
            |row| {
                let id = row.get::<_, i64>(4)?;
                let drift = match seal::read::<Drift>(row.get_ref(0)?) {
                    Ok(drift) => Some(drift),
                    Err(why) => {
                        seal::warn(&format!("drift {id}"), &why);
                        lost_drift(&self.connection, id)?
                    }
                };
                Ok((
                    drift.ok_or(id),
                    row.get::<_, i64>(1)?,
                    row.get::<_, Option<i64>>(2)?,
                    row.get::<_, i64>(3)? == UNASKED,
                ))
            },
        )?;
        let (mut open, mut resolved) = (Vec::new(), Vec::new());
        for (drift, from, to, unasked) in rows {
            // Left out, it would look as if it had been mended.
            let mut drift = drift.map_err(|id| self.content(format!("drift {id}")))?;
            if to == Some(scan) {
                drift.state = if unasked {
                    DriftState::Unasked
                } else {
                    DriftState::Resolved
                };
                // What was only ever unknown is over, and was never resolved.
                if unasked || drift.has_failed() {
                    resolved.push(drift);
                }
            } else {
                if from != scan {
                    drift.state = DriftState::Open;
                }
                open.push(drift);
            }
        }
        Ok((open, resolved))
    }

    /// The changes that scans saw in a span of time, both ends included, newest first; at most `limit`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn changes(
        &self,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        asset: Option<&AssetId>,
        limit: usize,
    ) -> Result<Vec<StoredChange>, StoreError> {
        let (from, to) = (from.map_or(i64::MIN, micros), to.map_or(i64::MAX, micros));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        match asset {
            None => self.list(
                &format!(
                    "{CHANGE_AS_OF} WHERE before >= ?2 AND before <= ?3 ORDER BY id DESC LIMIT ?4"
                ),
                params![NOW, from, to, limit],
                read_change,
            ),
            Some(asset) => self.list(
                &format!(
                    "{CHANGE_AS_OF} WHERE before >= ?2 AND before <= ?3 \
                     AND asset = (SELECT id FROM asset WHERE name = ?5) ORDER BY id DESC LIMIT ?4"
                ),
                params![NOW, from, to, limit, asset.as_str()],
                read_change,
            ),
        }
    }

    /// The changes that one scan saw, in order of their numbers, with what that scan said of them.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn changes_of(&self, scan: i64) -> Result<Vec<StoredChange>, StoreError> {
        self.list(
            &format!("{CHANGE_AS_OF} WHERE scan = ?1 ORDER BY id"),
            [scan],
            read_change,
        )
    }

    /// The changes of scans before one on which it wrote a verdict, in order of their numbers: as it judged them, with the verdict
    /// that there was before.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn changes_judged_anew(
        &self,
        scan: i64,
    ) -> Result<Vec<(StoredChange, Option<Ruling>)>, StoreError> {
        let changes = self.list(
            &format!(
                "{CHANGE_AS_OF} WHERE scan < ?1 AND id IN (SELECT change FROM verdict WHERE scan = ?1) ORDER BY id"
            ),
            [scan],
            read_change,
        )?;
        let before = |change: i64| -> rusqlite::Result<Option<Ruling>> {
            let body = self
                .connection
                .prepare_cached(
                    "SELECT body FROM verdict WHERE change = ?1 AND scan < ?2 ORDER BY id DESC LIMIT 1",
                )?
                .query_row([change, scan], |row| Ok(ruling(row.get_ref(0)?)))
                .optional()?;
            Ok(body.flatten())
        };
        let mut found = Vec::with_capacity(changes.len());
        for change in changes {
            let before = before(change.id).map_err(|error| self.says(&error))?;
            found.push((change, before));
        }
        Ok(found)
    }

    /// The changes of these numbers, in their order, with what was said of them as of a scan.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn changes_numbered(
        &self,
        ids: impl Iterator<Item = i64>,
        scan: i64,
    ) -> Result<Vec<StoredChange>, StoreError> {
        numbered(&self.connection, ids, scan).map_err(|error| self.says(&error))
    }

    /// The change of a number.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn change(&self, id: i64) -> Result<Option<StoredChange>, StoreError> {
        Ok(self
            .changes_numbered(std::iter::once(id), NOW)?
            .into_iter()
            .next())
    }

    /// The accesses that one scan reported, as JSON, in its order, without those that are damaged.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn accesses(&self, scan: i64) -> Result<Vec<String>, StoreError> {
        self.list(
            "SELECT body FROM access WHERE scan = ?1 ORDER BY id",
            [scan],
            |row| match seal::json(row.get_ref(0)?) {
                Ok(json) => Ok(Some(json.to_owned())),
                Err(why) => {
                    seal::warn("an access", &why);
                    Ok(None)
                }
            },
        )
        .map(|rows| rows.into_iter().flatten().collect())
    }

    /// When the oldest scan was finished that is kept.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn kept_since(&self) -> Result<Option<Timestamp>, StoreError> {
        let oldest =
            self.connection
                .query_row("SELECT finished FROM scan ORDER BY id LIMIT 1", [], |row| {
                    row.get(0)
                });
        let oldest = oldest.optional().map_err(|error| self.says(&error))?;
        Ok(oldest.map(time))
    }

    /// All versions of an asset, by source and then oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn history(&self, id: &AssetId) -> Result<Vec<AssetVersion>, StoreError> {
        let scopes = self.scope_names()?;
        let mut unpacker = Unpacker::new();
        let mut versions = self.list(
            "SELECT v.scope, f.finished, t.finished, v.dictionary, v.body, v.from_scan, v.to_scan FROM version v \
             LEFT JOIN scan f ON f.id = v.from_scan LEFT JOIN scan t ON t.id = v.to_scan \
             WHERE v.asset = (SELECT id FROM asset WHERE name = ?1) ORDER BY v.id",
            [id.as_str()],
            |row| {
                let asset = self.unpack(&mut unpacker, row.get(3)?, row.get_ref(4)?.as_blob()?)?;
                let (source, scope) = scopes.get(&row.get(0)?).cloned().unwrap_or_default();
                // The scan that began it may have been forgotten: then it is older than all that is kept.
                let from = row.get::<_, Option<i64>>(1)?.map(time);
                let to = row.get::<_, Option<i64>>(2)?.map(time);
                let (from_scan, to_scan) = (row.get(5)?, row.get(6)?);
                let asset = asset.unwrap_or_else(|_| placeholder(id.clone()));
                Ok(AssetVersion { source, scope, from_scan, from, to, to_scan, asset })
            },
        )?;
        versions.sort_by(|a, b| (&a.source, a.from).cmp(&(&b.source, b.from)));
        Ok(versions)
    }

    /// The measurements of each scope as of the newest scan; none for an older one, where those count that the versions
    /// brought along.
    pub(super) fn newest_readings(
        &self,
        scan: i64,
    ) -> Result<HashMap<i64, HashMap<i64, Facts>>, StoreError> {
        let newest: i64 = self
            .connection
            .query_row("SELECT coalesce(max(id), 0) FROM scan", [], |row| {
                row.get(0)
            })
            .map_err(|error| self.says(&error))?;
        if scan < newest {
            return Ok(HashMap::new());
        }
        let rows = self.list("SELECT scope, body FROM reading", [], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                unpack_readings(row.get_ref(1)?.as_blob()?)?,
            ))
        })?;
        let mut readings = HashMap::new();
        for (scope, of) in rows {
            // Those that are damaged are known no more; the next scan of the scope writes others.
            readings.insert(scope, of.unwrap_or_default().into_iter().collect());
        }
        Ok(readings)
    }

    fn versions_at(&self, scan: i64) -> Result<Vec<(i64, i64, Asset)>, StoreError> {
        let mut unpacker = Unpacker::new();
        let rows = self.list(
            &format!(
                "SELECT asset, scope, dictionary, body, {UNSEEN_AT} FROM version WHERE from_scan <= ?1 AND (to_scan IS NULL OR to_scan > ?1)"
            ),
            [scan],
            |row| {
                let asset = self.unpack(&mut unpacker, row.get(2)?, row.get_ref(3)?.as_blob()?)?;
                Ok((row.get(0)?, row.get(1)?, asset, row.get::<_, bool>(4)?))
            },
        )?;
        let mut versions = Vec::with_capacity(rows.len());
        let mut names = None;
        for (number, scope, asset, unseen) in rows {
            let mut asset = match asset {
                Ok(asset) => asset,
                Err(what) => {
                    if names.is_none() {
                        names = Some(self.asset_names()?);
                    }
                    let id = names.as_ref().and_then(|names| names.get(&number).cloned());
                    placeholder(id.ok_or_else(|| self.content(what))?)
                }
            };
            if unseen {
                lose_sight(&mut asset, UNSEEN);
            }
            versions.push((number, scope, asset));
        }
        Ok(versions)
    }

    fn unpack(
        &self,
        unpacker: &mut Unpacker,
        dictionary: i64,
        body: &[u8],
    ) -> rusqlite::Result<Result<Asset, String>> {
        unpacker.unpack(dictionary, body, || {
            self.connection.query_row(
                "SELECT bytes FROM dictionary WHERE id = ?1",
                [dictionary],
                |row| row.get(0),
            )
        })
    }

    pub(super) fn scope_names(&self) -> Result<BTreeMap<i64, (Text, Text)>, StoreError> {
        let rows = self.list("SELECT id, source, name FROM scope", [], |row| {
            let text = |at: usize| Ok::<_, rusqlite::Error>(Text::from(row.get_ref(at)?.as_str()?));
            Ok((row.get::<_, i64>(0)?, (text(1)?, text(2)?)))
        })?;
        Ok(rows.into_iter().collect())
    }

    pub(super) fn asset_names(&self) -> Result<HashMap<i64, AssetId>, StoreError> {
        let rows = self.list("SELECT id, name FROM asset", [], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                AssetId::new(row.get_ref(1)?.as_str()?).ok(),
            ))
        })?;
        Ok(rows
            .into_iter()
            .filter_map(|(number, id)| Some((number, id?)))
            .collect())
    }

    pub(super) fn list<T>(
        &self,
        sql: &str,
        with: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let run = || -> rusqlite::Result<Vec<T>> {
            self.connection
                .prepare(sql)?
                .query_map(with, read)?
                .collect()
        };
        run().map_err(|error| self.says(&error))
    }

    pub(super) fn content(&self, what: String) -> StoreError {
        StoreError::Content {
            path: self.path.clone(),
            what,
        }
    }
}

impl Commit<'_> {
    /// As [`Store::changes_numbered`], with what this scan has written.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn changes_numbered(
        &self,
        ids: impl Iterator<Item = i64>,
    ) -> Result<Vec<StoredChange>, StoreError> {
        numbered(&self.transaction, ids, NOW).map_err(|error| self.says(&error))
    }
}

fn numbered(
    connection: &Connection,
    ids: impl Iterator<Item = i64>,
    scan: i64,
) -> rusqlite::Result<Vec<StoredChange>> {
    let ids: BTreeSet<i64> = ids.collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = connection.prepare_cached(&format!("{CHANGE_AS_OF} WHERE id = ?2"))?;
    let found = ids
        .into_iter()
        .map(|id| query.query_row([scan, id], read_change).optional());
    // One that was kept long enough is there no more.
    found.filter_map(Result::transpose).collect()
}

/// The change in a row. Of one that is damaged it is known that there was one, and nothing is proven of it.
fn read_change(row: &Row<'_>) -> rusqlite::Result<StoredChange> {
    let id = row.get(0)?;
    let change = match seal::read(row.get_ref(4)?) {
        Ok(change) => Ok(change),
        Err(why) => {
            seal::warn(&format!("change {id}"), &why);
            let asset = row.get_ref(7)?.as_str_or_null()?.unwrap_or_default();
            Err(AssetId::new(asset).unwrap_or_else(|_| AssetId::of("asset", &["unknown"])))
        }
    };
    let lost = change.is_err();
    let change = change.unwrap_or_else(seal::lost_change);
    Ok(StoredChange {
        id,
        scan: row.get(1)?,
        after: row.get::<_, Option<i64>>(2)?.map(time),
        before: time(row.get(3)?),
        change,
        attribution: attribution(row.get_ref(5)?),
        ruling: ruling(row.get_ref(6)?).filter(|_| !lost),
    })
}
