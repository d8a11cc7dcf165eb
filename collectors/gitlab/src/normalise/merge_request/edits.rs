//! What was altered in a merge request.

use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::{ChangeRequest, Edit, edit_field};

use super::super::Odd;
use super::super::approvals::Event;
use super::super::history::Said;
use super::Read;

/// How far the note of a push and the version that it made may lie apart.
const PUSH: Duration = Duration::from_secs(120);

/// The field of an edit by which it goes into another branch.
const BRANCH: &str = "branch";

/// The field of an edit by which other commits were proposed.
const PUSHED: &str = "commits";

/// What was altered after it was opened, by notes, and by versions that no note tells of.
pub(super) fn edits(
    read: &Read,
    happened: &[Event],
    says_what: bool,
    request: &mut ChangeRequest,
    odd: &mut Odd,
) {
    for event in happened {
        let field = match event.said {
            Said::Pushed => PUSHED,
            // What is to change, where and when stands in the texts: then anything of it may have been altered.
            Said::Title | Said::Description if says_what => "",
            Said::Title => edit_field::TITLE,
            Said::Description => edit_field::DESCRIPTION,
            Said::TargetBranch => BRANCH,
            _ => continue,
        };
        request.edits.push(Edit {
            at: event.at,
            by: Some(event.by.clone()),
            field: field.into(),
        });
    }
    let mut noted: Vec<Timestamp> = happened
        .iter()
        .filter(|event| event.said == Said::Pushed)
        .filter_map(|event| event.at)
        .collect();
    let mut versions: Vec<(Option<Timestamp>, i64)> = Vec::new();
    for version in read.versions.iter().flatten() {
        let at = odd.time(version.created_at.as_ref(), "the time of a push");
        versions.push((at, version.id));
    }
    versions.sort_by_key(|(at, id)| (*id, *at));
    versions.dedup();
    // The first is what it was opened with.
    for (at, _) in versions.into_iter().skip(1) {
        // Each note tells of one push: a second one beside it is another.
        let near = |noted: &Timestamp| at.is_some_and(|at| apart(at, *noted) <= PUSH);
        if let Some(place) = noted.iter().position(near) {
            noted.remove(place);
        } else {
            request.edits.push(Edit {
                at,
                by: None,
                field: PUSHED.into(),
            });
        }
    }
}

fn apart(one: Timestamp, other: Timestamp) -> Duration {
    Duration::try_from(one.duration_since(other).abs()).unwrap_or(Duration::MAX)
}
