//! Exports and the graph's questions on made-up estates.
//!
//! `cargo bench --bench export -- [ASSETS …]` (100000 where none are given). Times of commands are of whole processes, from
//! start to the last byte; the questions' are ratios to loading the snapshot within this run.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at a fault"
)]

use std::fs::File;
use std::io::{BufWriter, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use plimsoll::baseline::{Baselines, systems};
use plimsoll::inventory::{reach, shared};
use plimsoll::store::Store;

#[path = "../examples/estate.rs"]
#[allow(dead_code)]
mod estate;
#[path = "../tests/export/mod.rs"]
mod export;

const RUNS: usize = 5;

fn main() {
    let sizes: Vec<u64> = std::env::args()
        .skip(1)
        .filter_map(|size| size.parse().ok())
        .collect();
    pictures();
    for assets in if sizes.is_empty() {
        vec![100_000]
    } else {
        sizes
    } {
        measure(assets);
    }
}

fn pictures() {
    println!("a diagram, laid out and written as SVG, and as PNG");
    for nodes in [10, 100, 500] {
        let snapshot = export::large(nodes);
        let wanted = plimsoll::export::Wanted {
            details: true,
            ..Default::default()
        };
        let draw = || export::drawn(&snapshot, &wanted, 500);
        let diagram = draw();
        let laid_out = median(RUNS, || drop(plimsoll::export::layout::layout(&draw())));
        let written = |format| median(3, || drop(export::written(&diagram, format)));
        let svg = written(plimsoll::export::Format::Svg);
        let png = written(plimsoll::export::Format::Png);
        println!(
            "  {nodes:>4} nodes, {:>4} edges     layout {:>6.1} ms (bound 2000)   svg {:>6.1} ms   png {:>7.1} ms",
            diagram.edges.len(),
            millis(laid_out),
            millis(svg),
            millis(png)
        );
    }
}

fn measure(assets: u64) {
    let folder = tempfile::tempdir().unwrap();
    let findings = folder.path().join("findings.jsonl");
    let arguments = ["--assets", &assets.to_string()].map(str::to_owned);
    let made_up = estate::Estate::from_arguments(arguments.into_iter()).unwrap();
    made_up
        .write(BufWriter::new(File::create(&findings).unwrap()))
        .unwrap();
    let config = folder.path().join("config.toml");
    let database = folder.path().join("plimsoll.db");
    let text = format!(
        "[store]\npath = {database:?}\n[[sources]]\nname = \"estate\"\ncollector = \"file\"\nsettings.path = {findings:?}\n"
    );
    std::fs::write(&config, text).unwrap();
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_plimsoll"));
    run(&binary, &config, &["scan", "--quiet"]);
    println!("\n{assets} assets, {} relations", assets * 3 / 2);
    for (format, bound) in [
        ("csv", true),
        ("jsonl", true),
        ("json", false),
        ("xlsx", false),
    ] {
        let mut worst = (0, 0);
        let runs = if bound { RUNS } else { 1 };
        let took = median(runs, || {
            let (peak, bytes) = run(
                &binary,
                &config,
                &["export", "inventory", "--format", format],
            );
            worst = (worst.0.max(peak), bytes);
        });
        let bound = if bound {
            "   (bound 3000 ms, 150 MB)"
        } else {
            ""
        };
        println!(
            "  export inventory --format {format:<6} {:>7.0} ms, {:>5.0} MB, {:>5.0} MB written{bound}",
            millis(took),
            worst.0 as f64 / 1e3,
            worst.1 as f64 / 1e6
        );
    }
    let took = median(1, || _ = run(&binary, &config, &["export", "diagram"]));
    println!(
        "  export diagram (collapsed)       {:>7.0} ms",
        millis(took)
    );
    let store = Store::open_existing(&database, Duration::from_secs(5)).unwrap();
    let scan = store.scan_at(None).unwrap().unwrap();
    let loading = median(3, || drop(store.snapshot(scan.id).unwrap()));
    let snapshot = store.snapshot(scan.id).unwrap();
    let baselines = Baselines::load_for(&Baselines::shipped(), &[], &[]).unwrap();
    let choosing = median(3, || drop(systems(&snapshot, &baselines, &[])));
    let systems = systems(&snapshot, &baselines, &[]);
    let tagged: Vec<(u32, Option<&str>)> = systems
        .iter()
        .map(|system| (system.at, system.environment.as_deref()))
        .collect();
    println!(
        "  loading the snapshot             {:>7.0} ms",
        millis(loading)
    );
    let row = |name: &str, took: Duration, bound: &str| {
        let ratio = took.as_secs_f64() / loading.as_secs_f64();
        println!(
            "  {name:<33}{:>7.0} ms   {ratio:.2} x loading{bound}",
            millis(took)
        );
    };
    row("choosing roles and environments", choosing, "");
    let is_system = |at: u32| {
        systems
            .binary_search_by(|system| system.at.cmp(&at))
            .is_ok()
    };
    row(
        "reach",
        median(RUNS, || drop(reach(&snapshot, is_system))),
        " (bound 500 ms)",
    );
    row(
        "shared",
        median(RUNS, || drop(shared(&snapshot, &tagged))),
        " (bound 500 ms)",
    );
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn median(runs: usize, mut run: impl FnMut()) -> Duration {
    let mut all: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    all.sort_unstable();
    all[all.len() / 2]
}

/// Runs the program to its end; its peak memory in KB, and how many bytes it wrote.
fn run(binary: &Path, config: &Path, arguments: &[&str]) -> (u64, u64) {
    let mut child = Command::new(binary)
        .arg("--config")
        .arg(config)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut stdout = child.stdout.take().unwrap();
    let (mut peak, mut bytes) = (0, 0);
    let mut chunk = vec![0; 1 << 20];
    while let Ok(length @ 1..) = stdout.read(&mut chunk) {
        bytes += length as u64;
        if let Ok(text) = std::fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
            peak = peak.max(kilobytes.unwrap_or(0));
        }
    }
    let code = child.wait().unwrap().code();
    assert!(matches!(code, Some(0 | 10)), "{arguments:?}: {code:?}");
    (peak, bytes)
}
