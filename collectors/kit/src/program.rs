//! Other programs: where they are, and that nothing of them stays behind.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Child;

/// Where programs are looked for when our own environment has no `PATH`.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// How long what is in a pipe is waited for once the program that wrote it has ended.
const GRACE: Duration = Duration::from_millis(500);

/// Where a program is: with a folder in its name as it is given, else in `PATH`. The path is absolute.
///
/// Folders of `PATH` that are not absolute are left out, an empty one and `.` among them: what lies in the folder that we happen
/// to run in is not ours. A program is looked for once, so that all runs of a process are of the same one.
pub fn find(program: &Path) -> Option<PathBuf> {
    static FOUND: Mutex<Option<HashMap<(OsString, OsString), PathBuf>>> = Mutex::new(None);
    if program.as_os_str().as_encoded_bytes().contains(&b'/') {
        let path = std::path::absolute(program).ok()?;
        return is_executable(&path).then_some(path);
    }
    if program.as_os_str().is_empty() {
        return None;
    }
    let places = search_path();
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    let found = found.get_or_insert_default();
    let key = (program.as_os_str().to_owned(), places.clone());
    if let Some(path) = found.get(&key).filter(|path| is_executable(path)) {
        return Some(path.clone());
    }
    let path = find_in(&places, program)?;
    found.insert(key, path.clone());
    Some(path)
}

fn find_in(places: &OsStr, program: &Path) -> Option<PathBuf> {
    std::env::split_paths(places)
        .map(|folder| folder.join(program))
        .find(|path| path.is_absolute() && is_executable(path))
}

/// `PATH` with the absolute folders alone, as it is handed on to programs.
pub fn search_path() -> OsString {
    absolute_folders(&std::env::var_os("PATH").unwrap_or_else(|| PATH.into()))
}

fn absolute_folders(path: &OsStr) -> OsString {
    let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    std::env::join_paths(folders).unwrap_or_else(|_| PATH.into())
}

