//! What the templates are given: words, tamed and counted. Escaping is the templates' own.

use std::collections::HashMap;

use serde::Serialize;

use super::accesses::{Access, accesses};
use super::changes::{Anew, Changed, changed, rejudged};
use super::drifts::{Block, Reason, blocks, reasons};
use crate::baseline::{Severity, Status};
use crate::report::Outcome;
use crate::report::tame::tame;
use crate::report::value::{ControlRow, CoverageRow, DriftRow, Report};
use crate::report::when;

/// How many rows of a list are shown.
pub(super) const ROWS: usize = 1000;

/// Everything on the page.
#[derive(Serialize)]
pub(super) struct Page {
    scan: i64,
    started: String,
    took: String,
    verdict: &'static str,
    remark: String,
    tiles: Vec<Tile>,
    incomplete: Vec<Scope>,
    controls: Vec<Control>,
    failing: Cut<Block>,
    unknown: Vec<Reason>,
    unknown_blocks: Cut<Block>,
    changes: Cut<Changed>,
    rejudged: Cut<Anew>,
    accesses: Cut<Access>,
    map: Option<Map>,
    resolved: Cut<Line>,
    unasked: Cut<Line>,
    unjudged: Cut<Line>,
    misattested: Vec<String>,
    uncompared_values: u64,
    uncompared_assets: u64,
    coverage: Vec<Scope>,
    systems: Cut<System>,
    ignored: Cut<Line>,
}

/// A list and how many more there are than it shows.
#[derive(Serialize)]
pub(super) struct Cut<T> {
    pub(super) rows: Vec<T>,
    pub(super) more: usize,
    pub(super) all: usize,
}

impl<T> Cut<T> {
    /// The first rows of all, as `show` shows them.
    pub(super) fn new<S>(all: &[S], most: usize, show: impl Fn(&S) -> T) -> Self {
        Self {
            rows: all.iter().take(most).map(show).collect(),
            more: all.len().saturating_sub(most),
            all: all.len(),
        }
    }
}

/// The map of what changed: an SVG element that is safe as it stands.
#[derive(Serialize)]
struct Map {
    svg: String,
    shown: usize,
    missing: usize,
    warnings: Vec<String>,
}

impl Map {
    fn new(strip: &crate::export::Strip) -> Self {
        Self {
            svg: crate::export::inline_svg(&strip.diagram),
            shown: strip.shown,
            missing: strip.missing,
            warnings: strip.diagram.title.warnings.clone(),
        }
    }
}

#[derive(Serialize)]
struct Tile {
    label: &'static str,
    value: String,
    note: String,
    /// The class that colours it; the words say the same.
    tone: &'static str,
    link: &'static str,
}

#[derive(Serialize)]
struct Scope {
    source: String,
    scope: String,
    complete: bool,
    fresh: bool,
    as_of: String,
    troubles: Cut<String>,
}

#[derive(Serialize)]
struct Control {
    id: String,
    title: String,
    status: &'static str,
    pass: u64,
    fail: u64,
    unknown: u64,
    not_applicable: u64,
    ignored: u64,
    references: Vec<String>,
}

#[derive(Serialize)]
struct System {
    asset: String,
    name: String,
    kind: String,
    role: String,
    role_by: String,
    environment: Option<String>,
    environment_by: Option<String>,
    fail: u64,
    unknown: u64,
}

/// A drift or finding on one line.
#[derive(Serialize)]
pub(super) struct Line {
    control: String,
    name: String,
    asset: String,
    time: String,
    text: String,
}

impl Page {
    pub(super) fn new(report: &Report) -> Self {
        let outcome = report.outcome();
        let mut states: HashMap<&str, (u64, u64)> = HashMap::new();
        for row in &report.drifts {
            let (fail, unknown) = states.entry(row.asset.as_str()).or_default();
            match row.status {
                Status::Fail => *fail += 1,
                Status::Unknown => *unknown += 1,
            }
        }
        Self {
            scan: report.scan.id,
            started: when::absolute(report.scan.started),
            took: when::took(report.scan.started, report.scan.finished),
            verdict: match outcome {
                Outcome::Clean => "Clean",
                Outcome::Drift => "Drift",
                Outcome::Incomplete => "Incomplete",
            },
            remark: remark(report, outcome),
            tiles: tiles(report),
            incomplete: scopes(report, |row| !row.complete),
            controls: report.controls.iter().map(control).collect(),
            failing: blocks(report, Status::Fail),
            unknown: reasons(report),
            unknown_blocks: blocks(report, Status::Unknown),
            changes: changed(report),
            rejudged: rejudged(report),
            accesses: accesses(report),
            map: report.map.as_ref().map(Map::new),
            resolved: {
                let own = report.resolved.iter().filter(|row| row.follows.is_none());
                Cut::new(&own.collect::<Vec<_>>(), ROWS, |row| resolved(row))
            },
            unasked: Cut::new(&report.unasked, ROWS, resolved),
            unjudged: Cut::new(&report.unjudged, ROWS, |row| Line {
                control: name(&row.role),
                name: name(&row.name),
                asset: tame(row.asset.as_str(), 120).into_owned(),
                time: String::new(),
                text: name(&row.kind),
            }),
            misattested: report
                .misattested
                .iter()
                .map(|what| sentence(what))
                .collect(),
            uncompared_values: report.summary.uncompared.values,
            uncompared_assets: report.summary.uncompared.assets,
            coverage: scopes(report, |_| true),
            systems: Cut::new(&report.systems, ROWS, |row| {
                let states = states.get(row.asset.as_str()).copied();
                let (fail, unknown) = states.unwrap_or_default();
                System {
                    asset: tame(row.asset.as_str(), 120).into_owned(),
                    name: name(&row.name),
                    kind: name(&row.kind),
                    role: name(&row.role),
                    role_by: tame(&row.role_by, 120).into_owned(),
                    environment: row.environment.as_deref().map(name),
                    environment_by: row.environment_by.as_deref().map(name),
                    fail,
                    unknown,
                }
            }),
            ignored: Cut::new(&report.ignored, ROWS, |row| Line {
                control: name(&row.control),
                name: tame(row.asset.as_str(), 120).into_owned(),
                asset: tame(row.asset.as_str(), 120).into_owned(),
                time: when::absolute(row.until),
                text: sentence(&row.reason),
            }),
        }
    }
}

