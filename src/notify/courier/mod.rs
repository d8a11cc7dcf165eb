//! The courier: delivers what is due. Time is handed in.

mod due;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use plimsoll_model::Text;
use tracing::Instrument as _;
use tracing::field::Empty;

use super::plan::{Job, Message, Notify, Since, sample};
use super::send::{Found, Post, Sender, Sent, open, sample_key, wait};
use crate::store::{Claimed, DeliveryState, SourceLock, Store, StoreError};
use crate::trace;

/// By which couriers keep out of each other's way: no source has such a name.
const LOCK: Text = Text::const_new("OUTBOX");
/// How many messages one round sends to one channel.
const ROUND: usize = 200;
/// How often a message is tried at least before it is given up, whatever the clock says.
const ATTEMPTS: u32 = 8;
/// The longest that a channel is left alone: what a mark says beyond that is of a clock that was set back.
const LONGEST_PAUSE: Duration = Duration::from_secs(7 * 3_600);

/// Delivers what is due, for one store. One courier works at a time, across processes too.
///
/// While it works, it waits for the store as long as the store's settings say: give it a short time, and call again.
pub struct Courier {
    settings: Notify,
    path: PathBuf,
    store: Mutex<Store>,
    lanes: Vec<Lane>,
}

struct Lane {
    channel: Text,
    sender: Result<Box<dyn Sender>, String>,
}

/// What one call came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Another courier is at work: nothing was done.
    pub busy: bool,
    /// Messages that arrived.
    pub sent: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Messages that nobody tries any more.
    pub given_up: u64,
    /// When to call again; none where only a scan brings more.
    pub next: Option<Timestamp>,
    /// What went wrong, a line for each channel.
    pub troubles: Vec<String>,
}

/// How much lies in one channel's outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Depth {
    /// The channel.
    pub channel: Text,
    /// Messages that are not sent yet.
    pub waiting: u64,
    /// When the oldest of those was planned.
    pub oldest: Option<Timestamp>,
    /// Messages that arrived, of those that are remembered.
    pub sent: u64,
    /// Messages that were given up, of those that are remembered.
    pub given_up: u64,
}

enum Step {
    Sent,
    Failed(String),
    GivenUp(String),
}

impl Courier {
    /// A courier for the store at `path`, which is waited for as long as `wait`. Secrets are read here; a channel whose
    /// secret cannot be read is a trouble of every round, and keeps no other from being sent to.
    ///
    /// # Errors
    /// When the store cannot be opened.
    pub fn new(settings: &Notify, path: &Path, wait: Duration) -> Result<Self, StoreError> {
        let lanes = settings.channels.iter().map(|channel| Lane {
            channel: channel.name.clone(),
            sender: open(channel).map_err(|error| error.to_string()),
        });
        let store = Store::open(path, wait)?;
        store.durable()?;
        Ok(Self {
            settings: settings.clone(),
            path: path.to_owned(),
            store: Mutex::new(store),
            lanes: lanes.collect(),
        })
    }

    /// Plans what the time makes due, and delivers all that is. It may be dropped at any point: what was being sent is looked
    /// for the next time.
    ///
    /// # Errors
    /// When the store cannot be used; call again later.
    pub async fn deliver(&self, now: Timestamp) -> Result<Round, StoreError> {
        let _lock = match SourceLock::acquire(&self.path, &LOCK, Duration::ZERO) {
            Ok(lock) => lock,
            Err(StoreError::SourceBusy { .. }) => {
                return Ok(Round {
                    busy: true,
                    next: now.checked_add(Duration::from_secs(1)).ok(),
                    ..Round::default()
                });
            }
            Err(error) => return Err(error),
        };
        let alarm = self.look_at_the_clock(now)?;
        let lanes = self.lanes.iter().map(|lane| self.work(lane, now));
        let mut whole = Round {
            next: alarm,
            ..Round::default()
        };
        for round in futures::future::join_all(lanes).await {
            let round = round?;
            whole.sent += round.sent;
            whole.failed += round.failed;
            whole.given_up += round.given_up;
            whole.troubles.extend(round.troubles);
            whole.next = earlier(whole.next, round.next);
        }
        for when in [&self.settings.heartbeat, &self.settings.digest] {
            let next = when
                .as_ref()
                .and_then(|when| when.next(now, &self.settings.zone));
            whole.next = earlier(whole.next, next);
        }
        Ok(whole)
    }

    /// Whether every channel could be set up; another courier may do better, once a secret is where it should be.
    pub fn is_whole(&self) -> bool {
        self.lanes.iter().all(|lane| lane.sender.is_ok())
    }

