//! Where the daemon is asked: a socket for its own user, and HTTP for whoever watches it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HOST};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::{AbortHandle, JoinHandle};

use super::keeper::Asked;
use super::live::ServeError;
use super::render::{Form, Rendering};
use super::route::{Door, Hosts, Route, route};
use super::{Answer, Event, Question};
use crate::config::ServeSettings;
use crate::report::Outcome;

/// How many connections are held at one door at once.
const CONNECTIONS: usize = 32;
/// How long a request may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(5);
/// How long a connection from the network may last in all: nothing there takes longer, and who does not read holds a place.
const VISIT: Duration = Duration::from_secs(30);
/// More than the names of all sources that a request can have.
const BODY: usize = 256 << 10;

/// The number of the scan that a report is of.
pub(super) const SCAN: &str = "plimsoll-scan";
/// What a report comes to: `clean`, `drift` or `incomplete`.
pub(super) const OUTCOME: &str = "plimsoll-outcome";

/// What is asked on the socket.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ScanRequest {
    /// The sources; all where none is named.
    pub(super) sources: Vec<String>,
    /// How the report is to be written.
    pub(super) rendering: Rendering,
}

/// The doors at which the daemon is asked.
pub(super) struct Doors {
    settings: ServeSettings,
    address: Option<SocketAddr>,
    tasks: Vec<JoinHandle<()>>,
}

impl Doors {
    /// Opens them.
    pub(super) async fn open(
        settings: &ServeSettings,
        events: &UnboundedSender<Event>,
    ) -> Result<Self, ServeError> {
        let (mut address, mut tasks) = (None, Vec::new());
        if let Some(wanted) = settings.listen {
            let wrong = |error: std::io::Error| ServeError::Listen {
                address: wanted,
                why: error.to_string(),
            };
            let listener = TcpListener::bind(wanted).await.map_err(wrong)?;
            address = listener.local_addr().ok();
            if !wanted.ip().is_loopback() {
                tracing::warn!(listen = %wanted, "health and metrics are open to whoever reaches this address");
            }
            let hosts = Arc::new(Hosts::new(&settings.hosts));
            tasks.push(tokio::spawn(network(listener, hosts, events.clone())));
        }
        let listener = bind(&settings.socket).map_err(|error| ServeError::Socket {
            path: settings.socket.clone(),
            why: error.to_string(),
        })?;
        tasks.push(tokio::spawn(socket(listener, events.clone())));
        Ok(Self {
            settings: settings.clone(),
            address,
            tasks,
        })
    }

    /// Where the socket is.
    pub(super) fn socket(&self) -> &Path {
        &self.settings.socket
    }

    /// Where the network is listened to.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Whether these are the doors that the settings want.
    pub(super) fn are(&self, settings: &ServeSettings) -> bool {
        self.settings == *settings
    }

    /// Lets nobody in any more.
    pub(super) fn close(&self) {
        for task in &self.tasks {
            task.abort();
        }
        let _ = std::fs::remove_file(&self.settings.socket);
    }
}

/// Makes the socket under another name first, so that nobody else can open it at any moment, and so that one that was
/// left behind makes room.
fn bind(path: &Path) -> std::io::Result<UnixListener> {
    if let Ok(there) = path.symlink_metadata()
        && !there.file_type().is_socket()
    {
        return Err(std::io::Error::other("there is a file that is no socket"));
    }
    let name = format!(".plimsoll-{}", std::process::id());
    let first: PathBuf = path.with_file_name(name);
    let _ = std::fs::remove_file(&first);
    let listener = std::os::unix::net::UnixListener::bind(&first)?;
    let own = std::fs::Permissions::from_mode(0o600);
    let placed = std::fs::set_permissions(&first, own).and_then(|()| std::fs::rename(&first, path));
    if let Err(error) = placed {
        let _ = std::fs::remove_file(&first);
        return Err(error);
    }
    listener.set_nonblocking(true)?;
    UnixListener::from_std(listener)
}

