//! What judging a change gives.

use jiff::Timestamp;
use plimsoll_model::{Action, Asset, AssetId, ChangeRequest, Labels, Text};
use serde::{Deserialize, Serialize};

use super::verdict::Verdict;
use plimsoll_change::Change;

/// A verdict with its reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// What the policy says.
    pub verdict: Verdict,
    /// The id of the request that covers it; of several the first.
    #[serde(default)]
    pub request: Option<Text>,
    /// All requests that were taken together.
    #[serde(default)]
    pub requests: Vec<Text>,
    /// The policy and its rule, as `tracker-cto/production`; empty where none was asked.
    #[serde(default)]
    pub rule: Text,
    /// Why.
    pub reasons: Vec<Reason>,
    /// The requests that come nearest, where none covers it.
    #[serde(default)]
    pub candidates: Vec<Nearest>,
}

impl Judged {
    /// A verdict for one reason.
    pub(crate) fn plain(verdict: Verdict, rule: &str, reason: Reason) -> Self {
        Self {
            verdict,
            request: None,
            requests: Vec::new(),
            rule: rule.into(),
            reasons: vec![reason],
            candidates: Vec::new(),
        }
    }

    /// Whether it is unproven because sources of change requests have not been read since the change.
    pub fn lacks_a_read(&self) -> bool {
        let unread = |reason: &Reason| UNREAD.contains(&&*reason.rule);
        self.verdict == Verdict::Unproven && self.reasons.iter().any(unread)
    }

    /// The reasons as sentences: what decided first.
    pub fn sentences(&self) -> Vec<Text> {
        self.reasons.iter().map(Reason::sentence).collect()
    }
}

/// The rules of reasons that a later read of the trackers does away with.
const UNREAD: [&str; 2] = ["trackers-not-read", "read-before-the-change"];

/// A verdict as it is kept, with what was known of the asset when it was first judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// The verdict.
    #[serde(flatten)]
    pub judged: Judged,
    /// The environment of the asset.
    #[serde(default)]
    pub environment: Option<Text>,
    /// The role of its system.
    #[serde(default)]
    pub role: Option<Text>,
    /// Whether it holds sensitive data, where somebody says.
    #[serde(default)]
    pub sensitive: Option<bool>,
}

/// One reason of a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The control that it answers to.
    pub control: Text,
    /// How that came out.
    pub outcome: Outcome,
    /// Which rule of judging decided it, in a word: `approval-after-change`.
    pub rule: Text,
    /// What was found, for a person.
    pub text: Text,
    /// What it rests on: requests, approvals, records, each in a line.
    #[serde(default)]
    pub evidence: Vec<Text>,
    /// What is missing, or what to do about it.
    #[serde(default)]
    pub missing: Option<Text>,
}

impl Reason {
    pub(crate) fn new(
        control: &'static str,
        outcome: Outcome,
        rule: &'static str,
        text: impl Into<Text>,
    ) -> Self {
        Self {
            control: Text::const_new(control),
            outcome,
            rule: Text::const_new(rule),
            text: text.into(),
            evidence: Vec::new(),
            missing: None,
        }
    }

    pub(crate) fn by(mut self, evidence: impl IntoIterator<Item = Text>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    pub(crate) fn missing(mut self, what: impl Into<Text>) -> Self {
        self.missing = Some(what.into());
        self
    }

    /// The reason as one sentence.
    pub fn sentence(&self) -> Text {
        let mut text = Text::from(self.control.as_str());
        text.push_str(": ");
        text.push_str(&self.text);
        if let Some(missing) = &self.missing {
            text.push_str("; missing: ");
            text.push_str(missing);
        }
        text
    }
}

/// How a control came out for one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It does not hold.
    Fails,
    /// What had to come afterwards did not come in time.
    Late,
    /// It cannot be known. Never taken for holding.
    Unknown,
    /// What has to come afterwards may still come.
    Waits,
    /// It holds.
    Holds,
    /// The policy does not ask; worth saying all the same.
    Unasked,
}

impl Outcome {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Fails => "fails",
            Outcome::Late => "late",
            Outcome::Unknown => "unknown",
            Outcome::Waits => "waits",
            Outcome::Holds => "holds",
            Outcome::Unasked => "unasked",
        }
    }
}

/// A request that comes near and does not cover the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nearest {
    /// The source that has it.
    pub source: Text,
    /// Its id.
    pub request: Text,
    /// Its title.
    pub title: Text,
    /// In what it comes near, and why it does not cover the change.
    pub why: Text,
}

/// A stored request with its source.
#[derive(Clone, Copy, Debug)]
pub struct Filed<'a> {
    /// The source that has it.
    pub source: &'a str,
    /// As of when it is known to read so: nothing that happened to it before is missing.
    pub as_of: Timestamp,
    /// The request.
    pub request: &'a ChangeRequest,
}

/// A platform's record that may have to do with a change.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a> {
    /// The source that gave it.
    pub source: &'a str,
    /// Its id.
    pub id: &'a str,
    /// What was done.
    pub what: &'a str,
    /// When.
    pub at: Timestamp,
    /// The account that did it, where the platform says.
    pub account: Option<&'a str>,
    /// What it says besides.
    pub details: &'a Labels,
    /// Whether it is about this very change: it names the new value or the fields that changed.
    pub proven: bool,
    /// Whether its time is that of the change.
    pub exact: bool,
}

impl<'a> Deed<'a> {
    /// An action as a deed.
    pub fn of(source: &'a str, action: &'a Action, proven: bool, exact: bool) -> Self {
        Self {
            source,
            id: &action.id,
            what: &action.what,
            at: action.at,
            account: action.actor.as_ref().map(|actor| actor.account.as_str()),
            details: &action.details,
            proven,
            exact,
        }
    }
}

/// A change to be judged, with what is known around it.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The change.
    pub change: &'a Change,
    /// The last time that the asset was seen as it was.
    pub after: Option<Timestamp>,
    /// The first time that it was seen as it is.
    pub before: Timestamp,
    /// Its environment; none where nobody says.
    pub environment: Option<&'a str>,
    /// The role of its system; none where it has none.
    pub role: Option<&'a str>,
    /// Whether it touches sensitive data; none where nobody says.
    pub sensitive: Option<bool>,
    /// The asset as it is now.
    pub asset: Option<&'a Asset>,
    /// What contains it, with its names: the nearest first, without the asset itself.
    pub lineage: Vec<(&'a AssetId, &'a str)>,
    /// The record that tells who made it.
    pub maker: Option<Deed<'a>>,
    /// Other records of the same interval that may have a part in it.
    pub others: Vec<Deed<'a>>,
    /// Whether there are more of them than are here.
    pub more: bool,
    /// Whether our own notice announces it in the channel for change control.
    pub announced: Announced,
}

/// Whether a notice of ours announces a change in the channel for change control.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Announced {
    /// None does.
    #[default]
    No,
    /// One is on its way.
    Planned,
    /// One arrived.
    At(Timestamp),
}

impl<'a> Subject<'a> {
    /// A change of which nothing else is known.
    pub fn new(change: &'a Change, after: Option<Timestamp>, before: Timestamp) -> Self {
        Self {
            change,
            after,
            before,
            environment: None,
            role: None,
            sensitive: None,
            asset: None,
            lineage: Vec::new(),
            maker: None,
            others: Vec::new(),
            more: false,
            announced: Announced::No,
        }
    }
}
