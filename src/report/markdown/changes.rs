//! What changed, in Markdown.

use std::io::{self, Write};

use super::escape::{block, code, prose};
use super::{ROWS, more, names};
use crate::change::PathChange;
use crate::report::bundle::{Bundle, bundles};
use crate::report::delta::{Delta, delta};
use crate::report::value::{ChangeRow, Report, Verdict};
use crate::report::when;

/// How many properties of one change are written.
const PATHS: usize = 30;

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let bundles = bundles(&report.changes);
    if bundles.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Changes\n")?;
    let mut group = None;
    for bundle in bundles.iter().take(ROWS) {
        let first = bundle.first().filter(|first| first.judged.is_some());
        if let Some(first) = first.filter(|first| group != Some(first.verdict)) {
            let gap = if group.is_some() { "\n" } else { "" };
            group = Some(first.verdict);
            let many = report
                .changes
                .iter()
                .filter(|row| row.verdict == first.verdict);
            writeln!(
                out,
                "{gap}### {}: {}\n",
                first.verdict.as_str(),
                many.count()
            )?;
        }
        one(bundle, out)?;
    }
    more(bundles.len(), ROWS, "- ", out)
}

/// The changes of scans before on which it is another verdict now.
pub(super) fn rejudged(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.rejudged.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Judged anew: changes of scans before\n")?;
    for row in report.rejudged.iter().take(ROWS) {
        let change = &row.change;
        write!(
            out,
            "- {} {} {} (change {}): {} → **{}**",
            prose(&change.asset_kind, 40),
            code(&change.name, 60),
            change.kind.as_str(),
            change.id,
            row.verdict_before.as_str(),
            change.verdict.as_str(),
        )?;
        match &change.request {
            Some(request) => writeln!(out, " ({})", code(request, 60))?,
            None => writeln!(out)?,
        }
        for reason in &change.reasons {
            writeln!(out, "  - {}", prose(reason, 240))?;
        }
    }
    more(report.rejudged.len(), ROWS, "- ", out)
}

fn one(bundle: &Bundle<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Some(first) = bundle.first() else {
        return Ok(());
    };
    write!(
        out,
        "- {} {} {}",
        prose(&first.asset_kind, 40),
        names(bundle.rows.iter().map(|row| row.name.as_str())),
        first.kind.as_str()
    )?;
    match (&first.attribution, &first.actor) {
        (None, None) => write!(out, " by unknown")?,
        _ => write!(out, " by {}", code(&first.by(), 160))?,
    }
    match first.verdict {
        Verdict::NotRequired => {}
        Verdict::Approved => write!(out, ": approved")?,
        verdict => write!(out, ": **{}**", verdict.as_str())?,
    }
    if let Some(request) = &first.request {
        write!(out, " ({})", code(request, 60))?;
    }
    match first.observed.after {
        _ if first.observed.at.is_some() => {}
        Some(after) => write!(out, ", between {} and", when::absolute(after))?,
        None => write!(out, ", seen first")?,
    }
    match first.observed.at {
        Some(at) => writeln!(out, ", at {}", when::absolute(at))?,
        None => writeln!(out, " {}", when::absolute(first.observed.before))?,
    }
    others(first, out)?;
    for reason in &first.reasons {
        writeln!(out, "  - {}", prose(reason, 240))?;
    }
    for change in first.paths.iter().take(PATHS) {
        path(change, out)?;
    }
    more(first.paths.len(), PATHS, "  - ", out)
}

/// The other records that may be of it.
fn others(row: &ChangeRow, out: &mut dyn Write) -> io::Result<()> {
    let Some(attribution) = &row.attribution else {
        return Ok(());
    };
    for other in &attribution.candidates {
        let who = other.account.as_deref();
        let who = who.map_or("unknown".to_owned(), |account| code(account, 60));
        let at = when::absolute(other.at);
        writeln!(
            out,
            "  - or by {who} ({}) at {at}",
            code(&other.called(), 100)
        )?;
    }
    match attribution.more {
        0 => Ok(()),
        more => writeln!(out, "  - or by one of {more} more records"),
    }
}

fn path(change: &PathChange, out: &mut dyn Write) -> io::Result<()> {
    let name = code(&change.path, 160);
    match delta(change) {
        Delta::Step(from, to) => {
            let shown = |value: Option<String>| {
                value.map_or("(none)".to_owned(), |value| code(&value, 240))
            };
            writeln!(out, "  - {name}: {} → {}", shown(from), shown(to))
        }
        Delta::Pieces(pieces) => {
            writeln!(out, "  - {name}:\n")?;
            let lines: Vec<String> = pieces
                .iter()
                .map(|(sign, piece)| format!("{}{piece}", sign.mark()))
                .collect();
            for line in block("diff", &lines).lines() {
                writeln!(out, "    {line}")?;
            }
            Ok(())
        }
    }
}
