//! Judging a snapshot by the baselines.

use jiff::Timestamp;
use plimsoll_model::{Asset, How, Text, fact};

use super::causes;
use super::choose::in_halves;
use super::environment::Environment;
use super::estate::Estate;
use super::expect::Case;
use super::index::{Claims, Index};
use super::load::Baselines;
use super::outcome::{Evidence, Outcome};
use super::role::Expectation;
use super::select::is_on;
use super::types::{Counts, Finding, Ignored, Judgement, Status, Tally};
use super::{Ignore, Rule};
use crate::inventory::{Node, Snapshot};

/// Judges every system of a snapshot as of `now`. Rules that name a role without a baseline and ignores whose time is over
/// have no effect: see [`Baselines::check`] and [`Ignore::expired`].
pub fn judge(
    snapshot: &Snapshot,
    baselines: &Baselines,
    rules: &[Rule],
    ignores: &[Ignore],
    now: Timestamp,
) -> Judgement {
    let estate = Estate::new(snapshot, baselines, rules);
    let ignores: Vec<&Ignore> = ignores
        .iter()
        .filter(|ignore| !ignore.expired(now))
        .collect();
    let judged = in_halves(estate.systems.len(), |range| {
        Judged::of(&estate, range, &ignores, now)
    });
    let mut tally: Tally = baselines
        .controls()
        .iter()
        .map(|control| (control.id.clone(), Counts::default()))
        .collect();
    let (mut findings, mut ignored) = (Vec::new(), Vec::new());
    for part in judged {
        for ((role, at), counts) in part.counts() {
            let expectation = baselines
                .roles()
                .get(role)
                .and_then(|role| role.expectations.get(at));
            if let Some(expectation) = expectation {
                add(
                    tally.entry(expectation.control.clone()).or_default(),
                    counts,
                );
            }
        }
        findings.extend(part.findings);
        ignored.extend(part.ignored);
    }
    causes::settle(&mut findings, &estate);
    Judgement {
        twins: estate.twins(),
        systems: estate.systems,
        findings,
        tally,
        ignored,
    }
}

fn add(to: &mut Counts, more: Counts) {
    to.pass += more.pass;
    to.fail += more.fail;
    to.unknown += more.unknown;
    to.not_applicable += more.not_applicable;
    to.ignored += more.ignored;
}

/// What judging some of the systems gives.
struct Judged {
    findings: Vec<Finding>,
    ignored: Vec<Ignored>,
    /// By role and expectation, to count without looking anything up.
    counts: Vec<Vec<Counts>>,
}

