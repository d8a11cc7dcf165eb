//! Times as people give them on the command line.
//!
//! A day alone is a whole day: where a span begins it means the day's first moment, where one ends, and where something is asked for
//! as of it, its last. Days and times of day are those of this machine's zone (`TZ`), unless the text names another.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

/// Which moment of a day is meant by the day alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    /// Its first: a span begins with it.
    First,
    /// Its last: a span ends with it, or something is as of it.
    Last,
}

const FORMS: &str = "write a time as 2026-03-31, 2026-03-31T12:00 (of this machine's zone), \
    2026-03-31[Europe/Berlin], 2026-03-31T12:00:00Z or \"3 days ago\"";

/// Where a span begins: `2026-03-31` is the start of that day.
pub(super) fn parse_from(text: &str) -> Result<Timestamp, String> {
    parse(text, Edge::First, &Zoned::now())
}

/// Where a span ends: `2026-03-31` is the end of that day.
pub(super) fn parse_to(text: &str) -> Result<Timestamp, String> {
    parse(text, Edge::Last, &Zoned::now())
}

/// As of when: `2026-03-31` is the end of that day.
pub(super) fn parse_at(text: &str) -> Result<Timestamp, String> {
    parse(text, Edge::Last, &Zoned::now())
}

/// `now`, `2026-03-31`, `2026-03-31T12:00`, either with a zone behind it, `2026-03-31T12:00:00Z`, `3 days ago`.
fn parse(text: &str, edge: Edge, now: &Zoned) -> Result<Timestamp, String> {
    let text = text.trim();
    if text == "now" {
        return Ok(now.timestamp());
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    if let Some(ago) = text.strip_suffix("ago")
        && let Ok(span) = ago.trim().parse::<Span>()
        && let Ok(time) = now.checked_sub(span)
    {
        return Ok(time.timestamp());
    }
    let (text, zone) = match text.split_once('[') {
        Some((text, name)) => {
            let name = name.strip_suffix(']').ok_or(FORMS)?;
            let zone = TimeZone::get(name)
                .map_err(|_| format!("no time zone {name:?} is known on this machine"))?;
            (text.trim_end(), zone)
        }
        None => match text.strip_suffix('Z') {
            Some(text) => (text, TimeZone::UTC),
            None => (text, now.time_zone().clone()),
        },
    };
    // A date is parsed before a time of day: "2026-03-31" is both.
    let found = match text.parse::<Date>() {
        Ok(date) if text.len() == "2026-03-31".len() => moment(date, edge, &zone),
        _ => text
            .parse::<DateTime>()
            .ok()
            .and_then(|time| zone.to_timestamp(time).ok()),
    };
    found.ok_or_else(|| FORMS.to_owned())
}

/// The first or last moment of a day; also of one that does not begin at midnight, because clocks are put forward there.
fn moment(date: Date, edge: Edge, zone: &TimeZone) -> Option<Timestamp> {
    let first = |date: Date| -> Option<Timestamp> {
        let start = date.to_datetime(Time::midnight()).to_zoned(zone.clone());
        Some(start.ok()?.start_of_day().ok()?.timestamp())
    };
    match edge {
        Edge::First => first(date),
        Edge::Last => {
            let next = first(date.tomorrow().ok()?)?;
            next.checked_sub(jiff::SignedDuration::from_nanos(1)).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{ArgMatches, CommandFactory as _};
    use std::any::TypeId;

    use crate::cli::args::Cli;

    fn berlin() -> Zoned {
        "2026-11-22T10:00:00+01:00[Europe/Berlin]".parse().unwrap()
    }

    #[test]
    fn every_form() {
        let is = |text: &str, first: &str, last: &str| {
            for (edge, want) in [(Edge::First, first), (Edge::Last, last)] {
                let time = parse(text, edge, &berlin()).map(|time| time.to_string());
                assert_eq!(time, Ok(want.to_owned()), "{text} {edge:?}");
            }
        };
        let same = |text: &str, want: &str| is(text, want, want);
        same("now", "2026-11-22T09:00:00Z");
        same("2026-03-31T12:00:00Z", "2026-03-31T12:00:00Z");
        same("2026-03-31 12:00", "2026-03-31T10:00:00Z");
        same("2026-03-31T12:00[America/New_York]", "2026-03-31T16:00:00Z");
        same("3 days ago", "2026-11-19T09:00:00Z");
        same("2h ago", "2026-11-22T07:00:00Z");
        let day = ["2026-03-30T22:00:00Z", "2026-03-31T21:59:59.999999999Z"];
        is("2026-03-31", day[0], day[1]);
        let utc = ["2026-03-31T00:00:00Z", "2026-03-31T23:59:59.999999999Z"];
        is("2026-03-31Z", utc[0], utc[1]);
        is("2026-03-31[UTC]", utc[0], utc[1]);
        // A day of 23 hours, and one that begins at one o'clock.
        let short = ["2026-03-28T23:00:00Z", "2026-03-29T21:59:59.999999999Z"];
        is("2026-03-29", short[0], short[1]);
        let late = ["2026-09-06T04:00:00Z", "2026-09-07T02:59:59.999999999Z"];
        is("2026-09-06[America/Santiago]", late[0], late[1]);
        for wrong in [
            "yesterday-ish",
            "2026-03-31[Europe/Atlantis]",
            "2026-03-31[UTC",
            "2026-02-30",
        ] {
            assert!(parse(wrong, Edge::First, &berlin()).is_err(), "{wrong}");
        }
    }
    /// Every option that takes a time: the command, how the option is given, and which moment of a day it means.
    const OPTIONS: &[(&str, &str, Edge)] = &[
        ("report", "--at", Edge::Last),
        ("drift", "--at", Edge::Last),
        ("changes", "--from", Edge::First),
        ("changes", "--to", Edge::Last),
        ("changes population", "--from", Edge::First),
        ("changes population", "--to", Edge::Last),
        ("inventory list", "--at", Edge::Last),
        ("inventory show", "--at", Edge::Last),
        ("inventory diff", "from", Edge::First),
        ("inventory diff", "to", Edge::Last),
        ("inventory path", "--at", Edge::Last),
        ("inventory reach", "--at", Edge::Last),
        ("inventory blast", "--at", Edge::Last),
        ("inventory shared", "--at", Edge::Last),
        ("inventory orphans", "--at", Edge::Last),
        ("baseline explain", "--at", Edge::Last),
        ("baseline record", "--at", Edge::Last),
        ("controls evidence", "--at", Edge::Last),
        ("export diagram", "--at", Edge::Last),
        ("export diagram", "--since", Edge::First),
        ("export inventory", "--at", Edge::Last),
    ];

    /// The options of a command and of those beneath it that take a time: `report --at`.
    fn options(command: &clap::Command, path: &str, into: &mut Vec<(String, String)>) {
        for arg in command.get_arguments() {
            if arg.get_value_parser().type_id() == TypeId::of::<Timestamp>() {
                let given = match arg.get_long() {
                    Some(long) => format!("--{long}"),
                    None => arg.get_id().to_string(),
                };
                into.push((path.to_owned(), given));
            }
        }
        for inner in command.get_subcommands() {
            let path = format!("{path} {}", inner.get_name());
            options(inner, path.trim_start(), into);
        }
    }

    #[test]
    fn a_day_begins_what_starts_with_it_and_ends_what_ends_with_it_in_every_option() {
        let mut there = Vec::new();
        options(&Cli::command(), "", &mut there);
        let mut told: Vec<_> = OPTIONS
            .iter()
            .map(|(path, option, _)| ((*path).to_owned(), (*option).to_owned()))
            .collect();
        there.sort();
        told.sort();
        assert_eq!(there, told);

        let now = Zoned::now();
        for (path, option, edge) in OPTIONS {
            let mut words: Vec<&str> = std::iter::once("plimsoll").chain(path.split(' ')).collect();
            // What the command needs besides.
            match *path {
                "changes population" if *option == "--from" => {
                    words.extend(["--to", "2026-12-31"]);
                }
                "changes population" => words.extend(["--from", "2026-01-01"]),
                "inventory show" | "inventory blast" | "baseline explain" | "baseline record"
                | "controls evidence" => {
                    words.push("x");
                }
                "inventory path" => words.extend(["x", "y"]),
                "inventory diff" if *option == "to" => words.push("2026-01-01"),
                _ => {}
            }
            if option.starts_with('-') {
                words.push(option);
            }
            words.push("2026-12-01");
            let matches = Cli::command().try_get_matches_from(&words);
            let matches = matches.unwrap_or_else(|error| panic!("{words:?}: {error}"));
            let mut inner: &ArgMatches = &matches;
            while let Some((_, deeper)) = inner.subcommand() {
                inner = deeper;
            }
            let got = inner.get_one::<Timestamp>(option.trim_start_matches('-'));
            let want = parse("2026-12-01", *edge, &now).unwrap();
            assert_eq!(got, Some(&want), "{path} {option}");
        }
    }
}
