//! What fails, what cannot be known, what was resolved and what is left out.

use std::io;

use super::{Ink, Names, Options, Page, many, section};
use crate::baseline::{DriftState, Severity, Status};
use crate::report::group::{Actual, Group, groups};
use crate::report::tame::tame;
use crate::report::value::{ChangeRow, DriftRow, Report};
use crate::report::when;

/// How many names, and how many different findings of one expectation, are shown without being asked for all.
const NAMES: usize = 20;
const ACTUALS: usize = 4;
/// How many examples stand for a control that cannot be known, and how many lines for what was resolved or left out.
const EXAMPLES: usize = 3;
const LINES: usize = 10;

/// What fails, one block for each expectation.
pub(super) fn failing(report: &Report, options: &Options, page: &mut Page<'_>) -> io::Result<()> {
    let groups = groups(&report.drifts, Status::Fail);
    if groups.is_empty() {
        return Ok(());
    }
    section(page, Ink::Strong, "FAILING", "· worst first")?;
    for group in &groups {
        block(report, group, options, page)?;
    }
    Ok(())
}

/// What cannot be known: a few lines for each control, or with `--explain` all of it.
pub(super) fn unknown(report: &Report, options: &Options, page: &mut Page<'_>) -> io::Result<()> {
    let groups = groups(&report.drifts, Status::Unknown);
    if groups.is_empty() {
        return Ok(());
    }
    section(page, Ink::Strong, "UNKNOWN", "· never counted as pass")?;
    if options.explain {
        return groups
            .iter()
            .try_for_each(|group| block(report, group, options, page));
    }
    let mut controls: Vec<&str> = Vec::new();
    for group in &groups {
        if !controls.contains(&group.first.control.as_str()) {
            controls.push(&group.first.control);
        }
    }
    for control in controls {
        let actuals: Vec<&Actual<'_>> = groups
            .iter()
            .filter(|group| group.first.control == control)
            .flat_map(|group| &group.actuals)
            .collect();
        summary(control, &actuals, page)?;
        let of_control = groups.iter().filter(|group| group.first.control == control);
        for follows in of_control.filter_map(Group::follows) {
            let words = format!("so not known either: {}", tame(&follows, 240));
            page.words(4, &[(Ink::Faint, &words)])?;
        }
    }
    Ok(())
}

/// What follows from drifts that were told, one line each.
pub(super) fn following(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    let following = || {
        let drifts = report.drifts.iter();
        drifts.filter_map(|row| Some((row, row.follows.as_ref()?)))
    };
    if following().next().is_none() {
        return Ok(());
    }
    section(
        page,
        Ink::Strong,
        "FOLLOWS",
        "· from what is told above, and not counted again",
    )?;
    for (row, cause) in following() {
        let control = format!("{} on", tame(&row.control, 80));
        let from = format!(
            "· {} · from {} on {}",
            tame(&row.actual, 240),
            tame(&cause.control, 80),
            tame(cause.asset.as_str(), 120)
        );
        page.item(
            2,
            (Ink::Warn, "?"),
            &[
                (Ink::Plain, &control),
                (Ink::Strong, &tame(&row.name, 60)),
                (Ink::Faint, &from),
            ],
        )?;
    }
    Ok(())
}