/// Whether a path is a program that this user may run.
pub fn is_executable(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

/// The process group of a program that was started with `process_group(0)`. Dropped, it kills all that is in it: the program,
/// and what it started and left behind.
#[derive(Debug)]
pub struct Group(Option<Pid>);

impl Group {
    /// The group of a program that was just started.
    pub fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| Pid::from_raw(id.cast_signed())))
    }

    /// Kills it. A number is given to no other process while one of the group is there; when none is, this does nothing.
    pub fn kill(&mut self) {
        if let Some(group) = self.0.take() {
            // It fails when all have ended, which is what is wanted.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Writes a program its input and reads its output until the program itself ends; then kills what it left in its group. What
/// left the group and holds the pipe is not waited for. None where it writes more than `most` bytes.
///
/// # Errors
/// What the pipes or the wait give.
pub async fn talk(
    child: &mut Child,
    group: &mut Group,
    input: Vec<u8>,
    most: usize,
) -> io::Result<Option<(Vec<u8>, ExitStatus)>> {
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let mut write = std::pin::pin!(async move {
        if let Some(mut stdin) = stdin {
            // A program may end without reading all of it; its status says what became of it.
            let _ = stdin.write_all(&input).await;
        }
    });
    let mut written = false;
    let mut status = None;
    let mut output = Vec::new();
    if let Some(mut stdout) = stdout {
        let mut buffer = vec![0; 64 << 10];
        loop {
            // What writes too much may never take its input, and what has ended may have left more in the pipe.
            let got = tokio::select! {
                biased;
                got = stdout.read(&mut buffer) => got?,
                () = &mut write, if !written => { written = true; continue }
                ended = child.wait(), if status.is_none() => {
                    status = Some(ended?);
                    group.kill();
                    continue;
                }
                () = tokio::time::sleep(GRACE), if status.is_some() => break,
            };
            if got == 0 {
                break;
            }
            output.extend_from_slice(buffer.get(..got).unwrap_or_default());
            if output.len() > most {
                return Ok(None);
            }
        }
    }
    let status = match status {
        Some(status) => status,
        None => child.wait().await?,
    };
    group.kill();
    Ok(Some((output, status)))
}

/// The output of a program, which ends when the program itself has ended and what it wrote was read, whoever else holds the pipe.
#[derive(Debug)]
pub struct Output {
    pipe: std::fs::File,
    ended: Arc<AtomicBool>,
}

impl Output {
    /// Of a pipe, and of a word that is set when the program has ended.
    pub fn new(pipe: OwnedFd, ended: Arc<AtomicBool>) -> Self {
        Self {
            pipe: pipe.into(),
            ended,
        }
    }
}

impl Read for Output {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const LOOK: Timespec = Timespec {
            tv_sec: 0,
            tv_nsec: 50_000_000,
        };
        loop {
            // Looked at before the pipe is: what was written before the end is in it by then.
            let ended = self.ended.load(Ordering::Acquire);
            let mut polled = [PollFd::new(&self.pipe, PollFlags::IN)];
            match poll(&mut polled, Some(&LOOK)) {
                Ok(0) if ended => return Ok(0),
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return self.pipe.read(buffer),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl AsFd for Output {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.pipe.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Stdio;

    use tokio::process::Command;

    use super::*;

    #[test]
    fn the_folder_that_we_run_in_is_not_looked_into() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("git");
        std::fs::write(&program, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
        let own = folder.path().as_os_str().to_owned();
        for (places, found) in [
            ("", false),
            (".", false),
            ("::", false),
            ("./:../", false),
            ("relative/bin", false),
        ] {
            let kept = absolute_folders(OsStr::new(places));
            assert!(kept.is_empty(), "{places:?} {kept:?}");
            assert_eq!(
                find_in(OsStr::new(places), Path::new("git")).is_some(),
                found
            );
        }
        let mut both = OsString::from(":.:");
        both.push(&own);
        assert_eq!(absolute_folders(&both), own);
        assert_eq!(find_in(&both, Path::new("git")), Some(program));
        assert_eq!(find(Path::new("")), None);
        assert!(find(Path::new("sh")).unwrap().is_absolute());
    }

    /// What a script says, and its standard error, which is at its end when all who have it are gone.
    async fn run(
        script: &str,
        most: usize,
    ) -> (Option<(Vec<u8>, ExitStatus)>, tokio::process::ChildStderr) {
        let mut child = Command::new("/bin/sh")
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut group = Group::of(&child);
        let said = talk(&mut child, &mut group, b"in".to_vec(), most).await;
        (said.unwrap(), child.stderr.take().unwrap())
    }

    #[tokio::test]
    async fn a_child_that_holds_the_pipe_makes_nobody_late_and_ends_too() {
        let (said, mut held) = run("sleep 600 & printf out; cat", 100).await;
        assert_eq!(said.unwrap().0, b"outin");
        held.read_to_end(&mut Vec::new()).await.unwrap();
    }

    #[tokio::test]
    async fn a_child_that_left_the_group_and_holds_the_pipe_makes_nobody_late() {
        // `read` waits for the word that the other has left the group.
        let script =
            "exec 3>&1; { setsid sh -c 'echo there; exec sleep 5 >&3' & } | read word; printf out";
        let (said, _) = run(script, 100).await;
        assert_eq!(said.unwrap().0, b"out");
    }

    #[tokio::test]
    async fn what_writes_without_end_is_not_read_on() {
        let (said, _) = run("yes", 100_000).await;
        assert!(said.is_none());
    }

    #[test]
    fn an_output_ends_with_its_program() {
        let (reader, writer) = rustix::pipe::pipe().unwrap();
        rustix::io::write(&writer, b"all").unwrap();
        let ended = Arc::new(AtomicBool::new(true));
        let mut text = String::new();
        // The writer stays open.
        Output::new(reader, ended)
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "all");
        drop(writer);
    }
}
