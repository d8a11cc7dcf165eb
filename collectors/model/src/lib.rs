//! The nouns of Plimsoll as plain types.
//!
//! Nothing here reads, writes, waits or looks at a clock. Collectors fill these types, the
//! engine's rooms turn them into one another, and every word means one thing; ARCHITECTURE.md
//! has the glossary.

mod action;
mod asset;
mod claim;
pub mod fact;
pub mod kind;
pub mod redacted;
mod relation;
mod request;
mod scope;
mod sorted;
mod value;
mod words;

pub use action::{Action, Actor};
pub use asset::{Alias, Asset, AssetId, InvalidId};
pub use claim::{Claim, How};
pub use compact_str::CompactString as Text;
pub use relation::{Relation, RelationKind};
pub use request::{
    Approval, ChangeRequest, Check, Edit, Links, Merge, Party, Reading, Review, SignOff,
    Transition, Withdrawal,
};
pub use scope::{ScopeRead, Trouble};
pub use sorted::{REPEATED, Sorted};
pub use value::Value;
pub use words::{edit_field, request_kind, request_state, review_said, sign_off_kind};

/// Facts by name, sorted.
pub type Facts = Sorted<Claim>;
/// Labels by name, sorted.
pub type Labels = Sorted<Text>;
/// A value with named parts, sorted.
pub type Table = Sorted<Value>;
