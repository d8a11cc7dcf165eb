//! A fake Slack with state, for tests: what is said, edited and deleted in it shows in all of its methods, as in the real one.
//!
//! It answers `/api/METHOD`. Every place that can hold a secret holds one that starts with [`MARKER`]. It pages, and goes wrong where
//! it is [told to](FakeSlack::fail).

mod answer;
mod fault;
mod state;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plimsoll_kit::testkit::{FakeServer, MARKER};

pub use fault::Fault;
pub use state::{Message, User, Workspace};

/// A fake Slack, listening.
pub struct FakeSlack {
    server: FakeServer,
    shared: Arc<Mutex<Shared>>,
}

/// What the answers are made of.
struct Shared {
    workspace: Workspace,
    faults: Vec<(String, Fault, usize)>,
}

impl Default for FakeSlack {
    fn default() -> Self {
        Self::new()
    }
}

impl FakeSlack {
    /// A fake Slack with a workspace in which nobody has said anything.
    pub fn new() -> Self {
        let shared = Arc::new(Mutex::new(Shared {
            workspace: Workspace::new(),
            faults: Vec::new(),
        }));
        let server = FakeServer::on_loopback();
        server.handle({
            let shared = Arc::clone(&shared);
            move |request| Some(answer::reply(&mut lock(&shared), request))
        });
        Self { server, shared }
    }

    /// The server that it listens by.
    pub fn server(&self) -> &FakeServer {
        &self.server
    }

    /// The server alone, which goes on answering.
    pub fn into_server(self) -> FakeServer {
        self.server
    }

    /// Settings that point to it, with a token in a file of `folder`, and without waits.
    pub fn settings(&self, folder: &Path) -> String {
        settings(folder, &format!("{}/api", self.server.url()))
    }

    /// Does something in the workspace, and gives back what that gives.
    pub fn with<T>(&self, change: impl FnOnce(&mut Workspace) -> T) -> T {
        change(&mut lock(&self.shared).workspace)
    }

    /// Lets the next requests whose target holds `part` go wrong, so many times.
    pub fn fail(&self, part: &str, fault: Fault, times: usize) {
        lock(&self.shared)
            .faults
            .push((part.to_owned(), fault, times));
    }

    /// How often each method was called.
    pub fn calls(&self, method: &str) -> usize {
        let requests = self.server.requests();
        let path = format!("/api/{method}");
        requests.iter().filter(|one| one.path == path).count()
    }
}

/// Settings that point to an address, with a token in a file of `folder`, and without waits.
///
/// # Panics
/// When the file cannot be written.
pub fn settings(folder: &Path, api: &str) -> String {
    format!(
        "{}api_url = \"{api}\"\npace = \"none\"\n",
        token_settings(folder)
    )
}

/// Settings with a token in a file of `folder`.
///
/// # Panics
/// When the file cannot be written.
pub fn token_settings(folder: &Path) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("token");
    std::fs::write(&path, format!("xoxb-{MARKER}-token\n")).expect("a token in a file");
    let mode = PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&path, mode).expect("a file of one's own");
    format!("token_file = {:?}\n", path.display().to_string())
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
