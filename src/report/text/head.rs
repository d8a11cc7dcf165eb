//! What stands at the top and at the bottom.

use std::io;

use super::{Ink, Options, Page, Stretch, many, section};
use crate::baseline::{Severity, Status};
use crate::report::Outcome;
use crate::report::tame::tame;
use crate::report::value::{Report, Verdict};
use crate::report::when;

/// Which scan.
pub(super) fn title(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    let scan = format!("scan {} ·", report.scan.id);
    let time = format!(
        "{} · took {}",
        when::absolute(report.scan.started),
        when::took(report.scan.started, report.scan.finished)
    );
    page.words(
        0,
        &[
            (Ink::Strong, "Plimsoll"),
            (Ink::Strong, &scan),
            (Ink::Faint, &time),
        ],
    )
}

/// The counts.
pub(super) fn counts(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    let summary = &report.summary;
    page.gap()?;
    let (ink, words) = drift_words(report);
    let mut life = Vec::new();
    if summary.new > 0 {
        life.push(format!("{} new", summary.new));
    }
    if summary.resolved > 0 {
        life.push(format!("{} resolved", summary.resolved));
    }
    let life = life.join(", ");
    let dot = if life.is_empty() { "" } else { "·" };
    page.field(
        2,
        "Drift",
        &[(ink, &words), (Ink::Faint, dot), (Ink::Plain, &life)],
    )?;
    let (ink, words) = change_words(report);
    page.field(2, "Changes", &[(ink, &words)])?;
    let complete = summary.scopes_complete == summary.scopes;
    let words = if complete {
        format!(
            "{} read completely",
            many(summary.scopes, "scope", "scopes")
        )
    } else {
        format!(
            "{} of {} scopes read completely",
            summary.scopes_complete, summary.scopes
        )
    };
    page.field(
        2,
        "Coverage",
        &[(if complete { Ink::Plain } else { Ink::Warn }, &words)],
    )?;
    let kinds = summary
        .assets
        .iter()
        .map(|(kind, count)| format!("{count} {}", tame(kind, 40)));
    let kinds = format!("({})", kinds.collect::<Vec<_>>().join(", "));
    let words = format!(
        "{}, {}",
        many(summary.systems, "system", "systems"),
        many(summary.assets.values().sum(), "asset", "assets"),
    );
    let kinds: Stretch<'_> = (
        Ink::Faint,
        if summary.assets.is_empty() {
            ""
        } else {
            &kinds
        },
    );
    page.field(2, "Inventory", &[(Ink::Plain, &words), kinds])
}

fn drift_words(report: &Report) -> (Ink, String) {
    let summary = &report.summary;
    let failing = report.failing();
    let unknown = summary.unknown;
    let severities = [
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
    ];
    let severities: Vec<String> = severities
        .iter()
        .filter_map(|severity| {
            let count = summary.fail.get(severity.as_str())?;
            Some(format!("{count} {}", severity.as_str()))
        })
        .collect();
    match (failing, unknown) {
        (0, 0) => (Ink::Good, "none".to_owned()),
        (0, _) => (Ink::Warn, format!("none failing, {unknown} unknown")),
        (_, 0) => (
            Ink::Bad,
            format!("{failing} failing ({})", severities.join(", ")),
        ),
        _ => (
            Ink::Bad,
            format!(
                "{failing} failing ({}), {unknown} unknown",
                severities.join(", ")
            ),
        ),
    }
}

fn change_words(report: &Report) -> (Ink, String) {
    let verdicts = [
        Verdict::Unapproved,
        Verdict::Overdue,
        Verdict::Unproven,
        Verdict::Pending,
        Verdict::Approved,
        Verdict::NotRequired,
    ];
    let verdicts: Vec<String> = verdicts
        .iter()
        .filter_map(|verdict| {
            let count = report.summary.changes.get(verdict.as_str())?;
            let word = match verdict {
                Verdict::NotRequired => "without need of approval",
                other => other.as_str(),
            };
            Some(format!("{count} {word}"))
        })
        .collect();
    let ink = if report.refused_changes() > 0 {
        Ink::Bad
    } else {
        Ink::Plain
    };
    if verdicts.is_empty() {
        (ink, "none".to_owned())
    } else {
        (ink, verdicts.join(", "))
    }
}

/// Every system and how its role was chosen.
pub(super) fn systems(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    section(
        page,
        Ink::Strong,
        "SYSTEMS",
        "· and how their roles were chosen",
    )?;
    for system in &report.systems {
        let name = tame(&system.name, 60);
        let role = format!(
            "{} by {}",
            tame(&system.role, 40),
            tame(&system.role_by, 80)
        );
        let environment = match (&system.environment, &system.environment_by) {
            (Some(environment), Some(by)) => {
                format!("· {} by {}", tame(environment, 40), tame(by, 80))
            }
            (Some(environment), None) => format!("· {}", tame(environment, 40)),
            (None, _) => "· environment not known".to_owned(),
        };
        page.words(
            2,
            &[
                (Ink::Strong, &name),
                (Ink::Plain, &role),
                (Ink::Faint, &environment),
            ],
        )?;
    }
    Ok(())
}

/// What it comes to, and what to do next.
pub(super) fn close(report: &Report, options: &Options, page: &mut Page<'_>) -> io::Result<()> {
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
                "{} as they should be.",
                many(report.summary.systems, "system is", "systems are")
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

fn drifted(report: &Report, options: &Options, page: &mut Page<'_>) -> io::Result<()> {
    let refused = report.refused_changes();
    let mut words = Vec::new();
    if report.failing() > 0 {
        words.push(many(
            report.failing(),
            "expectation fails",
            "expectations fail",
        ));
    }
    if report.summary.unknown > 0 {
        words.push(many(
            report.summary.unknown,
            "cannot be known",
            "cannot be known",
        ));
    }
    if refused > 0 {
        words.push(many(
            refused,
            "change lacks its approval",
            "changes lack their approval",
        ));
    }
    let mut words = words.join(", ");
    words.push('.');
    page.words(0, &[(Ink::Bad, "Drift:"), (Ink::Plain, &words)])?;
    let first = report
        .drifts
        .first()
        .filter(|drift| drift.status == Status::Fail);
    if let Some(drift) = first {
        let name = tame(&drift.name, 60);
        next(
            page,
            &format!("mend {} on {name} first", tame(&drift.control, 60)),
        )?;
    }
    if report.coverage.iter().any(|row| row.fresh && !row.complete) {
        next(page, "`plimsoll check` tells what each source lacks")?;
    }
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
