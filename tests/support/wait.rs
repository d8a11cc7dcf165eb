//! Waiting for something to become true.

use std::time::{Duration, Instant};

/// What `look` finds, asked again and again until there is something; panics with `what` after `limit`.
///
/// There is no pause between two looks: what is looked at is another process, which the look itself asks, and the rest
/// of the processor's time is offered to others.
pub(crate) fn until<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {limit:?}: {what}");
        std::thread::yield_now();
    }
}
