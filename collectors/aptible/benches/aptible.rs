//! What reading an organisation costs: 200 apps, 100 databases and 20,000 operations on the fake server.
//!
//! `cargo bench -p plimsoll-aptible --bench aptible`. *Collecting* is a process of its own, from start to harvest; *raw* is
//! the same requests with the same number at once, every answer read whole and thrown away. Requests are counted by the
//! server.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at a fault"
)]

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use plimsoll_aptible::REGISTRATION;
use plimsoll_aptible::testkit::{FakeAptible, Size, TOKEN};
use plimsoll_kit::http::{Client, Secret};
use plimsoll_kit::testkit::{build, harvest};
use plimsoll_kit::{Context, Limits, NoProgress, Redactor};

const SIZE: Size = Size {
    environments: 10,
    apps: 200,
    databases: 100,
    operations: 20_000,
};
const AT_ONCE: usize = 4;
const RUNS: usize = 5;
/// Names the settings for the process that collects.
const SETTINGS: &str = "PLIMSOLL_BENCH_SETTINGS";

fn main() {
    match std::env::var(SETTINGS) {
        Ok(settings) => collect(&settings),
        Err(_) => measure(),
    }
}

fn measure() {
    let fake = FakeAptible::sized(SIZE, Timestamp::now());
    let settings = fake.settings();
    let mut runs = vec![run(&settings)];
    let counted = fake.requests();
    let targets: Vec<String> = fake
        .server()
        .requests()
        .iter()
        .map(|request| request.target())
        .collect();
    let client = client(&fake);
    let mut raw = Vec::new();
    for _ in 0..RUNS {
        // In turn, so that a slow moment of the machine falls on all alike.
        raw.push(timed(|| fetch(&client, &targets)));
        runs.push(run(&settings));
    }
    let peak = runs.iter().map(|run| run.peak).max().unwrap();
    let took = median(runs.iter().map(|run| run.took).collect());
    let raw = median(raw);
    println!(
        "{} apps, {} databases, {} operations in {} environments: {} assets, {} actions",
        SIZE.apps,
        SIZE.databases,
        SIZE.operations,
        SIZE.environments,
        runs[0].assets,
        runs[0].actions
    );
    for (kind, count) in &counted {
        println!("  {count:>6}  {kind}");
    }
    println!("  {:>6}  requests", targets.len());
    let ms = |took: Duration| took.as_secs_f64() * 1e3;
    println!("  raw          {:>7.0} ms, {AT_ONCE} at once", ms(raw));
    println!(
        "  collecting   {:>7.0} ms, {:.2} x raw",
        ms(took),
        ms(took) / ms(raw)
    );
    println!("  peak memory  {:>7.1} MB", peak as f64 / 1e3);
}

/// One process that collected.
struct Run {
    took: Duration,
    peak: u64,
    assets: usize,
    actions: usize,
}

fn run(settings: &str) -> Run {
    let start = Instant::now();
    let output = Command::new(std::env::current_exe().unwrap())
        .env(SETTINGS, settings)
        .output()
        .unwrap();
    let took = start.elapsed();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let numbers: Vec<u64> = said
        .split_whitespace()
        .map(|word| word.parse().unwrap())
        .collect();
    Run {
        took,
        peak: numbers[0],
        assets: usize::try_from(numbers[1]).unwrap(),
        actions: usize::try_from(numbers[2]).unwrap(),
    }
}

/// The process that collects: prints its peak memory in KB, and how much it found.
fn collect(settings: &str) {
    let collector = build(&REGISTRATION, settings).unwrap();
    let context = Context {
        redactor: Redactor::new([7; 32], "aptible"),
        clock: Arc::new(Timestamp::now),
        limits: Limits::default(),
        cursors: Arc::default(),
        progress: Arc::new(NoProgress),
    };
    let harvest = runtime().block_on(harvest(&*collector, &context));
    for scope in &harvest.scopes {
        assert!(scope.complete && scope.troubles.is_empty(), "{scope:?}");
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak
        .and_then(|line| line.split_whitespace().next())
        .unwrap();
    println!("{peak} {} {}", harvest.assets.len(), harvest.actions.len());
}

fn client(fake: &FakeAptible) -> Client {
    Client::builder(fake.server().url())
        .token(Secret::new("the bench", TOKEN).unwrap())
        .header("Prefer", "no_sensitive_extras=true")
        .build()
        .unwrap()
}

fn fetch(client: &Client, targets: &[String]) {
    let next = AtomicUsize::new(0);
    let worker = || async {
        while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
            client.get(target).await.unwrap();
        }
    };
    runtime().block_on(futures::future::join_all((0..AT_ONCE).map(|_| worker())));
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap()
}

fn timed<T>(run: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    drop(run());
    start.elapsed()
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}
