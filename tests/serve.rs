//! The daemon as a process: it scans when it should, is asked on its socket, and no fault of a source, a file or a
//! signal takes it down or loses a scan.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rustix::process::Signal;
use serde_json::Value;
use support::{Findings, Output, Plimsoll, Program, Running, has_own_mounts, mount_small, until};

const LIMIT: Duration = Duration::from_secs(60);
/// How long it may take from SIGTERM to its end.
const FAREWELL: Duration = Duration::from_secs(10);

const HOST: &str = r#"{"asset":{"id":"host:shop/web-1","kind":"host","name":"web-1","labels":{"plimsoll.environment":"production"},"facts":{"os":"Debian 12"}}}
"#;

/// A source that never ends by itself, and says in a file that it runs.
fn endless(deadline: &str, says: &std::path::Path) -> String {
    let says = says.display();
    format!(
        "[[sources]]\nname = \"endless\"\ncollector = \"exec\"\ndeadline = \"{deadline}\"\n\
         [sources.settings]\ncommand = [\"/bin/sh\", \"-c\", \"echo $$ > {says}; exec sleep 3600\"]\n"
    )
}

/// A daemon, and what it reads.
struct Served {
    findings: Findings,
    plimsoll: Plimsoll,
    running: Running,
}

impl Served {
    /// One with a source of findings, scanned once a year besides the start; `more` is further configuration.
    fn with(more: &str, arguments: &[&str]) -> Self {
        let findings = Findings::of(HOST);
        let plimsoll = Plimsoll::new(&configuration(&findings, more));
        let running = Self::start(&plimsoll, arguments);
        let served = Self {
            findings,
            plimsoll,
            running,
        };
        served.up();
        served
    }

    fn start(plimsoll: &Plimsoll, arguments: &[&str]) -> Running {
        plimsoll.start(&[&["serve"], arguments].concat())
    }

    /// Waits until it answers.
    fn up(&self) {
        until("the daemon answers", LIMIT, || {
            let (status, _) = self.get("/healthz")?;
            (status == 200).then_some(())
        });
    }

    fn socket(&self) -> PathBuf {
        self.plimsoll.data().join("plimsoll.sock")
    }

    fn get(&self, path: &str) -> Option<(u16, String)> {
        let mut stream = UnixStream::connect(self.socket()).ok()?;
        http(&mut stream, "GET", path)
    }

    fn metric(&self, line: &str) -> Option<f64> {
        let (_, page) = self.get("/metrics")?;
        let mut lines = page.lines();
        let value = lines.find_map(|one| one.strip_prefix(line)?.strip_prefix(' '))?;
        value.parse().ok()
    }

    /// Waits until a source was scanned so often with a result.
    fn scanned(&self, source: &str, result: &str, times: f64) {
        let line = format!("plimsoll_scans_total{{source=\"{source}\",result=\"{result}\"}}");
        until(&line, LIMIT, || {
            (self.metric(&line)? >= times).then_some(())
        });
    }

    fn via(&self, arguments: &[&str]) -> Output {
        self.plimsoll
            .run(&[&["scan", "--via-daemon"], arguments].concat())
    }

    /// Tells it to stop, and waits for its end. What it left behind goes with what is given back.
    fn stop(self) -> (Output, Plimsoll) {
        let socket = self.socket();
        let begun = Instant::now();
        self.running.signal(Signal::TERM);
        let output = self.running.finish(FAREWELL);
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        assert!(begun.elapsed() < FAREWELL);
        assert!(!socket.exists(), "the socket is left behind");
        (output, self.plimsoll)
    }
}

fn configuration(findings: &Findings, more: &str) -> String {
    let source = findings.source();
    format!(
        "busy_timeout = \"200ms\"\n[schedule]\ndefault = \"0 0 1 1 *\"\njitter = \"0s\"\n{more}\n{source}"
    )
}

