//! Durations as people write them.

use std::time::Duration;

/// `90s`, `15 min`, `7 days`; none for what is no duration, or a negative one.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let parsed = text.parse::<jiff::SignedDuration>().ok();
    let span = parsed.or_else(|| spelled_days(text))?;
    Duration::try_from(span).ok()
}

/// `7 days`, `2w`: units that are not a fixed span for a calendar, and are for a limit.
fn spelled_days(text: &str) -> Option<jiff::SignedDuration> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let number: i64 = number.parse().ok()?;
    let days = match unit.trim() {
        "d" | "day" | "days" => 1,
        "w" | "week" | "weeks" => 7,
        "y" | "year" | "years" => 365,
        _ => return None,
    };
    let hours = number.checked_mul(days * 24)?;
    jiff::SignedDuration::try_from_hours(hours)
}

/// In the largest unit that needs no fraction.
pub(crate) fn show(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{}ms", duration.as_millis()),
        86_400 => "1 day".to_owned(),
        _ if seconds.is_multiple_of(86_400) => format!("{} days", seconds / 86_400),
        _ if seconds.is_multiple_of(3_600) => format!("{}h", seconds / 3_600),
        _ if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_shown_the_same() {
        for text in ["250ms", "90s", "15m", "2h", "1 day", "14 days"] {
            assert_eq!(parse(text).map(show).as_deref(), Some(text));
        }
        assert_eq!(parse("2w"), parse("14 days"));
    }

    #[test]
    fn no_number_is_too_large_to_be_refused() {
        for text in [
            "",
            "days",
            "-1s",
            "5 parsecs",
            "300000000000000000 days",
            "2600000000000000 h",
            "106751991167301 days",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_causes_a_panic_and_what_is_shown_is_read_again(
            text in "[ 0-9a-zµé+.-]{0,24}|[0-9]{1,19} ?(d|w|y|days|h|m|s|ms)",
            seconds in 0_u64..10_000_000_000,
        ) {
            let _ = parse(&text);
            let duration = Duration::from_secs(seconds);
            proptest::prop_assert_eq!(parse(&show(duration)), Some(duration));
        }
    }
}
