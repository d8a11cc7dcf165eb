//! Running a program to its end, within a time.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

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
        let shown = format!("{command:?}");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{shown}: {error}"));
        let pid = rustix::process::Pid::from_child(&child);
        let stdout = read(child.stdout.take().unwrap());
        let stderr = read(child.stderr.take().unwrap());
        let (ended, end) = mpsc::channel();
        let waiter = std::thread::spawn(move || ended.send(child.wait()));
        let Ok(status) = end.recv_timeout(limit) else {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            let _ = waiter.join();
            panic!(
                "{shown} took longer than {limit:?}\n{}{}",
                stdout.recv().unwrap(),
                stderr.recv().unwrap()
            );
        };
        Output {
            code: status.unwrap().code(),
            stdout: stdout.recv().unwrap(),
            stderr: stderr.recv().unwrap(),
        }
    }
}

/// All of a pipe, read beside the others so that none fills up.
fn read(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (done, text) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        let _ = done.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    text
}
