//! `change-logged`: announced in the change-control channel.

use plimsoll_model::{request_kind, sign_off_kind};

use super::{Control, Of};
use crate::case::Case;
use crate::moment::later;
use crate::types::{Announced, Outcome, Reason};

pub(super) const CONTROL: Control = Control {
    ids: &["change-logged"],
    of: Of::Every,
    explain: logged,
};

/// A message of the change, or Plimsoll's own announcement.
fn logged(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    if !case.rule.announced {
        return;
    }
    let said = case.members.iter().any(|one| {
        let request = one.request();
        request.kind == request_kind::MESSAGE
            || request
                .sign_offs
                .iter()
                .any(|done| done.kind == sign_off_kind::ANNOUNCED)
    });
    let (outcome, rule, text) = match (said, case.subject.announced) {
        (true, _) => (
            Outcome::Holds,
            "announced",
            "it was announced in the change-control channel".to_owned(),
        ),
        (false, Announced::At(at)) => (
            Outcome::Holds,
            "announced-here",
            format!("Plimsoll announced it in the change-control channel at {at}"),
        ),
        (false, Announced::Planned) => (
            Outcome::Waits,
            "announcing",
            "Plimsoll is about to announce it in the change-control channel".to_owned(),
        ),
        (false, Announced::No) if case.now <= later(case.moment.hi, case.rule.announced_within) => {
            (
                Outcome::Waits,
                "announcement-awaited",
                "it has still to be announced in the change-control channel".to_owned(),
            )
        }
        (false, Announced::No) => (
            Outcome::Fails,
            "not-announced",
            "it was not announced in the change-control channel".to_owned(),
        ),
    };
    reasons.push(Reason::new("change-logged", outcome, rule, text));
}
