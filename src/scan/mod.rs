//! The conductor of one scan: the only room that calls every other, in order.
//!
//! Collectors are read first, while nothing is locked. Then, in one transaction, what they gave is compared with
//! what was known, assembled, judged and stored: a crash at any point leaves the last scan whole.

mod accesses;
mod around;
mod clock;
mod former;
mod gather;
mod listeners;
mod makers;
mod outcome;
mod picture;
mod published;
mod recall;
mod records;
mod retire;
mod roles;
mod scopes;
mod settle;
mod tell;
#[cfg(test)]
mod tests;
mod verdicts;
mod weigh;
mod words;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_kit::{Clock, Cursors};
use plimsoll_model::Text;
use tracing::field::Empty;

pub use gather::{Gathered, Observer};
pub(crate) use recall::stored_row;
pub use recall::{Recall, recall, recall_changes};
pub use retire::retire;
pub use verdicts::PATIENCE;

use crate::approval::{People, Policy};
use crate::baseline::{Attest, Baselines, Ignore, Judgement, Rule};
use crate::config::{Config, StoreSettings};
use crate::inventory::Snapshot;
use crate::notify::plan::Notify;
use crate::report::Report;
use crate::store::{SourceLock, Store, StoreError, redaction_key};
use crate::trace;
use gather::{Reading, gather};

/// Why a scan came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The inventory cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A source was named that is not configured.
    #[error("no source is named {name:?}: configured are {known}")]
    NoSuchSource {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A source was to be retired that is in the configuration.
    #[error(
        "the source {0:?} is still in the configuration, so the next scan would find all of it again: take its [[sources]] out first"
    )]
    StillConfigured(String),
    /// A source was to be retired that was never read.
    #[error("no source of that name was ever read: {name:?}. There are {known}")]
    NeverRead {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A source was to be retired that was before.
    #[error(
        "the source {0:?} was retired before, and nothing of it is left: `plimsoll sources list` says when"
    )]
    Retired(String),
    /// It was told to stop.
    #[error("the scan was told to stop before everything was read; nothing was changed")]
    Stopped,
    /// The machine refuses what a scan needs.
    #[error("cannot start reading: {0}")]
    Runtime(#[from] std::io::Error),
}

/// What a scan gives.
pub struct Scanned {
    /// Its report.
    pub report: Report,
    /// The inventory as of it.
    pub snapshot: Snapshot,
    /// How that was judged.
    pub judgement: Judgement,
    /// Whether there are changes on which there is no verdict before the sources of change requests are read again.
    pub waits_for_requests: bool,
    /// How many approvals the checker refused that it had not refused before, by its rule: mistakes of our own.
    pub refused: BTreeMap<Text, u64>,
}

/// What a scan judges by.
pub struct Yardstick<'a> {
    /// The baselines.
    pub baselines: &'a Baselines,
    /// The rule table.
    pub rules: &'a [Rule],
    /// What is left out.
    pub ignores: &'a [Ignore],
    /// What the house states where no source says it.
    pub attests: &'a [Attest],
    /// The sources that are configured, where that is known: what others had seen is known no more.
    pub configured: Option<&'a [Text]>,
    /// The approval policy, where one is chosen.
    pub policy: Option<&'a Policy>,
    /// The sources that give change requests, also while they have none to give.
    pub request_sources: &'a [Text],
    /// Who is who.
    pub people: &'a People,
    /// How long ended versions are kept.
    pub retention: Duration,
    /// Who is told what; none where nobody is.
    pub notify: Option<&'a Notify>,
}

/// Tells scans to stop.
pub type Stop = tokio::sync::watch::Receiver<bool>;

/// How a scan goes about it.
pub struct Manner<'a> {
    /// How long it waits for another scan of one of its sources.
    pub patience: Duration,
    /// What tells it to stop; heard while it reads.
    pub stop: Option<&'a Stop>,
    /// Where the inventory is, where it is not to be the configuration's.
    pub store: Option<&'a StoreSettings>,
}

/// Scans the configured sources, or those of them that are named.
///
/// # Errors
/// When the inventory cannot be used or a named source is not configured. A source that cannot be read is no error: it
/// is in the report.
pub fn run(
    config: &Config,
    baselines: &Baselines,
    only: &[String],
    clock: &Clock,
    observer: &dyn Observer,
) -> Result<Scanned, ScanError> {
    let manner = Manner {
        patience: config.store.busy_timeout,
        stop: None,
        store: None,
    };
    run_in(&manner, config, baselines, only, clock, observer)
}

