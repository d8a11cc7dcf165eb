//! Which votes count: in time, still standing, by somebody with the right who had no part in the change.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::{Party, SignOff, Text, edit_field, request_state, review_said, sign_off_kind};

use super::proof::{VoteKind, VoteRef};
use super::{Group, Refusal, refuse};
use crate::moment::later;
use crate::people::{Held, Known, Person};
use crate::request::RequestFacts;
use crate::types::Filed;

/// A vote with the request that it is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vote<'a> {
    pub(super) filed: Filed<'a>,
    pub(super) by: &'a Party,
    pub(super) at: Timestamp,
    pub(super) kind: &'a str,
    pub(super) on_code: bool,
    review_of: Option<&'a str>,
}

impl<'f, 'a> Group<'f, 'a> {
    /// The vote that a reference means: one that has a time, was not taken back and is in no doubt of its own.
    pub(super) fn vote(&self, at: &VoteRef, grace: Duration) -> Result<Vote<'a>, Refusal> {
        let place = self
            .claim
            .members
            .iter()
            .position(|member| *member == at.request);
        let Some(filed) = place.and_then(|place| self.members.get(place)).copied() else {
            return refuse(
                "vote-of-another-request",
                "the proof counts a vote on a request that it does not name",
            );
        };
        let (request, index) = (filed.request, at.index as usize);
        let id = &request.id;
        let found = match at.kind {
            VoteKind::Approval => request
                .approvals
                .get(index)
                .map(|one| (&one.by, one.at, one.kind.as_str(), &one.withdrawn, None)),
            VoteKind::Review => {
                let review = request
                    .reviews
                    .get(index)
                    .filter(|one| one.said == review_said::APPROVED && one.doubt.is_none());
                review.map(|one| {
                    (
                        &one.by,
                        one.at,
                        one.kind.as_str(),
                        &one.withdrawn,
                        Some(one.commit.as_deref()),
                    )
                })
            }
            VoteKind::SignOff => {
                let sign_off = request
                    .sign_offs
                    .get(index)
                    .filter(|one| one.kind == sign_off_kind::REVIEWED);
                sign_off.map(|one| (&one.by, one.at, "", &None, None))
            }
        };
        let Some((by, at, kind, withdrawn, review)) = found else {
            return refuse("vote-not-stored", format!("{id} has no such vote"));
        };
        let Some(at) = at else {
            return refuse(
                "vote-without-time",
                format!("nobody says when {} voted on {id}", by.account),
            );
        };
        let interval = &self.facts.interval;
        if at < request.opened {
            let text = format!(
                "{} voted on {id} at {at:.0}, before it was opened",
                by.account
            );
            return refuse("vote-before-request", text);
        }
        let due = interval.earliest.map(|earliest| later(earliest, grace));
        let in_time = |at: Timestamp| {
            if grace.is_zero() {
                interval.follows(at)
            } else {
                due.is_some_and(|due| at <= due)
            }
        };
        if !in_time(at) {
            return refuse(
                "vote-not-before-change",
                format!(
                    "{} voted on {id} at {at:.0}, and nothing proves that this was before the change",
                    by.account
                ),
            );
        }
        // A time that somebody typed is bounded by when the request was first seen to read so.
        if let Some(seen) = request.sighted.filter(|seen| !in_time(*seen)) {
            return refuse(
                "vote-time-not-proven",
                format!(
                    "{} voted on {id} at {at:.0} by their own word, and it was first seen at {seen:.0}",
                    by.account
                ),
            );
        }
        let back = withdrawn.as_ref().is_some_and(|back| {
            !back
                .at
                .is_some_and(|back| back > at && interval.precedes(back))
        });
        if back {
            return refuse(
                "vote-withdrawn",
                format!("{} took the vote on {id} back", by.account),
            );
        }
        let review_of = match review {
            Some(None) => {
                return refuse(
                    "review-without-commit",
                    format!("{} reviewed {id}, nobody says at which commit", by.account),
                );
            }
            Some(commit) => commit,
            None => None,
        };
        Ok(Vote {
            filed,
            by,
            at,
            kind,
            on_code: review.is_some() || request.is_code(),
            review_of,
        })
    }

    /// A confirmation as a vote, so that it stands or falls as one.
    pub(super) fn sign_off(&self, filed: Filed<'a>, done: &'a SignOff, at: Timestamp) -> Vote<'a> {
        Vote {
            filed,
            by: &done.by,
            at,
            kind: &done.kind,
            on_code: false,
            review_of: None,
        }
    }

    /// Whether a vote was still in force when the change was made.
    pub(super) fn stands(&self, vote: &Vote<'_>) -> Result<(), Refusal> {
        let (request, interval) = (vote.filed.request, &self.facts.interval);
        let (id, who) = (&request.id, &vote.by.account);
        // What has no time, or none that is sure to be after the change, counts against the vote.
        let meanwhile =
            |at: Option<Timestamp>| at.is_none_or(|at| at >= vote.at && !interval.precedes(at));
        let expires = self.rule.valid.filter(|_| !self.is_rollback());
        if expires.is_some_and(|valid| later(vote.at, valid) < interval.latest) {
            return refuse(
                "vote-expired",
                format!(
                    "the vote of {who} on {id} was good until {:.0}",
                    later(vote.at, self.rule.valid.unwrap_or_default())
                ),
            );
        }
        let turned = [
            request_state::REOPENED,
            request_state::REJECTED,
            request_state::CANCELLED,
        ];
        if request
            .transitions
            .iter()
            .any(|step| turned.contains(&step.to.as_str()) && meanwhile(step.at))
        {
            return refuse(
                "turned-after-vote",
                format!("{id} was reopened, rejected or given up after {who} voted"),
            );
        }
        for edit in &request.edits {
            let field = edit.field.to_lowercase();
            let text = [edit_field::TITLE, edit_field::DESCRIPTION].contains(&field.as_str());
            if (!field.is_empty() && self.facts.policy.harmless_edits.contains(&field))
                || (text && request.is_code())
            {
                continue;
            }
            let own = edit.at == Some(vote.at)
                && edit
                    .by
                    .as_ref()
                    .is_some_and(|by| by.account == vote.by.account);
            // What was written into a text afterwards may be what links it.
            let late = edit.at.is_some_and(|at| interval.precedes(at));
            let linked = self.facts.subject.rests_on_text(request, self.facts.policy);
            if (meanwhile(edit.at) && !own) || (late && (linked || !text)) {
                return refuse(
                    "edited-after-vote",
                    format!("{id} was altered after {who} voted"),
                );
            }
        }
        let refused = request.reviews.iter().any(|one| {
            one.said == review_said::CHANGES_REQUESTED
                && self.is_same_person(&vote.filed, &one.by, vote.by)
                && meanwhile(one.at)
        });
        // Who said yes twice and took one back has taken it back.
        let taken_back = request.approvals.iter().any(|one| {
            let back = one.withdrawn.as_ref();
            self.is_same_person(&vote.filed, &one.by, vote.by)
                && back.is_some_and(|back| meanwhile(back.at))
        });
        if refused || taken_back {
            return refuse(
                "vote-withdrawn",
                format!("{who} asked for changes of {id} afterwards, or took a yes back"),
            );
        }
        if let Some(commit) = vote.review_of
            && !(request.is_code() && request.is_final_commit(commit))
        {
            return refuse(
                "review-of-older-commit",
                format!("{who} reviewed {id} at {commit}, which is not its last commit"),
            );
        }
        let merged = request.merge.as_ref().and_then(|merge| merge.at);
        if self.rule.before_merge && vote.on_code && merged.is_none_or(|merged| vote.at > merged) {
            return refuse(
                "vote-after-merge",
                format!("{who} voted on {id} after it was merged"),
            );
        }
        let tested = vote.kind == "qa" && self.rule.staging;
        if tested && !self.facts.in_staging_at(vote.at) {
            return refuse(
                "vote-before-staging",
                format!("{who} voted before what was tested ran in staging"),
            );
        }
        Ok(())
    }

    fn is_same_person(&self, filed: &Filed<'_>, one: &Party, other: &Party) -> bool {
        let who = |party: &Party| match self.facts.world.people.who(filed.source, &party.account) {
            Known::Person(person) => Some(person.name.clone()),
            _ => None,
        };
        one.account == other.account || (who(one).is_some() && who(one) == who(other))
    }

    /// The person of an account who belonged to the house then and held one of the roles; everybody known where there is none.
    pub(super) fn authorised(
        &self,
        filed: &Filed<'_>,
        party: &Party,
        at: Timestamp,
        roles: &[Text],
    ) -> Result<&'f Person, Refusal> {
        let people = self.facts.world.people;
        let account = &party.account;
        let Known::Person(person) = people.who(filed.source, account) else {
            return refuse(
                "voter-unknown",
                format!("{account} of {} is nobody's account", filed.source),
            );
        };
        let there = person.left.is_none_or(|left| at < left)
            && person.joined.is_none_or(|joined| at >= joined);
        if party.bot || !there {
            return refuse(
                "voter-not-in-house",
                format!("{account} is a program, or was not in the house"),
            );
        }
        match people.holds(person, roles, at) {
            Held::Own(_) | Held::Lent(..) => Ok(person),
            _ if roles.is_empty() => Ok(person),
            _ => refuse(
                "voter-without-role",
                format!("{} is none of {}", person.name, roles.join(", ")),
            ),
        }
    }

    /// Whether a person neither asked for the change, nor wrote, pushed or made it, under any account.
    pub(super) fn independent(&self, person: &Person) -> Result<(), Refusal> {
        let people = self.facts.world.people;
        let mut authored = true;
        for filed in &self.members {
            let request = filed.request;
            let pushed = request
                .edits
                .iter()
                .filter(|edit| edit.field == edit_field::COMMITS)
                .filter_map(|edit| edit.by.as_ref());
            let involved = request
                .requester
                .iter()
                .chain(&request.authors)
                .chain(&request.implementers)
                .chain(pushed);
            authored &= request.requester.is_some() || !request.authors.is_empty();
            for party in involved {
                self.another(
                    people.who(filed.source, &party.account),
                    party.bot,
                    person,
                    &party.account,
                )?;
            }
        }
        if !authored {
            return refuse(
                "author-not-stated",
                "a request does not say who asked for it",
            );
        }
        self.did_not_make(person)
    }

    /// Whether the platform's records name others as the makers of the change.
    pub(super) fn did_not_make(&self, person: &Person) -> Result<(), Refusal> {
        let subject = self.facts.subject;
        for deed in subject
            .maker
            .iter()
            .chain(&subject.others)
            .filter(|deed| !deed.has_failed())
        {
            if let Some(account) = deed.account {
                self.another(
                    self.facts.world.people.who(deed.source, account),
                    false,
                    person,
                    account,
                )?;
            }
        }
        Ok(())
    }

    fn another(
        &self,
        known: Known<'_>,
        bot: bool,
        person: &Person,
        account: &str,
    ) -> Result<(), Refusal> {
        match known {
            Known::Person(one) if one.name == person.name => refuse(
                "voter-involved",
                format!("{} had a part in it, as {account}", person.name),
            ),
            Known::Nobody if !bot => refuse(
                "involved-unknown",
                format!("{account} had a part in it and is nobody's account"),
            ),
            _ => Ok(()),
        }
    }

    /// Whether a vote counts for a purpose: for some kinds, by somebody with a role, in force, and independent.
    pub(super) fn counts(
        &self,
        at: &VoteRef,
        kinds: &[&str],
        roles: &[Text],
    ) -> Result<&'f Person, Refusal> {
        let vote = self.vote(at, Duration::ZERO)?;
        if !kinds.contains(&vote.kind) {
            return refuse(
                "vote-of-another-kind",
                format!("a {} vote counts for that alone", vote.kind),
            );
        }
        self.stands(&vote)?;
        let person = self.authorised(&vote.filed, vote.by, vote.at, roles)?;
        self.independent(person)?;
        Ok(person)
    }
}

