//! Running the collectors: at once under a bound, each with its deadline, whatever they do.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::stream::{self, StreamExt as _};
use jiff::Timestamp;
use plimsoll_kit::http::{Calls, Meter};
use plimsoll_kit::{
    Clock, Collector, Context, Cursors, Harvest, Harvester, Limits, NoProgress, Progress, Redactor,
};
use plimsoll_model::Text;
use tracing::Instrument as _;
use tracing::field::Empty;

use crate::store::SettingsMark;
use crate::trace;

/// The scope on which a source's trouble stands when the collector came to no scope at all.
const NO_SCOPE: &str = "all";

/// A source to be read.
pub(super) struct Reading<'a> {
    /// Its name.
    pub(super) source: &'a Text,
    /// The name of its collector.
    pub(super) collector_name: &'static str,
    /// Its collector.
    pub(super) collector: &'a dyn Collector,
    /// Whether it is a source of change requests, which is read when all others have been.
    pub(super) holds_requests: bool,
    /// How long it may take.
    pub(super) deadline: Duration,
    /// By which settings it is read.
    pub(super) settings: SettingsMark,
    /// How far its records have been read.
    pub(super) cursors: Arc<Cursors>,
}

/// What a source gave.
pub struct Gathered {
    /// The source's name.
    pub source: Text,
    /// By which settings it was read.
    pub settings: SettingsMark,
    /// When reading it began.
    pub started: Timestamp,
    /// When it was done.
    pub finished: Timestamp,
    /// What it gave.
    pub harvest: Harvest,
    /// What its collector asked over HTTP, where it does so by the kit's client.
    pub calls: Calls,
    /// Why it was taken out for good, where it was not read but retired: what it had seen ends, and that is no change of anything.
    pub retired: Option<Text>,
}

/// Hears how the sources come along.
pub trait Observer: Send + Sync {
    /// A source is being read; its progress goes to what is given back.
    fn started(&self, source: &Text) -> Arc<dyn Progress>;
    /// A source has been read.
    fn finished(&self, gathered: &Gathered);
}

/// Reads the sources, `concurrency` at once, and those of change requests after the others. Gives them back in order of their
/// names.
///
/// One that passes its deadline, or panics, is kept with what it had by then; its open scopes are incomplete.
pub(super) async fn gather(
    readings: Vec<Reading<'_>>,
    concurrency: usize,
    clock: &Clock,
    key: [u8; plimsoll_kit::KEY_BYTES],
    observer: &dyn Observer,
) -> Vec<Gathered> {
    let (requests, others): (Vec<_>, Vec<_>) = readings
        .into_iter()
        .partition(|reading| reading.holds_requests);
    let mut all = Vec::with_capacity(requests.len() + others.len());
    for readings in [others, requests] {
        let mut futures = Vec::with_capacity(readings.len());
        for reading in readings {
            let context = Context {
                redactor: Redactor::new(key, reading.source),
                clock: Arc::clone(clock),
                limits: Limits::default(),
                cursors: Arc::clone(&reading.cursors),
                progress: Arc::new(NoProgress),
            };
            futures.push(observed(reading, context, observer));
        }
        let gathered = stream::iter(futures).buffer_unordered(concurrency.max(1));
        all.extend(gathered.collect::<Vec<Gathered>>().await);
    }
    all.sort_by(|a, b| a.source.cmp(&b.source));
    all
}

async fn observed(reading: Reading<'_>, mut context: Context, observer: &dyn Observer) -> Gathered {
    context.progress = observer.started(reading.source);
    let span = tracing::info_span!(
        target: trace::TARGET,
        "read",
        source = %reading.source,
        collector = reading.collector_name,
        complete = Empty,
        assets = Empty,
        troubles = Empty,
    );
    let gathered = read(&reading, &context).instrument(span.clone()).await;
    let scopes = &gathered.harvest.scopes;
    span.record("complete", scopes.iter().all(|scope| scope.complete));
    span.record("assets", gathered.harvest.assets.len());
    let troubles = scopes.iter().map(|scope| scope.troubles.len());
    span.record("troubles", troubles.sum::<usize>());
    drop(span);
    observer.finished(&gathered);
    gathered
}

