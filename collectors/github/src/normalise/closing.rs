//! Issues that a text says it closes, by their number alone: `Fixes #7`.

use plimsoll_kit::mention::LONGEST;
use plimsoll_model::Text;

/// The vendor's own words for it.
const WORDS: [&str; 9] = [
    "close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved",
];
/// The most that are taken out of one text.
const MOST: usize = 100;

/// The ids of the issues of a repository that a text closes. Another mention of a number links nothing.
pub(super) fn closing(text: &str, repository: &str) -> Vec<Text> {
    let text = text
        .get(..text.floor_char_boundary(LONGEST))
        .unwrap_or_default();
    let mut found = Vec::new();
    let mut after = false;
    let ends =
        |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '[' | ']' | '*' | '_');
    for token in text.split(ends).filter(|token| !token.is_empty()) {
        let bare = token.trim_end_matches([':', '.', '!', '?']);
        if let Some(number) = bare.strip_prefix('#').filter(|_| after)
            && !number.is_empty()
            && number.len() <= 12
            && !number.starts_with('0')
            && number.bytes().all(|byte| byte.is_ascii_digit())
        {
            let id = Text::from(format!("{repository}#{number}"));
            if !found.contains(&id) && found.len() < MOST {
                found.push(id);
            }
        }
        after = WORDS.iter().any(|word| bare.eq_ignore_ascii_case(word));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_behind_a_word_that_closes() {
        let text = "Fixes #7, closes: #8\n(resolved #9.) see #10, fix 11, fixes the rest of #12, fixes #013";
        let ids = ["acme/infra#7", "acme/infra#8", "acme/infra#9"];
        assert_eq!(closing(text, "acme/infra"), ids);
        assert!(closing("#7 fixes", "acme/infra").is_empty());
    }
}
