//! The planner: for every occurrence and every channel, send or hold with a named reason.

use std::cmp::Reverse;
use std::collections::HashMap;

use jiff::Timestamp;
use plimsoll_model::Text;
use serde::{Deserialize, Serialize};

use super::digest::digest;
use super::hold::{Decision, Hold};
use super::message::{Message, Since};
use super::occurrence::{About, Occurrence, What};
use super::route::route;
use super::settings::{Channel, Mode, Notify};
use super::words;
use crate::baseline::Severity;

/// What was decided about a subject before, the oldest first.
pub type Past = HashMap<Text, Vec<Told>>;

/// One decision of before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The channel.
    pub channel: Text,
    /// What had happened.
    pub what: What,
    /// When that was found.
    pub at: Timestamp,
    /// Why it was held; none where it was sent.
    pub hold: Option<Hold>,
    /// Whether it was said with it that this comes and goes again and again.
    pub flapping: bool,
}

/// What is to be written down and sent.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Every occurrence with what was decided about it.
    pub notices: Vec<(Occurrence, Vec<Decision>)>,
    /// The messages that follow from that.
    pub deliveries: Vec<Planned>,
}

/// A message to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// To which channel.
    pub channel: Text,
    /// The subject whose thread it belongs to.
    pub subject: Text,
    /// By which it is known again: no two messages have the same.
    pub key: Text,
    /// Not before this time.
    pub due: Timestamp,
    /// The worst of what it tells: of what is due that goes first.
    pub severity: Severity,
    /// What is to be done.
    pub job: Job,
    /// The subjects that it tells.
    pub subjects: Vec<Text>,
    /// The changes that it announces.
    pub changes: Vec<i64>,
    /// Whether it says that its subject comes and goes again and again.
    pub flapping: bool,
}

/// What is done to send something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Job {
    /// A message is posted, in the thread of its subject where there is one.
    Post(Box<Message>),
    /// The first message of the thread says how things stand now.
    Edit(Since),
}

/// Decides. Every occurrence is in the plan, in its order.
pub fn plan(occurrences: Vec<Occurrence>, past: &Past, settings: &Notify, now: Timestamp) -> Plan {
    let mut notices: Vec<(Occurrence, Vec<Decision>)> = occurrences
        .into_iter()
        .map(|occurrence| (occurrence, Vec::new()))
        .collect();
    let mut deliveries = Vec::new();
    for channel in &settings.channels {
        let lane = Lane {
            settings,
            channel,
            past,
            now,
        };
        lane.plan(&mut notices, &mut deliveries);
    }
    Plan {
        notices,
        deliveries,
    }
}

/// A key that no other message has: of the channel, what is told of what, and when.
pub fn key(channel: &str, subject: &str, what: &str, at: Timestamp) -> Text {
    let mut hasher = blake3::Hasher::new();
    for part in [channel, subject, what, &at.as_microsecond().to_string()] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    Text::from(&hasher.finalize().to_hex()[..32])
}

/// The planner for one channel.
struct Lane<'a> {
    settings: &'a Notify,
    channel: &'a Channel,
    past: &'a Past,
    now: Timestamp,
}

/// What is to be sent of an occurrence.
struct Sending {
    at: usize,
    due: Timestamp,
    /// Whether the channel has a thread of it.
    follows: bool,
    flapping: bool,
    quiet: bool,
    /// The drifts that are told with it.
    with: Vec<usize>,
}

