//! When sources were read last: what a daemon that starts needs to know.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plimsoll_model::Text;
use rusqlite::{OptionalExtension as _, params};

use super::{Store, StoreError, time};

/// Further back than this no complete read is looked for: the source is long stale by then.
const SCANS_BACK: i64 = 5_000;

/// When a source was read last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceReads {
    /// When it was tried last.
    pub tried: Option<Timestamp>,
    /// When it was last read with every one of its scopes complete.
    pub complete: Option<Timestamp>,
}

impl Store {
    /// When a source was read last.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn source_reads(&self, source: &str) -> Result<SourceReads, StoreError> {
        let ask = |sql: &str| {
            self.connection
                .query_row(sql, params![source, SCANS_BACK], |row| {
                    row.get::<_, Option<i64>>(0)
                })
                .optional()
                .map(|at| at.flatten().map(time))
                .map_err(|error| self.says(&error))
        };
        Ok(SourceReads {
            tried: ask(
                "SELECT max(at) FROM scope_read WHERE ?2 AND scope IN (SELECT id FROM scope WHERE source = ?1) \
                 AND scan = (SELECT max(scan) FROM scope_read WHERE scope IN (SELECT id FROM scope WHERE source = ?1))",
            )?,
            complete: ask(
                "SELECT min(at) FROM scope_read WHERE scope IN (SELECT id FROM scope WHERE source = ?1) \
                 AND scan > (SELECT max(id) FROM scan) - ?2 GROUP BY scan HAVING min(complete) ORDER BY scan DESC LIMIT 1",
            )?,
        })
    }

    /// When every scope was last read completely, by source and scope.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn scope_reads(&self) -> Result<BTreeMap<(Text, Text), Timestamp>, StoreError> {
        let rows = self.list(
            "SELECT source, name, (SELECT at FROM scope_read WHERE scope = scope.id AND complete ORDER BY scan DESC LIMIT 1) FROM scope",
            [],
            |row| {
                let text = |at: usize| Ok::<_, rusqlite::Error>(Text::from(row.get_ref(at)?.as_str()?));
                Ok(((text(0)?, text(1)?), row.get::<_, Option<i64>>(2)?.map(time)))
            },
        )?;
        Ok(rows
            .into_iter()
            .filter_map(|(scope, at)| Some((scope, at?)))
            .collect())
    }
}
