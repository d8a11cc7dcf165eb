//! Cron expressions of five fields in a time zone.
//!
//! The `cron` crate evaluates them on a wall clock without a zone. Here is what it lacks: five fields, weekdays from
//! 0 or 7 for Sunday, day of the month *or* of the week where both are given, `L` for a month's last day, and what
//! happens when clocks are put forward and back.

use std::collections::BTreeSet;

use chrono::{DateTime as Wall, Datelike as _, NaiveDate, Timelike as _, Utc};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::field::{DAY, HOUR, MINUTE, MONTH, Unit, WEEKDAY, numbers};

/// When something runs: `*/15 * * * *`.
///
/// A time of day that does not exist, because clocks are put forward, runs once right after the gap; one that exists
/// twice runs the first time. An expression for every hour names no time of day: it goes on as if nothing were.
#[derive(Clone, Debug)]
pub struct Schedule {
    text: String,
    /// It runs when one of these says so.
    parts: Vec<Part>,
    every_hour: bool,
}

#[derive(Clone, Debug)]
struct Part {
    schedule: cron::Schedule,
    /// On the last day of a month alone.
    last_day: bool,
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Schedule {}

impl Schedule {
    /// Reads `MINUTE HOUR DAY MONTH WEEKDAY`, or one of `@hourly`, `@daily`, `@weekly` and `@monthly`.
    ///
    /// # Errors
    /// What is wrong with it, as one line; also where no day ever fits.
    pub fn parse(text: &str) -> Result<Self, String> {
        let spelled = match text.trim() {
            "@hourly" => "0 * * * *",
            "@daily" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            other => other,
        };
        let fields: Vec<&str> = spelled.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            return Err(format!(
                "{text:?} has {} fields, not the five of MINUTE HOUR DAY MONTH WEEKDAY",
                fields.len()
            ));
        };
        let list = |field, unit: Unit| Ok::<_, String>(listed(&numbers(field, unit)?));
        let (minute, months) = (list(minute, MINUTE)?, list(month, MONTH)?);
        let hours = numbers(hour, HOUR)?;
        let weekdays = weekdays(weekday)?;
        let (days, last_day) = days(day)?;
        let mut parts = Vec::new();
        let mut add = |days: &str, weekdays: &str, last_day: bool| {
            let spelled = format!("0 {minute} {} {days} {months} {weekdays}", listed(&hours));
            // All five fields were read, so there is nothing left to refuse.
            let schedule = spelled
                .parse()
                .map_err(|_| format!("{text:?} is no cron expression"))?;
            parts.push(Part { schedule, last_day });
            Ok::<_, String>(())
        };
        // As cron has it: where the day of the month and that of the week are both given, one of them is enough.
        let both = !day.starts_with('*') && !fields[4].starts_with('*');
        let of_days = if both { "*" } else { weekdays.as_str() };
        if !days.is_empty() {
            add(&listed(&days), of_days, false)?;
        }
        if last_day {
            add("28-31", of_days, true)?;
        }
        if both {
            add("*", &weekdays, false)?;
        }
        let schedule = Self {
            text: text.trim().to_owned(),
            parts,
            every_hour: hours.len() == 24,
        };
        // Every date and weekday there is comes by within 28 years.
        let ever = NaiveDate::from_ymd_opt(2000, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0));
        match ever.and_then(|start| schedule.on_wall(start.and_utc())) {
            Some(_) => Ok(schedule),
            None => Err(format!(
                "{text:?} never comes: no such day is in these months"
            )),
        }
    }

    /// The first time after another at which it runs; none where there is none before the year 2101.
    pub fn next_after(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        if self.every_hour {
            return self.next_of_every_hour(after, zone);
        }
        let mut wall = to_wall(zone.to_datetime(after))?;
        loop {
            wall = self.on_wall(wall)?;
            let time = instant(from_wall(wall)?, zone)?;
            // In the second pass of an hour the first has had its turn.
            if time > after {
                return Some(time);
            }
        }
    }

    /// The same for an expression that allows every hour: between two moves of the clock it is a plain clock.
    fn next_of_every_hour(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut offset = zone.to_offset(after);
        let mut wall = to_wall(offset.to_datetime(after))?;
        let mut moves = zone.following(after);
        loop {
            let end = moves.next();
            let found = from_wall(self.on_wall(wall)?)?;
            let time = offset.to_timestamp(found).ok()?;
            let Some(end) = end.filter(|end| time >= end.timestamp()) else {
                return Some(time);
            };
            offset = end.offset();
            // The moment of the move itself may be the next.
            wall = to_wall(offset.to_datetime(end.timestamp()))? - chrono::Duration::seconds(1);
        }
    }

    /// The first time after another on a clock that nobody moves.
    fn on_wall(&self, after: Wall<Utc>) -> Option<Wall<Utc>> {
        let next = |part: &Part| {
            let mut times = part.schedule.after(&after);
            times.find(|time| !part.last_day || is_last_day(time))
        };
        self.parts.iter().filter_map(next).min()
    }
}

impl std::fmt::Display for Schedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// The days of a month, and whether its last is one of them.
fn days(text: &str) -> Result<(BTreeSet<u8>, bool), String> {
    let (last, others): (Vec<&str>, Vec<&str>) = text.split(',').partition(|day| *day == "L");
    let days = match others[..] {
        [] => BTreeSet::new(),
        _ => numbers(&others.join(","), DAY)?,
    };
    Ok((days, !last.is_empty()))
}

/// The days of the week as the crate counts them: from 1 for Sunday.
fn weekdays(text: &str) -> Result<String, String> {
    let days = numbers(text, WEEKDAY)?;
    Ok(listed(&days.iter().map(|day| day % 7 + 1).collect()))
}

fn listed(numbers: &BTreeSet<u8>) -> String {
    let words: Vec<String> = numbers.iter().map(u8::to_string).collect();
    words.join(",")
}

fn is_last_day(time: &Wall<Utc>) -> bool {
    time.date_naive()
        .succ_opt()
        .is_none_or(|next| next.day() == 1)
}

/// When a clock in the zone shows a time: the first time where it does twice, and the end of the gap where it never does.
fn instant(wall: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(wall);
    match ambiguous.offset() {
        AmbiguousOffset::Gap { before, .. } => {
            // By the old offset it is at or after the move, which is the end of the gap.
            let late = before.to_timestamp(wall).ok()?;
            let moved = zone.preceding(late.checked_add(jiff::SignedDuration::from_nanos(1)).ok()?);
            moved.into_iter().next().map(|at| at.timestamp())
        }
        _ => ambiguous.earlier().ok(),
    }
}

fn to_wall(time: DateTime) -> Option<Wall<Utc>> {
    let part = |number: i8| u32::try_from(number).ok();
    let day = NaiveDate::from_ymd_opt(time.year().into(), part(time.month())?, part(time.day())?)?;
    let (hour, minute, second) = (
        part(time.hour())?,
        part(time.minute())?,
        part(time.second())?,
    );
    Some(day.and_hms_opt(hour, minute, second)?.and_utc())
}

fn from_wall(time: Wall<Utc>) -> Option<DateTime> {
    let part = |number: u32| i8::try_from(number).ok();
    DateTime::new(
        i16::try_from(time.year()).ok()?,
        part(time.month())?,
        part(time.day())?,
        part(time.hour())?,
        part(time.minute())?,
        part(time.second())?,
        0,
    )
    .ok()
}
