//! Podman's socket that speaks as Docker's does.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{Engine, until};

const READY: Duration = Duration::from_secs(60);

/// A Podman service of one test, with storage of its own and no networks. Needs root.
pub(crate) struct Podman {
    folder: tempfile::TempDir,
    child: Option<Child>,
    pub(crate) engine: Engine,
}

impl Podman {
    /// Starts one with a busybox image, `localhost/estate/busybox:1`.
    pub(crate) fn start() -> Self {
        let shared = Engine::required();
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let storage = format!(
            "[storage]\ndriver = \"vfs\"\nrunroot = \"{}\"\ngraphroot = \"{}\"\n",
            path("run").display(),
            path("graph").display()
        );
        std::fs::write(path("storage.conf"), storage).unwrap();
        let engine = "[engine]\ncgroup_manager = \"cgroupfs\"\nevents_logger = \"file\"\n";
        std::fs::write(path("containers.conf"), engine).unwrap();
        let endpoint = format!("unix://{}", path("podman.sock").display());
        let log = std::fs::File::create(path("log")).unwrap();
        let child = Command::new("podman")
            .args(["system", "service", "--time", "0", &endpoint])
            .env("CONTAINERS_STORAGE_CONF", path("storage.conf"))
            .env("CONTAINERS_CONF", path("containers.conf"))
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("podman: {error}: run this test with `tests/run`"));
        let mut podman = Self {
            engine: Engine { endpoint },
            folder,
            child: Some(child),
        };
        podman.wait();
        let archive = podman.folder.path().join("busybox.tar");
        let archive = archive.to_str().unwrap();
        shared.docker(["save", "--output", archive, "estate/busybox:1"]);
        podman.engine.docker(["load", "--input", archive]);
        podman
    }

    fn wait(&mut self) {
        until("Podman answers", READY, || {
            let child = self.child.as_mut();
            let ended = child.and_then(|child| child.try_wait().unwrap());
            let log = || std::fs::read_to_string(self.folder.path().join("log"));
            assert!(ended.is_none(), "podman ended: {:?}", log());
            (self.engine.ask(["version"]).code == Some(0)).then_some(())
        });
    }
}

impl Drop for Podman {
    fn drop(&mut self) {
        let found = self.engine.ask(["ps", "--all", "--quiet"]).stdout;
        for id in found.split_whitespace() {
            self.engine.ask(["rm", "--force", id]);
        }
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
