//! What a mistake repeats of what was written: never what looks like a secret that was pasted into the wrong place.

use std::borrow::Cow;

/// The shortest run of letters and digits that may be a secret.
const SHORTEST: usize = 16;
/// What stands for it. The mistake's line and column say where it is.
const HIDDEN: &str = "…";

/// A text without what looks like a secret: long runs of letters and digits in one word.
pub(crate) fn without_secrets(text: &str) -> Cow<'_, str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-+=~".contains(c);
    let mut out = String::new();
    let mut shown = 0;
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find(is_part)) {
        let start = at + start;
        let rest = text.get(start..).unwrap_or_default();
        let end = start + rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        if text.get(start..end).is_some_and(may_be_secret) {
            out.push_str(text.get(shown..start).unwrap_or_default());
            out.push_str(HIDDEN);
            shown = end;
        }
        at = end;
    }
    if shown == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(shown..).unwrap_or_default());
    Cow::Owned(out)
}

/// Whether a word may be a secret: long, and letters and digits mixed in one of its parts, or in capitals and small letters.
fn may_be_secret(word: &str) -> bool {
    if word.len() < SHORTEST {
        return false;
    }
    let has = |of: fn(&u8) -> bool| word.bytes().any(|byte| of(&byte));
    let digits = has(u8::is_ascii_digit);
    let (small, capital) = (has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase));
    (digits && (small || capital)) || (small && capital)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_not_repeated() {
        for secret in [
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "glpat-XyZ12345abcDEF67890",
            "xoxb-17653285671-17653285672-abcdefABCDEF",
            "AKIAIOSFODNN7EXAMPLE",
            "9f86d081884c7d659a2feaa0c55ad015",
            "wJalrXUtnFEMIbPxRfiCYEXAMPLEKEY",
            "b7f3c1d2-4e5a-4b6c-8d7e-9f0a1b2c3d4e",
        ] {
            let text = format!("`key`: {secret:?} is none of a, b");
            assert_eq!(
                without_secrets(&text),
                "`key`: \"…\" is none of a, b",
                "{secret}"
            );
        }
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N";
        assert_eq!(without_secrets(jwt), "….….…");
    }

    #[test]
    fn what_a_person_wrote_is_shown() {
        for text in [
            "`retention`: \"9 fortnights\" is no duration (write a number with its unit, as \"30s\")",
            "`until`: \"2027-12-01T18:30:00\" has no zone",
            "unknown key `concurency` in sources[0].settings (did you mean `concurrency`?)",
            "/etc/plimsoll/github.token: there is no such file",
            "é",
            "",
        ] {
            assert_eq!(without_secrets(text), text);
        }
    }
}
