//! Scans on threads of their own: what one of them does, hang or panic, stops no other and not the daemon.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use plimsoll_kit::http::Calls;
use plimsoll_kit::{Clock, NoProgress, Progress};
use plimsoll_model::Text;
use tokio::sync::mpsc::UnboundedSender;

use super::render::Rendering;
use super::{Duty, Event};
use crate::report::{Outcome, Report};
use crate::scan::{self, Gathered, Manner, Observer, ScanError, Scanned, Stop};
use crate::store::StoreError;

/// A scan that is to be run.
pub(super) struct Errand {
    pub(super) number: u64,
    pub(super) sources: Vec<Text>,
    /// How whoever asked for it wants the report.
    pub(super) rendering: Option<Rendering>,
}

/// A scan that is over.
pub(super) struct Done {
    pub(super) number: u64,
    pub(super) sources: Vec<Text>,
    pub(super) took: Duration,
    pub(super) calls: BTreeMap<Text, Calls>,
    pub(super) end: End,
}

/// What a scan came to.
pub(super) enum End {
    Scanned(Box<Told>),
    /// Another process scans one of its sources.
    Busy(String),
    /// The inventory cannot be used, or the machine refuses.
    Failed(String),
    Stopped,
    /// By a fault of our own.
    Panicked,
}

/// What is kept of a scan's report.
pub(super) struct Told {
    pub(super) scan: i64,
    pub(super) outcome: Outcome,
    /// The scopes of this scan: by source and scope, when it was read, and whether completely.
    pub(super) scopes: Vec<(Text, Text, Timestamp, bool)>,
    pub(super) drifts: Drifts,
    pub(super) changes: BTreeMap<Text, u64>,
    /// Approvals that the checker refused, by its rule.
    pub(super) refused: BTreeMap<Text, u64>,
    /// Whether the sources of change requests are to be read for what it saw.
    pub(super) waits_for_requests: bool,
    /// The report, where it was asked for.
    pub(super) page: Option<Vec<u8>>,
}

/// Open drifts by control, environment, status and severity.
pub(super) type Drifts = BTreeMap<[Text; 4], u64>;

/// Counts the open drifts of a report.
pub(super) fn drifts(report: &Report) -> Drifts {
    let mut drifts = Drifts::new();
    // What follows from another is counted with that one.
    for row in report.drifts.iter().filter(|row| row.follows.is_none()) {
        let environment = row.environment.clone();
        let key = [
            row.control.clone(),
            environment.unwrap_or_else(|| Text::const_new("unknown")),
            row.status.as_str().into(),
            row.severity.as_str().into(),
        ];
        *drifts.entry(key).or_default() += 1;
    }
    drifts
}

/// Hears what the collectors asked.
#[derive(Default)]
struct Ear(Mutex<BTreeMap<Text, Calls>>);

impl Observer for Ear {
    fn started(&self, _source: &Text) -> Arc<dyn Progress> {
        Arc::new(NoProgress)
    }

    fn finished(&self, gathered: &Gathered) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.insert(gathered.source.clone(), gathered.calls);
    }
}

/// Starts a scan; its end comes as an event, whatever it is.
///
/// # Errors
/// When the system has no thread for it.
pub(super) fn send(
    errand: Errand,
    duty: Arc<Duty>,
    clock: Clock,
    stop: Stop,
    events: UnboundedSender<Event>,
) -> std::io::Result<()> {
    std::thread::Builder::new()
        .name("scan".to_owned())
        .spawn(move || {
            let began = Instant::now();
            let ear = Ear::default();
            let run = || run(&errand, &duty, &clock, &stop, &ear);
            let end = std::panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or(End::Panicked);
            let calls = ear.0.into_inner().unwrap_or_else(PoisonError::into_inner);
            let done = Done {
                number: errand.number,
                sources: errand.sources,
                took: began.elapsed(),
                calls,
                end,
            };
            // Nobody listens any more when the daemon has ended.
            let _ = events.send(Event::Done(Box::new(done)));
        })
        .map(drop)
}

fn run(errand: &Errand, duty: &Duty, clock: &Clock, stop: &Stop, ear: &Ear) -> End {
    let only: Vec<String> = errand.sources.iter().map(Text::to_string).collect();
    let manner = Manner {
        patience: Duration::ZERO,
        stop: Some(stop),
        store: None,
    };
    let (config, baselines) = (&duty.config, &duty.baselines);
    match scan::run_in(&manner, config, baselines, &only, clock, ear) {
        Ok(scanned) => told(&scanned, errand.rendering, clock()),
        Err(ScanError::Stopped) => End::Stopped,
        Err(error @ ScanError::Store(StoreError::SourceBusy { .. })) => {
            End::Busy(error.to_string())
        }
        Err(error) => End::Failed(error.to_string()),
    }
}

fn told(scanned: &Scanned, rendering: Option<Rendering>, now: Timestamp) -> End {
    let report = &scanned.report;
    let page = match rendering.map(|rendering| rendering.write(report, now)) {
        None => None,
        Some(Ok(page)) => Some(page),
        Some(Err(error)) => return End::Failed(format!("the report cannot be written: {error}")),
    };
    let fresh = report.coverage.iter().filter(|row| row.fresh);
    End::Scanned(Box::new(Told {
        scan: report.scan.id,
        outcome: report.outcome(),
        scopes: fresh
            .map(|row| {
                (
                    row.source.clone(),
                    row.scope.clone(),
                    row.as_of,
                    row.complete,
                )
            })
            .collect(),
        drifts: drifts(report),
        changes: report.summary.changes.clone(),
        refused: scanned.refused.clone(),
        waits_for_requests: scanned.waits_for_requests,
        page,
    }))
}