/// Scans as [`run`] does, in a manner of one's own.
///
/// # Errors
/// As [`run`], and when it is told to stop.
pub fn run_in(
    manner: &Manner<'_>,
    config: &Config,
    baselines: &Baselines,
    only: &[String],
    clock: &Clock,
    observer: &dyn Observer,
) -> Result<Scanned, ScanError> {
    let started = clock();
    let readings = readings(config, only)?;
    let names: Vec<&str> = readings
        .iter()
        .map(|reading| reading.source.as_str())
        .collect();
    let span = tracing::info_span!(
        target: trace::TARGET,
        "scan",
        sources = names.join(","),
        id = Empty,
        end = Empty,
    );
    let scanned = span.in_scope(|| {
        scan(
            manner, config, baselines, readings, started, clock, observer,
        )
    });
    match &scanned {
        Ok(scanned) => {
            span.record("id", scanned.report.scan.id);
            span.record("end", "stored");
        }
        Err(ScanError::Stopped) => drop(span.record("end", "stopped")),
        Err(_) => drop(span.record("end", "failed")),
    }
    scanned
}

fn scan(
    manner: &Manner<'_>,
    config: &Config,
    baselines: &Baselines,
    mut readings: Vec<Reading<'_>>,
    started: Timestamp,
    clock: &Clock,
    observer: &dyn Observer,
) -> Result<Scanned, ScanError> {
    let settings = manner.store.unwrap_or(&config.store);
    let mut store = Store::open(&settings.path, settings.busy_timeout)?;
    let key = redaction_key(&settings.key_file)?;
    let sources: Vec<&Text> = readings.iter().map(|reading| reading.source).collect();
    let _locks = lock(&settings.path, sources, manner.patience)?;
    for reading in &mut readings {
        // Another version may make more of the same answers.
        let said = [env!("CARGO_PKG_VERSION").as_bytes(), &reading.settings].concat();
        reading.settings = *blake3::keyed_hash(&key, &said).as_bytes();
        reading.cursors = Arc::new(Cursors {
            keep_from: keep_from(started, config.store.retention),
            read_before: store.read_before(reading.source, &reading.settings, started)?,
        });
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let gathering = gather(readings, config.scan.concurrency, clock, key, observer);
    let gathered = runtime.block_on(async {
        tokio::select! {
            gathered = gathering => Ok(gathered),
            () = stopped(manner.stop) => Err(ScanError::Stopped),
        }
    });
    // A collector that passed its deadline inside a blocking call is not waited for.
    runtime.shutdown_background();
    let gathered = gathered?;
    let configured: Vec<Text> = config
        .sources
        .iter()
        .map(|source| source.name.clone())
        .collect();
    let yardstick = Yardstick {
        configured: Some(&configured),
        policy: config.approval.policy.as_ref(),
        request_sources: &config.approval.sources,
        people: &config.people,
        baselines,
        rules: &config.rules,
        ignores: &config.ignores,
        attests: &config.attests,
        retention: config.store.retention,
        notify: config.notify.as_ref(),
    };
    let settling = || {
        let written = store.written();
        let commit = store.begin()?.beside_file(written);
        settle::settle(commit, gathered, &yardstick, started, clock)
    };
    Ok(tracing::info_span!(target: trace::TARGET, "settle").in_scope(settling)?)
}

/// Waits until a scan is told to stop; for ever where nobody could.
async fn stopped(stop: Option<&Stop>) {
    if let Some(stop) = stop
        && stop.clone().wait_for(|stop| *stop).await.is_ok()
    {
        return;
    }
    std::future::pending().await
}

fn readings<'a>(config: &'a Config, only: &[String]) -> Result<Vec<Reading<'a>>, ScanError> {
    for name in only {
        if !config.sources.iter().any(|source| source.name == *name) {
            let known: Vec<&str> = config
                .sources
                .iter()
                .map(|source| source.name.as_str())
                .collect();
            let known = if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            };
            return Err(ScanError::NoSuchSource {
                name: name.clone(),
                known,
            });
        }
    }
    let wanted = |name: &Text| only.is_empty() || only.iter().any(|wanted| *wanted == **name);
    let sources = config.sources.iter().filter(|source| wanted(&source.name));
    Ok(sources
        .map(|source| Reading {
            source: &source.name,
            collector_name: source.collector_name,
            collector: source.collector.as_ref(),
            holds_requests: config.holds_requests(source),
            deadline: source.deadline,
            settings: source.said,
            cursors: Arc::default(),
        })
        .collect())
}

/// Takes the locks in order of the names, so that two scans never wait for each other.
fn lock(
    path: &Path,
    mut sources: Vec<&Text>,
    wait: Duration,
) -> Result<Vec<SourceLock>, StoreError> {
    sources.sort_unstable();
    sources
        .into_iter()
        .map(|source| SourceLock::acquire(path, source, wait))
        .collect()
}

/// The time from which on what ended is kept.
fn keep_from(now: Timestamp, retention: Duration) -> Timestamp {
    now.checked_sub(retention).unwrap_or(Timestamp::MIN)
}

/// The catalogue as a report shows it.
pub(crate) fn control_infos(baselines: &Baselines) -> Vec<crate::report::ControlInfo> {
    let info = |control: &crate::baseline::Control| crate::report::ControlInfo {
        id: control.id.clone(),
        title: control.title.clone(),
        references: control.references.clone(),
    };
    baselines.controls().iter().map(info).collect()
}