/// The connections at one door. There is always room for one more: the oldest that has asked nothing yet makes it, so that whoever
/// holds many open keeps nobody out.
struct Guests {
    free: Arc<Semaphore>,
    /// The oldest first.
    inside: VecDeque<Guest>,
    /// Whether every answer comes at once.
    brief: bool,
}

struct Guest {
    task: AbortHandle,
    asked: Arc<AtomicBool>,
}

impl Guests {
    fn new(brief: bool) -> Self {
        Self {
            free: Arc::new(Semaphore::new(CONNECTIONS)),
            inside: VecDeque::new(),
            brief,
        }
    }

    /// Waits for room, and makes it where it can.
    async fn room(&mut self) -> Option<OwnedSemaphorePermit> {
        self.inside.retain(|guest| !guest.task.is_finished());
        if let Ok(place) = Arc::clone(&self.free).try_acquire_owned() {
            return Some(place);
        }
        let idle = |guest: &Guest| !guest.asked.load(Ordering::Acquire);
        let oldest = self.inside.iter().position(idle);
        // On the network an answer takes no time: who has asked and is still there does not read it.
        let oldest = oldest.or(self.brief.then_some(0));
        if let Some(guest) = oldest.and_then(|at| self.inside.remove(at)) {
            guest.task.abort();
        }
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    fn let_in<S>(
        &mut self,
        stream: S,
        door: Door,
        events: UnboundedSender<Event>,
        place: OwnedSemaphorePermit,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let asked = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            connection(stream, door, events, &told).await;
            drop(place);
        });
        let task = task.abort_handle();
        self.inside.push_back(Guest { task, asked });
    }
}

async fn network(listener: TcpListener, hosts: Arc<Hosts>, events: UnboundedSender<Event>) {
    let mut guests = Guests::new(true);
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let Some(place) = guests.room().await else {
                    return;
                };
                let door = Door::Network(Arc::clone(&hosts));
                guests.let_in(stream, door, events.clone(), place);
            }
            Err(error) => missed(&error).await,
        }
    }
}

async fn socket(listener: UnixListener, events: UnboundedSender<Event>) {
    let mut guests = Guests::new(false);
    let own = rustix::process::geteuid().as_raw();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // The file's rights say the same; this holds where a file system does not mind them.
                let uid = stream.peer_cred().map(|peer| peer.uid());
                if !uid.is_ok_and(|uid| uid == own || uid == 0) {
                    tracing::warn!("another user asked on the socket and was turned away");
                    continue;
                }
                let Some(place) = guests.room().await else {
                    return;
                };
                guests.let_in(stream, Door::Socket, events.clone(), place);
            }
            Err(error) => missed(&error).await,
        }
    }
}

