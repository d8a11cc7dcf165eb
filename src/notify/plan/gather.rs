//! From the outcome of a scan to what is worth telling.

use std::collections::{HashMap, HashSet};

use plimsoll_model::{AssetId, Text, Value};

use super::occurrence::{About, Details, Occurrence, What};
use crate::approval::{Outcome, Ruling};
use crate::baseline::{DriftState, Severity, Status};
use crate::report::{ChangeRow, DriftRow, Report, SystemRow, Verdict};

/// How many paths of a change are told.
const PATHS: usize = 8;
/// How much of one value is told, in characters.
const VALUE: usize = 160;
/// How many reasons of a verdict are told.
const REASONS: usize = 3;

/// What a scan found.
pub struct Found<'a> {
    /// Its report.
    pub report: &'a Report,
    /// What was known of the assets of its changes, by the changes' numbers.
    pub rulings: &'a HashMap<i64, Ruling>,
    /// The changes of scans before of which there is something to tell.
    pub again: &'a [Again],
    /// Changes of which nothing is told before the sources of change requests were read.
    pub early: &'a HashSet<i64>,
    /// The subjects that were waived when they were told last.
    pub waived: &'a HashSet<Text>,
    /// The team of an asset.
    pub team: &'a dyn Fn(&AssetId) -> Option<Text>,
}

/// A change of a scan before of which there is something to tell.
#[derive(Clone, Debug)]
pub struct Again {
    /// The change as it reads now.
    pub row: ChangeRow,
    /// What is said of it now.
    pub ruling: Ruling,
    /// The verdict before, which was another one; none where nothing was told so far, since the sources of change requests were
    /// to be read first.
    pub before: Option<Verdict>,
}

/// What is worth telling of a scan: changes, then drifts, each in the report's order.
pub fn gather(found: &Found<'_>) -> Vec<Occurrence> {
    let report = found.report;
    let systems: HashMap<&str, &SystemRow> = report
        .systems
        .iter()
        .map(|row| (row.asset.as_str(), row))
        .collect();
    let mut all = Vec::new();
    for row in &report.changes {
        all.push(found.change(row, found.rulings.get(&row.id), None));
    }
    for one in found.again {
        all.push(found.change(&one.row, Some(&one.ruling), one.before));
    }
    // What follows from another is told with that.
    for row in report.drifts.iter().filter(|row| row.follows.is_none()) {
        let subject = subject(row);
        let what = match row.state {
            DriftState::New => What::Opened,
            DriftState::Reopened => What::Reopened,
            // One whose waiver ended is news, though it was there all along.
            _ if found.waived.contains(&subject) => What::Reopened,
            _ => continue,
        };
        all.push(found.drift(row, subject, what));
    }
    for row in report.resolved.iter().filter(|row| row.follows.is_none()) {
        all.push(found.drift(row, subject(row), What::Resolved));
    }
    for row in report.unasked.iter().filter(|row| row.follows.is_none()) {
        all.push(found.drift(row, subject(row), What::Unasked));
    }
    for row in &report.ignored {
        let subject = Occurrence::drift_subject(row.asset.as_str(), &row.control, &row.expectation);
        let system = systems.get(row.asset.as_str());
        all.push(Occurrence {
            subject,
            about: About::Drift,
            what: What::Waived,
            at: report.scan.finished,
            scan: Some(report.scan.id),
            severity: Severity::Low,
            environment: system.and_then(|system| system.environment.clone()),
            role: system.map(|system| system.role.clone()),
            team: (found.team)(&row.asset),
            controls: vec![row.control.clone()],
            asset: row.asset.as_str().into(),
            kind: system.map_or(Text::default(), |system| system.kind.clone()),
            name: system.map_or(row.asset.as_str().into(), |system| system.name.clone()),
            verdict: None,
            verdict_before: None,
            change: None,
            early: false,
            details: Details {
                note: Some(row.reason.clone()),
                until: Some(row.until),
                unknown: row.status == Status::Unknown,
                ..Details::default()
            },
        });
    }
    all
}

fn subject(row: &DriftRow) -> Text {
    Occurrence::drift_subject(row.asset.as_str(), &row.control, &row.expectation)
}

