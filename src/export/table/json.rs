//! One object, each asset and relation on a line of its own.

use std::io::{self, Write};

use plimsoll_model::{Asset, AssetId, RelationKind, Text};
use serde::Serialize;

use super::{Head, Records, SCHEMA, Table};
use crate::inert;
use crate::inventory::{Coverage, Node};

/// Which scan is written.
#[derive(Serialize)]
pub(super) struct Scan {
    id: i64,
    started: jiff::Timestamp,
    finished: jiff::Timestamp,
    complete: bool,
}

impl Scan {
    pub(super) fn of(head: &Head<'_>) -> Self {
        Self {
            id: head.scan,
            started: head.started,
            finished: head.finished,
            complete: head.complete(),
        }
    }
}

/// How one scope was read.
#[derive(Serialize)]
pub(super) struct Scope<'a> {
    source: &'a Text,
    scope: &'a Text,
    complete: bool,
    as_of: jiff::Timestamp,
    troubles: Vec<&'a Text>,
}

impl<'a> Scope<'a> {
    pub(super) fn of(row: &'a Coverage) -> Self {
        Self {
            source: &row.source,
            scope: &row.scope,
            complete: row.complete,
            as_of: row.as_of,
            troubles: row.troubles.iter().map(|trouble| &trouble.what).collect(),
        }
    }
}

/// An asset and who sees it.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    #[serde(flatten)]
    pub(super) asset: &'a Asset,
    pub(super) sources: &'a [Text],
}

/// A relation.
#[derive(Serialize)]
pub(super) struct Relation<'a> {
    pub(super) from: &'a AssetId,
    pub(super) kind: RelationKind,
    pub(super) to: &'a AssetId,
}

#[derive(PartialEq, Eq)]
enum In {
    Assets,
    Relations,
}

pub(super) struct Json<'o> {
    out: &'o mut dyn Write,
    records: Records,
    within: In,
    first: bool,
}

impl<'o> Json<'o> {
    pub(super) fn begin(
        records: Records,
        head: &Head<'_>,
        out: &'o mut dyn Write,
    ) -> io::Result<Self> {
        write!(out, "{{\"schema\":\"{SCHEMA}\",\n\"scan\":")?;
        inert::json::write(out, &Scan::of(head))?;
        out.write_all(b",\n\"coverage\":[")?;
        for (at, row) in head.coverage.iter().enumerate() {
            out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
            inert::json::write(out, &Scope::of(row))?;
        }
        out.write_all(b"],\n\"assets\":[")?;
        Ok(Self {
            out,
            records,
            within: In::Assets,
            first: true,
        })
    }

    fn item(&mut self, item: &impl Serialize) -> io::Result<()> {
        self.out
            .write_all(if self.first { b"\n" } else { b",\n" })?;
        self.first = false;
        inert::json::write(self.out, item)
    }

    fn begin_relations(&mut self) -> io::Result<()> {
        if self.within == In::Assets {
            self.out.write_all(b"],\n\"relations\":[")?;
            self.within = In::Relations;
            self.first = true;
        }
        Ok(())
    }
}

impl Table for Json<'_> {
    fn asset(&mut self, node: &Node) -> io::Result<()> {
        if self.records == Records::Relations {
            return Ok(());
        }
        self.item(&Row {
            asset: &node.asset,
            sources: &node.sources,
        })
    }

    fn relation(&mut self, from: &AssetId, kind: RelationKind, to: &AssetId) -> io::Result<()> {
        if !self.records.relations() {
            return Ok(());
        }
        self.begin_relations()?;
        self.item(&Relation { from, kind, to })
    }

    fn finish(&mut self) -> io::Result<()> {
        self.begin_relations()?;
        self.out.write_all(b"]}\n")
    }
}
