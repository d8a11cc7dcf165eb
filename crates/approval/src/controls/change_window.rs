//! `change-window`: made inside the window that was planned.

use super::{Control, Of};
use crate::case::Case;
use crate::moment::Against;
use crate::types::{Outcome, Reason};

pub(super) const CONTROL: Control = Control {
    ids: &["change-window"],
    of: Of::Planned,
    explain: window,
};

/// Each window that a request plans, and whether one is asked for.
fn window(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    let control = "change-window";
    let mut any = false;
    for member in &case.members {
        let Some((start, end)) = member.request().window else {
            continue;
        };
        any = true;
        let id = &member.request().id;
        let when = case.moment.words();
        let (outcome, rule, text) = if end < start {
            (
                Outcome::Unknown,
                "window-backwards",
                format!("the window of {id} ends at {end:.0}, before it starts at {start:.0}"),
            )
        } else {
            match case.moment.against((start, end)) {
                Against::Inside => (
                    Outcome::Holds,
                    "inside-window",
                    format!("made {when}, inside the window of {id}"),
                ),
                Against::Outside => (
                    Outcome::Fails,
                    "outside-window",
                    format!("made {when}, outside the window of {id}, {start:.0} to {end:.0}"),
                ),
                Against::Unclear => (
                    Outcome::Unknown,
                    "window-unclear",
                    format!("made {when}, and the window of {id} is {start:.0} to {end:.0}"),
                ),
            }
        };
        reasons.push(Reason::new(control, outcome, rule, text));
    }
    if !any && case.rule.window_required {
        let text = format!("{} plans no window", case.names().join(", "));
        reasons.push(Reason::new(control, Outcome::Fails, "window-missing", text));
    }
}