fn summary(control: &str, actuals: &[&Actual<'_>], page: &mut Page<'_>) -> io::Result<()> {
    let count = actuals
        .iter()
        .map(|actual| actual.rows.len())
        .sum::<usize>();
    let mut rows: Vec<&DriftRow> = actuals
        .iter()
        .flat_map(|actual| &actual.rows)
        .copied()
        .collect();
    rows.sort_by(|a, b| a.asset.cmp(&b.asset));
    rows.dedup_by(|a, b| a.asset == b.asset);
    let names = Names::new(rows.iter().map(|row| tame(&row.name, 60)), EXAMPLES);
    let control = tame(control, 80);
    let count = if count == rows.len() {
        format!("· {}", self::many(count as u64, "system", "systems"))
    } else {
        format!("· {count} expectations")
    };
    page.item(
        2,
        (Ink::Warn, "?"),
        &[(Ink::Strong, &control), (Ink::Faint, &count), names.plain()],
    )?;
    // The reasons by how many they explain.
    let mut reasons: Vec<(&str, usize)> = Vec::new();
    for actual in actuals {
        match reasons
            .iter_mut()
            .find(|(reason, _)| *reason == actual.actual)
        {
            Some((_, many)) => *many += actual.rows.len(),
            None => reasons.push((actual.actual, actual.rows.len())),
        }
    }
    reasons.sort_by_key(|(_, many)| std::cmp::Reverse(*many));
    let more = reasons.len().saturating_sub(1);
    if let Some((reason, _)) = reasons.first() {
        let others = match more {
            0 => String::new(),
            _ => format!(
                "(and {})",
                self::many(more as u64, "other reason", "other reasons")
            ),
        };
        page.words(
            4,
            &[(Ink::Plain, &tame(reason, 240)), (Ink::Faint, &others)],
        )?;
    }
    Ok(())
}

fn block(
    report: &Report,
    group: &Group<'_>,
    options: &Options,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let first = group.first;
    page.gap()?;
    let control = tame(&first.control, 80);
    let systems = match group.len() {
        1 => String::new(),
        systems => format!("· {systems} systems"),
    };
    let fails = first.status == Status::Fail;
    let ink = if fails {
        severity_ink(first.severity)
    } else {
        Ink::Warn
    };
    let severity = if fails {
        first.severity.as_str()
    } else {
        "unknown"
    };
    let state = state_words(group);
    page.words(
        2,
        &[
            (ink, &severity.to_uppercase()),
            (Ink::Strong, &control),
            (Ink::Faint, &tame(first.which().unwrap_or_default(), 80)),
            (Ink::Plain, &systems),
            (Ink::Note, &state),
        ],
    )?;
    page.field(4, "expected", &[(Ink::Plain, &tame(&first.expected, 400))])?;
    let most = if options.explain { usize::MAX } else { ACTUALS };
    for actual in group.actuals.iter().take(most) {
        found(report, actual, options, page)?;
    }
    let more: usize = group
        .actuals
        .iter()
        .skip(most)
        .map(|actual| actual.rows.len())
        .sum();
    if more > 0 {
        let words = format!(
            "and {} found otherwise",
            self::many(more as u64, "system", "systems")
        );
        page.field(4, "", &[(Ink::Faint, &words)])?;
    }
    if let Some(follows) = group.follows() {
        let words = format!("also: {}", tame(&follows, 240));
        page.field(4, "so", &[(Ink::Warn, &words)])?;
    }
    let (oldest, newest) = group.since();
    let ago = when::relative(oldest, options.now);
    let at = format!("({})", when::absolute(oldest));
    let latest = if oldest == newest {
        String::new()
    } else {
        format!("· the newest {}", when::relative(newest, options.now))
    };
    page.field(
        4,
        "since",
        &[(Ink::Plain, &ago), (Ink::Faint, &at), (Ink::Plain, &latest)],
    )
}

fn found(
    report: &Report,
    actual: &Actual<'_>,
    options: &Options,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let ink = match actual.rows.first() {
        Some(row) if row.status == Status::Fail => Ink::Bad,
        _ => Ink::Warn,
    };
    page.field(4, "actual", &[(ink, &tame(actual.actual, 400))])?;
    // What is unknown has its reason in both places: once is enough.
    let said = actual.evidence.strip_prefix("unknown: ") == Some(actual.actual);
    if !said {
        page.field(4, "evidence", &[(Ink::Plain, &tame(actual.evidence, 240))])?;
    }
    let most = if options.explain { usize::MAX } else { NAMES };
    let names = Names::new(actual.rows.iter().map(|row| tame(&row.name, 60)), most);
    let what = kinship(&actual.rows);
    page.field(4, "on", &[(Ink::Strong, &names.0), (Ink::Faint, &what)])?;
    let mut changes: Vec<i64> = actual.rows.iter().filter_map(|row| row.change).collect();
    changes.sort_unstable();
    changes.dedup();
    if let Some(id) = changes.first() {
        let row = actual.rows.iter().find(|row| row.change == Some(*id));
        let verdict = row
            .and_then(|row| row.verdict)
            .map_or("", |verdict| verdict.as_str());
        let by = report.changes.iter().find(|change| change.id == *id);
        // Of a change of a scan before the drift knows the account alone.
        let by = by.map(ChangeRow::by).or_else(|| row?.actor.clone());
        let actor = by.map_or(String::new(), |by| format!("· made by {}", tame(&by, 120)));
        let more = match changes.len() {
            1 => String::new(),
            many => format!("and {} more", many - 1),
        };
        let id = format!("#{id}");
        page.field(
            4,
            "change",
            &[
                (Ink::Plain, &id),
                (Ink::Plain, verdict),
                (Ink::Plain, &actor),
                (Ink::Faint, &more),
            ],
        )?;
    }
    Ok(())
}

/// Role and environment where all of them share these.
fn kinship(rows: &[&DriftRow]) -> String {
    let Some(first) = rows.first() else {
        return String::new();
    };
    let mut words = Vec::new();
    if rows.iter().all(|row| row.role == first.role) {
        words.push(tame(&first.role, 40).into_owned());
    }
    if rows.iter().all(|row| row.environment == first.environment) {
        let environment = first.environment.as_deref();
        words.push(tame(environment.unwrap_or("environment not known"), 40).into_owned());
    }
    if words.is_empty() {
        return String::new();
    }
    format!("({})", words.join(", "))
}

fn state_words(group: &Group<'_>) -> String {
    let mut words = Vec::new();
    for state in [DriftState::New, DriftState::Reopened] {
        match group.count(state) {
            0 => {}
            all if all == group.len() => words.push(state.as_str().to_owned()),
            some => words.push(format!("{some} {}", state.as_str())),
        }
    }
    if words.is_empty() {
        return String::new();
    }
    format!("· {}", words.join(", "))
}

fn severity_ink(severity: Severity) -> Ink {
    match severity {
        Severity::Critical | Severity::High => Ink::Bad,
        Severity::Medium => Ink::Warn,
        Severity::Low => Ink::Note,
    }
}

/// What this scan saw resolved.
pub(super) fn resolved(report: &Report, options: &Options, page: &mut Page<'_>) -> io::Result<()> {
    if report.resolved.is_empty() {
        return Ok(());
    }
    section(page, Ink::Strong, "RESOLVED", "")?;
    let most = if options.explain { usize::MAX } else { LINES };
    let resolved = || report.resolved.iter().filter(|row| row.follows.is_none());
    for row in resolved().take(most) {
        let name = tame(&row.name, 60);
        let control = format!("{} on", tame(&row.control, 80));
        let since = format!("· was open since {}", when::absolute(row.since));
        page.item(
            2,
            (Ink::Good, "✓"),
            &[
                (Ink::Plain, &control),
                (Ink::Strong, &name),
                (Ink::Faint, &since),
            ],
        )?;
    }
    rest(resolved().count(), most, page)
}

/// What the configuration leaves out.
pub(super) fn ignored(report: &Report, options: &Options, page: &mut Page<'_>) -> io::Result<()> {
    if report.ignored.is_empty() {
        return Ok(());
    }
    section(page, Ink::Strong, "IGNORED", "· as the configuration says")?;
    let most = if options.explain { usize::MAX } else { LINES };
    for row in report.ignored.iter().take(most) {
        let control = format!("{} on", tame(&row.control, 80));
        let until = format!("(until {})", when::absolute(row.until));
        let reason = format!("· {}", tame(&row.reason, 240));
        page.item(
            2,
            (Ink::Faint, "-"),
            &[
                (Ink::Plain, &control),
                (Ink::Strong, &tame(row.asset.as_str(), 80)),
                (Ink::Plain, &reason),
                (Ink::Faint, &until),
            ],
        )?;
    }
    rest(report.ignored.len(), most, page)
}

fn rest(all: usize, shown: usize, page: &mut Page<'_>) -> io::Result<()> {
    match all.saturating_sub(shown) {
        0 => Ok(()),
        more => page.words(4, &[(Ink::Faint, &format!("and {more} more"))]),
    }
}
