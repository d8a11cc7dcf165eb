//! One object a line: the scan, its scopes, the assets, the relations.

use std::io::{self, Write};

use plimsoll_model::{AssetId, RelationKind};
use serde::Serialize;

use super::json::{Relation, Row, Scan, Scope};
use super::{Head, Records, SCHEMA, Table};
use crate::inert;
use crate::inventory::Node;

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Line<'a> {
    Scope(Scope<'a>),
    Asset(Row<'a>),
    Relation(Relation<'a>),
}

#[derive(Serialize)]
struct First {
    schema: &'static str,
    scan: Scan,
}

pub(super) struct Jsonl<'o> {
    out: &'o mut dyn Write,
    records: Records,
}

impl<'o> Jsonl<'o> {
    pub(super) fn begin(
        records: Records,
        head: &Head<'_>,
        out: &'o mut dyn Write,
    ) -> io::Result<Self> {
        let mut jsonl = Self { out, records };
        jsonl.line(&First {
            schema: SCHEMA,
            scan: Scan::of(head),
        })?;
        for row in head.coverage {
            jsonl.line(&Line::Scope(Scope::of(row)))?;
        }
        Ok(jsonl)
    }

    fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        inert::json::write(self.out, line)?;
        self.out.write_all(b"\n")
    }
}

impl Table for Jsonl<'_> {
    fn asset(&mut self, node: &Node) -> io::Result<()> {
        if self.records == Records::Relations {
            return Ok(());
        }
        self.line(&Line::Asset(Row {
            asset: &node.asset,
            sources: &node.sources,
        }))
    }

    fn relation(&mut self, from: &AssetId, kind: RelationKind, to: &AssetId) -> io::Result<()> {
        if !self.records.relations() {
            return Ok(());
        }
        self.line(&Line::Relation(Relation { from, kind, to }))
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}
