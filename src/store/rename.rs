//! One asset under another id, or one scope under another name: what was made of a handle goes by what never changes from then on.

use std::collections::HashMap;

use plimsoll_model::{Asset, AssetId, Text};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::body::{Packer, Unpacker};
use super::{Commit, Store, StoreError, seal};

impl Commit<'_> {
    /// The newest version of an asset as one source saw it; none where it never did.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn last_seen(&self, source: &str, id: &AssetId) -> Result<Option<Asset>, StoreError> {
        let found = self
            .transaction
            .prepare_cached(
                "SELECT version.id FROM version JOIN scope ON scope.id = version.scope \
                 WHERE version.asset = (SELECT id FROM asset WHERE name = ?1) AND scope.source = ?2 ORDER BY version.id DESC LIMIT 1",
            )
            .and_then(|mut query| {
                query
                    .query_row(params![id.as_str(), source], |row| row.get::<_, i64>(0))
                    .optional()
            })
            .map_err(|error| self.says(&error))?;
        Ok(match found {
            Some(version) => self.bodies([version])?.pop(),
            None => None,
        })
    }

    /// Whether an asset was there when one source looked for it last.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn stands(&self, source: &str, id: &AssetId) -> Result<bool, StoreError> {
        self.transaction
            .prepare_cached(
                "SELECT 1 FROM version JOIN scope ON scope.id = version.scope \
                 WHERE version.asset = (SELECT id FROM asset WHERE name = ?1) AND scope.source = ?2 AND version.to_scan IS NULL LIMIT 1",
            )
            .and_then(|mut query| query.exists(params![id.as_str(), source]))
            .map_err(|error| self.says(&error))
    }

    /// The assets that were ever called so, by an id that is made of names.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn called(&self) -> Result<HashMap<Text, Vec<AssetId>>, StoreError> {
        called(&self.transaction).map_err(|error| self.says(&error))
    }

    /// Whether any source ever saw an asset of this id: a ticket may name one that nobody did.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn was_seen(&self, id: &AssetId) -> Result<bool, StoreError> {
        self.transaction
            .prepare_cached(
                "SELECT 1 FROM version WHERE asset = (SELECT id FROM asset WHERE name = ?1) LIMIT 1",
            )
            .and_then(|mut query| query.exists([id.as_str()]))
            .map_err(|error| self.says(&error))
    }

    /// Gives an asset another id, with its versions, changes, drifts, records and the threads of its notices. Not where the
    /// other id was seen already: two histories are not made one.
    ///
    /// # Errors
    /// When the file cannot be written, or a version of the asset cannot be read.
    pub fn rename_asset(&self, from: &AssetId, to: &AssetId) -> Result<(), StoreError> {
        let number = |id: &AssetId| {
            self.transaction
                .prepare_cached("SELECT id FROM asset WHERE name = ?1")
                .and_then(|mut query| query.query_row([id.as_str()], |row| row.get(0)).optional())
                .map_err(|error| self.says(&error))
        };
        if self.was_seen(to)? {
            return Ok(());
        }
        let Some(from_number) = number(from)? else {
            return Ok(());
        };
        if let Some(named) = number(to)? {
            self.take_over(named, from_number)
                .map_err(|error| self.says(&error))?;
        }
        let number: i64 = from_number;
        self.rename_bodies(number, to)?;
        self.rename_rows(number, from, to)
            .map_err(|error| self.says(&error))
    }

    /// Makes of an id that was only ever spoken of the asset that has it now.
    fn take_over(&self, named: i64, number: i64) -> rusqlite::Result<()> {
        for sql in [
            "UPDATE OR IGNORE request_asset SET asset = ?2 WHERE asset = ?1",
            "UPDATE action SET asset = ?2 WHERE asset = ?1",
            "UPDATE relation SET from_asset = ?2 WHERE from_asset = ?1",
            "UPDATE relation SET to_asset = ?2 WHERE to_asset = ?1",
        ] {
            self.transaction.execute(sql, [named, number])?;
        }
        for sql in [
            "DELETE FROM request_asset WHERE asset = ?1",
            "DELETE FROM asset WHERE id = ?1",
        ] {
            self.transaction.execute(sql, [named])?;
        }
        Ok(())
    }

    fn rename_rows(&self, number: i64, from: &AssetId, to: &AssetId) -> rusqlite::Result<()> {
        let run = |sql: &str| {
            let mut put = self.transaction.prepare_cached(sql)?;
            put.execute(params![number, to.as_str()]).map(|_| ())
        };
        run("UPDATE asset SET name = ?2 WHERE id = ?1")?;
        for table in ["change", "drift", "action"] {
            self.rename_records(table, number, to)?;
        }
        // A drift's notices go on in the thread that they have.
        for table in ["notice", "delivery", "thread"] {
            self.transaction
                .prepare_cached(&format!(
                    "UPDATE {table} SET subject = substr(subject, 1, length(subject) - length(?1)) || ?2 \
                     WHERE subject LIKE 'drift:%' AND substr(subject, -length(?1) - 1) = '@' || ?1"
                ))?
                .execute(params![from.as_str(), to.as_str()])?;
        }
        Ok(())
    }

    /// Puts another id into the records of an asset; what is damaged stays as it is, and is told where it is read.
    fn rename_records(&self, table: &str, number: i64, to: &AssetId) -> rusqlite::Result<()> {
        let rows: Vec<(i64, Option<String>)> = self
            .transaction
            .prepare_cached(&format!("SELECT id, body FROM {table} WHERE asset = ?1"))?
            .query_map([number], |row| {
                let json = seal::json(row.get_ref(1)?).ok();
                Ok((row.get(0)?, json.map(str::to_owned)))
            })?
            .collect::<rusqlite::Result<_>>()?;
        let mut set = self.transaction.prepare_cached(
            "SELECT CASE WHEN json_valid(?1) THEN json_set(?1, '$.asset', ?2) END",
        )?;
        let mut put = self
            .transaction
            .prepare_cached(&format!("UPDATE {table} SET body = ?2 WHERE id = ?1"))?;
        for (id, json) in rows {
            let Some(json) = json else { continue };
            let renamed: Option<String> =
                set.query_row(params![json, to.as_str()], |row| row.get(0))?;
            if let Some(renamed) = renamed {
                put.execute(params![id, seal::seal(renamed)])?;
            }
        }
        Ok(())
    }

    fn rename_bodies(&self, number: i64, to: &AssetId) -> Result<(), StoreError> {
        let read = || -> rusqlite::Result<Vec<(i64, i64, Vec<u8>)>> {
            self.transaction
                .prepare_cached("SELECT id, dictionary, body FROM version WHERE asset = ?1")?
                .query_map([number], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect()
        };
        let mut unpacker = Unpacker::new();
        for (version, dictionary, body) in read().map_err(|error| self.says(&error))? {
            let bytes: Vec<u8> = self
                .transaction
                .query_row(
                    "SELECT bytes FROM dictionary WHERE id = ?1",
                    [dictionary],
                    |row| row.get(0),
                )
                .map_err(|error| self.says(&error))?;
            let asset = unpacker
                .unpack::<Asset>(dictionary, &body, || Ok(bytes.clone()))
                .map_err(|error| self.says(&error))?;
            let wrong = |why: String| self.content(format!("version {version}: {why}"));
            // What is damaged is told where it is read, and stays as it is.
            let Ok(mut asset) = asset else {
                continue;
            };
            asset.id = to.clone();
            let packed = Packer::new(&bytes).and_then(|mut packer| packer.pack(&asset));
            let packed = packed.map_err(|error| wrong(error.to_string()))?;
            self.transaction
                .prepare_cached("UPDATE version SET body = ?2 WHERE id = ?1")
                .and_then(|mut put| put.execute(params![version, packed]))
                .map_err(|error| self.says(&error))?;
        }
        Ok(())
    }

    /// Gives a source's scope another name, where that is not known yet.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn rename_scope(&self, source: &str, from: &str, to: &str) -> Result<(), StoreError> {
        self.transaction
            .prepare_cached(
                "UPDATE scope SET name = ?3 WHERE source = ?1 AND name = ?2 \
                 AND NOT EXISTS (SELECT 1 FROM scope WHERE source = ?1 AND name = ?3)",
            )
            .and_then(|mut put| put.execute(params![source, from, to]))
            .map(|_| ())
            .map_err(|error| self.says(&error))
    }
}

