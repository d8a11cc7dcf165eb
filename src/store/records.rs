//! Records of platforms and trackers: who did what, what was asked for, and which changes that explains.

use jiff::Timestamp;
use plimsoll_model::{Action, AssetId, ChangeRequest, Reading, RelationKind, Text};
use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension as _, params};

use super::commit::{Commit, kind_number};
use super::{StoreError, micros, seal, time};
use crate::change::{Attribution, Change, Evidence};

/// How many actions of one asset are looked at for one question, the newest.
const MOST: i64 = 1000;

/// An action to be stored.
#[derive(Clone, Copy)]
pub struct WriteAction<'a> {
    /// The source that gave it.
    pub source: &'a str,
    /// The number of its asset.
    pub asset: i64,
    /// The action.
    pub action: &'a Action,
}

/// A change request to be stored.
pub struct WriteRequest<'a> {
    /// The source that gave it.
    pub source: &'a str,
    /// The numbers of the assets that it names.
    pub assets: Vec<i64>,
    /// The request.
    pub request: &'a ChangeRequest,
    /// By which rules it was read, beside those of what is stored of it.
    pub reading: Reading,
}

/// What became of a record that was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It was there and says what it said.
    Known,
    /// It was there and says something else now.
    Altered,
    /// It is met for the first time.
    New,
}

/// That one asset contains another, and as of which scans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Containment {
    /// The number of the whole.
    pub whole: i64,
    /// The number of the part.
    pub part: i64,
    /// The scan that saw it first.
    pub from_scan: i64,
    /// The scan that saw it no more.
    pub to_scan: Option<i64>,
}

/// A change of an earlier scan that may have found its maker.
#[derive(Clone, Debug)]
pub struct PastChange {
    /// Its number.
    pub id: i64,
    /// The scan that saw it.
    pub scan: i64,
    /// The asset's number.
    pub asset: i64,
    /// The last time that the asset was seen as it was.
    pub after: Option<Timestamp>,
    /// The first time that it was seen as it is.
    pub before: Timestamp,
    /// The change.
    pub change: Change,
    /// Who made it, as far as was known.
    pub attribution: Option<Attribution>,
}

/// A record that tells who made a change: its source and its id there.
pub type Telling = (Text, Text);

