//! Copies what can still be read of a damaged inventory into a new file.
//!
//! The damaged file is only read, from a copy that lies beside the new one while this runs. SQLite reports a damaged page
//! when it meets it; the rows behind that page are found by asking for larger keys until one can be read again.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Statement, params_from_iter};

use super::backup::{BackupError, place};
use super::open::migrate_to;
use super::{Store, StoreError};

/// How many keys are tried one by one behind a damaged page before the steps grow: more than rows fit into a page.
const SINGLE_STEPS: i64 = 2_048;

/// What was copied of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveredTable {
    /// Its name.
    pub name: String,
    /// The rows in the new file.
    pub rows: u64,
    /// The places at which rows are missing, each of one row or more.
    pub gaps: u64,
    /// Rows that could be read and make no sense any more: of an asset or a scan that is lost, or twice there.
    pub dropped: u64,
}

/// What came of a recovery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The size of the new file, in bytes.
    pub bytes: u64,
    /// Each table, in the order of their names.
    pub tables: Vec<RecoveredTable>,
    /// The assets whose stored bodies are damaged, in words, if there are any.
    pub damaged_assets: Option<String>,
}

impl Recovery {
    /// Whether nothing was lost that was stored.
    pub fn is_complete(&self) -> bool {
        let complete = |table: &RecoveredTable| table.gaps == 0 && table.dropped == 0;
        self.damaged_assets.is_none() && self.tables.iter().all(complete)
    }
}

/// Copies every row that can be read from the inventory at `from` to a new file at `to` that its owner alone can read, and
/// checks that file. It comes under its name when it is complete.
///
/// # Errors
/// When `from` is another program's or a newer Plimsoll's, or so damaged that its tables cannot be found; when there is
/// something at `to` already, or it cannot be written.
pub fn recover(from: &Path, to: &Path) -> Result<Recovery, BackupError> {
    if !from.is_file() {
        return Err(StoreError::Missing(from.into()).into());
    }
    let mut tables = Vec::new();
    let mut damaged_assets = None;
    let bytes = place(to, |part| {
        let old = OldFile::open(from, part)?;
        let says = |error: rusqlite::Error| StoreError::of(to, Duration::ZERO, &error);
        let mut new = Connection::open(part).map_err(says)?;
        migrate_to(&mut new, old.version).map_err(says)?;
        tables = copy_tables(&old.connection, &mut new).map_err(says)?;
        let last: Option<i64> = new
            .query_row("SELECT max(id) FROM scan", [], |row| row.get(0))
            .map_err(says)?;
        if last.is_none() {
            return Err(BackupError::Lost {
                path: from.into(),
                why: "no scan in it can be read".to_owned(),
            });
        }
        if tables.iter().any(|table| table.gaps > 0) {
            drop_orphans(&mut new, &mut tables).map_err(says)?;
        }
        new.close().map_err(|(_, error)| says(error))?;
        let store = Store::open(part, Duration::ZERO)?;
        store.verify_pages()?;
        damaged_assets = match store.verify_bodies() {
            Ok(()) => None,
            Err(StoreError::Damaged { assets, .. }) => Some(assets),
            Err(error) => return Err(error.into()),
        };
        // Its companions go when it is closed.
        let closed = store.connection.close();
        Ok(closed.map_err(|(_, error)| says(error))?)
    })?;
    Ok(Recovery {
        bytes,
        tables,
        damaged_assets,
    })
}

/// A copy of the damaged file with what its last scans had not written into it yet.
struct OldFile {
    connection: Connection,
    version: i64,
    /// Removed with this.
    _folder: tempfile::TempDir,
}

