//! Runs a program to its end: under a deadline, with a cap on what it writes and a clean environment.

use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use plimsoll_kit::program::{Group, find, search_path, talk};
use tokio::process::Command;

/// A program with all that it is given.
pub(crate) struct Program<'p> {
    pub(crate) path: &'p Path,
    pub(crate) args: Vec<OsString>,
    pub(crate) env: Vec<(&'static str, OsString)>,
    pub(crate) stdin: Vec<u8>,
    /// The most bytes that are read of its output.
    pub(crate) most: usize,
    pub(crate) timeout: Duration,
}

/// What a program wrote, and whether it ended well.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) stdout: Vec<u8>,
    /// Its exit status; none where a signal ended it.
    pub(crate) code: Option<i32>,
}

/// Why a run gave nothing. What the program wrote is not in it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    #[error("{0} is in none of the folders of PATH: install it, or give its path in the settings")]
    Missing(String),
    #[error("{0} cannot be started: {1}")]
    NotStarted(String, #[source] std::io::Error),
    #[error("{0} did not end within {1:?} and was killed: raise `timeout`, or look at the disk")]
    Late(String, Duration),
    #[error(
        "{0} wrote more than {1} bytes and was killed: raise `max_bytes`, or read fewer branches"
    )]
    TooLong(String, usize),
    #[error("the output of {0} cannot be read: {1}")]
    Lost(String, #[source] std::io::Error),
    #[error("`{0}` ended with status {1}: run it by hand to see why")]
    Status(String, i32),
    #[error("`{0}` was ended by a signal: run it by hand to see why")]
    Signal(String),
}

impl Program<'_> {
    /// Runs it. It is in a process group of its own, which is killed at the deadline, at the cap, or when the call is
    /// dropped.
    pub(crate) async fn run(self) -> Result<Output, Failed> {
        let name = name(self.path);
        let path = find(self.path).ok_or_else(|| Failed::Missing(name.clone()))?;
        let mut command = Command::new(path);
        command
            .args(&self.args)
            .env_clear()
            .env("PATH", search_path())
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // It may hold anything, so nobody looks at it.
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true);
        let mut child = command
            .spawn()
            .map_err(|error| Failed::NotStarted(name.clone(), error))?;
        let mut group = Group::of(&child);
        let talk = talk(&mut child, &mut group, self.stdin, self.most);
        match tokio::time::timeout(self.timeout, talk).await {
            Err(_) => Err(Failed::Late(name, self.timeout)),
            Ok(Err(error)) => Err(Failed::Lost(name, error)),
            Ok(Ok(None)) => Err(Failed::TooLong(name, self.most)),
            Ok(Ok(Some((stdout, status)))) => Ok(Output {
                stdout,
                code: status.code(),
            }),
        }
    }
}

/// A program's name without its folder.
pub(crate) fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}
