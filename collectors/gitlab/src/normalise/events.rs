//! Labels and states over time: of merge requests and of issues alike.

use plimsoll_model::{ChangeRequest, Edit, SignOff, Text, Transition, edit_field, request_state};

use super::party::party;
use super::{Odd, word};
use crate::settings::Settings;
use crate::wire::{LabelEvent, StateEvent};

/// The word for the state of a merged merge request, which is not yet carried out anywhere.
const MERGED: &str = "merged";

/// From which state it went to which. What `closed` means is another thing for code than for a ticket.
pub(super) fn transitions(
    events: &[StateEvent],
    closed: &'static str,
    settings: &Settings,
    odd: &mut Odd,
) -> Vec<Transition> {
    let mut all: Vec<Transition> = Vec::with_capacity(events.len());
    for event in events {
        let state = event.state.as_deref().unwrap_or_default();
        let to = match state {
            "closed" => closed,
            "reopened" => request_state::REOPENED,
            "merged" => MERGED,
            _ => "",
        };
        all.push(Transition {
            at: odd.time(event.created_at.as_ref(), "the time of a state"),
            by: event.user.as_ref().map(|user| party(Some(user), settings)),
            to: to.into(),
            word: word(state),
        });
    }
    all.sort_by_cached_key(|step| step.at);
    all
}

/// What was put on and taken off: edits, and what labels confirm.
pub(super) fn labels(
    events: &[LabelEvent],
    request: &mut ChangeRequest,
    settings: &Settings,
    odd: &mut Odd,
) {
    for event in events {
        let name = event.label.as_ref().and_then(|label| label.name.as_ref());
        let name = name.map(|name| word(name)).unwrap_or_default();
        let lower = name.to_lowercase();
        if !name.is_empty() && settings.is_quiet(&name) {
            continue;
        }
        let at = odd.time(event.created_at.as_ref(), "the time of a label");
        let by = event.user.as_ref().map(|user| party(Some(user), settings));
        let added = event.action.as_deref() == Some("add");
        let still = request
            .labels
            .iter()
            .any(|label| label.to_lowercase() == lower);
        // A label that is gone confirms nothing any more.
        if let (Some(kind), true) = (settings.sign_offs.get(lower.as_str()), added && still) {
            request.sign_offs.push(SignOff {
                by: by.clone().unwrap_or_else(|| party(None, settings)),
                at,
                kind: kind.clone(),
                root_cause: false,
            });
            continue;
        }
        let emergency = settings.emergency_labels.iter().any(|one| *one == lower);
        let field = match emergency {
            true => edit_field::EMERGENCY,
            false => edit_field::LABELS,
        };
        let field = Text::const_new(field);
        request.edits.push(Edit { at, by, field });
    }
    request.sign_offs.sort_by_cached_key(|one| one.at);
}
