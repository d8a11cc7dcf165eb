//! The verdict on changes: a labelled corpus, and worlds made at random.
//!
//! `corpus/README.md` tells how a scenario is written.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a panic is how a test tells what is wrong"
)]

mod corpus;
mod every_proof;
mod hostile;
mod oracle;
mod worlds;