impl OldFile {
    fn open(from: &Path, beside: &Path) -> Result<Self, BackupError> {
        // Without the list of its tables none of them is found.
        let lost = |error: StoreError| match error {
            StoreError::Corrupt { why, .. } => BackupError::Lost {
                path: from.into(),
                why,
            },
            error => error.into(),
        };
        let open_error = |error: std::io::Error| StoreError::Open {
            path: from.into(),
            why: error.to_string(),
        };
        let near = beside.parent().unwrap_or(Path::new("."));
        let folder = tempfile::Builder::new()
            .prefix(".plimsoll-recover-")
            .tempdir_in(near)
            .map_err(open_error)?;
        let copy = folder.path().join("damaged.db");
        for end in ["", "-wal"] {
            let with = |path: &Path| {
                let mut name = path.as_os_str().to_owned();
                name.push(end);
                name
            };
            match std::fs::copy(with(from), with(&copy)) {
                Err(error) if end == "-wal" && error.kind() == std::io::ErrorKind::NotFound => {}
                result => drop(result.map_err(open_error)?),
            }
        }
        let store = Store::connect(&copy, OpenFlags::SQLITE_OPEN_READ_WRITE, Duration::ZERO)
            .map_err(lost)?;
        let store = Store {
            path: from.into(),
            ..store
        };
        let version = store.check().map_err(lost)?;
        if version == 0 {
            return Err(StoreError::Missing(from.into()).into());
        }
        store
            .connection
            .execute_batch("PRAGMA cell_size_check = ON; PRAGMA query_only = ON;")
            .map_err(|error| store.says(&error))?;
        Ok(Self {
            connection: store.connection,
            version,
            _folder: folder,
        })
    }
}

/// One table as both files have it.
struct Table {
    name: String,
    columns: Vec<String>,
    /// Its key, in order.
    key: Vec<String>,
    has_rowid: bool,
}

fn copy_tables(old: &Connection, new: &mut Connection) -> rusqlite::Result<Vec<RecoveredTable>> {
    let tables = tables_of(new)?;
    let transaction = new.transaction()?;
    let mut recovered = Vec::new();
    for table in tables {
        let columns = table.columns.join(", ");
        let marks = vec!["?"; table.columns.len()].join(", ");
        let insert = format!(
            "INSERT OR IGNORE INTO {} ({columns}) VALUES ({marks})",
            table.name
        );
        let mut copier = TableCopier {
            old,
            table: &table,
            insert: transaction.prepare(&insert)?,
            rows: 0,
            gaps: 0,
            dropped: 0,
        };
        match table.has_rowid {
            true => copier.copy_by_number()?,
            false => copier.copy_from_both_ends()?,
        }
        let (rows, gaps, dropped) = (copier.rows, copier.gaps, copier.dropped);
        recovered.push(RecoveredTable {
            name: table.name.clone(),
            rows,
            gaps,
            dropped,
        });
    }
    transaction.commit()?;
    Ok(recovered)
}

fn tables_of(new: &Connection) -> rusqlite::Result<Vec<Table>> {
    let mut names =
        new.prepare("SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")?;
    let mut of = new.prepare("SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid")?;
    let names = names.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?))
    })?;
    let mut tables = Vec::new();
    for name in names {
        let (name, without_rowid) = name?;
        let columns = of.query_map([&name], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
        })?;
        let columns: Vec<(String, i64)> = columns.collect::<rusqlite::Result<_>>()?;
        let mut key: Vec<&(String, i64)> = columns.iter().filter(|(_, at)| *at > 0).collect();
        key.sort_by_key(|(_, at)| *at);
        let key = key.into_iter().map(|(name, _)| name.clone()).collect();
        tables.push(Table {
            name,
            key,
            columns: columns.into_iter().map(|(name, _)| name).collect(),
            has_rowid: !without_rowid,
        });
    }
    Ok(tables)
}

struct TableCopier<'a> {
    old: &'a Connection,
    table: &'a Table,
    insert: Statement<'a>,
    rows: u64,
    gaps: u64,
    dropped: u64,
}

