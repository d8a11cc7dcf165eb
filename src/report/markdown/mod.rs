//! The report for a pull request or a wiki.

mod accesses;
mod changes;
mod escape;

use std::io::{self, Write};

use super::Outcome;
use super::group::{Actual, Group, groups};
use super::value::{DriftRow, Report};
use super::when;
use crate::baseline::{DriftState, Status};
use escape::{code, prose};

/// How many rows of a long list are written; the JSON has them all.
const ROWS: usize = 200;
/// How many names stand in one cell.
const NAMES: usize = 20;

/// Writes the report as GitHub Flavoured Markdown: tables, and details for what is long.
///
/// # Errors
/// What `out` gives.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    head(report, out)?;
    coverage(report, out)?;
    lost(report, out)?;
    drifts(report, Status::Fail, "Failing", out)?;
    drifts(
        report,
        Status::Unknown,
        "Unknown (never counted as pass)",
        out,
    )?;
    changes::write(report, out)?;
    changes::rejudged(report, out)?;
    accesses::write(report, out)?;
    resolved(report, out)?;
    ignored(report, out)?;
    controls(report, out)?;
    systems(report, out)
}

fn head(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let (word, remark) = match report.outcome() {
        Outcome::Clean => (
            "Clean",
            format!("every system is as it should be{}", report.clean_remark()),
        ),
        Outcome::Drift => ("Drift", report.drift_words()),
        Outcome::Incomplete => (
            "Incomplete",
            "no drift in what could be read, and not everything could be".to_owned(),
        ),
    };
    let summary = &report.summary;
    writeln!(out, "# Plimsoll scan {}: {word}\n", report.scan.id)?;
    writeln!(out, "{}: {remark}.\n", when::absolute(report.scan.started))?;
    writeln!(
        out,
        "| failing | unknown | new | resolved | ignored | changes | scopes read completely | systems |"
    )?;
    writeln!(
        out,
        "| ---: | ---: | ---: | ---: | ---: | --- | ---: | ---: |"
    )?;
    writeln!(
        out,
        "| {} | {} | {} | {} | {} | {} | {} of {} | {} |",
        report.failing(),
        summary.unknown,
        summary.new,
        summary.resolved,
        summary.ignored,
        report.change_words(),
        summary.scopes_complete,
        summary.scopes,
        summary.systems,
    )
}

fn coverage(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let told = |complete: bool| {
        move |row: &&super::CoverageRow| {
            row.complete == complete && (!complete || !row.troubles.is_empty())
        }
    };
    let incomplete = report.coverage.iter().filter(told(false));
    let troubled = report.coverage.iter().filter(told(true));
    for (at, row) in incomplete.chain(troubled).take(ROWS).enumerate() {
        if at == 0 {
            writeln!(out, "\n## Coverage\n")?;
        }
        let state = match (row.complete, row.fresh) {
            (false, true) => "**not read completely**",
            (false, false) => "**not read completely**, and not part of this scan",
            (true, _) => "read completely, with troubles",
        };
        writeln!(
            out,
            "- {} {}: {state} ({})",
            code(&row.source, 60),
            code(&row.scope, 80),
            when::absolute(row.as_of)
        )?;
        for trouble in row.troubles.iter().take(NAMES) {
            writeln!(out, "  - {}", prose(trouble, 400))?;
        }
        more(row.troubles.len(), NAMES, "  - ", out)?;
    }
    Ok(())
}

fn drifts(report: &Report, status: Status, title: &str, out: &mut dyn Write) -> io::Result<()> {
    let groups = groups(&report.drifts, status);
    if groups.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## {title}\n")?;
    let reason = if status == Status::Fail {
        "actual"
    } else {
        "why"
    };
    writeln!(
        out,
        "| severity | control | systems | expected | {reason} | evidence | since |"
    )?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- | --- |")?;
    let rows = groups
        .iter()
        .flat_map(|group| group.actuals.iter().map(move |actual| (group, actual)));
    for (group, actual) in rows.clone().take(ROWS) {
        drift(group, actual, out)?;
    }
    writeln!(out)?;
    for group in &groups {
        if let Some(follows) = group.follows() {
            let control = code(&group.first.control, 80);
            writeln!(out, "From {control} follows: {}.\n", prose(&follows, 240))?;
        }
    }
    more(rows.count(), ROWS, "", out)
}

