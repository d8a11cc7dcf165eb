//! Requests that are taken together, and what they come to.

use jiff::Timestamp;
use plimsoll_model::{ChangeRequest, request_state};

use super::case::{Case, Member};
use super::controls::explain;
use super::index::{By, lower};
use super::judge::Judging;
use super::link::Link;
use super::policy::environment;
use super::types::{Outcome, Reason};
use super::verdict::Verdict;

/// How many other requests one may bring along.
const ALONG: usize = 20;

/// What one unit came to.
pub(super) struct Unit {
    pub(super) members: Vec<u32>,
    pub(super) reasons: Vec<Reason>,
    pub(super) verdict: Verdict,
}

impl<'a> Judging<'_, 'a> {
    /// What becomes of requests that are taken together.
    pub(super) fn unit(&self, roots: &[&Link], besides: &[&Link]) -> Unit {
        let members = self.members(roots, besides);
        let places: Vec<u32> = members.iter().map(|(at, _)| *at).collect();
        // What came after the last look at them is not known: nothing is overdue that may have come since.
        let looked = members.iter().map(|(_, one)| one.filed.as_of).min();
        let case = Case {
            members: members.into_iter().map(|(_, member)| member).collect(),
            subject: self.subject,
            standing: self.standing,
            policy: self.policy,
            rule: self.rule,
            people: self.world.people,
            sightings: self.world.sightings,
            keys: &self.keys,
            moment: self.moment,
            now: looked.map_or(self.world.now, |looked| looked.min(self.world.now)),
            all_read: self.all_read(),
        };
        let mut reasons = Vec::new();
        case.links(&mut reasons);
        explain(&case, &mut reasons);
        unsettled(&case, &mut reasons);
        Unit {
            members: places,
            verdict: verdict(&reasons),
            reasons,
        }
    }

    /// A ticket that does nothing but name the commit of reviewed code, and that nobody approved and no code names, is a report of it
    /// and no request for it: whoever wrote it did not ask for the change.
    pub(super) fn leave_out_reports(&self, artefacts: &mut Vec<&Link>) {
        let requests = self.world.requests;
        let all = artefacts.iter().filter_map(|link| requests.get(link.at));
        let code: Vec<&ChangeRequest> = all
            .map(|filed| filed.request)
            .filter(|request| request.is_code())
            .collect();
        // Where a ticket is asked for and the code names none, this one may be it.
        let needed =
            self.rule.ticket_linked && code.iter().all(|one| one.links.requests.is_empty());
        if code.is_empty() || needed {
            return;
        }
        let names = |one: &ChangeRequest, other: &ChangeRequest| {
            let id = lower(&other.id);
            one.links.requests.iter().any(|named| lower(named) == id)
        };
        artefacts.retain(|link| {
            let Some(filed) = requests.get(link.at).filter(|_| link.by_request) else {
                return true;
            };
            let request = filed.request;
            let urgent = &self.policy.emergency_labels;
            let marked = request.emergency
                || request
                    .labels
                    .iter()
                    .any(|one| urgent.iter().any(|word| *lower(one) == **word));
            let asks = request.window.is_some() || request.provisions || marked;
            let answered = !request.approvals.is_empty() || !request.reviews.is_empty();
            let linked = code
                .iter()
                .any(|code| names(code, request) || names(request, code));
            request.is_code() || asks || answered || linked || request.is_doubted().is_some()
        });
    }

    /// The roots, the code that stands beside them, and of code its tickets: one step and no further.
    pub(super) fn members(&self, roots: &[&Link], besides: &[&Link]) -> Vec<(u32, Member<'a>)> {
        let mut members: Vec<(u32, Member<'a>)> = Vec::new();
        let requests = self.world.requests;
        for link in roots {
            if let Some(filed) = requests.get(link.at) {
                let member = Member {
                    filed: *filed,
                    link: Some((*link).clone()),
                };
                members.push((link.at, member));
            }
        }
        for link in besides {
            let code = requests
                .get(link.at)
                .filter(|filed| filed.request.is_code());
            if let Some(filed) = code.filter(|_| !members.iter().any(|(at, _)| *at == link.at)) {
                let member = Member {
                    filed: *filed,
                    link: Some((*link).clone()),
                };
                members.push((link.at, member));
            }
        }
        let first = members.len();
        for place in 0..first {
            let Some((_, from)) = members.get(place) else {
                break;
            };
            let from = from.filed;
            // Code belongs to a ticket's change where the change shows that it runs, and then it is here already: whoever writes
            // code can name any ticket.
            if !from.request.is_code() {
                continue;
            }
            let linked = from.request.links.requests.iter();
            let mut along: Vec<u32> = Vec::new();
            for id in linked {
                along.extend(requests.under(By::Id, &lower(id)));
            }
            along.extend(requests.under(By::Names, &lower(&from.request.id)));
            along.truncate(ALONG);
            for at in along {
                let there = members.iter().any(|(have, _)| *have == at);
                // Only code and its ticket belong together: that tickets relate to one another approves nothing.
                let other = requests
                    .get(at)
                    .filter(|filed| !there && !filed.request.is_code())
                    .filter(|filed| !was_over(filed.request, from.request.opened));
                if let Some(other) = other.filter(|other| !self.elsewhere(other.request)) {
                    let member = Member {
                        filed: *other,
                        link: None,
                    };
                    members.push((at, member));
                }
            }
        }
        members
    }

    /// Whether a request that only hangs on another is about something else.
    fn elsewhere(&self, request: &plimsoll_model::ChangeRequest) -> bool {
        let own = self.subject.strict_environment();
        let elsewhere = !request.environments.is_empty()
            && own.is_some_and(|own| {
                !request
                    .environments
                    .iter()
                    .any(|one| environment(one) == own)
            });
        elsewhere || (!request.assets.is_empty() && !self.linking().names_ours(request))
    }
}

