//! How often a client may ask.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A token bucket: so many requests at once, and then so many a second. Clones share one bucket.
///
/// Kept as the time at which the bucket is full again, which needs no timer and serves waiters in their order.
#[derive(Clone, Debug)]
pub struct Budget {
    interval: Duration,
    burst: Duration,
    full_at: Arc<Mutex<Option<Instant>>>,
}

impl Budget {
    /// A budget of `per_second` requests a second, with `burst` at once (at least one).
    pub fn new(per_second: f64, burst: u32) -> Self {
        let interval = Duration::try_from_secs_f64(1.0 / per_second).unwrap_or_default();
        Self {
            interval,
            burst: interval.saturating_mul(burst.max(1) - 1),
            full_at: Arc::default(),
        }
    }

    /// No limit but the [pauses](Self::pause).
    pub fn unlimited() -> Self {
        Self::new(f64::INFINITY, 1)
    }

    /// Waits for its turn, and takes one.
    pub async fn take(&self) {
        let turn = self.reserve(Instant::now());
        tokio::time::sleep_until(turn).await;
    }

    /// Lets nobody have a turn for a while, because the other side asked for it.
    pub fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait + self.burst;
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        *full_at = Some(full_at.map_or(until, |at| at.max(until)));
    }

    fn reserve(&self, now: Instant) -> Instant {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let full = full_at.map_or(now, |at| at.max(now));
        *full_at = Some(full + self.interval);
        full.checked_sub(self.burst).map_or(now, |at| at.max(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn turns(budget: &Budget, count: usize) -> Vec<u128> {
        let start = Instant::now();
        let mut turns = Vec::new();
        for _ in 0..count {
            budget.take().await;
            turns.push(start.elapsed().as_millis());
        }
        turns
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_and_then_a_steady_pace() {
        let budget = Budget::new(10.0, 3);
        assert_eq!(turns(&budget, 6).await, [0, 0, 0, 100, 200, 300]);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(turns(&budget, 4).await, [0, 0, 0, 100]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_for_everyone() {
        let budget = Budget::new(10.0, 3);
        budget.pause(Duration::from_secs(5));
        assert_eq!(turns(&budget.clone(), 2).await, [5000, 5100]);
        assert_eq!(turns(&Budget::unlimited(), 3).await, [0, 0, 0]);
    }
}
