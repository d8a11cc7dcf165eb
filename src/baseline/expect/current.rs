//! `image-current`: the running image is not older than the patch policy allows.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use plimsoll_model::{Value, fact};
use plimsoll_settings::Section;

use super::pinned::says;
use super::{Case, Check};
use crate::baseline::outcome::Outcome;

const DAY: Duration = Duration::from_secs(86_400);
const DEFAULT_DAYS: i64 = 90;
/// The first day of 2013, the year of the first container images as we know them. Builds that want to be
/// reproducible give dates such as 1970 or 1980.
const FIRST_IMAGES: Timestamp = Timestamp::constant(1_356_998_400, 0);

#[derive(Debug)]
struct Current {
    max_days: i64,
}

pub(super) fn read(section: &Section<'_>) -> Option<Box<dyn Check>> {
    let age = section.duration("max-age", DAY..=3650 * DAY);
    let days = age.map(|age| age.as_secs() / DAY.as_secs());
    let days = days.and_then(|days| i64::try_from(days).ok());
    Some(Box::new(Current {
        max_days: days.unwrap_or(DEFAULT_DAYS),
    }))
}

impl Check for Current {
    fn expected(&self) -> String {
        format!("an image of at most {} days", self.max_days)
    }

    fn facts(&self) -> Vec<&str> {
        vec![fact::IMAGE_CREATED, fact::IMAGE_ID]
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        let (text, evidence) = match says(case, fact::IMAGE_CREATED, Value::as_str) {
            Ok(known) => known,
            Err(reason) => return Outcome::Unknown(reason),
        };
        let Ok(created) = text.parse::<Timestamp>() else {
            return Outcome::Unknown(format!("its date of {text:?} is no date"));
        };
        let age = case.now.duration_since(created);
        if created < FIRST_IMAGES || age < SignedDuration::from_hours(-24) {
            let day = text.get(..10).unwrap_or(text);
            return Outcome::Unknown(format!("its date of {day} cannot be when it was built"));
        }
        let days = age.as_secs().div_euclid(86_400);
        if days <= self.max_days {
            Outcome::Pass(evidence)
        } else {
            Outcome::Fail(format!("{days} days old"), evidence)
        }
    }
}
