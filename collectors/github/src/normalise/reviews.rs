//! Who said what of which commit.

use plimsoll_model::{Review, Text, Withdrawal, review_said};

use super::heads::Heads;
use super::party::party;
use super::{Notes, agreement, hash};
use crate::settings::AccountBy;
use crate::wire;

/// What a review is held against.
pub(super) struct Against<'a> {
    pub(super) events: &'a [wire::Event],
    /// What its branch had when.
    pub(super) heads: &'a Heads,
    /// Its commits, in their order.
    pub(super) commits: &'a [Text],
    /// What was proposed in the end, and what that became.
    pub(super) last: [Option<Text>; 2],
}

/// Reviews in order of time, with those that were dismissed. A dismissed review has lost what it said: only the event tells.
pub(super) fn reviews(
    reviews: &[wire::Review],
    against: &Against<'_>,
    by: AccountBy,
    notes: &mut Notes,
) -> Vec<Review> {
    let events = against.events;
    let mut all = Vec::new();
    for review in reviews {
        let state = review.state.to_ascii_lowercase();
        if state == "pending" {
            continue;
        }
        let dismissal = events.iter().rev().find(|event| {
            let own = event.dismissed_review.as_ref();
            event.event.as_deref() == Some("review_dismissed")
                && own.and_then(|own| own.review_id) == Some(review.id)
        });
        let before = dismissal.and_then(|event| event.dismissed_review.as_ref()?.state.clone());
        let word = match state.as_str() {
            "dismissed" => before.map(|word| word.to_ascii_lowercase()),
            _ => Some(state.clone()),
        };
        let said = match word.as_deref() {
            Some("approved") => Text::const_new(review_said::APPROVED),
            Some("changes_requested") => Text::const_new(review_said::CHANGES_REQUESTED),
            Some("commented") => Text::const_new(review_said::COMMENTED),
            Some(other) => super::word(other),
            // What it said once is not known: it is no yes.
            None => Text::const_new("dismissed"),
        };
        let withdrawn = match (dismissal, state.as_str()) {
            (Some(event), _) => Some(Withdrawal {
                at: notes.time(event.created_at.as_ref(), "the time of a dismissal"),
                by: event.actor.as_ref().map(|actor| party(Some(actor), by)),
            }),
            (None, "dismissed") => Some(Withdrawal::default()),
            (None, _) => None,
        };
        let at = notes.time(review.submitted_at.as_ref(), "the time of a review");
        let mut made = Review {
            by: party(review.user.as_ref(), by),
            at,
            commit: hash(review.commit_id.as_ref()),
            said,
            kind: Text::default(),
            withdrawn,
            doubt: None,
        };
        if agreement::shown_elsewhere(review, events) {
            made.doubt = Some(Text::const_new(
                "its timeline and its list of reviews show it at two commits",
            ));
        } else {
            of_its_time(&mut made, against);
        }
        all.push((review.id, made));
    }
    all.sort_by_key(|(id, review)| (review.at, *id));
    // What comes twice in a list is there once.
    all.dedup();
    all.into_iter().map(|(_, review)| review).collect()
}

/// A review is of what was proposed at its time, and not of what the vendor has moved it to since. Only one that is shown at the last
/// commit can be too good: one that is shown at an earlier one counts for nothing, whichever it was.
fn of_its_time(review: &mut Review, against: &Against<'_>) {
    let Some((shown, at)) = review.commit.clone().zip(review.at) else {
        return;
    };
    let is_last = |commit: &Text| against.last.iter().flatten().any(|last| last == commit);
    let then = match against.heads.at(at) {
        Ok(then) if *then == shown => return,
        Ok(then) => then,
        Err(_) if !is_last(&shown) => return,
        Err(why) => {
            let text = format!("it is shown at {shown}, where a later push may have put it: {why}");
            review.doubt = Some(text.into());
            return;
        }
    };
    // Who began to look before a push, and said so after it, looked at what was there before.
    let place = |commit: &Text| against.commits.iter().position(|one| one == commit);
    let earlier = place(&shown).zip(place(then)).is_some_and(|(a, b)| a < b);
    if !is_last(&shown) && (earlier || against.heads.had(&shown, at)) {
        return;
    }
    if is_last(then) {
        review.doubt = Some(Text::from(format!(
            "it is shown at {shown}, and {then} was proposed at its time"
        )));
    } else {
        review.commit = Some(then.clone());
    }
}