impl TableCopier<'_> {
    /// From the lowest number up, over what cannot be read.
    fn copy_by_number(&mut self) -> rusqlite::Result<()> {
        let sql = format!(
            "SELECT rowid, {} FROM {} NOT INDEXED WHERE rowid >= ?1 ORDER BY rowid",
            self.table.columns.join(", "),
            self.table.name
        );
        let mut low = 0;
        loop {
            let (last, ended) = self.copy_rows(&sql, &[low], 1)?;
            if ended {
                return Ok(());
            }
            self.gaps += 1;
            let Some(next) = last.unwrap_or(low).checked_add(1) else {
                return Ok(());
            };
            match self.next_readable(next.max(low)) {
                Some(readable) if readable > low || last.is_none() => low = readable,
                _ => return Ok(()),
            }
        }
    }

    /// From the first key up and from the last one down: one damaged place lies between.
    fn copy_from_both_ends(&mut self) -> rusqlite::Result<()> {
        let sql = |direction: &str| {
            let order: Vec<String> = self
                .table
                .key
                .iter()
                .map(|key| format!("{key} {direction}"))
                .collect();
            format!(
                "SELECT {} FROM {} NOT INDEXED ORDER BY {}",
                self.table.columns.join(", "),
                self.table.name,
                order.join(", ")
            )
        };
        let (up, down) = (sql("ASC"), sql("DESC"));
        let (_, ended) = self.copy_rows(&up, &[], 0)?;
        if !ended {
            self.gaps += 1;
            self.copy_rows(&down, &[], 0)?;
        }
        Ok(())
    }

    /// Copies rows until their end or the first that cannot be read. Gives the number of the last one, which stands first
    /// where `skip` is 1, and whether the end was reached.
    fn copy_rows(
        &mut self,
        sql: &str,
        parameters: &[i64],
        skip: usize,
    ) -> rusqlite::Result<(Option<i64>, bool)> {
        let mut last = None;
        let Ok(mut select) = self.old.prepare(sql) else {
            return Ok((last, false));
        };
        let count = self.table.columns.len();
        let Ok(mut rows) = select.query(params_from_iter(parameters)) else {
            return Ok((last, false));
        };
        loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => return Ok((last, true)),
                Err(_) => return Ok((last, false)),
            };
            if skip == 1 {
                last = Some(row.get(0)?);
            }
            let values: Vec<_> = (skip..count + skip)
                .map(|at| row.get_ref(at))
                .collect::<rusqlite::Result<_>>()?;
            let values = values
                .into_iter()
                .map(rusqlite::types::ToSqlOutput::Borrowed);
            match self.insert.execute(params_from_iter(values))? {
                0 if self.table.has_rowid => self.dropped += 1,
                // Met from the other end already.
                0 => {}
                _ => self.rows += 1,
            }
        }
    }

    /// The lowest number from `from` on that lies behind a damaged page; none where nothing behind it can be read.
    fn next_readable(&self, from: i64) -> Option<i64> {
        let sql = format!(
            "SELECT rowid FROM {} NOT INDEXED WHERE rowid >= ?1 ORDER BY rowid LIMIT 1",
            self.table.name
        );
        let probe = |low: i64| -> Result<Option<i64>, rusqlite::Error> {
            let mut select = self.old.prepare_cached(&sql)?;
            let mut rows = select.query([low])?;
            rows.next()?.map(|row| row.get(0)).transpose()
        };
        let mut low = from;
        let mut step = 1;
        let mut damaged = from;
        loop {
            match probe(low) {
                Ok(None) => return None,
                Ok(Some(_)) => break,
                Err(_) => damaged = low,
            }
            if low - from >= SINGLE_STEPS {
                step *= 2;
            }
            low = low.checked_add(step)?;
        }
        // What lies between the last step that failed and this one.
        while low - damaged > 1 {
            let middle = damaged + (low - damaged) / 2;
            match probe(middle) {
                Ok(_) => low = middle,
                Err(_) => damaged = middle,
            }
        }
        Some(low)
    }
}

