//! What the text of a request says of the change that it asks for: lines such as `System: api`, and keys anywhere in it.
//!
//! Only these are taken out of a text; the text itself goes nowhere. What stands in a line that cannot be understood is
//! not guessed, and the request then counts as not wholly read.

mod find;
mod line;
mod words;

use jiff::Timestamp;
use plimsoll_model::{AssetId, ChangeRequest, Text};

pub use words::Words;

/// How much of a text is read, in bytes.
pub const LONGEST: usize = 256 * 1024;
/// How many of each kind are taken out of one text.
pub const MOST: usize = 256;

/// What a text says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Systems, as people call them.
    pub names: Vec<Text>,
    /// Assets by their ids.
    pub assets: Vec<AssetId>,
    /// Environments, in the text's own words.
    pub environments: Vec<Text>,
    /// The facts that are to change.
    pub facts: Vec<Text>,
    /// From when until when.
    pub window: Option<(Timestamp, Timestamp)>,
    /// Whether it asks for a system that is not there yet.
    pub provisions: bool,
    /// Whether it says that it is an emergency.
    pub emergency: bool,
    /// Commits in full, in lower case.
    pub commits: Vec<Text>,
    /// Digests of images, with a name where one stands before it.
    pub images: Vec<Text>,
    /// Releases.
    pub releases: Vec<Text>,
    /// A platform's operations.
    pub operations: Vec<Text>,
    /// Other requests: `OPS-17`, `owner/repo#42`.
    pub requests: Vec<Text>,
    /// Whether the text was longer than is read, or named more than is taken.
    pub cut: bool,
    /// What could not be understood, in words for a person and without the text's own.
    pub oddities: Vec<String>,
}

/// Reads a text: a title, a description, the name of a branch.
pub fn mentions(text: &str, words: &Words) -> Mentions {
    let mut found = Mentions::default();
    let end = text.floor_char_boundary(LONGEST);
    found.cut = end < text.len();
    let text = &text[..end];
    for line in text.lines() {
        line::read(line, words, &mut found);
    }
    find::keys(text, &mut found);
    if found.cut {
        found.oddities.push(format!(
            "its text is longer than {LONGEST} bytes or names more than {MOST} things of a kind: the rest was not read"
        ));
    }
    found
}

impl Mentions {
    /// Adds what was found to a request, without doubles. A text that was not wholly understood makes its history one that
    /// was not wholly read, so that nothing is approved by what may stand in the rest. Gives what to remark.
    pub fn add_to(self, request: &mut ChangeRequest) -> Vec<String> {
        merge(&mut request.names, self.names);
        merge(&mut request.assets, self.assets);
        merge(&mut request.environments, self.environments);
        merge(&mut request.facts, self.facts);
        // Code has commits of its own: one that its text names is another's, which it reverts or comes after.
        if !request.is_code() {
            merge(&mut request.links.commits, self.commits);
        }
        merge(&mut request.links.images, self.images);
        merge(&mut request.links.releases, self.releases);
        merge(&mut request.links.operations, self.operations);
        merge(&mut request.links.requests, self.requests);
        // A request stands in no connection with itself.
        let own = request.id.clone();
        request.links.requests.retain(|id| *id != own);
        request.window = request.window.or(self.window);
        request.provisions |= self.provisions;
        request.emergency |= self.emergency;
        if self.cut || !self.oddities.is_empty() {
            request.whole_history = Some(false);
        }
        self.oddities
    }

    fn note(list: &mut Vec<Text>, text: impl Into<Text>, cut: &mut bool) {
        let text = text.into();
        if list.contains(&text) {
            return;
        }
        if list.len() >= MOST {
            *cut = true;
            return;
        }
        list.push(text);
    }
}

fn merge<T: PartialEq>(list: &mut Vec<T>, more: Vec<T>) {
    for one in more {
        if !list.contains(&one) {
            list.push(one);
        }
    }
}

#[cfg(test)]
mod tests;
