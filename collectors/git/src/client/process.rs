//! Runs a program to its end: under a deadline, with a cap on what it writes and a clean environment.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

/// Where programs are looked for when our own environment has no `PATH`.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

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

/// Kills all that a program started once it is dropped.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It fails when all have ended, which is what is wanted.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
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
        let mut group = Group(child.id().and_then(|id| Pid::from_raw(id.cast_signed())));
        let ended = tokio::time::timeout(self.timeout, talk(&mut child, self.stdin, self.most));
        let output = match ended.await {
            Err(_) => return Err(Failed::Late(name, self.timeout)),
            Ok(Err(error)) => return Err(Failed::Lost(name, error)),
            Ok(Ok(None)) => return Err(Failed::TooLong(name, self.most)),
            Ok(Ok(Some(output))) => output,
        };
        // It was waited for: the number may be another's by now.
        group.0 = None;
        Ok(output)
    }
}

/// Writes and reads until it has ended; none where it writes too much.
async fn talk(child: &mut Child, input: Vec<u8>, most: usize) -> std::io::Result<Option<Output>> {
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let write = async move {
        if let Some(mut stdin) = stdin {
            // A program may end without reading all of it; its status says what became of it.
            let _ = stdin.write_all(&input).await;
        }
    };
    let read = async move {
        let mut read = Vec::new();
        if let Some(stdout) = stdout {
            let cap = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
            stdout.take(cap).read_to_end(&mut read).await?;
        }
        std::io::Result::Ok(read)
    };
    // What writes too much may never take its input: its output decides.
    let mut write = std::pin::pin!(write);
    let mut read = std::pin::pin!(read);
    let mut written = false;
    let stdout = loop {
        tokio::select! {
            read = &mut read => break read?,
            () = &mut write, if !written => written = true,
        }
    };
    if stdout.len() > most {
        return Ok(None);
    }
    let code = child.wait().await?.code();
    Ok(Some(Output { stdout, code }))
}

/// A program's name without its folder.
pub(crate) fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// Where a program is: as it is given with a folder, else in `PATH`.
pub(crate) fn find(path: &Path) -> Option<PathBuf> {
    if path.as_os_str().as_encoded_bytes().contains(&b'/') {
        return is_executable(path).then(|| path.to_owned());
    }
    std::env::split_paths(&search_path())
        .map(|folder| folder.join(path))
        .find(|path| is_executable(path))
}

fn search_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_else(|| OsStr::new(PATH).to_owned())
}

fn is_executable(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}
