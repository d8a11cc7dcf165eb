//! What changed, in Markdown.

use std::io::{self, Write};

use super::escape::{block, code, prose};
use super::{ROWS, more, names};
use crate::change::PathChange;
use crate::report::bundle::{Bundle, bundles};
use crate::report::delta::{Delta, delta};
use crate::report::value::{Report, Verdict};
use crate::report::when;

/// How many properties of one change are written.
const PATHS: usize = 30;

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let bundles = bundles(&report.changes);
    if bundles.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Changes\n")?;
    for bundle in bundles.iter().take(ROWS) {
        one(bundle, out)?;
    }
    more(bundles.len(), ROWS, "- ", out)
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
    if let Some(actor) = &first.actor {
        write!(out, " by {}", code(actor, 60))?;
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
        Some(after) => write!(out, ", between {} and", when::absolute(after))?,
        None => write!(out, ", seen first")?,
    }
    writeln!(out, " {}", when::absolute(first.observed.before))?;
    for reason in &first.reasons {
        writeln!(out, "  - {}", prose(reason, 240))?;
    }
    for change in first.paths.iter().take(PATHS) {
        path(change, out)?;
    }
    more(first.paths.len(), PATHS, "  - ", out)
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
