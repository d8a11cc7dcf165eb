//! Roles, what must hold for them, and judging a snapshot by it.

mod types;

pub use types::{
    Counts, Drift, DriftState, Finding, Ignored, Judgement, Severity, Status, System, Tally,
};
