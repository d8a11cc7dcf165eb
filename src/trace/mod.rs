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
pub const TARGET: &str = "plimsoll::spans";

/// Where traces are to go, by either of these.
const ENDPOINTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
];

/// Says once that traces are wanted which this build cannot send.
#[cfg(not(feature = "otel"))]
pub fn say() {
    if let Some(why) = unsent(|name| std::env::var(name).ok()) {
        tracing::warn!("{why}");
    }
}

/// Why a build without the feature sends nothing, where it should.
#[cfg(any(test, not(feature = "otel")))]
fn unsent(var: impl Fn(&str) -> Option<String>) -> Option<String> {
    let set = |name: &&str| var(name).is_some_and(|value| !value.trim().is_empty());
    let off = var("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let name = ENDPOINTS.into_iter().find(set).filter(|_| !off)?;
    Some(format!(
        "{name} is set, and no traces are sent: this plimsoll is built without the feature `otel`"
    ))
}

/// There is nothing to send.
#[cfg(not(feature = "otel"))]
pub fn finish(_limit: std::time::Duration) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_without_the_feature_says_so_where_traces_are_wanted() {
        let said = |set: &[(&str, &str)]| {
            unsent(|name| {
                let found = set.iter().find(|(have, _)| *have == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        let endpoint = (ENDPOINTS[1], "https://otel.example.org/hunter2");
        let why = said(&[endpoint]).unwrap();
        assert!(why.starts_with(ENDPOINTS[1]) && !why.contains("hunter2"));
        for set in [
            &[][..],
            &[(ENDPOINTS[1], "")],
            &[endpoint, ("OTEL_SDK_DISABLED", "true")],
        ] {
            assert_eq!(said(set), None);
        }
    }
}
