//! A fake Fly with state, for tests and benchmarks: what is done to it shows in all of its interfaces, as in the real one.
//!
//! It answers the three interfaces from one address: `/v1/…` as the machines' interface, `/graphql`, and `/api/v1/…`. Every place that can
//! hold a secret holds one that starts with [`MARKER`]. It pages, with pages that are short or empty, and goes wrong
//! where it is [told to](FakeFly::fail).

mod answer;
mod fault;
mod graphql;
mod limits;
mod state;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plimsoll_kit::testkit::{FakeServer, MARKER, Request};
use serde_json::Value;

pub use fault::Fault;
use limits::Limits;
pub use state::{App, Fly, Machine, Token, Volume};

/// A fake Fly, listening.
pub struct FakeFly {
    server: FakeServer,
    shared: Arc<Mutex<Shared>>,
}

/// What the answers are made of.
struct Shared {
    fly: Fly,
    faults: Vec<(String, Fault, usize)>,
    limits: Option<Limits>,
    limited: usize,
}

impl FakeFly {
    /// A fake Fly with one empty organisation.
    pub fn new(slug: &str) -> Self {
        let shared = Arc::new(Mutex::new(Shared {
            fly: Fly::new(slug),
            faults: Vec::new(),
            limits: None,
            limited: 0,
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
    pub fn settings(&self, folder: &std::path::Path) -> String {
        let url = self.server.url();
        format!(
            "{}{}",
            token_settings(folder),
            urls(url, &format!("{url}/v1"))
        )
    }

    /// Does something to it, and gives back what that gives.
    pub fn with<T>(&self, change: impl FnOnce(&mut Fly) -> T) -> T {
        change(&mut lock(&self.shared).fly)
    }

    /// Lets the next requests whose target holds `part` go wrong, so many times.
    pub fn fail(&self, part: &str, fault: Fault, times: usize) {
        lock(&self.shared)
            .faults
            .push((part.to_owned(), fault, times));
    }

    /// Keeps to the vendor's limits from now on: what comes too often is a 429.
    pub fn limit(&self) {
        lock(&self.shared).limits = Some(Limits::default());
    }

    /// How many requests came too often.
    pub fn limited(&self) -> usize {
        lock(&self.shared).limited
    }

    /// How many requests of each kind came, as `GET /v1/apps/{app}/machines`.
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
    std::fs::write(&path, format!("FlyV1 fm2_{MARKER}-token\n")).expect("a token in a file");
    let mode = PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&path, mode).expect("a file of one's own");
    format!("token_file = {:?}\n", path.display().to_string())
}

/// Settings that point to a server, and do not wait.
pub fn urls(server: &str, machines: &str) -> String {
    format!(
        "machines_url = \"{machines}\"\ngraphql_url = \"{server}/graphql\"\nrest_url = \"{server}/api/v1\"\npace = \"none\"\n"
    )
}

/// A request without what tells one app from another.
fn kind(request: &Request) -> String {
    let mut parts: Vec<&str> = request.path.split('/').collect();
    for at in 1..parts.len() {
        let name = match parts[at - 1] {
            "apps" => "{app}",
            "orgs" | "organizations" => "{slug}",
            "certificates" => "{hostname}",
            "volumes" if parts.contains(&"{app}") => "{id}",
            _ => continue,
        };
        parts[at] = name;
    }
    format!("{} {}", request.method, parts.join("/"))
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number of seconds since 1970 as the platform writes times.
fn time(seconds: i64) -> Value {
    let time = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    Value::String(time.to_string())
}
