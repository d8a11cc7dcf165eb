//! What a request stands in connection with.

use serde::{Deserialize, Serialize};

use crate::Text;

/// What a request stands in connection with, as its tracker or its text says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Links {
    /// Commits, in full: of the branch, or named in the text. The merged one is in the merge.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commits: Vec<Text>,
    /// Digests of images: `sha256:…`, with or without a name before it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Text>,
    /// Releases, as `ASSET@RELEASE`, or the release alone where the request names the asset.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub releases: Vec<Text>,
    /// A platform's operations, as `SOURCE:ID`, or the id alone where the request names the asset.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<Text>,
    /// Ids of other requests: of a pull request its tickets, of a ticket its pull requests.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<Text>,
}

impl Links {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
