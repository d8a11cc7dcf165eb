//! `time-restricted`: no workload can set its host's clock.

use plimsoll_model::{Value, fact, kind};
use plimsoll_settings::Section;

use super::{Case, Check};
use crate::baseline::index::Claims;
use crate::baseline::outcome::{Outcome, known_as};

#[derive(Debug)]
struct ClockSet;

pub(super) fn read(_: &Section<'_>) -> Option<Box<dyn Check>> {
    Some(Box::new(ClockSet))
}

impl Check for ClockSet {
    fn expected(&self) -> String {
        "it cannot set the host's clock".to_owned()
    }

    fn facts(&self) -> Vec<&str> {
        vec![fact::CLOCK_SETTABLE]
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        match known_as(case.index, fact::CLOCK_SETTABLE, Value::as_bool) {
            Ok((true, evidence)) => {
                Outcome::Fail("it can set the host's clock".to_owned(), evidence)
            }
            Ok((false, evidence)) => Outcome::Pass(evidence),
            Err(_)
                if case.asset.kind == kind::HOST
                    && case.index.claim(fact::CLOCK_SETTABLE).is_none() =>
            {
                Outcome::NotApplicable("its workloads are judged themselves")
            }
            Err(reason) => Outcome::Unknown(reason),
        }
    }
}
