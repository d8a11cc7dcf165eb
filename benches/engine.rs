//! The engine against the least that its work could cost, on made-up estates read by the `file` collector.
//!
//! `cargo bench --bench engine -- [ASSETS …]` (10000 and 100000 where none are given). Every figure is a ratio within this run:
//!
//! - *parse*: reading the file and parsing its lines with serde_json into typed structs, on one thread;
//! - *parse and insert*: the same, and inserting the rows into SQLite in one transaction;
//! - *scan*: the whole `plimsoll scan` as a process, from start to printed report.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at a fault"
)]

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use plimsoll_model::{Asset, Relation};

#[path = "../examples/estate.rs"]
#[allow(dead_code)]
mod estate;

/// Each measure is taken this often, and the median counts.
const RUNS: usize = 5;

#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Asset(Asset),
    Relation(Relation),
    Scope(serde::de::IgnoredAny),
}

fn main() {
    let sizes: Vec<u64> = std::env::args()
        .skip(1)
        .filter_map(|size| size.parse().ok())
        .collect();
    let sizes = if sizes.is_empty() {
        vec![10_000, 100_000]
    } else {
        sizes
    };
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_plimsoll"));
    let megabytes = std::fs::metadata(&binary).unwrap().len() as f64 / 1e6;
    println!("binary: {megabytes:.1} MB");
    for assets in sizes {
        measure(&binary, assets);
    }
}

fn measure(binary: &Path, assets: u64) {
    let folder = tempfile::tempdir().unwrap();
    let (same, changed) = (
        folder.path().join("same.jsonl"),
        folder.path().join("changed.jsonl"),
    );
    write_estate(&same, assets, 0);
    write_estate(&changed, assets, 1);
    let findings = folder.path().join("findings.jsonl");
    std::fs::copy(&same, &findings).unwrap();
    let config = folder.path().join("config.toml");
    let text = format!(
        "[store]\npath = {:?}\n[[sources]]\nname = \"estate\"\ncollector = \"file\"\nsettings.path = {:?}\n",
        folder.path().join("plimsoll.db"),
        findings
    );
    std::fs::write(&config, text).unwrap();

    let runs = if assets > 200_000 { 3 } else { RUNS };
    let parse = median(runs, || (), |()| drop(parse(&same)));
    let insert = median(
        runs,
        || drop(std::fs::remove_file(folder.path().join("plain.db"))),
        |()| {
            insert(&same, &folder.path().join("plain.db"));
        },
    );
    let clean = || {
        for name in ["plimsoll.db", "plimsoll.db-wal", "plimsoll.db-shm"] {
            let _ = std::fs::remove_file(folder.path().join(name));
        }
    };
    let scan = || scan(binary, &config, &["scan", "--quiet"]);
    let mut peak = 0;
    let first = median(runs, clean, |()| peak = peak.max(scan()));
    let before = database(folder.path());
    peak = (0..runs).map(|_| scan()).fold(peak, u64::max);
    let after = database(folder.path());
    // In turn, so that a slow moment of the machine falls on both alike: to the other estate, where 1 % has changed, and then
    // the same once more.
    let (mut unchanged, mut some_changed) = (Vec::new(), Vec::new());
    for turn in 0..runs + 1 {
        std::fs::copy(if turn % 2 == 0 { &changed } else { &same }, &findings).unwrap();
        for taken in [&mut some_changed, &mut unchanged] {
            let start = Instant::now();
            peak = peak.max(scan());
            taken.push(start.elapsed());
        }
    }
    let (unchanged, some_changed) = (middle(unchanged), middle(some_changed));
    let version = median(
        11,
        || (),
        |()| _ = self::scan(binary, &config, &["--version"]),
    );
    let drift = median(
        11,
        || (),
        |()| _ = self::scan(binary, &config, &["drift", "--quiet"]),
    );

    let size = std::fs::metadata(&same).unwrap().len() as f64 / 1e6;
    println!(
        "\n{assets} assets, {} relations, {size:.0} MB of findings",
        assets * 3 / 2
    );
    println!("  parse                         {:>8.0} ms", millis(parse));
    println!("  parse and insert              {:>8.0} ms", millis(insert));
    row("first scan", first, insert, "parse and insert", 2.0);
    row("unchanged scan", unchanged, parse, "parse", 2.0);
    row(
        "scan with 1 % changed",
        some_changed,
        unchanged,
        "unchanged scan",
        1.2,
    );
    println!(
        "  peak memory of a scan         {:>8.0} MB",
        peak as f64 / 1e3
    );
    let growth = (after.1.saturating_sub(before.1)) as f64 / 1024.0 / runs as f64;
    println!(
        "  growth by an unchanged scan   {growth:>8.0} KiB, {} rows",
        after.0 - before.0
    );
    println!(
        "  database                      {:>8.0} MB",
        before.1 as f64 / 1e6
    );
    println!(
        "  plimsoll --version            {:>8.1} ms",
        millis(version)
    );
    println!("  plimsoll drift                {:>8.1} ms", millis(drift));
}

