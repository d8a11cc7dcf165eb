//! A Docker Engine, through the docker command.

use std::process::Command;
use std::time::Duration;

use super::{Output, Program};

/// No call of the docker command takes this long, unless it hangs.
const LIMIT: Duration = Duration::from_secs(120);

/// A Docker Engine.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    /// Where it listens, as `unix:///…`.
    pub(crate) endpoint: String,
}

impl Engine {
    /// The engine that `tests/run` started; panics, and says what to do, where there is none.
    pub(crate) fn required() -> Self {
        match std::env::var("PLIMSOLL_TEST_DOCKER") {
            Ok(endpoint) if !endpoint.is_empty() => Self { endpoint },
            _ => panic!(
                "this test needs a Docker Engine of its own, and PLIMSOLL_TEST_DOCKER names none: run it with \
                 `tests/run`, or `tests/run -- --test NAME` for one test program"
            ),
        }
    }

    /// The docker command's answer, whatever it is.
    pub(crate) fn ask<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Output {
        let mut command = self.command("docker");
        Program::run(command.args(arguments), LIMIT)
    }

    /// What the docker command prints, without white space around it; panics when it fails.
    pub(crate) fn docker<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> String {
        let arguments: Vec<_> = arguments.into_iter().collect();
        let output = self.ask(arguments.iter().copied());
        let output = output.success(&format!("docker {}", arguments.join(" ")));
        output.stdout.trim().to_owned()
    }

    /// Docker Compose, as a plug-in of the docker command or as a command of its own.
    pub(crate) fn compose(&self) -> Command {
        let mut plugin = self.command("docker");
        let found = Program::run(plugin.args(["compose", "version"]), LIMIT);
        if found.code == Some(0) {
            let mut command = self.command("docker");
            command.arg("compose");
            command
        } else {
            self.command("docker-compose")
        }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for variable in ["DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"] {
            command.env_remove(variable);
        }
        command.env("DOCKER_HOST", &self.endpoint);
        command
    }
}
