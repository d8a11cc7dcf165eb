//! `plimsoll serve`: scans when they are due, and tells how it is.
//!
//! One thread waits for what happens (a time, a signal, a request, the end of a scan) and decides; scans run on threads
//! of their own. The keeper decides and waits for nothing, which is how a day of it fits into a test.

mod asking;
mod book;
mod client;
mod control;
mod courier;
mod crew;
mod keeper;
mod live;
mod metrics;
mod remember;
mod render;
mod round;
mod route;
mod say;
mod system;
mod whereabouts;

#[cfg(test)]
mod tests;

use plimsoll_settings::Mistakes;

use crate::baseline::Baselines;
use crate::config::Config;
use crate::report::Outcome;

pub use client::{Refusal, Reply, ask};
pub use courier::{Courier, Delivered, NoCourier};
pub use live::{ServeError, serve};
pub use metrics::METRICS;
pub use render::{Form, Rendering};

/// What the daemon does until it is told otherwise.
pub struct Duty {
    /// The configuration.
    pub config: Config,
    /// The baselines.
    pub baselines: Baselines,
    /// Who brings notices to where they go.
    pub courier: Box<dyn Courier>,
}

/// Reads the configuration, at the start and at every reload.
pub type Load = Box<dyn Fn() -> Result<Duty, Mistakes>>;

/// What happens to the daemon besides time and signals.
enum Event {
    /// A scan is over.
    Done(Box<crew::Done>),
    /// The courier is back.
    Delivered(Delivered),
    /// Somebody asks.
    Asked(Question),
}

/// What somebody asks.
enum Question {
    Health(tokio::sync::oneshot::Sender<()>),
    Ready(tokio::sync::oneshot::Sender<Vec<String>>),
    Metrics(tokio::sync::oneshot::Sender<String>),
    Scan(Vec<String>, keeper::Asked),
}

/// What becomes of a scan that was asked for.
#[derive(Clone)]
enum Answer {
    Scanned {
        scan: i64,
        outcome: Outcome,
        page: Vec<u8>,
    },
    NoSuchSource(String),
    /// Another process scans one of its sources, or too much waits.
    Busy(String),
    Failed(String),
}
