//! The daemon without its loop: the time is handed in, the scans are real.

mod trackers;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use plimsoll_kit::{Access, Clock, Collector, Context, Harvester};
use plimsoll_model::{Asset, AssetId};
use tokio::sync::{mpsc, oneshot, watch};

use super::keeper::{Asked, Keeper};
use super::*;
use crate::config::{Source, fake};
use crate::schedule::{Schedule, Timing};
use crate::store::{SourceLock, Store};

/// Waiting for a thread that never comes back would be waiting for ever.
const LIMIT: Duration = Duration::from_secs(60);

/// How long the database is waited for. Scans of a test wait for each other too.
const BUSY: Duration = Duration::from_secs(2);

/// What a source does when it is read.
#[derive(Clone)]
enum Reads {
    /// Gives some hosts, each with the number of the read every so many reads.
    Hosts(Arc<AtomicU64>),
    /// Waits for ever, as a collector should not.
    Hangs,
    /// Blocks its thread until the flag is set, as a collector must not.
    Blocks(Arc<AtomicBool>),
    Panics,
    /// There is nothing to read.
    Nothing,
    /// Reads nothing.
    Fails,
}

struct Fake(Reads);

#[async_trait]
impl Collector for Fake {
    async fn collect(&self, _context: &Context, harvest: &mut Harvester) {
        match &self.0 {
            Reads::Hosts(reads) => {
                let read = reads.fetch_add(1, Ordering::Relaxed);
                for number in 0..2 {
                    let name = format!("host-{number}");
                    let id = AssetId::of("host", &[&name]);
                    let mut asset = Asset::new(id, "host", name.as_str());
                    asset.labels.insert("read", (read / 6).to_string().into());
                    harvest.asset("all", asset);
                }
                harvest.complete("all");
            }
            Reads::Hangs => std::future::pending().await,
            Reads::Blocks(go) => {
                while !go.load(Ordering::Relaxed) {
                    std::thread::park_timeout(Duration::from_millis(1));
                }
                harvest.complete("all");
            }
            Reads::Panics => panic!("broken"),
            Reads::Nothing => harvest.complete("all"),
            Reads::Fails => harvest.trouble("all", "out of reach"),
        }
    }

    async fn check(&self, _context: &Context) -> Vec<Access> {
        Vec::new()
    }
}

/// A daemon in a folder of its own, at a time of its own.
struct House {
    keeper: Keeper,
    events: mpsc::UnboundedReceiver<Event>,
    stop: watch::Sender<bool>,
    time: Arc<AtomicI64>,
    folder: tempfile::TempDir,
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn source(name: &str, cron: &str, reads: Reads) -> Source {
    let deadline = Duration::from_secs(1);
    Source {
        name: name.into(),
        collector_name: "fake",
        deadline,
        timing: Timing {
            schedule: Schedule::parse(cron).unwrap(),
            zone: TimeZone::UTC,
            jitter: Duration::ZERO,
            max_age: None,
            deadline,
        },
        said: [0; 32],
        collector: Box::new(Fake(reads)),
    }
}

fn hosts() -> Reads {
    Reads::Hosts(Arc::default())
}

fn duty(folder: &std::path::Path, sources: Vec<Source>) -> Arc<Duty> {
    Arc::new(bare_duty(folder, sources))
}

pub(super) fn bare_duty(folder: &std::path::Path, sources: Vec<Source>) -> Duty {
    let surroundings = fake::surroundings(folder, None);
    let Ok(mut config) = Config::discovered(&fake::registrations(), &surroundings) else {
        panic!("the defaults have mistakes")
    };
    config.found.clear();
    config.sources = sources;
    config.store.busy_timeout = BUSY;
    let documents = Baselines::shipped();
    let Ok(baselines) = Baselines::load_for(&documents, &[], &[]) else {
        panic!("the shipped baselines have mistakes")
    };
    let courier = Box::new(NoCourier);
    Duty {
        config,
        baselines,
        courier,
    }
}

impl House {
    fn of(sources: Vec<Source>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::over(folder, sources, "2026-01-01T00:00:00Z")
    }

