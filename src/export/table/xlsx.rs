//! A workbook: the scan, the assets, what is known of them, and the relations, a sheet each.
//!
//! Rows go to the library's temporary files as they come, so that a large inventory is not held in memory.

use std::io::{self, Write};

use plimsoll_model::{AssetId, Claim, RelationKind, Value};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::cell::show;
use super::{Head, Records, Table};
use crate::inert::short;
use crate::inventory::Node;

/// A sheet holds no more rows; what comes after goes on in another.
const ROWS: u32 = 1_048_576;
/// Whole numbers beyond this would lose their last digits in a spreadsheet.
const EXACT: i64 = 1 << 53;

const ASSETS: &[(&str, f64)] = &[
    ("asset", 48.0),
    ("kind", 16.0),
    ("name", 28.0),
    ("sources", 18.0),
    ("scope", 18.0),
    ("aliases", 30.0),
    ("only partly read", 30.0),
];
const FACTS: &[(&str, f64)] = &[
    ("asset", 48.0),
    ("kind", 16.0),
    ("name", 28.0),
    ("record", 10.0),
    ("what", 26.0),
    ("value", 48.0),
    ("how", 11.0),
    ("basis", 48.0),
    ("last known", 24.0),
];
const RELATIONS: &[(&str, f64)] = &[("from", 48.0), ("relation", 14.0), ("to", 48.0)];

/// A sheet and how many rows it has; where it is full, another takes its place.
struct Sheet {
    name: &'static str,
    columns: &'static [(&'static str, f64)],
    /// Its place in the workbook.
    at: usize,
    row: u32,
    /// How many sheets of this name there are.
    many: u32,
}

pub(super) struct Xlsx<'o> {
    out: &'o mut dyn Write,
    book: Workbook,
    sheets: usize,
    assets: Option<Sheet>,
    facts: Option<Sheet>,
    relations: Option<Sheet>,
}

impl<'o> Xlsx<'o> {
    pub(super) fn begin(
        records: Records,
        head: &Head<'_>,
        out: &'o mut dyn Write,
    ) -> io::Result<Self> {
        let mut book = Workbook::new();
        let created = ExcelDateTime::from_timestamp(head.finished.as_second()).map_err(fault)?;
        let properties = DocProperties::new()
            .set_title("Plimsoll inventory")
            .set_creation_datetime(&created);
        book.set_properties(&properties);
        let mut xlsx = Self {
            out,
            book,
            sheets: 0,
            assets: None,
            facts: None,
            relations: None,
        };
        xlsx.scan(head).map_err(fault)?;
        if records.assets() {
            xlsx.assets = Some(xlsx.sheet("Assets", ASSETS, 1).map_err(fault)?);
        }
        if records.facts() {
            xlsx.facts = Some(xlsx.sheet("Facts", FACTS, 1).map_err(fault)?);
        }
        if records.relations() {
            xlsx.relations = Some(xlsx.sheet("Relations", RELATIONS, 1).map_err(fault)?);
        }
        Ok(xlsx)
    }

    /// The first sheet: which scan, and how completely each scope was read.
    fn scan(&mut self, head: &Head<'_>) -> Result<(), XlsxError> {
        let bold = Format::new().set_bold();
        let sheet = self.book.add_worksheet_with_constant_memory()?;
        sheet.set_name("Scan")?;
        sheet
            .set_column_width(0, 24)?
            .set_column_width(1, 32)?
            .set_column_width(2, 14)?;
        sheet.set_column_width(3, 28)?.set_column_width(4, 80)?;
        let complete = head.coverage.iter().filter(|row| row.complete).count();
        let about = [
            ("Scan", head.scan.to_string()),
            ("Started", head.started.to_string()),
            ("Finished", head.finished.to_string()),
            (
                "Coverage",
                format!(
                    "{complete} of {} scopes read completely",
                    head.coverage.len()
                ),
            ),
        ];
        let mut row = 0;
        for (name, value) in about {
            sheet
                .write_string_with_format(row, 0, name, &bold)?
                .write_string(row, 1, &value)?;
            row += 1;
        }
        if !head.complete() {
            sheet.write_string_with_format(row, 0, "INCOMPLETE SCAN: more may be there than is written here, and some of it is the last known", &bold)?;
            row += 1;
        }
        row += 1;
        for (at, name) in (0u16..).zip(["source", "scope", "complete", "as of", "troubles"]) {
            sheet.write_string_with_format(row, at, name, &bold)?;
        }
        for scope in head.coverage {
            row += 1;
            let troubles: Vec<&str> = scope
                .troubles
                .iter()
                .map(|trouble| trouble.what.as_str())
                .collect();
            let cells = [
                scope.source.as_str(),
                &scope.scope,
                if scope.complete { "yes" } else { "no" },
                &scope.as_of.to_string(),
                &troubles.join("; "),
            ];
            for (at, text) in (0u16..).zip(cells) {
                sheet.write_string(row, at, short(text))?;
            }
        }
        self.sheets += 1;
        Ok(())
    }

