//! What happened to a pull request or an issue. One shape for all kinds of event: each has some of its fields.

use plimsoll_model::Text;
use serde::Deserialize;

use super::pull::{Label, Signature};
use super::{User, if_fits};

/// An event of a timeline.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Event {
    /// What kind. The vendor's specification leaves it out of some, and those say nothing that is read.
    pub(crate) event: Option<Text>,
    pub(crate) actor: Option<User>,
    pub(crate) created_at: Option<Text>,
    /// Of a review the number that it has in the list of reviews too.
    #[serde(deserialize_with = "if_fits")]
    pub(crate) id: Option<i64>,
    /// Who reviewed.
    #[serde(deserialize_with = "if_fits")]
    pub(crate) user: Option<User>,
    /// What a review said.
    #[serde(deserialize_with = "if_fits")]
    pub(crate) state: Option<Text>,
    #[serde(deserialize_with = "if_fits")]
    pub(crate) submitted_at: Option<Text>,
    /// Of a review the commit that it is shown at; of a merge one that was merged, or what it became.
    #[serde(deserialize_with = "if_fits")]
    pub(crate) commit_id: Option<Text>,
    #[serde(deserialize_with = "if_fits")]
    pub(crate) rename: Option<Rename>,
    /// Of a pushed commit, which has no other time than the one that git says.
    pub(crate) sha: Option<Text>,
    #[serde(deserialize_with = "if_fits")]
    pub(crate) committer: Option<Signature>,
    #[serde(deserialize_with = "if_fits")]
    pub(crate) label: Option<Label>,
    #[serde(deserialize_with = "if_fits")]
    pub(crate) dismissed_review: Option<Dismissed>,
    #[serde(deserialize_with = "if_fits")]
    pub(crate) state_reason: Option<Text>,
}

/// That a title was altered.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Rename {
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
}

/// The review that was dismissed, as it was before.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Dismissed {
    pub(crate) state: Option<Text>,
    pub(crate) review_id: Option<i64>,
}
