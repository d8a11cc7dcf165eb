//! Events to edits, moves, approvals and confirmations.

use jiff::Timestamp;
use plimsoll_kit::mention::mentions;
use plimsoll_model::{
    Approval, ChangeRequest, Edit, SignOff, Text, Transition, Withdrawal, edit_field,
    request_state, sign_off_kind,
};

use super::commits::COMMITS;
use super::party::party;
use super::spoken::says_what;
use super::{Notes, word};
use crate::settings::{ROOT_CAUSE, Settings};
use crate::wire::Event;

/// What the branch is called among the things that can be edited.
const BRANCH: &str = "branch";
/// How far the time of merging and that of the closing that comes with it may lie apart.
const TOGETHER: i64 = 5;

/// Which kind of request the events are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// A pull request, with when it was merged.
    Pull(Option<Timestamp>),
    /// An issue.
    Issue,
}

/// Puts what happened into a request.
pub(super) fn history(
    events: &[Event],
    of: Of,
    settings: &Settings,
    request: &mut ChangeRequest,
    notes: &mut Notes,
) {
    // What comes in another order happened in its own all the same. The times are of one form, and those that have none come first.
    let mut events: Vec<&Event> = events.iter().collect();
    events.sort_by(|a, b| a.created_at.cmp(&b.created_at));
    for event in events {
        let Some(kind) = event.event.as_deref() else {
            continue;
        };
        let field = match kind {
            "labeled" | "unlabeled" => {
                label(event, kind == "labeled", of, settings, request, notes);
                continue;
            }
            "closed" | "reopened" | "convert_to_draft" | "ready_for_review" => {
                moved(event, kind, of, settings, request, notes);
                continue;
            }
            // A name that says what is to change may have brought anything, or taken it away.
            "renamed" if names_something(event, settings) => super::ANYTHING,
            "renamed" => edit_field::TITLE,
            "head_ref_force_pushed" => COMMITS,
            "base_ref_changed" | "base_ref_force_pushed" | "automatic_base_change_succeeded" => {
                BRANCH
            }
            "connected" | "disconnected" => edit_field::LINKS,
            "assigned" | "unassigned" => edit_field::IMPLEMENTERS,
            // It was another repository's before, and what happened there is not all here.
            "transferred" => super::ANYTHING,
            _ => continue,
        };
        request.edits.push(edit(event, field, settings, notes));
    }
}

fn edit(event: &Event, field: &'static str, settings: &Settings, notes: &mut Notes) -> Edit {
    Edit {
        at: notes.time(event.created_at.as_ref(), "the time of an event"),
        by: Some(party(event.actor.as_ref(), settings.account)),
        field: Text::const_new(field),
    }
}

fn label(
    event: &Event,
    given: bool,
    of: Of,
    settings: &Settings,
    request: &mut ChangeRequest,
    notes: &mut Notes,
) {
    let name = event
        .label
        .as_ref()
        .map(|label| label.name().to_lowercase());
    // A label without a name may be any.
    let name = name.unwrap_or_default();
    if let Some(kind) = settings
        .approvals
        .get(name.as_str())
        .filter(|_| of == Of::Issue)
    {
        approval(event, given, kind, settings, request, notes);
    } else if let Some(kind) = settings.sign_offs.get(name.as_str()) {
        sign_off(event, given, kind, settings, request, notes);
    } else if name.is_empty() || !settings.is_quiet(&name) {
        let edit = edit(event, edit_field::LABELS, settings, notes);
        request.edits.push(edit);
    }
}

fn approval(
    event: &Event,
    given: bool,
    kind: &Text,
    settings: &Settings,
    request: &mut ChangeRequest,
    notes: &mut Notes,
) {
    let at = notes.time(event.created_at.as_ref(), "the time of an approval");
    let by = party(event.actor.as_ref(), settings.account);
    if given {
        request.approvals.push(Approval {
            by,
            at,
            kind: kind.clone(),
            withdrawn: None,
        });
        return;
    }
    // Taking the label off takes back every yes that it stood for.
    let open = request.approvals.iter_mut();
    for one in open.filter(|one| one.kind == *kind && one.withdrawn.is_none()) {
        one.withdrawn = Some(Withdrawal {
            at,
            by: Some(by.clone()),
        });
    }
}

fn sign_off(
    event: &Event,
    given: bool,
    kind: &Text,
    settings: &Settings,
    request: &mut ChangeRequest,
    notes: &mut Notes,
) {
    let root_cause = kind == ROOT_CAUSE;
    let kind = match root_cause {
        true => Text::const_new(sign_off_kind::DOCUMENTED),
        false => kind.clone(),
    };
    if !given {
        // Nothing is confirmed by a label that is no longer there.
        let same = |one: &SignOff| one.kind == kind && one.root_cause == root_cause;
        request.sign_offs.retain(|one| !same(one));
        return;
    }
    request.sign_offs.push(SignOff {
        by: party(event.actor.as_ref(), settings.account),
        at: notes.time(event.created_at.as_ref(), "the time of a label"),
        kind,
        root_cause,
    });
}

fn moved(
    event: &Event,
    kind: &str,
    of: Of,
    settings: &Settings,
    request: &mut ChangeRequest,
    notes: &mut Notes,
) {
    let at = notes.time(event.created_at.as_ref(), "the time of an event");
    let reason = event.state_reason.as_deref();
    let to = match (kind, of) {
        ("reopened", _) => request_state::REOPENED,
        ("closed", Of::Pull(Some(merged))) if with_merge(at, merged) => return,
        // Closed and not merged.
        ("closed", Of::Pull(_)) => request_state::CANCELLED,
        ("closed", Of::Issue) if matches!(reason, Some("not_planned" | "duplicate")) => {
            request_state::CANCELLED
        }
        ("closed", Of::Issue) => request_state::CLOSED,
        ("convert_to_draft", _) => "draft",
        _ => "ready",
    };
    request.transitions.push(Transition {
        at,
        by: Some(party(event.actor.as_ref(), settings.account)),
        to: Text::const_new(to),
        word: word(reason.unwrap_or(kind)),
    });
}

/// Whether a closing is the one that comes with merging.
fn with_merge(at: Option<Timestamp>, merged: Timestamp) -> bool {
    let apart = jiff::SignedDuration::from_secs(TOGETHER);
    at.is_some_and(|at| at.checked_add(apart).is_ok_and(|at| at >= merged))
}

/// Whether a title says what is to change, before it was renamed or since.
fn names_something(event: &Event, settings: &Settings) -> bool {
    let rename = event.rename.as_ref();
    let names = rename.map(|one| [one.from.as_deref(), one.to.as_deref()]);
    let mut names = names.into_iter().flatten().flatten();
    names.any(|name| says_what(&mentions(name, &settings.words)))
}