impl Found<'_> {
    fn change(
        &self,
        row: &ChangeRow,
        ruling: Option<&Ruling>,
        before: Option<Verdict>,
    ) -> Occurrence {
        let scan = &self.report.scan;
        let environment = ruling.and_then(|ruling| ruling.environment.clone());
        let paths = row.paths.iter().take(PATHS).map(|path| {
            let shown = |value: &Option<Value>| {
                let value = value.as_ref().map(ToString::to_string);
                value.map_or("(none)".to_owned(), |value| brief(&value))
            };
            Text::from(format!(
                "{}: {} → {}",
                path.path,
                shown(&path.from),
                shown(&path.to)
            ))
        });
        let judged = row.judged.as_ref();
        let reasons = match judged {
            Some(judged) => {
                let weighty = judged
                    .reasons
                    .iter()
                    .filter(|reason| !matches!(reason.outcome, Outcome::Holds | Outcome::Unasked));
                weighty
                    .take(REASONS)
                    .map(|reason| reason.sentence())
                    .collect()
            }
            None => row.reasons.iter().take(REASONS).cloned().collect(),
        };
        let nearest = judged
            .and_then(|judged| judged.candidates.first())
            .map(|near| {
                Text::from(format!(
                    "{} {} “{}”: {}",
                    near.source, near.request, near.title, near.why
                ))
            });
        let mut controls: Vec<Text> = match judged {
            Some(judged) => judged
                .reasons
                .iter()
                .filter(|reason| reason.outcome < Outcome::Holds)
                .map(|reason| reason.control.clone())
                .collect(),
            None => Vec::new(),
        };
        controls.dedup();
        if controls.is_empty() {
            controls.push(Text::const_new("change-approved"));
        }
        let mut occurrence = Occurrence {
            subject: Occurrence::change_subject(row.id),
            about: About::Change,
            what: if before.is_some() {
                What::Judged
            } else {
                What::Seen
            },
            at: scan.finished,
            scan: Some(scan.id),
            severity: Severity::Low,
            environment,
            role: ruling.and_then(|ruling| ruling.role.clone()),
            team: (self.team)(&row.asset),
            controls,
            asset: row.asset.as_str().into(),
            kind: row.asset_kind.clone(),
            name: row.name.clone(),
            verdict: Some(row.verdict),
            verdict_before: before,
            change: Some(row.id),
            early: self.early.contains(&row.id),
            details: Details {
                changed: Some(Text::from(format!(
                    "{} {}",
                    row.asset_kind,
                    row.kind.as_str()
                ))),
                paths: paths.collect(),
                more_paths: row.paths.len().saturating_sub(PATHS),
                actor: row
                    .attribution
                    .as_ref()
                    .map(crate::change::Attribution::words)
                    .or_else(|| row.actor.clone()),
                after: row.observed.after,
                before: Some(row.observed.before),
                request: row.request.clone(),
                nearest,
                reasons,
                ..Details::default()
            },
        };
        let sensitive = ruling.and_then(|ruling| ruling.sensitive) == Some(true);
        occurrence.severity = severity(row.verdict, occurrence.in_production(), sensitive);
        occurrence
    }

    fn drift(&self, row: &DriftRow, subject: Text, what: What) -> Occurrence {
        let scan = &self.report.scan;
        Occurrence {
            subject,
            about: About::Drift,
            what,
            at: scan.finished,
            scan: Some(scan.id),
            // That something cannot be seen wakes nobody: that its source is not read is told by itself.
            severity: match row.status {
                Status::Fail => row.severity,
                Status::Unknown => row.severity.min(Severity::Medium),
            },
            environment: row.environment.clone(),
            role: Some(row.role.clone()),
            team: (self.team)(&row.asset),
            controls: vec![row.control.clone()],
            asset: row.asset.as_str().into(),
            kind: row.kind.clone(),
            name: row.name.clone(),
            verdict: row.verdict,
            verdict_before: None,
            change: row.change,
            early: false,
            details: Details {
                expected: Some(row.expected.clone()),
                actual: Some(row.actual.clone()),
                evidence: Some(row.evidence.clone()),
                since: Some(row.since),
                unknown: row.status == Status::Unknown,
                actor: row.actor.clone(),
                request: row.request.clone(),
                ..Details::default()
            },
        }
    }
}

/// How bad a verdict is: what lacks its approval in production is worse than elsewhere, and worst where data is sensitive.
fn severity(verdict: Verdict, production: bool, sensitive: bool) -> Severity {
    match (verdict, production) {
        (Verdict::Unapproved | Verdict::Overdue, true) if sensitive => Severity::Critical,
        (Verdict::Unapproved | Verdict::Overdue, true) => Severity::High,
        (Verdict::Unapproved | Verdict::Overdue, false) => Severity::Medium,
        (Verdict::Unproven, true) => Severity::Medium,
        _ => Severity::Low,
    }
}

fn brief(text: &str) -> String {
    let mut letters = text.chars();
    let mut short: String = letters.by_ref().take(VALUE).collect();
    if letters.next().is_some() {
        short.push('…');
    }
    short
}
