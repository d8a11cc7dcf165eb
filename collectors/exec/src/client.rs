//! Runs a program and sees to its end.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use plimsoll_file::findings::{self, Gathering};
use plimsoll_kit::program::{Group, Output, find, is_executable, search_path};
use plimsoll_kit::{Context, Harvester, Right};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStderr, Command};

/// How long a killed program's last output and its end are waited for. Only what left the process group, or hangs in
/// the kernel, takes longer.
const GRACE: Duration = Duration::from_secs(2);

/// A program to run.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its name or path, and its arguments.
    pub command: Vec<String>,
    /// The names of our variables that it sees, besides `PATH`.
    pub env: Vec<String>,
    /// Where it runs; where we run if none.
    pub directory: Option<PathBuf>,
}

/// How a run ended.
#[derive(Debug)]
pub struct End {
    /// What ended it.
    pub ending: Ending,
    /// How many bytes it wrote to standard error. They are not kept.
    pub stderr_bytes: u64,
}

/// What ended a run.
#[derive(Debug)]
pub enum Ending {
    /// It could not be started, and why.
    NotStarted(String),
    /// It ended by itself.
    Exited(ExitStatus),
    /// The deadline passed, and it was killed.
    Late,
    /// Its output could not be read on, and it was killed.
    Stopped,
    /// The system could not tell.
    Lost(io::Error),
}

/// Why a program cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum NoProgram {
    /// There is none at the path.
    #[error("{0} does not exist; check `command`")]
    Missing(PathBuf),
    /// It may not be run.
    #[error("{0} is no program that this user may run; check `command` and the file's rights")]
    NotExecutable(PathBuf),
    /// No folder of `PATH` has it.
    #[error("no program {0:?} in PATH; give its whole path in `command`")]
    NotInPath(String),
}

impl NoProgram {
    /// How `check` classes it.
    pub fn right(&self) -> Right {
        match self {
            Self::NotExecutable(_) => Right::Denied,
            Self::Missing(_) | Self::NotInPath(_) => Right::Unreachable,
        }
    }
}

impl Program {
    /// What messages call it: its name without the folder.
    pub fn name(&self) -> String {
        let program = self.command.first().map_or("", String::as_str);
        let name = Path::new(program).file_name();
        name.map_or_else(
            || program.to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
    }

    /// Where it is, without running it.
    ///
    /// # Errors
    /// When it is not there or may not be run.
    pub fn find(&self) -> Result<PathBuf, NoProgram> {
        let program = self.command.first().map_or("", String::as_str);
        if program.contains('/') {
            let path = match &self.directory {
                Some(directory) => directory.join(program),
                None => PathBuf::from(program),
            };
            return match (path.exists(), is_executable(&path)) {
                (true, true) => Ok(std::path::absolute(&path).unwrap_or(path)),
                (true, false) => Err(NoProgram::NotExecutable(path)),
                (false, _) => Err(NoProgram::Missing(path)),
            };
        }
        find(Path::new(program)).ok_or_else(|| NoProgram::NotInPath(program.to_owned()))
    }

    /// The variables in `env` that are not set.
    pub fn unset(&self) -> impl Iterator<Item = &str> {
        let unset = |name: &&String| std::env::var_os(name).is_none();
        self.env.iter().filter(unset).map(String::as_str)
    }

    fn start(&self) -> Result<Running, String> {
        let path = self.find().map_err(|why| why.to_string())?;
        let mut command = Command::new(&path);
        command
            .args(self.command.iter().skip(1))
            .env_clear()
            .env("PATH", search_path())
            .envs(
                self.env
                    .iter()
                    .filter_map(|name| Some((name, std::env::var_os(name)?))),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        let child = command
            .spawn()
            .map_err(|error| format!("{} cannot be started: {error}", path.display()))?;
        let group = Group::of(&child);
        Ok(Running { child, group })
    }
}

/// Runs a program, and reads findings from its output until both have ended or `deadline` has.
///
/// The program is in a process group of its own, and the whole group is killed at the deadline, when its output
/// cannot be read on, or when the call is dropped.
pub async fn run(
    program: &Program,
    deadline: impl Future<Output = ()>,
    gathering: &mut Gathering,
    context: &Context,
    harvest: &mut Harvester,
) -> End {
    let stderr_bytes = AtomicU64::new(0);
    let ending = match program.start() {
        Ok(mut running) => {
            let mut drain = pin!(drain(running.child.stderr.take(), &stderr_bytes));
            let mut drained = false;
            let ending = {
                let mut follow = pin!(running.follow(deadline, gathering, context, harvest));
                loop {
                    tokio::select! {
                        ending = &mut follow => break ending,
                        () = &mut drain, if !drained => drained = true,
                    }
                }
            };
            if !drained {
                // Mostly it is at its end; something left behind may hold it open.
                let _ = tokio::time::timeout(GRACE, drain).await;
            }
            ending
        }
        Err(why) => Ending::NotStarted(why),
    };
    End {
        ending,
        stderr_bytes: stderr_bytes.into_inner(),
    }
}

/// A program that was started. Dropping it kills its group.
struct Running {
    child: Child,
    group: Group,
}

impl Running {
    async fn follow(
        &mut self,
        deadline: impl Future<Output = ()>,
        gathering: &mut Gathering,
        context: &Context,
        harvest: &mut Harvester,
    ) -> Ending {
        let mut deadline = pin!(deadline);
        let stdout = self.child.stdout.take();
        let Some(stdout) = stdout.and_then(|stdout| stdout.into_owned_fd().ok()) else {
            return Ending::Lost(io::Error::other("it has no standard output"));
        };
        let ended = Arc::new(AtomicBool::new(false));
        let source = Box::new(Output::new(stdout, Arc::clone(&ended)));
        let mut late = false;
        let mut status = None;
        {
            let mut read = pin!(findings::read(source, gathering, context, harvest));
            loop {
                tokio::select! {
                    () = &mut read => break,
                    // What it left behind ends with it, and what it wrote is read to its end.
                    end = self.child.wait(), if status.is_none() => {
                        ended.store(true, Ordering::Release);
                        self.group.kill();
                        status = Some(end);
                    }
                    () = &mut deadline => {
                        late = true;
                        break;
                    }
                }
            }
            if late {
                self.group.kill();
                // What it wrote before is in the pipe.
                let _ = tokio::time::timeout(GRACE, read).await;
            }
        }
        if !late && !gathering.has_failed() {
            let end = match status.take() {
                Some(end) => Some(end),
                None => tokio::select! {
                    end = self.child.wait() => Some(end),
                    () = &mut deadline => None,
                },
            };
            if let Some(end) = end {
                self.group.kill();
                return end.map_or_else(Ending::Lost, Ending::Exited);
            }
            late = true;
        }
        self.group.kill();
        let _ = tokio::time::timeout(GRACE, self.child.wait()).await;
        if late { Ending::Late } else { Ending::Stopped }
    }
}

/// Counts what comes until all who could write have ended.
async fn drain(stderr: Option<ChildStderr>, bytes: &AtomicU64) {
    let mut buffer = vec![0; 8 << 10];
    if let Some(mut stderr) = stderr {
        while let Ok(got) = stderr.read(&mut buffer).await
            && got > 0
        {
            bytes.fetch_add(u64::try_from(got).unwrap_or(0), Ordering::Relaxed);
        }
    }
}