fn drift(group: &Group<'_>, actual: &Actual<'_>, out: &mut dyn Write) -> io::Result<()> {
    let first = group.first;
    let new = |row: &DriftRow| matches!(row.state, DriftState::New | DriftState::Reopened);
    let new = match actual.rows.iter().filter(|row| new(row)).count() {
        0 => String::new(),
        all if all == actual.rows.len() => " **new**".to_owned(),
        some => format!(" **{some} new**"),
    };
    let said = actual.evidence.strip_prefix("unknown: ") == Some(actual.actual);
    let evidence = if said { "unknown" } else { actual.evidence };
    let since = actual.rows.iter().map(|row| row.since).min();
    writeln!(
        out,
        "| {} | {}{new} | {} | {} | {} | {} | {} |",
        first.severity.as_str(),
        code(&first.control, 80),
        names(actual.rows.iter().map(|row| row.name.as_str())),
        prose(&first.expected, 240),
        prose(actual.actual, 240),
        prose(evidence, 240),
        since.map(when::absolute).unwrap_or_default(),
    )
}

fn names<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let many = names.len();
    let mut text = names
        .take(NAMES)
        .map(|name| code(name, 60))
        .collect::<Vec<_>>()
        .join(", ");
    if many > NAMES {
        text.push_str(&format!(" and {} more", many - NAMES));
    }
    text
}

fn resolved(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.resolved.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Resolved\n")?;
    let resolved = || report.resolved.iter().filter(|row| row.follows.is_none());
    for row in resolved().take(ROWS) {
        writeln!(
            out,
            "- {} on {}, open since {}",
            code(&row.control, 80),
            code(&row.name, 60),
            when::absolute(row.since)
        )?;
    }
    more(resolved().count(), ROWS, "- ", out)
}

/// What nobody looks at any more, and what could not be compared.
fn lost(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let uncompared = report.summary.uncompared;
    if uncompared.values > 0 {
        writeln!(
            out,
            "\n**The redaction key is another one than before:** {} hidden values of {} assets could not be compared. Whether they changed is unknown.",
            uncompared.values, uncompared.assets
        )?;
    }
    for what in &report.misattested {
        writeln!(out, "\n**Attested wrongly:** {}", prose(what, 400))?;
    }
    if !report.unjudged.is_empty() {
        writeln!(out, "\n## Role lost: judged no more\n")?;
        for row in report.unjudged.iter().take(ROWS) {
            writeln!(
                out,
                "- {} {}, was {}",
                prose(&row.kind, 40),
                code(row.asset.as_str(), 100),
                prose(&row.role, 40)
            )?;
        }
        more(report.unjudged.len(), ROWS, "- ", out)?;
    }
    if !report.unasked.is_empty() {
        writeln!(out, "\n## No longer asked: neither mended nor known\n")?;
        for row in report.unasked.iter().take(ROWS) {
            writeln!(
                out,
                "- {} on {}, {} since {}",
                code(&row.control, 80),
                code(&row.name, 60),
                row.status.as_str(),
                when::absolute(row.since)
            )?;
        }
        more(report.unasked.len(), ROWS, "- ", out)?;
    }
    Ok(())
}

fn ignored(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.ignored.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Ignored, as the configuration says\n")?;
    for row in report.ignored.iter().take(ROWS) {
        writeln!(
            out,
            "- {} on {} until {}: {}",
            code(&row.control, 80),
            code(row.asset.as_str(), 100),
            when::absolute(row.until),
            prose(&row.reason, 240)
        )?;
    }
    more(report.ignored.len(), ROWS, "- ", out)
}

fn controls(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.controls.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n<details><summary>Controls</summary>\n")?;
    writeln!(
        out,
        "| control | status | pass | fail | unknown | not applicable | ignored | answers |"
    )?;
    writeln!(
        out,
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |"
    )?;
    for row in &report.controls {
        let status = match row.status {
            "fail" | "unknown" => format!("**{}**", row.status),
            other => other.to_owned(),
        };
        let counts = row.counts;
        let references = row.references.iter().map(|reference| prose(reference, 80));
        writeln!(
            out,
            "| {} | {status} | {} | {} | {} | {} | {} | {} |",
            code(&row.control, 80),
            counts.pass,
            counts.fail,
            counts.unknown,
            counts.not_applicable,
            counts.ignored,
            references.collect::<Vec<_>>().join(", "),
        )?;
    }
    writeln!(out, "\n</details>")
}

fn systems(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.systems.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n<details><summary>Systems</summary>\n")?;
    writeln!(out, "| system | kind | role | chosen by | environment |")?;
    writeln!(out, "| --- | --- | --- | --- | --- |")?;
    for row in report.systems.iter().take(ROWS) {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            code(row.asset.as_str(), 100),
            prose(&row.kind, 40),
            prose(&row.role, 40),
            prose(&row.role_by, 80),
            row.environment
                .as_deref()
                .map_or("not known".to_owned(), |environment| prose(environment, 40)),
        )?;
    }
    writeln!(out)?;
    more(report.systems.len(), ROWS, "", out)?;
    writeln!(out, "</details>")
}

fn more(all: usize, shown: usize, mark: &str, out: &mut dyn Write) -> io::Result<()> {
    match all.saturating_sub(shown) {
        0 => Ok(()),
        more => writeln!(out, "{mark}and {more} more"),
    }
}
