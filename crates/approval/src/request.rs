//! What a request says, as it is compared: its digests, the commit that it became, and what it is called.

use plimsoll_model::{ChangeRequest, Text};

use super::index::lower;
use super::keys::{COMMIT_LEAST, digest};

/// Questions to a request that more than one room of this crate asks.
pub(crate) trait RequestFacts {
    /// The digests of images that it names, in lower case.
    fn digests(&self) -> Vec<Text>;
    /// The commits that may run for it: what it became, or else its last one; of a ticket every commit that it names.
    fn final_commits(&self) -> impl Iterator<Item = &Text>;
    /// Whether a hash is one of these; either may be cut short, and not too short.
    fn is_final_commit(&self, hash: &str) -> bool;
    /// Whether a word is its id or its address.
    fn is_called(&self, word: &str) -> bool;
}

impl RequestFacts for ChangeRequest {
    fn digests(&self) -> Vec<Text> {
        self.links
            .images
            .iter()
            .filter_map(|image| digest(image))
            .collect()
    }

    fn final_commits(&self) -> impl Iterator<Item = &Text> {
        let merged = self.merge.iter().filter_map(|merge| merge.commit.as_ref());
        let named = self.links.commits.iter().filter(|_| !self.is_code());
        // Of code that names nothing but commits of its own, these are it.
        let bare = self.is_code() && self.merge.is_none() && self.head.is_none();
        let own = self.links.commits.iter().filter(move |_| bare);
        merged.chain(&self.head).chain(named).chain(own)
    }

    fn is_final_commit(&self, hash: &str) -> bool {
        self.final_commits().any(|one| same_commit(one, hash))
    }

    fn is_called(&self, word: &str) -> bool {
        lower(word) == lower(&self.id)
            || self
                .url
                .as_deref()
                .is_some_and(|url| address(url) == address(word))
    }
}

/// Whether two hashes are of one commit; one of them may be cut short, and not too short.
pub(crate) fn same_commit(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    let starts = |long: &str, short: &str| short.len() >= COMMIT_LEAST && long.starts_with(short);
    one == other || starts(&one, &other) || starts(&other, &one)
}

/// An address as it is compared: without its scheme, what follows a `?` or `#` after a slash, and a slash at its end.
pub(crate) fn address(url: &str) -> Text {
    let url = url.trim();
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    Text::from(rest.trim_end_matches('/').to_lowercase())
}
