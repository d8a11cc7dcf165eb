//! Traces as an OpenTelemetry receiver gets them, and scans that one which is down or hangs does nothing to.

#![cfg(feature = "otel")]
#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use plimsoll_kit::testkit::{FakeServer, Gate, Reply};
use rustix::process::Signal;
use serde_json::Value;
use support::{Findings, Output, Plimsoll, Program, Running, until};

const LIMIT: Duration = Duration::from_secs(60);
/// How long it may take from SIGTERM to its end.
const FAREWELL: Duration = Duration::from_secs(10);
const HOST: &str = r#"{"asset":{"id":"host:shop/web-1","kind":"host","name":"web-1","labels":{"plimsoll.environment":"production"},"facts":{"os":"Debian 12"}}}
"#;
const SECRET: &str = "hunter2";

/// A span as it arrived.
#[derive(Debug)]
struct Span {
    trace: String,
    id: String,
    parent: Option<String>,
    name: String,
    attributes: BTreeMap<String, String>,
}

impl Span {
    fn parse(json: &Value) -> Self {
        let text = |key: &str| json[key].as_str().map(str::to_owned);
        let nanoseconds = |key: &str| text(key).unwrap().parse::<u64>().unwrap();
        let span = Self {
            trace: text("traceId").unwrap(),
            id: text("spanId").unwrap(),
            parent: text("parentSpanId"),
            name: text("name").unwrap(),
            attributes: attributes(&json["attributes"]),
        };
        assert_eq!((span.trace.len(), span.id.len()), (32, 16));
        assert!(nanoseconds("startTimeUnixNano") <= nanoseconds("endTimeUnixNano"));
        span
    }

    fn says(&self, key: &str) -> &str {
        self.attributes.get(key).map_or("", String::as_str)
    }
}

fn attributes(json: &Value) -> BTreeMap<String, String> {
    let pair = |one: &Value| {
        let value = one["value"].as_object().unwrap().values().next().unwrap();
        let value = value.as_str().map_or(value.to_string(), str::to_owned);
        (one["key"].as_str().unwrap().to_owned(), value)
    };
    json.as_array().unwrap().iter().map(pair).collect()
}

/// A receiver that takes what comes.
fn receiver() -> FakeServer {
    let server = FakeServer::on_loopback();
    server.route("POST", "/v1/traces", Reply::json("{}"));
    server
}

