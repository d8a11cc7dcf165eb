//! Talking to the engine: HTTP/1.1 over a socket, GET only, I/O and nothing else.
//!
//! There is no parameter for a method and none for a body: what is not in this file cannot be sent.

mod connect;
mod error;
mod tls;

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, HOST, HeaderName, HeaderValue, USER_AGENT};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Body, Incoming};
use plimsoll_kit::http::count_request;
use tokio::sync::Semaphore;

pub(crate) use self::connect::Link;
pub(crate) use self::error::ClientError;
use crate::discover::Target;
use crate::endpoint::Endpoint;

/// After so many requests in a row that the engine did not answer, the rest is not sent.
const GIVE_UP_AFTER: usize = 3;

/// With which an engine names the newest version of its API: <https://docs.docker.com/reference/api/engine/version/v1.51/>.
const API_VERSION: HeaderName = HeaderName::from_static("api-version");

/// The largest answer to a refused request that is read, to keep its connection.
const REFUSAL_BYTES: usize = 64 << 10;

/// What is asked before a version is agreed on, and without one at any time.
const UNVERSIONED: [&str; 2] = [GREETING, "/version"];

/// Where an engine greets, and costs itself nothing.
pub(crate) const GREETING: &str = "/_ping";

/// Reads one path of an engine's API. Tests put recorded answers behind it.
pub(crate) trait Engine: Sync {
    /// The answer to `GET path`, where `path` starts with a slash and has no version.
    fn get(&self, path: &str) -> impl Future<Output = Result<Bytes, ClientError>> + Send;

    /// The newest version of the API that the engine names with its greeting. None where it names none.
    fn greeting(&self) -> impl Future<Output = Result<Option<String>, ClientError>> + Send;

    /// The version to put before every path from now on, save `/version` itself.
    fn speak(&self, version: &str);
}

/// A client with its kept connections. Dropping it closes them.
pub(crate) struct Client {
    endpoint: Endpoint,
    tls: Option<tls::Trust>,
    host: HeaderValue,
    /// `/v1.41` once it is agreed.
    version: OnceLock<String>,
    idle: Mutex<Vec<Link>>,
    permits: Semaphore,
    timeout: Duration,
    cap: usize,
    unanswered: AtomicUsize,
}

impl Client {
    /// A client that sends `concurrency` requests at once, waits `timeout` for each, and reads `cap` bytes of an
    /// answer. Reads the certificates, connects nowhere yet.
    pub(crate) fn new(
        target: Target,
        concurrency: usize,
        timeout: Duration,
        cap: usize,
    ) -> Result<Self, ClientError> {
        let tls = match (&target.endpoint, &target.tls) {
            (Endpoint::Tcp { host, .. }, Some(tls)) => Some(tls::Trust::load(tls, host)?),
            _ => None,
        };
        let host = match &target.endpoint {
            Endpoint::Unix(_) => "docker".to_owned(),
            Endpoint::Tcp { host, port, .. } if host.contains(':') => format!("[{host}]:{port}"),
            Endpoint::Tcp { host, port, .. } => format!("{host}:{port}"),
        };
        Ok(Self {
            endpoint: target.endpoint,
            tls,
            host: HeaderValue::try_from(host).unwrap_or(HeaderValue::from_static("docker")),
            version: OnceLock::new(),
            idle: Mutex::default(),
            permits: Semaphore::new(concurrency),
            timeout,
            cap,
            unanswered: AtomicUsize::new(0),
        })
    }

    async fn ask(&self, path: &str) -> Result<Answer, ClientError> {
        let (mut link, kept) = match self.take().await {
            Some(link) => (link, true),
            None => (self.connect().await?, false),
        };
        count_request(false);
        let response = match link.send(self.request(path)?).await {
            Ok(response) => response,
            // The engine may have closed a kept connection just as we wrote: reading again does no harm.
            Err(error) if kept && (error.is_canceled() || error.is_incomplete_message()) => {
                link = self.connect().await?;
                count_request(true);
                let again = link.send(self.request(path)?).await;
                again.map_err(ClientError::lost)?
            }
            Err(error) => return Err(ClientError::lost(error)),
        };
        let status = response.status();
        if status == StatusCode::OK {
            let (head, body) = response.into_parts();
            let body = link.receive(read(body, self.cap)).await?;
            self.keep(link);
            return Ok(Answer { head, body });
        }
        // What the engine says in words may quote what it was configured with: the status has to do.
        let refusal = read(response.into_body(), REFUSAL_BYTES);
        if link.receive(refusal).await.is_ok() {
            self.keep(link);
        }
        Err(ClientError::Status(status.as_u16()))
    }

