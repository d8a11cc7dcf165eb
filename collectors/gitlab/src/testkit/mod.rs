//! A fake GitLab with state, for tests and benchmarks: what is done to it shows in all that it answers, as in the real one.
//!
//! Every place that can hold a secret holds one that starts with [`MARKER`]. It pages, and goes wrong where it is
//! [told to](FakeGitlab::fail).

mod answer;
mod fault;
mod state;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plimsoll_kit::testkit::{FakeServer, MARKER, Request};

pub use fault::{Alter, Fault};
pub use state::{Gitlab, Issue, MergeRequest};

/// A fake GitLab, listening.
pub struct FakeGitlab {
    server: FakeServer,
    shared: Arc<Mutex<Shared>>,
}

/// What the answers are made of.
struct Shared {
    gitlab: Gitlab,
    faults: Vec<(String, Fault, usize)>,
}

impl FakeGitlab {
    /// A fake GitLab with one project, whose `main` is protected.
    pub fn new(project: &str) -> Self {
        let shared = Arc::new(Mutex::new(Shared {
            gitlab: Gitlab::new(project),
            faults: Vec::new(),
        }));
        let server = FakeServer::on_loopback();
        let url = server.url().to_owned();
        server.handle({
            let shared = Arc::clone(&shared);
            move |request| Some(answer::reply(&mut lock(&shared), request, &url))
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

    /// Settings that point to it, with a token in a file of `folder`.
    pub fn settings(&self, folder: &std::path::Path) -> String {
        let project = self.with(|gitlab| gitlab.project.clone());
        let url = self.server.url();
        format!(
            "{}projects = [{project:?}]\napi_url = \"{url}/api/v4\"\n",
            token_settings(folder)
        )
    }

    /// Does something to it, and gives back what that gives.
    pub fn with<T>(&self, change: impl FnOnce(&mut Gitlab) -> T) -> T {
        change(&mut lock(&self.shared).gitlab)
    }

    /// Lets the next requests whose target holds `part` go wrong, so many times.
    pub fn fail(&self, part: &str, fault: Fault, times: usize) {
        lock(&self.shared)
            .faults
            .push((part.to_owned(), fault, times));
    }

    /// Lets nothing go wrong any more.
    pub fn mend(&self) {
        lock(&self.shared).faults.clear();
    }

    /// How many requests of each kind came, as `GET /merge_requests/{iid}/notes`.
    pub fn requests(&self) -> BTreeMap<String, usize> {
        let mut kinds = BTreeMap::new();
        for request in self.server.requests() {
            *kinds.entry(kind(&request)).or_insert(0) += 1;
        }
        kinds
    }
}

/// Settings with a token in a file of `folder`.
///
/// # Panics
/// When the file cannot be written.
pub fn token_settings(folder: &std::path::Path) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("token");
    std::fs::write(&path, format!("glpat-{MARKER}-token\n")).expect("a token in a file");
    let mode = PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&path, mode).expect("a file of one's own");
    format!("token_file = {:?}\n", path.display().to_string())
}

/// A request without its project and what tells one item from another.
fn kind(request: &Request) -> String {
    let path = request.path.trim_start_matches("/api/v4");
    let parts = path.split('/').skip(1).map(|part| match part {
        _ if part.contains("%2F") => "{id}",
        _ if !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) => "{iid}",
        _ => part,
    });
    format!(
        "{} /{}",
        request.method,
        parts.collect::<Vec<_>>().join("/")
    )
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
