//! Posting spans. The reading client of the collectors can send nothing, and shall not: this one can, to one address.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use tokio::runtime::Runtime;

use super::settings::Settings;
use super::wire;

/// The time for one attempt, from connecting to the answer's last byte. There is no second one.
const TIMEOUT: Duration = Duration::from_secs(3);
/// The most bytes of an answer, which is read for the sake of the connection alone.
const MOST: usize = 64 << 10;

/// Posts spans to one address. It is called on a thread of its own, where it may block.
pub(super) struct Poster {
    settings: Settings,
    resource: Resource,
    /// Made when there is something to post for the first time: reading the system's certificates takes its time.
    way: Mutex<Option<Way>>,
    failing: AtomicBool,
}

struct Way {
    runtime: Runtime,
    client: reqwest::Client,
}

impl Poster {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            resource: Resource::builder_empty().build(),
            way: Mutex::default(),
            failing: AtomicBool::new(false),
        }
    }

    fn post(&self, spans: &[SpanData]) -> Result<(), String> {
        let body = serde_json::to_vec(&wire::request(&self.resource, spans))
            .map_err(|_| "cannot be written".to_owned())?;
        let mut way = self.way.lock().unwrap_or_else(PoisonError::into_inner);
        let way = match &mut *way {
            Some(way) => way,
            none => none.insert(Way::new(&self.settings)?),
        };
        let request = way
            .client
            .post(self.settings.url.clone())
            .headers(self.settings.headers.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(body);
        way.runtime.block_on(async {
            let mut response = request.send().await.map_err(|error| failed(&error))?;
            let status = response.status();
            let mut read = 0;
            while let Ok(Some(chunk)) = response.chunk().await {
                read += chunk.len();
                if read > MOST {
                    break;
                }
            }
            match status.is_success() {
                true => Ok(()),
                false => Err(format!("refused ({})", status.as_u16())),
            }
        })
    }
}

impl Way {
    /// A client that follows no redirect, uses no proxy, and trusts what the system trusts.
    fn new(settings: &Settings) -> Result<Self, String> {
        // Fails when one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("plimsoll/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .timeout(TIMEOUT);
        if settings.url.scheme() == "http" {
            // No TLS to speak: a machine without any root certificates will do.
            builder = builder.tls_certs_only(std::iter::empty());
        }
        let client = builder.build().map_err(|_| "cannot speak TLS".to_owned())?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { runtime, client })
    }
}

/// What an error on the way means, without where it went.
fn failed(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", TIMEOUT.as_secs());
    }
    if error.is_connect() || error.is_builder() {
        return "cannot connect".to_owned();
    }
    "the connection broke".to_owned()
}

impl SpanExporter for Poster {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let posted = self.post(&batch);
        // Said when it begins and when it ends, and not every few seconds in between.
        let failing = posted.is_err();
        let was = self.failing.swap(failing, Ordering::Relaxed);
        match &posted {
            Err(why) if !was => tracing::warn!("traces do not arrive and are dropped: {why}"),
            Ok(()) if was => tracing::info!("traces arrive again"),
            _ => {}
        }
        posted.map_err(OTelSdkError::InternalFailure)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.clone();
    }
}

impl fmt::Debug for Poster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poster").finish_non_exhaustive()
    }
}
