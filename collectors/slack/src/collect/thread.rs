//! A message with its whole thread, and all who reacted to it.

use plimsoll_model::Text;

use crate::client::{Failed, Slack};
use crate::normalise::Thread;
use crate::said::tone;
use crate::settings::Settings;
use crate::time;
use crate::wire::{self, Message, WireError};

/// What became of reading a thread.
pub(super) struct Read {
    /// The first message's time.
    pub(super) ts: Text,
    /// None where it is gone.
    pub(super) thread: Result<Option<Thread>, Failed>,
    /// Replies that made no sense.
    pub(super) broken: Vec<(Option<Text>, WireError)>,
}

/// Reads the thread of a message that was listed.
pub(super) async fn read(
    slack: &Slack,
    settings: &Settings,
    channel: &str,
    first: Message,
) -> Read {
    let ts = first.ts.clone();
    let mut broken = Vec::new();
    let thread = whole(slack, settings, channel, first, &mut broken).await;
    let thread = match thread {
        // Deleted since it was listed. What is known of it stays.
        Err(why) if super::is_gone(&why) => Ok(None),
        other => other.map(Some),
    };
    Read { ts, thread, broken }
}

async fn whole(
    slack: &Slack,
    settings: &Settings,
    channel: &str,
    first: Message,
    broken: &mut Vec<(Option<Text>, WireError)>,
) -> Result<Thread, Failed> {
    let mut thread = Thread {
        first,
        replies: Vec::new(),
        cut: None,
    };
    if thread.first.has_replies() && !thread.first.is_tombstone() {
        replies(slack, settings, channel, &mut thread, broken).await?;
    }
    let cut_short = thread.first.reactions.iter().any(|reaction| {
        let name = tone(&reaction.name);
        let lists = [&settings.approve_reactions, &settings.reject_reactions];
        let counts = lists.iter().any(|list| list.iter().any(|one| one == name));
        counts && reaction.is_cut()
    });
    if cut_short {
        let all = slack.reactions(channel, &thread.first.ts).await?;
        thread.first.reactions = all.message.reactions;
    }
    Ok(thread)
}

async fn replies(
    slack: &Slack,
    settings: &Settings,
    channel: &str,
    thread: &mut Thread,
    broken: &mut Vec<(Option<Text>, WireError)>,
) -> Result<(), Failed> {
    let ts = thread.first.ts.clone();
    let mut pages = slack.thread(channel, &ts);
    while let Some(page) = pages.next().await? {
        let page = wire::messages(page.body())
            .map_err(|why| Failed::Wire("conversations.replies", why))?;
        if !page.broken.is_empty() {
            thread.cut = Some("a part of its thread makes no sense, and was left out".to_owned());
        }
        broken.extend(page.broken);
        for message in page.good {
            if message.ts == ts {
                // As it is now, with the replies of the same moment, and with what the list alone says of it.
                let listed = std::mem::replace(&mut thread.first, message);
                thread.first.complete(listed);
            } else if time::parse(&message.ts).is_some() {
                thread.replies.push(message);
            } else {
                thread.cut = Some(
                    "a reply has a time that cannot be understood, and was left out".to_owned(),
                );
            }
        }
        if thread.replies.len() > settings.replies {
            thread.replies.truncate(settings.replies);
            thread.cut = Some(format!(
                "its thread has more than {} replies: the rest was left unread",
                settings.replies
            ));
            break;
        }
    }
    thread.replies.sort_by_key(|one| time::parse(&one.ts));
    thread.replies.dedup_by(|one, other| one.ts == other.ts);
    let read = i64::try_from(thread.replies.len()).unwrap_or(i64::MAX);
    let last = thread.first.latest_reply.as_deref().and_then(time::parse);
    let reached = last.is_none_or(|last| {
        let mut replies = thread.replies.iter().rev();
        replies.any(|one| time::parse(&one.ts).is_some_and(|at| at >= last))
    });
    let fewer = thread.first.reply_count > read;
    if thread.cut.is_none() && (fewer || !reached) {
        thread.cut = Some("its thread has more replies than can be read".to_owned());
    }
    Ok(())
}