    fn over(folder: tempfile::TempDir, sources: Vec<Source>, now: &str) -> Self {
        let time = Arc::new(AtomicI64::new(at(now).as_microsecond()));
        let clock: Clock = {
            let time = Arc::clone(&time);
            Arc::new(move || Timestamp::from_microsecond(time.load(Ordering::Relaxed)).unwrap())
        };
        let (stop, stopped) = watch::channel(false);
        let (send, events) = mpsc::unbounded_channel();
        let duty = duty(folder.path(), sources);
        // As the daemon does before it begins.
        drop(Store::open(&duty.config.store.path, LIMIT).unwrap());
        let keeper = Keeper::new(duty, clock, stopped, send);
        Self {
            keeper,
            events,
            stop,
            time,
            folder,
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.time.load(Ordering::Relaxed)).unwrap()
    }

    fn set(&self, now: &str) {
        self.time.store(at(now).as_microsecond(), Ordering::Relaxed);
    }

    /// Begins what is due, and sees to the end of `ends` scans.
    fn turn(&mut self, ends: usize) {
        self.keeper.tick(self.now());
        for _ in 0..ends {
            let event = within(self.events.recv()).expect("an event");
            match event {
                Event::Done(done) => self.keeper.done(*done),
                _ => panic!("nobody asks"),
            }
            self.keeper.tick(self.now());
        }
    }

    /// Sees to the end of all that runs and waits.
    fn settle(&mut self) {
        self.keeper.tick(self.now());
        while self.keeper.busy() > 0 {
            self.turn(1);
        }
    }

    fn ask(&mut self, names: &[&str]) -> oneshot::Receiver<Answer> {
        let (reply, answer) = oneshot::channel();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let rendering = Rendering::default();
        self.keeper.ask(&names, Asked { rendering, reply });
        answer
    }

    fn results(&self, source: &str) -> Vec<(&'static str, u64)> {
        let page = &self.keeper.book.sources[source];
        page.results
            .iter()
            .map(|(result, count)| (*result, *count))
            .collect()
    }

    fn scans(&self) -> i64 {
        let path = &self.keeper.duty().config.store.path;
        let store = Store::open(path, Duration::ZERO).unwrap();
        store.scan_at(None).unwrap().map_or(0, |scan| scan.id)
    }
}

fn within<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime
        .block_on(async { tokio::time::timeout(LIMIT, future).await })
        .expect("in time")
}

#[test]
fn what_is_due_is_scanned_once_and_what_hangs_or_panics_stops_no_other() {
    let go = Arc::new(AtomicBool::new(false));
    let mut house = House::of(vec![
        source("blocks", "*/15 * * * *", Reads::Blocks(Arc::clone(&go))),
        source("fails", "*/15 * * * *", Reads::Fails),
        source("good", "*/15 * * * *", hosts()),
        source("hangs", "*/15 * * * *", Reads::Hangs),
        source("panics", "*/15 * * * *", Reads::Panics),
    ]);
    house.keeper.grace = Duration::from_secs(30);
    house.turn(4);
    assert_eq!(house.results("good"), [("complete", 1)]);
    for source in ["fails", "hangs", "panics"] {
        assert_eq!(house.results(source), [("incomplete", 1)], "{source}");
    }
    assert!(house.results("blocks").is_empty());
    assert_eq!(house.keeper.busy(), 1);
    house.set("2026-01-01T00:10:00Z");
    house.turn(0);
    // It hangs by now, and its place is free again.
    assert_eq!(
        (house.results("blocks"), house.keeper.busy()),
        (vec![("hung", 1)], 0)
    );
    assert!(house.keeper.unready(house.now())[0].contains("source blocks hangs"));
    let answer = house.ask(&[]);
    house.turn(0);
    assert!(matches!(within(answer), Ok(Answer::Busy(why)) if why.contains("source blocks hangs")));

    house.set("2026-01-01T00:15:00Z");
    house.turn(4);
    assert_eq!(house.results("good"), [("complete", 2)]);
    assert_eq!(house.results("blocks"), [("hung", 1), ("skipped", 1)]);
    go.store(true, Ordering::Relaxed);
    house.turn(1);
    house.set("2026-01-01T00:30:00Z");
    house.turn(5);
    assert_eq!(house.results("blocks")[0], ("complete", 2));
}

