//! The `docker` collector, and the whole command, against fetching the same answers raw.
//!
//! `cargo bench --bench docker --no-run && tests/run --exec cargo bench --offline --bench docker`: it makes 200 containers on the
//! engine that `tests/run` starts, and takes them away again. *Raw* is the same calls over the same socket with the same
//! number of connections, every answer read whole and thrown away.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at a fault"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use plimsoll_kit::settings::Document;
use plimsoll_kit::{Collector, Context, Harvester, Limits, NoProgress, Redactor};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;

const CONTAINERS: usize = 200;
const CONNECTIONS: usize = 12;
const RUNS: usize = 15;
const NAME: &str = "plimsoll-bench";

fn main() {
    let endpoint = std::env::var("PLIMSOLL_TEST_DOCKER")
        .expect("PLIMSOLL_TEST_DOCKER names no engine: start this by tests/run --exec");
    let socket = PathBuf::from(endpoint.strip_prefix("unix://").unwrap());
    let containers = Containers::make(&endpoint);
    let collector = collector(&endpoint);
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.toml");
    let text = format!(
        "[store]\npath = {:?}\n[[sources]]\nname = \"docker\"\ncollector = \"docker\"\nsettings.endpoint = {endpoint:?}\n",
        folder.path().join("plimsoll.db")
    );
    std::fs::write(&config, text).unwrap();

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let paths = runtime.block_on(paths(&socket));
    let (mut raw, mut collected, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        // In turn, so that a slow moment of the machine falls on all alike.
        raw.push(timed(|| runtime.block_on(fetch(&socket, &paths))));
        collected.push(timed(|| runtime.block_on(collect(collector.as_ref()))));
        whole.push(timed(|| scan(&config)));
    }
    drop(containers);
    let (raw, collected, whole) = (median(raw), median(collected), median(whole));
    println!(
        "{CONTAINERS} containers, {} answers, {CONNECTIONS} connections",
        paths.len()
    );
    println!("  raw            {:>7.1} ms", raw.as_secs_f64() * 1e3);
    let row = |name: &str, took: Duration, bound: f64| {
        let ratio = took.as_secs_f64() / raw.as_secs_f64();
        println!(
            "  {name:<15}{:>7.1} ms   {ratio:.2} x raw (bound {bound})",
            took.as_secs_f64() * 1e3
        );
    };
    row("collecting", collected, 1.25);
    row("whole command", whole, 4.0);
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

fn collector(endpoint: &str) -> Box<dyn Collector> {
    let settings = format!("endpoint = {endpoint:?}\nconcurrency = {CONNECTIONS}");
    let document = Document::new("bench", settings);
    document
        .read(|section| (plimsoll_docker::REGISTRATION.build)(section))
        .unwrap()
        .unwrap()
}

async fn collect(collector: &dyn Collector) {
    let context = Context {
        redactor: Redactor::new([7; 32], "docker"),
        clock: Arc::new(jiff::Timestamp::now),
        limits: Limits::default(),
        cursors: Arc::default(),
        progress: Arc::new(NoProgress),
    };
    let mut harvester = Harvester::new(context.limits);
    collector.collect(&context, &mut harvester).await;
    let harvest = harvester.finish();
    assert!(
        harvest.scopes.iter().all(|scope| scope.complete),
        "{:?}",
        harvest.scopes
    );
    assert!(harvest.assets.len() > CONTAINERS);
}

fn scan(config: &Path) {
    let status = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(["scan", "--quiet", "--config"])
        .arg(config)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(10));
}

/// The calls that a scan makes, as the engine lists its containers now.
async fn paths(socket: &Path) -> Vec<String> {
    let mut stream = BufReader::new(UnixStream::connect(socket).await.unwrap());
    let list = get(&mut stream, "/containers/json?all=1").await;
    let list: Vec<serde_json::Value> = serde_json::from_slice(&list).unwrap();
    let images = get(&mut stream, "/images/json").await;
    let images: Vec<serde_json::Value> = serde_json::from_slice(&images).unwrap();
    let fixed = [
        "/_ping",
        "/version",
        "/info",
        "/containers/json?all=1",
        "/images/json",
        "/networks",
        "/volumes",
    ];
    let id = |value: &serde_json::Value| value["Id"].as_str().unwrap().to_owned();
    let mut paths: Vec<String> = fixed.map(str::to_owned).to_vec();
    paths.extend(
        images
            .iter()
            .map(|image| format!("/images/{}/json", id(image))),
    );
    paths.extend(
        list.iter()
            .map(|container| format!("/containers/{}/json", id(container))),
    );
    paths
}

async fn fetch(socket: &Path, paths: &[String]) {
    let next = AtomicUsize::new(0);
    let worker = || async {
        let mut stream = BufReader::new(UnixStream::connect(socket).await.unwrap());
        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            get(&mut stream, path).await;
        }
    };
    futures::future::join_all((0..CONNECTIONS).map(|_| worker())).await;
}

/// One answer over a connection that stays open: by its length, or in chunks.
async fn get(stream: &mut BufReader<UnixStream>, path: &str) -> Vec<u8> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: docker\r\n\r\n");
    stream
        .get_mut()
        .write_all(request.as_bytes())
        .await
        .unwrap();
    let (mut length, mut chunked) = (0, false);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        chunked |= line.starts_with("transfer-encoding:") && line.ends_with("chunked");
        if line.is_empty() {
            break;
        }
    }
    if !chunked {
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.unwrap();
        return body;
    }
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        let size = usize::from_str_radix(line.trim(), 16).unwrap();
        let start = body.len();
        body.resize(start + size + 2, 0);
        stream.read_exact(&mut body[start..]).await.unwrap();
        body.truncate(start + size);
        if size == 0 {
            return body;
        }
    }
}

/// The containers, there until dropped.
struct Containers {
    endpoint: String,
}

impl Containers {
    fn make(endpoint: &str) -> Self {
        let containers = Self {
            endpoint: endpoint.to_owned(),
        };
        containers.remove();
        for at in 0..CONTAINERS {
            let name = format!("{NAME}-{at}");
            let port = format!("127.0.0.1:{}:80", 20_000 + at);
            let service = format!("com.docker.compose.service=s{at}");
            containers.docker(&[
                "create",
                "--name",
                &name,
                "--label",
                "com.docker.compose.project=bench",
                "--label",
                &service,
                "--label",
                "plimsoll.environment=production",
                "--env",
                "MODE=fast",
                "--publish",
                &port,
                "estate/busybox:1",
                "true",
            ]);
        }
        containers
    }

    fn remove(&self) {
        let all = self.docker(&[
            "ps",
            "--all",
            "--quiet",
            "--filter",
            &format!("name=^{NAME}-"),
        ]);
        let all: Vec<&str> = all.split_whitespace().collect();
        if !all.is_empty() {
            self.docker(&[&["rm", "--force"], all.as_slice()].concat());
        }
    }

    fn docker(&self, arguments: &[&str]) -> String {
        let output = Command::new("docker")
            .arg("--host")
            .arg(&self.endpoint)
            .args(arguments)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for Containers {
    fn drop(&mut self) {
        self.remove();
    }
}