fn received(server: &FakeServer) -> Vec<Span> {
    let mut spans = Vec::new();
    for request in server.requests() {
        assert_eq!((&*request.method, &*request.path), ("POST", "/v1/traces"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("x-key"), Some(SECRET));
        let text = String::from_utf8(request.body).unwrap();
        // Neither what was read nor what lets us in.
        for word in ["web-1", "Debian", SECRET] {
            assert!(!text.contains(word), "{text}");
        }
        let json: Value = serde_json::from_str(&text).unwrap();
        let resource = &json["resourceSpans"][0];
        let who = attributes(&resource["resource"]["attributes"]);
        assert_eq!(who["service.name"], "plimsoll");
        let arrived = resource["scopeSpans"][0]["spans"].as_array().unwrap();
        spans.extend(arrived.iter().map(Span::parse));
    }
    spans
}

/// That these are the spans of one scan of the findings, each under its parent.
fn is_one_scan(spans: &[Span]) {
    let named = |name: &str| {
        let mut found = spans.iter().filter(|span| span.name == name);
        let span = found.next().unwrap_or_else(|| panic!("{name}: {spans:?}"));
        assert!(found.next().is_none(), "{spans:?}");
        span
    };
    let (scan, read) = (named("scan"), named("read"));
    let (settle, commit) = (named("settle"), named("commit"));
    assert!(scan.parent.is_none());
    assert_eq!(read.parent.as_ref(), Some(&scan.id));
    assert_eq!(settle.parent.as_ref(), Some(&scan.id));
    assert_eq!(commit.parent.as_ref(), Some(&settle.id));
    assert!(spans.iter().all(|span| span.trace == scan.trace));
    assert_eq!(spans.len(), 4, "{spans:?}");
    let said = ["sources", "id", "end"].map(|key| scan.says(key));
    assert_eq!(said, ["estate", "1", "stored"]);
    let said = ["source", "collector", "complete", "assets", "troubles"].map(|key| read.says(key));
    assert_eq!(said, ["estate", "file", "true", "1", "0"]);
}

fn start(plimsoll: &Plimsoll, arguments: &[&str], endpoint: Option<&str>) -> Running {
    let mut command = plimsoll.command();
    command
        .args(arguments)
        .arg("--config")
        .arg(plimsoll.config());
    if let Some(endpoint) = endpoint {
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
        command.env("OTEL_EXPORTER_OTLP_HEADERS", format!("x-key={SECRET}"));
    }
    Program::start(&mut command)
}

/// A scan of an inventory of its own. What its report says of the time is left out of what is given back.
fn scan(findings: &Findings, endpoint: Option<&str>) -> Output {
    let plimsoll = Plimsoll::new(&findings.source());
    let mut output = start(&plimsoll, &["scan", "--format", "json"], endpoint).finish(LIMIT);
    assert!(!output.stderr.contains(SECRET) && !output.stdout.contains(SECRET));
    let mut report: Value = serde_json::from_str(&output.stdout).unwrap();
    without_times(&mut report);
    output.stdout = report.to_string();
    output
}

fn without_times(json: &mut Value) {
    match json {
        Value::Object(fields) => fields.values_mut().for_each(without_times),
        Value::Array(items) => items.iter_mut().for_each(without_times),
        Value::String(text) if text.parse::<jiff::Timestamp>().is_ok() => text.clear(),
        _ => {}
    }
}

/// Serves until the source has been scanned once, stops, and gives what it said.
fn serve(findings: &Findings, endpoint: &str) -> Output {
    let plimsoll = Plimsoll::new(&format!(
        "[schedule]\ndefault = \"0 0 1 1 *\"\njitter = \"0s\"\n{}",
        findings.source()
    ));
    let running = start(&plimsoll, &["serve"], Some(endpoint));
    until("a scan is stored", LIMIT, || {
        running.stderr().contains("scanned").then_some(())
    });
    let begun = Instant::now();
    running.signal(Signal::TERM);
    let output = running.finish(FAREWELL);
    assert!(begun.elapsed() < FAREWELL);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert!(!output.stderr.contains(SECRET));
    output
}

#[test]
fn a_scan_arrives_as_spans_under_their_parents() {
    let findings = Findings::of(HOST);
    let server = receiver();
    let with = scan(&findings, Some(server.url()));
    is_one_scan(&received(&server));
    let without = scan(&findings, None);
    assert_eq!(
        (with.code, with.stdout, with.stderr),
        (without.code, without.stdout, without.stderr)
    );

    let server = receiver();
    let output = serve(&findings, server.url());
    is_one_scan(&received(&server));
    assert!(!output.stderr.contains("traces"), "{}", output.stderr);
}

#[test]
fn a_receiver_that_is_down_or_hangs_does_nothing_to_a_scan() {
    let findings = Findings::of(HOST);
    let without = scan(&findings, None);
    // A port that was free a moment ago: nobody listens there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let down = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let gate = Gate::new();
    let hangs = FakeServer::on_loopback();
    hangs.route("POST", "/v1/traces", Reply::json("{}").held(&gate));
    let elsewhere = FakeServer::on_loopback();
    let moved = Reply::status(307).header("location", &format!("{}/v1/traces", elsewhere.url()));
    let redirects = FakeServer::on_loopback();
    redirects.route("POST", "/v1/traces", moved);
    // The one that hangs is not waited for so long that anything could be said of it.
    for (endpoint, says) in [
        (&*down, "are dropped: cannot connect"),
        (hangs.url(), ""),
        (redirects.url(), "are dropped: refused (307)"),
    ] {
        let with = scan(&findings, Some(endpoint));
        assert_eq!(
            (with.code, &with.stdout, &with.stderr),
            (without.code, &without.stdout, &without.stderr),
            "{endpoint}"
        );
        let served = serve(&findings, endpoint);
        assert!(served.stderr.contains(says), "{}", served.stderr);
    }
    assert!(!hangs.requests().is_empty() && !redirects.requests().is_empty());
    assert!(elsewhere.requests().is_empty());
    gate.open();
}

#[test]
fn a_delivery_says_how_many_arrived() {
    let findings = Findings::of(HOST);
    let program = FakeServer::on_loopback();
    program.route("POST", "/in", Reply::status(202));
    let url = findings.folder().join("events.url");
    std::fs::write(&url, format!("{}/in", program.url())).unwrap();
    std::fs::set_permissions(&url, std::fs::Permissions::from_mode(0o600)).unwrap();
    let plimsoll = Plimsoll::new(&format!(
        "{}[[notify.channels]]\nname = \"events\"\nkind = \"webhook\"\nurl_file = {url:?}\n",
        findings.source()
    ));
    plimsoll.scan();
    findings.write(&HOST.replace("Debian 12", "Debian 13"));
    let server = receiver();
    let before = program.requests().len();
    let output = start(&plimsoll, &["scan"], Some(server.url())).finish(LIMIT);
    let arrived = program.requests().len() - before;
    assert!(arrived > 0, "{}{}", output.stdout, output.stderr);
    let mut spans = received(&server);
    spans.retain(|span| span.name == "deliver");
    assert_eq!(spans.len(), 1);
    let said = ["channel", "sent", "failed", "given_up"].map(|key| spans[0].says(key));
    assert_eq!(said, ["events", &arrived.to_string(), "0", "0"]);
    assert!(spans[0].parent.is_none());
}

#[test]
fn a_wrong_address_is_said_and_not_shown() {
    let findings = Findings::of(HOST);
    let without = scan(&findings, None);
    let with = scan(&findings, Some("http://otel.example.org/hunter2"));
    assert_eq!((with.code, with.stdout), (without.code, without.stdout));
    assert!(
        with.stderr
            .contains("OTEL_EXPORTER_OTLP_ENDPOINT: its address is not https")
    );
}