#[test]
fn a_clock_that_is_set_forward_makes_no_scan_hang() {
    let go = Arc::new(AtomicBool::new(false));
    let blocks = Reads::Blocks(Arc::clone(&go));
    let mut house = House::of(vec![source("slow", "*/15 * * * *", blocks)]);
    house.turn(0);
    house.set("2036-01-01T00:00:00Z");
    house.turn(0);
    assert_eq!(house.results("slow"), [("skipped", 1)]);
    assert_eq!(house.keeper.busy(), 1);
    house.set("2026-01-01T00:01:00Z");
    house.turn(0);
    go.store(true, Ordering::Relaxed);
    house.turn(1);
    assert_eq!(house.results("slow"), [("complete", 1), ("skipped", 1)]);
}

#[test]
fn a_store_that_is_locked_is_tried_again_at_the_next_run() {
    let mut house = House::of(vec![source("good", "*/15 * * * *", hosts())]);
    house.turn(1);
    let path = house.keeper.duty().config.store.path.clone();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    house.set("2026-01-01T00:15:00Z");
    house.turn(1);
    assert_eq!(house.results("good"), [("complete", 1), ("failed", 1)]);
    assert!(house.keeper.unready(house.now())[0].contains("locked by another process"));
    house.set("2026-01-01T00:16:00Z");
    house.turn(0);
    other.execute_batch("ROLLBACK").unwrap();
    house.set("2026-01-01T00:30:00Z");
    house.turn(1);
    assert_eq!(house.results("good"), [("complete", 2), ("failed", 1)]);
    assert!(house.keeper.unready(house.now()).is_empty());
    assert!(
        house
            .keeper
            .metrics(house.now())
            .contains("plimsoll_store_failures_total 1\n")
    );
}

#[test]
fn a_source_that_another_process_scans_is_left_out() {
    let mut house = House::of(vec![source("good", "*/15 * * * *", hosts())]);
    house.turn(1);
    let path = house.keeper.duty().config.store.path.clone();
    let held = SourceLock::acquire(&path, &"good".into(), Duration::ZERO).unwrap();
    house.set("2026-01-01T00:15:00Z");
    house.turn(1);
    assert_eq!(house.results("good"), [("complete", 1), ("skipped", 1)]);
    let answer = house.ask(&["good"]);
    house.turn(1);
    assert!(matches!(within(answer), Ok(Answer::Busy(why)) if why.contains("another scan")));
    drop(held);
    assert!(house.keeper.unready(house.now()).is_empty());
}

#[test]
fn who_asks_gets_one_report_of_all_that_was_asked_for() {
    let mut house = House::of(vec![
        source("a", "0 0 1 1 *", hosts()),
        source("b", "0 0 1 1 *", hosts()),
        source("c", "0 0 1 1 *", Reads::Fails),
    ]);
    house.turn(3);
    assert_eq!(house.scans(), 3);
    let answers = [house.ask(&["a", "b"]), house.ask(&[]), house.ask(&["d"])];
    house.turn(2);
    assert_eq!(house.scans(), 5);
    let [some, all, none] = answers.map(|answer| within(answer).unwrap());
    let Answer::Scanned { page, outcome, .. } = some else {
        panic!("no report")
    };
    assert_eq!(outcome, Outcome::Drift);
    assert!(String::from_utf8(page).unwrap().contains("host-1"));
    assert!(matches!(all, Answer::Scanned { .. }));
    assert!(matches!(none, Answer::NoSuchSource(why) if why.contains("configured are a, b, c")));
    assert_eq!(house.results("c"), [("incomplete", 2)]);
    // A signal scans each for itself.
    house.keeper.scan_all();
    house.keeper.scan_all();
    house.settle();
    assert_eq!(house.scans(), 8);
}

