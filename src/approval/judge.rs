//! From a change and everything that is known around it to a verdict with its reasons.

use jiff::Timestamp;
use plimsoll_model::Text;

use super::approve::approval;
use super::case::{Case, Member, Sightings};
use super::code::{reviewed, tested};
use super::cover::Cover;
use super::emergency::{emergency, is_marked};
use super::exempt::exempt;
use super::index::{By, Requests, lower};
use super::keys::{Key, keys};
use super::link::{Grade, Link, Linking, Links};
use super::moment::Moment;
use super::near::nearest;
use super::people::People;
use super::policy::{Policy, Rule, environment};
use super::sundry::{afterwards, implementer, new_system, ticketed, window};
use super::types::{Judged, Outcome, Reason, Subject};
use crate::report::Verdict;

/// How many other requests one may bring along.
const ALONG: usize = 20;

/// Everything that a change is judged by.
#[derive(Debug)]
pub struct World<'a> {
    /// The policy; none where none is chosen.
    pub policy: Option<&'a Policy>,
    /// Who is who.
    pub people: &'a People,
    /// All requests that are known.
    pub requests: &'a Requests<'a>,
    /// Until when every tracker was read completely; none where no source gives requests.
    pub read_until: Option<Timestamp>,
    /// Which trackers were not, and why.
    pub troubles: &'a [Text],
    /// What was seen in staging.
    pub sightings: &'a Sightings,
    /// The time.
    pub now: Timestamp,
}

/// The verdict on a change when no source of change requests is configured.
pub fn without_requests() -> Judged {
    let text = "no source of change requests is configured, so nothing proves an approval";
    let reason = Reason::new(
        "change-approved",
        Outcome::Unknown,
        "no-source-of-requests",
        text,
    );
    Judged::plain(Verdict::Unproven, "", reason)
}

/// The verdict on a change.
pub fn judge(subject: &Subject<'_>, world: &World<'_>) -> Judged {
    let Some(policy) = world.policy else {
        if world.read_until.is_none() {
            return without_requests();
        }
        let text = "no approval policy is chosen, so nothing says what an approval is";
        let reason = Reason::new("change-approved", Outcome::Unknown, "no-policy", text);
        return Judged::plain(
            Verdict::Unproven,
            "",
            reason.missing("`policy` in [approval] of the configuration"),
        );
    };
    let own = subject
        .environment
        .map_or_else(|| "production".into(), environment);
    let kind = subject.change.asset_kind.as_str();
    let Some(rule) = policy.rule(&own, kind, subject.role) else {
        let text = format!(
            "no rule of the policy {} is about a {kind} in {own}",
            policy.name
        );
        let reason = Reason::new("change-approved", Outcome::Unknown, "no-rule", text);
        return Judged::plain(Verdict::Unproven, &policy.name, reason);
    };
    let called = format!("{}/{}", policy.name, rule.id);
    if !rule.required {
        let text = format!("the policy asks for no approval of a {kind} in {own}");
        let reason = Reason::new("change-approved", Outcome::Unasked, "not-required", text);
        return Judged::plain(Verdict::NotRequired, &called, reason);
    }
    if let Some(exempt) = exempt(policy, world.people, subject) {
        let text = format!("{}: {}", exempt.id, exempt.reason);
        let reason = Reason::new("change-approved", Outcome::Unasked, "exempt", text);
        return Judged::plain(Verdict::NotRequired, &called, reason);
    }
    if world.read_until.is_none() {
        return Judged {
            rule: called.into(),
            ..without_requests()
        };
    }
    Judging::new(subject, world, policy, rule).judge(&called)
}

pub(super) struct Judging<'j, 'a> {
    pub(super) subject: &'j Subject<'j>,
    pub(super) world: &'j World<'a>,
    pub(super) policy: &'j Policy,
    pub(super) rule: &'j Rule,
    pub(super) moment: Moment,
    pub(super) keys: Vec<Key>,
    pub(super) links: Links,
}

/// What one unit came to.
pub(super) struct Unit {
    pub(super) members: Vec<u32>,
    reasons: Vec<Reason>,
    verdict: Verdict,
}

