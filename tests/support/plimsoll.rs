//! The program under test.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{Output, Program, Report, Running};

/// No scan of a test's estate takes this long, unless it hangs.
const LIMIT: Duration = Duration::from_secs(60);
/// The user `nobody`, on every Linux.
const NOBODY: u32 = 65_534;

/// The program under test with a folder of its own, where its configuration and its data are.
pub(crate) struct Plimsoll {
    folder: tempfile::TempDir,
    user: Option<u32>,
}

impl Plimsoll {
    /// With the given sources, TOML text of `[[sources]]` tables and what else a configuration has.
    pub(crate) fn new(configuration: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let plimsoll = Self { folder, user: None };
        plimsoll.configure(configuration);
        plimsoll
    }

    /// With one Docker source, called `estate`, on a host called `estate`.
    pub(crate) fn docker(endpoint: &str) -> Self {
        Self::new(&Self::docker_source(endpoint))
    }

    /// The configuration that [`Plimsoll::docker`] has.
    pub(crate) fn docker_source(endpoint: &str) -> String {
        format!(
            "[[sources]]\nname = \"estate\"\ncollector = \"docker\"\n\
             [sources.settings]\nendpoint = \"{endpoint}\"\nhost = \"estate\"\n"
        )
    }

    /// Another configuration from now on, over the same data.
    pub(crate) fn configure(&self, configuration: &str) {
        let database = self.data().join("plimsoll.db");
        let text = format!(
            "[store]\npath = \"{}\"\n{configuration}",
            database.display()
        );
        std::fs::create_dir_all(self.data()).unwrap();
        std::fs::write(self.config(), text).unwrap();
    }

    /// From now on as a user who may nothing but read its own folder: `nobody`, unless we are no root anyway.
    pub(crate) fn unprivileged(mut self) -> Self {
        if !rustix::process::geteuid().is_root() {
            return self;
        }
        let program = self.folder.path().join("plimsoll");
        std::fs::copy(env!("CARGO_BIN_EXE_plimsoll"), &program).unwrap();
        let everyone = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.folder.path(), everyone).unwrap();
        let own = [self.folder.path().to_owned(), self.data(), self.config()];
        for path in own {
            chown(&path, Some(NOBODY), Some(NOBODY)).unwrap_or_else(|error| {
                panic!(
                    "{}: {error}: run this test with `tests/run`",
                    path.display()
                )
            });
        }
        self.user = Some(NOBODY);
        self
    }

    /// Where the database and the key are.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Runs a command with the configuration.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.start(arguments).finish(LIMIT)
    }

    /// Starts a command with the configuration.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        let mut command = self.command();
        command.args(arguments).arg("--config").arg(self.config());
        Program::start(&mut command)
    }

    /// Scans; panics unless a report comes out, whatever the exit code.
    pub(crate) fn scan(&self) -> Report {
        Report::parse(self.run(&["scan", "--format", "json"]))
    }

    /// The program with nothing of this environment but a home folder and what finds programs.
    pub(crate) fn command(&self) -> Command {
        let mut command = match self.user {
            None => Command::new(env!("CARGO_BIN_EXE_plimsoll")),
            Some(user) => {
                let mut command = Command::new(self.folder.path().join("plimsoll"));
                command.uid(user).gid(user);
                command
            }
        };
        command.env_clear().env("HOME", self.folder.path());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.current_dir(self.folder.path());
        command
    }

    /// Every byte that the program has left behind, file by file.
    pub(crate) fn left_behind(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        read_all(&self.data(), &mut found);
        found
    }

    /// Where its configuration is.
    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }
}

fn read_all(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, found);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
}
