//! What can be read with the rights at hand, and which right is missing.

use plimsoll_kit::{Access, Right};

use crate::client::{Failed, Slack};
use crate::settings::{Pace, Settings};
use crate::text::is_person;
use crate::time;
use crate::wire::{self, Message};

/// Tries each call once, for each channel.
pub(crate) async fn check(slack: &Slack, settings: &Settings) -> Vec<Access> {
    let mut all = Vec::new();
    let auth = match slack.auth().await {
        Ok(auth) => {
            all.push(granted("token", "auth.test"));
            auth
        }
        Err(why) => {
            all.push(failed("token", &why));
            return all;
        }
    };
    for channel in &settings.channels {
        channel_of(slack, channel, &mut all).await;
    }
    let own = auth.user_id.filter(|id| is_person(id));
    if let Some(id) = own {
        let what = "names of accounts, and which are programs";
        all.push(match slack.user(&id).await {
            Ok(_) => granted(what, "users.info"),
            Err(why) => failed(what, &why),
        });
    }
    if !settings.replies_stay {
        all.push(access(
            "proof",
            Right::Denied,
            "`replies_stay` is not set: approvals are read and none counts as proven, since whoever took one back may have deleted that",
        ));
    }
    if settings.pace == Pace::Distributed {
        all.push(access(
            "pace",
            Right::Granted,
            "one call a minute with 15 messages: an app of your own may ask 50 times a minute",
        ));
    }
    all
}

/// Something that could not be reached.
pub(crate) fn unreachable(what: &str, detail: String) -> Access {
    access(what, Right::Unreachable, &detail)
}

async fn channel_of(slack: &Slack, channel: &str, all: &mut Vec<Access>) {
    let what = |what: &str| format!("{channel}: {what}");
    let newest = match slack.newest(channel).await {
        Ok(answer) => {
            all.push(granted(&what("messages"), "conversations.history"));
            let messages = wire::messages(answer.body()).unwrap_or_default();
            messages.good.into_iter().next()
        }
        Err(why) => return all.push(failed(&what("messages"), &why)),
    };
    let Some(Message { ts, .. }) = newest.filter(|message| time::parse(&message.ts).is_some())
    else {
        return;
    };
    let gone = |why: &Failed| why.refusal().is_some_and(|refusal| refusal.is_gone());
    all.push(match slack.thread(channel, &ts).next().await {
        Err(why) if !gone(&why) => failed(&what("threads"), &why),
        _ => granted(&what("threads"), "conversations.replies"),
    });
    all.push(match slack.reactions(channel, &ts).await {
        Err(why) if !gone(&why) => failed(&what("who reacted"), &why),
        _ => granted(&what("who reacted"), "reactions.get"),
    });
}

fn granted(what: &str, call: &str) -> Access {
    access(what, Right::Granted, call)
}

fn failed(what: &str, why: &Failed) -> Access {
    let right = match why {
        Failed::Http(error) => error.right(),
        Failed::Refused(_, refusal) => refusal.right,
        _ => Right::Unreachable,
    };
    access(what, right, &why.to_string())
}

fn access(what: &str, right: Right, detail: &str) -> Access {
    Access {
        what: what.to_owned(),
        right,
        detail: detail.to_owned(),
    }
}