/// A name on the page.
pub(super) fn name(text: &str) -> String {
    tame(text, 80).into_owned()
}

/// A sentence on the page.
pub(super) fn sentence(text: &str) -> String {
    tame(text, 600).into_owned()
}

fn remark(report: &Report, outcome: Outcome) -> String {
    match outcome {
        Outcome::Clean if report.systems.is_empty() => {
            "Nothing was judged: no asset has a role.".into()
        }
        Outcome::Clean => {
            let remark = report.clean_remark();
            format!("Every system is as its role’s baseline says{remark}.")
        }
        Outcome::Incomplete => {
            "No drift in what could be read, and not everything could be.".into()
        }
        Outcome::Drift => {
            format!("{}.", report.drift_words())
        }
    }
}

fn tiles(report: &Report) -> Vec<Tile> {
    let summary = &report.summary;
    let severities = [
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
    ];
    let severities = severities.iter().filter_map(|severity| {
        let count = summary.fail.get(severity.as_str())?;
        Some(format!("{count} {}", severity.as_str()))
    });
    let kept = |many: u64, tone| if many == 0 { "quiet" } else { tone };
    let refused = report.refused_changes();
    let unread = summary.scopes.saturating_sub(summary.scopes_complete);
    let assets: u64 = summary.assets.values().sum();
    vec![
        Tile {
            label: "Failing",
            value: report.failing().to_string(),
            note: severities.collect::<Vec<_>>().join(", "),
            tone: kept(report.failing(), "fail"),
            link: "failing",
        },
        Tile {
            label: "Unknown",
            value: summary.unknown.to_string(),
            note: match summary.follow {
                0 => "never counted as pass".into(),
                follow => format!("and {follow} that follow"),
            },
            tone: kept(summary.unknown, "unknown"),
            link: "unknown",
        },
        Tile {
            label: "New",
            value: summary.new.to_string(),
            note: match summary.ignored {
                0 => format!("{} resolved", summary.resolved),
                ignored => format!("{} resolved, {ignored} ignored", summary.resolved),
            },
            tone: kept(summary.new, "note"),
            link: "failing",
        },
        Tile {
            label: "Changes",
            value: report.changes.len().to_string(),
            note: report.change_words(),
            tone: match (refused, report.unproven_changes()) {
                (0, 0) => "quiet",
                (0, _) => "unknown",
                _ => "fail",
            },
            link: "changes",
        },
        Tile {
            label: "Scopes read",
            value: format!("{} of {}", summary.scopes_complete, summary.scopes),
            note: if unread == 0 {
                "all completely".into()
            } else {
                format!("{unread} incomplete")
            },
            tone: kept(unread, "unknown"),
            link: "coverage",
        },
        Tile {
            label: "Systems",
            value: summary.systems.to_string(),
            note: format!("{assets} assets, {} relations", summary.relations),
            tone: "quiet",
            link: "systems",
        },
    ]
}

fn scopes(report: &Report, which: impl Fn(&CoverageRow) -> bool) -> Vec<Scope> {
    let rows = report.coverage.iter().filter(|row| which(row)).take(ROWS);
    rows.map(|row| Scope {
        source: name(&row.source),
        scope: tame(&row.scope, 120).into_owned(),
        complete: row.complete,
        fresh: row.fresh,
        as_of: when::absolute(row.as_of),
        troubles: Cut::new(&row.troubles, 20, |trouble| sentence(trouble)),
    })
    .collect()
}

fn control(row: &ControlRow) -> Control {
    Control {
        id: name(&row.control),
        title: sentence(&row.title),
        status: row.status,
        pass: row.counts.pass,
        fail: row.counts.fail,
        unknown: row.counts.unknown,
        not_applicable: row.counts.not_applicable,
        ignored: row.counts.ignored,
        references: row
            .references
            .iter()
            .map(|reference| name(reference))
            .collect(),
    }
}

fn resolved(row: &DriftRow) -> Line {
    Line {
        control: name(&row.control),
        name: name(&row.name),
        asset: tame(row.asset.as_str(), 120).into_owned(),
        time: when::absolute(row.since),
        text: sentence(&row.expected),
    }
}
