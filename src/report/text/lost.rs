//! What nobody looks at any more, and what could not be compared.

use std::io;

use super::{Ink, Options, Page, many, section};
use crate::report::tame::tame;
use crate::report::value::Report;
use crate::report::when;

/// How many lines are shown without being asked for all.
const LINES: usize = 10;

/// The hidden values under another key, and the assets that lost their role: before anything else is said.
pub(super) fn write(report: &Report, options: &Options, page: &mut Page<'_>) -> io::Result<()> {
    let uncompared = report.summary.uncompared;
    if uncompared.values > 0 {
        let title = format!(
            "REDACTION KEY: {} could not be compared",
            many(uncompared.values, "hidden value", "hidden values")
        );
        section(page, Ink::Bad, &title, "· unknown, not unchanged")?;
        let assets = many(uncompared.assets, "asset", "assets");
        let words = format!(
            "The redaction key is another one than when they were seen before, so whether a secret of {assets} changed since cannot be known."
        );
        page.words(2, &[(Ink::Plain, &words)])?;
        let hint = "if nobody replaced the key, restore its file from a backup of its own; this scan marked all values anew";
        page.item(2, (Ink::Note, "→"), &[(Ink::Plain, hint)])?;
    }
    if !report.misattested.is_empty() {
        section(
            page,
            Ink::Bad,
            "ATTESTED WRONGLY",
            "· by the configuration's [[attest]]",
        )?;
        for what in &report.misattested {
            page.item(2, (Ink::Bad, "!"), &[(Ink::Plain, &tame(what, 400))])?;
        }
    }
    if report.unjudged.is_empty() {
        return Ok(());
    }
    let title = format!(
        "ROLE LOST: {} judged no more",
        many(report.summary.unjudged, "asset is", "assets are")
    );
    section(
        page,
        Ink::Bad,
        &title,
        "· it is there, and no rule or baseline gives it a role",
    )?;
    let most = if options.explain { usize::MAX } else { LINES };
    for row in report.unjudged.iter().take(most) {
        let was = format!("· {}, was {}", tame(&row.kind, 40), tame(&row.role, 40));
        let name = tame(&row.name, 60);
        page.item(
            2,
            (Ink::Bad, "!"),
            &[(Ink::Strong, &name), (Ink::Plain, &was)],
        )?;
    }
    rest(report.unjudged.len(), most, page)
}

/// The drifts that ended without being mended.
pub(super) fn unasked(report: &Report, options: &Options, page: &mut Page<'_>) -> io::Result<()> {
    if report.unasked.is_empty() {
        return Ok(());
    }
    let remark = "· neither mended nor known: by what is configured now nothing is expected there";
    section(page, Ink::Warn, "NO LONGER ASKED", remark)?;
    let most = if options.explain { usize::MAX } else { LINES };
    for row in report.unasked.iter().take(most) {
        let control = format!("{} on", tame(&row.control, 80));
        let name = tame(&row.name, 60);
        let last = format!(
            "· {} since {}",
            row.status.as_str(),
            when::absolute(row.since)
        );
        page.item(
            2,
            (Ink::Warn, "?"),
            &[
                (Ink::Plain, &control),
                (Ink::Strong, &name),
                (Ink::Faint, &last),
            ],
        )?;
    }
    rest(report.unasked.len(), most, page)
}

fn rest(all: usize, shown: usize, page: &mut Page<'_>) -> io::Result<()> {
    match all.saturating_sub(shown) {
        0 => Ok(()),
        more => page.words(4, &[(Ink::Faint, &format!("and {more} more"))]),
    }
}
