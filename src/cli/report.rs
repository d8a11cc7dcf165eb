//! `plimsoll report` and `plimsoll drift`.

use super::args::{Format, ReportArgs};
use super::door::{Door, Out};
use super::exit::Exit;
use crate::report::text::Part;
use crate::scan::{Recall, recall};

pub(super) fn whole(door: &Door, args: &ReportArgs, out: &mut Out) -> anyhow::Result<Exit> {
    write(door, args, Recall::Whole, Part::Whole, out)
}

/// The drifts alone; a terminal does not need the systems for that, which take time to load.
pub(super) fn drift(door: &Door, args: &ReportArgs, out: &mut Out) -> anyhow::Result<Exit> {
    let recall = match args.format {
        Format::Text | Format::Csv => Recall::Quick,
        Format::Json | Format::Markdown | Format::Html => Recall::Whole,
    };
    write(door, args, recall, Part::Drifts, out)
}

fn write(
    door: &Door,
    args: &ReportArgs,
    how_much: Recall,
    part: Part,
    out: &mut Out,
) -> anyhow::Result<Exit> {
    let (store, scan) = door.inventory(args.at)?;
    let report = recall(&store, &scan, &door.yardstick(), how_much)?;
    out.report(&report, args.format, part, args.explain)?;
    Ok(report.outcome().into())
}
