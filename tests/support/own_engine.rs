//! A Docker Engine that a test may kill.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{Engine, Program, until};

const READY: Duration = Duration::from_secs(60);

/// A Docker Engine of one test, without networks between containers. Its containers are made and not started, so that
/// nothing outlives it. Needs root.
pub(crate) struct OwnEngine {
    folder: tempfile::TempDir,
    child: Option<Child>,
    pub(crate) engine: Engine,
}

impl OwnEngine {
    /// Starts one with a busybox image, `estate/busybox:1`.
    pub(crate) fn start() -> Self {
        let shared = Engine::required();
        let folder = tempfile::tempdir().unwrap();
        let mut own = Self {
            engine: Engine {
                endpoint: format!("unix://{}", folder.path().join("docker.sock").display()),
            },
            folder,
            child: None,
        };
        own.restart();
        let archive = own.path("busybox.tar");
        let archive = archive.to_str().unwrap();
        shared.docker(["save", "--output", archive, "estate/busybox:1"]);
        own.engine.docker(["load", "--input", archive]);
        own
    }

    /// Its socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.path("docker.sock")
    }

    /// The engine's process id, while it runs.
    pub(crate) fn pid(&self) -> Option<rustix::process::Pid> {
        self.child.as_ref().map(rustix::process::Pid::from_child)
    }

    /// Starts it again after [`OwnEngine::kill`].
    pub(crate) fn restart(&mut self) {
        assert!(self.child.is_none(), "the engine runs already");
        let log = File::create(self.path("log")).unwrap();
        std::fs::write(self.path("none.json"), "{}").unwrap();
        // In a network namespace of its own: an engine without a bridge removes the one that another has made.
        let child = Command::new("unshare")
            .args(["--net", "dockerd"])
            .args(["--host", &self.engine.endpoint])
            .arg("--data-root")
            .arg(self.path("data"))
            .arg("--exec-root")
            .arg(self.path("exec"))
            .arg("--pidfile")
            .arg(self.path("pid"))
            .arg("--config-file")
            .arg(self.path("none.json"))
            .args(["--bridge=none", "--iptables=false", "--ip6tables=false"])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("unshare: {error}: run this test with `tests/run`"));
        self.child = Some(child);
        until("the test's own engine answers", READY, || {
            let ended = self
                .child
                .as_mut()
                .and_then(|child| child.try_wait().unwrap());
            let log = || std::fs::read_to_string(self.path("log")).unwrap_or_default();
            assert!(ended.is_none(), "dockerd ended: {}", log());
            (self.engine.ask(["version"]).code == Some(0)).then_some(())
        });
    }

    /// Kills it as a crash would, and its containerd with it. Its socket stays, and nobody answers there.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        self.kill_containerd();
        let _ = std::fs::remove_file(self.path("pid"));
    }

    fn kill_containerd(&self) {
        let pid = std::fs::read_to_string(self.path("exec/containerd/containerd.pid"));
        let pid = pid.ok().and_then(|pid| pid.trim().parse().ok());
        let Some(pid) = pid.and_then(rustix::process::Pid::from_raw) else {
            return;
        };
        // The number may have gone to another process since: only one that was started for this folder is ended.
        let ours = || {
            let line = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())).ok()?;
            let folder = self.folder.path().as_os_str().as_encoded_bytes();
            line.windows(folder.len())
                .any(|part| part == folder)
                .then_some(())
        };
        if ours().is_some() {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            until("its containerd ends", READY, || {
                ours().is_none().then_some(())
            });
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for OwnEngine {
    fn drop(&mut self) {
        self.kill();
        // Storage that is still mounted would keep the folder from going away.
        for place in mounts_below(self.folder.path()) {
            let _ = Program::run(Command::new("umount").arg("--lazy").arg(place), READY);
        }
    }
}

/// Deepest first.
fn mounts_below(folder: &Path) -> Vec<PathBuf> {
    let table = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let places = table.lines().filter_map(|line| line.split(' ').nth(1));
    let mut found: Vec<_> = places
        .map(PathBuf::from)
        .filter(|place| place.starts_with(folder))
        .collect();
    found.sort();
    found.reverse();
    found
}
