//! Times as people read them.

use jiff::Timestamp;

/// A time to the minute: `2026-03-14 09:12 UTC`.
pub(super) fn absolute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// How long ago a time is: `3 days ago`; `just now` under a minute or where the clocks disagree.
pub(super) fn relative(time: Timestamp, now: Timestamp) -> String {
    match age(time, now) {
        None => "just now".to_owned(),
        Some(age) => format!("{age} ago"),
    }
}

/// How long something lasts: `3 days`; none under a minute or where the clocks disagree.
pub(super) fn age(since: Timestamp, now: Timestamp) -> Option<String> {
    span(now.as_second().saturating_sub(since.as_second()))
}

/// A length of time from its start to its end: `1.2 s`, `4 minutes`.
pub(super) fn took(started: Timestamp, finished: Timestamp) -> String {
    let millis = finished
        .as_millisecond()
        .saturating_sub(started.as_millisecond())
        .max(0);
    match span(millis / 1000) {
        Some(span) => span,
        None if millis < 1000 => format!("{millis} ms"),
        None => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
    }
}

/// In its largest whole unit; none under a minute.
fn span(seconds: i64) -> Option<String> {
    const UNITS: [(i64, &str); 4] = [
        (365 * 86_400, "year"),
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
    ];
    let (length, unit) = UNITS.into_iter().find(|(length, _)| seconds >= *length)?;
    let many = seconds / length;
    Some(format!("{many} {unit}{}", if many == 1 { "" } else { "s" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_in_the_largest_whole_unit() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let ago = |seconds| relative(at(0), at(seconds));
        assert_eq!(ago(-5), "just now");
        assert_eq!(ago(59), "just now");
        assert_eq!(ago(119), "1 minute ago");
        assert_eq!(ago(7200), "2 hours ago");
        assert_eq!(ago(86_400 * 400), "1 year ago");
        assert_eq!(took(at(0), at(2)), "2.0 s");
        assert_eq!(absolute(at(0)), "1970-01-01 00:00 UTC");
    }
}
