//! One run: which channels, which messages, which threads, in which order.

mod thread;

use std::collections::HashSet;
use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use jiff::Timestamp;
use plimsoll_kit::{Context, Harvester};
use plimsoll_model::Text;

use crate::client::{Failed, Slack};
use crate::normalise::{self, Place, Thread};
use crate::people::{People, Unknown};
use crate::said::tone;
use crate::settings::Settings;
use crate::time;
use crate::wire::{self, Message, Reaction};

/// How far the vendor's clock may be behind ours, and how long a reply may take until it is seen in the list.
const OVERLAP: Duration = Duration::from_secs(600);
/// After how many threads in a row that could not be read the others are left unread.
const FAILURES: usize = 5;

/// The subtype of a first message that is known by a reply alone. It is no request until its thread says what it is.
const NOT_LISTED: &str = "not-listed";

/// Reads all channels.
pub(crate) async fn collect(
    slack: &Slack,
    settings: &Settings,
    context: &Context,
    harvest: &mut Harvester,
) {
    let auth = match slack.auth().await {
        Ok(auth) => auth,
        Err(why) => return unread(settings, harvest, &why.to_string()),
    };
    let place = Place::of(auth.url.as_deref());
    let mut people = People::default();
    for (number, channel) in settings.channels.iter().enumerate() {
        let mut run = Run {
            slack,
            settings,
            context,
            place: &place,
            people: &mut people,
            channel,
            since: context.cursors.from(channel, OVERLAP),
            young: context
                .cursors
                .from(channel, OVERLAP.saturating_add(settings.look_back)),
            handed: HashSet::new(),
            elsewhere: Vec::new(),
            failures: 0,
            limited: false,
            proven: false,
        };
        if run.read(harvest).await {
            harvest.complete(channel);
        }
        context.progress.step(number + 1, settings.channels.len());
    }
}

/// Says of every channel why nothing of it was read.
pub(crate) fn unread(settings: &Settings, harvest: &mut Harvester, why: &str) {
    for channel in &settings.channels {
        harvest.trouble(channel, why);
    }
}

/// One channel being read.
struct Run<'r> {
    slack: &'r Slack,
    settings: &'r Settings,
    context: &'r Context,
    place: &'r Place,
    people: &'r mut People,
    channel: &'r str,
    /// From when on something may be new.
    since: Timestamp,
    /// Where something was said since then, a reply may have been edited after the last complete read.
    young: Timestamp,
    /// The messages whose requests were handed over, or left as they are known.
    handed: HashSet<Text>,
    /// First messages that were not in the list, of threads with new replies.
    elsewhere: Vec<Text>,
    failures: usize,
    /// Whether older messages are kept back.
    limited: bool,
    /// Whether anything was approved with a time.
    proven: bool,
}

