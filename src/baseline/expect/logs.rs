//! `logs-shipped`: systems that handle sensitive data ship their logs away.

use plimsoll_model::{Asset, How, RelationKind, Value, fact, kind};
use plimsoll_settings::Section;

use super::contained::sensitive;
use super::{Case, Check, shape};
use crate::baseline::outcome::{Cause, Evidence, Outcome, known_as, reason};

/// Drivers that send logs to another machine or service.
const DRIVERS: &[&str] = &[
    "awslogs",
    "fluentd",
    "gcplogs",
    "gelf",
    "logentries",
    "splunk",
    "syslog",
];

#[derive(Debug)]
struct Shipped {
    drivers: Vec<String>,
    /// Whether systems without sensitive data have to as well.
    all: bool,
}

pub(super) fn read(section: &Section<'_>) -> Option<Box<dyn Check>> {
    let drivers = section.texts("drivers");
    let shipped = || DRIVERS.iter().map(ToString::to_string).collect();
    Some(Box::new(Shipped {
        drivers: drivers.unwrap_or_else(shipped),
        all: section.bool("all").unwrap_or(false),
    }))
}

impl Check for Shipped {
    fn expected(&self) -> String {
        "logs are shipped away".to_owned()
    }

    fn facts(&self) -> Vec<&str> {
        vec![
            fact::LOGS_DESTINATIONS,
            fact::LOG_DRIVER,
            fact::SENSITIVE,
            "relations",
        ]
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        if !self.all
            && let Err(other) = sensitive(case)
        {
            // Where that is not known it is told once.
            return match other {
                Outcome::Unknown(reason) => Outcome::Follows(
                    reason,
                    Cause {
                        at: case.system.at,
                        control: "sensitive-data-contained",
                    },
                ),
                other => other,
            };
        }
        let mut used = case.estate.along(case.system.at, RelationKind::Uses);
        if let Some((_, drain)) = used.find(|(_, used)| used.kind == kind::LOG_DRAIN) {
            let basis = format!("relation uses to {}", drain.id);
            return Outcome::Pass(Evidence::new(How::Reported, basis));
        }
        let holders = case.estate.around(case.system.at);
        let holders = holders.map(|at| case.estate.snapshot.asset(at));
        let mut speakers = std::iter::once(case.asset).chain(holders);
        let says = |asset: &&'a Asset| asset.get(fact::LOGS_DESTINATIONS).is_some();
        let speaker = speakers.find(says);
        let shipped = speaker.map(|asset| known_as(asset, fact::LOGS_DESTINATIONS, shape::words));
        if let Some(Ok(([_, ..], evidence))) = shipped {
            return Outcome::Pass(evidence);
        }
        let driver = known_as(case.index, fact::LOG_DRIVER, Value::as_str);
        match (shipped, driver) {
            (_, Ok((driver, evidence))) if self.drivers.iter().any(|one| one == driver) => {
                Outcome::Pass(evidence)
            }
            (Some(Ok((_, evidence))), _) => {
                Outcome::Fail("its logs are shipped nowhere".to_owned(), evidence)
            }
            (Some(Err(reason)), _) => Outcome::Unknown(reason),
            (None, Ok((driver, evidence))) => match case.half_seen(case.system.at) {
                // A log drain may be in what was not read.
                Some(why) => Outcome::Unknown(why),
                None => {
                    let actual = format!("log driver {driver} keeps them where it runs");
                    Outcome::Fail(actual, evidence)
                }
            },
            (None, Err(_)) => Outcome::Unknown(reason(case.asset, fact::LOGS_DESTINATIONS)),
        }
    }
}
