//! Who said what of which commit.

use plimsoll_model::{Review, Text, Withdrawal, review_said};

use super::party::party;
use super::{Notes, hash};
use crate::settings::AccountBy;
use crate::wire;

/// Reviews in order of time, with those that were dismissed. A dismissed review has lost what it said: only the event tells.
pub(super) fn reviews(
    reviews: &[wire::Review],
    events: &[wire::Event],
    by: AccountBy,
    notes: &mut Notes,
) -> Vec<Review> {
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
        let made = Review {
            by: party(review.user.as_ref(), by),
            at: notes.time(review.submitted_at.as_ref(), "the time of a review"),
            commit: hash(review.commit_id.as_ref()),
            said,
            kind: Text::default(),
            withdrawn,
            doubt: None,
        };
        all.push((review.id, made));
    }
    all.sort_by_key(|(id, review)| (review.at, *id));
    all.into_iter().map(|(_, review)| review).collect()
}
