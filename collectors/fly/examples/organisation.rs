//! What a scan of 300 apps with 1,500 machines costs: requests by kind, time with the vendor's limits and with none, peak memory.
//!
//! `cargo run --release -p plimsoll-fly --features testkit --example organisation`
//!
//! The fake Fly runs in a process of its own, so that memory is the collector's alone. *Raw* is the same requests again
//! with the same number at once, every answer read whole and thrown away.

#![expect(clippy::print_stdout, reason = "the figures are its result")]
#![allow(clippy::unwrap_used, reason = "a benchmark stops at a fault")]

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use plimsoll_fly::REGISTRATION;
use plimsoll_fly::testkit::{FakeFly, token_settings, urls};
use plimsoll_kit::http::{Client, Secret};
use plimsoll_kit::settings::Document;
use plimsoll_kit::{Context, Harvest, Harvester, Limits, NoProgress, Redactor};
use serde_json::json;

const APPS: usize = 300;
const AT_ONCE: usize = 8;

fn main() {
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return serve();
    }
    let folder = tempfile::tempdir().unwrap();
    let token = token_settings(folder.path());
    println!("{APPS} apps, {} machines", APPS * 5);

    let mut fake = Serving::start();
    let free = format!("{token}{}", urls(&fake.url, &format!("{}/v1", fake.url)));
    let (took, harvest) = collect(&free);
    println!("without limits   {took:>8.2?}   peak memory {}", peak());
    let (assets, actions) = (harvest.assets.len(), harvest.actions.len());
    println!(
        "                 {assets} assets, {} relations, {actions} actions",
        harvest.relations.len()
    );
    assert!(
        harvest.scopes.iter().all(|scope| scope.complete),
        "{:?}",
        harvest.scopes
    );
    drop(harvest);
    let mut total = 0;
    for line in fake.ask("counts") {
        println!("  {line}");
        total += line.rsplit(' ').next().unwrap().parse::<usize>().unwrap();
    }
    println!("  {total} requests in all");
    let targets = fake.ask("targets");
    println!("raw              {:>8.2?}", raw(&fake.url, targets));
    drop(fake);

    let mut fake = Serving::start();
    fake.ask("limit");
    let paced = urls(&fake.url, &format!("{}/v1", fake.url)).replace("\"none\"", "\"vendor\"");
    let (took, harvest) = collect(&format!("{token}{paced}"));
    assert!(
        harvest.scopes.iter().all(|scope| scope.complete),
        "{:?}",
        harvest.scopes
    );
    let limited = fake.ask("limited").join("");
    println!("vendor's limits  {took:>8.2?}   {limited} requests came too often");
}

fn collect(settings: &str) -> (Duration, Harvest) {
    let document = Document::new("settings.toml", settings);
    let collector = document
        .read(|section| (REGISTRATION.build)(section))
        .unwrap()
        .unwrap();
    let context = Context {
        redactor: Redactor::new([7; 32], "fly"),
        clock: Arc::new(jiff::Timestamp::now),
        limits: Limits::default(),
        cursors: Arc::default(),
        progress: Arc::new(NoProgress),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let start = Instant::now();
    let mut harvester = Harvester::new(context.limits);
    runtime.block_on(collector.collect(&context, &mut harvester));
    (start.elapsed(), harvester.finish())
}

fn raw(url: &str, targets: Vec<String>) -> Duration {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let token = Secret::new("the benchmark", "fm2_x").unwrap();
    let client = Client::builder(url).token(token).build().unwrap();
    let start = Instant::now();
    runtime.block_on(async {
        let gets = targets.iter().map(|target| client.get(target));
        let answers = futures::stream::iter(gets).buffer_unordered(AT_ONCE);
        answers
            .for_each(|answer| async move { drop(answer.unwrap()) })
            .await;
    });
    start.elapsed()
}

/// The most memory that this process has had.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap().trim().to_owned()
}

/// The fake Fly in a process of its own.
struct Serving {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    url: String,
}

impl Serving {
    fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = output.next().unwrap().unwrap();
        Self {
            child,
            input,
            output,
            url,
        }
    }

    /// The lines of an answer, up to an empty one.
    fn ask(&mut self, what: &str) -> Vec<String> {
        writeln!(self.input, "{what}").unwrap();
        let lines = self.output.by_ref().map(Result::unwrap);
        lines.take_while(|line| !line.is_empty()).collect()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve() {
    let fake = FakeFly::new("acme");
    fake.with(estate);
    println!("{}", fake.server().url());
    for line in std::io::stdin().lines().map_while(Result::ok) {
        match line.as_str() {
            "counts" => {
                for (kind, count) in fake.requests() {
                    println!("{kind} {count}");
                }
            }
            "targets" => {
                let requests = fake.server().requests();
                let gets = requests.iter().filter(|request| request.method == "GET");
                gets.for_each(|request| println!("{}", request.target()));
            }
            "limit" => fake.limit(),
            "limited" => println!("{}", fake.limited()),
            _ => {}
        }
        println!();
    }
}

fn estate(fly: &mut plimsoll_fly::testkit::Fly) {
    let services = json!([{"protocol": "tcp", "internal_port": 8080, "autostop": "stop", "ports": [
        {"port": 80, "handlers": ["http"], "force_https": true}, {"port": 443, "handlers": ["tls", "http"]}]}]);
    for number in 0..APPS {
        let app = format!("app-{number:03}");
        fly.launch(&app);
        fly.scale(&app, "web", 3, services.clone());
        fly.scale(&app, "worker", 2, json!([]));
        fly.address(&app, &format!("2001:db8::{number:x}"), false);
        fly.address(&app, "66.241.124.1", true);
        for secret in ["DATABASE_URL", "SMTP_PASSWORD", "SESSION_KEY"] {
            fly.set_secret(&app, secret, "d1", "ben@example.com");
        }
        for release in 0..10 {
            fly.deploy(&app, &format!("v{release}"), "anna@example.com");
        }
    }
    // Unevenly, as it is: most have none, and one has far more than its limits let through at once.
    for number in 0..75 {
        let app = format!("app-{number:03}");
        fly.mount(&app, 3, true);
        fly.mount(&app, 4, true);
        fly.certificate(&app, &format!("{app}.example.com"));
        fly.certificate(&app, &format!("www.{app}.example.com"));
    }
    for number in 0..20 {
        fly.certificate("app-299", &format!("customer-{number}.example.com"));
    }
}