#[test]
fn who_asks_for_the_same_meanwhile_gets_the_same_report() {
    let mut house = House::of(vec![source("a", "0 0 1 1 *", hosts())]);
    house.turn(1);
    let answers: Vec<_> = (0..40).map(|_| house.ask(&["a"])).collect();
    // More than may wait, were each a scan of its own.
    let more: Vec<_> = (0..40).map(|_| house.ask(&[])).collect();
    house.turn(1);
    house.settle();
    let scans: BTreeSet<i64> = answers
        .into_iter()
        .chain(more)
        .map(|answer| match within(answer).unwrap() {
            Answer::Scanned { scan, .. } => scan,
            _ => panic!("no report"),
        })
        .collect();
    assert_eq!(scans.len(), 1, "{scans:?}");
}

#[test]
fn a_scan_is_dropped_when_the_daemon_stops() {
    let mut slow = source("hangs", "0 0 1 1 *", Reads::Hangs);
    slow.deadline = Duration::from_secs(3_600);
    let mut house = House::of(vec![slow]);
    house.turn(0);
    let waits = house.ask(&[]);
    house.keeper.stop();
    house.stop.send_replace(true);
    let late = house.ask(&[]);
    for answer in [waits, late] {
        assert!(matches!(within(answer), Ok(Answer::Failed(why)) if why.contains("stopping")));
    }
    house.turn(1);
    assert_eq!(house.results("hangs"), [("stopped", 1)]);
    assert_eq!(house.scans(), 0);
}

#[test]
fn another_configuration_loses_no_scan() {
    let go = Arc::new(AtomicBool::new(false));
    let mut house = House::of(vec![
        source("old", "*/15 * * * *", Reads::Blocks(Arc::clone(&go))),
        source("stays", "*/15 * * * *", hosts()),
    ]);
    house.turn(1);
    let sources = vec![
        source("new", "*/15 * * * *", hosts()),
        source("stays", "0 * * * *", hosts()),
    ];
    house.keeper.take(duty(house.folder.path(), sources));
    house.turn(1);
    assert_eq!(house.results("new"), [("complete", 1)]);
    go.store(true, Ordering::Relaxed);
    house.turn(1);
    assert_eq!(
        house.scans(),
        3,
        "the scan of the source that is gone was kept"
    );
    house.set("2026-01-01T00:15:00Z");
    house.turn(1);
    assert_eq!(house.results("new"), [("complete", 2)]);
    assert_eq!(house.results("stays"), [("complete", 1)]);
}

#[test]
fn a_daemon_that_starts_knows_what_was_scanned_before() {
    let sources = || vec![source("good", "*/15 * * * *", hosts())];
    let mut house = House::of(sources());
    house.turn(1);
    let House { folder, .. } = house;
    let mut house = House::over(folder, sources(), "2026-01-01T00:07:00Z");
    let page = &house.keeper.book.sources["good"];
    assert_eq!(page.complete, Some(at("2026-01-01T00:00:00Z")));
    let metrics = house.keeper.metrics(house.now());
    assert!(metrics.contains("plimsoll_drifts{"), "{metrics}");
    house.turn(0);
    assert_eq!(house.keeper.busy(), 0, "nothing was missed");
    // Idle, it looks at the clock once a minute.
    assert_eq!(house.keeper.wait(house.now()), Duration::from_secs(60));
    // It slept for half a day.
    house.set("2026-01-01T12:07:00Z");
    assert!(
        house.keeper.unready(house.now())[0]
            .contains("last read completely at 2026-01-01T00:00:00Z")
    );
    house.turn(1);
    assert_eq!(house.results("good"), [("complete", 1)]);
    assert!(house.keeper.unready(house.now()).is_empty());
}

