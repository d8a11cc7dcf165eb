//! The inventory as tables: assets, what is known of them and how, and their relations, one after another, so that the
//! whole need not be held.

mod cell;
mod csv;
mod json;
mod jsonl;
mod xlsx;

use std::io::{self, Write};

use jiff::Timestamp;
use plimsoll_model::{AssetId, RelationKind};

use crate::inventory::{Coverage, Node};

pub use csv::COLUMNS;

/// The schema of the JSON forms and its version.
pub const SCHEMA: &str = "plimsoll/export/v1";

/// Which scan is written.
#[derive(Clone, Debug)]
pub struct Head<'a> {
    /// Its number.
    pub scan: i64,
    /// When it started.
    pub started: Timestamp,
    /// When it was finished.
    pub finished: Timestamp,
    /// How the scopes were read.
    pub coverage: &'a [Coverage],
}

impl Head<'_> {
    /// Whether every scope was read completely.
    pub fn complete(&self) -> bool {
        self.coverage.iter().all(|row| row.complete)
    }
}

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One table of all, for a spreadsheet.
    Csv,
    /// One object.
    Json,
    /// One object a line.
    Jsonl,
    /// A workbook.
    Xlsx,
}

/// Which records are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Records {
    /// All of them.
    #[default]
    All,
    /// The assets alone.
    Assets,
    /// What is known of assets: labels, facts and readings.
    Facts,
    /// The relations alone.
    Relations,
}

impl Records {
    fn assets(self) -> bool {
        matches!(self, Records::All | Records::Assets)
    }

    fn facts(self) -> bool {
        matches!(self, Records::All | Records::Facts)
    }

    fn relations(self) -> bool {
        matches!(self, Records::All | Records::Relations)
    }
}

/// A table that is being written: assets in order of their ids, then relations, then the end.
pub trait Table {
    /// Writes an asset and what is known of it.
    ///
    /// # Errors
    /// What the output gives.
    fn asset(&mut self, node: &Node) -> io::Result<()>;

    /// Writes a relation.
    ///
    /// # Errors
    /// What the output gives.
    fn relation(&mut self, from: &AssetId, kind: RelationKind, to: &AssetId) -> io::Result<()>;

    /// Writes what comes last.
    ///
    /// # Errors
    /// What the output gives.
    fn finish(&mut self) -> io::Result<()>;
}

/// Begins a table.
///
/// # Errors
/// What the output gives.
pub fn begin<'o>(
    format: Format,
    records: Records,
    head: &Head<'_>,
    out: &'o mut dyn Write,
) -> io::Result<Box<dyn Table + 'o>> {
    Ok(match format {
        Format::Csv => Box::new(csv::Csv::begin(records, out)?),
        Format::Json => Box::new(json::Json::begin(records, head, out)?),
        Format::Jsonl => Box::new(jsonl::Jsonl::begin(records, head, out)?),
        Format::Xlsx => Box::new(xlsx::Xlsx::begin(records, head, out)?),
    })
}