/// The people whose votes approve a group: as many as the rule asks for, one of them with the role that approves.
pub(super) fn approvals(group: &Group<'_, '_>) -> Result<BTreeSet<Text>, Refusal> {
    let (rule, sensitive) = (group.rule, group.is_sensitive());
    let needed = if sensitive {
        rule.sensitive_approvals
    } else {
        rule.approvals
    };
    let second: Vec<Text> = if sensitive {
        rule.approvers
            .iter()
            .chain(&rule.security_approvers)
            .cloned()
            .collect()
    } else {
        rule.approvers.clone()
    };
    let (mut people, mut first, mut last) = (BTreeSet::new(), false, None);
    for at in &group.claim.approvals {
        let listed = match at.kind {
            VoteKind::Approval => rule.counts_approvals,
            VoteKind::Review => rule.counts_reviews,
            VoteKind::SignOff => false,
        };
        if !listed {
            continue;
        }
        match group.counts(at, &["", "lead"], &second) {
            Ok(person) => {
                let vote = group.vote(at, Duration::ZERO)?;
                first |= group
                    .authorised(&vote.filed, vote.by, vote.at, &rule.approvers)
                    .is_ok();
                people.insert(person.name.clone());
            }
            Err(refusal) => last = Some(refusal),
        }
    }
    if first && people.len() >= needed {
        each_ticket(group)?;
        return Ok(people);
    }
    match last {
        Some(refusal) => Err(refusal),
        None => refuse(
            "too-few-votes",
            format!("{} of {needed} approvals", people.len()),
        ),
    }
}

/// Where code names several tickets and tickets alone approve, each of them is approved.
fn each_ticket(group: &Group<'_, '_>) -> Result<(), Refusal> {
    let tickets = group.claim.members.iter().zip(&group.members);
    let tickets: Vec<_> = tickets
        .filter(|(_, filed)| !filed.request.is_code())
        .collect();
    if group.rule.counts_reviews || tickets.len() < 2 {
        return Ok(());
    }
    for (at, filed) in tickets {
        let mut own = group
            .claim
            .approvals
            .iter()
            .filter(|vote| vote.request == *at);
        if !own.any(|vote| {
            group
                .counts(vote, &["", "lead"], &group.rule.approvers)
                .is_ok()
        }) {
            return refuse(
                "one-of-several-unapproved",
                format!(
                    "{} is named beside others, and is not approved",
                    filed.request.id
                ),
            );
        }
    }
    Ok(())
}
