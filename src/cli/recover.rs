//! `plimsoll recover`.

use super::args::RecoverArgs;
use super::door::Out;
use super::exit::Exit;
use crate::store::recover;

pub(super) fn run(args: &RecoverArgs, quiet: bool, out: &mut Out) -> anyhow::Result<Exit> {
    let recovery = recover(&args.old, &args.new)?;
    let rows: u64 = recovery.tables.iter().map(|table| table.rows).sum();
    let (old, new) = (args.old.display(), args.new.display());
    if !quiet || !recovery.is_complete() {
        out.write(|out| {
            writeln!(out, "{new}: {} bytes, {rows} rows of {old}", recovery.bytes)?;
            for table in &recovery.tables {
                if table.gaps > 0 {
                    let places = if table.gaps == 1 { "place" } else { "places" };
                    writeln!(
                        out,
                        "  {}: {} rows copied; rows are missing in {} {places}",
                        table.name, table.rows, table.gaps
                    )?;
                }
                if table.dropped > 0 {
                    writeln!(
                        out,
                        "  {}: {} rows left out, which belong to lost ones",
                        table.name, table.dropped
                    )?;
                }
            }
            if let Some(assets) = &recovery.damaged_assets {
                writeln!(
                    out,
                    "  the stored state is damaged of {assets}; the next scan that sees them stores it again"
                )?;
            }
            match recovery.is_complete() {
                true => writeln!(out, "Nothing is missing."),
                false => writeln!(
                    out,
                    "What is missing is lost: keep {old} until you have compared the two. Changes in what was lost \
                     may show as new at the next scan."
                ),
            }
        })?;
    }
    Ok(match recovery.is_complete() {
        true => Exit::Clean,
        false => Exit::Failed,
    })
}
