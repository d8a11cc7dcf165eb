//! The inventory as of a scan, asset by asset, without holding it.

mod restore;

use std::collections::HashMap;
use std::io;

use plimsoll_model::{Alias, Asset, AssetId, Facts, RelationKind, Text};
use rusqlite::OptionalExtension as _;

use super::body::Unpacker;
use super::commit::kind_of;
use super::read::UNSEEN_AT;
use super::{Store, StoreError};
use crate::inventory::{Node, Part, destinations};

/// What stops a walk.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// The file cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the visitor gave.
    #[error(transparent)]
    Output(#[from] io::Error),
}

/// A version of an asset, and where it is.
struct Place {
    version: i64,
    asset: i64,
    source: usize,
    scope: i64,
    unseen: bool,
}

/// A walk over the inventory as of one scan.
pub struct Walk<'s> {
    store: &'s Store,
    sources: Vec<Text>,
    places: Vec<Place>,
    /// Each asset's id with the place of a version, in order.
    order: Vec<(AssetId, usize)>,
    last_scans: HashMap<i64, i64>,
    readings: HashMap<i64, HashMap<i64, Facts>>,
    relations: Vec<(AssetId, RelationKind, AssetId)>,
}

/// An asset's id and aliases, which is all that decides with what it is one.
#[derive(serde::Deserialize)]
struct Thin {
    id: AssetId,
    #[serde(default)]
    aliases: Vec<Alias>,
}

impl Store {
    /// Prepares a walk over the inventory as of a scan: the same assets and relations as [`Store::snapshot`] has, one
    /// at a time.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn walk(&self, scan: i64) -> Result<Walk<'_>, StoreError> {
        let scopes = self.scope_names()?;
        let mut sources: Vec<Text> = scopes.values().map(|(source, _)| source.clone()).collect();
        sources.sort_unstable();
        sources.dedup();
        let places: Vec<Place> = self
            .list(
                &format!(
                    "SELECT id, asset, scope, {UNSEEN_AT} FROM version WHERE from_scan <= ?1 AND (to_scan IS NULL OR to_scan > ?1)"
                ),
                [scan],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, bool>(3)?)),
            )?
            .into_iter()
            .filter_map(|(version, asset, scope, unseen)| {
                let (source, _) = scopes.get(&scope)?;
                let source = sources.binary_search(source).ok()?;
                Some(Place { version, asset, source, scope, unseen })
            })
            .collect();
        let ids = self.asset_names()?;
        let (order, moved) = self.order(&places, &ids, &sources)?;
        let last_scans = self
            .list(
                "SELECT scope, max(scan) FROM scope_read WHERE scan <= ?1 GROUP BY scope",
                [scan],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?
            .into_iter()
            .collect();
        let called = self.called()?;
        let there = |id: &AssetId| {
            let has = |id: &AssetId| order.binary_search_by(|(have, _)| have.cmp(id)).is_ok();
            let id = moved.get(id).unwrap_or(id);
            // A finding may speak of an asset by its names.
            let named = called.get(id.as_str()).into_iter().flatten();
            let mut ids = std::iter::once(id).chain(named);
            ids.find(|id| has(id)).cloned()
        };
        let mut relations: Vec<(AssetId, RelationKind, AssetId)> = self
            .list(
                "SELECT from_asset, kind, to_asset FROM relation WHERE from_scan <= ?1 AND (to_scan IS NULL OR to_scan > ?1)",
                [scan],
                |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)),
            )?
            .into_iter()
            .filter_map(|(from, kind, to)| Some((there(ids.get(&from)?)?, kind_of(kind)?, there(ids.get(&to)?)?)))
            .collect();
        relations.sort_unstable();
        relations.dedup();
        let readings = self.newest_readings(scan)?;
        Ok(Walk {
            store: self,
            sources,
            places,
            order,
            last_scans,
            readings,
            relations,
        })
    }

    /// The ids under which the versions are told, in order, and the ids that live on under another. With one source
    /// no body is read for it: nothing is merged.
    #[allow(clippy::type_complexity, reason = "two lists for one caller")]
    fn order(
        &self,
        places: &[Place],
        ids: &HashMap<i64, AssetId>,
        sources: &[Text],
    ) -> Result<(Vec<(AssetId, usize)>, HashMap<AssetId, AssetId>), StoreError> {
        let mut moved = HashMap::new();
        let mut order: Vec<(AssetId, usize)> = if sources.len() < 2 {
            let known = places.iter().enumerate();
            known
                .filter_map(|(at, place)| Some((ids.get(&place.asset)?.clone(), at)))
                .collect()
        } else {
            let mut unpacker = Unpacker::new();
            let mut parts = Vec::with_capacity(places.len());
            for (at, place) in places.iter().enumerate() {
                let Thin { id, aliases } = match self.body(&mut unpacker, place.version) {
                    Err(error @ StoreError::Content { .. }) => Thin {
                        id: ids.get(&place.asset).cloned().ok_or(error)?,
                        aliases: Vec::new(),
                    },
                    read => read?,
                };
                let mut asset = Asset::new(id, "", "");
                asset.aliases = aliases;
                parts.push(Part {
                    asset,
                    source: place.source,
                    first_scan: place.asset,
                    // Where a part is going does not depend on when it was read: its place in the list travels here.
                    last_scan: at as i64,
                });
            }
            parts.sort_by(|a, b| (&a.asset.id, a.source).cmp(&(&b.asset.id, b.source)));
            let (going, gone) = destinations(parts, sources);
            moved = gone;
            going
                .into_iter()
                .map(|(id, at)| (id, at as usize))
                .collect()
        };
        let source = |at: usize| places.get(at).map(|place| (place.source, place.version));
        order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| source(a.1).cmp(&source(b.1))));
        Ok((order, moved))
    }

    fn body<T: serde::de::DeserializeOwned>(
        &self,
        unpacker: &mut Unpacker,
        version: i64,
    ) -> Result<T, StoreError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT dictionary, body FROM version WHERE id = ?1")
            .map_err(|error| self.says(&error))?;
        let found = query
            .query_row([version], |row| {
                let dictionary = row.get(0)?;
                unpacker.unpack(dictionary, row.get_ref(1)?.as_blob()?, || {
                    self.connection.query_row(
                        "SELECT bytes FROM dictionary WHERE id = ?1",
                        [dictionary],
                        |row| row.get(0),
                    )
                })
            })
            .optional()
            .map_err(|error| self.says(&error))?;
        let found = found.unwrap_or_else(|| Err("it is not there any more".to_owned()));
        found.map_err(|why| self.content(format!("version {version}: {why}")))
    }
}

impl Walk<'_> {
    /// Visits every asset, in order of the ids. Another thread restores the next ones meanwhile.
    ///
    /// # Errors
    /// When the file cannot be read, and what the visitor gives.
    pub fn nodes(&self, visit: impl FnMut(&Node) -> io::Result<()>) -> Result<(), WalkError> {
        restore::nodes(self, visit)
    }

    /// The relations, in order of their starts, kinds and ends.
    pub fn relations(&self) -> &[(AssetId, RelationKind, AssetId)] {
        &self.relations
    }
}
