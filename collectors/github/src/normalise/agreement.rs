//! Where two lists tell of one thing, they are held against each other: a difference is a doubt, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use plimsoll_model::{ChangeRequest, Text};

use super::{Extra, Notes, hash};
use crate::settings::Settings;
use crate::wire::{Event, Label, Pull, Review, User};

/// How far two tellings of one moment may lie apart.
const APART: SignedDuration = SignedDuration::from_secs(60);

/// The reviews of a list and of a timeline together, and those that only one of them has, or that they tell of differently.
pub(super) fn reviews(
    listed: &[Review],
    events: &[Event],
    request: &mut ChangeRequest,
) -> Vec<Review> {
    let mut all = listed.to_vec();
    let mut told: Vec<&Event> = of(events, "reviewed").collect();
    for review in listed {
        let state = review.state.to_ascii_lowercase();
        let by_number = told.iter().position(|event| event.id == Some(review.id));
        let place = by_number.or_else(|| told.iter().position(|event| is_same(review, event)));
        let Some(place) = place else {
            // A mere comment may be an answer within another's review, of which a timeline does not tell.
            if !matches!(state.as_str(), "pending" | "commented") {
                request.doubt("its list of reviews has one that its timeline lacks");
            }
            continue;
        };
        let event = told.swap_remove(place);
        let said = event.state.as_ref();
        let times = event
            .submitted_at
            .as_ref()
            .zip(review.submitted_at.as_ref());
        // Which of them alters its word when a review is dismissed is not known: the event of that tells more.
        let dismissed = |word: &str| word == "dismissed";
        let said = said.map(|said| said.to_ascii_lowercase());
        let said = said.filter(|said| !dismissed(said) && !dismissed(&state));
        let other = said.is_some_and(|said| said != state)
            || times.is_some_and(|(one, other)| moment(one) != moment(other))
            || differ(event.user.as_ref(), review.user.as_ref());
        if other {
            request.doubt("its list of reviews and its timeline tell of a review in two ways");
        }
    }
    for event in told {
        let state = event.state.clone().unwrap_or_default();
        if state.eq_ignore_ascii_case("pending") {
            continue;
        }
        request.doubt("its timeline has a review that its list of reviews lacks");
        // A yes that only one of them has is none, and a no is one.
        if !state.eq_ignore_ascii_case("changes_requested") {
            continue;
        }
        all.push(Review {
            id: event.id.unwrap_or_default(),
            user: event.user.clone().or_else(|| event.actor.clone()),
            state,
            commit_id: event.commit_id.clone(),
            submitted_at: event
                .submitted_at
                .clone()
                .or_else(|| event.created_at.clone()),
        });
    }
    all
}

/// Whether the timeline shows a review at another commit than the list does.
pub(super) fn shown_elsewhere(review: &Review, events: &[Event]) -> bool {
    let mut told = of(events, "reviewed");
    let event = told
        .clone()
        .find(|event| event.id == Some(review.id))
        .or_else(|| told.find(|event| is_same(review, event)));
    let shown = event.and_then(|event| hash(event.commit_id.as_ref()));
    let own = hash(review.commit_id.as_ref());
    shown.zip(own).is_some_and(|(shown, own)| shown != own)
}

/// Whether a review and an event without its number are of one person at one time.
fn is_same(review: &Review, event: &Event) -> bool {
    let times = event
        .submitted_at
        .as_ref()
        .zip(review.submitted_at.as_ref());
    times.is_some_and(|(one, other)| moment(one) == moment(other))
        && !differ(event.user.as_ref(), review.user.as_ref())
}

fn moment(text: &Text) -> Option<Timestamp> {
    text.parse().ok()
}

/// Whether an event names another account than a review. That of somebody who is gone is nobody's in one list, and a name in its place
/// in the other.
fn differ(event: Option<&User>, review: Option<&User>) -> bool {
    let known = |user: &User| match user.login.as_deref() {
        Some("ghost") => None,
        _ => user.id,
    };
    event.is_some_and(|event| known(event) != review.and_then(known))
}

