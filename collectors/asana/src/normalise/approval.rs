//! Approval tasks: the request itself, or a subtask of it.
//!
//! To complete such a task in whatever way makes it approved, so only the story that says so tells who approved it, and when.

use plimsoll_model::{Approval, SignOff, Transition, Withdrawal, request_state};

use super::said::{Hand, in_order, kind};
use super::{Making, Site, edits, word};
use crate::wire::{Story, Task};

/// Fills in what became of an approval task: the request itself, or one `below` it.
pub(super) fn read(
    site: &Site<'_>,
    task: &Task,
    stories: &[Story],
    below: bool,
    making: &mut Making,
) {
    let meaning = &site.settings.meaning;
    let name = task.name.as_deref().unwrap_or_default();
    let mut confirms = meaning.sign_offs.iter();
    let confirm = confirms.find(|confirm| confirm.rule.is_of_task(name));
    let mut rules = meaning.approvals.iter();
    let Some(rule) = confirm
        .map(|confirm| &confirm.rule)
        .or_else(|| rules.find(|rule| rule.is_of_task(name)))
    else {
        return;
    };
    let given = given(site, task, stories, below, making);
    match confirm {
        Some(confirm) => {
            let standing = given.into_iter().filter(|one| one.withdrawn.is_none());
            making.request.sign_offs.extend(standing.map(|one| SignOff {
                by: one.by,
                at: one.at,
                kind: rule.kind.clone(),
                root_cause: confirm.root_cause,
            }));
        }
        None => {
            let kinds = given.into_iter().map(|mut one| {
                one.kind = rule.kind.clone();
                one
            });
            making.request.approvals.extend(kinds);
        }
    }
}

/// Every yes to an approval task, also those that were taken back. One to a subtask is over when the subtask is altered, or put
/// below another task: what was altered in the request itself is told as an edit of it.
fn given(
    site: &Site<'_>,
    task: &Task,
    stories: &[Story],
    below: bool,
    making: &mut Making,
) -> Vec<Approval> {
    let mut given: Vec<Approval> = Vec::new();
    let ordered = in_order(stories);
    let mut last = None;
    for story in ordered.steps {
        let hand = Hand::of(site, story);
        let status = story.new_approval_status.as_deref();
        if let Some(status) = status {
            // Of two answers of one moment nobody can say which came first.
            if hand.at.is_some()
                && last.is_some_and(|(at, before)| at == hand.at && before != status)
            {
                making.doubt("two answers to its approval are of one moment, and nothing says which of them came first");
            }
            let begins = story.old_approval_status.as_deref();
            if begins
                .zip(last)
                .is_some_and(|(begins, (_, before))| begins != before)
            {
                making.doubt("an answer to its approval is missing from its history: one begins where no other ended");
            }
            last = Some((hand.at, status));
        }
        match status {
            Some("approved") => {
                if hand.proven().is_none() && hand.at.is_some() {
                    making.remark(UNPROVEN);
                }
                let mut approval = Approval::new("", hand.proven());
                approval.by = site.party_or_nobody(hand.person);
                given.push(approval);
                continue;
            }
            // It waits for an answer again.
            None if kind(story) == "marked_incomplete" => last = Some((hand.at, "pending")),
            None if below && edits::alters_subtask(site, story) => {}
            None => continue,
            Some("rejected") => making.request.transitions.push(Transition {
                at: hand.at,
                by: hand.by.clone(),
                to: request_state::REJECTED.into(),
                word: word("rejected"),
            }),
            _ => {}
        }
        let standing = given.iter_mut();
        for one in standing.filter(|one| one.withdrawn.is_none()) {
            one.withdrawn = Some(Withdrawal {
                at: hand.at,
                by: hand.by.clone(),
            });
        }
    }
    let stands = given.iter().any(|one| one.withdrawn.is_none());
    let approved = task.approval_status.as_deref() == Some("approved");
    if below && approved && !stands && !given.is_empty() {
        making.remark(
            "a subtask that approves it was altered after it was approved: that approval is over",
        );
    } else if stands && !approved {
        making.doubt("its history says that it is approved, and it says otherwise itself");
    } else if approved && !stands {
        making.remark(
            "it says that it is approved, and no story says by whom and when: this proves nothing",
        );
        let mut approval = Approval::new("", None);
        approval.by = site.party_or_nobody(task.completed_by.as_ref());
        given.push(approval);
    }
    given
}

/// Why an approval has no time.
pub(super) const UNPROVEN: &str = "it was approved by nobody who is named, by mail, or by a program with somebody's token: such an approval has no time, and proves nothing";
