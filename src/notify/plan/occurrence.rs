//! What is worth telling.

use jiff::Timestamp;
use plimsoll_model::Text;
use serde::{Deserialize, Serialize};

use crate::baseline::Severity;
use crate::report::Verdict;

/// What something is about: routes choose by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// A drift.
    Drift,
    /// A change and its verdict.
    Change,
    /// A source that is not read.
    Source,
    /// The daily word that all is well, or how things stand.
    Heartbeat,
    /// A sample.
    Sample,
}

impl About {
    /// The word used in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            About::Drift => "drift",
            About::Change => "change",
            About::Source => "source",
            About::Heartbeat => "heartbeat",
            About::Sample => "sample",
        }
    }
}

/// What happened to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A drift was seen for the first time.
    Opened,
    /// A drift that had been resolved, or waived, is back.
    Reopened,
    /// A drift is no more.
    Resolved,
    /// A drift is left out until a time.
    Waived,
    /// Nothing is asked about a drift any more: that mends nothing.
    Unasked,
    /// A change was seen, with its verdict.
    Seen,
    /// The verdict on a change is another one now.
    Judged,
    /// A source was not read completely for longer than its limit.
    Unread,
    /// A source that was not read is read again.
    ReadAgain,
    /// The daily word.
    Daily,
    /// A sample.
    Sample,
}

impl What {
    /// The word used in lists and in what machines read.
    pub fn as_str(self) -> &'static str {
        match self {
            What::Opened => "opened",
            What::Reopened => "reopened",
            What::Resolved => "resolved",
            What::Waived => "waived",
            What::Unasked => "unasked",
            What::Seen => "seen",
            What::Judged => "judged",
            What::Unread => "unread",
            What::ReadAgain => "read-again",
            What::Daily => "daily",
            What::Sample => "sample",
        }
    }

    /// Whether it goes on with something that was told before.
    pub fn follows(self) -> bool {
        matches!(
            self,
            What::Resolved | What::Waived | What::Unasked | What::Judged | What::ReadAgain
        )
    }

    /// Whether it is news each time: what was not known and fails opens once more, and a verdict may change again.
    pub fn repeats(self) -> bool {
        matches!(
            self,
            What::Opened | What::Reopened | What::Judged | What::Daily | What::Sample
        )
    }

    /// Whether it counts where something comes and goes again and again.
    pub fn flips(self) -> bool {
        matches!(
            self,
            What::Opened | What::Reopened | What::Resolved | What::Unread | What::ReadAgain
        )
    }
}

/// Something worth telling, with all that a message says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// What it belongs to: `change:118`, `drift:CONTROL/EXPECTATION@ASSET`, `source:NAME`. Of one subject a channel has
    /// one thread.
    pub subject: Text,
    /// What that is.
    pub about: About,
    /// What happened.
    pub what: What,
    /// When it was found.
    pub at: Timestamp,
    /// By which scan; none where a clock found it.
    pub scan: Option<i64>,
    /// How bad it is.
    pub severity: Severity,
    /// The environment; none where nobody says, which counts as production.
    pub environment: Option<Text>,
    /// The role of the system.
    pub role: Option<Text>,
    /// The team that a label of the system names.
    pub team: Option<Text>,
    /// The controls that it answers to.
    pub controls: Vec<Text>,
    /// The asset's id, or the source's name.
    pub asset: Text,
    /// The asset's kind.
    pub kind: Text,
    /// What people call it.
    pub name: Text,
    /// The verdict on the change.
    pub verdict: Option<Verdict>,
    /// What the verdict was before.
    pub verdict_before: Option<Verdict>,
    /// The change itself, or the one that brought a drift.
    pub change: Option<i64>,
    /// Whether the sources of change requests are to be read before anything is told of the change.
    #[serde(default)]
    pub early: bool,
    /// What is said besides.
    pub details: Details,
}

/// What a message says besides. Everything in it may come from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// What the baseline expects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Text>,
    /// What there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<Text>,
    /// How that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Text>,
    /// Since when a drift is open; when a source was read completely last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Whether a drift fails or is unknown.
    #[serde(default)]
    pub unknown: bool,
    /// Added, removed or modified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<Text>,
    /// What went from one value to another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<Text>,
    /// How many more there are than in `paths`.
    #[serde(default)]
    pub more_paths: usize,
    /// Who made the change, and by which record that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Text>,
    /// The last time that the asset was seen as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Timestamp>,
    /// The first time that it was seen as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Timestamp>,
    /// The request that covers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Text>,
    /// The request that comes nearest and does not cover it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<Text>,
    /// Why the verdict is what it is: what decided first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Text>,
    /// Until when it is waived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Why it is waived; what a heartbeat says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
}

impl Occurrence {
    /// The same without what a message says besides: enough to tell later what was held, and why.
    pub fn slim(&self) -> Self {
        Self {
            details: Details {
                since: self.details.since,
                unknown: self.details.unknown,
                ..Details::default()
            },
            ..self.clone()
        }
    }

    /// Whether it is of production, or of what nobody says that it is not.
    pub fn in_production(&self) -> bool {
        self.environment
            .as_deref()
            .is_none_or(|environment| environment == "production")
    }

    /// The subject of a drift.
    pub fn drift_subject(asset: &str, control: &str, expectation: &str) -> Text {
        Text::from(format!("drift:{control}/{expectation}@{asset}"))
    }

    /// The subject of a change.
    pub fn change_subject(id: i64) -> Text {
        Text::from(format!("change:{id}"))
    }

    /// The number of the change that is a subject.
    pub fn change_of(subject: &str) -> Option<i64> {
        subject.strip_prefix("change:")?.parse().ok()
    }
}