impl Run<'_> {
    /// Reads the channel; whether to the end.
    ///
    /// All messages that are kept are listed at every run: a new reply to an old one shows there and nowhere else, and the
    /// list is cheap.
    async fn read(&mut self, harvest: &mut Harvester) -> bool {
        let from = self.context.cursors.keep_from;
        let from = self.settings.from.map_or(from, |set| set.max(from));
        let mut pages = self.slack.history(self.channel, &time::show(from));
        loop {
            let page = match pages.next().await {
                Ok(Some(page)) => page,
                Ok(None) => break,
                Err(why) => {
                    harvest.trouble(self.channel, format!("the messages: {why}"));
                    return false;
                }
            };
            let next = wire::one::<wire::Next>(page.body());
            self.limited |= next.is_ok_and(|next| next.is_limited);
            let Some(due) = self.listed(page.body(), harvest) else {
                return false;
            };
            if !self.threads(due, harvest).await {
                return false;
            }
        }
        let mut elsewhere = std::mem::take(&mut self.elsewhere);
        elsewhere.retain(|ts| !self.handed.contains(ts));
        elsewhere.sort();
        elsewhere.dedup();
        let due = elsewhere.into_iter().map(|ts| Message {
            ts,
            // More is not known of it, and its thread has at least the reply that led here.
            reply_count: 1,
            subtype: Text::const_new(NOT_LISTED),
            ..Message::default()
        });
        let read = self.threads(due.collect(), harvest).await;
        if self.limited {
            let what = "the workspace's plan keeps older messages back: what was asked for and approved in them is not known";
            harvest.remark(self.channel, what);
        }
        if self.proven && !self.settings.replies_stay {
            let what = "approvals are seen, and none counts as proven, since whoever took one back may have deleted that: see `replies_stay` in the settings";
            harvest.remark(self.channel, what);
        }
        read
    }

    /// The messages of a page whose requests are to be handed over; none where the page makes no sense.
    fn listed(&mut self, page: &[u8], harvest: &mut Harvester) -> Option<Vec<Message>> {
        let page = match wire::messages(page) {
            Ok(page) => page,
            Err(why) => {
                harvest.trouble(self.channel, format!("the messages: {why}"));
                return None;
            }
        };
        self.broken(&page.broken, "a message", harvest);
        let mut due = Vec::new();
        for message in page.good {
            if time::parse(&message.ts).is_none() {
                let what = "a message has a time that cannot be understood, and was left out";
                harvest.trouble(self.channel, what);
                continue;
            }
            if message.is_reply() {
                // A reply that was sent to the channel too. The thread may begin before what is listed.
                let first = message.thread_ts.clone();
                self.elsewhere.extend(
                    first.filter(|first| time::parse(first).is_some() && self.is_new(&message.ts)),
                );
                continue;
            }
            if !self.handed.insert(message.ts.clone()) {
                continue;
            }
            if normalise::is_request(&message, self.settings) && self.is_due(&message) {
                due.push(message);
            }
        }
        Some(due)
    }

    /// Whether a message's request may be another than when it was read last. What has no replies costs no call.
    fn is_due(&self, message: &Message) -> bool {
        let young = |ts: &Text| time::parse(ts).is_none_or(|at| at >= self.young);
        let edited = message.edited.as_ref();
        message.reply_count <= 0
            || message.is_tombstone()
            || young(&message.ts)
            || message.latest_reply.as_ref().is_none_or(young)
            || edited.is_some_and(|edited| edited.ts.as_ref().is_none_or(young))
            || message
                .reactions
                .iter()
                .any(|reaction| self.is_no(reaction))
    }

    /// Whether a reaction is against the request: nothing says since when.
    fn is_no(&self, reaction: &Reaction) -> bool {
        let mut against = self.settings.reject_reactions.iter();
        against.any(|name| name == tone(&reaction.name))
    }

    /// Whether a time is one since which not all was read. What is no time may be any.
    fn is_new(&self, ts: &str) -> bool {
        time::parse(ts).is_none_or(|at| at >= self.since)
    }

    /// Reads threads, a few at once, and hands them over in their order; whether to the end.
    async fn threads(&mut self, due: Vec<Message>, harvest: &mut Harvester) -> bool {
        let (slack, settings, channel) = (self.slack, self.settings, self.channel);
        let reads = due
            .into_iter()
            .map(|message| thread::read(slack, settings, channel, message));
        let mut reads = stream::iter(reads).buffered(settings.concurrency);
        let mut going = true;
        while let Some(read) = reads.next().await {
            self.broken(&read.broken, "a reply", harvest);
            match read.thread {
                Ok(Some(thread)) => {
                    self.failures = 0;
                    self.hand(thread, harvest).await;
                }
                Ok(None) => {}
                Err(why) => {
                    let id = normalise::id(channel, &read.ts);
                    harvest.trouble(channel, format!("{id}: {why}"));
                    self.failures += 1;
                }
            }
            let full = self.handed.len() > self.context.limits.records;
            if self.failures >= FAILURES {
                harvest.trouble(channel, "the other threads were left unread");
            }
            if full {
                let what = "more messages than are taken in: the rest was left unread";
                harvest.trouble(channel, what);
            }
            if full || self.failures >= FAILURES {
                going = false;
                break;
            }
        }
        going
    }

    async fn hand(&mut self, thread: Thread, harvest: &mut Harvester) {
        // Of one that was not in the list it is known only now.
        if !normalise::is_request(&thread.first, self.settings) {
            return;
        }
        let made = normalise::request(self.channel, thread, self.settings, self.place);
        let mut made = match made {
            Ok(made) => made,
            Err(why) => return harvest.trouble(self.channel, why),
        };
        for unknown in self.people.name(self.slack, &mut made.request).await {
            match unknown {
                Unknown::One(why) => harvest.trouble(self.channel, why),
                Unknown::All(why) => harvest.remark(self.channel, why),
            }
        }
        self.proven |= made.request.approvals.iter().any(|yes| yes.at.is_some());
        for remark in made.remarks {
            harvest.remark(self.channel, remark);
        }
        harvest.request(self.channel, made.request);
    }

    fn broken(
        &self,
        broken: &[(Option<Text>, wire::WireError)],
        what: &str,
        harvest: &mut Harvester,
    ) {
        for (ts, why) in broken {
            let ts = ts.as_deref().filter(|ts| time::parse(ts).is_some());
            let which = ts.map(|ts| format!(" of {ts}")).unwrap_or_default();
            let what = format!("{what}{which} was left out: {why}");
            harvest.trouble(self.channel, what);
        }
    }
}

/// Whether a thread is not there any more.
fn is_gone(error: &Failed) -> bool {
    error.refusal().is_some_and(|refusal| refusal.is_gone())
}
