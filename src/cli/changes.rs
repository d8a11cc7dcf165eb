//! `plimsoll changes`.

use std::io::Write as _;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use plimsoll_model::AssetId;

use super::args::{ChangesArgs, Format, ListFormat};
use super::door::{Door, Out};
use super::exit::Exit;
use crate::report::text::Part;
use crate::scan::recall_changes;

const DEFAULT_SPAN: Duration = Duration::from_secs(30 * 86_400);

pub(super) fn run(door: &Door, args: &ChangesArgs, out: &mut Out) -> anyhow::Result<Exit> {
    let (store, scan) = door.inventory(None)?;
    let asset = args.asset.as_deref().map(AssetId::new).transpose();
    let asset = asset.context("--asset")?;
    let from = args
        .from
        .or_else(|| Timestamp::now().checked_sub(DEFAULT_SPAN).ok());
    let (report, truncated) =
        recall_changes(&store, &scan, (from, args.to), asset.as_ref(), args.limit)?;
    match args.format {
        ListFormat::Text => {
            out.report(&report, Format::Text, Part::Changes, true)?;
            if truncated {
                let limit = args.limit;
                writeln!(
                    anstream::stderr(),
                    "only the newest {limit} are shown: raise --limit"
                )?;
            }
        }
        ListFormat::Json => out.write(|out| {
            let page = serde_json::json!({
                "schema": "plimsoll/changes/v1",
                "changes": report.changes,
                "truncated": truncated,
            });
            serde_json::to_writer_pretty(&mut *out, &page)?;
            writeln!(out)
        })?,
    }
    Ok(Exit::Clean)
}
