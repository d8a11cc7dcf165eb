//! Counting what one run of a collector asks, wherever its clients are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

tokio::task_local! {
    static METER: Arc<Meter>;
}

/// Counts the requests of one run. They count as long as they are made in the run's own task.
#[derive(Debug, Default)]
pub struct Meter {
    requests: AtomicU64,
    retries: AtomicU64,
    waited_millis: AtomicU64,
}

/// What a run asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Requests that were sent, those that were sent again among them.
    pub requests: u64,
    /// Those that were sent again.
    pub retries: u64,
    /// How long requests waited for their turn, because of our own budget or because the other side asked for it.
    pub waited: Duration,
}

impl Meter {
    /// What was counted so far.
    pub fn calls(&self) -> Calls {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Calls {
            requests: read(&self.requests),
            retries: read(&self.retries),
            waited: Duration::from_millis(read(&self.waited_millis)),
        }
    }

    /// Runs a future; requests that it makes through [`Client`](super::Client)s count.
    pub fn count<F: Future>(self: Arc<Self>, run: F) -> impl Future<Output = F::Output> {
        METER.scope(self, run)
    }
}

/// A request is sent, for the first time or again. For a collector that has a client of its own.
pub fn count_request(again: bool) {
    add(|meter| &meter.requests, 1);
    if again {
        add(|meter| &meter.retries, 1);
    }
}

/// A request waited for its turn, or because the other side asked it to.
pub fn count_wait(time: Duration) {
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    add(|meter| &meter.waited_millis, millis);
}

fn add(counter: impl FnOnce(&Meter) -> &AtomicU64, number: u64) {
    // Outside of a run nobody counts.
    let _ = METER.try_with(|meter| counter(meter).fetch_add(number, Ordering::Relaxed));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_run_asks_counts_for_that_run_alone() {
        let meters = [Arc::new(Meter::default()), Arc::new(Meter::default())];
        let run = |again| async move {
            count_request(again);
            tokio::task::yield_now().await;
            count_wait(Duration::from_millis(3));
        };
        let [one, two] = &meters;
        tokio::join!(
            Arc::clone(one).count(run(false)),
            Arc::clone(two).count(run(true)),
            run(true)
        );
        let calls = |retries| Calls {
            requests: 1,
            retries,
            waited: Duration::from_millis(3),
        };
        assert_eq!(meters.map(|meter| meter.calls()), [calls(0), calls(1)]);
    }
}