fn row(name: &str, took: Duration, against: Duration, whom: &str, bound: f64) {
    let ratio = took.as_secs_f64() / against.as_secs_f64();
    println!(
        "  {name:<30}{:>8.0} ms   {ratio:.2} x {whom} (bound {bound})",
        millis(took)
    );
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn median(runs: usize, mut before: impl FnMut(), mut run: impl FnMut(())) -> Duration {
    let runs = (0..runs).map(|_| {
        before();
        let start = Instant::now();
        run(());
        start.elapsed()
    });
    middle(runs.collect())
}

fn middle(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}

fn write_estate(path: &Path, assets: u64, changed: u64) {
    let (assets, changed) = (assets.to_string(), changed.to_string());
    let arguments = ["--assets", &assets, "--changed", &changed].map(str::to_owned);
    let estate = estate::Estate::from_arguments(arguments.into_iter()).unwrap();
    estate
        .write(BufWriter::new(File::create(path).unwrap()))
        .unwrap();
}

fn parse(path: &Path) -> (Vec<Asset>, Vec<Relation>) {
    let mut text = Vec::new();
    File::open(path).unwrap().read_to_end(&mut text).unwrap();
    let (mut assets, mut relations) = (Vec::new(), Vec::new());
    for line in text
        .split(|byte| *byte == b'\n')
        .skip(1)
        .filter(|line| !line.is_empty())
    {
        match serde_json::from_slice(line).unwrap() {
            Line::Asset(asset) => assets.push(asset),
            Line::Relation(relation) => relations.push(relation),
            Line::Scope(_) => {}
        }
    }
    (assets, relations)
}

fn insert(path: &Path, database: &Path) {
    let (assets, relations) = parse(path);
    let mut database = rusqlite::Connection::open(database).unwrap();
    database
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             CREATE TABLE asset (id TEXT UNIQUE, kind TEXT, name TEXT, body TEXT);
             CREATE TABLE relation (origin TEXT, kind TEXT, target TEXT);",
        )
        .unwrap();
    let transaction = database.transaction().unwrap();
    {
        let mut put = transaction
            .prepare("INSERT INTO asset VALUES (?1, ?2, ?3, ?4)")
            .unwrap();
        for asset in &assets {
            let body = serde_json::to_string(&asset).unwrap();
            put.execute((
                asset.id.as_str(),
                asset.kind.as_str(),
                asset.name.as_str(),
                body,
            ))
            .unwrap();
        }
        let mut put = transaction
            .prepare("INSERT INTO relation VALUES (?1, ?2, ?3)")
            .unwrap();
        for relation in &relations {
            let Relation { from, kind, to, .. } = relation;
            put.execute((from.as_str(), kind.as_str(), to.as_str()))
                .unwrap();
        }
    }
    transaction.commit().unwrap();
}

/// Runs the program to its end and gives its peak memory in KB.
fn scan(binary: &Path, config: &Path, arguments: &[&str]) -> u64 {
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
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        stdout.read_to_end(&mut text).unwrap();
        text
    });
    let mut peak = 0;
    let code = loop {
        if let Ok(text) = std::fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
            peak = peak.max(kilobytes.unwrap_or(0));
        }
        match child.try_wait().unwrap() {
            Some(status) => break status.code(),
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let text = reader.join().unwrap();
    assert!(
        matches!(code, Some(0 | 10)),
        "{code:?}: {}",
        String::from_utf8_lossy(&text)
    );
    peak
}

/// The rows that assets and relations take, and the size of the files.
fn database(folder: &Path) -> (i64, u64) {
    let database = rusqlite::Connection::open(folder.join("plimsoll.db")).unwrap();
    let rows = database
        .query_row(
            "SELECT (SELECT count(*) FROM asset) + (SELECT count(*) FROM version) + (SELECT count(*) FROM relation)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    drop(database);
    let size = |name: &str| std::fs::metadata(folder.join(name)).map_or(0, |file| file.len());
    let _ = std::io::stdout().flush();
    (rows, size("plimsoll.db") + size("plimsoll.db-wal"))
}
