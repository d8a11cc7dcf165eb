//! What the log is told of a scan.

use plimsoll_model::Text;

use super::crew::{Done, End};

/// Tells the log what a scan came to.
pub(super) fn say(done: &Done) {
    let sources: Vec<&str> = done.sources.iter().map(Text::as_str).collect();
    let (sources, seconds) = (sources.join(","), done.took.as_secs_f64());
    match &done.end {
        End::Scanned(told) => {
            let incomplete = told.scopes.iter().filter(|scope| !scope.3).count();
            let (scan, drifts) = (told.scan, told.drifts.values().sum::<u64>());
            let changes = told.changes.values().sum::<u64>();
            if incomplete > 0 {
                tracing::warn!(
                    sources,
                    scan,
                    seconds,
                    incomplete,
                    drifts,
                    changes,
                    "scanned, and not everything could be read"
                );
            } else {
                tracing::info!(sources, scan, seconds, drifts, changes, "scanned");
            }
        }
        End::Busy(_) => tracing::info!(
            sources,
            "another process is scanning this: this run of it is left out"
        ),
        End::Failed(why) => tracing::error!(
            sources,
            seconds,
            "the scan failed, and is tried again when it is due next: {why}"
        ),
        End::Stopped => tracing::info!(sources, "the scan was stopped; nothing of it is kept"),
        End::Panicked => tracing::error!(
            sources,
            "the scan failed by a fault of plimsoll itself; please report it"
        ),
    }
}
