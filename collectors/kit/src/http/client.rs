//! The client.
//!
//! There are two things to send: a `GET`, and a [`Query`](super::Query) by `POST` to the one path that is named for it
//! ([`graphql`](super::graphql)), which is read and nothing else or was refused before. Both share everything below
//! them. There is no way to send a method of one's choice, and there must not be.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Response, Url};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;

use super::{Answer, Budget, Builder, Call, Error, Retry, meter, retry};
use crate::Clock;

/// How often a redirect is followed, always within one origin.
const REDIRECTS: usize = 5;

/// Reads an API: see [the module](super).
#[derive(Clone)]
pub struct Client {
    pub(super) inner: reqwest::Client,
    pub(super) base: Url,
    pub(super) origins: Vec<String>,
    pub(super) secrets: HeaderMap,
    pub(super) timeout: Duration,
    pub(super) most: usize,
    pub(super) retry: Retry,
    pub(super) budget: Budget,
    pub(super) concurrency: Option<Arc<Semaphore>>,
    pub(super) graphql: Option<Url>,
    pub(super) clock: Clock,
}

/// What is sent.
#[derive(Clone)]
pub(super) enum Ask {
    Get(Url),
    /// The URL that takes queries, and a body that holds one.
    Query(Url, Bytes),
}

impl Ask {
    fn url(&self) -> &Url {
        match self {
            Self::Get(url) | Self::Query(url, _) => url,
        }
    }

    fn call(&self) -> Call {
        match self {
            Self::Get(url) => Call::get(url),
            Self::Query(url, _) => Call::query(url),
        }
    }
}

impl Client {
    /// Begins a client for an API at a base URL, as `https://api.example.com/v2`.
    pub fn builder(base: &str) -> Builder {
        Builder::new(base)
    }

    /// The same client under another budget, for an API that counts by what is asked or by whom it is asked of.
    pub fn paced(&self, budget: &Budget) -> Self {
        Self {
            budget: budget.clone(),
            ..self.clone()
        }
    }

    /// Reads what `target` names: a path below the base URL with or without a query (`/apps?per_page=50`), or a whole
    /// URL with an allowed origin.
    ///
    /// # Errors
    /// When there is no successful answer within the attempts, the time and the cap.
    pub async fn get(&self, target: &str) -> Result<Answer, Error> {
        self.get_url(self.url(target)?).await
    }

    /// Reads JSON: [`get`](Self::get), and then [`Answer::json`].
    ///
    /// # Errors
    /// As both.
    pub async fn json<T: DeserializeOwned>(&self, target: &str) -> Result<T, Error> {
        self.get(target).await?.json()
    }

    /// The URL of a target.
    pub(super) fn url(&self, target: &str) -> Result<Url, Error> {
        // A path is one below the base, also with a slash in front of it; "//host" is no path.
        let joined = match target.strip_prefix('/') {
            Some(path) => self
                .base
                .join(&format!("./{}", path.trim_start_matches('/'))),
            None => self.base.join(target),
        };
        joined.map_err(|_| Error::Setup("a request's target is no path and no URL".to_owned()))
    }

    pub(super) async fn get_url(&self, url: Url) -> Result<Answer, Error> {
        self.ask(Ask::Get(url)).await
    }

    pub(super) async fn ask(&self, ask: Ask) -> Result<Answer, Error> {
        let origin = ask.url().origin().ascii_serialization();
        if !self.origins.contains(&origin) {
            return Err(Error::Host(origin));
        }
        let mut failed = 0;
        loop {
            let queued = tokio::time::Instant::now();
            self.budget.take().await;
            meter::count_wait(queued.elapsed());
            meter::count_request(failed > 0);
            let (error, asked) = match self.attempt(ask.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(Failed::Final(error)) => return Err(error),
                Err(Failed::Transient(error, asked)) => (error, asked),
            };
            failed += 1;
            let Some(wait) = self.retry.wait(failed) else {
                return Err(error);
            };
            let wait = asked.map_or(wait, |asked| asked.max(wait));
            tracing::debug!(call = %ask.call(), failed, ?wait, "asking again");
            match asked {
                // What the other side asks of one request it asks of all.
                Some(_) => self.budget.pause(wait),
                None => tokio::time::sleep(wait).await,
            }
        }
    }

