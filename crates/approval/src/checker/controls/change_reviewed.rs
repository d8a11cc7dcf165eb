//! Whether what runs is what was looked at, and merged.

use std::collections::BTreeSet;
use std::time::Duration;

use plimsoll_change::path_is_of;
use plimsoll_model::{Text, review_said};

use super::{Control, Of};
use crate::checker::proof::VoteKind;
use crate::checker::votes::approvals;
use crate::checker::{Group, Refusal, refuse};
use crate::index::lower;
use crate::policy::{ReviewNeed, ReviewPlace, When};

pub(super) const CONTROL: Control = Control {
    ids: &["change-reviewed"],
    of: Of::Planned,
    check: reviewed,
};

/// The reviews that the rule asks for, the merge, and a refusal that nobody answered.
fn reviewed(group: &Group<'_, '_>) -> Result<(), Refusal> {
    let (rule, sensitive) = (group.rule, group.is_sensitive());
    let approvers = &approvals(group).unwrap_or_default();
    let security = touches_security(group) || (rule.security_on_sensitive && sensitive);
    let votes = || group.claim.approvals.iter().chain(&group.claim.reviews);
    if security && !rule.security_approvers.is_empty() {
        let stands = votes().any(|at| {
            group
                .counts(at, &["", "security"], &rule.security_approvers)
                .is_ok()
        });
        if !stands {
            return refuse(
                "security-not-approved",
                "it touches security, and security did not approve",
            );
        }
    }
    let mut given: Vec<BTreeSet<Text>> = Vec::new();
    for need in &rule.reviews {
        let asked = match need.when {
            When::Always => true,
            When::Security => security,
            When::Sensitive => sensitive,
        };
        if asked {
            let people = counted(group, need, approvers)?;
            given.extend(std::iter::repeat_n(people, need.count));
        }
    }
    // The fewest first, so that what cannot be is seen at once.
    given.sort_by_key(BTreeSet::len);
    if !has_own_person_each(&given) {
        return refuse(
            "reviewer-counted-twice",
            "one person gave reviews that the rule asks of different people",
        );
    }
    merged(group)?;
    unanswered(group)
}

/// As many people as one kind of review asks for.
fn counted(
    group: &Group<'_, '_>,
    need: &ReviewNeed,
    approvers: &BTreeSet<Text>,
) -> Result<BTreeSet<Text>, Refusal> {
    let votes = || group.claim.approvals.iter().chain(&group.claim.reviews);
    let code = need.place == ReviewPlace::Code;
    if code && !group.code().any(|_| true) {
        return refuse(
            "review-missing",
            format!("there is no code to give a {} review of", need.kind),
        );
    }
    let (mut people, mut last) = (BTreeSet::new(), None);
    for at in votes() {
        let vote = group.vote(at, Duration::ZERO).ok();
        let on_code = vote.is_some_and(|vote| vote.on_code);
        let plain: &[&str] = if on_code || !code {
            &["", &need.kind]
        } else {
            &[&need.kind]
        };
        if code && at.kind == VoteKind::SignOff {
            continue;
        }
        let named = at.kind == VoteKind::SignOff || vote.is_some_and(|vote| !vote.kind.is_empty());
        match group.counts(at, plain, &need.roles) {
            // In a tracker a plain yes that approves is no review besides.
            Ok(person) if !code && !named && approvers.contains(&person.name) => {}
            Ok(person) => drop(people.insert(person.name.clone())),
            Err(refusal) => last = Some(refusal),
        }
    }
    // Nobody reviews alone what they alone approve.
    let apart = code || people.union(approvers).count() > need.count;
    if people.len() < need.count || !apart {
        return last.map_or_else(
            || {
                refuse(
                    "review-missing",
                    format!("{} of {} {} reviews", people.len(), need.count, need.kind),
                )
            },
            Err,
        );
    }
    Ok(people)
}

/// Whether each review can be given to a person of its own.
pub(crate) fn has_own_person_each(given: &[BTreeSet<Text>]) -> bool {
    fn assign<'g>(given: &'g [BTreeSet<Text>], taken: &mut BTreeSet<&'g Text>) -> bool {
        let Some((first, rest)) = given.split_first() else {
            return true;
        };
        first.iter().any(|person| {
            let free = taken.insert(person);
            let fits = free && assign(rest, taken);
            if free && !fits {
                taken.remove(person);
            }
            fits
        })
    }
    assign(given, &mut BTreeSet::new())
}

fn touches_security(group: &Group<'_, '_>) -> bool {
    let rule = group.rule;
    let paths = group.facts.subject.change.paths.iter();
    let labels = group.members.iter().flat_map(|one| &one.request.labels);
    paths.clone().any(|path| {
        rule.security_facts
            .iter()
            .any(|fact| path_is_of(&path.path, fact))
    }) || labels.clone().any(|label| {
        rule.security_labels
            .iter()
            .any(|one| *lower(label) == **one)
    })
}

/// Every piece of code was merged before the change, into the branch that deploys the system, by its rules.
fn merged(group: &Group<'_, '_>) -> Result<(), Refusal> {
    let rule = group.rule;
    if !(rule.merged || rule.protected || rule.before_merge || !rule.deploy_branches.is_empty()) {
        return Ok(());
    }
    let mut any = false;
    for filed in group.code() {
        let id = &filed.request.id;
        let Some(merge) = &filed.request.merge else {
            return refuse("not-merged", format!("{id} was not merged"));
        };
        if (rule.merged || rule.before_merge)
            && !merge.at.is_some_and(|at| group.facts.interval.follows(at))
        {
            return refuse(
                "not-merged-before",
                format!("nothing proves that {id} was merged before the change"),
            );
        }
        any = true;
    }
    if any {
        Ok(())
    } else {
        refuse("not-merged", "no code was merged for it")
    }
}

/// Nobody who belongs to the house asked for changes and was left without an answer.
fn unanswered(group: &Group<'_, '_>) -> Result<(), Refusal> {
    // Where the house asks for no reviews, the word of those who approve counts.
    let roles: &[Text] = if group.rule.reviews.is_empty() {
        &group.rule.approvers
    } else {
        &[]
    };
    for filed in group.code() {
        for no in filed.request.reviews.iter().filter(|one| {
            one.said == review_said::CHANGES_REQUESTED && one.withdrawn.is_none() && !one.by.bot
        }) {
            let Some(at) = no.at.filter(|at| !group.facts.interval.precedes(*at)) else {
                continue;
            };
            let answered = filed.request.reviews.iter().any(|one| {
                one.by.account == no.by.account
                    && one.said == review_said::APPROVED
                    && one.at.is_some_and(|later| later > at)
            });
            if !answered && group.authorised(filed, &no.by, at, roles).is_ok() {
                return refuse(
                    "review-refused",
                    format!(
                        "{} asked for changes of {}",
                        no.by.account, filed.request.id
                    ),
                );
            }
        }
    }
    Ok(())
}