impl Lane<'_> {
    fn plan(&self, notices: &mut [(Occurrence, Vec<Decision>)], deliveries: &mut Vec<Planned>) {
        let mut sendings: Vec<Sending> = Vec::new();
        let mut holds: Vec<Option<Hold>> = Vec::with_capacity(notices.len());
        for (at, (occurrence, _)) in notices.iter().enumerate() {
            match self.judge(at, occurrence) {
                Ok(sending) => {
                    holds.push(
                        sending
                            .quiet
                            .then_some(Hold::QuietHours { until: sending.due }),
                    );
                    sendings.push(sending);
                }
                Err(hold) => holds.push(Some(hold)),
            }
        }
        let mut places: Vec<Option<usize>> = vec![None; notices.len()];
        fold(notices, &mut sendings, &mut holds);
        sendings.sort_by_key(|one| Reverse(severity(one, notices)));
        let over = match sendings.len().checked_sub(self.channel.per_scan) {
            // One message more says as much as one that says that there is one more.
            Some(over) if over > 1 => sendings.split_off(self.channel.per_scan),
            _ => Vec::new(),
        };
        for sending in &sendings {
            self.send(sending, notices, &mut places, deliveries);
        }
        if !over.is_empty() {
            self.send_rest(&over, notices, &mut holds, &mut places, deliveries);
        }
        self.edit_held(notices, &holds, deliveries);
        let decided = notices.iter_mut().zip(holds.into_iter().zip(places));
        for ((_, decisions), (hold, delivery)) in decided {
            decisions.push(Decision {
                channel: self.channel.name.clone(),
                hold,
                delivery,
            });
        }
    }

    /// Whether one occurrence is to be sent by itself.
    fn judge(&self, at: usize, occurrence: &Occurrence) -> Result<Sending, Hold> {
        let mode = route(self.settings, self.channel, occurrence)?;
        if occurrence.early {
            return Err(Hold::TrackersToCome);
        }
        let mine = |told: &&Told| told.channel == self.channel.name;
        let past = self.past.get(&occurrence.subject);
        let past: Vec<&Told> = past.into_iter().flatten().filter(mine).collect();
        let known = past.iter().rev().find(|told| reaches(told));
        if let Some(told) = known
            && told.what == occurrence.what
            && !occurrence.what.repeats()
        {
            return Err(Hold::AlreadySent);
        }
        let refused = occurrence.verdict.is_some_and(|verdict| {
            use crate::report::Verdict::{Overdue, Unapproved};
            matches!(verdict, Unapproved | Overdue)
        });
        let mut mode = mode;
        match known {
            None if occurrence.what == What::Waived => return Err(Hold::Waived),
            // A verdict that turned bad is news, whatever was told before.
            None if occurrence.what.follows() && !refused => return Err(Hold::NeverTold),
            Some(told) if occurrence.what.follows() && digested(told) && !refused => {
                mode = Mode::Digest;
            }
            _ => {}
        }
        let flapping = self.flapping(occurrence, &past)?;
        let exempt = self.exempt(occurrence);
        if mode == Mode::Digest && self.settings.digest.is_some() {
            return Err(Hold::Digested);
        }
        let quiet = self.settings.quiet.as_ref();
        let quiet = quiet.filter(|quiet| !exempt && occurrence.severity < quiet.unless);
        let until = quiet.and_then(|quiet| quiet.until(self.now, &self.settings.zone));
        Ok(Sending {
            at,
            due: until.unwrap_or(self.now),
            follows: past.iter().any(|told| reaches(told) && !digested(told)),
            flapping,
            quiet: until.is_some(),
            with: Vec::new(),
        })
    }

    /// What is written down for change control, or comes at a time that was chosen for it, waits for no hours.
    fn exempt(&self, occurrence: &Occurrence) -> bool {
        let announced = self.channel.change_control && occurrence.about == About::Change;
        announced || matches!(occurrence.about, About::Heartbeat | About::Sample)
    }

    /// Whether it is to be said that this comes and goes again and again; an error where that was said.
    fn flapping(&self, occurrence: &Occurrence, past: &[&Told]) -> Result<bool, Hold> {
        if !occurrence.what.flips() {
            return Ok(false);
        }
        let limit = self.settings.flapping;
        let from = self.now.checked_sub(limit.within).unwrap_or(Timestamp::MIN);
        let mut recent = past
            .iter()
            .filter(|told| told.what.flips() && told.at > from)
            .peekable();
        let Some(_) = recent.peek() else {
            return Ok(false);
        };
        let recent: Vec<_> = recent.collect();
        if recent.last().is_some_and(|told| told.flapping) {
            return Err(Hold::Flapping);
        }
        Ok(recent.len() + 1 >= limit.times)
    }

    fn send(
        &self,
        sending: &Sending,
        notices: &[(Occurrence, Vec<Decision>)],
        places: &mut [Option<usize>],
        deliveries: &mut Vec<Planned>,
    ) {
        let (occurrence, _) = &notices[sending.at];
        let with: Vec<&Occurrence> = sending.with.iter().map(|at| &notices[*at].0).collect();
        let mut message = words::message(occurrence, &with, self.settings);
        if sending.flapping {
            words::say_flapping(&mut message, self.settings);
        }
        let place = deliveries.len();
        for at in std::iter::once(sending.at).chain(sending.with.iter().copied()) {
            places[at] = Some(place);
        }
        let subjects = std::iter::once(occurrence).chain(with.iter().copied());
        let subjects = subjects.map(|one| one.subject.clone()).collect();
        let what = occurrence.what.as_str();
        let standing = message.headline.clone();
        let good = message.tone == super::Tone::Good;
        deliveries.push(Planned {
            channel: self.channel.name.clone(),
            subject: occurrence.subject.clone(),
            key: self.key(&occurrence.subject, what),
            due: sending.due,
            severity: severity(sending, notices),
            job: Job::Post(Box::new(message)),
            subjects,
            changes: self.announces(std::iter::once(occurrence)),
            flapping: sending.flapping,
        });
        if sending.follows && self.channel.kind.threads() {
            deliveries.push(self.edit(occurrence, standing, good, sending.due));
        }
    }

    fn edit(&self, occurrence: &Occurrence, standing: Text, good: bool, due: Timestamp) -> Planned {
        let what = format!("{} edit", occurrence.what.as_str());
        Planned {
            channel: self.channel.name.clone(),
            subject: occurrence.subject.clone(),
            key: self.key(&occurrence.subject, &what),
            due,
            severity: Severity::Low,
            job: Job::Edit(Since {
                subject: occurrence.subject.clone(),
                name: occurrence.controls.first().cloned().unwrap_or_default(),
                standing,
                good,
            }),
            subjects: Vec::new(),
            changes: Vec::new(),
            flapping: false,
        }
    }

    /// All that is over the limit, in one message.
    fn send_rest(
        &self,
        over: &[Sending],
        notices: &[(Occurrence, Vec<Decision>)],
        holds: &mut [Option<Hold>],
        places: &mut [Option<usize>],
        deliveries: &mut Vec<Planned>,
    ) {
        let place = deliveries.len();
        let mut told: Vec<&Occurrence> = Vec::new();
        for sending in over {
            for at in std::iter::once(sending.at).chain(sending.with.iter().copied()) {
                holds[at] = Some(Hold::OverLimit);
                places[at] = Some(place);
                told.push(&notices[at].0);
            }
        }
        let title = format!("{} more at once", told.len());
        let message = digest(&told, &title, self.settings);
        let subject = Text::from(format!("rest:{}", self.now.as_microsecond()));
        deliveries.push(Planned {
            channel: self.channel.name.clone(),
            key: self.key(&subject, "rest"),
            subject,
            due: over.iter().map(|one| one.due).min().unwrap_or(self.now),
            severity: message.severity,
            job: Job::Post(Box::new(message)),
            subjects: Vec::new(),
            changes: self.announces(told.iter().copied()),
            flapping: false,
        });
    }

    /// The first message of what comes and goes stays true, without a sound.
    fn edit_held(
        &self,
        notices: &[(Occurrence, Vec<Decision>)],
        holds: &[Option<Hold>],
        deliveries: &mut Vec<Planned>,
    ) {
        if !self.channel.kind.threads() {
            return;
        }
        for ((occurrence, _), hold) in notices.iter().zip(holds) {
            if matches!(hold, Some(Hold::Flapping)) {
                let message = words::message(occurrence, &[], self.settings);
                let good = message.tone == super::Tone::Good;
                deliveries.push(self.edit(occurrence, message.headline, good, self.now));
            }
        }
    }

    fn announces<'o>(&self, of: impl Iterator<Item = &'o Occurrence>) -> Vec<i64> {
        if !self.channel.change_control {
            return Vec::new();
        }
        of.filter(|one| one.about == About::Change)
            .filter_map(|one| one.change)
            .collect()
    }

    fn key(&self, subject: &str, what: &str) -> Text {
        key(&self.channel.name, subject, what, self.now)
    }
}

