//! Snapshot to snapshot: what changed, and who made it.

mod attribute;
mod attribution;
mod diff;
mod fields;
mod proof;
#[cfg(test)]
mod tests;
mod types;
mod words;

pub use attribute::{CLOCKS, Candidate, LEAD, LEVELS, attribute};
pub use attribution::{Attribution, Evidence, Record, Witness, brief, showable};
pub use diff::{compare, diff, is_of_reading, path_is_of};
pub use fields::is_touched;
pub use proof::names_value;
pub use types::{Change, ChangeKind, PathChange};
pub use words::{Nature, has_failed, nature};