/// Removes rows that name an asset, a scope, a change or a scan that is lost. Numbers are given again after the highest one
/// that is there, so what came after the last scan that is known would be another scan's.
fn drop_orphans(new: &mut Connection, tables: &mut [RecoveredTable]) -> rusqlite::Result<()> {
    const OWNERS: &[(&str, &str, &str)] = &[
        ("version", "asset", "asset"),
        ("version", "scope", "scope"),
        ("relation", "scope", "scope"),
        ("relation", "from_asset", "asset"),
        ("relation", "to_asset", "asset"),
        ("reading", "scope", "scope"),
        ("scope_read", "scope", "scope"),
        ("change", "asset", "asset"),
        ("drift", "asset", "asset"),
        ("action", "asset", "asset"),
        ("verdict", "change", "change"),
        ("request_asset", "asset", "asset"),
        ("request_asset", "request", "request"),
        ("called", "asset", "asset"),
        ("role", "asset", "asset"),
        ("unseen", "version", "version"),
    ];
    const OF_SCAN: &[(&str, &str)] = &[
        ("version", "from_scan"),
        ("relation", "from_scan"),
        ("drift", "from_scan"),
        ("scope_read", "scan"),
        ("change", "scan"),
        ("access", "scan"),
        ("action", "scan"),
        ("request", "scan"),
        ("verdict", "scan"),
        ("retired", "scan"),
    ];
    const ENDS: &[(&str, &str)] = &[
        ("version", "to_scan"),
        ("version", "unseen_since"),
        ("relation", "to_scan"),
        ("drift", "to_scan"),
    ];
    let transaction = new.transaction()?;
    let mut drop_rows = |table: &str, condition: &str| -> rusqlite::Result<()> {
        let Some(recovered) = tables.iter_mut().find(|one| one.name == table) else {
            return Ok(());
        };
        let sql = format!("DELETE FROM {table} WHERE {condition}");
        let gone = transaction.execute(&sql, [])? as u64;
        recovered.dropped += gone;
        recovered.rows = recovered.rows.saturating_sub(gone);
        Ok(())
    };
    const LAST: &str = "(SELECT max(id) FROM scan)";
    for (table, column) in OF_SCAN {
        drop_rows(table, &format!("{column} > {LAST}"))?;
    }
    for (table, column, owner) in OWNERS {
        drop_rows(table, &format!("{column} NOT IN (SELECT id FROM {owner})"))?;
    }
    for (table, column) in ENDS {
        let sql = format!("UPDATE {table} SET {column} = NULL WHERE {column} > {LAST}");
        transaction.execute(&sql, [])?;
    }
    // What was packed by a dictionary that is lost cannot be unpacked: it is known to be there, and stored again when it is seen.
    transaction.execute(
        "INSERT INTO dictionary (id, bytes) SELECT DISTINCT dictionary, x'' FROM version
         WHERE dictionary NOT IN (SELECT id FROM dictionary)",
        [],
    )?;
    // As under other settings, records are read again from the beginning: what was lost of them comes back where the platform
    // still has it.
    let records = |table: &&RecoveredTable| ["action", "request"].contains(&table.name.as_str());
    let lost = |table: &RecoveredTable| table.gaps > 0 || table.dropped > 0;
    if tables.iter().filter(records).any(lost)
        && tables.iter().any(|table| table.name == "settings")
    {
        transaction.execute("UPDATE settings SET mark = zeroblob(32)", [])?;
    }
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::os::unix::fs::FileExt as _;
    use std::path::PathBuf;

    use super::*;

    const PAGE: u64 = 4096;
    const WAIT: Duration = Duration::from_secs(5);

    /// An inventory of one scan with so many assets and records, the last rows of which are in its `-wal` alone.
    struct Sample {
        folder: tempfile::TempDir,
        writer: Option<Store>,
    }

    impl Sample {
        fn new(version: usize, assets: i64) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("plimsoll.db");
            let mut raw = Connection::open(&path).unwrap();
            raw.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))
                .unwrap();
            migrate_to(&mut raw, version as i64).unwrap();
            raw.execute_batch(&format!(
                "INSERT INTO scan (id, started, finished, tally, ignored) VALUES (1, 0, 1, '{{}}', '[]');
                 INSERT INTO scope (id, source, name) VALUES (1, 'docker', 'engine');
                 INSERT INTO dictionary (id, bytes) VALUES (1, x'00');
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {assets})
                 INSERT INTO asset (id, name) SELECT i, 'host:' || i || hex(randomblob(40)) FROM n;
                 INSERT INTO action (source, record, asset, at, scan, body)
                 SELECT 'docker', name, id, id, 1, '\"' || hex(randomblob(90)) || '\"' FROM asset;
                 INSERT INTO request_asset (asset, request) SELECT id, 1 FROM asset;
                 INSERT INTO request (id, source, record, at, scan, body) VALUES (1, 'jira', 'OPS-1', 1, 1, '{{}}');"
            ))
            .unwrap();
            drop(raw);
            Self {
                folder,
                writer: None,
            }
        }

        fn path(&self) -> PathBuf {
            self.folder.path().join("plimsoll.db")
        }

        fn recover(&self, name: &str) -> Result<Recovery, BackupError> {
            recover(&self.path(), &self.folder.path().join(name))
        }

        fn rows(&self, name: &str) -> BTreeSet<String> {
            rows(&self.folder.path().join(name))
        }
    }

    /// Every row of the tables that a sample fills.
    fn rows(path: &Path) -> BTreeSet<String> {
        let file = Connection::open(path).unwrap();
        let mut all = BTreeSet::new();
        for sql in [
            "SELECT 'asset ' || id || name FROM asset",
            "SELECT 'action ' || id || record || body FROM action",
            "SELECT 'names ' || asset || ' ' || request FROM request_asset",
            "SELECT 'scan ' || id || tally FROM scan",
        ] {
            let mut select = file.prepare(sql).unwrap();
            let found = select.query_map([], |row| row.get::<_, String>(0));
            all.extend(found.unwrap().map(Result::unwrap));
        }
        all
    }

    #[test]
    fn undamaged_file_is_copied_whole_with_what_is_in_its_wal() {
        let mut sample = Sample::new(super::super::open::NEWEST, 50);
        let writer = Store::open(&sample.path(), WAIT).unwrap();
        writer
            .connection
            .execute_batch("INSERT INTO asset (id, name) VALUES (51, 'host:late')")
            .unwrap();
        sample.writer = Some(writer);
        assert!(sample.folder.path().join("plimsoll.db-wal").exists());
        let recovery = sample.recover("new.db").unwrap();
        assert!(recovery.is_complete(), "{recovery:?}");
        assert_eq!(sample.rows("new.db"), sample.rows("plimsoll.db"));
        assert!(sample.rows("new.db").contains("asset 51host:late"));
        let mut left: Vec<_> = std::fs::read_dir(sample.folder.path())
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.starts_with("plimsoll.db"))
            .collect();
        left.sort();
        assert_eq!(left, ["new.db"]);
    }

    #[test]
    fn file_of_an_earlier_version_is_recovered_to_this_one() {
        for version in 3..=super::super::open::NEWEST {
            let sample = Sample::new(version, 20);
            assert!(sample.recover("new.db").unwrap().is_complete());
            let new = Store::open_existing(&sample.folder.path().join("new.db"), WAIT).unwrap();
            new.verify().unwrap();
            drop(new);
            assert_eq!(sample.rows("new.db"), sample.rows("plimsoll.db"));
        }
    }

    #[test]
    fn any_damaged_page_costs_no_more_than_its_rows() {
        let sample = Sample::new(super::super::open::NEWEST, 150);
        let before = sample.rows("plimsoll.db");
        let file = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open(sample.path())
            .unwrap();
        let pages = file.metadata().unwrap().len() / PAGE;
        assert!(pages > 30, "{pages}");
        let (mut damaged, mut around) = (0, 0);
        for page in 1..pages {
            let mut kept = vec![0; PAGE as usize];
            file.read_exact_at(&mut kept, page * PAGE).unwrap();
            file.write_all_at(&vec![0x5a; PAGE as usize], page * PAGE)
                .unwrap();
            let bytes = std::fs::read(sample.path()).unwrap();
            let name = format!("{page}.db");
            match sample.recover(&name) {
                Ok(recovery) => {
                    let after = sample.rows(&name);
                    assert!(after.is_subset(&before), "page {page}");
                    assert!(!recovery.is_complete() || after == before, "page {page}");
                    damaged += usize::from(!recovery.is_complete());
                    let has = |id: i64| {
                        after
                            .iter()
                            .any(|row| row.starts_with(&format!("asset {id}host")))
                    };
                    around += usize::from(has(1) && has(150) && (1..150).any(|id| !has(id)));
                    Store::open_existing(&sample.folder.path().join(&name), WAIT)
                        .unwrap()
                        .verify()
                        .unwrap();
                }
                Err(error) => assert!(
                    matches!(&error, BackupError::Lost { .. }),
                    "page {page}: {error}"
                ),
            }
            assert_eq!(
                std::fs::read(sample.path()).unwrap(),
                bytes,
                "it was written to"
            );
            file.write_all_at(&kept, page * PAGE).unwrap();
        }
        assert!(damaged > 10 && around >= 2, "{damaged} {around} of {pages}");
    }

    #[test]
    fn what_is_not_ours_or_there_already_is_refused() {
        let sample = Sample::new(super::super::open::NEWEST, 5);
        std::fs::write(sample.folder.path().join("there.db"), "kept").unwrap();
        let refused = sample.recover("there.db").unwrap_err();
        assert!(matches!(refused, BackupError::Exists(_)), "{refused}");
        let foreign = Connection::open(sample.path()).unwrap();
        foreign.pragma_update(None, "application_id", 7).unwrap();
        drop(foreign);
        let refused = sample.recover("new.db").unwrap_err();
        assert!(
            matches!(refused, BackupError::Store(StoreError::Foreign(_))),
            "{refused}"
        );
        assert!(!sample.folder.path().join("new.db").exists());
    }
}
