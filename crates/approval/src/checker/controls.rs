//! What else a rule asks of the requests that cover a change.

use std::collections::BTreeSet;
use std::time::Duration;

use plimsoll_change::{ChangeKind, path_is_of};
use plimsoll_model::{ChangeRequest, Text, fact, request_kind, review_said, sign_off_kind};

use super::proof::VoteKind;
use super::{Facts, Group, Refusal, refuse};
use crate::index::lower;
use crate::keys::{KeyKind, Part, keys, part};
use crate::moment::later;
use crate::people::Known;
use crate::policy::{ReviewPlace, When};
use crate::request::{RequestFacts, same_commit};
use crate::types::{Announced, Filed, Standing};

/// Reviews, the merge and its branch.
pub(super) fn reviewed(
    group: &Group<'_, '_>,
    standing: &Standing<'_>,
    approvers: &BTreeSet<Text>,
) -> Result<(), Refusal> {
    let rule = group.rule;
    let sensitive = standing.sensitive.unwrap_or(rule.undeclared_is_sensitive);
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
    for need in &rule.reviews {
        let asked = match need.when {
            When::Always => true,
            When::Security => security,
            When::Sensitive => sensitive,
        };
        if !asked {
            continue;
        }
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
            let named =
                at.kind == VoteKind::SignOff || vote.is_some_and(|vote| !vote.kind.is_empty());
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
    }
    if rule.merged || rule.protected || rule.before_merge || !rule.deploy_branches.is_empty() {
        merged(group)?;
    }
    if rule.reviews.is_empty() {
        Ok(())
    } else {
        unanswered(group)
    }
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
    let mut any = false;
    for filed in group.code() {
        let id = &filed.request.id;
        // A repository tells of a commit that a pull request brought: that one says how it was merged.
        if group.told_by_pull_request(filed) {
            continue;
        }
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
        if rule.protected && merge.protected != Some(true) {
            return refuse(
                "branch-unprotected",
                format!("nothing proves that the branch of {id} was protected"),
            );
        }
        let branch = merge.branch.as_deref().unwrap_or_default();
        if !rule.deploy_branches.is_empty() && !rule.deploy_branches.iter().any(|one| one == branch)
        {
            return refuse(
                "merged-elsewhere",
                format!("{id} went into {branch:?}, which does not deploy the system"),
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
            if !answered && group.authorised(filed, &no.by, at, &[]).is_ok() {
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

/// Tests, quality assurance and staging.
pub(super) fn tested(group: &Group<'_, '_>) -> Result<(), Refusal> {
    if group.rule.checks {
        let mut code = group
            .code()
            .filter(|filed| !group.told_by_pull_request(filed))
            .peekable();
        if code.peek().is_none() {
            return refuse("checks-missing", "no code was proposed, so no tests ran");
        }
        code.try_for_each(|filed| checks(group, filed.request))?;
    }
    if !group.rule.qa.is_empty() {
        signed(group, sign_off_kind::QA, &group.rule.qa)?;
    }
    if group.rule.staging {
        staging(group)
    } else {
        Ok(())
    }
}

/// The latest conclusive run of each required check before the deployment passed.
fn checks(group: &Group<'_, '_>, request: &ChangeRequest) -> Result<(), Refusal> {
    let (id, interval) = (&request.id, &group.facts.interval);
    let Some(commit) = request.final_commits().next() else {
        return refuse(
            "head-unknown",
            format!("nobody says which commit {id} became"),
        );
    };
    let runs = || {
        request.checks.iter().filter(|one| {
            one.commit
                .as_deref()
                .is_some_and(|other| same_commit(commit, other))
        })
    };
    let seen: BTreeSet<&Text> = runs().map(|one| &one.name).collect();
    let names: Vec<&Text> = if group.rule.check_names.is_empty() {
        seen.into_iter().collect()
    } else {
        group.rule.check_names.iter().collect()
    };
    if names.is_empty() {
        return refuse("checks-missing", format!("no test ran on {commit}"));
    }
    for name in names {
        let mine = || {
            runs()
                .filter(|one| one.name == *name && !one.at.is_some_and(|at| interval.precedes(at)))
        };
        if mine().any(|one| one.at.is_none() && one.passed != Some(true)) {
            return refuse(
                "checks-unfinished",
                format!("{name} has a run on {commit} without an end"),
            );
        }
        let last = mine()
            .filter(|one| one.passed.is_some() && one.at.is_some())
            .max_by_key(|one| (one.at, one.passed == Some(false)));
        let passed = last.is_some_and(|one| {
            one.passed == Some(true) && one.at.is_some_and(|at| interval.follows(at))
        });
        if !passed {
            return refuse(
                "checks-not-passed",
                format!("nothing proves that {name} passed on {commit} before the change"),
            );
        }
    }
    Ok(())
}

/// A confirmation by somebody independent with a role, before the change and, for QA, after staging had it.
fn signed(group: &Group<'_, '_>, kind: &str, roles: &[Text]) -> Result<(), Refusal> {
    let mut last = None;
    for filed in &group.members {
        for done in filed
            .request
            .sign_offs
            .iter()
            .filter(|one| one.kind == kind)
        {
            let Some(at) = done.at.filter(|at| group.facts.interval.follows(*at)) else {
                continue;
            };
            let staged =
                kind != sign_off_kind::QA || !group.rule.staging || group.facts.in_staging_at(at);
            let good = group
                .authorised(filed, &done.by, at, roles)
                .and_then(|person| group.independent(person));
            match good {
                Ok(()) if staged => return Ok(()),
                Ok(()) => {
                    last = refuse::<()>(
                        "sign-off-before-staging",
                        format!("{kind} was confirmed before it ran in staging"),
                    )
                    .err()
                }
                Err(refusal) => last = Some(refusal),
            }
        }
    }
    last.map_or_else(
        || {
            refuse(
                "sign-off-missing",
                format!("nobody confirmed {kind} before the change"),
            )
        },
        Err,
    )
}

/// What the change brings ran on the system's staging twin before, for long enough; a setting had the same value there.
fn staging(group: &Group<'_, '_>) -> Result<(), Refusal> {
    let facts = group.facts;
    let new = facts.artefacts();
    for key in &new {
        let since = facts
            .runs(key)
            .filter(|run| facts.interval.follows(run.from))
            .map(|run| run.from)
            .min();
        if since.is_none() {
            return refuse(
                "not-in-staging",
                format!("nothing proves that {key} ran on the staging twin before"),
            );
        }
        let Some(soak) = group.rule.soak else {
            continue;
        };
        let end = facts.interval.earliest.unwrap_or(facts.interval.latest);
        let soaked: i128 = facts
            .runs(key)
            .map(|run| {
                let until = run.until.map_or(end, |until| until.min(end));
                until.duration_since(run.from).as_nanos().max(0)
            })
            .sum();
        if soaked < i128::try_from(soak.as_nanos()).unwrap_or(i128::MAX) {
            return refuse(
                "soak-too-short",
                format!("{key} did not run in staging for long enough"),
            );
        }
    }
    let subject = facts.subject;
    if subject.change.kind != ChangeKind::Modified {
        return Ok(());
    }
    for path in subject
        .change
        .paths
        .iter()
        .filter(|path| is_setting(&path.path))
    {
        let same = subject.twin_values.iter().any(|twin| {
            twin.path == path.path && twin.value == path.to && facts.interval.follows(twin.from)
        });
        if !same {
            return refuse(
                "setting-not-in-staging",
                format!(
                    "nothing proves that {} had this value on the staging twin before",
                    path.path
                ),
            );
        }
    }
    Ok(())
}

/// Whether a path is a setting that staging can have before: neither an artefact, nor scale, nor what names the system itself.
pub(crate) fn is_setting(path: &str) -> bool {
    let scale = [fact::REPLICAS, fact::AUTOSCALING];
    part(path) != Part::Artefact
        && !path.starts_with("labels")
        && !path.starts_with("relations")
        && !scale.iter().any(|fact| path_is_of(path, fact))
}

/// The planned window, and whether the environment is stated.
pub(super) fn planned(group: &Group<'_, '_>) -> Result<(), Refusal> {
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

/// What is asked of every change, emergencies included.
pub(super) fn always(group: &Group<'_, '_>, urgent: bool) -> Result<(), Refusal> {
    let (rule, facts) = (group.rule, group.facts);
    let subject = facts.subject;
    if rule.environment_stated
        && !group
            .members
            .iter()
            .any(|one| !one.request.environments.is_empty())
    {
        return refuse("environment-not-stated", "no request names the environment");
    }
    if rule.ticket_linked && !group.members.iter().any(|one| !one.request.is_code()) {
        return refuse("ticket-not-linked", "no ticket stands beside the code");
    }
    if !group
        .members
        .iter()
        .any(|one| one.request.requester.is_some())
    {
        return refuse("requester-not-stated", "no request says who asked");
    }
    implementer(group)?;
    if let Some(run) = subject.earlier_run(&facts.artefacts())
        && !(rule.rollback_allowed && run.approved)
        && !group
            .members
            .iter()
            .any(|one| one.request.opened >= run.until)
    {
        return refuse(
            "redeployed",
            format!(
                "{} ran here before, and its request approves no second change",
                run.artefact
            ),
        );
    }
    let new = subject.change.kind == ChangeKind::Added && subject.role.is_some();
    if new
        && rule.provisioning
        && !group
            .members
            .iter()
            .any(|one| facts.provisions(one.request))
    {
        return refuse(
            "no-provisioning-request",
            "no request asks for a new system",
        );
    }
    if new && !urgent && !rule.inspected_by.is_empty() {
        signed(group, sign_off_kind::INSPECTED, &rule.inspected_by)?;
    }
    if rule.announced
        && !matches!(subject.announced, Announced::At(_))
        && !group.members.iter().any(|one| facts.announces(one.request))
        && !facts.is_announced()
    {
        return refuse(
            "not-announced",
            "it was not announced in the change-control channel",
        );
    }
    if rule.reconciled_by.is_empty() {
        Ok(())
    } else {
        reconciled(group)
    }
}

fn implementer(group: &Group<'_, '_>) -> Result<(), Refusal> {
    let (rule, facts) = (group.rule, group.facts);
    let open = rule.implementers.is_empty() && rule.automations.is_empty();
    let maker = facts
        .subject
        .maker
        .filter(|maker| maker.proven && !maker.has_failed());
    let Some((maker, account)) = maker.and_then(|maker| Some((maker, maker.account?))) else {
        return if rule.implementer_known {
            refuse("implementer-not-known", "no record proves who made it")
        } else {
            Ok(())
        };
    };
    if open && !rule.implementer_known {
        return Ok(());
    }
    let good = match facts.world.people.who(maker.source, account) {
        Known::Automation(one) => {
            open || rule
                .automations
                .iter()
                .any(|name| name == "*" || *name == one.name)
        }
        Known::Person(person) => {
            let there = person.left.is_none_or(|left| facts.interval.latest < left);
            let held = facts
                .world
                .people
                .holds(person, &rule.implementers, facts.interval.latest);
            there
                && (open
                    || matches!(
                        held,
                        crate::people::Held::Own(_) | crate::people::Held::Lent(..)
                    ))
        }
        Known::Nobody => false,
    };
    if good {
        Ok(())
    } else {
        refuse(
            "implementer-not-listed",
            format!("{account} made it and may not"),
        )
    }
}

fn reconciled(group: &Group<'_, '_>) -> Result<(), Refusal> {
    let (rule, interval) = (group.rule, &group.facts.interval);
    let due = later(interval.latest, rule.reconciled_within);
    let done = group.members.iter().any(|filed| {
        let all = filed
            .request
            .sign_offs
            .iter()
            .filter(|one| one.kind == sign_off_kind::RECONCILED);
        all.filter_map(|one| Some((one, one.at?))).any(|(one, at)| {
            interval.precedes(at)
                && at <= due
                && group
                    .authorised(filed, &one.by, at, &rule.reconciled_by)
                    .is_ok()
        })
    });
    if done {
        Ok(())
    } else {
        refuse("not-reconciled", "the inventory was not confirmed in time")
    }
}

impl<'f, 'a> Group<'f, 'a> {
    pub(super) fn code(&self) -> impl Iterator<Item = &Filed<'a>> {
        self.members.iter().filter(|one| one.request.is_code())
    }

    /// Whether a repository tells of the very commit that a pull request of the group became.
    pub(super) fn told_by_pull_request(&self, filed: &Filed<'_>) -> bool {
        let request = filed.request;
        request.kind != request_kind::PULL_REQUEST
            && request.checks.is_empty()
            && self.code().any(|other| {
                other.request.kind == request_kind::PULL_REQUEST
                    && request.final_commits().next().is_some_and(|hash| {
                        other
                            .request
                            .final_commits()
                            .next()
                            .is_some_and(|one| same_commit(one, hash))
                    })
            })
    }
}

impl Facts<'_, '_> {
    /// What the change brings: digests, or commits where no digest is known.
    pub(super) fn artefacts(&self) -> Vec<Text> {
        let all = keys(self.subject, self.policy);
        let of = |kind| {
            all.iter()
                .filter(move |key| key.kind == kind && !key.deed)
                .map(|key| key.text.clone())
        };
        let digests: BTreeSet<Text> = of(KeyKind::Digest).collect();
        let found = if digests.is_empty() {
            of(KeyKind::Commit).collect()
        } else {
            digests
        };
        found.into_iter().collect()
    }

    fn runs(&self, artefact: &str) -> impl Iterator<Item = &crate::staging::StagingRun> {
        let runs = self
            .world
            .sightings
            .runs
            .get(artefact)
            .into_iter()
            .flatten();
        runs.filter(|run| self.subject.twins.contains(&&run.asset))
    }

    /// Whether all that the change brings ran on the staging twin already at a time.
    pub(super) fn in_staging_at(&self, at: jiff::Timestamp) -> bool {
        self.artefacts()
            .iter()
            .all(|key| self.runs(key).any(|run| run.from <= at))
    }

    pub(super) fn provisions(&self, request: &ChangeRequest) -> bool {
        request.provisions || has_label(request, &self.policy.provisioning_labels)
    }

    /// Whether a request asks for the removal of the asset.
    pub(super) fn removes(&self, request: &ChangeRequest) -> bool {
        has_label(request, &self.policy.removal_labels) && self.subject.reaches(request)
    }

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

pub(super) fn has_label(request: &ChangeRequest, labels: &[Text]) -> bool {
    request
        .labels
        .iter()
        .any(|label| labels.iter().any(|one| *lower(label) == **one))
}
