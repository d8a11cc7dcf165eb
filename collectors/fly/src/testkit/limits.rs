//! The vendor's limits: for each action and identifier one request a second, three at once.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// When each bucket is full again.
#[derive(Default)]
pub(super) struct Limits(HashMap<String, Instant>);

impl Limits {
    /// Takes a turn of a bucket; false where it is empty. A request that was sent in time may arrive a little early.
    pub(super) fn take(&mut self, bucket: String) -> bool {
        let (interval, burst) = (Duration::from_secs(1), 3);
        let slack = Duration::from_millis(250);
        let now = Instant::now();
        let full = self.0.entry(bucket).or_insert(now);
        let from = (*full).max(now);
        if from > now + interval * (burst - 1) + slack {
            return false;
        }
        *full = from + interval;
        true
    }
}
