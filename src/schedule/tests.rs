//! Years of schedules, without waiting for them.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{DateTime, date};
use jiff::tz::TimeZone;
use plimsoll_model::Text;

use super::*;

const ZONES: [&str; 3] = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn schedule(text: &str) -> Schedule {
    Schedule::parse(text).unwrap_or_else(|why| panic!("{why}"))
}

/// The runs from one time to another, both exclusive.
fn runs(text: &str, zone: &TimeZone, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
    let schedule = schedule(text);
    let next = |last: &Timestamp| schedule.next_after(*last, zone).filter(|next| *next < to);
    std::iter::successors(next(&from), next).collect()
}

/// The runs in a day and night of a zone, as its clock shows them with the offset.
fn shown(text: &str, name: &str, from: DateTime, to: DateTime) -> Vec<String> {
    let zone = zone(name);
    let [from, to] = [from, to].map(|time| zone.to_timestamp(time).unwrap());
    let runs = runs(text, &zone, from, to).into_iter();
    runs.map(|run| run.to_zoned(zone.clone()).strftime("%H:%M%:z").to_string())
        .collect()
}

#[test]
fn a_time_that_does_not_exist_runs_once_right_after_the_gap() {
    let (from, to) = (
        date(2026, 3, 29).at(0, 30, 0, 0),
        date(2026, 3, 29).at(5, 10, 0, 0),
    );
    let shown = |text| shown(text, "Europe/Berlin", from, to);
    assert_eq!(shown("30 2 * * *"), ["03:00+02:00"]);
    assert_eq!(shown("*/15 2 * * *"), ["03:00+02:00"]);
    assert_eq!(shown("0 2,3 * * *"), ["03:00+02:00"]);
    assert_eq!(
        shown("45 1-3 * * *"),
        ["01:45+01:00", "03:00+02:00", "03:45+02:00"]
    );
    assert_eq!(
        shown("30 * * * *"),
        ["01:30+01:00", "03:30+02:00", "04:30+02:00"]
    );
}

#[test]
fn a_time_that_exists_twice_runs_once_and_every_hour_means_every_hour() {
    let (from, to) = (
        date(2026, 10, 25).at(1, 10, 0, 0),
        date(2026, 10, 25).at(4, 10, 0, 0),
    );
    let shown = |text| shown(text, "Europe/Berlin", from, to);
    assert_eq!(shown("30 2 * * *"), ["02:30+02:00"]);
    assert_eq!(shown("0 2,3 * * *"), ["02:00+02:00", "03:00+01:00"]);
    assert_eq!(
        shown("30 * * * *"),
        ["01:30+02:00", "02:30+02:00", "02:30+01:00", "03:30+01:00"]
    );
    // By half an hour, on an island.
    let (from, to) = (
        date(2026, 4, 5).at(1, 10, 0, 0),
        date(2026, 4, 5).at(3, 10, 0, 0),
    );
    let shown = |text| super::tests::shown(text, "Australia/Lord_Howe", from, to);
    assert_eq!(shown("45 1 * * *"), ["01:45+11:00"]);
    assert_eq!(
        shown("*/15 * * * *").len(),
        "15 30 45, 30 45 again, 2:00 15 30 45, 3:00"
            .split(' ')
            .count()
            - 1
    );
}

#[test]
fn a_year_in_three_zones_runs_every_day_once_and_every_quarter_of_an_hour_evenly() {
    for name in ZONES {
        let zone = zone(name);
        let start = zone
            .to_timestamp(date(2025, 12, 31).at(23, 59, 59, 0))
            .unwrap();
        let end = zone.to_timestamp(date(2027, 1, 1).at(0, 0, 0, 0)).unwrap();
        let moves = zone.following(start).take_while(|at| at.timestamp() < end);
        assert_eq!(moves.count(), 2, "{name}");
        // Whatever hour a house chooses, those of the two nights among them.
        for text in [
            "0 0 * * *",
            "30 1 * * *",
            "15 2 * * *",
            "0 3 * * *",
            "0 9 * * *",
        ] {
            let runs = runs(text, &zone, start, end);
            assert_eq!(runs.len(), 365, "{text} in {name}");
            let days = runs.iter().map(|run| zone.to_datetime(*run).date());
            assert!(days.is_sorted_by(|a, b| a < b), "{text} in {name}");
        }
        let quarters = runs("*/15 * * * *", &zone, start, end);
        let even = Duration::from_secs(900);
        let odd = quarters
            .windows(2)
            .filter(|two| two[1].duration_since(two[0]) != even.try_into().unwrap());
        assert_eq!(odd.count(), 0, "{name}");
        assert_eq!(quarters.len(), 365 * 24 * 4, "{name}");
    }
}

