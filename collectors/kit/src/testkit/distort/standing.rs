//! What speaks for a change in a request, whatever a policy asks: a stand-in for the verdict, so that a collector can be held to it by itself.

use jiff::Timestamp;
use plimsoll_model::{ChangeRequest, Party, Withdrawal, edit_field, request_state, review_said};

/// What stands in a request beyond doubt, each as a word for a person: the yes of somebody else than who had a part in it, to what it is
/// now, neither taken back nor followed by anything that may take it back; each test that passed and did not fail besides; each confirmation; and that
/// it was merged by the rules.
pub fn standing(request: &ChangeRequest) -> Vec<String> {
    if request.is_doubted().is_some() {
        return Vec::new();
    }
    let mut all: Vec<String> = Vec::new();
    let approving = |one: &&plimsoll_model::Review| one.said == review_said::APPROVED;
    for review in request.reviews.iter().filter(approving) {
        let merge = request.merge.as_ref();
        let merged = merge.and_then(|merge| merge.commit.as_ref());
        let own = review.commit.is_some()
            && (review.commit == request.head || review.commit.as_ref() == merged);
        if own
            && review.doubt.is_none()
            && stands(request, &review.by, review.at, &review.withdrawn)
        {
            all.push(format!("review by {}", review.by.account));
        }
    }
    for one in &request.approvals {
        if stands(request, &one.by, one.at, &one.withdrawn) {
            all.push(format!("approval by {}", one.by.account));
        }
    }
    for one in &request.checks {
        let own = |other: &&plimsoll_model::Check| {
            (&other.name, &other.commit) == (&one.name, &one.commit)
        };
        if request
            .checks
            .iter()
            .filter(own)
            .all(|other| other.passed == Some(true))
        {
            let commit = one.commit.as_deref().unwrap_or_default();
            all.push(format!("test {} of {commit}", one.name));
        }
    }
    if !request.checks.is_empty() && request.checks.iter().all(|one| one.passed == Some(true)) {
        all.push("all its tests".to_owned());
    }
    for one in request.sign_offs.iter().filter(|one| !one.by.bot) {
        all.push(format!("confirmation ({}) by {}", one.kind, one.by.account));
    }
    if request
        .merge
        .as_ref()
        .is_some_and(|one| one.protected == Some(true))
    {
        all.push("merge by the rules".to_owned());
    }
    all.sort();
    all.dedup();
    all
}

/// Whether an approval or a review stands in a request beyond doubt: see [`standing`].
pub fn is_approved(request: &ChangeRequest) -> bool {
    let mut all = standing(request).into_iter();
    all.any(|one| one.starts_with("review ") || one.starts_with("approval "))
}

/// Whether anything of a request is in doubt, or a review of it.
pub fn is_in_doubt(request: &ChangeRequest) -> bool {
    let mut reviews = request.reviews.iter();
    request.is_doubted().is_some() || reviews.any(|review| review.doubt.is_some())
}

fn stands(
    request: &ChangeRequest,
    by: &Party,
    at: Option<Timestamp>,
    withdrawn: &Option<Withdrawal>,
) -> bool {
    let Some(at) = at.filter(|_| withdrawn.is_none() && !by.bot) else {
        return false;
    };
    let after = |time: Option<Timestamp>| time.is_none_or(|time| time >= at);
    let involved = request.requester.iter().chain(&request.authors);
    let involved: Vec<&Party> = involved.collect();
    let apart = known(by)
        && !involved.is_empty()
        && involved
            .iter()
            .all(|one| known(one) && one.account != by.account);
    let text = [edit_field::TITLE, edit_field::DESCRIPTION];
    let edited = request.edits.iter().any(|edit| {
        let field = edit.field.as_str();
        let own_text = request.is_code() && text.contains(&field);
        !own_text && !edit_field::HARMLESS.contains(&field) && after(edit.at)
    });
    let back = [
        request_state::REOPENED,
        request_state::REJECTED,
        request_state::CANCELLED,
    ];
    let mut steps = request.transitions.iter();
    let turned = steps.any(|step| back.contains(&step.to.as_str()) && after(step.at));
    let refused = request.reviews.iter().any(|one| {
        one.said == review_said::CHANGES_REQUESTED && one.by.account == by.account && after(one.at)
    });
    apart && !edited && !turned && !refused
}

/// Whether an account is one: who is gone, or known by a name alone, may be anybody.
fn known(party: &Party) -> bool {
    let account = party.account.as_str();
    let marks = ["name:", "login:", "username:", "id:", "("];
    !matches!(account, "" | "ghost" | "unknown")
        && !marks.iter().any(|mark| account.starts_with(mark))
}
