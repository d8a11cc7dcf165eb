//! What the one query gives.

use plimsoll_model::Text;
use serde::Deserialize;

/// The answer to the query: a node for each id that was asked for, in the same order.
#[derive(Debug, Deserialize)]
pub(crate) struct Nodes {
    #[serde(default)]
    pub(crate) nodes: Vec<Option<Edits>>,
}

/// What else there is to know of a pull request or an issue.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Edits {
    pub(crate) id: Text,
    /// Of a pull request; null before it is merged.
    pub(crate) merge_commit: Option<Oid>,
    /// How many reviews a pull request has.
    pub(crate) reviews: Option<Count>,
    /// The events that matter, up to a hundred: none where they are not told.
    pub(crate) timeline_items: Option<Events>,
    /// Of a pull request: the issues that it closes.
    pub(crate) closing_issues_references: Option<Connection<Closing>>,
    /// The edits of its text. None where there is none, or they may not be read.
    pub(crate) user_content_edits: Option<Connection<Editing>>,
    /// Whether the first writing is among the edits: false where it was never edited.
    pub(crate) includes_created_edit: Option<bool>,
    pub(crate) last_edited_at: Option<Text>,
}

/// How many there are.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Count {
    pub(crate) total_count: usize,
}

/// Events of a timeline, of which nothing but their number is looked at.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Events {
    /// None where it is not said.
    pub(crate) nodes: Option<Vec<serde::de::IgnoredAny>>,
}

/// A commit.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Oid {
    pub(crate) oid: Text,
}

/// A list in pages.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Connection<T> {
    #[serde(default)]
    pub(crate) page_info: Option<PageInfo>,
    #[serde(default = "Option::default")]
    nodes: Option<Vec<Option<T>>>,
}

impl<T> Connection<T> {
    /// Whether there is more than came, or something that may not be read.
    pub(crate) fn is_cut(&self) -> bool {
        let more = self.page_info.as_ref();
        more.is_none_or(|page| page.has_next_page)
            || self
                .nodes
                .as_ref()
                .is_none_or(|nodes| nodes.iter().any(Option::is_none))
    }

    /// What came of it.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &T> {
        self.nodes.iter().flatten().flatten()
    }
}

/// Where a page ends.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageInfo {
    pub(crate) has_next_page: bool,
}

/// An issue that is closed by a pull request.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Closing {
    pub(crate) number: i64,
    #[serde(default)]
    pub(crate) repository: Option<Owner>,
}

/// The repository of an issue.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Owner {
    pub(crate) name_with_owner: Text,
}

/// One edit of a text.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Editing {
    pub(crate) edited_at: Option<Text>,
    pub(crate) editor: Option<Editor>,
}

/// Who edited it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Editor {
    #[serde(rename = "__typename")]
    pub(crate) kind: Option<Text>,
    pub(crate) login: Option<Text>,
    pub(crate) database_id: Option<i64>,
}
