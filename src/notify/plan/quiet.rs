//! Times of day in a time zone: quiet hours, and what is due once a day.

use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, Zoned};

use super::settings::Quiet;

/// A time of day on some days of the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// The time of day, in minutes.
    pub minute: u16,
    /// The days, Monday as 0; every day where it is empty.
    pub days: Vec<u8>,
}

impl Quiet {
    /// When the quiet that holds at a time ends; none where it is not quiet.
    pub fn until(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let now = now.to_zoned(zone.clone());
        if !self.holds(&now) {
            return None;
        }
        // From end to end: a night before a quiet day ends when that day's night ends.
        let mut at = now.clone();
        for _ in 0..32 {
            at = self.next_edge(&at)?;
            if !self.holds(&at) {
                return Some(at.timestamp());
            }
        }
        // Every day is quiet as a whole: then a week later is as good as ever.
        now.checked_add(7.days()).ok().map(|at| at.timestamp())
    }

    fn holds(&self, at: &Zoned) -> bool {
        let minute = minute_of(at);
        let night = if self.from <= self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        };
        night || self.days.contains(&day_of(at))
    }

    /// The next time after this one at which it may begin or end: midnight, `from` or `to`.
    fn next_edge(&self, at: &Zoned) -> Option<Zoned> {
        [0, self.from, self.to]
            .into_iter()
            .filter_map(|minute| next(at, minute))
            .min_by_key(Zoned::timestamp)
    }
}

impl When {
    /// The last time that it was due, at or before a time.
    pub fn last(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let zoned = now.to_zoned(zone.clone());
        (0..=7).find_map(|back: i32| {
            let date = zoned.date().checked_sub(back.days()).ok()?;
            let at = moment(date, self.minute, zone)?;
            (at <= now && self.on(&at.to_zoned(zone.clone()))).then_some(at)
        })
    }

    /// The next time that it is due, after a time.
    pub fn next(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let zoned = now.to_zoned(zone.clone());
        (0..=8).find_map(|on: i32| {
            let date = zoned.date().checked_add(on.days()).ok()?;
            let at = moment(date, self.minute, zone)?;
            (at > now && self.on(&at.to_zoned(zone.clone()))).then_some(at)
        })
    }

    /// Whether it was due since a time, or for the first time: then only where it was due within the last hour, so that
    /// whoever configures it in the evening does not hear of the morning.
    pub fn due(&self, since: Option<Timestamp>, now: Timestamp, zone: &TimeZone) -> bool {
        let Some(last) = self.last(now, zone) else {
            return false;
        };
        match since {
            Some(since) => since < last,
            None => now.duration_since(last).unsigned_abs() < Duration::from_secs(3_600),
        }
    }

    fn on(&self, at: &Zoned) -> bool {
        self.days.is_empty() || self.days.contains(&day_of(at))
    }
}

fn day_of(at: &Zoned) -> u8 {
    u8::try_from(at.weekday().to_monday_zero_offset()).unwrap_or(0)
}

fn minute_of(at: &Zoned) -> u16 {
    u16::try_from(i32::from(at.hour()) * 60 + i32::from(at.minute())).unwrap_or(0)
}

/// A time of day on a date. One that the clocks leave out is the same length after the gap; of one that comes twice, the first.
fn moment(date: jiff::civil::Date, minute: u16, zone: &TimeZone) -> Option<Timestamp> {
    let hour = i8::try_from(minute / 60).ok()?;
    let minute = i8::try_from(minute % 60).ok()?;
    let time = Time::new(hour, minute, 0, 0).ok()?;
    let zoned = date.to_datetime(time).to_zoned(zone.clone()).ok()?;
    Some(zoned.timestamp())
}

fn next(after: &Zoned, minute: u16) -> Option<Zoned> {
    let zone = after.time_zone();
    (0..=1).find_map(|on: i32| {
        let date = after.date().checked_add(on.days()).ok()?;
        let at = moment(date, minute, zone)?;
        (at > after.timestamp()).then(|| at.to_zoned(zone.clone()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::Severity;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    #[test]
    fn quiet_hours_end_by_the_clocks_of_their_zone() {
        let quiet = Quiet {
            from: 20 * 60,
            to: 7 * 60,
            days: vec![5, 6],
            unless: Severity::Critical,
        };
        let until = |text: &str| quiet.until(at(text), &berlin()).map(|at| at.to_string());
        // A Wednesday in winter and one in summer.
        assert_eq!(until("2026-01-14T18:59:00Z"), None);
        assert_eq!(
            until("2026-01-14T19:00:00Z").unwrap(),
            "2026-01-15T06:00:00Z"
        );
        assert_eq!(
            until("2026-07-15T18:00:00Z").unwrap(),
            "2026-07-16T05:00:00Z"
        );
        // From Friday evening on it is quiet until Monday morning.
        assert_eq!(
            until("2026-01-16T19:30:00Z").unwrap(),
            "2026-01-19T06:00:00Z"
        );
        // The night in which the clocks go forward.
        assert_eq!(
            until("2026-03-28T12:00:00Z").unwrap(),
            "2026-03-30T05:00:00Z"
        );
        let always = Quiet {
            days: (0..7).collect(),
            ..quiet.clone()
        };
        assert!(
            always
                .until(at("2026-01-14T12:00:00Z"), &berlin())
                .is_some()
        );
    }

    #[test]
    fn what_is_due_once_a_day_is_due_once_after_a_gap_too() {
        let when = When {
            minute: 2 * 60 + 30,
            days: Vec::new(),
        };
        let zone = berlin();
        let due = |since: &str, now: &str| when.due(Some(at(since)), at(now), &zone);
        assert!(!due("2026-01-14T01:30:00Z", "2026-01-15T01:29:00Z"));
        assert!(due("2026-01-14T01:30:00Z", "2026-01-15T01:30:00Z"));
        // Half past two does not exist on the day on which the clocks go forward, and comes all the same.
        assert_eq!(
            when.next(at("2026-03-29T00:00:00Z"), &zone)
                .unwrap()
                .to_string(),
            "2026-03-29T01:30:00Z"
        );
        // It comes twice when they go back, and is due once.
        let first = when.next(at("2026-10-24T12:00:00Z"), &zone).unwrap();
        assert_eq!(first.to_string(), "2026-10-25T00:30:00Z");
        let second = when.next(first, &zone).unwrap();
        assert_eq!(second.to_string(), "2026-10-26T01:30:00Z");
        // The first time counts only shortly after it.
        assert!(when.due(None, at("2026-01-15T02:00:00Z"), &zone));
        assert!(!when.due(None, at("2026-01-15T12:00:00Z"), &zone));
        let mondays = When {
            days: vec![0],
            ..when
        };
        assert_eq!(
            mondays
                .next(at("2026-01-14T12:00:00Z"), &zone)
                .unwrap()
                .to_string(),
            "2026-01-19T01:30:00Z"
        );
    }
}
