//! The shapes and ranges that expectations understand. Whatever else a fact holds is *unknown*: a value that nobody can
//! make sense of is no evidence.

use std::ops::RangeInclusive;

use jiff::SignedDuration;
use plimsoll_model::{Table, Value};

/// How far a time may lie ahead of the scan's: clocks differ, and a platform notes the end of what just ran.
pub(super) const AHEAD: SignedDuration = SignedDuration::from_mins(10);

/// A hundred years in milliseconds, and in days.
const CENTURY_MS: i64 = 36_525 * 86_400_000;
const CENTURY_DAYS: i64 = 36_525;
/// No answer is waited for that long, so half its way there and back cannot have taken that.
const LONGEST_BOUND_MS: i64 = 600_000;

/// Kinds of mounts that open no folder of a host, beside `volume`.
pub(super) const OTHER_MOUNTS: &[&str] = &[
    "cluster",
    "config-map",
    "configuration",
    "csi",
    "downward-api",
    "empty-dir",
    "ephemeral",
    "image",
    "nfs",
    "projected",
    "secret",
    "tmpfs",
];

fn int(value: &Value, range: RangeInclusive<i64>) -> Option<i64> {
    value.as_int().filter(|number| range.contains(number))
}

/// A clock against another: milliseconds, either way.
pub(super) fn skew_ms(value: &Value) -> Option<i64> {
    int(value, -CENTURY_MS..=CENTURY_MS)
}

/// How far a skew may be off: milliseconds.
pub(super) fn skew_bound_ms(value: &Value) -> Option<i64> {
    int(value, 0..=LONGEST_BOUND_MS)
}

/// The bound of a clock's error: microseconds.
pub(super) fn error_us(value: &Value) -> Option<i64> {
    int(value, 0..=i64::MAX)
}

/// For how long something is kept: days.
pub(super) fn days(value: &Value) -> Option<i64> {
    int(value, 0..=CENTURY_DAYS)
}

/// A port of TCP or UDP.
pub(super) fn port_number(value: &Value) -> Option<i64> {
    int(value, 1..=65_535)
}

/// A text that says something.
pub(super) fn word(value: &Value) -> Option<&str> {
    let text = value.as_str()?;
    text.chars().any(char::is_alphanumeric).then_some(text)
}

/// A list in which every item is a text that says something.
pub(super) fn words(value: &Value) -> Option<&[Value]> {
    let items = value.as_list()?;
    let right = items.iter().all(|item| word(item).is_some());
    right.then_some(items)
}

/// A list of digests as registries give them, `name@sha256:…`, every one whole.
pub(super) fn digests(value: &Value) -> Option<&[Value]> {
    let items = value.as_list()?;
    let right = |item: &Value| {
        let parts = item.as_str().and_then(|text| text.split_once('@'));
        parts.is_some_and(|(name, digest)| !name.is_empty() && is_digest(digest))
    };
    items.iter().all(right).then_some(items)
}

/// Whether a text is a whole digest: `sha256:` and 64 hexadecimal digits, or `sha512:` and 128.
pub(super) fn is_digest(text: &str) -> bool {
    let (digits, length) = match text.split_once(':') {
        Some(("sha256", digits)) => (digits, 64),
        Some(("sha512", digits)) => (digits, 128),
        _ => return false,
    };
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    digits.len() == length && digits.bytes().all(hex)
}

/// A table of which every row is a table.
pub(super) fn rows(value: &Value) -> Option<&Table> {
    let table = value.as_table()?;
    let right = table.iter().all(|(_, row)| row.as_table().is_some());
    right.then_some(table)
}

/// A table of which every value is a text: marks by name.
pub(super) fn marks(value: &Value) -> Option<&Table> {
    let table = value.as_table()?;
    let right = |(name, mark): (&str, &Value)| !name.is_empty() && mark.as_str().is_some();
    table.iter().all(right).then_some(table)
}

/// A path from the root on.
pub(super) fn path(value: &Value) -> Option<&str> {
    value.as_str().filter(|path| path.starts_with('/'))
}

/// A list of such paths.
pub(super) fn paths(value: &Value) -> Option<&[Value]> {
    let items = value.as_list()?;
    let right = items.iter().all(|item| path(item).is_some());
    right.then_some(items)
}

/// A version of TLS as numbers, `none` as 0.0, any of SSL as 0.1: older than all of TLS.
pub(super) fn tls_version(text: &str) -> Option<(u32, u32)> {
    if text == "none" {
        return Some((0, 0));
    }
    if is_ssl(text) {
        return Some((0, 1));
    }
    // A version that is not known here may be a mistake as well as one to come.
    match tls_number(text) {
        "1" | "1.0" => Some((1, 0)),
        "1.1" => Some((1, 1)),
        "1.2" => Some((1, 2)),
        "1.3" => Some((1, 3)),
        _ => None,
    }
}

pub(super) fn is_ssl(text: &str) -> bool {
    text.get(..3)
        .is_some_and(|start| start.eq_ignore_ascii_case("ssl"))
}

/// `1.2` of `TLSv1.2`, `TLS 1.2` and `1.2`.
pub(super) fn tls_number(text: &str) -> &str {
    let bare = match text.get(..3) {
        Some(start) if start.eq_ignore_ascii_case("tls") => text.get(3..).unwrap_or_default(),
        _ => text,
    };
    let bare = bare.strip_prefix([' ', '_', '-']).unwrap_or(bare);
    bare.strip_prefix(['v', 'V']).unwrap_or(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_versions_that_exist_are_understood() {
        for (text, want) in [
            ("1.2", Some((1, 2))),
            ("TLSv1.3", Some((1, 3))),
            ("TLS 1.1", Some((1, 1))),
            ("tls-1.0", Some((1, 0))),
            ("SSLv3", Some((0, 1))),
            ("none", Some((0, 0))),
            ("9.9", None),
            ("1.4", None),
            ("2", None),
            ("x1.3", None),
            ("1.3.1", None),
            ("1.03", None),
            (" 1.3", Some((1, 3))),
            ("", None),
        ] {
            assert_eq!(tls_version(text), want, "{text:?}");
        }
    }

    #[test]
    fn only_whole_digests_are_digests() {
        let (short, long) = ("0f".repeat(32), "0f".repeat(64));
        assert!(is_digest(&format!("sha256:{short}")));
        assert!(is_digest(&format!("sha512:{long}")));
        for text in [
            "sha256:zz".to_owned(),
            "sha256:".to_owned(),
            short.clone(),
            format!("sha256:{long}"),
            format!("sha512:{short}"),
            format!("md5:{short}"),
            format!("sha256:{}", short.to_uppercase()),
            format!("sha256:{short} "),
        ] {
            assert!(!is_digest(&text), "{text}");
        }
    }
}
