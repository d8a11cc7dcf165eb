//! A second opinion on an API that nobody here wrote: Prism, which answers from a vendor's `OpenAPI` specification, and holds requests and
//! answers to it.
//!
//! `tests/run` provides both: `PLIMSOLL_TEST_PRISM` names the program, and `PLIMSOLL_TEST_SPECS` the folder of specifications. A test that
//! needs them fails without, and says so.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long is waited for a line that must come. Only a failing test gets there.
const PATIENCE: Duration = Duration::from_secs(120);
/// What a path holds that only asks whether everything before it has been logged.
const PROBE: &str = "plimsoll-is-that-all";

/// In which way Prism answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// With the specification's examples, or the plainest answer of its shape.
    Static,
    /// With answers made up within the specification, the same for the same seed.
    Dynamic(u32),
    /// With what the server at this URL answers, which is held to the specification too.
    Proxy(String),
}

/// A running Prism. It is stopped when this is dropped.
pub struct Prism {
    child: Child,
    url: String,
    lines: Mutex<Receiver<String>>,
    seen: Mutex<Seen>,
}

/// What was logged so far.
#[derive(Default)]
struct Seen {
    request: String,
    requests: Vec<String>,
    violations: Vec<String>,
    probes: usize,
}

/// A folder or program that `tests/run` provides.
///
/// # Panics
/// When the variable is not set, or nothing is there.
pub fn provided(variable: &str, what: &str) -> PathBuf {
    let path = std::env::var_os(variable).map(PathBuf::from);
    let path = path.unwrap_or_else(|| {
        panic!("{what} is missing: run this through tests/run, or set {variable} to it")
    });
    assert!(
        path.exists(),
        "{what} is missing: {variable} is {}, and nothing is there",
        path.display()
    );
    path
}

/// Starts Prism over the specification `NAME.openapi.json`.
///
/// # Panics
/// When Prism or the specification is missing, or it does not start.
pub fn prism(name: &str, mode: &Mode) -> Prism {
    let program = provided("PLIMSOLL_TEST_PRISM", "Prism (npm: @stoplight/prism-cli)");
    let specs = provided(
        "PLIMSOLL_TEST_SPECS",
        "the folder of vendors' specifications",
    );
    let spec = specs.join(format!("{name}.openapi.json"));
    assert!(spec.exists(), "there is no {}", spec.display());
    let mut command = Command::new(&program);
    command.arg(match mode {
        Mode::Proxy(_) => "proxy",
        _ => "mock",
    });
    // A port of its own choice, told in its log.
    command.args(["--host", "127.0.0.1", "--port", "0"]);
    match mode {
        Mode::Static => {}
        Mode::Dynamic(seed) => {
            command.args(["--dynamic", "--seed", &seed.to_string()]);
        }
        Mode::Proxy(_) => {}
    }
    command.arg(&spec);
    if let Mode::Proxy(upstream) = mode {
        command.arg(upstream);
    }
    let spawned = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child =
        spawned.unwrap_or_else(|error| panic!("cannot start {}: {error}", program.display()));
    let (send, lines) = channel();
    for pipe in [
        child
            .stdout
            .take()
            .map(|pipe| Box::new(pipe) as Box<dyn Read + Send>),
        child
            .stderr
            .take()
            .map(|pipe| Box::new(pipe) as Box<dyn Read + Send>),
    ] {
        let (pipe, send) = (pipe.expect("a pipe"), send.clone());
        std::thread::spawn(move || {
            let lines = BufReader::new(pipe).lines().map_while(Result::ok);
            lines
                .map(|line| send.send(line))
                .take_while(Result::is_ok)
                .count()
        });
    }
    let mut prism = Prism {
        child,
        url: String::new(),
        lines: Mutex::new(lines),
        seen: Mutex::default(),
    };
    prism.url = prism.wait_for("a line that says where it listens", |line| {
        let (_, url) = line.split_once("Prism is listening on ")?;
        Some(url.trim().to_owned())
    });
    prism
}

impl Prism {
    /// Where it listens, as `http://127.0.0.1:4010`. Paths follow as the specification has them, without its servers' own.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Every request that came so far, as `get /apps`.
    pub fn requests(&self) -> Vec<String> {
        self.catch_up();
        self.lock().requests.clone()
    }

    /// All in which requests, and behind a [proxy](Mode::Proxy) answers too, were not as the specification has them: each with its request.
    pub fn violations(&self) -> Vec<String> {
        self.catch_up();
        self.lock().violations.clone()
    }

    /// Asks for something of our own, and reads the log until it says so: then all that came before has been logged.
    fn catch_up(&self) {
        let number = {
            let mut seen = self.lock();
            seen.probes += 1;
            seen.probes
        };
        let probe = format!("{PROBE}-{number}");
        let address = self.url.trim_start_matches("http://");
        let ask = format!("GET /{probe} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        let asked = TcpStream::connect(address).and_then(|mut stream| {
            stream.write_all(ask.as_bytes())?;
            stream.read_to_end(&mut Vec::new())
        });
        asked.unwrap_or_else(|error| panic!("Prism at {} does not answer: {error}", self.url));
        self.wait_for("our own request", |line| {
            line.contains(&probe).then_some(())
        });
    }

    fn wait_for<T>(&self, what: &str, find: impl Fn(&str) -> Option<T>) -> T {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let mut heard = Vec::new();
        loop {
            match lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    self.lock().hear(&line);
                    if let Some(found) = find(&line) {
                        return found;
                    }
                    heard.push(line);
                }
                Err(RecvTimeoutError::Timeout) => panic!("Prism did not log {what}"),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("Prism ended before it logged {what}:\n{}", heard.join("\n"))
                }
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// Lines are `[time] › [HTTP SERVER] get /apps ℹ  info      Request received`, and below each what is wrong with it, marked by signs.
    fn hear(&mut self, line: &str) {
        if line.contains(PROBE) {
            PROBE.clone_into(&mut self.request);
            return;
        }
        if let Some((_, rest)) = line.split_once("[HTTP SERVER] ")
            && let Some((request, _)) = rest.split_once(" ℹ")
        {
            request.trim().clone_into(&mut self.request);
            self.requests.push(self.request.clone());
        }
        let mark = ["✖", "⚠"].iter().find_map(|mark| line.split_once(mark));
        if let Some((_, what)) = mark
            && self.request != PROBE
        {
            let words = what.split_whitespace().skip(1).collect::<Vec<_>>();
            self.violations
                .push(format!("{}: {}", self.request, words.join(" ")));
        }
    }
}

impl Drop for Prism {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_log() {
        let mut seen = Seen::default();
        for line in [
            "[11:56:04 PM] › [CLI] ▶  start     Prism is listening on http://127.0.0.1:34485",
            "[11:56:04 PM] › [HTTP SERVER] get /apps ℹ  info      Request received",
            "[11:56:05 PM] ›     [PROXY] ℹ  info      < Received forward response",
            "[11:56:05 PM] ›     [VALIDATOR] ✖  error     Violation: request.query Request query must have required property 'org_slug'",
            "[11:56:06 PM] › [HTTP SERVER] get /plimsoll-is-that-all-1 ℹ  info      Request received",
            "[11:56:06 PM] ›     [VALIDATOR] ⚠  warning   Violation: request Selected route not found",
        ] {
            seen.hear(line);
        }
        assert_eq!(seen.requests, ["get /apps"]);
        assert_eq!(
            seen.violations,
            [
                "get /apps: Violation: request.query Request query must have required property 'org_slug'"
            ]
        );
    }
}
