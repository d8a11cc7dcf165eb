//! The only way to the API server: `GET`, under a cap and a deadline.
//!
//! A path that leads to secrets is not sent, whoever asks. kube holds configuration, authentication and TLS. There is no parameter for another method, and kube's client does
//! not leave this file.

mod error;
mod guard;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, RETRY_AFTER};
use http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use kube::client::Body;
use plimsoll_kit::http::{Retry, count_request, count_wait};
use plimsoll_kit::{Context, Progress};
use tokio::sync::Semaphore;

pub(crate) use error::ApiError;

use crate::settings::Settings;

/// In which form an answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Whole objects.
    Whole,
    /// Their metadata alone: the server keeps the rest, a config map's data among it, to itself.
    Metadata,
}

impl Form {
    fn accept(self) -> &'static str {
        match self {
            Self::Whole => "application/json",
            // No second choice: a server that cannot do this says 406 and does not send everything.
            Self::Metadata => "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
        }
    }
}

/// Reads an API server.
pub(crate) struct Api {
    client: kube::Client,
    timeout: Duration,
    most: usize,
    retry: Retry,
    permits: Semaphore,
    progress: Arc<dyn Progress>,
    done: AtomicUsize,
}

impl Api {
    /// A client. Connects nowhere yet.
    pub(crate) fn new(
        config: kube::Config,
        settings: &Settings,
        context: &Context,
    ) -> Result<Self, ApiError> {
        // Fails when one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = kube::Client::try_from(config);
        Ok(Self {
            client: client.map_err(|error| ApiError::setup(&error))?,
            timeout: settings.timeout,
            most: context.limits.bytes,
            retry: Retry {
                base: Duration::from_millis(200),
                cap: Duration::from_secs(5),
                ..Retry::default()
            },
            permits: Semaphore::new(settings.concurrency),
            progress: Arc::clone(&context.progress),
            done: AtomicUsize::new(0),
        })
    }

    /// Reads what a path names, and hands the answer on while it counts as one of the requests that run at once: so not
    /// more answers are held than that.
    pub(crate) async fn read<T, F>(
        &self,
        target: &str,
        form: Form,
        then: impl FnOnce(Bytes) -> F,
    ) -> Result<T, ApiError>
    where
        F: Future<Output = T>,
    {
        let _permit = self.permits.acquire().await;
        let bytes = self.get(target, form).await?;
        let made = then(bytes).await;
        // How many pages there will be is known only at the end.
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        self.progress.step(done, 0);
        Ok(made)
    }

    /// Reads what a path names.
    pub(crate) async fn bytes(&self, target: &str) -> Result<Bytes, ApiError> {
        self.read(target, Form::Whole, |bytes| async { bytes })
            .await
    }

    async fn get(&self, target: &str, form: Form) -> Result<Bytes, ApiError> {
        if !guard::lets_through(target) {
            return Err(ApiError::Target);
        }
        let mut failed = 0;
        loop {
            count_request(failed > 0);
            let attempt = tokio::time::timeout(self.timeout, self.attempt(target, form)).await;
            let error = match attempt {
                Ok(Ok(bytes)) => return Ok(bytes),
                Ok(Err(error)) => error,
                Err(_) => ApiError::Timeout(self.timeout),
            };
            failed += 1;
            let wait = self.retry.wait(failed).filter(|_| error.may_pass());
            let Some(wait) = wait else {
                return Err(error);
            };
            match error.asked() {
                Some(asked) if asked > self.retry.longest_asked => return Err(error),
                Some(asked) => {
                    tokio::time::sleep(asked).await;
                    count_wait(asked);
                }
                None => tokio::time::sleep(wait).await,
            }
        }
    }

    async fn attempt(&self, target: &str, form: Form) -> Result<Bytes, ApiError> {
        let request = Request::builder()
            .method(Method::GET)
            .uri(target)
            .header(ACCEPT, form.accept())
            .body(Body::empty());
        let request = request.map_err(|_| ApiError::Target)?;
        let response = self.client.send(request).await;
        let response = response.map_err(|error| ApiError::sent(&error))?;
        let status = response.status().as_u16();
        if !response.status().is_success() {
            let after = response.headers().get(RETRY_AFTER);
            let after = after
                .and_then(|value| value.to_str().ok()?.trim().parse().ok())
                .map(Duration::from_secs);
            return Err(ApiError::Status { status, after });
        }
        self.body(response).await
    }

    async fn body(&self, response: Response<Body>) -> Result<Bytes, ApiError> {
        let promised = response.body().size_hint().exact();
        if promised.is_some_and(|promised| promised > self.most as u64) {
            return Err(ApiError::TooLarge(self.most));
        }
        let mut body = response.into_body();
        let most = u64::try_from(self.most).unwrap_or(u64::MAX);
        let room = promised.unwrap_or(64 << 10).min(most).min(8 << 20);
        let mut bytes = BytesMut::with_capacity(usize::try_from(room).unwrap_or(64 << 10));
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| ApiError::sent(&error))?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if bytes.len() + data.len() > self.most {
                return Err(ApiError::TooLarge(self.most));
            }
            bytes.extend_from_slice(&data);
        }
        Ok(bytes.freeze())
    }
}
