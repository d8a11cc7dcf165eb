//! Whether the change was made inside of each window that was planned.

use super::{Control, Of};
use crate::checker::{Group, Refusal, refuse};

pub(super) const CONTROL: Control = Control {
    ids: &["change-window"],
    of: Of::Planned,
    check: planned,
};

/// Each window, and whether one is asked for.
fn planned(group: &Group<'_, '_>) -> Result<(), Refusal> {
    let interval = &group.facts.interval;
    let mut any = false;
    for filed in &group.members {
        let Some((start, end)) = filed.request.window else {
            continue;
        };
        any = true;
        let inside =
            interval.earliest.is_some_and(|earliest| earliest >= start) && interval.latest <= end;
        if !inside {
            return refuse(
                "window-not-proven",
                format!(
                    "nothing proves that it was made in the window of {}",
                    filed.request.id
                ),
            );
        }
    }
    if group.rule.window_required && !any {
        return refuse("window-missing", "no request plans a window");
    }
    Ok(())
}
