//! Times as the vendor writes them: `1768420000.000200`, which are ids of messages too.

use std::time::Duration;

use jiff::Timestamp;

/// The time of a message; none where the text is no such thing.
///
/// Read as digits and never as a number with a fraction, which would lose the last of them.
pub(crate) fn parse(ts: &str) -> Option<Timestamp> {
    let (seconds, fraction) = ts.split_once('.').unwrap_or((ts, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(seconds) || !digits(fraction) || seconds.len() > 12 || fraction.len() > 9 {
        return None;
    }
    let nanoseconds: i32 = format!("{fraction:0<9}").parse().ok()?;
    Timestamp::new(seconds.parse().ok()?, nanoseconds).ok()
}

/// The time of an edit. The vendor cuts it to the second, and it was by the end of that: an edit must not come to stand before
/// what was said in the same second.
pub(crate) fn edited(ts: &str) -> Option<Timestamp> {
    let at = parse(ts)?;
    match at.subsec_nanosecond() {
        0 => at.checked_add(Duration::from_micros(999_999)).ok(),
        _ => Some(at),
    }
}

/// A time as the vendor writes it. What is before 1970 is the beginning.
pub(crate) fn show(at: Timestamp) -> String {
    let at = at.max(Timestamp::UNIX_EPOCH);
    format!(
        "{:010}.{:06}",
        at.as_second(),
        at.subsec_nanosecond() / 1000
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_digit_is_lost() {
        let at = parse("1768420000.000200").unwrap();
        assert_eq!(at.to_string(), "2026-01-14T19:46:40.0002Z");
        assert_eq!(show(at), "1768420000.000200");
        assert_eq!(show(Timestamp::MIN), "0000000000.000000");
        assert_eq!(parse("1768420000").unwrap().subsec_nanosecond(), 0);
    }

    #[test]
    fn an_edit_was_by_the_end_of_its_second() {
        let at = |ts| edited(ts).unwrap().to_string();
        assert_eq!(at("1768420000.000000"), "2026-01-14T19:46:40.999999Z");
        assert_eq!(at("1768420000.000200"), "2026-01-14T19:46:40.0002Z");
    }

    #[test]
    fn what_is_no_time_is_none() {
        for odd in [
            "",
            ".",
            "1.",
            ".1",
            "-1.0",
            "1e9.0",
            "9999999999999.0",
            "1.0.0",
            "1.0000000001",
            "x",
        ] {
            assert_eq!(parse(odd), None, "{odd}");
        }
    }
}
