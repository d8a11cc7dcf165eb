//! How long it takes to read a made-up estate, against a plain typed parse of the same lines on one thread.
//!
//! `cargo run --release -p plimsoll-file --example speed -- --assets 100000`

#![expect(clippy::print_stdout, reason = "the figures are its result")]

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use plimsoll_file::REGISTRATION;
use plimsoll_kit::settings::Document;
use plimsoll_kit::{Context, Harvester, Limits, NoProgress, Redactor};
use plimsoll_model::{Asset, Relation};

#[path = "../../../examples/estate.rs"]
#[expect(dead_code, reason = "its main is for itself")]
mod estate;

#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Asset(Asset),
    Relation(Relation),
    Scope(serde::de::IgnoredAny),
}

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let estate = estate::Estate::from_arguments(std::env::args().skip(1))?;
    let mut file = tempfile::NamedTempFile::new()?;
    estate.write(std::io::BufWriter::new(&mut file))?;
    file.flush()?;
    let path = file.path();
    let bytes = std::fs::metadata(path)?.len();
    println!("{} MB", bytes / 1_000_000);
    drop(collect(path)?);
    println!("peak memory of the collector: {}", peak()?);
    let (mut plain, mut ours) = (Duration::MAX, Duration::MAX);
    for _ in 0..5 {
        let start = Instant::now();
        let counts = parse(path)?;
        plain = plain.min(start.elapsed());
        let start = Instant::now();
        let harvest = collect(path)?;
        ours = ours.min(start.elapsed());
        assert_eq!(counts, (harvest.assets.len(), harvest.relations.len()));
        assert!(harvest.scopes.iter().all(|scope| scope.complete));
    }
    let ratio = ours.as_secs_f64() / plain.as_secs_f64();
    println!("plain typed parse {plain:.3?}, collector with finish {ours:.3?}: {ratio:.2}");
    Ok(())
}

/// The most memory that this process has had so far.
fn peak() -> Result<String, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(peak.unwrap_or("unknown").trim().to_owned())
}

fn parse(path: &std::path::Path) -> Result<(usize, usize), Failure> {
    let text = std::fs::read(path)?;
    let (mut assets, mut relations) = (Vec::new(), Vec::new());
    for line in text
        .split(|byte| *byte == b'\n')
        .skip(1)
        .filter(|line| !line.is_empty())
    {
        match serde_json::from_slice(line)? {
            Line::Asset(asset) => assets.push(asset),
            Line::Relation(relation) => relations.push(relation),
            Line::Scope(_) => {}
        }
    }
    Ok((assets.len(), relations.len()))
}

fn collect(path: &std::path::Path) -> Result<plimsoll_kit::Harvest, Failure> {
    let settings = Document::new("settings", format!("path = {path:?}"));
    let built = settings
        .read(REGISTRATION.build)
        .map_err(|mistakes| mistakes.to_string())?;
    let collector = built.ok_or("no collector")?;
    let context = Context {
        redactor: Redactor::new([7; 32], "estate"),
        clock: Arc::new(Default::default),
        limits: Limits::default(),
        cursors: Arc::default(),
        progress: Arc::new(NoProgress),
    };
    let mut harvest = Harvester::new(context.limits);
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(collector.collect(&context, &mut harvest));
    Ok(harvest.finish())
}