    /// One attempt, with the redirects within its origin.
    async fn attempt(&self, mut ask: Ask) -> Result<Answer, Failed> {
        // Whoever waits for the budget or for the next attempt lets others go first. The semaphore is never closed.
        let _turn = match &self.concurrency {
            Some(turns) => turns.acquire().await.ok(),
            None => None,
        };
        for _ in 0..=REDIRECTS {
            let call = ask.call();
            let mut request = match &ask {
                Ask::Get(url) => self.inner.get(url.clone()),
                Ask::Query(url, body) => self
                    .inner
                    .post(url.clone())
                    .header(CONTENT_TYPE, "application/json")
                    .body(body.clone()),
            };
            if ask.url().origin() == self.base.origin() {
                request = request.headers(self.secrets.clone());
            }
            let sent = request.send().await;
            let response = sent.map_err(|error| self.broken(call.clone(), &error))?;
            let status = response.status();
            if status.is_success() {
                return self.read(ask, response).await;
            }
            match (redirect(ask.url(), &response), &ask) {
                // A query goes to its one path and to no other.
                (Some(to), Ask::Get(from)) if to.origin() == from.origin() => ask = Ask::Get(to),
                (Some(to), _) => {
                    let to = to.origin().ascii_serialization();
                    return Err(Failed::Final(Error::Redirected { call, to }));
                }
                (None, _) => return Err(self.refused(call, &response)),
            }
        }
        let (call, to) = (ask.call(), "page after page".to_owned());
        Err(Failed::Final(Error::Redirected { call, to }))
    }

    async fn read(&self, ask: Ask, mut response: Response) -> Result<Answer, Failed> {
        let most = self.most;
        let call = ask.call();
        let too_long = || {
            Failed::Final(Error::TooLong {
                call: call.clone(),
                most,
            })
        };
        let promised = response.content_length().unwrap_or(0);
        if promised > most as u64 {
            return Err(too_long());
        }
        // A promise is not trusted with memory.
        let mut body = BytesMut::with_capacity(promised.min(64 << 10) as usize);
        loop {
            let chunk = response.chunk().await;
            let chunk = chunk.map_err(|error| self.broken(call.clone(), &error))?;
            let Some(chunk) = chunk else { break };
            if body.len() + chunk.len() > most {
                return Err(too_long());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status: response.status().as_u16(),
            headers: std::mem::take(response.headers_mut()),
            body: body.freeze(),
            url: ask.url().clone(),
            call,
        })
    }

    fn broken(&self, call: Call, error: &reqwest::Error) -> Failed {
        match Error::sent(call, error, self.timeout) {
            error @ Error::Connection { .. } => Failed::Transient(error, None),
            error => Failed::Final(error),
        }
    }

    fn refused(&self, call: Call, response: &Response) -> Failed {
        let status = response.status().as_u16();
        let text = |name: &str| response.headers().get(name)?.to_str().ok();
        // Against the server's own clock where it shows it: ours may be off.
        let now = text(DATE.as_str())
            .and_then(retry::date)
            .unwrap_or_else(|| (self.clock)());
        let asked = text(RETRY_AFTER.as_str()).and_then(|text| retry::asked(text, now));
        // Some say with a 403 that it is too often: it is no refusal where they say when to come back.
        let asked = asked.or_else(|| match status {
            403 | 429 => retry::reset(
                text("x-ratelimit-remaining"),
                text("x-ratelimit-reset"),
                now,
            ),
            _ => None,
        });
        let limited = status == 403 && asked.is_some();
        if !limited && !Retry::is_transient(status) {
            return Failed::Final(Error::Status { call, status });
        }
        let allowed = self.retry.longest_asked;
        match asked {
            Some(asked) if asked > allowed => Failed::Final(Error::Wait {
                call,
                status,
                asked,
                allowed,
            }),
            asked => Failed::Transient(Error::Status { call, status }, asked),
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.base.as_str())
            .finish_non_exhaustive()
    }
}

/// How an attempt failed: for good, or with a chance at the next one, after a wait that was asked for.
enum Failed {
    Final(Error),
    Transient(Error, Option<Duration>),
}

fn redirect(from: &Url, response: &Response) -> Option<Url> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    from.join(location).ok()
}
