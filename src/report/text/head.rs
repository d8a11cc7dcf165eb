//! What stands at the top, and the systems.

use std::io;

use super::{Ink, Page, Stretch, many, section};
use crate::baseline::Severity;
use crate::report::tame::tame;
use crate::report::value::Report;
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
    if summary.follow > 0 {
        life.push(format!("{} that follow", summary.follow));
    }
    if summary.new > 0 {
        life.push(format!("{} new", summary.new));
    }
    if summary.resolved > 0 {
        life.push(format!("{} resolved", summary.resolved));
    }
    if summary.unasked > 0 {
        life.push(format!("{} no longer asked", summary.unasked));
    }
    if summary.ignored > 0 {
        life.push(format!("{} ignored", summary.ignored));
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
    if summary.accesses > 0 {
        let perhaps = report
            .accesses
            .iter()
            .filter(|row| row.environment.is_none());
        let words = match perhaps.count() {
            0 => format!("{} to production", summary.accesses),
            some => format!(
                "{} to production, of {some} the environment is not known",
                summary.accesses
            ),
        };
        page.field(2, "Accesses", &[(Ink::Note, &words)])?;
    }
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
    let ink = if report.refused_changes() > 0 {
        Ink::Bad
    } else if report.unproven_changes() > 0 {
        Ink::Warn
    } else {
        Ink::Plain
    };
    (ink, report.change_words())
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
