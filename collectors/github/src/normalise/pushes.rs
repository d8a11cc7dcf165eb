//! Who pushed what to the branch of a pull request, and when.

use std::collections::HashSet;

use jiff::Timestamp;
use plimsoll_model::{Party, Text};

use super::party::party;
use super::{Notes, hash};
use crate::settings::AccountBy;
use crate::wire::{Activity, Commit};

/// A push, as the vendor itself saw it: nobody can claim another time, or to be somebody else.
#[derive(Clone, Debug)]
pub(super) struct Push {
    pub(super) at: Timestamp,
    pub(super) by: Party,
    /// The last commit that came with it.
    pub(super) after: Option<Text>,
}

/// The pushes that have to do with a pull request: those that brought one of its commits, and all while it was open. A branch of
/// the same name may have had another before it, and after it.
pub(super) fn pushes(
    activities: &[Activity],
    branch: &str,
    commits: &[Commit],
    opened: Timestamp,
    ended: Option<Timestamp>,
    by: AccountBy,
    notes: &mut Notes,
) -> Vec<Push> {
    let own = format!("refs/heads/{branch}");
    let hashes = commits.iter().filter_map(|commit| hash(Some(&commit.sha)));
    let hashes: HashSet<Text> = hashes.collect();
    let mut all = Vec::new();
    for activity in activities {
        let deleted = activity.activity_type.as_deref() == Some("branch_deletion");
        if deleted
            || activity
                .branch
                .as_deref()
                .is_some_and(|branch| branch != own)
        {
            continue;
        }
        let Some(at) = notes.time(activity.timestamp.as_ref(), "the time of a push") else {
            continue;
        };
        let after = hash(activity.after.as_ref());
        let brought = after.as_ref().is_some_and(|after| hashes.contains(after));
        let meanwhile = at > opened && ended.is_none_or(|ended| at <= ended);
        if brought || meanwhile {
            let by = party(activity.actor.as_ref(), by);
            all.push(Push { at, by, after });
        }
    }
    all.sort_by(|a, b| (a.at, &a.after).cmp(&(b.at, &b.after)));
    all
}
