//! Who got at what is inside of production.

use std::io;

use super::{Ink, Options, Page, many, section};
use crate::report::tame::tame;
use crate::report::value::{AccessRow, Report};
use crate::report::when;

/// How many are shown without being asked for all.
const ROWS: usize = 20;

/// The accesses, the newest first.
pub(super) fn write(report: &Report, options: &Options, page: &mut Page<'_>) -> io::Result<()> {
    if report.accesses.is_empty() {
        return Ok(());
    }
    section(
        page,
        Ink::Strong,
        "ACCESSES",
        "· to production, met for the first time",
    )?;
    let cap = if options.explain { usize::MAX } else { ROWS };
    for row in report.accesses.iter().take(cap) {
        one(row, page)?;
    }
    match report.accesses.len().saturating_sub(cap) {
        0 => Ok(()),
        more => {
            let more = format!("and {}", many(more as u64, "more access", "more accesses"));
            page.words(4, &[(Ink::Faint, &more)])
        }
    }
}

fn one(row: &AccessRow, page: &mut Page<'_>) -> io::Result<()> {
    let what = tame(&row.what, 40);
    let name = tame(&row.name, 60);
    let environment = row
        .environment
        .as_deref()
        .unwrap_or("environment not known");
    let place = format!("({}, {})", tame(&row.kind, 40), tame(environment, 40));
    let who = format!("by {}", tame(row.actor.as_deref().unwrap_or("unknown"), 60));
    let time = format!("· {}", when::absolute(row.at));
    let opens = format!("· {}", tame(&row.opens, 60));
    page.item(
        2,
        (Ink::Note, "!"),
        &[
            (Ink::Strong, &what),
            (Ink::Plain, "on"),
            (Ink::Strong, &name),
            (Ink::Faint, &place),
            (Ink::Plain, &who),
            (Ink::Faint, &opens),
            (Ink::Faint, &time),
        ],
    )
}
