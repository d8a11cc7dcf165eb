//! Points in time that facts give, and spans as people read them.

use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::Value;
use plimsoll_settings::Section;

use crate::baseline::index::Claims;
use crate::baseline::outcome::{Evidence, known_as};

pub(super) const DAY: i64 = 86_400;

/// A parameter that is a span, in seconds.
pub(super) fn seconds(section: &Section<'_>, key: &str, default: i64) -> i64 {
    let range = Duration::ZERO..=Duration::from_secs(3650 * DAY as u64);
    let span = section.duration(key, range);
    span.and_then(|span| i64::try_from(span.as_secs()).ok())
        .unwrap_or(default)
}

/// The time that a fact gives.
///
/// # Errors
/// Why it is not known.
pub(super) fn time<'a>(
    claims: impl Claims<'a>,
    fact: &'static str,
) -> Result<(Timestamp, Evidence<'a>), String> {
    let (text, evidence) = known_as(claims, fact, Value::as_str)?;
    let time = text.parse::<Timestamp>().ok();
    // A day is as good as its start.
    let time = time.or_else(|| {
        let date: jiff::civil::Date = date(text)?;
        Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    });
    match time {
        Some(time) => Ok((time, evidence)),
        None => Err(format!("`{fact}` is {text:?}, which is no time")),
    }
}

/// A date and nothing else. A time without a zone would be read as one too, and lose its time.
fn date(text: &str) -> Option<jiff::civil::Date> {
    text.parse()
        .ok()
        .filter(|_| text.len() == "2026-06-01".len())
}

/// A number of seconds as a person reads it.
pub(super) fn span(seconds: i64) -> String {
    let (number, unit) = match seconds.saturating_abs() {
        ..120 => (seconds, "seconds"),
        120..7_200 => (seconds / 60, "minutes"),
        7_200..172_800 => (seconds / 3_600, "hours"),
        _ => (seconds / DAY, "days"),
    };
    format!("{} {unit}", number.saturating_abs())
}
