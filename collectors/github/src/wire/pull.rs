//! Pull requests and issues, and what belongs to one.

use plimsoll_model::Text;
use serde::Deserialize;

use super::{User, if_fits, or_default};

/// A pull request in a list: without who merged it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Listed {
    #[serde(flatten)]
    pub(crate) pull: Pull,
}

/// A pull request by itself.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Pull {
    pub(crate) number: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) node_id: Text,
    #[serde(default)]
    pub(crate) title: Option<String>,
    #[serde(default)]
    pub(crate) body: Option<String>,
    #[serde(default)]
    pub(crate) user: Option<User>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) labels: Vec<Label>,
    pub(crate) created_at: Text,
    #[serde(default)]
    pub(crate) closed_at: Option<Text>,
    #[serde(default)]
    pub(crate) merged_at: Option<Text>,
    #[serde(default)]
    pub(crate) merged_by: Option<User>,
    #[serde(default)]
    pub(crate) merge_commit_sha: Option<Text>,
    #[serde(default)]
    pub(crate) head: Option<Tip>,
    #[serde(default)]
    pub(crate) base: Option<Tip>,
    #[serde(default)]
    pub(crate) html_url: Option<String>,
    #[serde(default)]
    pub(crate) commits: Option<i64>,
    #[serde(default)]
    pub(crate) updated_at: Option<Text>,
}

/// Where a branch ends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Tip {
    #[serde(rename = "ref")]
    pub(crate) name: Option<String>,
    pub(crate) sha: Option<Text>,
    /// Null where it was deleted.
    pub(crate) repo: Option<Place>,
}

/// The repository that a branch is in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Place {
    pub(crate) full_name: Option<Text>,
}

/// That a branch was pushed to: who did, and when, as the vendor itself saw it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Activity {
    #[serde(rename = "ref")]
    pub(crate) branch: Option<Text>,
    /// What the branch had before; zeros where it was not there.
    pub(crate) before: Option<Text>,
    pub(crate) after: Option<Text>,
    pub(crate) timestamp: Option<Text>,
    pub(crate) activity_type: Option<Text>,
    pub(crate) actor: Option<User>,
}

/// A label. In the vendor's older answers the bare name.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Label {
    Name(Text),
    Whole {
        #[serde(default, deserialize_with = "or_default")]
        name: Text,
    },
}

impl Label {
    pub(crate) fn name(&self) -> &Text {
        match self {
            Self::Name(name) | Self::Whole { name } => name,
        }
    }
}

/// A review. Its user is null where the account is gone, and it has no time while it is being written.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Review {
    pub(crate) id: i64,
    #[serde(default)]
    pub(crate) user: Option<User>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) state: Text,
    #[serde(default)]
    pub(crate) commit_id: Option<Text>,
    #[serde(default)]
    pub(crate) submitted_at: Option<Text>,
}

/// A commit of a pull request.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Commit {
    pub(crate) sha: Text,
    #[serde(default, deserialize_with = "if_fits")]
    pub(crate) author: Option<User>,
    #[serde(default, deserialize_with = "if_fits")]
    pub(crate) committer: Option<User>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) commit: Written,
    /// One, or several where it joins branches.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) parents: Vec<serde::de::IgnoredAny>,
}

/// What git itself says of a commit.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Written {
    pub(crate) author: Option<Signature>,
    pub(crate) committer: Option<Signature>,
    /// Read for its trailers, and not kept.
    pub(crate) message: Option<String>,
}

/// Who wrote a commit, and when, as they said themselves.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Signature {
    pub(crate) name: Option<Text>,
    pub(crate) email: Option<Text>,
    pub(crate) date: Option<Text>,
}

/// A check of a commit.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CheckRun {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) name: Text,
    #[serde(default)]
    pub(crate) head_sha: Option<Text>,
    #[serde(default)]
    pub(crate) status: Option<Text>,
    #[serde(default)]
    pub(crate) conclusion: Option<Text>,
    #[serde(default)]
    pub(crate) completed_at: Option<Text>,
}

/// A status of a commit.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Status {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) context: Text,
    #[serde(default)]
    pub(crate) state: Option<Text>,
    #[serde(default)]
    pub(crate) updated_at: Option<Text>,
}

/// An issue, which may be a pull request seen as one.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Issue {
    pub(crate) number: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) node_id: Text,
    #[serde(default)]
    pub(crate) title: Option<String>,
    #[serde(default)]
    pub(crate) body: Option<String>,
    #[serde(default)]
    pub(crate) user: Option<User>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) labels: Vec<Label>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) assignees: Vec<User>,
    pub(crate) created_at: Text,
    pub(crate) updated_at: Text,
    #[serde(default)]
    pub(crate) closed_at: Option<Text>,
    #[serde(default)]
    pub(crate) html_url: Option<String>,
    /// Whatever it is: an issue has none.
    #[serde(default)]
    pub(crate) pull_request: Option<serde::de::IgnoredAny>,
}
