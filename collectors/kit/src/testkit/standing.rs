//! Which approvals of a request nothing speaks against, whatever a policy asks.

use jiff::Timestamp;
use plimsoll_model::{ChangeRequest, Party, Withdrawal, edit_field, request_state, review_said};

/// The accounts whose yes to a request stands beyond doubt: of somebody else than who had a part in it, to what it is now, and neither taken
/// back nor followed by anything that may take it back. A stand-in for the verdict, so that a collector can be held to it by itself.
pub fn standing(request: &ChangeRequest) -> Vec<String> {
    if request.is_doubted().is_some() {
        return Vec::new();
    }
    let mut all: Vec<String> = Vec::new();
    for review in request
        .reviews
        .iter()
        .filter(|one| one.said == review_said::APPROVED)
    {
        let merged = request
            .merge
            .as_ref()
            .and_then(|merge| merge.commit.as_ref());
        let own = review.commit.is_some()
            && (review.commit == request.head || review.commit.as_ref() == merged);
        if own
            && review.doubt.is_none()
            && stands(request, &review.by, review.at, &review.withdrawn)
        {
            all.push(format!("review {}", review.by.account));
        }
    }
    for one in &request.approvals {
        if stands(request, &one.by, one.at, &one.withdrawn) {
            all.push(format!("approval {}", one.by.account));
        }
    }
    all.sort();
    all.dedup();
    all
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
    // Who is gone, or known by a name alone, may be anybody.
    let known = |party: &Party| {
        party.account.contains('@') || party.account.bytes().all(|byte| byte.is_ascii_digit())
    };
    let involved = request.requester.iter().chain(&request.authors);
    let involved: Vec<&Party> = involved.collect();
    let apart = known(by)
        && !involved.is_empty()
        && involved
            .iter()
            .all(|one| known(one) && one.account != by.account);
    let text = [edit_field::TITLE, edit_field::DESCRIPTION];
    let edited = request.edits.iter().any(|edit| {
        let own_text = request.is_code() && text.contains(&edit.field.as_str());
        !own_text && edit.at.is_none_or(|when| when >= at)
    });
    let back = [
        request_state::REOPENED,
        request_state::REJECTED,
        request_state::CANCELLED,
    ];
    let turned = request
        .transitions
        .iter()
        .any(|step| back.contains(&step.to.as_str()) && step.at.is_none_or(|when| when >= at));
    let refused = request.reviews.iter().any(|one| {
        one.said == review_said::CHANGES_REQUESTED
            && one.by.account == by.account
            && one.at.is_none_or(|when| when >= at)
    });
    apart && !edited && !turned && !refused
}
