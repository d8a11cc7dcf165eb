//! A context in which nothing moves.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{Context, KEY_BYTES, Limits, NoProgress, Redactor};

/// The time in tests.
pub const NOW: &str = "2026-01-02T03:04:05Z";

/// A context with the clock at [`NOW`], a redaction key of sevens and the usual limits.
pub fn context(source: &str) -> Context {
    let now: Timestamp = NOW.parse().expect("a time");
    Context {
        redactor: Redactor::new([7; KEY_BYTES], source),
        clock: Arc::new(move || now),
        limits: Limits::default(),
        cursors: Arc::default(),
        progress: Arc::new(NoProgress),
    }
}
