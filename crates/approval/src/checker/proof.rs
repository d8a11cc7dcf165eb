//! A proof that a change was approved: references to stored facts, and nothing else.

use plimsoll_model::Text;
use serde::{Deserialize, Serialize};

/// Which requests cover a change, which votes count, and when the change can have been made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Requests that stand for one another: a pull request with its tickets. Each group has to be approved by itself.
    pub groups: Vec<RequestGroup>,
    /// Which request covers which changed path. An asset that came to be or is gone has one path, the empty one.
    pub covers: Vec<Cover>,
}

/// Requests that are taken together, and the votes that count for them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestGroup {
    /// Places in the requests that are known.
    pub members: Vec<u32>,
    /// The votes that approve it; of an emergency those that authorise it.
    pub approvals: Vec<VoteRef>,
    /// The votes that review it.
    pub reviews: Vec<VoteRef>,
}

/// One yes: the place of its request, and its place in the request's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct VoteRef {
    /// The place of the request.
    pub request: u32,
    /// Which list it stands in.
    pub kind: VoteKind,
    /// Its place there.
    pub index: u32,
}

/// Which of a request's lists a vote stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VoteKind {
    /// A yes to the request.
    Approval,
    /// A review of its code.
    Review,
    /// A confirmation that it was reviewed.
    SignOff,
}

/// That a request covers a changed path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// The path; empty for an asset that came to be or is gone.
    pub path: Text,
    /// The place of the request.
    pub request: u32,
    /// What connects the two.
    pub ground: Ground,
}

/// What connects a request with a changed path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// Both name the same commit, digest, release or operation.
    Artefact,
    /// The change, or the record of who made it, names the request.
    Named,
    /// The request names the asset, or what contains it, and the window or facts.
    Scope,
}