/// What a pull request says of its end, its merge and its commits, held against its timeline and the query.
pub(super) fn pull(
    pull: &Pull,
    events: &[Event],
    commits: &[Text],
    extra: Extra<'_>,
    request: &mut ChangeRequest,
    notes: &mut Notes,
) {
    let merged = notes.time(pull.merged_at.as_ref(), "the time of merging");
    let mut merges = of(events, "merged");
    match (merged, merges.next()) {
        (None, None) => {}
        (Some(_), None) => request.doubt("it was merged, and its timeline does not say so"),
        (None, Some(_)) => request.doubt("its timeline says that it was merged, and it does not"),
        (Some(merged), Some(event)) => {
            let at = notes.time(event.created_at.as_ref(), "the time of an event");
            if at.is_none_or(|at| apart(at, merged) > APART) {
                request.doubt("it and its timeline say of two times that it was merged then");
            }
            let became = hash(event.commit_id.as_ref());
            let known = |one: &Text| {
                pull.merge_commit().is_none_or(|own| own == *one) || commits.contains(one)
            };
            if became.is_some_and(|one| !known(&one)) {
                request.doubt("it and its timeline name two commits that it became");
            }
        }
    }
    if merges.next().is_some() {
        request.doubt("its timeline says more than once that it was merged");
    }
    if let Extra::Read(edits) = extra {
        let told = edits.merge_commit.as_ref();
        let told = told.and_then(|commit| hash(Some(&commit.oid)));
        let own = pull.merge_commit();
        if told.zip(own).is_some_and(|(told, own)| told != own) {
            request.doubt("two interfaces name two commits that it became");
        }
    }
    states(pull.closed_at.is_some(), merged.is_some(), events, request);
    if commits.is_empty() {
        request.doubt("none of its commits is told");
    } else if let Some(head) = &request.head
        && !commits.contains(head)
    {
        let head = head.clone();
        request.doubt(format!(
            "its last commit {head} is none of those that are listed"
        ));
    }
    let shown = of(events, "committed").filter_map(|event| hash(event.sha.as_ref()));
    let shown: BTreeSet<Text> = shown.collect();
    let listed: BTreeSet<Text> = commits.iter().cloned().collect();
    let replaced = of(events, "head_ref_force_pushed").next().is_some();
    let lacks = !shown.is_empty() && !listed.is_subset(&shown);
    if lacks || (!replaced && !shown.is_subset(&listed)) {
        request.doubt("its list of commits and its timeline tell of other commits");
    }
}

/// What an issue says of its end and its title, held against its timeline.
pub(super) fn issue(closed: bool, title: &str, events: &[Event], request: &mut ChangeRequest) {
    states(closed, false, events, request);
    let mut names = of(events, "renamed").filter_map(|event| event.rename.as_ref());
    let mut last: Option<&str> = None;
    let mut broken = false;
    for name in &mut names {
        let from = name.from.as_deref();
        broken |= last.zip(from).is_some_and(|(last, from)| last != from);
        last = name.to.as_deref().or(last);
    }
    if broken || last.is_some_and(|last| last != title) {
        request.doubt("its title is not the one that its timeline ends with");
    }
}

/// How much another interface tells of: the lists must not have less.
pub(super) fn counts(
    extra: Extra<'_>,
    listed: &[Review],
    events: &[Event],
    request: &mut ChangeRequest,
) {
    const KINDS: [&str; 9] = [
        "base_ref_changed",
        "base_ref_force_pushed",
        "head_ref_force_pushed",
        "labeled",
        "unlabeled",
        "closed",
        "reopened",
        "renamed",
        "review_dismissed",
    ];
    let Extra::Read(edits) = extra else { return };
    let own: BTreeSet<i64> = listed.iter().map(|review| review.id).collect();
    if edits
        .reviews
        .as_ref()
        .is_some_and(|count| count.total_count > own.len())
    {
        request.doubt("another interface counts more reviews than are listed");
    }
    let told: usize = KINDS.iter().map(|kind| of(events, kind).count()).sum();
    let items = edits.timeline_items.as_ref();
    if items.is_some_and(|items| items.nodes.as_ref().is_none_or(|nodes| nodes.len() > told)) {
        request.doubt("another interface tells of more events than its timeline has");
    }
}

/// It was closed once more often than it was opened again, or as often where it is open. A merge closes it too.
fn states(closed: bool, merged: bool, events: &[Event], request: &mut ChangeRequest) {
    let (shut, open) = (of(events, "closed").count(), of(events, "reopened").count());
    let fits = shut == open + usize::from(closed) || (merged && shut == open);
    if !fits {
        request.doubt("its timeline does not end in the state that it is in");
    }
}

/// The labels that it has are those that were put on and not taken off, but for those that mean nothing.
pub(super) fn labels(events: &[Event], settings: &Settings, request: &mut ChangeRequest) {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for (kind, by) in [("labeled", 1), ("unlabeled", -1)] {
        // A label that is gone has no name, and may be any.
        for label in of(events, kind).filter_map(|event| event.label.as_ref()) {
            *counts
                .entry(label.name().trim().to_lowercase())
                .or_default() += by;
        }
    }
    for label in &request.labels {
        *counts.entry(label.trim().to_lowercase()).or_default() -= 1;
    }
    let other = counts.iter();
    let mut other = other.filter(|(name, count)| **count != 0 && !settings.is_quiet(name));
    if other.next().is_some() {
        request.doubt("its labels are not those that its timeline ends with");
    }
}

/// The events of one kind, each once: a list that moves while it is read may have one twice.
fn of<'e>(events: &'e [Event], kind: &'static str) -> impl Iterator<Item = &'e Event> + Clone {
    let mut seen = BTreeSet::new();
    let own = events.iter();
    let own = own.filter(move |event| event.event.as_deref() == Some(kind));
    own.filter(move |event| {
        let label = event.label.as_ref().map(Label::name);
        let (at, sent) = (&event.created_at, &event.submitted_at);
        event.id.is_none() || seen.insert((event.id, at, sent, label))
    })
}

fn apart(one: Timestamp, other: Timestamp) -> SignedDuration {
    one.duration_since(other).abs()
}