impl Judged {
    fn of(
        estate: &Estate<'_>,
        systems: std::ops::Range<usize>,
        ignores: &[&Ignore],
        now: Timestamp,
    ) -> Self {
        let roles = estate.baselines.roles();
        let mut judged = Judged {
            findings: Vec::new(),
            ignored: Vec::new(),
            counts: roles
                .iter()
                .map(|role| vec![Counts::default(); role.expectations.len()])
                .collect(),
        };
        let systems = estate
            .systems
            .iter()
            .zip(&estate.chosen)
            .skip(systems.start)
            .take(systems.len());
        for (system, chosen) in systems {
            let asset = estate.snapshot.asset(system.at);
            let case = Case {
                estate,
                asset,
                system,
                chosen,
                now,
                index: &chosen.index,
            };
            let unseen = estate
                .snapshot
                .nodes()
                .get(system.at as usize)
                .is_some_and(Node::unseen);
            let (Some(role), Some(counts)) =
                (roles.get(chosen.role), judged.counts.get_mut(chosen.role))
            else {
                continue;
            };
            for (expectation, counts) in role.expectations.iter().zip(counts) {
                if expectation.off.is_some() {
                    continue;
                }
                let finding = match outcome(expectation, &case) {
                    // What rests on labels alone, or on other assets: it is not known whether it is still so.
                    Outcome::Pass(_) if unseen => {
                        let reason = asset.partial.clone().unwrap_or_default();
                        let evidence = Evidence::new(How::Unknown, reason.to_string());
                        finding(
                            expectation,
                            system.at,
                            Status::Unknown,
                            reason.into(),
                            evidence,
                        )
                    }
                    Outcome::Pass(_) => {
                        counts.pass += 1;
                        continue;
                    }
                    Outcome::NotApplicable(_) => {
                        counts.not_applicable += 1;
                        continue;
                    }
                    Outcome::Fail(actual, evidence) => {
                        finding(expectation, system.at, Status::Fail, actual, evidence)
                    }
                    Outcome::Unknown(reason) => {
                        let evidence = Evidence::new(How::Unknown, reason.clone());
                        finding(expectation, system.at, Status::Unknown, reason, evidence)
                    }
                    Outcome::Follows(reason, cause) => {
                        let evidence = Evidence::new(How::Unknown, reason.clone());
                        let follows = Some((cause.at, Text::const_new(cause.control)));
                        Finding {
                            follows,
                            ..finding(expectation, system.at, Status::Unknown, reason, evidence)
                        }
                    }
                };
                let covers = |ignore: &&&Ignore| asset.ids().any(|id| ignore.covers(id, &finding));
                match ignores.iter().find(covers) {
                    Some(ignore) => {
                        counts.ignored += 1;
                        let (reason, until) = (ignore.reason.clone(), ignore.until);
                        judged.ignored.push(Ignored {
                            finding,
                            reason,
                            until,
                        });
                    }
                    None => {
                        match finding.status {
                            Status::Fail => counts.fail += 1,
                            Status::Unknown => counts.unknown += 1,
                        }
                        judged.findings.push(finding);
                    }
                }
            }
        }
        judged
    }

    fn counts(&self) -> impl Iterator<Item = ((usize, usize), Counts)> {
        self.counts.iter().enumerate().flat_map(|(role, counts)| {
            let counts = counts.iter().enumerate();
            counts.map(move |(at, counts)| ((role, at), *counts))
        })
    }
}

/// How an expectation comes out, with what narrows every type.
pub(crate) fn outcome<'a>(expectation: &'a Expectation, case: &Case<'a>) -> Outcome<'a> {
    let environment = case.system.environment.as_deref();
    match applies(expectation, case.asset, environment, case.index) {
        Some(reason) => Outcome::NotApplicable(reason),
        None => expectation.check.judge(case),
    }
}

/// Why an expectation does not apply to a system by what narrows every type; none where it does.
pub(crate) fn applies(
    expectation: &Expectation,
    asset: &Asset,
    environment: Option<&str>,
    index: &Index<'_>,
) -> Option<&'static str> {
    if !expectation.kinds.is_empty() && !expectation.kinds.contains(&asset.kind) {
        return Some("it is of another kind");
    }
    // A system without an environment may be in any of them.
    let elsewhere = environment
        .and_then(Environment::parse)
        .is_some_and(|environment| {
            !expectation.environments.is_empty() && !expectation.environments.contains(&environment)
        });
    if elsewhere {
        return Some("it is in another environment");
    }
    // One that names no platform may be on any of them.
    let elsewhere = !expectation.platforms.is_empty()
        && !is_no_word(index, fact::PLATFORM)
        && !is_on(index, &expectation.platforms);
    elsewhere.then_some("it is on another platform")
}

/// Whether a fact is absent, or no text.
fn is_no_word(index: &Index<'_>, fact: &str) -> bool {
    let claim = index.claim(fact);
    claim.is_none_or(|claim| {
        claim
            .last_value()
            .is_some_and(|value| value.as_str().is_none())
    })
}

fn finding(
    expectation: &Expectation,
    at: u32,
    status: Status,
    actual: String,
    evidence: Evidence<'_>,
) -> Finding {
    Finding {
        at,
        control: expectation.control.clone(),
        expectation: expectation.id.clone(),
        status,
        severity: expectation.severity,
        expected: expectation.expected.clone(),
        actual: Text::from(actual),
        how: evidence.how,
        basis: Text::from(evidence.basis),
        facts: expectation.facts.clone(),
        follows: None,
    }
}
