//! Cells that stay text.

use plimsoll_model::{Claim, Value};

use crate::inert::Cell;

/// The text as a CSV cell that a spreadsheet leaves alone: with an apostrophe in front where it would become a formula,
/// a number, a date or a truth value. 30,000 columns are below what spreadsheets hold in one cell.
pub(super) fn cell(text: &str) -> Cell<'_> {
    Cell::guarded(text, !text.is_empty() && is_taken(text))
}

/// Whether a spreadsheet would take the text for something else.
fn is_taken(text: &str) -> bool {
    if text.starts_with('\'') {
        return true;
    }
    let text = text.trim();
    // Ids begin with their kind, and most names with a letter: what has no digit is taken for a truth value at most.
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return [
            "true", "false", "yes", "no", "wahr", "falsch", "vrai", "faux",
        ]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
            || month(text).is_some_and(str::is_empty);
    }
    is_numeric(text) || is_date(text)
}

/// Digits and what numbers, money, times and ISO dates are written with.
fn is_numeric(text: &str) -> bool {
    let plain =
        |c: char| c.is_ascii_digit() || " .,:/-+%$€£¥()'_\u{a0}".contains(c) || "eETZ".contains(c);
    text.chars().all(plain)
        || ["am", "pm", "AM", "PM"].iter().any(|half| {
            text.strip_suffix(half)
                .is_some_and(|rest| rest.chars().all(plain))
        })
}

/// Digits and the name of one month, as `1-MAR`, `Sept 2`, `12 December 2026`.
fn is_date(text: &str) -> bool {
    let letter = text.find(|c: char| c.is_ascii_alphabetic());
    let Some(rest) = letter.and_then(|at| month(&text[at..]).map(|rest| (&text[..at], rest)))
    else {
        return false;
    };
    let plain = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_digit() || " .,:/-".contains(c))
    };
    plain(rest.0) && plain(rest.1)
}

/// What follows the name of a month, or its beginning of three letters or more.
fn month(text: &str) -> Option<&str> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let end = text
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let word = text[..end].to_ascii_lowercase();
    let known = word.len() >= 3 && MONTHS.iter().any(|month| month.starts_with(&word));
    known.then(|| &text[end..])
}

/// A claim's value for a cell: whole numbers as they are, all else as a person reads it; nothing where it is unknown.
pub(super) fn value(claim: &Claim) -> String {
    claim.value().map(show).unwrap_or_default()
}

pub(super) fn show(value: &Value) -> String {
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_becomes_a_formula_a_number_or_a_date() {
        for text in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            " =1",
            "\r\n=1",
            "＝1",
            "'x",
            "00123",
            "1e5",
            "123E45",
            "1-2",
            "3/4",
            "2026-03-31",
            "2026-03-31T12:00:00Z",
            "12:30",
            "1,000",
            "10%",
            "$5",
            "MAR1",
            "1-MAR",
            "Sept 2",
            "DEC",
            "may",
            "12 December 2026",
            "true",
            "FALSE",
            "16.2",
            "1.2.3",
            "10.0.0.1",
            "1_000",
            "5 pm",
            "yes",
        ] {
            assert!(cell(text).as_str().starts_with('\''), "{text:?}");
        }
        for text in [
            "host:web-1",
            "web-1",
            "a=1",
            "nginx:1.27",
            "sha256:12e4",
            "1.27-alpine",
            "2 of 3 hosts",
            "march madness 1",
            "v1.2",
            "0.0.0.0:443/tcp address",
            "production",
            "Debian 12",
            "",
            "日本",
        ] {
            assert_eq!(cell(text).as_str(), text);
        }
    }

    #[test]
    fn a_cell_is_never_too_long() {
        for text in [
            "x".repeat(99_999),
            "\u{301}".repeat(99_999),
            "😀".repeat(40_000),
        ] {
            assert!(crate::inert::short(&text).encode_utf16().count() < 32_767);
        }
    }
}
