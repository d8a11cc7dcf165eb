//! What it comes to, and what to do next.

use std::io;

use super::{Ink, Options, Page, many};
use crate::baseline::Status;
use crate::report::Outcome;
use crate::report::tame::tame;
use crate::report::value::Report;

/// Of a whole report.
pub(super) fn whole(report: &Report, options: &Options, page: &mut Page<'_>) -> io::Result<()> {
    page.gap()?;
    match report.outcome() {
        Outcome::Clean if report.systems.is_empty() => {
            page.words(
                0,
                &[
                    (Ink::Warn, "Nothing was judged:"),
                    (Ink::Plain, "no asset has a role."),
                ],
            )?;
            next(
                page,
                "give assets a role with the label plimsoll.role or a rule in the configuration",
            )
        }
        Outcome::Clean => {
            let words = format!(
                "{} as they should be{}.",
                many(report.summary.systems, "system is", "systems are"),
                report.clean_remark()
            );
            page.words(0, &[(Ink::Good, "Clean:"), (Ink::Plain, &words)])
        }
        Outcome::Incomplete => {
            let words = "no drift in what could be read, and not everything could be.";
            page.words(0, &[(Ink::Warn, "Incomplete:"), (Ink::Plain, words)])?;
            next(page, "`plimsoll check` tells what each source lacks")
        }
        Outcome::Drift => drifted(report, options, page),
    }
}

/// Of the drifts alone.
pub(super) fn drifts(report: &Report, options: &Options, page: &mut Page<'_>) -> io::Result<()> {
    page.gap()?;
    if !report.drifts.is_empty() {
        return drifted(report, options, page);
    }
    page.words(0, &[(Ink::Good, "No open drift.")])?;
    if report.outcome() == Outcome::Drift {
        let words = format!("{}: `plimsoll changes` tells of them", report.drift_words());
        next(page, &words)?;
    }
    unread(report, page)
}

/// Of the changes alone.
pub(super) fn changes(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    page.gap()?;
    let all = u64::try_from(report.changes.len()).unwrap_or(u64::MAX);
    let refused = report.refused_changes();
    let words = match (all, refused) {
        (0, _) => "No changes.".to_owned(),
        (_, 0) => format!("{}.", many(all, "change", "changes")),
        _ => format!(
            "{}, {refused} without approval.",
            many(all, "change", "changes")
        ),
    };
    page.words(
        0,
        &[(if refused > 0 { Ink::Bad } else { Ink::Plain }, &words)],
    )
}

/// Where this scan could not read everything, how to find out why.
fn unread(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    if report.coverage.iter().any(|row| row.fresh && !row.complete) {
        next(
            page,
            "not everything could be read: `plimsoll check` tells what each source lacks",
        )?;
    }
    Ok(())
}

fn drifted(report: &Report, options: &Options, page: &mut Page<'_>) -> io::Result<()> {
    let words = format!("{}.", report.drift_words());
    page.words(0, &[(Ink::Bad, "Drift:"), (Ink::Plain, &words)])?;
    let first = report
        .drifts
        .iter()
        .find(|drift| drift.follows.is_none())
        .filter(|drift| drift.status == Status::Fail);
    if let Some(drift) = first {
        let name = tame(&drift.name, 60);
        next(
            page,
            &format!("mend {} on {name} first", tame(&drift.control, 60)),
        )?;
    }
    unread(report, page)?;
    if !options.explain {
        next(
            page,
            "`plimsoll report --explain` shows every finding with its evidence",
        )?;
    }
    Ok(())
}

fn next(page: &mut Page<'_>, what: &str) -> io::Result<()> {
    page.item(2, (Ink::Note, "→"), &[(Ink::Plain, what)])
}
