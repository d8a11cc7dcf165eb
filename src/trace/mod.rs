//! Traces: the spans of scans and deliveries, and with the feature `otel` their way to an OpenTelemetry receiver.
//!
//! A span says names of sources, scans, collectors and channels, and counts: nothing that was read, and no secret.

#[cfg(feature = "otel")]
mod post;
#[cfg(feature = "otel")]
mod settings;
#[cfg(feature = "otel")]
mod wire;

#[cfg(feature = "otel")]
mod sending;
#[cfg(feature = "otel")]
pub(crate) use sending::layer;
#[cfg(feature = "otel")]
pub use sending::{finish, say};

/// What the spans of this program go by: they are for traces, and not in the log.
pub const TARGET: &str = "plimsoll::trace";

/// Where traces are to go, by either of these.
const ENDPOINTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
];

/// Says once that traces are wanted which this build cannot send.
#[cfg(not(feature = "otel"))]
pub fn say() {
    let set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if let Some(name) = ENDPOINTS.iter().find(set) {
        tracing::warn!("{name} is set, and this build sends no traces: it is without `otel`");
    }
}

/// There is nothing to send.
#[cfg(not(feature = "otel"))]
pub fn finish(_limit: std::time::Duration) {}
