//! `plimsoll scan`.

use std::io::Write as _;
use std::sync::Arc;

use jiff::Timestamp;
use plimsoll_kit::Clock;

use super::args::ScanArgs;
use super::door::{Door, Out};
use super::exit::Exit;
use super::progress::Shown;
use crate::report::text::Part;
use crate::scan;

pub(super) fn run(
    door: &Door,
    args: &ScanArgs,
    quiet: bool,
    out: &mut Out,
) -> anyhow::Result<Exit> {
    if !quiet && door.config.path.is_none() {
        let mut stderr = anstream::stderr().lock();
        let _ = writeln!(stderr, "no configuration: scanning what is found here");
        for found in &door.config.found {
            let _ = writeln!(stderr, "  {}: {}", found.name, found.because);
        }
    }
    if door.config.sources.is_empty() {
        anyhow::bail!(
            "there is nothing to scan: add a [[sources]] to the configuration, as config.example.toml shows"
        );
    }
    let clock: Clock = Arc::new(Timestamp::now);
    let shown = Shown::new(quiet);
    let report = scan::run(&door.config, &door.baselines, &args.source, &clock, &shown);
    shown.clear();
    let report = report?;
    out.report(&report, args.format, Part::Whole, args.explain)?;
    Ok(report.outcome().into())
}