/// Whether the channel got to know by a decision, or will.
fn reaches(told: &Told) -> bool {
    told.hold.as_ref().is_none_or(Hold::told) || told.hold == Some(Hold::Flapping)
}

fn digested(told: &Told) -> bool {
    matches!(told.hold, Some(Hold::Digested | Hold::OverLimit))
}

fn severity(one: &Sending, notices: &[(Occurrence, Vec<Decision>)]) -> Severity {
    let with = one.with.iter().map(|at| notices[*at].0.severity);
    with.fold(notices[one.at].0.severity, Severity::max)
}

/// Drifts go with the change that brought them, where that is sent too.
fn fold(
    notices: &[(Occurrence, Vec<Decision>)],
    sendings: &mut Vec<Sending>,
    holds: &mut [Option<Hold>],
) {
    let mut changes: HashMap<i64, usize> = HashMap::new();
    for (place, sending) in sendings.iter().enumerate() {
        let (occurrence, _) = &notices[sending.at];
        if let (What::Seen, Some(id)) = (occurrence.what, occurrence.change) {
            changes.insert(id, place);
        }
    }
    let mut with: Vec<(usize, usize)> = Vec::new();
    let mut folded = vec![false; sendings.len()];
    for (place, sending) in sendings.iter().enumerate() {
        let (occurrence, _) = &notices[sending.at];
        let opens = matches!(occurrence.what, What::Opened | What::Reopened);
        let brought = occurrence
            .change
            .filter(|_| occurrence.about == About::Drift && opens);
        let Some(change) = brought.and_then(|id| changes.get(&id)) else {
            continue;
        };
        // What has a thread already, or is worth saying by itself, stays by itself.
        if sending.follows || sending.flapping {
            continue;
        }
        with.push((*change, sending.at));
        holds[sending.at] = Some(Hold::ToldWithChange);
        folded[place] = true;
    }
    for (change, at) in with {
        // The message is as urgent as the worst that it tells.
        let due = sendings.iter().find(|one| one.at == at).map(|one| one.due);
        let change = &mut sendings[change];
        if let Some(due) = due.filter(|due| *due < change.due) {
            change.due = due;
            change.quiet = false;
            holds[change.at] = None;
        }
        change.with.push(at);
    }
    let mut folded = folded.into_iter();
    sendings.retain(|_| !folded.next().unwrap_or(false));
}
