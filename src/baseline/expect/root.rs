//! `not-root`: it runs as another user than root.

use plimsoll_model::{Value, fact};
use plimsoll_settings::Section;

use super::{Case, Check};
use crate::baseline::outcome::{Outcome, known_as};

#[derive(Debug)]
struct NotRoot;

pub(super) fn read(_: &Section<'_>) -> Option<Box<dyn Check>> {
    Some(Box::new(NotRoot))
}

impl Check for NotRoot {
    fn expected(&self) -> String {
        "a user other than root".to_owned()
    }

    fn facts(&self) -> Vec<&str> {
        vec![fact::USER_ROOT, fact::USER]
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        match known_as(case.index, fact::USER_ROOT, Value::as_bool) {
            Ok((true, evidence)) => Outcome::Fail("root".to_owned(), evidence),
            Ok((false, evidence)) => Outcome::Pass(evidence),
            Err(reason) => Outcome::Unknown(reason),
        }
    }
}
