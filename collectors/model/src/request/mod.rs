//! What a tracker holds: a request for a change, what became of it, and who said yes to what and when.
//!
//! Times are the tracker's own. One that the tracker does not say is none, and proves nothing about order. Words that
//! a tracker has of its own are texts: one that nobody here knows is kept, and fails nothing.

mod event;
mod growth;
mod links;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use event::{Approval, Check, Edit, Merge, Party, Review, SignOff, Transition, Withdrawal};
pub use growth::Reading;
pub use links::Links;

use crate::{AssetId, Text};

/// A request for a change as its tracker holds it: a ticket, a pull request, a message in a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeRequest {
    /// Its id in the tracker (`OPS-17`, `acme/infra#42`), unique in its source.
    pub id: Text,
    /// Its title.
    pub title: Text,
    /// When it was opened.
    pub opened: Timestamp,
    /// What kind of thing it is: a word of [`request_kind`](crate::request_kind); a ticket where it is empty.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub kind: Text,
    /// Who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<Party>,
    /// Whether the tracker knew for sure who asked: false for a mail or a form that anybody can send. None where
    /// asking needs an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authenticated: Option<bool>,
    /// Who is to carry it out, where it says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implementers: Vec<Party>,
    /// Who wrote what it brings: the authors of its commits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Party>,
    /// The environments that it names, in its own words; empty where it names none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<Text>,
    /// The assets that it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assets: Vec<AssetId>,
    /// The systems that it names as people call them, where no id is given: `api`. Two systems may have one name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Text>,
    /// The facts that it is to change and no others (`ports`, `replicas`); empty where it does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Text>,
    /// Whether it asks for a system that is not there yet.
    #[serde(default, skip_serializing_if = "is_false")]
    pub provisions: bool,
    /// Labels and tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Text>,
    /// Whether the tracker marks it as an emergency.
    #[serde(default, skip_serializing_if = "is_false")]
    pub emergency: bool,
    /// The planned window, where it has one: not before, and not after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<(Timestamp, Timestamp)>,
    /// What it stands in connection with: commits, artefacts, releases, other requests.
    #[serde(default, skip_serializing_if = "Links::is_empty")]
    pub links: Links,
    /// The last commit of what it proposes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Text>,
    /// Who said yes, in order of time; those withdrawn since too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
    /// What reviewers said of the code that it brings, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reviews: Vec<Review>,
    /// The tests of a commit, and how they came out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// How it was merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge: Option<Merge>,
    /// What was said afterwards: documented, reviewed, signed off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sign_offs: Vec<SignOff>,
    /// What was altered in it after it was opened, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
    /// From which state it went to which, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transitions: Vec<Transition>,
    /// Whether the tracker gave its whole history: false where a part of what happened to it cannot be read, so that
    /// an approval may have been withdrawn unseen. None where there is nothing to doubt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole_history: Option<bool>,
    /// What leaves in doubt what is said of it, each in a sentence for a person: two lists of the tracker that tell of one
    /// thing in two ways, a record that the tracker rewrites. While there is any, nothing of it proves an approval, and
    /// nothing proves that there was none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Text>,
    /// Since when it is known to read as it does, where its own times are what somebody typed and nothing else proves them: a
    /// signed tag's, whose signer writes its date. What is approved in it was approved at that time at the latest. None where
    /// its times are its tracker's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sighted: Option<Timestamp>,
    /// Where a person finds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Text>,
    /// The scope of its source in which it was read.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub scope: Text,
}

fn is_false(yes: &bool) -> bool {
    !yes
}

impl ChangeRequest {
    /// A request of which nothing more is known.
    pub fn new(id: impl Into<Text>, title: impl Into<Text>, opened: Timestamp) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            opened,
            kind: Text::default(),
            requester: None,
            authenticated: None,
            implementers: Vec::new(),
            authors: Vec::new(),
            environments: Vec::new(),
            assets: Vec::new(),
            names: Vec::new(),
            facts: Vec::new(),
            provisions: false,
            labels: Vec::new(),
            emergency: false,
            window: None,
            links: Links::default(),
            head: None,
            approvals: Vec::new(),
            reviews: Vec::new(),
            checks: Vec::new(),
            merge: None,
            sign_offs: Vec::new(),
            edits: Vec::new(),
            transitions: Vec::new(),
            whole_history: None,
            doubts: Vec::new(),
            sighted: None,
            url: None,
            scope: Text::default(),
        }
    }

    /// Whether it proposes code, and so is merged and not carried out: a pull request, a commit, a tag.
    pub fn is_code(&self) -> bool {
        crate::request_kind::CODE.contains(&self.kind.as_str())
    }

    /// Adds a doubt, once.
    pub fn doubt(&mut self, why: impl Into<Text>) {
        let why = why.into();
        if !self.doubts.contains(&why) {
            self.doubts.push(why);
        }
    }

    /// Keeps the earlier of two sightings, where what was known of it before says the same.
    fn keep_sighting(&mut self, before: &Self) {
        let same = self.id == before.id
            && self.head == before.head
            && self.approvals == before.approvals
            && self.reviews == before.reviews;
        if let (Some(own), Some(earlier), true) = (self.sighted, before.sighted, same) {
            self.sighted = Some(own.min(earlier));
        }
    }

    /// Why what happened to it is not wholly known, for a person; none where it is.
    pub fn is_doubted(&self) -> Option<&str> {
        let cut = self.whole_history == Some(false);
        let cut = cut.then_some("its history could not be read whole");
        self.doubts.first().map(Text::as_str).or(cut)
    }

    /// The newest time that it names: until then it may have to do with a change.
    pub fn newest_time(&self) -> Timestamp {
        let approvals = self.approvals.iter().filter_map(|approval| approval.at);
        let reviews = self.reviews.iter().filter_map(|review| review.at);
        let merge = self.merge.iter().filter_map(|merge| merge.at);
        let sign_offs = self.sign_offs.iter().filter_map(|sign_off| sign_off.at);
        let edits = self.edits.iter().filter_map(|edit| edit.at);
        let moves = self.transitions.iter().filter_map(|step| step.at);
        let window = self.window.iter().map(|(_, end)| *end);
        let events = approvals.chain(reviews).chain(merge).chain(sign_offs);
        let rest = edits.chain(moves).chain(window);
        events.chain(rest).fold(self.opened, Timestamp::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_that_is_said_is_a_request() {
        let json = r#"{"id":"OPS-1","title":"x","opened":"2026-01-01T00:00:00Z"}"#;
        let read: ChangeRequest = serde_json::from_str(json).unwrap();
        let made = ChangeRequest::new("OPS-1", "x", "2026-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(read, made);
        assert_eq!(serde_json::to_string(&made).unwrap(), json);
        assert_eq!(made.newest_time(), made.opened);
    }

    #[test]
    fn words_of_a_tracker_never_fail() {
        let json = r#"{"id":"a","title":"b","opened":"2026-01-01T00:00:00Z","kind":"epic","transitions":[{"to":"On Hold"}],
            "reviews":[{"by":{"account":"kim"},"said":"shrugged"}],"approvals":[{"by":{"account":"lee","bot":true}}],
            "sign_offs":[{"by":{"account":"lee"},"kind":"blessed","at":"2026-02-01T00:00:00Z"}]}"#;
        let read: ChangeRequest = serde_json::from_str(json).unwrap();
        assert!(!read.is_code() && read.approvals[0].by.bot);
        assert_eq!(read.newest_time().to_string(), "2026-02-01T00:00:00Z");
    }
}
