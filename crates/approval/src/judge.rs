//! From a change and everything that is known around it to a verdict with its reasons.

use jiff::Timestamp;
use plimsoll_model::Text;

use super::cover::Cover;
use super::exempt::exempt;
use super::index::Requests;
use super::keys::{Key, keys};
use super::link::{Grade, Link, Linking, Links};
use super::moment::Moment;
use super::near::nearest;
use super::people::People;
use super::policy::{Policy, Rule, environment};
use super::staging::Sightings;
use super::types::{Judged, Outcome, Reason, Standing, Subject};
use super::unit::{Unit, verdict};
use super::verdict::Verdict;

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

/// The verdict on a change. It is judged by what it counted for before and by what it counts for now, and the stricter stands.
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
    let standings = subject.standings();
    let all = standings
        .iter()
        .map(|standing| judge_as(subject, world, policy, *standing));
    let mut worst: Option<Judged> = None;
    for judged in all {
        if worst
            .as_ref()
            .is_none_or(|have| strictness(judged.verdict()) < strictness(have.verdict()))
        {
            worst = Some(judged);
        }
    }
    worst.unwrap_or_else(without_requests)
}

/// The strictest first.
fn strictness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Unapproved => 0,
        Verdict::Unproven => 1,
        Verdict::Overdue => 2,
        Verdict::Pending => 3,
        Verdict::Approved => 4,
        Verdict::NotRequired => 5,
    }
}

fn judge_as(
    subject: &Subject<'_>,
    world: &World<'_>,
    policy: &Policy,
    standing: Standing<'_>,
) -> Judged {
    let own = standing
        .environment
        .map_or_else(|| "production".into(), environment);
    let kind = standing.kind;
    let Some(rule) = policy.rule(&own, kind, standing.role) else {
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
    if let Some(exempt) = exempt(policy, world.people, subject, &standing) {
        let text = format!("{}: {}", exempt.id, exempt.reason);
        let reason = Reason::new("change-approved", Outcome::Unasked, "exempt", text);
        return Judged::plain(Verdict::NotRequired, &called, reason);
    }
    if world.read_until.is_none() {
        let mut judged = without_requests();
        judged.rule = called.into();
        return judged;
    }
    Judging::new(subject, world, policy, rule, standing).judge(&called)
}

pub(super) struct Judging<'j, 'a> {
    pub(super) subject: &'j Subject<'j>,
    pub(super) world: &'j World<'a>,
    pub(super) policy: &'j Policy,
    pub(super) rule: &'j Rule,
    pub(super) moment: Moment,
    pub(super) keys: Vec<Key>,
    pub(super) links: Links,
    pub(super) standing: Standing<'j>,
}

impl<'j, 'a> Judging<'j, 'a> {
    fn new(
        subject: &'j Subject<'j>,
        world: &'j World<'a>,
        policy: &'j Policy,
        rule: &'j Rule,
        standing: Standing<'j>,
    ) -> Self {
        let moment = Moment::of(subject);
        let keys = keys(subject, policy);
        let linking = Linking {
            subject,
            requests: world.requests,
            world,
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
            standing,
        }
    }

    fn judge(self, called: &str) -> Judged {
        let named: Vec<&Link> = self.of(|grade| grade == Grade::Named);
        let mut artefacts: Vec<&Link> = self.of(|grade| grade == Grade::Artefact);
        self.leave_out_reports(&mut artefacts);
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

    pub(super) fn of(&self, which: impl Fn(Grade) -> bool) -> Vec<&Link> {
        self.links
            .good
            .iter()
            .filter(|link| which(link.grade))
            .collect()
    }

    pub(super) fn all_read(&self) -> bool {
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
        let (mut outcome, mut verdict) = (Outcome::Fails, Verdict::Unapproved);
        // One that was done with by a history of which not all is known may have been taken up again.
        let doubted = |at: u32| self.world.requests.get(at)?.request.is_doubted();
        let open = self
            .links
            .refused
            .iter()
            .find(|one| one.rule == "done-with-before" && doubted(one.at).is_some());
        if let Some(refused) = open.or(self.links.refused.first())
            && let Some(filed) = self.world.requests.get(refused.at)
        {
            text = format!("{} does not cover it: {}", filed.request.id, refused.why);
            rule = refused.rule;
            if let Some(doubt) = doubted(refused.at).filter(|_| open.is_some()) {
                text.push_str(&format!("; not all that happened to it is known: {doubt}"));
                (outcome, verdict) = (Outcome::Unknown, Verdict::Unproven);
            }
        }
        reasons.push(
            Reason::new("change-approved", outcome, rule, text)
                .missing("a request that was approved before"),
        );
        self.finish(called, verdict, reasons, Vec::new())
    }

    pub(super) fn linking(&self) -> Linking<'_, 'a> {
        Linking {
            subject: self.subject,
            requests: self.world.requests,
            world: self.world,
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
        reasons.extend(self.left_over(&units, &reasons));
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
                .filter(|until| *until > Timestamp::MIN)
                .map_or("never".to_owned(), |until| format!("until {until:.0}"));
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
        let requests: Vec<Text> = members
            .iter()
            .filter_map(|at| self.id(*at))
            .map(Text::from)
            .collect();
        let mut judged = match self.prove(&members) {
            Ok((approved, proof)) => {
                reasons
                    .retain(|reason| matches!(reason.outcome, Outcome::Holds | Outcome::Unasked));
                Judged::approved(approved, called, reasons, proof)
            }
            Err(refusal) if verdict == Verdict::Approved => {
                // What could not be read may still hold what is missing.
                let certain = refusal.is_certain() && self.all_read();
                let (outcome, verdict) = if certain {
                    (Outcome::Fails, Verdict::Unapproved)
                } else {
                    (Outcome::Unknown, Verdict::Unproven)
                };
                let reason =
                    Reason::new(refusal.control, outcome, refusal.rule, refusal.text.clone());
                reasons.insert(0, reason);
                let mut judged = Judged::without_proof(verdict, called, reasons);
                judged.refusal = Some(format!("{}: {}", refusal.rule, refusal.text).into());
                judged
            }
            _ => Judged::without_proof(verdict, called, reasons),
        };
        if !matches!(judged.verdict(), Verdict::Approved | Verdict::Pending) {
            judged.candidates = nearest(
                self.subject,
                self.world.requests,
                self.world.people,
                self.moment,
                &self.links.refused,
                &members,
            );
        }
        judged.request = requests.first().cloned();
        judged.requests = requests;
        judged
    }
}