fn http(stream: &mut (impl Read + Write), method: &str, path: &str) -> Option<(u16, String)> {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

#[test]
fn it_scans_at_its_start_is_asked_and_stops() {
    let served = Served::with("", &[]);
    served.scanned("estate", "complete", 1.0);
    let (status, body) = served.get("/readyz").unwrap();
    assert_eq!(
        (status, body.trim()),
        (200, r#"{"ready":true,"reasons":[]}"#)
    );
    let mode = served.socket().metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(served.get("/").unwrap().0, 404);
    assert_eq!(served.get("/scan").unwrap().0, 405);

    // The same report, exit code and all, as a scan and as the report of it.
    let via = served.via(&["estate", "--format", "json"]);
    assert_eq!(via.code, Some(10), "{}", via.stderr);
    let report: Value = serde_json::from_str(&via.stdout).unwrap();
    assert_eq!(report["scan"]["id"], 2);
    let again = served.plimsoll.run(&["report", "--format", "json"]);
    assert_eq!(
        serde_json::from_str::<Value>(&again.stdout).unwrap(),
        report
    );
    let text = served.via(&[]);
    assert!(text.stdout.contains("web-1"), "{}", text.stdout);
    let nobody = served.via(&["nobody"]);
    assert_eq!(nobody.code, Some(1));
    assert!(
        nobody.stderr.contains("configured are estate"),
        "{}",
        nobody.stderr
    );

    served.running.signal(Signal::USR1);
    served.scanned("estate", "complete", 4.0);
    // A daemon with another configuration's mistakes does not begin.
    let mistaken = Plimsoll::new("[serve]\nlisten = \"here\"\n");
    assert_eq!(mistaken.run(&["serve"]).code, Some(20));
    let drifts = served.get("/metrics").unwrap().1;
    assert!(drifts.contains("plimsoll_drifts{control="), "{drifts}");

    let another = served.plimsoll.run(&["serve"]);
    assert_eq!(another.code, Some(1));
    assert!(
        another.stderr.contains("another `plimsoll serve` runs"),
        "{}",
        another.stderr
    );

    let plimsoll = Plimsoll::new(&configuration(&served.findings, ""));
    let nobody = plimsoll.run(&["scan", "--via-daemon"]);
    assert_eq!(nobody.code, Some(1));
    assert!(nobody.stderr.contains("is it running"), "{}", nobody.stderr);
    assert_eq!(plimsoll.run(&["scan", "estate"]).code, Some(2));
    served.stop();
}

#[test]
fn the_network_only_looks() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let served = Served::with(&format!("[serve]\nlisten = \"{address}\""), &[]);
    let ask = |method, path| http(&mut TcpStream::connect(address).unwrap(), method, path).unwrap();
    assert_eq!(ask("GET", "/healthz"), (200, "ok\n".to_owned()));
    assert!(
        ask("GET", "/metrics")
            .1
            .contains("plimsoll_build_info{version=")
    );
    assert_eq!(ask("POST", "/scan").0, 404);
    assert_eq!(ask("POST", "/metrics").0, 405);
    // What is no request, and a connection that says nothing, are held by nobody else's answer.
    let mut noise = TcpStream::connect(address).unwrap();
    noise.write_all(b"\x16\x03\x01 nonsense\r\n\r\n").unwrap();
    let _silent = TcpStream::connect(address).unwrap();
    assert_eq!(ask("GET", "/healthz").0, 200);
    served.stop();
}

#[test]
fn a_configuration_with_mistakes_is_refused_and_a_good_one_loses_no_scan() {
    let served = Served::with("", &[]);
    served.scanned("estate", "complete", 1.0);
    let bad = "[schedule]\ndefault = \"soon\"\n[scan]\ndeadlin = \"5m\"\n";
    served
        .plimsoll
        .configure(&configuration(&served.findings, "").replace("[schedule]", bad));
    served.running.signal(Signal::HUP);
    let said = until("the mistakes are told", LIMIT, || {
        let said = served.running.stderr();
        said.contains("the one before stays in force")
            .then_some(said)
    });
    for part in [
        "\"soon\" has 1 fields",
        "unknown key `deadlin`",
        "did you mean",
    ] {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
    until("the metric", LIMIT, || {
        (served.metric("plimsoll_config_in_force")? == 0.0).then_some(())
    });
    let mut stream = UnixStream::connect(served.socket()).unwrap();
    assert_eq!(http(&mut stream, "POST", "/scan").unwrap().0, 200);

    // A source that comes is scanned at once, and one that stays is not scanned for it.
    let other = Findings::of(HOST);
    let second = other.source().replace("\"estate\"", "\"second\"");
    served
        .plimsoll
        .configure(&configuration(&served.findings, &second));
    served.running.signal(Signal::HUP);
    served.scanned("second", "complete", 1.0);
    assert_eq!(served.metric("plimsoll_config_in_force"), Some(1.0));
    let line = "plimsoll_scans_total{source=\"estate\",result=\"complete\"}";
    assert_eq!(served.metric(line), Some(2.0));
    served.stop();
}

/// A file that is emptied by accident, or names another inventory, takes nothing from what is in force.
#[test]
fn an_empty_configuration_or_another_inventory_is_refused() {
    let served = Served::with("", &[]);
    served.scanned("estate", "complete", 1.0);
    let config = served.plimsoll.config();
    let before = std::fs::read_to_string(&config).unwrap();
    let other = served.plimsoll.data().join("other/plimsoll.db");
    let moved = before.replacen("plimsoll.db", "other/plimsoll.db", 1);
    for (at, text) in [moved.as_str(), "", "[scan]\nconcurrency = 2\n"]
        .iter()
        .enumerate()
    {
        std::fs::write(&config, text).unwrap();
        served.running.signal(Signal::HUP);
        let refused = at as f64 + 1.0;
        until("it is refused", LIMIT, || {
            let line = "plimsoll_config_reloads_total{result=\"refused\"}";
            (served.metric(line)? == refused).then_some(())
        });
        // Whoever asks finds the daemon by the configuration.
        std::fs::write(&config, &before).unwrap();
        let via = served.via(&["estate", "--format", "json"]);
        assert_eq!(via.code, Some(10), "{}", via.stderr);
    }
    assert!(!other.exists());
    let mut daemon = Connection::open(served.plimsoll.data().join("plimsoll.db")).unwrap();
    let scans = daemon.transaction().unwrap();
    let sources = "select group_concat(distinct source) from scope";
    let sources: String = scans.query_row(sources, [], |row| row.get(0)).unwrap();
    assert_eq!(sources, "estate");
    drop(scans);
    served.running.signal(Signal::HUP);
    until("it is taken again", LIMIT, || {
        (served.metric("plimsoll_config_in_force")? == 1.0).then_some(())
    });
    served.stop();
}

/// An inventory that is gone is not begun anew: everything would be met for the first time, and nobody would know.
#[test]
fn an_inventory_that_is_moved_away_ends_the_daemon() {
    let served = Served::with("", &[]);
    served.scanned("estate", "complete", 1.0);
    let database = served.plimsoll.data().join("plimsoll.db");
    std::fs::rename(&database, served.plimsoll.data().join("away.db")).unwrap();
    // Whatever happens, it is seen before anything is done for it.
    let _ = served.get("/healthz");
    let output = served.running.finish(LIMIT);
    assert_eq!(output.code, Some(1), "{}", output.stderr);
    assert!(
        output.stderr.contains("was moved away"),
        "{}",
        output.stderr
    );
    assert!(!database.exists());
}

#[test]
fn a_source_that_never_ends_stops_no_other_and_is_dropped_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let says = folder.path().join("runs");
    let served = Served::with(&endless("1h", &says), &[]);
    let child = until("the source runs", LIMIT, || {
        std::fs::read_to_string(&says)
            .ok()?
            .trim()
            .parse::<u32>()
            .ok()
    });
    served.scanned("estate", "complete", 1.0);
    assert_eq!(
        served.metric("plimsoll_scan_running{source=\"endless\"}"),
        Some(1.0)
    );
    assert_eq!(served.via(&["estate"]).code, Some(10));
    // A scan from outside does not wait for ever either, and nobody reads the source twice.
    let outside = served.plimsoll.run(&["scan", "--source", "endless"]);
    assert!(
        outside
            .stderr
            .contains("another scan of source endless is running")
    );
    let (output, plimsoll) = served.stop();
    assert!(
        output.stderr.contains("nothing of it is kept"),
        "{}",
        output.stderr
    );
    let gone = || {
        !std::path::Path::new(&format!("/proc/{child}/cmdline")).exists()
            || std::fs::read(format!("/proc/{child}/cmdline")).is_ok_and(|line| line.is_empty())
    };
    until("the program has ended", LIMIT, || gone().then_some(()));
    sound(&plimsoll.data().join("plimsoll.db"), 2);
}

#[test]
fn killed_during_a_scan_the_next_daemon_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let says = folder.path().join("runs");
    let served = Served::with(&endless("1h", &says), &[]);
    let runs = || {
        std::fs::read_to_string(&says)
            .ok()?
            .trim()
            .parse::<i32>()
            .ok()
    };
    let child = until("the source runs", LIMIT, runs);
    served.scanned("estate", "complete", 1.0);
    let Served {
        findings,
        plimsoll,
        running,
    } = served;
    running.signal(Signal::KILL);
    assert_eq!(running.finish(LIMIT).code, None);
    // Nobody was left to end it.
    let _ =
        rustix::process::kill_process(rustix::process::Pid::from_raw(child).unwrap(), Signal::KILL);
    sound(&plimsoll.data().join("plimsoll.db"), 1);
    std::fs::remove_file(&says).unwrap();
    // The socket of the one that was killed is in the way of nobody.
    let running = Served::start(&plimsoll, &[]);
    let served = Served {
        findings,
        plimsoll,
        running,
    };
    served.up();
    until("the source runs again", LIMIT, runs);
    // What was scanned before is known, and not due again.
    assert!(
        served
            .metric("plimsoll_source_last_complete_age_seconds{source=\"estate\"}")
            .is_some()
    );
    let line = "plimsoll_scans_total{source=\"estate\",result=\"complete\"}";
    assert_eq!(served.metric(line), None);
    served.stop();
}

