//! Containers, networks and volumes of one test.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Engine, Program, until};

/// How long real services may take until they are healthy, on a busy machine.
const HEALTHY: Duration = Duration::from_secs(90);

/// A scan sees the whole engine, so one test at a time may change it.
static ALONE: Mutex<()> = Mutex::new(());
static COUNT: AtomicU32 = AtomicU32::new(1);

/// What one test has on an engine, under a prefix of its own; dropped, it takes all of it away.
pub(crate) struct Estate {
    pub(crate) engine: Engine,
    /// What every name begins with.
    pub(crate) prefix: String,
    _alone: MutexGuard<'static, ()>,
}

impl Estate {
    /// An empty estate. Waits until no other test of this program has one.
    pub(crate) fn on(engine: &Engine) -> Self {
        // A test that failed has poisoned the lock and taken its things away all the same.
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self {
            engine: engine.clone(),
            prefix: format!("t{}x{number}", std::process::id()),
            _alone: alone,
        }
    }

    /// A name in this estate.
    pub(crate) fn name(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }

    /// The id in the inventory of a thing of this estate, scanned by [`Plimsoll::docker`](super::Plimsoll::docker).
    pub(crate) fn id(&self, kind: &str, name: &str) -> String {
        format!("{kind}:estate/{}", self.name(name))
    }

    /// The id of a service of this estate's Compose project, scanned likewise.
    pub(crate) fn service(&self, name: &str) -> String {
        format!("container:estate/{}/{name}", self.prefix)
    }

    /// Runs a container: `arguments` are those of `docker run`, image included.
    pub(crate) fn run(&self, name: &str, arguments: &[&str]) {
        self.container("run", &["--detach"], name, arguments);
    }

    /// Makes a container without starting it.
    pub(crate) fn create(&self, name: &str, arguments: &[&str]) {
        self.container("create", &[], name, arguments);
    }

    /// Removes a container, running or not.
    pub(crate) fn remove(&self, name: &str) {
        let name = self.name(name);
        self.engine.docker(["rm", "--force", "--volumes", &name]);
    }

    /// Makes a network.
    pub(crate) fn network(&self, name: &str, arguments: &[&str]) -> String {
        let name = self.name(name);
        let all = ["network", "create"]
            .into_iter()
            .chain(arguments.iter().copied());
        self.engine.docker(all.chain([name.as_str()]));
        name
    }

    /// Makes a volume.
    pub(crate) fn volume(&self, name: &str) -> String {
        let name = self.name(name);
        self.engine.docker(["volume", "create", &name]);
        name
    }

    /// Gives an image another name, or moves that name to it, below this estate's prefix.
    pub(crate) fn tag(&self, image: &str, name: &str) -> String {
        let name = format!("{}/{name}", self.prefix);
        self.engine.docker(["tag", image, &name]);
        name
    }

    /// Brings the Compose project in `file` up, with `variables` for it, as a project called by the prefix.
    pub(crate) fn compose_up(&self, file: &Path, variables: &[(&str, &str)]) {
        let mut command = self.engine.compose();
        command.args(["-p", &self.prefix, "-f"]).arg(file);
        command.args(["up", "-d"]).envs(variables.iter().copied());
        Program::run(&mut command, HEALTHY).success("docker compose up");
    }

    /// Waits until every container of this estate that has a health check is healthy.
    pub(crate) fn healthy(&self) {
        let filter = format!("name={}", self.prefix);
        until("every container is healthy", HEALTHY, || {
            let list = [
                "ps",
                "--all",
                "--filter",
                &filter,
                "--format",
                "{{.Status}}",
            ];
            let states = self.engine.docker(list);
            let waiting =
                |state: &str| state.contains("(health: starting)") || state.contains("(unhealthy)");
            (!states.lines().any(waiting)).then_some(())
        });
    }

    fn container(&self, verb: &str, flags: &[&str], name: &str, arguments: &[&str]) {
        let name = self.name(name);
        let all = [verb, "--name", name.as_str()].into_iter();
        let all = all
            .chain(flags.iter().copied())
            .chain(arguments.iter().copied());
        self.engine.docker(all);
    }

    /// Removes what `list` finds under the prefix; says nothing when the engine is gone.
    fn sweep(&self, list: &[&str], remove: &[&str]) {
        let filter = format!("name={}", self.prefix);
        let found = list.iter().copied().chain(["--quiet", "--filter", &filter]);
        let found = self.engine.ask(found).stdout;
        if !found.trim().is_empty() {
            self.engine
                .ask(remove.iter().copied().chain(found.split_whitespace()));
        }
    }
}

impl Drop for Estate {
    fn drop(&mut self) {
        self.sweep(&["ps", "--all"], &["rm", "--force", "--volumes"]);
        self.sweep(&["network", "ls"], &["network", "rm"]);
        self.sweep(&["volume", "ls"], &["volume", "rm", "--force"]);
        let filter = format!("reference={}/*", self.prefix);
        let format = "{{.Repository}}:{{.Tag}}";
        let images = ["images", "--filter", &filter, "--format", format];
        let names = self.engine.ask(images).stdout;
        for name in names.split_whitespace() {
            self.engine.ask(["rmi", name]);
        }
    }
}