#[test]
fn the_last_day_of_a_month_and_either_kind_of_day() {
    let utc = TimeZone::UTC;
    let days = |text: &str| -> Vec<String> {
        let runs = runs(
            text,
            &utc,
            at("2027-12-31T12:00:00Z"),
            at("2028-05-01T12:00:00Z"),
        );
        runs.iter()
            .map(|run| run.strftime("%m-%d").to_string())
            .collect()
    };
    assert_eq!(days("0 0 L * *"), ["01-31", "02-29", "03-31", "04-30"]);
    assert_eq!(days("0 0 15,L 2 *"), ["02-15", "02-29"]);
    // One of both is enough, as cron has it: Fridays, and the 13th.
    assert_eq!(
        days("0 0 13 4 FRI"),
        ["04-07", "04-13", "04-14", "04-21", "04-28"]
    );
    assert_eq!(
        days("0 0 L 4 5"),
        ["04-07", "04-14", "04-21", "04-28", "04-30"]
    );
    assert_eq!(days("0 0 */10 1 0-7"), ["01-01", "01-11", "01-21", "01-31"]);
    assert_eq!(days("0 0 * 1 7").len(), days("0 0 * 1 0").len());
    assert_eq!(
        days("@monthly"),
        ["01-01", "02-01", "03-01", "04-01", "05-01"]
    );
    assert_eq!(days("0 0 29 feb *"), ["02-29"]);
}

#[test]
fn what_is_no_expression_is_refused_with_a_reason() {
    let why = |text| Schedule::parse(text).unwrap_err();
    for (text, part) in [
        ("", "0 fields"),
        ("0 * * * * *", "6 fields"),
        ("60 * * * *", "\"60\" is no minute (0 to 59)"),
        ("* 24 * * *", "\"24\" is no hour"),
        ("* * 0 * *", "\"0\" is no day of the month (1 to 31)"),
        ("* * * foo *", "\"foo\" is no month"),
        ("* * * * 8", "\"8\" is no day of the week"),
        ("* * * * FRI-MON", "from the lower"),
        ("*/0 * * * *", "a step"),
        ("5/10 * * * *", "a step needs a range before it"),
        ("1,,2 * * * *", "\"\" is no minute"),
        ("+5 * * * *", "\"+5\" is no minute"),
        ("0 0 31 2,4 *", "never comes"),
        ("@yearly", "1 fields"),
    ] {
        assert!(why(text).contains(part), "{text}: {}", why(text));
    }
}

/// SplitMix64: the same expressions in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }

    fn field(&mut self, min: u64, max: u64) -> String {
        let one = |draw: &mut Self| min + draw.below(max - min + 1);
        match self.below(5) {
            0 | 1 => "*".to_owned(),
            2 => format!("*/{}", 1 + self.below(max)),
            3 => {
                let (a, b) = (one(self), one(self));
                format!("{}-{}", a.min(b), a.max(b))
            }
            _ => format!("{},{}", one(self), one(self)),
        }
    }
}

/// `croner` is another reader of the same language. Where clocks stand still, both have to agree; but it takes a day field
/// of `*/2` for one that is given, where cron itself looks at the star.
#[test]
fn another_reader_of_cron_expressions_agrees() {
    let mut draw = Draw(1824);
    let parser = croner::parser::CronParser::builder()
        .seconds(croner::parser::Seconds::Disallowed)
        .build();
    let start = chrono::DateTime::from_timestamp(1_767_225_600, 0).unwrap();
    let mut compared = 0;
    while compared < 600 {
        let text = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)]
            .map(|(min, max)| draw.field(min, max))
            .join(" ");
        let stepped = |field: usize| text.split(' ').nth(field).unwrap().starts_with("*/");
        if stepped(2) || stepped(4) {
            continue;
        }
        let Ok(ours) = Schedule::parse(&text) else {
            continue;
        };
        let theirs = parser.parse(&text).unwrap();
        let (mut our, mut their) = (at("2026-01-01T00:00:00Z"), start);
        for _ in 0..8 {
            our = ours.next_after(our, &TimeZone::UTC).unwrap();
            their = theirs.find_next_occurrence(&their, false).unwrap();
            assert_eq!(our.as_second(), their.timestamp(), "{text}");
        }
        compared += 1;
    }
}

fn timing(text: &str, jitter: u64) -> Timing {
    Timing {
        schedule: schedule(text),
        zone: TimeZone::UTC,
        jitter: Duration::from_secs(jitter),
        max_age: None,
        deadline: Duration::from_secs(60),
    }
}

#[test]
fn jitter_spreads_sources_and_loses_no_run() {
    let timing = timing("*/15 * * * *", 120);
    let mut late = std::collections::BTreeSet::new();
    for source in 0..50 {
        let source = format!("source-{source}");
        let mut last = at("2026-01-01T00:00:00Z");
        last = timing.next_after(&source, last).unwrap();
        for _ in 0..96 {
            let next = timing.next_after(&source, last).unwrap();
            let gap = next.duration_since(last).as_secs();
            assert!((780..=1020).contains(&gap), "{gap}");
            late.insert(next.as_millisecond() % 900_000);
            last = next;
        }
    }
    assert!(
        *late.last().unwrap() < 120_000 && late.len() > 1000,
        "{}",
        late.len()
    );
}