#[test]
fn a_source_that_fails_keeps_the_age_of_its_last_complete_read_over_a_restart() {
    let mut house = House::of(vec![source("good", "*/15 * * * *", hosts())]);
    house.turn(1);
    let House { folder, .. } = house;
    let fails = vec![source("good", "*/15 * * * *", Reads::Fails)];
    let mut house = House::over(folder, fails, "2026-01-01T01:00:00Z");
    house.turn(1);
    assert_eq!(house.results("good"), [("incomplete", 1)]);
    let page = house.keeper.metrics(house.now());
    for line in [
        "plimsoll_source_last_complete_age_seconds{source=\"good\"} 3600",
        "plimsoll_scope_last_complete_age_seconds{source=\"good\",scope=\"all\"} 3600",
        "plimsoll_source_stale{source=\"good\"} 1",
    ] {
        assert!(page.lines().any(|one| one == line), "no {line} in\n{page}");
    }
}

#[test]
fn the_metrics_are_whole_and_in_the_format() {
    let mut house = House::of(vec![source("good", "*/15 * * * *", hosts())]);
    house.turn(1);
    let page = house.keeper.metrics(house.now());
    let mut family = "";
    let mut seen = Vec::new();
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            family = rest.split(' ').next().unwrap();
            seen.push(family);
        } else if !line.starts_with("# HELP ") {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(name.starts_with(family), "{line}");
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }
    let known: Vec<&str> = METRICS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(seen, known);
    for line in [
        "plimsoll_scans_total{source=\"good\",result=\"complete\"} 1",
        "plimsoll_scan_duration_seconds_bucket{source=\"good\",le=\"+Inf\"} 1",
        "plimsoll_scan_duration_seconds_count{source=\"good\"} 1",
        "plimsoll_source_last_complete_age_seconds{source=\"good\"} 0",
        "plimsoll_scope_last_complete_age_seconds{source=\"good\",scope=\"all\"} 0",
        "plimsoll_source_stale{source=\"good\"} 0",
        "plimsoll_source_next_scan_timestamp_seconds{source=\"good\"} 1767226500",
        "plimsoll_requests_total{source=\"good\"} 0",
    ] {
        assert!(page.lines().any(|one| one == line), "no {line} in\n{page}");
    }
}

/// Fifty sources for a day, with real scans and a real store. What a scan needs is given back: the process's memory
/// grows by what the allocator keeps, and no more.
#[test]
fn a_day_with_fifty_sources_needs_no_more_memory_at_its_end() {
    const NAME: &str = "daemon::tests::a_day_with_fifty_sources_needs_no_more_memory_at_its_end";
    const ALONE: &str = "PLIMSOLL_TEST_ALONE";
    if std::env::var_os(ALONE).is_none() {
        // In a process of its own: other tests have memory of theirs. With the allocator as the service has it.
        let run = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", NAME, "--nocapture"])
            .env(ALONE, "1")
            .env("MALLOC_ARENA_MAX", "2")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout).into_owned();
        println!("{said}");
        assert!(run.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let sources = (0..50).map(|number| {
        let cron = format!("{number} */2 * * *");
        source(&format!("s{number}"), &cron, hosts())
    });
    let mut house = House::of(sources.collect());
    house.settle();
    let mut after = Vec::new();
    let end = at("2026-01-02T00:00:00Z");
    while house.now() < end {
        let wait = house.keeper.wait(house.now());
        let next = house.now().checked_add(wait.max(Duration::from_millis(1)));
        let next = next.unwrap();
        let hour = next.as_second() / 3600 > house.now().as_second() / 3600;
        house.time.store(next.as_microsecond(), Ordering::Relaxed);
        house.settle();
        if hour {
            after.push(metrics::resident().unwrap() >> 20);
        }
    }
    let pages = house.keeper.book.sources.values();
    let scans: u64 = pages.map(|page| page.scans).sum();
    println!("{scans} scans; MiB after each hour: {after:?}");
    assert!((600..=650).contains(&scans), "{scans} scans");
    let (early, late) = (after[5], after[after.len() - 1]);
    assert!(late <= early + 8, "MiB after each hour: {after:?}");
}
