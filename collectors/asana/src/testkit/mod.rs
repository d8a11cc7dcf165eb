//! A fake Asana with state, for tests: what is done to a task shows in it and in its stories, as in the real one.
//!
//! Every place that can hold a secret holds one that starts with [`MARKER`]. It pages by offsets, and what is done to a subtask does not
//! alter its task.

mod act;
mod answer;
mod fault;
mod state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plimsoll_kit::testkit::{FakeServer, MARKER};

pub use fault::Fault;
pub use state::{PROJECT, State, Task};

/// A fake Asana, listening.
pub struct FakeAsana {
    server: FakeServer,
    shared: Arc<Mutex<Shared>>,
}

/// What the answers are made of.
struct Shared {
    state: State,
    faults: Vec<(String, Fault, usize)>,
}

impl FakeAsana {
    /// A fake Asana with one empty project, [`PROJECT`], that has the sections Requested, Approved, In progress and Done.
    pub fn new() -> Self {
        let shared = Arc::new(Mutex::new(Shared {
            state: State::new(),
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

    /// Settings that point to it or to a proxy before it, with a token in a file of `folder`, and without a pace. They name no project.
    pub fn settings_at(url: &str, folder: &std::path::Path) -> String {
        format!(
            "{}url = \"{url}\"\nrequests_per_minute = 100000\n",
            token_settings(folder)
        )
    }

    /// Settings that point to it and name its project.
    pub fn settings(&self, folder: &std::path::Path) -> String {
        let url = format!("{}/api/1.0", self.server.url());
        let settings = Self::settings_at(&url, folder);
        format!("{settings}projects = [\"{PROJECT}\"]\n")
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

    /// How many requests' paths end in `end`.
    pub fn asked(&self, end: &str) -> usize {
        let requests = self.server.requests().into_iter();
        requests
            .filter(|request| request.path.ends_with(end))
            .count()
    }
}

impl Default for FakeAsana {
    fn default() -> Self {
        Self::new()
    }
}

/// Settings with a token in a file of `folder`.
///
/// # Panics
/// When the file cannot be written.
pub fn token_settings(folder: &std::path::Path) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("token");
    std::fs::write(&path, format!("1/{MARKER}-token\n")).expect("a token in a file");
    let mode = PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&path, mode).expect("a file of one's own");
    format!("token_file = {:?}\n", path.display().to_string())
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
