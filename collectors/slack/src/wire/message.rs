//! A message, and what hangs on it.

use plimsoll_model::Text;
use serde::Deserialize;
use serde_json::Value;

use super::or_default;

/// A message at the top of a channel, or in a thread.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Message {
    /// When it was sent, and its id in the channel.
    pub(crate) ts: Text,
    /// The first message of its thread.
    #[serde(default)]
    pub(crate) thread_ts: Option<Text>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) subtype: Text,
    #[serde(default)]
    pub(crate) user: Option<Text>,
    #[serde(default)]
    pub(crate) bot_id: Option<Text>,
    #[serde(default)]
    pub(crate) app_id: Option<Text>,
    /// What an app calls itself here.
    #[serde(default)]
    pub(crate) username: Option<Text>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) bot_profile: BotProfile,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) text: String,
    /// What an app shows in place of the text, or beside it.
    #[serde(default)]
    pub(crate) blocks: Value,
    #[serde(default)]
    pub(crate) attachments: Value,
    #[serde(default)]
    pub(crate) files: Value,
    #[serde(default)]
    pub(crate) edited: Option<Edited>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) reactions: Vec<Reaction>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) reply_count: i64,
    #[serde(default)]
    pub(crate) latest_reply: Option<Text>,
}

/// What an app says of itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct BotProfile {
    pub(crate) name: Option<Text>,
    pub(crate) app_id: Option<Text>,
}

/// That a message was edited, the last time.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Edited {
    pub(crate) user: Option<Text>,
    pub(crate) ts: Option<Text>,
}

/// Who reacted with an emoji. The interface says no time.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Reaction {
    #[serde(deserialize_with = "or_default")]
    pub(crate) name: Text,
    /// It may be cut short.
    #[serde(deserialize_with = "or_default")]
    pub(crate) users: Vec<Text>,
    #[serde(deserialize_with = "or_default")]
    count: i64,
}

impl Reaction {
    /// Whether more people set it than are named.
    pub(crate) fn is_cut(&self) -> bool {
        usize::try_from(self.count).is_ok_and(|count| count > self.users.len())
    }
}

impl Message {
    /// Whether a program sent it: also one that writes in a person's name, and the service's own, whose account is called no
    /// program's.
    pub(crate) fn is_program(&self) -> bool {
        let own = self.user.as_deref() == Some("USLACKBOT");
        self.bot_id.is_some() || self.subtype == "bot_message" || own
    }

    /// Adds what another reading of the same message says of it, and this one does not.
    pub(crate) fn complete(&mut self, other: Self) {
        self.edited = self.edited.take().or(other.edited);
        self.reply_count = self.reply_count.max(other.reply_count);
        self.latest_reply = self.latest_reply.take().max(other.latest_reply);
        for reaction in other.reactions {
            let mut have = self.reactions.iter_mut();
            match have.find(|one| one.name == reaction.name) {
                None => self.reactions.push(reaction),
                Some(one) => {
                    let more = reaction.users.into_iter();
                    let more: Vec<Text> = more.filter(|id| !one.users.contains(id)).collect();
                    one.users.extend(more);
                    one.count = one.count.max(reaction.count);
                }
            }
        }
    }

    /// Whether nothing at all is shown by it, not even a file.
    pub(crate) fn is_bare(&self) -> bool {
        let nothing = |value: &Value| match value {
            Value::Array(items) => items.is_empty(),
            value => value.is_null(),
        };
        let parts = [&self.blocks, &self.attachments, &self.files];
        self.text.trim().is_empty() && parts.into_iter().all(nothing)
    }

    /// Whether a thread hangs on it, by any of the marks that one leaves.
    pub(crate) fn has_replies(&self) -> bool {
        let first = self.thread_ts.as_ref() == Some(&self.ts);
        self.reply_count > 0 || self.latest_reply.is_some() || first
    }

    /// Whether it stands in a thread below another message.
    pub(crate) fn is_reply(&self) -> bool {
        self.thread_ts.as_ref().is_some_and(|ts| *ts != self.ts)
    }

    /// Whether it is the mark that stays of a message that was deleted and has replies.
    pub(crate) fn is_tombstone(&self) -> bool {
        self.subtype == "tombstone"
    }

    /// Whether somebody says something by it, and it is no notice of the service's own (who joined, who named it otherwise).
    pub(crate) fn says_something(&self) -> bool {
        let said = [
            "",
            "bot_message",
            "file_share",
            "me_message",
            "thread_broadcast",
        ];
        said.contains(&self.subtype.as_str())
    }
}
