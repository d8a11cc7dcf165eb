//! `[schedule]`: when `serve` scans, and when a source counts as not read for too long.

use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::tz::TimeZone;
use plimsoll_settings::Section;

use crate::schedule::{Schedule, Timing};

/// More than an hour late is another schedule.
const JITTER: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(3_600);
/// From a minute to a year.
const AGES: RangeInclusive<Duration> = Duration::from_secs(60)..=Duration::from_secs(366 * 86_400);
const DEFAULT: &str = "*/15 * * * *";

/// `[schedule]`: when sources are scanned that do not say it themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleSettings {
    /// When. None after a mistake alone.
    pub default: Option<Schedule>,
    /// By the clock of which zone.
    pub zone: TimeZone,
    /// By how much a run may come later, up to an hour.
    pub jitter: Duration,
    /// How long a source may go without a complete read; none where that follows from its schedule.
    pub max_age: Option<Duration>,
}

impl ScheduleSettings {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let default = match section.has("default") {
            true => schedule(section, "default"),
            false => {
                section.text("default");
                Schedule::parse(DEFAULT).ok()
            }
        };
        let settings = Self {
            default,
            zone: zone(section).unwrap_or(TimeZone::UTC),
            jitter: section
                .duration("jitter", JITTER)
                .unwrap_or(Duration::from_secs(10)),
            max_age: section.duration("max_age", AGES),
        };
        section.finish();
        settings
    }

    /// When a source is scanned, by its own keys and else by these; none after a mistake.
    pub(super) fn of_source(&self, section: &Section<'_>, deadline: Duration) -> Option<Timing> {
        let own = schedule(section, "schedule");
        let schedule = match section.has("schedule") {
            true => own,
            false => self.default.clone(),
        };
        let zone = zone(section).unwrap_or_else(|| self.zone.clone());
        let jitter = section.duration("jitter", JITTER).unwrap_or(self.jitter);
        let max_age = section.duration("max_age", AGES).or(self.max_age);
        Some(Timing {
            schedule: schedule?,
            zone,
            jitter,
            max_age,
            deadline,
        })
    }

    /// When a source is scanned that has no keys of its own.
    pub(super) fn of_found(&self, deadline: Duration) -> Option<Timing> {
        Some(Timing {
            schedule: self.default.clone()?,
            zone: self.zone.clone(),
            jitter: self.jitter,
            max_age: self.max_age,
            deadline,
        })
    }
}

fn schedule(section: &Section<'_>, key: &str) -> Option<Schedule> {
    let text = section.text(key)?;
    match Schedule::parse(&text) {
        Ok(schedule) => Some(schedule),
        Err(why) => {
            let hint = Some("as \"*/15 * * * *\" for every quarter of an hour".to_owned());
            section.mistake(section.place_of(key), format!("`{key}`: {why}"), hint);
            None
        }
    }
}

fn zone(section: &Section<'_>) -> Option<TimeZone> {
    let name = section.text("time_zone")?;
    match TimeZone::get(&name) {
        Ok(zone) => Some(zone),
        Err(_) => {
            let message = format!("`time_zone`: no zone {name:?} is known on this machine");
            let hint =
                "a name as \"Europe/Berlin\" or \"UTC\"; the zones are those of the package tzdata";
            section.mistake(
                section.place_of("time_zone"),
                message,
                Some(hint.to_owned()),
            );
            None
        }
    }
}
