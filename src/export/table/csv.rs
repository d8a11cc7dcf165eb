//! One table for a spreadsheet: each row is an asset, a label, a fact, a reading or a relation.

use std::io::{self, Write};

use plimsoll_model::{AssetId, Claim, RelationKind, Value};

use super::cell::{cell, show, value};
use super::{Records, Table};
use crate::inert::{Cell, Table as Rows};
use crate::inventory::Node;

/// The columns, in order. Scripts may rely on the names and the order; new ones come last.
pub const COLUMNS: [&str; 11] = [
    "record",
    "asset",
    "kind",
    "name",
    "sources",
    "scope",
    "what",
    "value",
    "how",
    "basis",
    "last_known",
];

pub(super) struct Csv<'o> {
    table: Rows<&'o mut dyn Write>,
    records: Records,
    /// The cells of the asset that is being written: its id, kind and name.
    names: [Cell<'static>; 3],
}

impl<'o> Csv<'o> {
    pub(super) fn begin(records: Records, out: &'o mut dyn Write) -> io::Result<Self> {
        Ok(Self {
            table: Rows::begin(&COLUMNS, out)?,
            records,
            names: [const { Cell::own("") }; 3],
        })
    }

    fn row(&mut self, cells: [&str; COLUMNS.len()]) -> io::Result<()> {
        self.table.put_all(cells.map(cell))?;
        self.table.end_row()
    }

    fn claim(&mut self, record: &str, name: &str, claim: &Claim) -> io::Result<()> {
        let last = match claim.value() {
            None => claim.last_value().map(show).unwrap_or_default(),
            Some(_) => String::new(),
        };
        let how = claim.how().as_str();
        let basis = claim.basis().unwrap_or_default();
        self.table.put(&cell(record))?;
        // The same for every fact of an asset, and so made once.
        for name in &self.names {
            self.table.put(name)?;
        }
        self.table.put_all(["", "", name].map(cell))?;
        // A number is a number, and a text that looks like one is not.
        let shown = value(claim);
        let shown = match claim.value() {
            Some(Value::Int(number)) => Cell::number(*number),
            Some(Value::Bool(true)) => Cell::own("yes"),
            Some(Value::Bool(false)) => Cell::own("no"),
            _ => cell(&shown),
        };
        self.table.put(&shown)?;
        self.table.put_all([how, basis, &last].map(cell))?;
        self.table.end_row()
    }
}

impl Table for Csv<'_> {
    fn asset(&mut self, node: &Node) -> io::Result<()> {
        let asset = &node.asset;
        if self.records.assets() {
            let sources = node.sources.join(", ");
            let aliases: Vec<&str> = asset.aliases.iter().map(|alias| alias.0.as_str()).collect();
            let (what, how) = if asset.partial.is_some() {
                ("only partly read", "unknown")
            } else {
                ("", "")
            };
            let partial = asset.partial.as_deref().unwrap_or_default();
            let aliases = aliases.join(", ");
            self.row([
                "asset",
                asset.id.as_str(),
                &asset.kind,
                &asset.name,
                &sources,
                &asset.scope,
                what,
                &aliases,
                how,
                partial,
                "",
            ])?;
        }
        if self.records.facts() {
            let names = [asset.id.as_str(), &asset.kind, &asset.name];
            self.names = names.map(|name| cell(name).into_owned());
            for (name, label) in asset.labels.iter() {
                self.row([
                    "label",
                    asset.id.as_str(),
                    &asset.kind,
                    &asset.name,
                    "",
                    "",
                    name,
                    label,
                    "reported",
                    "",
                    "",
                ])?;
            }
            for (name, claim) in asset.facts.iter() {
                self.claim("fact", name, claim)?;
            }
            for (name, claim) in asset.readings.iter() {
                self.claim("reading", name, claim)?;
            }
        }
        Ok(())
    }

    fn relation(&mut self, from: &AssetId, kind: RelationKind, to: &AssetId) -> io::Result<()> {
        if !self.records.relations() {
            return Ok(());
        }
        self.row([
            "relation",
            from.as_str(),
            "",
            "",
            "",
            "",
            kind.as_str(),
            to.as_str(),
            "reported",
            "",
            "",
        ])
    }

    fn finish(&mut self) -> io::Result<()> {
        self.table.finish()
    }
}
