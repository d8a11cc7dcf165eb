//! `time-synchronised`: the clock is disciplined by an authoritative source, and close enough to it.

use std::time::Duration;

use plimsoll_model::{How, Value, fact, kind};
use plimsoll_settings::Section;

use super::{Case, Check, shape};
use crate::baseline::index::{Claims, Index};
use crate::baseline::outcome::{Evidence, Outcome, known_as, reason};

const HOUR: Duration = Duration::from_secs(3600);

#[derive(Debug)]
struct Synchronised {
    max_error_us: i64,
    max_skew_ms: i64,
}

pub(super) fn read(section: &Section<'_>) -> Option<Box<dyn Check>> {
    let range = Duration::from_millis(1)..=HOUR;
    let error = section.duration("max-error", range.clone());
    let skew = section.duration("max-skew", range);
    let error = error.unwrap_or(Duration::from_secs(1)).as_micros();
    let skew = skew.unwrap_or(Duration::from_secs(2)).as_millis();
    Some(Box::new(Synchronised {
        max_error_us: i64::try_from(error).unwrap_or(i64::MAX),
        max_skew_ms: i64::try_from(skew).unwrap_or(i64::MAX),
    }))
}

impl Check for Synchronised {
    fn expected(&self) -> String {
        let error = micros(self.max_error_us);
        let skew = micros(self.max_skew_ms.saturating_mul(1000));
        format!("synchronised, error under {error}, skew under {skew}")
    }

    fn facts(&self) -> Vec<&str> {
        vec![
            fact::CLOCK_SYNCHRONISED,
            fact::CLOCK_MAX_ERROR_US,
            fact::CLOCK_SKEW_MS,
            fact::CLOCK_SKEW_BOUND_MS,
        ]
    }

    /// A workload has its host's clock: it is judged there, or asked there where nothing judges the host.
    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        let own = [fact::CLOCK_SYNCHRONISED, fact::CLOCK_SKEW_MS];
        if case.asset.kind == kind::ENDPOINT {
            return Outcome::NotApplicable("it has no clock of its own");
        }
        if case.hosts_are_judged() && own.iter().all(|fact| case.index.claim(fact).is_none()) {
            return Outcome::NotApplicable("it has its host's clock, which is judged there");
        }
        let chain = case.chain();
        let skew = chain.clone().find_map(skew);
        let (skew, misshapen) = match skew {
            Some(Err(reason)) => (None, Some(reason)),
            Some(Ok(skew)) => (Some(skew), None),
            None => (None, None),
        };
        if let Some((skew, bound, evidence)) = &skew {
            // Half the round trip is noise: only what is certainly past the limit is.
            if skew.saturating_abs().saturating_sub(*bound) > self.max_skew_ms {
                let skew = micros(skew.saturating_mul(1000));
                let bound = micros(bound.saturating_mul(1000));
                return Outcome::Fail(format!("skew of {skew} (± {bound})"), evidence.clone());
            }
        }
        let says = |index: &&Index<'_>| {
            let claim = index.claim(fact::CLOCK_SYNCHRONISED);
            claim.is_some_and(|claim| claim.value().is_some())
        };
        if let Some(index) = chain.clone().find(says) {
            // What its skew is said to be makes no sense, and may be past the limit.
            return match (self.disciplined(index), misshapen) {
                (Outcome::Pass(_), Some(reason)) => Outcome::Unknown(reason),
                (outcome, _) => outcome,
            };
        }
        Outcome::Unknown(match skew {
            Some((skew, bound, _)) => format!(
                "no skew seen ({} ± {}), which does not prove that the clock is disciplined",
                micros(skew.saturating_mul(1000)),
                micros(bound.saturating_mul(1000)),
            ),
            None => match case.host() {
                Some((_, host)) => reason(host, fact::CLOCK_SYNCHRONISED),
                None if case.asset.get(fact::CLOCK_SYNCHRONISED).is_some() => {
                    reason(case.asset, fact::CLOCK_SYNCHRONISED)
                }
                None => case
                    .hosts()
                    .1
                    .unwrap_or_else(|| "the clocks of its hosts are not known".to_owned()),
            },
        })
    }
}

impl Synchronised {
    fn disciplined<'a>(&self, index: &Index<'a>) -> Outcome<'a> {
        let (yes, evidence) = match known_as(index, fact::CLOCK_SYNCHRONISED, Value::as_bool) {
            Ok(known) => known,
            Err(reason) => return Outcome::Unknown(reason),
        };
        if !yes {
            return Outcome::Fail("not synchronised".to_owned(), evidence);
        }
        let bound = index.claim(fact::CLOCK_MAX_ERROR_US);
        let bound = bound.filter(|bound| bound.value().is_some());
        let bound = bound.map(|_| known_as(index, fact::CLOCK_MAX_ERROR_US, shape::error_us));
        match bound {
            Some(Err(reason)) => Outcome::Unknown(reason),
            Some(Ok((error, bound))) => {
                let evidence = evidence.and(bound);
                if error < self.max_error_us {
                    Outcome::Pass(evidence)
                } else {
                    Outcome::Fail(format!("error of up to {}", micros(error)), evidence)
                }
            }
            // The kernel says yes for hours after its last correction; a platform's word stands by itself.
            None if evidence.how == How::Measured => Outcome::Unknown(format!(
                "synchronised, but {}",
                reason(index.asset(), fact::CLOCK_MAX_ERROR_US)
            )),
            None => Outcome::Pass(evidence),
        }
    }
}

type Skew<'a> = (i64, i64, Evidence<'a>);

/// The skew and its bound, where there is a word of it; an error where that makes no sense.
fn skew<'a>(index: &Index<'a>) -> Option<Result<Skew<'a>, String>> {
    let says = |fact| index.claim(fact).and_then(plimsoll_model::Claim::value);
    says(fact::CLOCK_SKEW_MS)?;
    let skew = known_as(index, fact::CLOCK_SKEW_MS, shape::skew_ms);
    let bound = match says(fact::CLOCK_SKEW_BOUND_MS) {
        Some(_) => known_as(index, fact::CLOCK_SKEW_BOUND_MS, shape::skew_bound_ms),
        None => Ok((0, Evidence::new(How::Measured, ""))),
    };
    Some(skew.and_then(|(skew, evidence)| Ok((skew, bound?.0, evidence))))
}

/// A span as a person reads it.
fn micros(span: i64) -> String {
    match span.saturating_abs() {
        0..1_000 => format!("{span} µs"),
        1_000..1_000_000 => format!("{} ms", span / 1_000),
        _ if span % 1_000_000 == 0 => format!("{} s", span / 1_000_000),
        _ => format!("{:.1} s", span as f64 / 1e6),
    }
}
