//! A fake Aptible with state: what is done to it shows in what it answers next.
//!
//! Faithful to what is known of the platform: lists in pages with 40 rows by default, operations and backups newest first, links with
//! whole URLs, resources that are gone missing from the lists, and passwords and keys in plain answers. It speaks for
//! both of the vendor's servers, that of the API and that of tokens. For tests and benches alone.

mod act;
mod answer;
mod estate;
mod make;
mod state;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plimsoll_kit::testkit::{FakeServer, Input, Reply, Request};
use tempfile::TempDir;

pub use estate::{Estate, Size};
pub use state::State;

/// The token that the fake server takes, unless it is told otherwise.
pub const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJleHAiOjE3OTg3NjE2MDB9.PLIMSOLL-MARKER-token";

/// A fake Aptible, on a free port of loopback.
pub struct FakeAptible {
    server: FakeServer,
    state: Arc<Mutex<State>>,
    folder: TempDir,
}

impl FakeAptible {
    /// An organisation without anything.
    ///
    /// # Panics
    /// When there is no port or no temporary folder to be had.
    pub fn new() -> Self {
        let server = FakeServer::on_loopback();
        let state = Arc::new(Mutex::new(State::new(server.url())));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let token = folder.path().join("token");
        std::fs::write(&token, TOKEN).expect("a file for the token");
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&token, mode).expect("a mode for the token");
        let shared = Arc::clone(&state);
        server.handle(move |request| Some(answer::answer(&mut lock(&shared), request)));
        Self {
            server,
            state,
            folder,
        }
    }

    /// The state, to look at or to change; requests wait meanwhile.
    pub fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// The server itself.
    pub fn server(&self) -> &FakeServer {
        &self.server
    }

    /// The collector's settings that read it, as TOML.
    pub fn settings(&self) -> String {
        self.settings_by(self.server.url())
    }

    /// The collector's settings that read the API through something else at `url`, as TOML.
    pub fn settings_by(&self, url: &str) -> String {
        let token = self.folder.path().join("token");
        let auth = self.server.url();
        format!("api_url = {url:?}\nauth_url = {auth:?}\ntoken_file = {token:?}\n")
    }

    /// The requests so far, counted by path with `{id}` for every number.
    pub fn requests(&self) -> BTreeMap<String, usize> {
        let mut counted = BTreeMap::new();
        for request in self.server.requests() {
            *counted.entry(kind_of(&request)).or_insert(0) += 1;
        }
        counted
    }

    /// An input for the conformance suite that reads it.
    pub fn into_input(self) -> Input {
        let settings = self.settings();
        Input::new(settings)
            .with_server(self.server)
            .keeping(self.folder)
    }

    /// Answers the next requests for a path (and any query) with these, one after the other, and then as ever.
    pub fn then(&self, path: &str, replies: Vec<Reply>) {
        self.state().queue(path, replies);
    }
}

impl Default for FakeAptible {
    fn default() -> Self {
        Self::new()
    }
}

/// A request's path, with `{id}` for every number.
fn kind_of(request: &Request) -> String {
    let parts = request.path.split('/').map(|part| {
        let number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if number { "{id}" } else { part }
    });
    parts.collect::<Vec<_>>().join("/")
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
