//! Whether the change was announced in the change-control channel.

use plimsoll_model::{ChangeRequest, request_kind, sign_off_kind};

use super::{Control, Of};
use crate::checker::{Facts, Group, Refusal, refuse};
use crate::types::Announced;

pub(super) const CONTROL: Control = Control {
    ids: &["change-logged"],
    of: Of::Every,
    check: logged,
};

fn logged(group: &Group<'_, '_>) -> Result<(), Refusal> {
    let (rule, facts) = (group.rule, group.facts);
    if rule.announced
        && !matches!(facts.subject.announced, Announced::At(_))
        && !group.members.iter().any(|one| facts.announces(one.request))
        && !facts.is_announced()
    {
        return refuse(
            "not-announced",
            "it was not announced in the change-control channel",
        );
    }
    Ok(())
}

impl Facts<'_, '_> {
    fn announces(&self, request: &ChangeRequest) -> bool {
        request.kind == request_kind::MESSAGE
            || request
                .sign_offs
                .iter()
                .any(|done| done.kind == sign_off_kind::ANNOUNCED)
    }

    /// Whether a message in a channel names the system, or a ticket of the change.
    fn is_announced(&self) -> bool {
        self.world.requests.iter().any(|filed| {
            filed.request.kind == request_kind::MESSAGE && self.subject.reaches(filed.request)
        })
    }
}
