//! Notices: what is worth telling, to whom, once and in one place.
//!
//! [`plan`] decides, purely: send or hold, with a named reason. What it decided is written by the scan, in its one
//! transaction; the [`Courier`] delivers from there, at least once, and twice only where a platform has no way to tell.

mod courier;
pub mod plan;
pub mod send;

pub use courier::{Courier, Depth, Round};
