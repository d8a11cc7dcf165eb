//! A fake YouTrack with state, for tests: what is done to an issue shows in its fields and in its history, as in the real one.
//!
//! Every place that can hold a secret holds one that starts with [`MARKER`]. It pages, and gives fewer rows than it is asked for where
//! it is told to; it takes dates in its owner's time zone, and words of the search in its own language.

mod answer;
mod fault;
mod issue;
mod state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plimsoll_kit::testkit::{FakeServer, MARKER};

pub use fault::Fault;
pub use issue::Issue;
pub use state::State;

/// A fake YouTrack, listening.
pub struct FakeYouTrack {
    server: FakeServer,
    shared: Arc<Mutex<Shared>>,
}

/// What the answers are made of.
struct Shared {
    state: State,
    faults: Vec<(String, Fault, usize)>,
}

impl FakeYouTrack {
    /// A fake YouTrack with one empty project.
    pub fn new(project: &str) -> Self {
        let shared = Arc::new(Mutex::new(Shared {
            state: State::new(project),
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
    pub fn settings(&self, folder: &std::path::Path) -> String {
        format!(
            "{}url = \"{}/youtrack\"\n",
            token_settings(folder),
            self.server.url()
        )
    }

    /// Does something to it, and gives back what that gives.
    pub fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut lock(&self.shared).state)
    }

    /// Lets the next requests whose target holds `part` go wrong, so many times.
    pub fn fail(&self, part: &str, fault: Fault, times: usize) {
        let fault = (part.to_owned(), fault, times);
        lock(&self.shared).faults.push(fault);
    }

    /// The targets of all requests whose path ends in `end`.
    pub fn asked(&self, end: &str) -> Vec<String> {
        let requests = self.server.requests().into_iter();
        let asked = requests.filter(|request| request.path.ends_with(end));
        asked.map(|request| request.target()).collect()
    }
}

/// Settings with a token in a file of `folder`.
///
/// # Panics
/// When the file cannot be written.
pub fn token_settings(folder: &std::path::Path) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("token");
    std::fs::write(&path, format!("perm:{MARKER}-token\n")).expect("a token in a file");
    let mode = PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&path, mode).expect("a file of one's own");
    format!("token_file = {:?}\n", path.display().to_string())
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
