//! A fake Jira with state, for tests: what is done in it shows in all of its answers, as in the real one.
//!
//! It is a Cloud site or a data centre. It pages, answers errors with the vendor's bodies, reads the one kind of query that the collector
//! sends, and goes wrong where it is [told to](FakeJira::fail). Every place that can hold a secret holds one that starts with [`MARKER`].

mod answer;
mod fault;
mod issue;
mod state;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plimsoll_kit::testkit::{FakeServer, MARKER};

pub use fault::Fault;
pub use issue::Issue;
pub use state::{Jira, Kind};

/// A fake Jira, listening.
pub struct FakeJira {
    server: FakeServer,
    shared: Arc<Mutex<Shared>>,
}

/// What the answers are made of.
struct Shared {
    jira: Jira,
    faults: Vec<(String, Fault, usize)>,
}

impl FakeJira {
    /// A Cloud site with one project.
    pub fn cloud(project: &str) -> Self {
        Self::of(Kind::Cloud, project)
    }

    /// A data centre with one project.
    pub fn data_center(project: &str) -> Self {
        Self::of(Kind::DataCenter, project)
    }

    fn of(kind: Kind, project: &str) -> Self {
        let shared = Arc::new(Mutex::new(Shared {
            jira: Jira::new(kind, project),
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

    /// Settings that point to it, with a token in a file of `folder`.
    pub fn settings(&self, folder: &Path) -> String {
        self.settings_at(folder, self.server.url())
    }

    /// The same for another address, as that of a proxy before it.
    pub fn settings_at(&self, folder: &Path, url: &str) -> String {
        let shared = lock(&self.shared);
        let product = match shared.jira.kind {
            Kind::Cloud => "product = \"cloud\"\nuser = \"reader@example.com\"\n",
            Kind::DataCenter => "product = \"data-center\"\n",
        };
        let projects: Vec<&String> = shared.jira.projects.keys().collect();
        format!(
            "url = \"{url}\"\nsite = \"https://jira.example\"\nprojects = {projects:?}\n{product}{}",
            token(folder)
        )
    }

    /// Does something in it, and gives back what that gives.
    pub fn with<T>(&self, change: impl FnOnce(&mut Jira) -> T) -> T {
        change(&mut lock(&self.shared).jira)
    }

    /// Lets the next requests whose target holds `part` go wrong, so many times.
    pub fn fail(&self, part: &str, fault: Fault, times: usize) {
        let part = part.to_owned();
        lock(&self.shared).faults.push((part, fault, times));
    }
}

/// A setting with a token in a file of `folder`.
///
/// # Panics
/// When the file cannot be written.
pub fn token(folder: &Path) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("token");
    std::fs::write(&path, format!("{MARKER}-token\n")).expect("a token in a file");
    let mode = PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&path, mode).expect("a file of one's own");
    format!("token_file = {:?}\n", path.display().to_string())
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