    fn sheet(
        &mut self,
        name: &'static str,
        columns: &'static [(&'static str, f64)],
        many: u32,
    ) -> Result<Sheet, XlsxError> {
        let bold = Format::new().set_bold();
        let sheet = self.book.add_worksheet_with_constant_memory()?;
        sheet.set_name(if many == 1 {
            name.to_owned()
        } else {
            format!("{name} {many}")
        })?;
        sheet.set_freeze_panes(1, 0)?;
        for (at, (title, width)) in (0u16..).zip(columns) {
            sheet.set_column_width(at, *width)?;
            sheet.write_string_with_format(0, at, *title, &bold)?;
        }
        self.sheets += 1;
        Ok(Sheet {
            name,
            columns,
            at: self.sheets - 1,
            row: 1,
            many,
        })
    }

    /// Writes a row by `write`, which is given the sheet and the row's number.
    fn row(
        &mut self,
        which: impl Fn(&mut Self) -> &mut Option<Sheet>,
        write: impl FnOnce(&mut Worksheet, u32) -> Result<(), XlsxError>,
    ) -> io::Result<()> {
        let Some(mut sheet) = which(self).take() else {
            return Ok(());
        };
        if sheet.row >= ROWS {
            sheet = self
                .sheet(sheet.name, sheet.columns, sheet.many + 1)
                .map_err(fault)?;
        }
        let page = self.book.worksheet_from_index(sheet.at).map_err(fault)?;
        write(page, sheet.row).map_err(fault)?;
        sheet.row += 1;
        *which(self) = Some(sheet);
        Ok(())
    }

    fn claim(&mut self, record: &str, node: &Node, name: &str, claim: &Claim) -> io::Result<()> {
        let asset = &node.asset;
        self.row(
            |xlsx| &mut xlsx.facts,
            |page, row| {
                texts(
                    page,
                    row,
                    0,
                    &[asset.id.as_str(), &asset.kind, &asset.name, record, name],
                )?;
                match claim.value() {
                    Some(Value::Int(number)) if number.abs() <= EXACT => {
                        _ = page.write_number(row, 5, *number as f64)?
                    }
                    Some(Value::Float(number)) if number.is_finite() => {
                        _ = page.write_number(row, 5, *number)?
                    }
                    Some(value) => texts(page, row, 5, &[&show(value)])?,
                    None => {}
                }
                let last = claim
                    .last_value()
                    .filter(|_| claim.value().is_none())
                    .map(show);
                texts(
                    page,
                    row,
                    6,
                    &[
                        claim.how().as_str(),
                        claim.basis().unwrap_or_default(),
                        &last.unwrap_or_default(),
                    ],
                )
            },
        )
    }
}

impl Table for Xlsx<'_> {
    fn asset(&mut self, node: &Node) -> io::Result<()> {
        let asset = &node.asset;
        self.row(
            |xlsx| &mut xlsx.assets,
            |page, row| {
                let aliases: Vec<&str> =
                    asset.aliases.iter().map(|alias| alias.0.as_str()).collect();
                texts(
                    page,
                    row,
                    0,
                    &[
                        asset.id.as_str(),
                        &asset.kind,
                        &asset.name,
                        &node.sources.join(", "),
                        &asset.scope,
                        &aliases.join(", "),
                        asset.partial.as_deref().unwrap_or_default(),
                    ],
                )
            },
        )?;
        for (name, label) in asset.labels.iter() {
            self.row(
                |xlsx| &mut xlsx.facts,
                |page, row| {
                    texts(
                        page,
                        row,
                        0,
                        &[
                            asset.id.as_str(),
                            &asset.kind,
                            &asset.name,
                            "label",
                            name,
                            label,
                            "reported",
                        ],
                    )
                },
            )?;
        }
        for (name, claim) in asset.facts.iter() {
            self.claim("fact", node, name, claim)?;
        }
        for (name, claim) in asset.readings.iter() {
            self.claim("reading", node, name, claim)?;
        }
        Ok(())
    }

    fn relation(&mut self, from: &AssetId, kind: RelationKind, to: &AssetId) -> io::Result<()> {
        self.row(
            |xlsx| &mut xlsx.relations,
            |page, row| texts(page, row, 0, &[from.as_str(), kind.as_str(), to.as_str()]),
        )
    }

    fn finish(&mut self) -> io::Result<()> {
        let bytes = self.book.save_to_buffer().map_err(fault)?;
        self.out.write_all(&bytes)
    }
}

/// Writes texts side by side. An empty one is an empty cell.
fn texts(page: &mut Worksheet, row: u32, first: u16, cells: &[&str]) -> Result<(), XlsxError> {
    for (at, text) in (first..).zip(cells) {
        if !text.is_empty() {
            page.write_string(row, at, short(text))?;
        }
    }
    Ok(())
}

fn fault(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) => error,
        other => io::Error::other(format!("the workbook cannot be written: {other}")),
    }
}