#[test]
fn a_source_is_stale_after_two_runs_or_its_own_limit() {
    let weekdays = timing("0 9 * * 1-5", 0);
    let stale = |timing: &Timing, complete| timing.stale_at(at(complete)).unwrap().to_string();
    // Over a weekend nothing was missed.
    assert_eq!(
        stale(&weekdays, "2026-11-27T09:00:05Z"),
        "2026-12-01T09:01:00Z"
    );
    let limited = Timing {
        max_age: Some(Duration::from_secs(7200)),
        ..weekdays
    };
    assert_eq!(
        stale(&limited, "2026-11-27T09:00:05Z"),
        "2026-11-27T11:00:05Z"
    );
}

fn plan(last: Option<&str>) -> Plan {
    Plan::new([("a".into(), timing("*/15 * * * *", 0), last.map(at))])
}

fn due(plan: &mut Plan, now: &str) -> usize {
    let due = plan.due(at(now)).now;
    for source in &due {
        plan.begun(source, at(now));
        plan.ended(source);
    }
    due.len()
}

#[test]
fn missed_runs_run_once() {
    assert_eq!(
        due(&mut plan(None), "2026-01-01T12:07:00Z"),
        1,
        "never scanned"
    );
    let mut plan = plan(Some("2026-01-01T12:00:01Z"));
    assert_eq!(due(&mut plan, "2026-01-01T12:07:00Z"), 0);
    assert_eq!(
        plan.wait(at("2026-01-01T12:14:30Z")),
        Duration::from_secs(30)
    );
    assert_eq!(
        plan.wait(at("2026-01-01T12:07:00Z")),
        Duration::from_secs(60)
    );
    // The machine slept for a day.
    assert_eq!(due(&mut plan, "2026-01-02T12:07:00Z"), 1);
    assert_eq!(due(&mut plan, "2026-01-02T12:07:01Z"), 0);
    assert_eq!(due(&mut plan, "2026-01-02T12:15:00Z"), 1);
}

#[test]
fn a_clock_that_is_set_back_or_forward_stops_nothing_and_runs_nothing_twice() {
    let mut plan = plan(Some("2026-01-01T12:00:01Z"));
    // Forward by years, and back.
    assert_eq!(due(&mut plan, "2031-01-01T12:00:05Z"), 1);
    assert_eq!(due(&mut plan, "2026-01-01T12:05:00Z"), 0);
    assert_eq!(due(&mut plan, "2026-01-01T12:15:00Z"), 1);
    // Back by hours.
    assert_eq!(due(&mut plan, "2026-01-01T09:03:00Z"), 0);
    assert_eq!(due(&mut plan, "2026-01-01T09:15:00Z"), 1);
    // What the database says of the future counts as of now.
    let mut plan = self::plan(Some("2040-01-01T00:00:00Z"));
    assert_eq!(due(&mut plan, "2026-01-01T12:07:00Z"), 0);
    assert_eq!(due(&mut plan, "2026-01-01T12:15:00Z"), 1);
}

#[test]
fn a_source_that_is_still_scanned_is_left_out_once_a_run() {
    let mut plan = plan(Some("2026-01-01T12:00:01Z"));
    plan.begun("a", at("2026-01-01T12:00:01Z"));
    let a = || vec![Text::from("a")];
    let due = plan.due(at("2026-01-01T12:15:00Z"));
    assert_eq!((due.now, due.skipped), (vec![], a()));
    assert_eq!(plan.due(at("2026-01-01T12:16:00Z")), Due::default());
    plan.ended("a");
    assert_eq!(plan.due(at("2026-01-01T12:29:00Z")), Due::default());
    assert_eq!(plan.due(at("2026-01-01T12:30:00Z")).now, a());
}

#[test]
fn a_new_configuration_keeps_what_is_known_of_a_source() {
    let mut plan = plan(Some("2026-01-01T12:00:01Z"));
    let timings = [("a", "0 * * * *"), ("b", "0 * * * *"), ("c", "0 * * * *")];
    let timings = timings.map(|(name, text)| (Text::from(name), timing(text, 0)));
    let begun = |source: &Text| (source == "b").then(|| at("2026-01-01T12:30:00Z"));
    plan.replace(timings.clone(), begun);
    assert_eq!(plan.due(at("2026-01-01T12:45:00Z")).now, ["c"]);
    assert_eq!(plan.due(at("2026-01-01T13:00:00Z")).now, ["a", "b", "c"]);
    plan.replace(timings.into_iter().take(1), begun);
    assert_eq!(plan.sources().count(), 1);
}