impl Store {
    /// The assets that were ever called so, by an id that is made of names.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn called(&self) -> Result<HashMap<Text, Vec<AssetId>>, StoreError> {
        called(&self.connection).map_err(|error| self.says(&error))
    }

    /// The id that an asset goes by: of one that was never seen under the id given, that of the only one that was ever called so.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn goes_by(&self, id: AssetId) -> Result<AssetId, StoreError> {
        let seen = self.list(
            "SELECT 1 FROM version WHERE asset = (SELECT id FROM asset WHERE name = ?1) LIMIT 1",
            [id.as_str()],
            |_| Ok(()),
        )?;
        if !seen.is_empty() {
            return Ok(id);
        }
        let mut called = self.called()?;
        Ok(match called.remove(id.as_str()) {
            Some(mut all) if all.len() == 1 => all.pop().unwrap_or(id),
            _ => id,
        })
    }
}

fn called(connection: &Connection) -> rusqlite::Result<HashMap<Text, Vec<AssetId>>> {
    let mut query = connection.prepare_cached(
        "SELECT called.name, asset.name FROM called JOIN asset ON asset.id = called.asset ORDER BY called.name, asset.id",
    )?;
    let mut rows = query.query([])?;
    let mut called: HashMap<Text, Vec<AssetId>> = HashMap::new();
    while let Some(row) = rows.next()? {
        if let Ok(id) = AssetId::new(row.get_ref(1)?.as_str()?) {
            let name = row.get_ref(0)?.as_str()?.into();
            called.entry(name).or_default().push(id);
        }
    }
    Ok(called)
}
