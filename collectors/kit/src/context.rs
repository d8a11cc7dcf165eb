//! What a collector is handed for one run.

use std::sync::Arc;

use jiff::Timestamp;

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

/// What a collector is handed for one run.
#[derive(Clone)]
pub struct Context {
    /// Turns values that must not be seen into marks. Bound to the source.
    pub redactor: Redactor,
    /// Our own clock.
    pub clock: Clock,
    /// Caps on what comes from outside.
    pub limits: Limits,
    /// Where progress is told.
    pub progress: Arc<dyn Progress>,
}

impl Context {
    /// The time by our own clock.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }
}