/// The change in a row; none of one that is damaged, of which nothing is concluded.
fn past_change(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<PastChange>> {
    let (id, scan, asset) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let (after, before) = (row.get::<_, Option<i64>>(3)?.map(time), time(row.get(4)?));
    let attribution = attribution(row.get_ref(6)?);
    Ok(match seal::read::<Change>(row.get_ref(5)?) {
        Ok(change) => Some(PastChange {
            id,
            scan,
            asset,
            after,
            before,
            change,
            attribution,
        }),
        Err(why) => {
            seal::warn(&format!("change {id}"), &why);
            None
        }
    })
}

impl Commit<'_> {
    /// Stores actions, and says of each what became of it.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn put_actions(
        &self,
        scan: i64,
        actions: &[WriteAction<'_>],
    ) -> Result<Vec<Kept>, StoreError> {
        let put = || {
            let mut put = self.transaction.prepare(
                "INSERT INTO action (source, record, asset, at, scan, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                 ON CONFLICT (source, record) DO UPDATE SET asset = excluded.asset, at = excluded.at, body = excluded.body \
                 WHERE body NOT IN (excluded.body, ?7) OR asset <> excluded.asset RETURNING scan",
            )?;
            let mut kept = Vec::with_capacity(actions.len());
            for WriteAction {
                source,
                asset,
                action,
            } in actions
            {
                // As an earlier Plimsoll wrote it, without a checksum.
                let bare = serde_json::to_string(action).unwrap_or_default();
                let row = params![
                    source,
                    action.id.as_str(),
                    asset,
                    micros(action.at),
                    scan,
                    seal::seal(bare.clone()),
                    bare
                ];
                let met: Option<i64> = put.query_row(row, |row| row.get(0)).optional()?;
                kept.push(became(met, scan));
            }
            Ok(kept)
        };
        put().map_err(|error: rusqlite::Error| self.says(&error))
    }

    /// Stores change requests, each grown from what was known of it, and says of each what became of it.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn put_requests(
        &self,
        scan: i64,
        requests: &[WriteRequest<'_>],
    ) -> Result<Vec<Kept>, StoreError> {
        let put = || {
            let mut put = self.transaction.prepare(
                "INSERT INTO request (source, record, at, scan, body) VALUES (?1, ?2, ?3, ?4, ?5) \
                 ON CONFLICT (source, record) DO UPDATE SET at = excluded.at, body = excluded.body \
                 WHERE body NOT IN (excluded.body, ?6) RETURNING id, scan",
            )?;
            let mut forget = self
                .transaction
                .prepare("DELETE FROM request_asset WHERE request = ?1")?;
            let mut name = self
                .transaction
                .prepare("INSERT OR IGNORE INTO request_asset (asset, request) VALUES (?1, ?2)")?;
            let mut known = self
                .transaction
                .prepare("SELECT body FROM request WHERE source = ?1 AND record = ?2")?;
            let mut kept = Vec::with_capacity(requests.len());
            for WriteRequest {
                source,
                assets,
                request,
                reading,
            } in requests
            {
                let mut body = serde_json::to_string(request).unwrap_or_default();
                let mut at = micros(newest_time(request));
                let place = params![source, request.id.as_str()];
                let before = known
                    .query_row(place, |row| {
                        Ok(seal::json(row.get_ref(0)?).map(str::to_owned))
                    })
                    .optional()?;
                let grown = match before {
                    Some(Ok(before)) if before == body => None,
                    // One that a later Plimsoll wrote in a form that this one does not know has nothing to be held against.
                    Some(Ok(before)) => serde_json::from_str(&before)
                        .ok()
                        .map(|before| ChangeRequest::clone(request).grown_from(&before, *reading)),
                    Some(Err(why)) => {
                        seal::warn(&format!("the request {}", request.id), &why);
                        let mut request = ChangeRequest::clone(request);
                        request.doubt("what was known of it before is damaged");
                        Some(request)
                    }
                    None => None,
                };
                if let Some(grown) = grown {
                    body = serde_json::to_string(&grown).unwrap_or_default();
                    at = micros(newest_time(&grown));
                }
                let sealed = seal::seal(body.clone());
                let row = params![source, request.id.as_str(), at, scan, sealed, body];
                let met: Option<(i64, i64)> = put
                    .query_row(row, |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?;
                if let Some((id, _)) = met {
                    forget.execute([id])?;
                    for asset in assets {
                        name.execute([*asset, id])?;
                    }
                }
                kept.push(became(met.map(|(_, scan)| scan), scan));
            }
            Ok(kept)
        };
        put().map_err(|error: rusqlite::Error| self.says(&error))
    }

    /// The actions on an asset after one time and until another, with the sources that gave them: the newest, oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn actions_on(
        &self,
        asset: i64,
        after: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(Text, Action)>, StoreError> {
        let read = || -> rusqlite::Result<Vec<_>> {
            self.transaction
                .prepare_cached(
                    "SELECT source, body, record, at, (SELECT name FROM asset WHERE id = action.asset) FROM action \
                     WHERE asset = ?1 AND at > ?2 AND at <= ?3 ORDER BY at DESC, record LIMIT ?4",
                )?
                .query_map(params![asset, micros(after), micros(until), MOST], |row| {
                    let action = match seal::read::<Action>(row.get_ref(1)?) {
                        Ok(action) => Some(action),
                        // Somebody did something, and nobody knows who and what: without it another would have done it all.
                        Err(why) => {
                            let id = row.get_ref(2)?.as_str()?;
                            seal::warn(&format!("the action {id}"), &why);
                            let asset = AssetId::new(row.get_ref(4)?.as_str()?).ok();
                            let at = time(row.get(3)?);
                            asset.map(|asset| seal::lost_action(id, asset, at))
                        }
                    };
                    Ok(action.zip(Some(Text::from(row.get_ref(0)?.as_str()?))))
                })?
                .collect()
        };
        let rows = read().map_err(|error| self.says(&error))?;
        let rows = rows.into_iter().flatten().rev();
        Ok(rows.map(|(action, source)| (source, action)).collect())
    }

    /// Whether there is any action after a time.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn has_actions(&self, after: Timestamp) -> Result<bool, StoreError> {
        self.transaction
            .prepare_cached("SELECT 1 FROM action WHERE at > ?1 LIMIT 1")
            .and_then(|mut query| query.exists([micros(after)]))
            .map_err(|error| self.says(&error))
    }

    /// What contains what, this scan's relations among it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn containments(&self) -> Result<Vec<Containment>, StoreError> {
        let read = || -> rusqlite::Result<Vec<_>> {
            self.transaction
                .prepare(
                    "SELECT from_asset, to_asset, from_scan, to_scan FROM relation WHERE kind = ?1",
                )?
                .query_map([kind_number(RelationKind::Contains)], |row| {
                    Ok(Containment {
                        whole: row.get(0)?,
                        part: row.get(1)?,
                        from_scan: row.get(2)?,
                        to_scan: row.get(3)?,
                    })
                })?
                .collect()
        };
        read().map_err(|error| self.says(&error))
    }

    /// The changes that were seen at a time or later, by scans before this one: the newest `limit` of them.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn past_changes(
        &self,
        scan: i64,
        from: Timestamp,
        limit: u32,
    ) -> Result<Vec<PastChange>, StoreError> {
        let read = || -> rusqlite::Result<Vec<_>> {
            self.transaction
                .prepare(
                    "SELECT id, scan, asset, after, before, body, actor FROM change WHERE before >= ?1 AND scan < ?2 \
                     ORDER BY before DESC, id DESC LIMIT ?3",
                )?
                .query_map(params![micros(from), scan, limit], past_change)?
                .collect()
        };
        let rows = read().map_err(|error| self.says(&error))?;
        Ok(rows.into_iter().flatten().collect())
    }

    /// The newest changes of one asset, at most so many. None at all where one of them is damaged: it may be the one that counts.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn changes_of(&self, asset: &AssetId, limit: u32) -> Result<Vec<PastChange>, StoreError> {
        let read = || -> rusqlite::Result<Vec<_>> {
            self.transaction
                .prepare_cached(
                    "SELECT id, scan, asset, after, before, body, actor FROM change \
                     WHERE asset = (SELECT id FROM asset WHERE name = ?1) ORDER BY id DESC LIMIT ?2",
                )?
                .query_map(params![asset.as_str(), limit], past_change)?
                .collect()
        };
        let rows: Vec<Option<PastChange>> = read().map_err(|error| self.says(&error))?;
        Ok(rows.into_iter().collect::<Option<_>>().unwrap_or_default())
    }

    /// Changes that scans before one saw, by their numbers, as far as they are still there.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn past_changes_numbered(
        &self,
        scan: i64,
        numbers: impl Iterator<Item = i64>,
    ) -> Result<Vec<PastChange>, StoreError> {
        let mut found = Vec::new();
        for number in numbers {
            let read = || {
                self.transaction
                    .prepare_cached(
                        "SELECT id, scan, asset, after, before, body, actor FROM change WHERE id = ?1 AND scan < ?2",
                    )?
                    .query_row(params![number, scan], past_change)
                    .optional()
            };
            let one: Option<Option<PastChange>> = read().map_err(|error| self.says(&error))?;
            found.extend(one.flatten());
        }
        Ok(found)
    }

    /// The records that told who made a change that was seen at a time or later, by scans before one: source and id, with its evidence.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn telling_records(
        &self,
        scan: i64,
        from: Timestamp,
    ) -> Result<Vec<(Telling, Evidence)>, StoreError> {
        let read = || -> rusqlite::Result<Vec<_>> {
            self.transaction
                .prepare_cached(
                    "SELECT actor FROM change WHERE before >= ?1 AND scan < ?2 AND actor IS NOT NULL",
                )?
                .query_map(params![micros(from), scan], |row| {
                    Ok(attribution(row.get_ref(0)?))
                })?
                .collect()
        };
        let found = read().map_err(|error| self.says(&error))?;
        let records = found.into_iter().flatten();
        Ok(records
            .map(|found| ((found.record.source, found.record.action), found.evidence))
            .collect())
    }

    /// Writes who made a change of an earlier scan, by its number.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_attribution(&self, id: i64, found: &Attribution) -> Result<(), StoreError> {
        let actor = serde_json::to_string(found).ok().map(seal::seal);
        self.transaction
            .prepare_cached("UPDATE change SET actor = ?1 WHERE id = ?2")
            .and_then(|mut put| put.execute(params![actor, id]))
            .map(|_| ())
            .map_err(|error| self.says(&error))
    }

    pub(super) fn content(&self, what: String) -> StoreError {
        StoreError::Content {
            path: self.path.clone(),
            what,
        }
    }
}

/// Who made a change as it was stored. One that is damaged, or that a later Plimsoll wrote in words that this one does not know, is
/// unknown.
pub(super) fn attribution(stored: ValueRef<'_>) -> Option<Attribution> {
    seal::read(stored).ok()
}

/// The newest time that a request names: until then it may have to do with a change.
pub fn newest_time(request: &ChangeRequest) -> Timestamp {
    request.newest_time()
}

fn became(met: Option<i64>, scan: i64) -> Kept {
    match met {
        None => Kept::Known,
        Some(first) if first == scan => Kept::New,
        Some(_) => Kept::Altered,
    }
}
