//! From spans to what is posted, on a thread of its own.

use std::sync::OnceLock;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider};
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::registry::LookupSpan;

use super::TARGET;
use super::post::Poster;
use super::settings::Settings;

/// How many spans wait at most; what comes beyond is dropped.
const QUEUE: usize = 2_048;
const BATCH: usize = 512;
const DELAY: Duration = Duration::from_secs(5);

/// What is sent, once it is known: one process sets up its log once.
static SENDING: OnceLock<Result<Option<SdkTracerProvider>, String>> = OnceLock::new();

fn sending() -> &'static Result<Option<SdkTracerProvider>, String> {
    SENDING.get_or_init(|| {
        let settings = Settings::read(|name| std::env::var(name).ok())?;
        Ok(settings.map(provider))
    })
}

fn provider(settings: Settings) -> SdkTracerProvider {
    let resource = Resource::builder()
        .with_service_name(settings.service.clone())
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(QUEUE)
        .with_max_export_batch_size(BATCH)
        .with_scheduled_delay(DELAY)
        .build();
    let processor = BatchSpanProcessor::builder(Poster::new(settings)).with_batch_config(batches);
    SdkTracerProvider::builder()
        .with_resource(resource)
        .with_span_processor(processor.build())
        .build()
}

/// What takes our own spans, where they are to be sent: no event, and nothing of a library.
pub(crate) fn layer<S>() -> Option<impl Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let provider = sending().as_ref().ok()?.as_ref()?;
    let ours = filter_fn(|meta| meta.is_span() && meta.target() == TARGET);
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("plimsoll"))
        .with_location(false)
        .with_threads(false)
        .with_level(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_context_activation(false);
    Some(layer.with_filter(ours.with_max_level_hint(LevelFilter::INFO)))
}

/// Says once what is wrong with where traces are to go.
pub fn say() {
    if let Err(why) = sending() {
        tracing::error!("no traces are sent: {why}");
    }
}

/// Sends what waits, within a time; the rest is dropped.
pub fn finish(limit: Duration) {
    if let Some(Ok(Some(provider))) = SENDING.get() {
        // That it came to nothing has been said where it did.
        let _ = provider.shutdown_with_timeout(limit);
    }
}
