//! A place where a test holds something up, without sleeping.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// A gate: whoever comes to it waits until the test opens it, and the test can await the arrival.
///
/// Clones are the same gate. It works across threads and runtimes.
#[derive(Clone, Debug)]
pub struct Gate {
    arrivals: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Self {
            arrivals: Arc::new(Semaphore::new(0)),
            open: Arc::new(Semaphore::new(0)),
        }
    }

    /// Waits until one more has come to the gate than were awaited before.
    pub async fn reached(&self) {
        if let Ok(permit) = self.arrivals.acquire().await {
            permit.forget();
        }
    }

    /// Opens the gate for good.
    pub fn open(&self) {
        self.open.close();
    }

    /// Says that someone has come, without waiting.
    pub fn arrive(&self) {
        self.arrivals.add_permits(1);
    }

    /// Comes to the gate and waits until it is open.
    pub async fn pass(&self) {
        self.arrive();
        // No permit is ever given: this ends when the gate is opened, with an error that says just that.
        let _ = self.open.acquire().await;
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}
