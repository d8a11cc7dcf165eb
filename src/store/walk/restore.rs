//! Restoring the bodies of a walk on a thread of its own, a batch ahead of the one that is visited.

use std::collections::HashMap;
use std::io;
use std::sync::mpsc::sync_channel;

use plimsoll_model::{Asset, AssetId, Facts, Text};
use rusqlite::OptionalExtension as _;

use super::super::StoreError;
use super::super::body::Unpacker;
use super::super::damage::placeholder;
use super::{Place, Walk, WalkError};
use crate::inventory::{Node, Part, UNSEEN, lose_sight, nodes as merged};

/// How many versions are read at once: enough that handing them over costs nothing, few enough to be held twice.
const BATCH: usize = 512;
/// How many batches are under way.
const AHEAD: usize = 2;

/// The packed bodies of a run of versions.
struct Batch<'w> {
    /// Their ids and places, whole assets only.
    run: &'w [(AssetId, usize)],
    /// One after another.
    bytes: Vec<u8>,
    /// Of each its dictionary and where it ends.
    bodies: Vec<(i64, usize)>,
    /// Dictionaries that no batch before had.
    dictionaries: Vec<(i64, Vec<u8>)>,
}

pub(super) fn nodes(
    walk: &Walk<'_>,
    mut visit: impl FnMut(&Node) -> io::Result<()>,
) -> Result<(), WalkError> {
    let mut restorer = Restorer::of(walk);
    let mut reader = Reader {
        walk,
        rest: &walk.order,
        known: Vec::new(),
    };
    std::thread::scope(|scope| {
        // Both ends go when this is left, however it is left: the thread then ends by itself.
        let (to_restorer, batches) = sync_channel::<Batch<'_>>(AHEAD);
        let (to_visitor, restored) = sync_channel(AHEAD);
        scope.spawn(move || {
            for batch in batches {
                if to_visitor.send(restorer.restore(&batch)).is_err() {
                    break;
                }
            }
        });
        let mut ahead = 0;
        loop {
            while ahead < AHEAD
                && let Some(batch) = reader.next()?
            {
                if to_restorer.send(batch).is_err() {
                    break;
                }
                ahead += 1;
            }
            if ahead == 0 {
                return Ok(());
            }
            let Ok(restored) = restored.recv() else {
                return Ok(());
            };
            ahead -= 1;
            for node in restored.map_err(|why| walk.store.content(why))? {
                visit(&node)?;
            }
        }
    })
}

/// Reads batches out of the file.
struct Reader<'w, 's> {
    walk: &'w Walk<'s>,
    rest: &'w [(AssetId, usize)],
    known: Vec<i64>,
}

impl<'w> Reader<'w, '_> {
    /// The next batch; none when all have been read.
    fn next(&mut self) -> Result<Option<Batch<'w>>, StoreError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let mut length = self.rest.len().min(BATCH);
        // The versions of one asset stay together.
        while self
            .rest
            .get(length)
            .is_some_and(|next| next.0 == self.rest[length - 1].0)
        {
            length += 1;
        }
        let (run, rest) = self.rest.split_at(length);
        self.rest = rest;
        let mut batch = Batch {
            run,
            bytes: Vec::new(),
            bodies: Vec::with_capacity(length),
            dictionaries: Vec::new(),
        };
        for (_, at) in run {
            self.body(*at, &mut batch)?;
        }
        Ok(Some(batch))
    }

    fn body(&mut self, at: usize, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let store = self.walk.store;
        let version = self.walk.places.get(at).map_or(0, |place| place.version);
        let mut read = || {
            store
                .connection
                .prepare_cached("SELECT dictionary, body FROM version WHERE id = ?1")?
                .query_row([version], |row| {
                    batch.bytes.extend_from_slice(row.get_ref(1)?.as_blob()?);
                    row.get::<_, i64>(0)
                })
                .optional()
        };
        let Some(dictionary) = read().map_err(|error| store.says(&error))? else {
            return Err(store.content(format!("version {version}: it is not there any more")));
        };
        batch.bodies.push((dictionary, batch.bytes.len()));
        if !self.known.contains(&dictionary) {
            self.known.push(dictionary);
            let bytes = store
                .connection
                .query_row(
                    "SELECT bytes FROM dictionary WHERE id = ?1",
                    [dictionary],
                    |row| row.get(0),
                )
                .map_err(|error| store.says(&error))?;
            batch.dictionaries.push((dictionary, bytes));
        }
        Ok(())
    }
}

/// Makes assets of packed bodies. It has what it needs of a walk, without the file.
struct Restorer<'w> {
    places: &'w [Place],
    readings: &'w HashMap<i64, HashMap<i64, Facts>>,
    last_scans: &'w HashMap<i64, i64>,
    sources: &'w [Text],
    dictionaries: HashMap<i64, Vec<u8>>,
    unpacker: Unpacker,
}

impl<'w> Restorer<'w> {
    fn of(walk: &'w Walk<'_>) -> Self {
        Self {
            places: &walk.places,
            readings: &walk.readings,
            last_scans: &walk.last_scans,
            sources: &walk.sources,
            dictionaries: HashMap::new(),
            unpacker: Unpacker::new(),
        }
    }

    fn restore(&mut self, batch: &Batch<'_>) -> Result<Vec<Node>, String> {
        self.dictionaries.extend(batch.dictionaries.iter().cloned());
        let mut bodies = batch.bodies.iter();
        let mut start = 0;
        let mut all = Vec::with_capacity(batch.run.len());
        for group in batch.run.chunk_by(|a, b| a.0 == b.0) {
            let mut parts = Vec::with_capacity(group.len());
            for (id, at) in group {
                let (Some(place), Some(&(dictionary, end))) = (self.places.get(*at), bodies.next())
                else {
                    continue;
                };
                let packed = batch.bytes.get(start..end).unwrap_or_default();
                start = end;
                parts.push(self.part(place, id, dictionary, packed));
            }
            for mut node in merged(parts, self.sources) {
                // Of two things under one id the later source's goes by another, which only the whole shows.
                if let [(id, _)] = group {
                    node.asset.id.clone_from(id);
                }
                all.push(node);
            }
        }
        Ok(all)
    }

    fn part(&mut self, place: &Place, id: &AssetId, dictionary: i64, packed: &[u8]) -> Part {
        let dictionaries = &self.dictionaries;
        let load = || Ok(dictionaries.get(&dictionary).cloned().unwrap_or_default());
        let read = self.unpacker.unpack::<Asset>(dictionary, packed, load);
        let read = read.ok().and_then(Result::ok);
        let mut asset = read.unwrap_or_else(|| placeholder(id.clone()));
        if place.unseen {
            lose_sight(&mut asset, UNSEEN);
        }
        let readings = self.readings.get(&place.scope);
        if let Some(readings) = readings.and_then(|of| of.get(&place.asset))
            && asset.partial.is_none()
        {
            asset.readings = readings.clone();
        }
        Part {
            asset,
            source: place.source,
            first_scan: place.asset,
            last_scan: self
                .last_scans
                .get(&place.scope)
                .copied()
                .unwrap_or_default(),
        }
    }
}
