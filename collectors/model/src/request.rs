//! What a tracker holds: a request for a change, and who said yes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Actor, AssetId, Text};

/// A request for a change as its tracker holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeRequest {
    /// Its id in the tracker (`OPS-17`), unique in its source.
    pub id: Text,
    /// Its title.
    pub title: Text,
    /// When it was opened.
    pub opened: Timestamp,
    /// Who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<Actor>,
    /// The assets that it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assets: Vec<AssetId>,
    /// The planned window, where it has one: not before, and not after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<(Timestamp, Timestamp)>,
    /// Who said yes, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
    /// The scope of its source in which it was read.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub scope: Text,
}

/// A person's yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Who said it.
    pub by: Actor,
    /// When; none where the tracker does not say, and then it proves nothing about order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}
