//! From settings to a collector to a harvest.

use std::time::Duration;

use plimsoll_settings::{Document, Mistakes};

use crate::{Collector, Context, Harvest, Harvester, Registration};

/// How long a test waits for something that must happen by itself. Only a failing test gets there.
const PATIENCE: Duration = Duration::from_secs(60);

/// Builds a collector from its settings table as TOML.
///
/// # Errors
/// The mistakes in the settings.
///
/// # Panics
/// When the collector notes no mistake and yet is not built.
pub fn build(registration: &Registration, settings: &str) -> Result<Box<dyn Collector>, Mistakes> {
    let document = Document::new("settings.toml", settings);
    let built = document.read(|section| (registration.build)(section))?;
    Ok(built.unwrap_or_else(|| {
        panic!(
            "collector {:?} was not built, and no mistake says why; settings:\n{settings}",
            registration.name
        )
    }))
}

/// Collects everything once.
pub async fn harvest(collector: &dyn Collector, context: &Context) -> Harvest {
    let mut harvester = Harvester::new(context.limits);
    collector.collect(context, &mut harvester).await;
    harvester.finish()
}

/// Runs a future to its end on a runtime of this thread.
///
/// # Panics
/// When it has not ended after a minute.
pub fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let done = runtime.block_on(async { tokio::time::timeout(PATIENCE, work).await });
    // What still blocks a thread must not block the test.
    runtime.shutdown_background();
    done.unwrap_or_else(|_| panic!("not done after {PATIENCE:?}: something waits without a limit"))
}
