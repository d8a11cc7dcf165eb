//! Plimsoll: an infrastructure inventory and drift scanner.
//!
//! The rooms are the modules below; ARCHITECTURE.md walks one scan through them. The library exists for the
//! binary, its tests and its benchmarks, and promises no stable API: the outside contracts are the command line,
//! the report's JSON and the findings' format.

pub use plimsoll_approval as approval;
pub use plimsoll_change as change;

pub mod baseline;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod export;
pub mod inert;
pub mod inventory;
pub mod notify;
pub mod registry;
pub mod report;
pub mod scan;
pub mod schedule;
pub mod store;
pub mod trace;
