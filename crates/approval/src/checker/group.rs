//! Requests that are taken together, with the facts and the rule that they are held against.

use plimsoll_model::ChangeRequest;

use super::facts::Facts;
use super::proof::RequestGroup;
use super::{Refusal, controls, coverage, refuse};
use crate::policy::{Rule, environment};
use crate::types::{Filed, Standing};

/// The requests of a group, with the facts and the rule that they are held against.
pub(super) struct Group<'f, 'a> {
    pub(super) facts: &'f Facts<'f, 'a>,
    /// What the asset counts for, or counted for.
    pub(super) standing: Standing<'f>,
    pub(super) rule: &'f Rule,
    pub(super) members: Vec<Filed<'a>>,
    pub(super) claim: &'f RequestGroup,
}

impl<'f, 'a> Group<'f, 'a> {
    pub(super) fn of(
        facts: &'f Facts<'f, 'a>,
        standing: Standing<'f>,
        rule: &'f Rule,
        claim: &'f RequestGroup,
    ) -> Result<Self, Refusal> {
        let mut members = Vec::new();
        for at in &claim.members {
            let Some(filed) = facts.world.requests.get(*at) else {
                return refuse(
                    "request-not-stored",
                    "the proof names a request that is not stored",
                );
            };
            members.push(*filed);
        }
        if members.is_empty() {
            return refuse("no-request", "a group of the proof names no request");
        }
        Ok(Self {
            facts,
            standing,
            rule,
            members,
            claim,
        })
    }

    /// Whether every member can approve anything here, and every control accepts.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        self.members
            .iter()
            .try_for_each(|member| self.usable(member))?;
        controls::check(self)
    }

    /// Whether it is an emergency that the rule knows.
    pub(super) fn is_urgent(&self) -> bool {
        let policy = self.facts.policy;
        let mut members = self.members.iter();
        self.rule.emergency.is_some() && members.any(|one| controls::is_marked(policy, one.request))
    }

    /// Whether what was approved and ran here before comes back, as the rule allows: what was said of it then has not expired.
    pub(super) fn is_rollback(&self) -> bool {
        let facts = self.facts;
        let run = facts.subject.earlier_run(&facts.artefacts());
        self.rule.rollback_allowed && run.is_some_and(|run| run.approved)
    }

    /// Whether the change is of sensitive data, as the rule reads it.
    pub(super) fn is_sensitive(&self) -> bool {
        self.standing
            .sensitive
            .unwrap_or(self.rule.undeclared_is_sensitive)
    }

    /// Whether a request can approve anything here: read since, not in doubt, not refused or used up, and for this environment.
    fn usable(&self, member: &Filed<'_>) -> Result<(), Refusal> {
        let (request, interval) = (member.request, &self.facts.interval);
        let id = &request.id;
        if member.as_of < interval.latest {
            return refuse(
                "read-before-change",
                format!("{id} was not read since the change"),
            );
        }
        if let Some(doubt) = request.is_doubted() {
            return refuse("request-in-doubt", format!("{id}: {doubt}"));
        }
        if request.authenticated == Some(false) {
            return refuse("not-authenticated", format!("anybody could have sent {id}"));
        }
        if request.opened > interval.latest {
            return refuse(
                "opened-after-change",
                format!("{id} was opened after the change"),
            );
        }
        let over = coverage::is_over(request, interval);
        if let Some(word) = over.filter(|_| !self.is_closed_by_merge(request)) {
            return refuse("request-over", format!("{id} was {word} before the change"));
        }
        let strict = self.facts.subject.strict_environment();
        if !request.environments.is_empty() {
            let Some(own) = strict else {
                return refuse(
                    "environment-unknown",
                    format!("nobody says in which environment the change is, and {id} is for one"),
                );
            };
            if !request
                .environments
                .iter()
                .any(|one| environment(one) == own)
            {
                return refuse(
                    "other-environment",
                    format!("{id} is for another environment than {own}"),
                );
            }
        }
        Ok(())
    }

    /// Whether a ticket was closed by the merge of code of the group that belongs to it, and not before.
    fn is_closed_by_merge(&self, request: &ChangeRequest) -> bool {
        let steps = request.transitions.iter();
        let mut ended = steps.filter(|step| coverage::ENDS.contains(&step.to.as_str()));
        let Some(at) = ended.next_back().and_then(|step| step.at) else {
            return false;
        };
        let closed = |code: &Filed<'_>| {
            let merged = code.request.merge.as_ref().and_then(|merge| merge.at);
            merged.is_some_and(|merged| at >= merged)
                && coverage::is_tied(self.facts, request, code.request)
        };
        !request.is_code()
            && coverage::is_over(request, &self.facts.interval) == Some(coverage::DONE)
            && self.code().any(closed)
    }

    pub(super) fn code(&self) -> impl Iterator<Item = &Filed<'a>> {
        self.members.iter().filter(|one| one.request.is_code())
    }
}
