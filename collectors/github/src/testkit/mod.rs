//! A fake GitHub with state, for tests: what is done to it shows in all of its answers, as in the real one.
//!
//! It answers the REST paths that are read, and the one query at `/graphql`. Answers have all that the vendor's specification
//! asks for. Every place that can hold free text holds one that starts with [`MARKER`]. It pages, and goes wrong where it is
//! [told to](FakeGithub::fail).

mod act;
mod answer;
mod code;
mod fault;
mod pages;
mod rules;
mod shapes;
mod state;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plimsoll_kit::testkit::{FakeServer, Input, MARKER};

pub use fault::{Alter, Fault};
pub use state::{Branch, Event, Hub, Pull, Repo, Review, Rights};

/// A fake GitHub, listening.
pub struct FakeGithub {
    server: FakeServer,
    shared: Arc<Mutex<Shared>>,
}

/// What the answers are made of.
struct Shared {
    hub: Hub,
    faults: Vec<(String, Fault, usize)>,
}

impl FakeGithub {
    /// A fake GitHub with one repository, which has the branch `main`.
    pub fn new(repository: &str) -> Self {
        let shared = Arc::new(Mutex::new(Shared {
            hub: Hub::new(repository),
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

    /// Settings that point to it, with a token in a file of `folder`.
    pub fn settings(&self, folder: &Path) -> String {
        let name = self.with(|hub| hub.name.clone());
        format!(
            "repositories = [{name:?}]\n{}{}",
            token_settings(folder),
            urls(self.server.url())
        )
    }

    /// The server and its settings as the input of a rule.
    pub fn into_input(self, more: &str) -> Input {
        let folder = tempfile_folder();
        let settings = format!("{}{more}", self.settings(folder.path()));
        Input::new(settings)
            .with_server(self.server)
            .with_folder(folder)
    }

    /// Does something to it, and gives back what that gives.
    pub fn with<T>(&self, change: impl FnOnce(&mut Hub) -> T) -> T {
        change(&mut lock(&self.shared).hub)
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

    /// How many requests of each path came, numbers and hashes left out.
    pub fn requests(&self) -> BTreeMap<String, usize> {
        let mut kinds = BTreeMap::new();
        for request in self.server.requests() {
            let parts = request.path.split('/').map(|part| {
                let number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
                match part {
                    _ if number => "{n}",
                    _ if part.len() == 40 => "{sha}",
                    other => other,
                }
            });
            let path: Vec<&str> = parts.collect();
            *kinds.entry(path.join("/")).or_insert(0) += 1;
        }
        kinds
    }
}

fn tempfile_folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Settings with a token in a file of `folder`.
///
/// # Panics
/// When the file cannot be written.
pub fn token_settings(folder: &Path) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("token");
    std::fs::write(&path, format!("ghs_{MARKER}-token\n")).expect("a token in a file");
    let mode = PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&path, mode).expect("a file of one's own");
    format!("token_file = {:?}\n", path.display().to_string())
}

/// Settings that point to a server.
pub fn urls(server: &str) -> String {
    format!("api_url = \"{server}\"\ngraphql_url = \"{server}/graphql\"\n")
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number of seconds since 1970 as the platform writes times.
fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .unwrap_or_default()
        .to_string()
}
