//! Who said yes or no, and to which commit.

use jiff::Timestamp;
use plimsoll_model::{Approval, ChangeRequest, Party, Review, Text, review_said};

use super::super::approvals::{Event, Yes, approvals};
use super::super::history::Said;
use super::super::party::party;
use super::super::{Odd, hash};
use super::Read;
use crate::settings::Settings;
use crate::wire;

/// Every yes to it, as an approval of the whole and as a review of the commit that it had then.
pub(super) fn said_yes(
    read: &Read,
    happened: &[Event],
    settings: &Settings,
    request: &mut ChangeRequest,
    odd: &mut Odd,
) {
    let heads = heads(read.versions.as_deref().unwrap_or_default(), odd);
    let refused = happened
        .iter()
        .filter(|event| event.said == Said::ChangesRequested);
    let refusal = |by: Party, at: Option<Timestamp>| Review {
        by,
        at,
        commit: at.and_then(|at| head_at(&heads, at)),
        said: review_said::CHANGES_REQUESTED.into(),
        kind: Text::default(),
        withdrawn: None,
        doubt: None,
    };
    let mut reviews: Vec<Review> = refused
        .map(|event| refusal(event.by.clone(), event.at))
        .collect();
    // Who asks for changes now, where no note says since when.
    for one in read
        .reviewers
        .iter()
        .filter(|one| one.state.as_deref() == Some("requested_changes"))
    {
        let by = party(one.user.as_ref(), settings);
        if !reviews.iter().any(|have| have.by.account == by.account) {
            reviews.push(refusal(by, None));
        }
    }
    let (yeses, doubts) = approvals(happened, read.approvals.as_ref(), settings, odd);
    for doubt in doubts {
        request.doubt(doubt);
    }
    for yes in yeses {
        let commit = yes.at.and_then(|at| head_at(&heads, at));
        // Two tellings of its time, and a push between them.
        let noted = yes.noted.map(|at| head_at(&heads, at));
        let between = noted.is_some_and(|noted| noted != commit);
        let doubt = between.then(|| Text::const_new("something was pushed at the time of it"));
        for kind in kinds(read, &yes, settings) {
            let (by, at, withdrawn) = (yes.by.clone(), yes.at, yes.withdrawn.clone());
            request.approvals.push(Approval {
                by: by.clone(),
                at,
                kind: kind.clone(),
                withdrawn: withdrawn.clone(),
            });
            reviews.push(Review {
                by,
                at,
                commit: commit.clone(),
                said: review_said::APPROVED.into(),
                kind,
                withdrawn,
                doubt: doubt.clone(),
            });
        }
    }
    request.approvals.sort_by_cached_key(|one| one.at);
    reviews.sort_by_cached_key(|one| one.at);
    request.reviews = reviews;
}

/// The kinds of a yes, by the rules that it fulfils; the empty one where the settings name none of them.
fn kinds(read: &Read, yes: &Yes, settings: &Settings) -> Vec<Text> {
    let mut kinds = Vec::new();
    for rule in &read.rules {
        let name = rule.name.as_deref().unwrap_or_default().to_lowercase();
        let Some(kind) = settings.rules.get(&name) else {
            continue;
        };
        let of = rule
            .approved_by
            .iter()
            .map(|user| party(Some(user), settings));
        let fulfils = of.into_iter().any(|by| by.account == yes.by.account);
        // Of one that was taken back nobody says which rule it fulfilled.
        if fulfils && yes.withdrawn.is_none() && !kinds.contains(kind) {
            kinds.push(kind.clone());
        }
    }
    if kinds.is_empty() {
        kinds.push(Text::default());
    }
    kinds
}

/// The last commit from each time on, in the order of the times.
fn heads(versions: &[wire::Version], odd: &mut Odd) -> Vec<(Timestamp, i64, Text)> {
    let mut all = Vec::with_capacity(versions.len());
    for version in versions {
        let at = odd.time(version.created_at.as_ref(), "the time of a push");
        if let (Some(at), Some(head)) = (at, hash(version.head_commit_sha.as_ref())) {
            all.push((at, version.id, head));
        }
    }
    all.sort();
    all
}

/// What it proposed at a time; none where that is not known, or was altered at that very moment.
fn head_at(heads: &[(Timestamp, i64, Text)], at: Timestamp) -> Option<Text> {
    if heads.iter().any(|(from, _, _)| *from == at) {
        return None;
    }
    let before = heads.iter().rev().find(|(from, _, _)| *from < at);
    before.map(|(_, _, head)| head.clone())
}
