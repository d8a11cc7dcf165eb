//! Running a program to its end, within a time.

use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// What a program gave.
#[derive(Debug)]
pub(crate) struct Output {
    /// The exit code; none when a signal ended it.
    pub(crate) code: Option<i32>,
    /// Its standard output.
    pub(crate) stdout: String,
    /// Its standard error.
    pub(crate) stderr: String,
}

impl Output {
    /// The same, when the program succeeded; panics with what it said otherwise.
    pub(crate) fn success(self, what: &str) -> Self {
        assert_eq!(self.code, Some(0), "{what}: {}{}", self.stdout, self.stderr);
        self
    }
}

/// Runs programs to their end.
pub(crate) struct Program;

impl Program {
    /// Runs `command` without input, and panics when it takes longer than `limit`.
    pub(crate) fn run(command: &mut Command, limit: Duration) -> Output {
        Self::start(command).finish(limit)
    }

    /// Starts `command` without input.
    pub(crate) fn start(command: &mut Command) -> Running {
        let shown = format!("{command:?}");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{shown}: {error}"));
        let pid = Pid::from_child(&child);
        let stdout = Heard::from(child.stdout.take().unwrap());
        let stderr = Heard::from(child.stderr.take().unwrap());
        let (ended, end) = mpsc::channel();
        std::thread::spawn(move || ended.send(child.wait()));
        Running {
            shown,
            pid,
            stdout,
            stderr,
            end,
        }
    }
}

/// A program that was started.
pub(crate) struct Running {
    shown: String,
    pid: Pid,
    stdout: Heard,
    stderr: Heard,
    end: mpsc::Receiver<std::io::Result<ExitStatus>>,
}

impl Running {
    /// What it wrote to standard error so far.
    pub(crate) fn stderr(&self) -> String {
        self.stderr.so_far()
    }

    /// Its process.
    pub(crate) fn pid(&self) -> Pid {
        self.pid
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    /// Sends it a signal, and waits for its end.
    pub(crate) fn kill(self, signal: Signal) -> Option<i32> {
        kill_process(self.pid, signal).unwrap();
        self.end.recv().unwrap().unwrap().code()
    }

    /// Waits for its end, and panics when that takes longer than `limit`.
    pub(crate) fn finish(self, limit: Duration) -> Output {
        let Ok(status) = self.end.recv_timeout(limit) else {
            let _ = kill_process(self.pid, Signal::KILL);
            panic!(
                "{} took longer than {limit:?}\n{}{}",
                self.shown,
                self.stdout.so_far(),
                self.stderr.so_far()
            );
        };
        Output {
            code: status.unwrap().code(),
            stdout: self.stdout.all(),
            stderr: self.stderr.all(),
        }
    }
}

/// A pipe, read beside the others so that none fills up.
struct Heard {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Heard {
    fn from(mut pipe: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&bytes);
        let reader = std::thread::spawn(move || {
            let mut chunk = vec![0; 64 << 10];
            while let Ok(length @ 1..) = pipe.read(&mut chunk) {
                heard.lock().unwrap().extend_from_slice(&chunk[..length]);
            }
        });
        Self { bytes, reader }
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }

    fn all(self) -> String {
        let Self { bytes, reader } = self;
        reader.join().unwrap();
        String::from_utf8_lossy(&bytes.lock().unwrap()).into_owned()
    }
}