    fn request(&self, path: &str) -> Result<Request<Empty<Bytes>>, ClientError> {
        let version = match self.version.get() {
            Some(version) if !UNVERSIONED.contains(&path) => version,
            _ => "",
        };
        Request::get(format!("{version}{path}"))
            .header(HOST, &self.host)
            .header(USER_AGENT, "plimsoll")
            .header(ACCEPT, "application/json")
            .body(Empty::new())
            .map_err(|_| ClientError::Path)
    }

    async fn connect(&self) -> Result<Link, ClientError> {
        connect::connect(&self.endpoint, self.tls.as_ref()).await
    }

    /// A kept connection that is ready for another request.
    async fn take(&self) -> Option<Link> {
        loop {
            let link = self.kept().pop();
            let mut link = link?;
            if link.ready().await {
                return Some(link);
            }
        }
    }

    fn keep(&self, link: Link) {
        self.kept().push(link);
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Link>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What came back with a 200.
struct Answer {
    head: http::response::Parts,
    body: Bytes,
}

impl Client {
    async fn call(&self, path: &str) -> Result<Answer, ClientError> {
        let permit = self.permits.acquire().await;
        let _permit = permit.map_err(|_| ClientError::GaveUp)?;
        if self.unanswered.load(Ordering::Relaxed) >= GIVE_UP_AFTER {
            return Err(ClientError::GaveUp);
        }
        let answer = match tokio::time::timeout(self.timeout, self.ask(path)).await {
            Ok(answer) => answer,
            Err(_) => Err(ClientError::Timeout(self.timeout)),
        };
        match &answer {
            Err(error) if error.is_silence() => {
                self.unanswered.fetch_add(1, Ordering::Relaxed);
            }
            _ => self.unanswered.store(0, Ordering::Relaxed),
        }
        answer
    }
}

impl Engine for Client {
    async fn get(&self, path: &str) -> Result<Bytes, ClientError> {
        Ok(self.call(path).await?.body)
    }

    async fn greeting(&self) -> Result<Option<String>, ClientError> {
        let answer = self.call(GREETING).await?;
        let version = answer.head.headers.get(API_VERSION);
        Ok(version.and_then(|version| Some(version.to_str().ok()?.to_owned())))
    }

    fn speak(&self, version: &str) {
        // A second agreement in one run would be a mistake of ours; the first stays.
        let _ = self.version.set(format!("/v{version}"));
    }
}

async fn read(mut body: Incoming, cap: usize) -> Result<Bytes, ClientError> {
    let expected = body.size_hint().lower();
    if expected > cap as u64 {
        return Err(ClientError::TooLarge(cap));
    }
    let mut first = Bytes::new();
    let mut all: Option<BytesMut> = None;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(ClientError::lost)?.into_data() else {
            continue;
        };
        let have = all.as_ref().map_or(first.len(), BytesMut::len);
        if have + data.len() > cap {
            return Err(ClientError::TooLarge(cap));
        }
        match &mut all {
            Some(all) => all.extend_from_slice(&data),
            // Most answers arrive in one piece, which is handed on as it is.
            None if first.is_empty() => first = data,
            None => {
                let size = usize::try_from(expected).unwrap_or(0);
                let mut joined = BytesMut::with_capacity(size.max(2 * (have + data.len())));
                joined.extend_from_slice(&first);
                joined.extend_from_slice(&data);
                all = Some(joined);
            }
        }
    }
    Ok(all.map_or(first, BytesMut::freeze))
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}
