//! Times as people give them on the command line.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

/// A time: `now`, `2026-03-31` (the end of that day here), `2026-03-31T12:00` (here), `2026-03-31T12:00:00Z`, `3 days ago`.
pub(super) fn parse_time(text: &str) -> Result<Timestamp, String> {
    parse(text, &Zoned::now())
}

fn parse(text: &str, now: &Zoned) -> Result<Timestamp, String> {
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
    // A date is parsed before a time of day: "2026-03-31" is both.
    let zone = || now.time_zone().clone();
    let here = |time: DateTime, zone: TimeZone| zone.to_timestamp(time).ok();
    let found = match text.parse::<Date>() {
        Ok(date) if !text.contains(':') => here(date.at(23, 59, 59, 999_999_999), zone()),
        _ => text
            .parse::<DateTime>()
            .ok()
            .and_then(|time| here(time, zone())),
    };
    found.ok_or_else(|| {
        "write a time as 2026-03-31, 2026-03-31T12:00, 2026-03-31T12:00:00Z or \"3 days ago\""
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form() {
        let now: Zoned = "2026-11-22T10:00:00+01:00[Europe/Berlin]".parse().unwrap();
        let is = |text: &str, want: &str| {
            assert_eq!(
                parse(text, &now).map(|time| time.to_string()),
                Ok(want.to_owned()),
                "{text}"
            );
        };
        is("now", "2026-11-22T09:00:00Z");
        is("2026-03-31T12:00:00Z", "2026-03-31T12:00:00Z");
        is("2026-03-31", "2026-03-31T21:59:59.999999999Z");
        is("2026-03-31 12:00", "2026-03-31T10:00:00Z");
        is("3 days ago", "2026-11-19T09:00:00Z");
        is("2h ago", "2026-11-22T07:00:00Z");
        assert!(parse("yesterday-ish", &now).is_err());
    }
}