impl<'j, 'a> Judging<'j, 'a> {
    fn new(
        subject: &'j Subject<'j>,
        world: &'j World<'a>,
        policy: &'j Policy,
        rule: &'j Rule,
    ) -> Self {
        let moment = Moment::of(subject);
        let keys = keys(subject, policy);
        let linking = Linking {
            subject,
            requests: world.requests,
            rule,
            moment,
        };
        let links = linking.links(&keys);
        Self {
            subject,
            world,
            policy,
            rule,
            moment,
            keys,
            links,
        }
    }

    fn judge(self, called: &str) -> Judged {
        let named: Vec<&Link> = self.of(|grade| grade == Grade::Named);
        let artefacts: Vec<&Link> = self.of(|grade| grade == Grade::Artefact);
        let top = self
            .links
            .good
            .iter()
            .map(|link| link.grade)
            .filter(|grade| *grade < Grade::Named)
            .max();
        let scope: Vec<&Link> = self.of(|grade| Some(grade) == top);
        let units: Vec<Unit>;
        // Of several that fit equally well, and of which the change says nothing, all have to agree.
        let mut rivals = false;
        let mut extra = Vec::new();
        if !named.is_empty() || !self.links.missing.is_empty() {
            units = named
                .iter()
                .map(|link| self.unit(&[link], &artefacts))
                .collect();
            for name in &self.links.missing {
                let (outcome, text) = if self.all_read() {
                    (
                        Outcome::Fails,
                        format!("the change names {name}, and no tracker has it"),
                    )
                } else {
                    (
                        Outcome::Unknown,
                        format!("the change names {name}, and not every tracker could be read"),
                    )
                };
                extra.push(Reason::new(
                    "change-approved",
                    outcome,
                    "request-not-found",
                    text,
                ));
            }
        } else if !artefacts.is_empty() {
            let mut all = vec![self.unit(&artefacts, &[])];
            let covered = self.cover(&artefacts, &scope, &all[0].members, &mut extra);
            if covered == Cover::ByScope {
                all.extend(scope.iter().map(|link| self.unit(&[link], &[])));
            }
            units = all;
        } else if !scope.is_empty() {
            units = scope.iter().map(|link| self.unit(&[link], &[])).collect();
            rivals = true;
        } else {
            return self.unlinked(called);
        }
        // A change that names a request that is not for it is not covered by another that is.
        for refused in self.links.refused.iter().filter(|one| one.named) {
            if let Some(id) = self.id(refused.at) {
                let text = format!(
                    "the change names {id}, which does not cover it: {}",
                    refused.why
                );
                extra.push(Reason::new(
                    "change-approved",
                    Outcome::Fails,
                    refused.rule,
                    text,
                ));
            }
        }
        self.conclude(called, units, rivals, extra)
    }

    fn of(&self, which: impl Fn(Grade) -> bool) -> Vec<&Link> {
        self.links
            .good
            .iter()
            .filter(|link| which(link.grade))
            .collect()
    }

    fn all_read(&self) -> bool {
        self.world
            .read_until
            .is_some_and(|until| until >= self.moment.hi)
    }

    /// No request at all: unapproved, where everything was read.
    fn unlinked(&self, called: &str) -> Judged {
        let mut reasons = Vec::new();
        let mut text = format!(
            "no request names {} or what it brings",
            self.subject.change.asset
        );
        let mut rule = "no-request";
        if let Some(refused) = self.links.refused.first()
            && let Some(filed) = self.world.requests.get(refused.at)
        {
            text = format!("{} does not cover it: {}", filed.request.id, refused.why);
            rule = refused.rule;
        }
        reasons.push(
            Reason::new("change-approved", Outcome::Fails, rule, text)
                .missing("a request that was approved before"),
        );
        self.finish(called, Verdict::Unapproved, reasons, Vec::new())
    }

