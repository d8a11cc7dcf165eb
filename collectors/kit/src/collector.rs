//! The trait that every collector implements.

use async_trait::async_trait;

use crate::{Context, Harvester};

/// Reads one kind of outside system, and does nothing else: it never writes to what it reads, filters, judges or
/// knows roles.
#[async_trait]
pub trait Collector: Send + Sync {
    /// Reads everything there is into the harvest.
    ///
    /// There is no error to return: what could not be read is a [trouble](Harvester::trouble) on its scope,
    /// and a scope counts as complete only once it is [said to be](Harvester::complete). The call may be dropped at
    /// any await when its deadline passes; what is in the harvest by then is kept.
    async fn collect(&self, context: &Context, harvest: &mut Harvester);

    /// Says what can and cannot be read with the rights at hand, without reading it all.
    async fn check(&self, context: &Context) -> Vec<Access>;

    /// Whether it hands over change requests. Those are read after everything else of a scan: an approval that was taken back
    /// while a slow platform was read must not count for what was changed there since.
    fn holds_requests(&self) -> bool {
        false
    }
}

/// One thing that a collector reads, and whether it may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// What is read, as a person names it: `containers`, `clock state`.
    pub what: String,
    /// Whether it can be.
    pub right: Right,
    /// What was seen, or what to do about it.
    pub detail: String,
}

/// Whether something can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// It can.
    Granted,
    /// Access was refused, or a right is missing.
    Denied,
    /// It is not there, or could not be reached.
    Unreachable,
}
