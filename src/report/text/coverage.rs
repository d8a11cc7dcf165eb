//! What could not be read, loudly.

use std::io;

use super::{Ink, Options, Page, many, section};
use crate::inventory::RETIRE;
use crate::report::tame::tame;
use crate::report::value::{CoverageRow, Report};
use crate::report::when;

/// How many troubles of a scope are shown without being asked for all.
const TROUBLES: usize = 5;

/// The scopes that were not read completely, and the troubles of the others.
pub(super) fn write(report: &Report, options: &Options, page: &mut Page<'_>) -> io::Result<()> {
    let incomplete = rows(report, |row| !row.complete);
    if !incomplete.is_empty() {
        let count = u64::try_from(incomplete.len()).unwrap_or(u64::MAX);
        let title = format!(
            "INCOMPLETE: {} not read completely",
            many(count, "scope was", "scopes were")
        );
        section(
            page,
            Ink::Warn,
            &title,
            "· what was not read is the last known, or unknown",
        )?;
        for row in incomplete {
            let at = when::absolute(row.as_of);
            let remark = if row.fresh {
                String::new()
            } else {
                format!("not part of this scan, last tried {at}")
            };
            scope(row, (Ink::Warn, "!"), &remark, options, page)?;
        }
    }
    let troubled = rows(report, |row| {
        // What to do about a source that is gone is said as long as it is.
        let hints = || row.troubles.iter().any(|trouble| trouble.contains(RETIRE));
        row.complete && !row.troubles.is_empty() && (row.fresh || hints())
    });
    if !troubled.is_empty() {
        section(
            page,
            Ink::Strong,
            "TROUBLES",
            "· met in scopes that were read to the end",
        )?;
        for row in troubled {
            scope(row, (Ink::Faint, "-"), "", options, page)?;
        }
    }
    Ok(())
}

fn rows(report: &Report, which: impl Fn(&CoverageRow) -> bool) -> Vec<&CoverageRow> {
    report.coverage.iter().filter(|row| which(row)).collect()
}

fn scope(
    row: &CoverageRow,
    mark: (Ink, &str),
    remark: &str,
    options: &Options,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let name = format!("{} › {}", tame(&row.source, 60), tame(&row.scope, 80));
    page.item(2, mark, &[(Ink::Strong, &name), (Ink::Faint, remark)])?;
    let most = if options.explain {
        usize::MAX
    } else {
        TROUBLES
    };
    for trouble in row.troubles.iter().take(most) {
        page.words(4, &[(Ink::Plain, &tame(trouble, 400))])?;
    }
    let more = row.troubles.len().saturating_sub(most);
    if more > 0 {
        page.words(4, &[(Ink::Faint, &format!("and {more} more"))])?;
    }
    Ok(())
}
