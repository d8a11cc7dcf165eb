//! Error texts that hold nothing of what was read: it may be a secret.

use super::chunks::Cut;

/// Texts of the model's own checks, which hold no input.
const OWN: [&str; 6] = [
    "an id must not be empty",
    "an id has at most ",
    "an id must not hold control characters",
    "a number must be finite",
    plimsoll_model::REPEATED,
    "an unknown claim has no `value`",
];

/// What is wrong with a line.
pub(super) fn json(error: &serde_json::Error) -> String {
    use serde_json::error::Category;

    let column = error.column();
    let text = error.to_string();
    let text = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(text, _)| text);
    match error.classify() {
        // serde_json's own words, which are fixed.
        Category::Syntax | Category::Io => format!("no valid JSON: {text} (column {column})"),
        Category::Eof => format!("cut off after column {column}"),
        Category::Data => format!(
            "does not fit the format: {} (column {column}); docs/reference/findings.md has it",
            data(text)
        ),
    }
}

/// serde's words without what they quote from the input.
fn data(text: &str) -> String {
    if text.starts_with("missing field `")
        || text.starts_with("duplicate field `")
        || OWN.iter().any(|own| text.starts_with(own))
    {
        return text.to_owned();
    }
    // What is expected stands last and is ours.
    let expected = text
        .rsplit_once(", expected ")
        .map(|(_, expected)| expected);
    for (start, what) in [
        ("unknown field `", "unknown field"),
        ("unknown variant `", "unknown word"),
        ("invalid type: ", "wrong type"),
        ("invalid value: ", "wrong value"),
        ("invalid length ", "wrong length"),
    ] {
        if text.starts_with(start) {
            return match expected {
                Some(expected) => format!("{what}, expected {expected}"),
                None => what.to_owned(),
            };
        }
    }
    "a value has the wrong form".to_owned()
}

/// Why a source was left before its end.
pub(super) fn cut(name: &str, cut: &Cut) -> String {
    match cut {
        Cut::TooMuch => format!(
            "{name} has more than `max_bytes`; the rest was left unread: raise it if so much is right"
        ),
        Cut::Failed(error) => format!("{name} could not be read to its end: {error}; try again"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Line;

    fn said(line: &str) -> String {
        json(&serde_json::from_str::<Line>(line).err().unwrap())
    }

    #[test]
    fn says_what_is_wrong_and_where_without_the_value() {
        for (line, says) in [
            (r#"{"asset":{"id":"a","kind":"b"}}"#, "missing field `name`"),
            (
                r#"{"asset":{"hunter2":1}}"#,
                "unknown field, expected one of `id`",
            ),
            (r#"{"hunter2":{}}"#, "unknown word, expected one of `asset`"),
            (r#"{"asset":{"name":["hunter2"]}}"#, "wrong type, expected "),
            (r#"{"asset":{"id":7}}"#, "wrong type, expected "),
            (
                r#"{"asset":{"id":"hunter2\u0000"}}"#,
                "an id must not hold control",
            ),
            (
                r#"{"relation":{"from":"a","to":"b","kind":"hunter2"}}"#,
                "unknown word, expected one of",
            ),
            (
                r#"{"action":{"id":"a","asset":"b","what":"c","at":"hunter2"}}"#,
                "wrong form",
            ),
            (
                r#"{"asset":{"facts":{"x":{"hunter2":1}}}}"#,
                "unknown field, expected",
            ),
            (r#"{"asset":"hunter2""#, "wrong type"),
            (r#"{"asset":{"id":"hunter2"#, "cut off after column 23"),
            (r#"hunter2"#, "no valid JSON: expected value (column 1)"),
            (
                r#"{"scope":{"complete":true}} hunter2"#,
                "trailing characters",
            ),
        ] {
            let said = said(line);
            assert!(said.contains(says), "{line}: {said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}