    /// What becomes of requests that are taken together.
    fn unit(&self, roots: &[&Link], besides: &[&Link]) -> Unit {
        let members = self.members(roots, besides);
        let places: Vec<u32> = members.iter().map(|(at, _)| *at).collect();
        let code_names: Vec<Text> = members
            .iter()
            .filter(|(_, one)| one.request().is_code())
            .flat_map(|(_, one)| one.request().links.requests.iter().cloned())
            .collect();
        // What came after the last look at them is not known: nothing is overdue that may have come since.
        let looked = members.iter().map(|(_, one)| one.filed.as_of).min();
        let case = Case {
            members: members.into_iter().map(|(_, member)| member).collect(),
            subject: self.subject,
            policy: self.policy,
            rule: self.rule,
            people: self.world.people,
            sightings: self.world.sightings,
            keys: &self.keys,
            moment: self.moment,
            now: looked.map_or(self.world.now, |looked| looked.min(self.world.now)),
            all_read: self.all_read(),
        };
        let mut reasons = Vec::new();
        case.links(&mut reasons);
        let marked = case.members.iter().any(|one| is_marked(&case, one));
        let urgent = case.rule.emergency.as_ref().filter(|_| marked);
        match urgent {
            Some(rules) => emergency(&case, rules, &mut reasons),
            None => {
                approval(&case, &mut reasons);
                reviewed(&case, &mut reasons);
                tested(&case, &mut reasons);
                window(&case, &mut reasons);
            }
        }
        ticketed(&case, &code_names, &mut reasons);
        implementer(&case, &mut reasons);
        new_system(&case, urgent.is_some(), &mut reasons);
        afterwards(&case, &mut reasons);
        Unit {
            members: places,
            verdict: verdict(&reasons),
            reasons,
        }
    }

    /// The roots, what stands beside them, and of code its tickets, of tickets their code: one step and no further.
    fn members(&self, roots: &[&Link], besides: &[&Link]) -> Vec<(u32, Member<'a>)> {
        let mut members: Vec<(u32, Member<'a>)> = Vec::new();
        let requests = self.world.requests;
        for link in roots {
            if let Some(filed) = requests.get(link.at) {
                let member = Member {
                    filed: *filed,
                    link: Some((*link).clone()),
                };
                members.push((link.at, member));
            }
        }
        for link in besides {
            let code = requests
                .get(link.at)
                .filter(|filed| filed.request.is_code());
            if let Some(filed) = code.filter(|_| !members.iter().any(|(at, _)| *at == link.at)) {
                let member = Member {
                    filed: *filed,
                    link: Some((*link).clone()),
                };
                members.push((link.at, member));
            }
        }
        let first = members.len();
        for place in 0..first {
            let Some((_, from)) = members.get(place) else {
                break;
            };
            let (from, code) = (from.filed, from.request().is_code());
            let linked = from.request.links.requests.iter();
            let mut along: Vec<u32> = Vec::new();
            for id in linked {
                along.extend(requests.under(By::Id, &lower(id)));
            }
            along.extend(requests.under(By::Names, &lower(&from.request.id)));
            along.truncate(ALONG);
            for at in along {
                let there = members.iter().any(|(have, _)| *have == at);
                // Only code and its ticket belong together: that tickets relate to one another approves nothing.
                let other = requests
                    .get(at)
                    .filter(|filed| !there && filed.request.is_code() != code);
                if let Some(other) = other.filter(|other| !self.elsewhere(other.request)) {
                    let member = Member {
                        filed: *other,
                        link: None,
                    };
                    members.push((at, member));
                }
            }
        }
        members
    }

    /// Whether a request that only hangs on another is about something else.
    fn elsewhere(&self, request: &plimsoll_model::ChangeRequest) -> bool {
        let own = self.subject.environment.map(environment);
        let elsewhere = !request.environments.is_empty()
            && own.is_some_and(|own| {
                !request
                    .environments
                    .iter()
                    .any(|one| environment(one) == own)
            });
        elsewhere || (!request.assets.is_empty() && !self.linking().names_ours(request))
    }

    pub(super) fn linking(&self) -> Linking<'_, 'a> {
        Linking {
            subject: self.subject,
            requests: self.world.requests,
            rule: self.rule,
            moment: self.moment,
        }
    }

    fn conclude(self, called: &str, units: Vec<Unit>, rivals: bool, extra: Vec<Reason>) -> Judged {
        let mut reasons = extra;
        let verdicts: Vec<Verdict> = units.iter().map(|unit| unit.verdict).collect();
        let approving = |verdict: &Verdict| matches!(verdict, Verdict::Approved | Verdict::Pending);
        if rivals
            && units.len() > 1
            && verdicts.iter().any(approving)
            && !verdicts.iter().all(approving)
        {
            let ids: Vec<&str> = units
                .iter()
                .filter_map(|unit| self.id(*unit.members.first()?))
                .collect();
            let text = format!(
                "{} fit equally well, and not all of them are approved",
                ids.join(", ")
            );
            reasons.push(
                Reason::new("change-approved", Outcome::Unknown, "several-fit", text).missing(
                    "something in the change that says which it was: a label, a commit, a record",
                ),
            );
            // What is wrong with those that do not count is no reason against the change.
            let kept = units
                .into_iter()
                .filter(|unit| approving(&unit.verdict))
                .collect();
            return self.closing(called, kept, reasons);
        }
        if self.links.too_many && rivals {
            let text = "more requests name the asset than are looked at";
            reasons.push(Reason::new(
                "change-approved",
                Outcome::Unknown,
                "too-many-requests",
                text,
            ));
        }
        self.closing(called, units, reasons)
    }

    fn closing(self, called: &str, units: Vec<Unit>, mut reasons: Vec<Reason>) -> Judged {
        reasons.extend(self.outside_facts(&units));
        reasons.extend(self.other_records(&units));
        let mut members: Vec<u32> = Vec::new();
        for unit in units {
            for at in unit.members {
                if !members.contains(&at) {
                    members.push(at);
                }
            }
            for reason in unit.reasons {
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                }
            }
        }
        let verdict = verdict(&reasons);
        self.finish(called, verdict, reasons, members)
    }

