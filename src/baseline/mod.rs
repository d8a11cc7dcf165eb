//! Roles, what must hold for them, and judging a snapshot by it.

mod catalogue;
mod cel;
mod choose;
mod environment;
mod estate;
mod expect;
mod explain;
mod ignore;
mod image;
mod index;
mod judge;
mod lifecycle;
mod load;
mod outcome;
mod read;
mod record;
mod role;
mod rule;
mod select;
mod systems;
#[cfg(test)]
mod tests;
mod types;

pub use catalogue::{Control, ControlGroup};
pub use explain::{Explained, Explanation};
pub use ignore::Ignore;
pub use judge::judge;
pub use lifecycle::follow;
pub use load::Baselines;
pub use role::{Baseline, Expectation, Side};
pub use rule::Rule;
pub use systems::{own_environment, systems};
pub use types::{
    Counts, Drift, DriftState, Finding, Ignored, Judgement, Severity, Status, System, Tally,
};