/// Too many files are open, mostly: a moment later there may be room.
async fn missed(error: &std::io::Error) {
    tracing::warn!("a connection could not be taken: {error}");
    tokio::time::sleep(Duration::from_millis(200)).await;
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    door: Door,
    events: UnboundedSender<Event>,
    asked: &AtomicBool,
) {
    let service = service_fn(|request| {
        asked.store(true, Ordering::Release);
        let (door, events) = (door.clone(), events.clone());
        async move { Ok::<_, Infallible>(answer(request, &door, &events).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(ARRIVAL)
        .keep_alive(false)
        .max_buf_size(64 << 10)
        .serve_connection(TokioIo::new(stream), service);
    let served = match door {
        Door::Network(_) => tokio::time::timeout(VISIT, served).await.unwrap_or(Ok(())),
        // A scan takes as long as it takes.
        Door::Socket => served.await,
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer(
    request: Request<Incoming>,
    door: &Door,
    events: &UnboundedSender<Event>,
) -> Response<Full<Bytes>> {
    let host = request.headers().get(HOST);
    let host = host.and_then(|host| host.to_str().ok());
    let what = route(door, request.method().as_str(), request.uri().path(), host);
    match what {
        Route::Health => match ask(events, Question::Health).await {
            Some(()) => plain(StatusCode::OK, "ok"),
            None => gone(),
        },
        Route::Ready => match ask(events, Question::Ready).await {
            Some(reasons) => ready(&reasons),
            None => gone(),
        },
        Route::Metrics => match ask(events, Question::Metrics).await {
            Some(page) => of_type("text/plain; version=0.0.4; charset=utf-8", page),
            None => gone(),
        },
        Route::Scan => scan(request, events).await,
        Route::OtherMethod(allowed) => {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "another method is needed");
            let allowed = hyper::header::HeaderValue::from_static(allowed);
            response.headers_mut().insert(ALLOW, allowed);
            response
        }
        Route::OtherHost => plain(
            StatusCode::MISDIRECTED_REQUEST,
            "this is not answered under that name: ask by address, or list the name under [serve] hosts",
        ),
        Route::NotFound => plain(StatusCode::NOT_FOUND, "there is nothing here"),
    }
}

/// Asks the loop. None where it has ended.
async fn ask<T>(
    events: &UnboundedSender<Event>,
    question: impl FnOnce(oneshot::Sender<T>) -> Question,
) -> Option<T> {
    let (reply, answer) = oneshot::channel();
    events.send(Event::Asked(question(reply))).ok()?;
    answer.await.ok()
}

async fn scan(
    request: Request<Incoming>,
    events: &UnboundedSender<Event>,
) -> Response<Full<Bytes>> {
    let body = Limited::new(request.into_body(), BODY).collect();
    let Ok(Ok(body)) = tokio::time::timeout(ARRIVAL, body).await else {
        return plain(StatusCode::BAD_REQUEST, "the request did not arrive whole");
    };
    let body = body.to_bytes();
    let wanted = match body.is_empty() {
        true => Ok(ScanRequest::default()),
        false => plimsoll_kit::json::read::<ScanRequest>(&body),
    };
    let Ok(wanted) = wanted else {
        let message = "the request is no object with `sources` and `rendering`";
        return plain(StatusCode::BAD_REQUEST, message);
    };
    let form = wanted.rendering.form;
    let question = |reply| {
        let rendering = wanted.rendering;
        Question::Scan(wanted.sources, Asked { rendering, reply })
    };
    match ask(events, question).await {
        Some(Answer::Scanned {
            scan,
            outcome,
            page,
        }) => {
            let mut response = of_type(media(form), page);
            let headers = response.headers_mut();
            headers.insert(SCAN, scan.into());
            let outcome = hyper::header::HeaderValue::from_static(word(outcome));
            headers.insert(OUTCOME, outcome);
            response
        }
        Some(Answer::NoSuchSource(why)) => plain(StatusCode::NOT_FOUND, &why),
        Some(Answer::Busy(why)) => plain(StatusCode::CONFLICT, &why),
        Some(Answer::Failed(why)) => plain(StatusCode::INTERNAL_SERVER_ERROR, &why),
        None => gone(),
    }
}

pub(super) fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Clean => "clean",
        Outcome::Drift => "drift",
        Outcome::Incomplete => "incomplete",
    }
}

fn media(form: Form) -> &'static str {
    match form {
        Form::Text => "text/plain; charset=utf-8",
        Form::Json => "application/json",
        Form::Markdown => "text/markdown; charset=utf-8",
        Form::Html => "text/html; charset=utf-8",
        Form::Csv => "text/csv; charset=utf-8",
    }
}

fn ready(reasons: &[String]) -> Response<Full<Bytes>> {
    let said = serde_json::json!({ "ready": reasons.is_empty(), "reasons": reasons });
    let mut response = of_type("application/json", format!("{said}\n"));
    if !reasons.is_empty() {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response
}

fn gone() -> Response<Full<Bytes>> {
    plain(StatusCode::SERVICE_UNAVAILABLE, "the daemon is stopping")
}

fn plain(status: StatusCode, words: &str) -> Response<Full<Bytes>> {
    let mut response = of_type("text/plain; charset=utf-8", format!("{words}\n"));
    *response.status_mut() = status;
    response
}

fn of_type(media: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    let media = hyper::header::HeaderValue::from_static(media);
    response.headers_mut().insert(CONTENT_TYPE, media);
    response
}
