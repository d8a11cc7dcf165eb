//! Where two lists tell of one thing, they are held against each other: a difference is a doubt, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::{ChangeRequest, Text};

use super::{Odd, hash, word};
use crate::settings::Settings;
use crate::wire::{Commit, LabelEvent, MergeRequest, Note, StateEvent, Version};

/// How far two tellings of one moment may lie apart: some are written by a program that comes after.
pub(super) const APART: Duration = Duration::from_secs(120);

/// What a merge request proposes, by itself, by its commits, by its versions and by the notes of pushes.
pub(super) fn proposed(
    of: &MergeRequest,
    versions: Option<&[Version]>,
    commits: &[Commit],
    pushes: &[Option<Timestamp>],
    request: &mut ChangeRequest,
    odd: &mut Odd,
) {
    let head = hash(of.sha.as_ref());
    let listed: Vec<Text> = commits
        .iter()
        .filter_map(|one| hash(one.id.as_ref()))
        .collect();
    if let Some(head) = &head
        && !listed.contains(head)
    {
        request.doubt("its last commit is none of those that are listed");
    }
    let Some(versions) = versions else { return };
    let mut times = Vec::with_capacity(versions.len());
    for version in versions {
        let at = odd.time(version.created_at.as_ref(), "the time of a push");
        times.push((at, version.id, hash(version.head_commit_sha.as_ref())));
    }
    times.sort();
    times.dedup();
    let last = times.last().and_then(|(_, _, head)| head.clone());
    if last != head {
        request.doubt("the last of its versions is not what it proposes");
    }
    // Each push makes a version of its own, and the first is what it was opened with.
    let later = times.into_iter().skip(1);
    let mut left: Vec<Option<Timestamp>> = later.map(|(at, _, _)| at).collect();
    for push in pushes {
        let place = left.iter().position(|at| near(*at, *push));
        match place {
            Some(place) => {
                left.remove(place);
            }
            None => request.doubt("it was pushed to, and no version of it is of that time"),
        }
    }
}

/// In which state it is, by itself and by what happened to it.
pub(super) fn state(
    state: Option<&str>,
    merged: Option<Timestamp>,
    events: &[StateEvent],
    notes: &[Note],
    request: &mut ChangeRequest,
    odd: &mut Odd,
) {
    let mut seen = BTreeSet::new();
    let own = events.iter();
    let own: Vec<&StateEvent> = own
        .filter(|event| event.id.is_none_or(|id| seen.insert(id)))
        .collect();
    let count = |word: &str| {
        let same = own
            .iter()
            .filter(|event| event.state.as_deref() == Some(word));
        same.count()
    };
    let (shut, open) = (count("closed"), count("reopened"));
    let closed = usize::from(state == Some("closed"));
    // While it is being merged it is `locked`.
    if matches!(state, Some("opened" | "closed" | "merged")) && shut != open + closed {
        request.doubt("what happened to it does not end in the state that it is in");
    }
    if state != Some("merged") && merged.is_none() {
        if count("merged") > 0 {
            request.doubt("what happened to it says that it was merged, and it does not");
        }
        return;
    }
    let event = own
        .iter()
        .find(|event| event.state.as_deref() == Some("merged"));
    let note = notes.iter().find(|note| {
        let says = note.body.as_deref().unwrap_or_default().trim_start();
        note.system == Some(true) && says.starts_with("merged")
    });
    let at = match (event, note) {
        (Some(event), _) => odd.time(event.created_at.as_ref(), "the time of a state"),
        (None, Some(note)) => odd.time(note.created_at.as_ref(), "the time of a note"),
        (None, None) => {
            request.doubt("it was merged, and nothing that happened to it says so");
            return;
        }
    };
    if !near(at, merged) {
        request.doubt("it and what happened to it say of two times that it was merged then");
    }
}

/// The labels that it has are those that were put on and not taken off, but for those that mean nothing.
pub(super) fn labels(events: &[LabelEvent], settings: &Settings, request: &mut ChangeRequest) {
    let mut seen = BTreeSet::new();
    let mut counts: BTreeMap<Text, i64> = BTreeMap::new();
    for event in events {
        let again = event.id.is_some_and(|id| !seen.insert(id));
        let name = event.label.as_ref().and_then(|label| label.name.as_ref());
        // A label that is gone has no name, and may be any.
        let Some(name) = name.filter(|_| !again) else {
            continue;
        };
        let by = match event.action.as_deref() {
            Some("add") => 1,
            _ => -1,
        };
        *counts.entry(word(name).to_lowercase()).or_default() += by;
    }
    for label in &request.labels {
        *counts.entry(label.to_lowercase()).or_default() -= 1;
    }
    let mut other = counts
        .iter()
        .filter(|(name, count)| **count != 0 && !settings.is_quiet(name));
    if other.next().is_some() {
        request.doubt("its labels are not those that what happened to it ends with");
    }
}

/// How many notes people wrote, by its own count and by the list.
pub(super) fn notes(count: Option<i64>, notes: &[Note], request: &mut ChangeRequest) {
    let own: BTreeSet<i64> = notes
        .iter()
        .filter(|note| note.system != Some(true))
        .map(|note| note.id)
        .collect();
    let count = count.and_then(|count| usize::try_from(count).ok());
    if count.is_some_and(|count| count > own.len()) {
        request.doubt("it counts more notes than are listed");
    }
}

/// Whether two times are of one moment. One that is not known is near to none.
pub(super) fn near(one: Option<Timestamp>, other: Option<Timestamp>) -> bool {
    one.zip(other).is_some_and(|(one, other)| {
        let apart = one.duration_since(other).abs();
        Duration::try_from(apart).is_ok_and(|apart| apart <= APART)
    })
}
