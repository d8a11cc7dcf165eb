//! What was decided, and why.

use jiff::Timestamp;
use plimsoll_model::Text;
use serde::{Deserialize, Serialize};

/// Why a channel is not sent something now, in a word of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hold {
    /// The channel knows already.
    AlreadySent,
    /// It goes on with something that the channel was never told.
    NeverTold,
    /// It is left out by the configuration or a review, and the channel was never told of it.
    Waived,
    /// No route leads from it to the channel.
    NoRoute,
    /// A route would, but it is less bad than the route asks for.
    BelowSeverity,
    /// A route says that it is not to be told.
    Muted,
    /// The channel's kind has no use for it.
    NotForChannel,
    /// It is told in the message of the change that brought it.
    ToldWithChange,
    /// It comes in the next digest.
    Digested,
    /// So much happened at once that it is told in one message with others.
    OverLimit,
    /// It waits for the end of the quiet hours.
    QuietHours {
        /// When they end.
        until: Timestamp,
    },
    /// It comes and goes again and again, which was said once.
    Flapping,
    /// The sources of change requests have not been read since: what they have to say comes first.
    TrackersToCome,
}

impl Hold {
    /// The word by which it goes.
    pub fn as_str(&self) -> &'static str {
        match self {
            Hold::AlreadySent => "already-sent",
            Hold::NeverTold => "never-told",
            Hold::Waived => "waived",
            Hold::NoRoute => "no-route",
            Hold::BelowSeverity => "below-severity",
            Hold::Muted => "muted",
            Hold::NotForChannel => "not-for-channel",
            Hold::ToldWithChange => "told-with-change",
            Hold::Digested => "digested",
            Hold::OverLimit => "over-limit",
            Hold::QuietHours { .. } => "quiet-hours",
            Hold::Flapping => "flapping",
            Hold::TrackersToCome => "trackers-to-come",
        }
    }

    /// What that means, for a person.
    pub fn sentence(&self) -> Text {
        let text = match self {
            Hold::AlreadySent => "the channel was told this already",
            Hold::NeverTold => "the channel was never told what it goes on with",
            Hold::Waived => "it is waived, and the channel was never told of it",
            Hold::NoRoute => "no [[notify.routes]] leads from it to the channel",
            Hold::BelowSeverity => "it is less bad than the channel's routes ask for",
            Hold::Muted => "a route with mode = \"mute\" takes it",
            Hold::NotForChannel => "a channel of this kind has no use for it",
            Hold::ToldWithChange => "it is told in the message of the change that brought it",
            Hold::Digested => "it is told in the next digest",
            Hold::OverLimit => {
                "more happened at once than `per_scan` allows: it is told in one message with the rest"
            }
            Hold::QuietHours { until } => {
                return Text::from(format!("quiet hours: it is sent at {until}"));
            }
            Hold::Flapping => {
                "it comes and goes again and again; that was said once, and more when it is calm"
            }
            Hold::TrackersToCome => {
                "the sources of change requests are to be read first: it is told when they were, or when that takes too long"
            }
        };
        Text::const_new(text)
    }

    /// Whether the channel gets to know all the same: with something else, or later.
    pub fn told(&self) -> bool {
        matches!(
            self,
            Hold::ToldWithChange | Hold::Digested | Hold::OverLimit | Hold::QuietHours { .. }
        )
    }

    /// Whether what is known of it is shown to the channel all the same.
    pub(crate) fn shown(&self) -> bool {
        self.told() && *self != Hold::OverLimit
    }

    /// Whether it would be found at every scan, so that writing it down would only fill the store.
    pub(crate) fn routine(&self) -> bool {
        matches!(self, Hold::AlreadySent | Hold::NeverTold | Hold::Waived)
    }
}

/// What was decided about an occurrence for one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The channel.
    pub channel: Text,
    /// Why it is held; none where it is sent.
    pub hold: Option<Hold>,
    /// The place in [`Plan::deliveries`](super::Plan) of the message that tells it.
    pub delivery: Option<usize>,
}
