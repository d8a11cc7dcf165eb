//! Roles, what must hold for them, and judging a snapshot by it.

mod ignore;
mod rule;
mod types;

pub use ignore::Ignore;
pub use rule::Rule;
pub use types::{
    Counts, Drift, DriftState, Finding, Ignored, Judgement, Severity, Status, System, Tally,
};
