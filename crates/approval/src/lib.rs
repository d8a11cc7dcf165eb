//! The verdict on a change: was it approved, by whom, before it was made, and what proves it.
//!
//! Everything is handed in: the change with the records around it, the requests, who is who, the policy and the time.
//! A change is never called approved without proof, and what could not be read is never taken for missing.
//!
//! [`judge()`] finds the requests that a change is linked to (`link`), takes those together that belong together (`case`), and
//! asks every control of the policy about them (`controls`). One question that fails makes the change unapproved, one that
//! cannot be answered makes it unproven. What speaks for it is handed to the checker (`prove`, `checker`): only what that
//! accepts is approved.

mod case;
mod checker;
mod controls;
mod cover;
#[cfg(test)]
mod documented;
mod exempt;
mod index;
mod judge;
mod keys;
mod link;
mod moment;
mod near;
mod people;
mod people_read;
mod policies;
mod policy;
mod policy_inherit;
mod policy_read;
mod prove;
mod request;
pub mod scenario;
mod staffing;
mod staging;
mod standing;
mod ticket_text;
mod types;
mod unit;
mod verdict;
mod weighing;
mod words;

pub use keys::{commit, digest};

/// The controls of the catalogue that a verdict answers for.
pub fn control_ids() -> impl Iterator<Item = &'static str> {
    controls::TABLE
        .iter()
        .flat_map(|row| row.ids.iter().copied())
}

pub use checker::{
    Approved, Cover, Ground, Interval, Proof, Refusal, RequestGroup, VoteKind, VoteRef, check,
};
pub use index::Requests;
pub use judge::{World, judge, without_requests};
pub use people::{Automation, Delegate, Held, Known, People, Person};
pub use policies::Policies;
pub use policy::{
    Emergency, Exempt, NamedAsset, Policy, ReviewNeed, ReviewPlace, Rule, When, environment,
};
pub use policy_inherit::{EffectiveKey, Given, effective_keys, effective_lists, exempt_keys};
pub use staffing::find_gaps;
pub use staging::{Sightings, StagingRun};

pub use types::{
    Announced, Counted, Deed, EarlierRun, Filed, Judged, Nearest, Outcome, Reason, Ruling,
    Standing, Subject, TwinValue,
};
pub use verdict::Verdict;
pub use words::Words;
