//! `version-supported`: the version that runs is still supported by whoever makes it.

use plimsoll_model::{Value, fact, kind};
use plimsoll_settings::Section;

use super::time::{seconds, span, time};
use super::{Case, Check};
use crate::baseline::index::Claims;
use crate::baseline::outcome::{Outcome, known_as};

#[derive(Debug)]
struct Supported {
    /// In seconds.
    warn_before: i64,
}

pub(super) fn read(section: &Section<'_>) -> Option<Box<dyn Check>> {
    Some(Box::new(Supported {
        warn_before: seconds(section, "warn-before", 0),
    }))
}

impl Check for Supported {
    fn expected(&self) -> String {
        if self.warn_before == 0 {
            "a version that is supported".to_owned()
        } else {
            format!(
                "a version that is supported for {} or longer",
                span(self.warn_before)
            )
        }
    }

    fn facts(&self) -> Vec<&str> {
        vec![fact::END_OF_LIFE, fact::VERSION]
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        let claim = case.index.claim(fact::END_OF_LIFE);
        if claim.is_none() && case.asset.kind != kind::DATABASE {
            return Outcome::NotApplicable("no source says how long its version is supported");
        }
        match time(case.index, fact::END_OF_LIFE) {
            Ok((end, evidence)) => {
                let version = case.asset.value(fact::VERSION).and_then(Value::as_str);
                let version = version.map_or("its version".to_owned(), |version| {
                    format!("version {version}")
                });
                let left = end.duration_since(case.now).as_secs();
                let day = end.strftime("%Y-%m-%d");
                if left <= 0 {
                    Outcome::Fail(format!("support for {version} ended on {day}"), evidence)
                } else if left < self.warn_before {
                    Outcome::Fail(format!("support for {version} ends on {day}"), evidence)
                } else {
                    Outcome::Pass(evidence)
                }
            }
            Err(reason) if claim.is_some() => Outcome::Unknown(reason),
            Err(reason) => match known_as(case.index, fact::PATCHES_MANAGED, Value::as_bool) {
                Ok((true, evidence)) => Outcome::Pass(evidence),
                _ => Outcome::Unknown(reason),
            },
        }
    }
}