    fn id(&self, at: u32) -> Option<&str> {
        Some(self.world.requests.get(at)?.request.id.as_str())
    }

    /// What could not be read may hold what is missing: then nothing is proven, either way.
    fn finish(
        &self,
        called: &str,
        verdict: Verdict,
        mut reasons: Vec<Reason>,
        members: Vec<u32>,
    ) -> Judged {
        let mut verdict = verdict;
        let negative = matches!(verdict, Verdict::Unapproved | Verdict::Overdue);
        if negative && !self.all_read() {
            let until = self
                .world
                .read_until
                .map_or("never".to_owned(), |until| format!("until {until}"));
            let text = format!(
                "the trackers were read completely {until}, and the change was made {}",
                self.moment.words()
            );
            let mut reason = Reason::new(
                "change-approved",
                Outcome::Unknown,
                "trackers-not-read",
                text,
            );
            reason = reason.by(self.world.troubles.iter().take(5).cloned());
            reasons.insert(
                0,
                reason.missing("a complete read of every source of requests"),
            );
            verdict = Verdict::Unproven;
        } else {
            // What decided comes first.
            reasons.sort_by_key(|reason| reason.outcome);
        }
        let asked = matches!(verdict, Verdict::Approved | Verdict::Pending);
        let candidates = if asked {
            Vec::new()
        } else {
            nearest(
                self.subject,
                self.world.requests,
                self.world.people,
                self.moment,
                &self.links.refused,
                &members,
            )
        };
        let requests: Vec<Text> = members
            .iter()
            .filter_map(|at| self.id(*at))
            .map(Text::from)
            .collect();
        Judged {
            verdict,
            request: requests.first().cloned(),
            requests,
            rule: called.into(),
            reasons,
            candidates,
        }
    }
}

/// The worst reason decides.
fn verdict(reasons: &[Reason]) -> Verdict {
    let has = |outcome| reasons.iter().any(|reason| reason.outcome == outcome);
    let approved = reasons.iter().any(|reason| {
        reason.outcome == Outcome::Holds
            && ["separation-of-duties", "emergency-signed-off"].contains(&reason.control.as_str())
    });
    if has(Outcome::Fails) {
        Verdict::Unapproved
    } else if has(Outcome::Unknown) {
        Verdict::Unproven
    } else if has(Outcome::Late) {
        Verdict::Overdue
    } else if has(Outcome::Waits) {
        Verdict::Pending
    } else if approved {
        Verdict::Approved
    } else {
        // Nothing speaks against it, and nothing for it.
        Verdict::Unproven
    }
}
