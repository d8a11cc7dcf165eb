//! What a collector is handed for one run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::Text;

use crate::{Limits, Redactor};

/// Our own clock, handed in so that tests can set it.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Hears how far a run has come. Calls are cheap and may come from any task.
pub trait Progress: Send + Sync {
    /// `done` of `total` items are read; a total of 0 is not known yet.
    fn step(&self, done: usize, total: usize);
}

/// Hears nothing.
pub struct NoProgress;

impl Progress for NoProgress {
    fn step(&self, _done: usize, _total: usize) {}
}

/// How far records (change requests, actions) have been read before, so that only what is newer need be read again.
#[derive(Clone, Debug, Default)]
pub struct Cursors {
    /// The time before which records are not kept.
    pub keep_from: Timestamp,
    /// When reading each scope began that was, the last time, read completely and with the same settings.
    pub read_before: BTreeMap<Text, Timestamp>,
}

impl Cursors {
    /// The time from which on the records of a scope are to be read: what was altered since may say something new.
    ///
    /// `overlap` is how far the outside system's clock and index may be behind ours.
    pub fn from(&self, scope: &str, overlap: Duration) -> Timestamp {
        let before = self.read_before.get(scope);
        let from = before.and_then(|at| at.checked_sub(overlap).ok());
        from.unwrap_or(Timestamp::MIN).max(self.keep_from)
    }
}

/// What a collector is handed for one run.
#[derive(Clone)]
pub struct Context {
    /// Turns values that must not be seen into marks. Bound to the source.
    pub redactor: Redactor,
    /// Our own clock.
    pub clock: Clock,
    /// Caps on what comes from outside.
    pub limits: Limits,
    /// How far records have been read before.
    pub cursors: Arc<Cursors>,
    /// Where progress is told.
    pub progress: Arc<dyn Progress>,
}

impl Context {
    /// The time by our own clock.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_from_the_last_whole_read_on_with_an_overlap() {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let cursors = Cursors {
            keep_from: time("2026-01-01T00:00:00Z"),
            read_before: BTreeMap::from([
                (Text::from("OPS"), time("2026-03-01T12:00:00Z")),
                (Text::from("OLD"), time("2026-01-01T00:01:00Z")),
            ]),
        };
        let from = |scope| cursors.from(scope, Duration::from_secs(600));
        assert_eq!(from("OPS"), time("2026-03-01T11:50:00Z"));
        assert_eq!(from("OLD"), time("2026-01-01T00:00:00Z"));
        assert_eq!(from("NEW"), time("2026-01-01T00:00:00Z"));
    }
}
