//! `instances-alike`: no instance of a system differs from its group, or from what that declares.

use std::fmt::Write;

use plimsoll_model::{Value, fact};
use plimsoll_settings::Section;

use super::{Case, Check};
use crate::baseline::outcome::{Outcome, known_as};

/// How many instances are named.
const SHOWN: usize = 3;

#[derive(Debug)]
struct Alike;

pub(super) fn read(_: &Section<'_>) -> Option<Box<dyn Check>> {
    Some(Box::new(Alike))
}

impl Check for Alike {
    fn expected(&self) -> String {
        "every instance as its group declares".to_owned()
    }

    fn facts(&self) -> Vec<&str> {
        vec![fact::INSTANCES_DIFFER]
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        let (differ, evidence) = match known_as(case.index, fact::INSTANCES_DIFFER, Value::as_table)
        {
            Ok(known) => known,
            Err(reason) => return Outcome::Unknown(reason),
        };
        if differ.is_empty() {
            return Outcome::Pass(evidence);
        }
        let mut actual = String::new();
        for (instance, what) in differ.iter().take(SHOWN) {
            let gap = if actual.is_empty() { "" } else { "; " };
            let _ = write!(actual, "{gap}{instance} has {what}");
        }
        if differ.len() > SHOWN {
            let _ = write!(actual, "; and {} more", differ.len() - SHOWN);
        }
        Outcome::Fail(actual, evidence)
    }
}
