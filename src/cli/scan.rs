//! `plimsoll scan`.

use std::sync::Arc;

use jiff::Timestamp;
use plimsoll_kit::Clock;

use super::args::ScanArgs;
use super::copy::Copy;
use super::door::{Door, Out};
use super::exit::Exit;
use super::log;
use super::progress::Shown;
use crate::report::text::Part;
use crate::scan::{self, Manner};

pub(super) fn run(
    door: &Door,
    args: &ScanArgs,
    quiet: bool,
    out: &mut Out,
) -> anyhow::Result<Exit> {
    if !quiet && door.config.path.is_none() {
        log::say("INFO", "no configuration: scanning what is found here");
        for found in &door.config.found {
            log::say("INFO", &format!("  {}: {}", found.name, found.because));
        }
    }
    if door.config.sources.is_empty() {
        anyhow::bail!(
            "there is nothing to scan: add a [[sources]] to the configuration, as config.example.toml shows"
        );
    }
    if !quiet {
        say_expired(door);
    }
    #[cfg(feature = "otel")]
    crate::trace::say();
    let clock: Clock = Arc::new(now);
    let shown = Shown::new(quiet);
    let copy = Copy::where_nothing_can_be_stored(&door.config.store)?;
    let manner = Manner {
        patience: door.config.store.busy_timeout,
        stop: None,
        store: copy.as_ref().map(Copy::settings),
    };
    let (config, baselines) = (&door.config, &door.baselines);
    let scanned = scan::run_in(&manner, config, baselines, &args.source, &clock, &shown);
    shown.clear();
    let scanned = scanned?;
    out.report(&scanned.report, args.format, Part::Whole, args.explain)?;
    let outcome = scanned.report.outcome();
    if copy.is_some() {
        // What was read is shown all the same. Nothing is told to anybody: the next scan would tell it again.
        let folder = config.store.path.display();
        anyhow::bail!(
            "{folder} is on a read-only file system: the report is above, and nothing of this scan was stored; name another file under \
             [store] path, or mount it writable"
        );
    }
    super::notify::after_scan(door);
    // The process ends here: to give the inventory's memory back piece by piece would only take time.
    std::mem::forget(scanned);
    Ok(outcome.into())
}

/// Says which ignores no longer leave anything out, and which attestations say nothing any more.
fn say_expired(door: &Door) {
    let now = Timestamp::now();
    for ignore in door
        .config
        .ignores
        .iter()
        .filter(|ignore| ignore.expired(now))
    {
        let what = ignore.what();
        let text = format!(
            "an [[ignore]] has ended and leaves nothing out any more: {what} (until {})",
            ignore.until
        );
        log::say("WARN", &text);
    }
    let attests = door.config.attests.iter();
    for attest in attests.filter(|attest| attest.expired(now)) {
        let text = format!(
            "an [[attest]] has ended and says nothing any more: {} (until {})",
            attest.what(),
            attest.until
        );
        log::say("WARN", &text);
    }
}

/// The time in whole microseconds, as it is stored: so that `report` says of a scan what the scan itself said.
pub(super) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}