    /// How much lies in the outbox, for each channel.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn depth(&self) -> Result<Vec<Depth>, StoreError> {
        let counts = self.store().outbox()?;
        let depth = |lane: &Lane| {
            let mut depth = Depth {
                channel: lane.channel.clone(),
                waiting: 0,
                oldest: None,
                sent: 0,
                given_up: 0,
            };
            for (_, state, count, oldest) in counts
                .iter()
                .filter(|(channel, ..)| *channel == lane.channel)
            {
                match state {
                    DeliveryState::Planned | DeliveryState::Sending => {
                        depth.waiting += count;
                        depth.oldest = earlier(depth.oldest, Some(*oldest));
                    }
                    DeliveryState::Sent => depth.sent += count,
                    DeliveryState::GivenUp => depth.given_up += count,
                }
            }
            depth
        };
        Ok(self.lanes.iter().map(depth).collect())
    }

    /// Sends a sample to a channel, past the outbox. An error says what went wrong.
    ///
    /// # Errors
    /// When there is no such channel, or the sample did not arrive.
    pub async fn test(&self, channel: &str, now: Timestamp) -> Result<Option<String>, String> {
        let lane = self.lanes.iter().find(|lane| lane.channel == channel);
        let lane = lane.ok_or_else(|| format!("no channel is named {channel:?}"))?;
        let sender = lane.sender.as_ref().map_err(Clone::clone)?;
        let message = sample(&self.settings, now);
        let key = sample_key(channel, now);
        let post = Post {
            key: &key,
            subject: "sample",
            at: now,
            message: &message,
            thread: None,
        };
        match sender.send(&post).await {
            Sent::Arrived { note, .. } => Ok(note),
            Sent::Later { why, .. } | Sent::Unsure { why } | Sent::Refused { why } => Err(why),
        }
    }

    /// The names of the channels, in the order of the configuration.
    pub fn channels(&self) -> Vec<Text> {
        self.lanes.iter().map(|lane| lane.channel.clone()).collect()
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Delivers what is due in one channel, until one fails.
    async fn work(&self, lane: &Lane, now: Timestamp) -> Result<Round, StoreError> {
        let mut round = Round::default();
        let mut span = None;
        let sender = match &lane.sender {
            Ok(sender) => sender,
            Err(why) => {
                if self.store().next_due(&lane.channel, now)?.is_some() {
                    round.failed += 1;
                    round.troubles.push(why.clone());
                    round.next = now.checked_add(Duration::from_secs(900)).ok();
                }
                return Ok(round);
            }
        };
        for _ in 0..ROUND {
            if self.not_before(lane, now)?.is_some() {
                break;
            }
            let claimed = self.store().claim(&lane.channel, now)?;
            let Some(claimed) = claimed else { break };
            // A round that has nothing to deliver leaves no trace.
            let span = span.get_or_insert_with(|| {
                tracing::info_span!(
                    target: trace::TARGET,
                    "deliver",
                    channel = %lane.channel,
                    sent = Empty,
                    failed = Empty,
                    given_up = Empty,
                )
            });
            let delivering = self.deliver_one(sender.as_ref(), &claimed, now);
            match delivering.instrument(span.clone()).await? {
                Step::Sent => {
                    round.sent += 1;
                }
                Step::Failed(why) => {
                    round.failed += 1;
                    round
                        .troubles
                        .push(format!("the channel {}: {why}", lane.channel));
                    break;
                }
                Step::GivenUp(why) => {
                    round.given_up += 1;
                    round
                        .troubles
                        .push(format!("the channel {}: given up: {why}", lane.channel));
                }
            }
        }
        if let Some(span) = span {
            span.record("sent", round.sent);
            span.record("failed", round.failed);
            span.record("given_up", round.given_up);
        }
        let due = self.store().next_due(&lane.channel, now)?;
        let floor = self.not_before(lane, now)?;
        round.next = due.map(|due| floor.map_or(due, |floor| due.max(floor)));
        Ok(round)
    }

    /// Until when a channel is left alone, where that is later than now.
    fn not_before(&self, lane: &Lane, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let paused = self.store().paused(&lane.channel)?;
        let paused = paused.filter(|at| at.duration_since(now).unsigned_abs() <= LONGEST_PAUSE);
        Ok(paused.filter(|at| *at > now))
    }

    async fn deliver_one(
        &self,
        sender: &dyn Sender,
        claimed: &Claimed,
        now: Timestamp,
    ) -> Result<Step, StoreError> {
        let too_old = now.duration_since(claimed.at).unsigned_abs() > self.settings.give_up
            && now > claimed.at
            && claimed.attempts > ATTEMPTS;
        if too_old {
            let why = format!("not sent in {} attempts", claimed.attempts - 1);
            self.store().given_up(claimed, now, &why)?;
            return Ok(Step::GivenUp(why));
        }
        match &claimed.job {
            None => {
                let why = "a later Plimsoll wrote it".to_owned();
                self.store().given_up(claimed, now, &why)?;
                Ok(Step::GivenUp(why))
            }
            Some(Job::Edit(since)) => self.alter(sender, claimed, since, now).await,
            Some(Job::Post(message)) => self.post(sender, claimed, message, now).await,
        }
    }

    async fn post(
        &self,
        sender: &dyn Sender,
        claimed: &Claimed,
        message: &Message,
        now: Timestamp,
    ) -> Result<Step, StoreError> {
        let post = Post {
            key: &claimed.key,
            subject: &claimed.subject,
            at: claimed.at,
            message,
            thread: claimed.root.as_ref().map(|root| &root.remote),
        };
        let began = Instant::now();
        // From when it arrived, which took its time.
        let rest = || {
            let pace = sender.pace();
            let until = now.checked_add(began.elapsed() + pace).ok();
            until.filter(|_| !pace.is_zero())
        };
        let mut doubt: Option<&'static str> = None;
        if let Some(since) = claimed.unsure {
            match sender.find(&post, since).await {
                Found::There(remote) => {
                    let note = Some("it had arrived before");
                    self.store().sent(claimed, now, Some(&remote), note, None)?;
                    return Ok(Step::Sent);
                }
                Found::NoTelling(why) => doubt = Some(why),
                Found::NotThere | Found::Harmless => {}
                Found::Later { after, why } => {
                    return self.later(claimed, now, after, true, why);
                }
            }
        }
        match sender.send(&post).await {
            Sent::Arrived { remote, note } => {
                let notes: Vec<&str> = doubt.into_iter().chain(note.as_deref()).collect();
                let note = (!notes.is_empty()).then(|| notes.join("; "));
                self.store()
                    .sent(claimed, now, remote.as_ref(), note.as_deref(), rest())?;
                Ok(Step::Sent)
            }
            Sent::Later { after, why } => self.later(claimed, now, after, doubt.is_some(), why),
            Sent::Unsure { why } => self.later(claimed, now, None, true, why),
            Sent::Refused { why } => {
                self.store().given_up(claimed, now, &why)?;
                Ok(Step::GivenUp(why))
            }
        }
    }

    /// Says in the first message of a thread how things stand now: the same as often as it is sent.
    async fn alter(
        &self,
        sender: &dyn Sender,
        claimed: &Claimed,
        since: &Since,
        now: Timestamp,
    ) -> Result<Step, StoreError> {
        let root = claimed.root.as_ref();
        let Some((root, said)) = root.and_then(|root| Some((root, root.message.as_ref()?))) else {
            let note = Some("there is no message to alter");
            self.store().sent(claimed, now, None, note, None)?;
            return Ok(Step::Sent);
        };
        let mut message = said.clone();
        message.since.push(since.clone());
        match sender.edit(&root.remote, &message).await {
            Sent::Arrived { note, .. } => {
                self.store()
                    .sent(claimed, now, None, note.as_deref(), None)?;
                Ok(Step::Sent)
            }
            Sent::Later { after, why } => self.later(claimed, now, after, false, why),
            Sent::Unsure { why } => self.later(claimed, now, None, true, why),
            Sent::Refused { why } => {
                // The message is gone, or too old to be altered; what was said in its thread was said.
                self.store().sent(claimed, now, None, Some(&why), None)?;
                Ok(Step::Sent)
            }
        }
    }

    fn later(
        &self,
        claimed: &Claimed,
        now: Timestamp,
        after: Option<Duration>,
        unsure: bool,
        why: String,
    ) -> Result<Step, StoreError> {
        let wait = wait(claimed.attempts, &claimed.key, after);
        let due = now.checked_add(wait).unwrap_or(Timestamp::MAX);
        self.store().later(claimed, now, due, unsure, &why)?;
        Ok(Step::Failed(why))
    }
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever serves many things may deliver on any thread.
    #[test]
    fn a_round_can_be_made_on_any_thread() {
        fn on_any<T: Send>(_: &T) {}
        fn round(courier: &Courier) -> impl Future<Output = Result<Round, StoreError>> + Send {
            courier.deliver(Timestamp::UNIX_EPOCH)
        }
        on_any(&round);
    }
}
