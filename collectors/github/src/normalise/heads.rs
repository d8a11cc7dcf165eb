//! Which commit stood at the end of a branch when: by the vendor's own record of pushes.
//!
//! The vendor shows a review at another commit than the one that was looked at: after a plain push it may move it to the new one. So
//! what a review was of is what stood at the end of the branch at its time.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use plimsoll_model::Text;

use super::{Notes, hash};
use crate::wire::{Activity, Event};

/// How far the record of a push and the event that tells of it may lie apart.
const APART: SignedDuration = SignedDuration::from_secs(120);

/// What a push found at the end of a branch, and what it put there.
type Step = (Option<Text>, Option<Text>);

/// What is known of the ends of a branch.
#[derive(Debug)]
pub(super) enum Heads {
    /// From each time on, which commit was the last; none where several were pushed at one moment, in no known order.
    Told {
        /// What it was before the first time, where that is told.
        first: Option<Text>,
        steps: Vec<(Timestamp, Option<Text>)>,
    },
    /// It has one commit, and nothing was ever put in its place.
    Always(Text),
    /// Nothing tells, and why.
    Unknown(&'static str),
}

/// The parts of a pull request that tell of it.
pub(super) struct Told<'a> {
    /// The record of pushes, where there is one.
    pub(super) activities: Option<&'a [Activity]>,
    pub(super) events: &'a [Event],
    /// Its branch.
    pub(super) branch: &'a str,
    /// Its commits, in their order.
    pub(super) commits: &'a [Text],
    /// Its last commit, as it says itself.
    pub(super) head: Option<&'a Text>,
    /// When it was merged or closed: what is pushed after it has no part in it.
    pub(super) ended: Option<Timestamp>,
}

impl Heads {
    /// What the vendor tells of it. A record that has a gap, or does not end where the pull request does, tells nothing.
    pub(super) fn of(told: &Told<'_>, notes: &mut Notes) -> Self {
        let forced = told.events.iter();
        let forced = forced.filter(|event| event.event.as_deref() == Some("head_ref_force_pushed"));
        let forced: Vec<&Event> = forced.collect();
        let pushes = told.activities.unwrap_or_default();
        let own = format!("refs/heads/{}", told.branch);
        let mut groups: BTreeMap<Timestamp, Vec<Step>> = BTreeMap::new();
        for push in pushes {
            let elsewhere = push.branch.as_deref().is_some_and(|name| name != own);
            if elsewhere || push.activity_type.as_deref() == Some("branch_deletion") {
                continue;
            }
            let Some(at) = notes.time(push.timestamp.as_ref(), "the time of a push") else {
                return Self::Unknown("a push has no time");
            };
            if told.ended.is_some_and(|ended| at > ended) {
                continue;
            }
            let before = hash(push.before.as_ref()).filter(|hash| !is_nothing(hash));
            let step = (before, hash(push.after.as_ref()));
            let group = groups.entry(at).or_default();
            if !group.contains(&step) {
                group.push(step);
            }
        }
        if groups.is_empty() {
            return match told.commits {
                [only] if forced.is_empty() && told.head == Some(only) => {
                    Self::Always(only.clone())
                }
                _ => Self::Unknown("who pushed what when is not told"),
            };
        }
        for event in forced {
            let at = notes.time(event.created_at.as_ref(), "the time of an event");
            let known = groups
                .keys()
                .any(|push| at.is_some_and(|at| push.duration_since(at).abs() <= APART));
            if !known
                && told
                    .ended
                    .is_none_or(|ended| at.is_none_or(|at| at <= ended))
            {
                return Self::Unknown("the record of pushes lacks one that its timeline has");
            }
        }
        let mut steps = Vec::with_capacity(groups.len());
        let mut first = None;
        let mut last: Option<Option<Text>> = None;
        for (at, group) in groups {
            let (start, end) = ends(&group);
            match &last {
                None => first = start,
                Some(Some(last)) if start.as_ref().is_some_and(|start| start != last) => {
                    return Self::Unknown("the record of pushes has a gap");
                }
                Some(_) => {}
            }
            last = Some(end.clone());
            steps.push((at, end));
        }
        match (last.flatten(), told.head) {
            (Some(last), Some(head)) if last == *head => Self::Told { first, steps },
            _ => Self::Unknown("the last push that is recorded is not what it proposes"),
        }
    }

    /// Which commit was the last at a time: none where it is not known, or was altered at that very moment.
    pub(super) fn at(&self, time: Timestamp) -> Result<&Text, &'static str> {
        let (first, steps) = match self {
            Self::Always(only) => return Ok(only),
            Self::Unknown(why) => return Err(why),
            Self::Told { first, steps } => (first, steps),
        };
        if steps.iter().any(|(at, _)| *at == time) {
            return Err("something was pushed at that very moment");
        }
        let found = match steps.iter().rev().find(|(at, _)| *at < time) {
            Some((_, after)) => after.as_ref(),
            None => first.as_ref(),
        };
        found.ok_or("what its branch had then is not told")
    }

    /// Whether a commit was the last one at a time, or at any before it.
    pub(super) fn had(&self, commit: &Text, time: Timestamp) -> bool {
        let Self::Told { first, steps } = self else {
            return false;
        };
        let then = steps.iter().filter(|(at, _)| *at <= time);
        first.as_ref() == Some(commit)
            || then
                .into_iter()
                .any(|(_, one)| one.as_ref() == Some(commit))
    }
}

/// Where the pushes of one moment begin and end: each that is another's end, or beginning, lies within.
fn ends(group: &[Step]) -> Step {
    if let [(before, after)] = group {
        return (before.clone(), after.clone());
    }
    let befores: Vec<&Text> = group
        .iter()
        .filter_map(|(before, _)| before.as_ref())
        .collect();
    let afters: Vec<&Text> = group
        .iter()
        .filter_map(|(_, after)| after.as_ref())
        .collect();
    let one = |all: &[&Text], others: &[&Text]| {
        let mut ends = all.iter().filter(|one| !others.contains(one));
        let end = ends.next().map(|one| (*one).clone());
        end.filter(|_| ends.next().is_none() && all.len() == group.len())
    };
    (one(&befores, &afters), one(&afters, &befores))
}

/// What stands in the place of a commit where there is none.
fn is_nothing(hash: &str) -> bool {
    hash.bytes().all(|byte| byte == b'0')
}
