//! What happened to a request.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Actor, Text};

/// An account in a tracker, of a person or of a program.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// The account's id in its tracker: the one that does not change, where there are several.
    pub account: Text,
    /// Its display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Whether the tracker says that a program acts here and no person.
    #[serde(default, skip_serializing_if = "is_false")]
    pub bot: bool,
}

impl Party {
    /// A person's account.
    pub fn new(account: impl Into<Text>) -> Self {
        Self {
            account: account.into(),
            name: None,
            bot: false,
        }
    }
}

impl From<Actor> for Party {
    fn from(actor: Actor) -> Self {
        Self {
            account: actor.account,
            name: actor.name,
            bot: false,
        }
    }
}

/// A person's yes to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Who said it.
    pub by: Party,
    /// When; none where the tracker does not say, and then it proves nothing about order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// What kind of yes, where the tracker tells: `security`, `qa`, `lead`, `peer`. Empty for one to the whole.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub kind: Text,
    /// That it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawal>,
}

impl Approval {
    /// A yes to the whole.
    pub fn new(by: impl Into<Text>, at: Option<Timestamp>) -> Self {
        Self {
            by: Party::new(by),
            at,
            kind: Text::default(),
            withdrawn: None,
        }
    }
}

/// That a yes was taken back, or dismissed by somebody else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// When; none where the tracker does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Party>,
}

/// What a reviewer said of the code that a request brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Who.
    pub by: Party,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The commit that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Text>,
    /// What was said: a word of [`review_said`](crate::review_said).
    pub said: Text,
    /// What kind of review, where the tracker tells: `peer`, `security`, `qa`, `lead`.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub kind: Text,
    /// That it was dismissed or taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawal>,
    /// What leaves in doubt what is said of it, in a sentence for a person: that the tracker may have moved it to another
    /// commit than the one that was looked at. It proves nothing then, either way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Text>,
}

/// A test of a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Its name.
    pub name: Text,
    /// The commit that was tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Text>,
    /// Whether it passed; none while it runs, or where the tracker does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed: Option<bool>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// How code was merged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Party>,
    /// The commit that it became: of a squash the one that took the place of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Text>,
    /// The branch that it went into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<Text>,
    /// Whether that branch was protected and its rules were kept; false where somebody went around them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protected: Option<bool>,
}

/// What somebody confirmed about a request, besides its approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignOff {
    /// Who.
    pub by: Party,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// What: a word of [`sign_off_kind`](crate::sign_off_kind).
    pub kind: Text,
    /// Whether it comes with a note of the root cause.
    #[serde(default, skip_serializing_if = "is_false")]
    pub root_cause: bool,
}

/// That something in a request was altered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Party>,
    /// What: a word of [`edit_field`](crate::edit_field), or the tracker's own name of a field. Empty where it does not
    /// say, and then it may have been anything.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub field: Text,
}

/// That a request went to another state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Party>,
    /// What the new state means: a word of [`request_state`](crate::request_state). Another word means none of them.
    pub to: Text,
    /// The tracker's own word for it.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub word: Text,
}

fn is_false(yes: &bool) -> bool {
    !yes
}
