//! Roles, what must hold for them, and judging a snapshot by it.

mod attest;
mod catalogue;
mod category;
mod causes;
mod cel;
mod choose;
mod environment;
mod estate;
mod expect;
mod explain;
mod exposure;
mod ignore;
mod image;
mod index;
mod judge;
mod lifecycle;
mod load;
mod names;
mod outcome;
mod own_name;
mod places;
mod read;
mod record;
mod role;
mod rule;
mod select;
mod sharing;
mod systems;
#[cfg(test)]
mod tests;
mod twins;
mod types;
mod unasked;

pub use attest::{Attest, attest};
pub use catalogue::{Control, ControlGroup};
pub use explain::{Answered, Explained, Explanation};
pub use ignore::Ignore;
pub use judge::judge;
pub use lifecycle::follow;
pub use load::Baselines;
pub use role::{Baseline, Expectation, Side};
pub use rule::Rule;
pub use systems::{environments, environments_of, systems};
pub(crate) use types::LAST_KNOWN;
pub use types::{
    Counts, Drift, DriftState, Finding, Follows, Ignored, Judgement, Severity, Status, System,
    Tally,
};
pub(crate) use unasked::is_asked;
pub use unasked::tell_unasked;
