//! A fake API server: plain HTTP/1.1 on loopback or on a unix socket, in a thread of its own.
//!
//! Its own thread and runtime keep it answering whatever the test does to its own: a paused clock, a
//! dropped future, a blocked thread.

mod graphql;
mod reply;
mod request;
mod routes;
mod serve;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tempfile::TempDir;
use tokio::sync::oneshot;

pub use graphql::Asked;
pub use reply::Reply;
pub use request::Request;
use routes::Routes;
use serve::Listener;

/// A fake API server. Dropping it closes its connections and its socket.
pub struct FakeServer {
    shared: Arc<Shared>,
    url: String,
    socket: Option<(PathBuf, TempDir)>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    routes: Mutex<Routes>,
    alter: Mutex<Option<Alter>>,
    heard: Mutex<Heard>,
}

/// What is done to the JSON of each answer.
type Alter = Box<dyn FnMut(&Request, &mut serde_json::Value) + Send>;

/// What came and went.
#[derive(Default)]
struct Heard {
    requests: Vec<Request>,
    connections: usize,
    probes: usize,
    marked: bool,
    overran: bool,
}

impl FakeServer {
    /// A server on a free port of 127.0.0.1.
    pub fn on_loopback() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("the port's number");
        Self::start(Listener::Tcp(listener), format!("http://{address}"), None)
    }

    /// A server on a unix socket in a temporary folder.
    pub fn on_socket() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("api.sock");
        let listener = std::os::unix::net::UnixListener::bind(&path).expect("a unix socket");
        let url = format!("unix://{}", path.display());
        Self::start(Listener::Unix(listener), url, Some((path, folder)))
    }

    /// Where it listens: `http://127.0.0.1:PORT` or `unix:///PATH`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The path of its socket; empty on loopback.
    pub fn socket(&self) -> &Path {
        self.socket
            .as_ref()
            .map_or(Path::new(""), |(path, _)| path.as_path())
    }

    /// Sets the answer to a method and a path, with or without a query.
    ///
    /// A route without a query answers every query that has no route of its own. A path is also
    /// found behind a version, as `/v1.41/info`, and a `HEAD` gets what a `GET` gets, without the body.
    /// What has no route gets a 404.
    pub fn route(&self, method: &str, target: &str, reply: Reply) -> &Self {
        lock(&self.shared.routes).set(method, target, reply);
        self
    }

    /// Sets the answer to `GET` and a path to a JSON text.
    pub fn json(&self, target: &str, body: &str) -> &Self {
        self.route("GET", target, Reply::json(body))
    }

    /// Answers with a function, which may hold state; none leaves the request to the others.
    pub fn handle(&self, handler: impl Fn(&Request) -> Option<Reply> + Send + 'static) -> &Self {
        lock(&self.shared.routes).handle(Box::new(handler));
        self
    }

    /// Does something to the JSON of every answer of 200 before it is sent, in the place of what was done before.
    pub fn alter(
        &self,
        alter: impl FnMut(&Request, &mut serde_json::Value) + Send + 'static,
    ) -> &Self {
        *lock(&self.shared.alter) = Some(Box::new(alter));
        self
    }

    /// Takes routes from a folder of files.
    ///
    /// `GET_containers_json.json` answers `GET /containers/json`; `GET_apps@page=2.json` answers that
    /// query; `GET_info!403.json` answers with that status; `GET_apps.headers` beside `GET_apps.json` has its headers, one a line.
    /// `{{url}}` in a file becomes the server's own address. `POST_graphql.json` answers every GraphQL query at that path,
    /// `POST_graphql@Apps.json` the one that is called so, and `POST_graphql@Apps&after=c1.json` that one with that variable.
    pub fn folder(&self, folder: &Path) -> &Self {
        lock(&self.shared.routes).load(folder, &self.url);
        self
    }

    /// Every request so far, in the order in which they came.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.shared.heard).requests.clone()
    }

    /// How many connections were made to it so far.
    pub fn connections(&self) -> usize {
        // Connections are taken in order: when our own is answered, every earlier one has been counted.
        serve::probe(&self.url, self.socket());
        let heard = lock(&self.shared.heard);
        heard.connections - heard.probes
    }

    /// Whether anything that it sent held the [marker](crate::testkit::MARKER).
    pub fn sent_marker(&self) -> bool {
        lock(&self.shared.heard).marked
    }

    /// Whether someone read an endless answer as far as the server would go.
    pub fn overran(&self) -> bool {
        lock(&self.shared.heard).overran
    }

    fn start(listener: Listener, url: String, socket: Option<(PathBuf, TempDir)>) -> Self {
        let shared = Arc::<Shared>::default();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || serve::run(listener, shared, stopped)
        });
        Self {
            shared,
            url,
            socket,
            stop: Some(stop),
            thread: Some(thread),
        }
    }
}

impl Drop for FakeServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