async fn read(reading: &Reading<'_>, context: &Context) -> Gathered {
    let started = context.now();
    let mut harvester = Harvester::new(context.limits);
    let meter = Arc::new(Meter::default());
    let collecting = reading.collector.collect(context, &mut harvester);
    let collecting = AssertUnwindSafe(Arc::clone(&meter).count(collecting));
    let cut = match tokio::time::timeout(reading.deadline, collecting.catch_unwind()).await {
        Ok(Ok(())) => None,
        Ok(Err(_)) => Some(
            "the collector failed by a fault of its own: what it had read is kept; please report it"
                .to_owned(),
        ),
        Err(_) => Some(format!(
            "not done within its deadline of {:?}: what was read is kept; raise the source's `deadline` if it needs longer",
            reading.deadline
        )),
    };
    if let Some(why) = &cut {
        tracing::warn!(source = %reading.source, "{why}");
        harvester.interrupt(why);
    }
    if !harvester.has_scopes() {
        let why = cut.unwrap_or_else(|| "the collector read nothing".to_owned());
        harvester.trouble(NO_SCOPE, why);
    }
    let harvest = harvester.finish();
    let (assets, relations) = (harvest.assets.len(), harvest.relations.len());
    tracing::debug!(source = %reading.source, assets, relations, "read");
    Gathered {
        source: reading.source.clone(),
        settings: reading.settings,
        started,
        finished: context.now(),
        harvest,
        calls: meter.calls(),
        retired: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use plimsoll_kit::Access;
    use plimsoll_model::{Asset, AssetId};

    enum Fake {
        Good,
        Hangs,
        Panics,
        Silent,
    }

    #[async_trait]
    impl Collector for Fake {
        async fn collect(&self, _context: &Context, harvest: &mut Harvester) {
            if matches!(self, Fake::Silent) {
                return;
            }
            harvest.asset("a", Asset::new(AssetId::of("host", &["a"]), "host", "a"));
            harvest.complete("a");
            harvest.asset("b", Asset::new(AssetId::of("host", &["b"]), "host", "b"));
            match self {
                Fake::Hangs => std::future::pending().await,
                Fake::Panics => panic!("broken"),
                _ => harvest.complete("b"),
            }
        }

        async fn check(&self, _context: &Context) -> Vec<Access> {
            Vec::new()
        }
    }

    struct Deaf;

    impl Observer for Deaf {
        fn started(&self, _source: &Text) -> Arc<dyn Progress> {
            Arc::new(NoProgress)
        }

        fn finished(&self, _gathered: &Gathered) {}
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_hangs_or_fails_keeps_what_it_had_and_stops_no_other() {
        let names: Vec<Text> = ["good", "hangs", "panics", "silent"]
            .map(Text::from)
            .to_vec();
        let fakes = [Fake::Good, Fake::Hangs, Fake::Panics, Fake::Silent];
        let readings = names.iter().zip(&fakes).map(|(source, fake)| Reading {
            source,
            collector_name: "fake",
            collector: fake,
            holds_requests: false,
            deadline: Duration::from_secs(30),
            settings: SettingsMark::default(),
            cursors: Arc::default(),
        });
        let clock: Clock = Arc::new(|| Timestamp::UNIX_EPOCH);
        let all = gather(readings.collect(), 2, &clock, [0; 32], &Deaf).await;
        let seen: Vec<_> = all
            .iter()
            .map(|one| {
                let complete = one
                    .harvest
                    .scopes
                    .iter()
                    .map(|scope| scope.complete)
                    .collect();
                (one.source.as_str(), one.harvest.assets.len(), complete)
            })
            .collect::<Vec<(&str, usize, Vec<bool>)>>();
        assert_eq!(
            seen,
            [
                ("good", 2, vec![true, true]),
                ("hangs", 2, vec![true, false]),
                ("panics", 2, vec![true, false]),
                ("silent", 0, vec![false]),
            ]
        );
        assert!(
            all[1].harvest.scopes[1].troubles[0]
                .what
                .contains("deadline")
        );
    }

    struct Slow(Duration);

    #[async_trait]
    impl Collector for Slow {
        async fn collect(&self, _context: &Context, harvest: &mut Harvester) {
            tokio::time::sleep(self.0).await;
            harvest.complete("all");
        }

        async fn check(&self, _context: &Context) -> Vec<Access> {
            Vec::new()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn requests_are_read_when_everything_else_has_been() {
        let names = ["a-tracker", "fast", "slow", "tracker"].map(Text::from);
        let slow = [1, 1, 60, 2].map(|seconds| Slow(Duration::from_secs(seconds)));
        let readings = names.iter().zip(&slow).map(|(source, slow)| Reading {
            source,
            collector_name: "fake",
            collector: slow,
            holds_requests: source.ends_with("tracker"),
            deadline: Duration::from_secs(90),
            settings: SettingsMark::default(),
            cursors: Arc::default(),
        });
        let begun = tokio::time::Instant::now();
        let clock: Clock = Arc::new(move || Timestamp::UNIX_EPOCH + begun.elapsed());
        let all = gather(readings.collect(), 8, &clock, [0; 32], &Deaf).await;
        let times = |one: &Gathered| (one.started.as_second(), one.finished.as_second());
        let times: Vec<_> = all.iter().map(times).collect();
        assert_eq!(times, [(60, 61), (0, 1), (0, 60), (60, 62)]);
    }
}
