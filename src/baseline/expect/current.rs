//! `image-current`: the running image is not older than the patch policy allows.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::{Asset, RelationKind, Value, fact};
use plimsoll_settings::Section;

use super::pinned::says;
use super::sum::Sum;
use super::{Case, Check, shape};
use crate::baseline::index::Claims;
use crate::baseline::outcome::{Evidence, Outcome, known_as, misshapen};

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
        vec![fact::IMAGE_CREATED, fact::IMAGE_ID, fact::IMAGES]
    }

    /// By its own word, which is its main image's, or those of all images that it was built from. A container of which the
    /// image's date is not known leaves it unknown.
    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        let mut sum = Sum::default();
        let mut seen = 0;
        let built = case.estate.along(case.system.at, RelationKind::BuiltFrom);
        let images: Vec<&Asset> = built.map(|(_, image)| image).collect();
        let own = case.index.claim(fact::IMAGE_CREATED);
        let own_known = own.is_some_and(|own| own.value().is_some());
        if own_known || images.len() < 2 {
            self.look(
                case,
                "",
                says(case, fact::IMAGE_CREATED, Value::as_str),
                &mut sum,
            );
            seen = 1;
        }
        if images.len() > 1 {
            for image in &images {
                let created = known_as(*image, fact::IMAGE_CREATED, Value::as_str);
                self.look(case, &format!("{}: ", image.name), created, &mut sum);
            }
            seen = images.len();
        }
        let containers = case.index.claim(fact::IMAGES);
        let containers = containers.and_then(|images| images.value());
        let references = containers.map(references);
        if let Some(None) = references {
            sum.unknown(misshapen(fact::IMAGES));
        }
        if references.flatten().is_some_and(|all| all.len() > seen) {
            let what = "when the images of all its containers were built is not known";
            sum.unknown(what.to_owned());
        }
        sum.outcome("it runs no image")
    }
}

/// The images of all containers; none where one of them is not said.
fn references(images: &Value) -> Option<BTreeSet<&str>> {
    let rows = shape::rows(images)?.iter();
    rows.map(|(_, row)| shape::word(row.as_table()?.get("image")?))
        .collect()
}

impl Current {
    fn look<'a>(
        &self,
        case: &Case<'a>,
        whose: &str,
        created: Result<(&'a str, Evidence<'a>), String>,
        sum: &mut Sum<'a>,
    ) {
        let (text, evidence) = match created {
            Ok(known) => known,
            Err(reason) => return sum.unknown(format!("{whose}{reason}")),
        };
        let Ok(created) = text.parse::<Timestamp>() else {
            return sum.unknown(format!("{whose}its date of {text:?} is no date"));
        };
        let age = case.now.duration_since(created);
        if created < FIRST_IMAGES || age < -shape::AHEAD {
            let day = text.get(..10).unwrap_or(text);
            let what = format!("{whose}its date of {day} cannot be when it was built");
            return sum.unknown(what);
        }
        let days = age.as_secs().div_euclid(86_400);
        if days <= self.max_days {
            sum.good(evidence);
        } else {
            sum.bad(format!("{whose}{days} days old"), evidence);
        }
    }
}
