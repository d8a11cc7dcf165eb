//! Times, as texts with an offset and as numbers.

use jiff::Timestamp;
use serde_json::Value;

use super::whole;

/// Numbers below this are seconds, and above milliseconds: it is a day of 1973 in one and of the year 5138 in the other.
const SECONDS: i64 = 100_000_000_000;

/// The time that a text says, with its zone: one without is none.
pub(crate) fn time(text: &str) -> Option<Timestamp> {
    text.trim().parse().ok()
}

/// The time of a value: a text, a number, or what the service desk writes, with both in it.
pub(crate) fn moment(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => time(text),
        Value::Number(_) => {
            let number = whole(value)?;
            if number.unsigned_abs() < SECONDS.unsigned_abs() {
                Timestamp::from_second(number).ok()
            } else {
                Timestamp::from_millisecond(number).ok()
            }
        }
        Value::Object(all) => {
            let named = ["epochMillis", "jira", "iso8601"];
            named.iter().find_map(|name| match all.get(*name)? {
                // Always milliseconds by its name.
                Value::Number(number) => Timestamp::from_millisecond(number.as_i64()?).ok(),
                Value::String(text) => time(text),
                _ => None,
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_way_in_which_times_are_written() {
        let want: Timestamp = "2026-01-14T16:05:00.120Z".parse().unwrap();
        for value in [
            json!("2026-01-14T16:05:00.120+0000"),
            json!("2026-01-14T17:05:00.120+0100"),
            json!("2026-01-14T16:05:00.120Z"),
            json!("2026-01-14T10:35:00.120-05:30"),
            json!(1_768_406_700_120_i64),
            json!({"epochMillis": 1_768_406_700_120_i64, "jira": "x"}),
            json!({"jira": "2026-01-14T16:05:00.120+0000"}),
        ] {
            assert_eq!(moment(&value), Some(want), "{value}");
        }
        assert_eq!(
            moment(&json!(1_768_406_700)).unwrap().to_string(),
            "2026-01-14T16:05:00Z"
        );
    }

    #[test]
    fn what_has_no_zone_or_is_no_time_is_none() {
        for value in [
            json!("2026-01-14"),
            json!("2026-01-14T16:05:00"),
            json!("14 Jan 26"),
            json!(null),
            json!({}),
            json!(9_223_372_036_854_775_807_i64),
        ] {
            assert_eq!(moment(&value), None, "{value}");
        }
    }
}
