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

/// The review that was dismissed, as it was before.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Dismissed {
    pub(crate) state: Option<Text>,
    pub(crate) review_id: Option<i64>,
}