/// The database has no damage, and so many scans.
fn sound(database: &std::path::Path, scans: i64) {
    let database = Connection::open(database).unwrap();
    let ask =
        |sql: &str| database.query_row(sql, [], |row| row.get::<_, rusqlite::types::Value>(0));
    assert_eq!(
        ask("PRAGMA integrity_check").unwrap(),
        "ok".to_owned().into()
    );
    assert_eq!(ask("SELECT count(*) FROM scan").unwrap(), scans.into());
}

#[test]
fn a_locked_database_is_told_and_tried_again() {
    let served = Served::with("", &[]);
    served.scanned("estate", "complete", 1.0);
    let other = Connection::open(served.plimsoll.data().join("plimsoll.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let via = served.via(&[]);
    assert_eq!(via.code, Some(1));
    assert!(
        via.stderr.contains("locked by another process"),
        "{}",
        via.stderr
    );
    let (status, body) = served.get("/readyz").unwrap();
    assert!(
        status == 503 && body.contains("could not be stored"),
        "{body}"
    );
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(served.via(&[]).code, Some(10));
    assert_eq!(served.get("/readyz").unwrap().0, 200);
    assert_eq!(served.metric("plimsoll_store_failures_total"), Some(1.0));
    served.stop();
}

#[test]
fn the_service_manager_hears_how_it_is_and_the_log_is_one_object_a_line() {
    let findings = Findings::of(HOST);
    let plimsoll = Plimsoll::new(&configuration(&findings, ""));
    let path = plimsoll.data().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(LIMIT)).unwrap();
    let hear = || {
        let mut bytes = [0; 1024];
        let length = manager.recv(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    };
    let hear_besides = |sign: &str| {
        std::iter::repeat_with(hear)
            .find(|words| words != sign)
            .unwrap()
    };
    let mut command = plimsoll.command();
    command
        .args(["serve", "--log-format", "json", "--config"])
        .arg(plimsoll.config());
    command
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "400000");
    let running = Program::start(&mut command);
    let sign = "WATCHDOG=1";
    assert!(hear_besides(sign).starts_with("READY=1\nSTATUS=scanning"));
    for _ in 0..3 {
        assert_eq!(hear(), sign);
    }
    running.signal(Signal::HUP);
    assert!(hear_besides(sign).starts_with("RELOADING=1\nMONOTONIC_USEC="));
    assert!(hear_besides(sign).starts_with("READY=1\n"));
    running.signal(Signal::INT);
    assert_eq!(hear_besides(sign), "STOPPING=1");
    let output = running.finish(FAREWELL);
    assert_eq!(output.code, Some(0));
    assert!(output.stderr.lines().count() >= 4, "{}", output.stderr);
    for line in output.stderr.lines() {
        let event: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(
            event["message"].is_string() && event["level"].is_string(),
            "{line}"
        );
    }
}

#[test]
fn idle_it_needs_little_memory() {
    let served = Served::with("", &[]);
    served.scanned("estate", "complete", 1.0);
    let pid = served.running.pid().as_raw_nonzero();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let kilobytes = |name: &str| -> u64 {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let line = line.unwrap().trim().trim_end_matches(" kB");
        line.parse().unwrap()
    };
    // Without the pages of the program itself, of which one with debug information has many times those of another.
    let (own, all) = (kilobytes("RssAnon:"), kilobytes("VmRSS:"));
    println!("{own} kB of its own, {all} kB with the program");
    assert!(own < 30 << 10, "{own} kB");
    served.stop();
}

#[test]
fn the_inventory_is_copied_while_it_is_in_use() {
    let served = Served::with("", &[]);
    served.scanned("estate", "complete", 1.0);
    let copy = served.plimsoll.data().join("copy.db");
    let backup = || served.plimsoll.run(&["backup", copy.to_str().unwrap()]);
    let output = backup();
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert!(output.stdout.contains("no damage"), "{}", output.stdout);
    sound(&copy, 1);
    assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let again = backup();
    assert_eq!(again.code, Some(1));
    assert!(
        again.stderr.contains("is there already"),
        "{}",
        again.stderr
    );
    served.stop();
}

#[test]
fn on_a_full_disk_it_goes_on_and_stores_when_there_is_room() {
    const NAME: &str = "on_a_full_disk_it_goes_on_and_stores_when_there_is_room";
    if !has_own_mounts(NAME, 3 * LIMIT) {
        return;
    }
    let findings = Findings::of(HOST);
    let plimsoll = Plimsoll::new(&configuration(&findings, ""));
    mount_small(&plimsoll.data(), 4 << 20);
    let running = Served::start(&plimsoll, &[]);
    let served = Served {
        findings,
        plimsoll,
        running,
    };
    served.up();
    served.scanned("estate", "complete", 1.0);
    let ballast = served.plimsoll.data().join("ballast");
    let mut file = File::create(&ballast).unwrap();
    while file.write(&[0; 4096]).is_ok() {}
    served
        .findings
        .write(&HOST.replace("Debian 12", "Debian 13"));
    let via = served.via(&[]);
    assert_eq!(via.code, Some(1), "{}", via.stdout);
    assert!(
        via.stderr.contains("full") && via.stderr.contains("make room"),
        "{}",
        via.stderr
    );
    assert_eq!(served.get("/readyz").unwrap().0, 503);
    std::fs::remove_file(&ballast).unwrap();
    drop(file);
    let via = served.via(&["--format", "json"]);
    assert_eq!(via.code, Some(10), "{}", via.stderr);
    let report: Value = serde_json::from_str(&via.stdout).unwrap();
    assert_eq!(
        (
            &report["scan"]["id"],
            report["changes"].as_array().unwrap().len()
        ),
        (&Value::from(2), 1)
    );
    assert_eq!(served.get("/readyz").unwrap().0, 200);
    served.stop();
}