/// Where not all that happened to a request is known, the rest may hold what is missing: that nobody approved is not proven then.
fn unsettled(case: &Case<'_, '_>, reasons: &mut [Reason]) {
    const BY_HISTORY: [&str; 5] = [
        "change-approved",
        "approver-authorised",
        "separation-of-duties",
        "change-reviewed",
        "emergency-signed-off",
    ];
    // These rest on what a request is, and not on what happened to it.
    const BY_STATE: [&str; 4] = [
        "environment-not-stated",
        "commit-not-final",
        "not-merged",
        "merged-after",
    ];
    let doubted = case.members.iter().map(Member::request);
    let doubted = doubted.filter_map(|one| Some((&one.id, one.is_doubted()?)));
    let Some((id, doubt)) = doubted.into_iter().next() else {
        return;
    };
    for reason in reasons {
        let missing = matches!(reason.outcome, Outcome::Fails | Outcome::Late);
        let by_history = BY_HISTORY.contains(&&*reason.control);
        if missing && by_history && !BY_STATE.contains(&&*reason.rule) {
            reason.outcome = Outcome::Unknown;
            let more = format!("; not all that happened to {id} is known: {doubt}");
            reason.text.push_str(&more);
        }
    }
}

/// Whether a ticket was done with, or refused, at a time.
fn was_over(request: &ChangeRequest, at: Timestamp) -> bool {
    let over = [
        request_state::IMPLEMENTED,
        request_state::CLOSED,
        request_state::CANCELLED,
        request_state::REJECTED,
    ];
    let until = |step: &&plimsoll_model::Transition| step.at.is_some_and(|when| when <= at);
    let last = request
        .transitions
        .iter()
        .filter(until)
        .max_by_key(|step| step.at);
    last.is_some_and(|step| over.contains(&step.to.as_str()))
}

/// The worst reason decides.
pub(super) fn verdict(reasons: &[Reason]) -> Verdict {
    let has = |outcome| reasons.iter().any(|reason| reason.outcome == outcome);
    let approved = reasons.iter().any(|reason| {
        reason.outcome == Outcome::Holds
            && ["separation-of-duties", "emergency-signed-off"].contains(&reason.control.as_str())
    });
    if has(Outcome::Fails) {
        Verdict::Unapproved
    } else if has(Outcome::Unknown) {
        Verdict::Unproven
    } else if has(Outcome::Late) {
        Verdict::Overdue
    } else if has(Outcome::Waits) {
        Verdict::Pending
    } else if approved {
        Verdict::Approved
    } else {
        // Nothing speaks against it, and nothing for it.
        Verdict::Unproven
    }
}
