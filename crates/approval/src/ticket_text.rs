//! Which requests a label or a record's text names: keys, ids and addresses that stand there as they are, and are not refused
//! in the same breath.

use plimsoll_model::Text;

use super::keys::is_ticket_key;

/// How many are taken out of one text.
const MOST: usize = 20;
/// How many words behind a key can turn what it says into its opposite.
const REACH: usize = 3;
/// Words that say of what follows that it is not meant, or is not done. Compared in lower case.
const NEGATIONS: &[&str] = &[
    "no",
    "not",
    "isn't",
    "isnt",
    "never",
    "without",
    "except",
    "excluding",
    "unlike",
    "instead",
    "neither",
    "nor",
    "non",
    "blocked",
    "blocks",
    "refused",
    "refuses",
    "rejected",
    "rejects",
    "declined",
    "denied",
    "cancelled",
    "canceled",
    "withdrawn",
    "unapproved",
    "waiting",
    "waits",
    "awaiting",
    "awaits",
    "pending",
    "before",
    "until",
    "unless",
    "skips",
    "skipped",
    "ignores",
    "ignoring",
    "violates",
    "contradicts",
    "against",
    "reverts",
    "revert",
    "reverted",
    "undoes",
    "undo",
    "supersedes",
    "replaces",
    "postponed",
];

/// Words that may stand before a key without saying anything else of it. Compared in lower case. What is not among them may turn
/// the text into anything: a duplicate of it, a follow-up, a question.
const FILLERS: &[&str] = &[
    "a",
    "and",
    "applied",
    "applies",
    "apply",
    "approved",
    "as",
    "asked",
    "bump",
    "bumps",
    "by",
    "change",
    "changes",
    "closes",
    "commit",
    "completes",
    "deploy",
    "deployed",
    "deploying",
    "deployment",
    "deploys",
    "done",
    "fix",
    "fixed",
    "fixes",
    "for",
    "from",
    "helm",
    "implement",
    "implemented",
    "implements",
    "in",
    "installed",
    "is",
    "issue",
    "it's",
    "its",
    "jira",
    "kubectl",
    "made",
    "merge",
    "merged",
    "merges",
    "mr",
    "of",
    "on",
    "part",
    "per",
    "pr",
    "prod",
    "production",
    "promote",
    "promoted",
    "pull",
    "ref",
    "refs",
    "release",
    "released",
    "releases",
    "request",
    "requests",
    "resolves",
    "roll",
    "rolled",
    "rollout",
    "rolls",
    "scale",
    "scaled",
    "see",
    "set",
    "ship",
    "shipped",
    "ships",
    "staging",
    "story",
    "task",
    "the",
    "this",
    "ticket",
    "tickets",
    "to",
    "under",
    "update",
    "updated",
    "updates",
    "upgrade",
    "upgraded",
    "upgrades",
    "via",
    "with",
    "out",
    "&",
    "+",
];

/// The requests that a text names. A key in quotes, or one that is a part of a longer word, is not named; nor is one of which the
/// text says more than that it is what was done.
pub(crate) fn tickets(text: &str) -> Vec<Text> {
    let unquoted = without_quotes(text);
    let mut found: Vec<Text> = Vec::new();
    // What is said of one clause is not said of the next.
    for clause in unquoted.split([';', '\n']) {
        for part in sentences(clause) {
            let words: Vec<&str> = part
                .split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '[' | ']'))
                .filter(|word| !word.is_empty())
                .collect();
            let mut plain = true;
            for (at, whole) in words.iter().enumerate() {
                let word = key_of(whole);
                let named = word.len() >= 2 && word.bytes().any(|byte| byte.is_ascii_digit());
                if !named {
                    // Behind a key stands what it is about, and behind that another key is none of the change.
                    plain &= is_filler(whole) || is_title(&words, at);
                    continue;
                }
                let after = words.get(at + 1..).unwrap_or_default();
                if plain
                    && !whole.ends_with('?')
                    && !is_turned(whole, after)
                    && !found.iter().any(|have| have == word)
                {
                    found.push(word.into());
                }
            }
        }
    }
    found.truncate(MOST);
    found
}

/// A key without the marks around it: `#CHG-1:`.
fn key_of(word: &str) -> &str {
    let word = word.trim_matches(|c| matches!(c, ':' | '.' | '!' | '?'));
    word.strip_prefix('#')
        .filter(|rest| is_ticket_key(rest))
        .unwrap_or(word)
}

/// The sentences of a clause: cut after a full stop that ends a word and does not stand inside of one.
fn sentences(clause: &str) -> impl Iterator<Item = &str> {
    clause.split(". ")
}

fn is_filler(word: &str) -> bool {
    let word = word
        .trim_matches(|c: char| !c.is_alphanumeric() && c != '&' && c != '+')
        .to_lowercase();
    word.is_empty() || FILLERS.contains(&word.as_str())
}

/// Whether a word stands behind a key and a colon, in what the request is called.
fn is_title(words: &[&str], at: usize) -> bool {
    let before = words.get(..at).unwrap_or_default();
    before
        .iter()
        .any(|word| word.ends_with(':') && is_ticket_key(key_of(word)))
}

/// `CHG-12 instead of CHG-13` says of the first that it is meant.
fn chooses(word: &str) -> bool {
    let chosen = [
        "after",
        "before",
        "except",
        "excluding",
        "instead",
        "replaces",
        "supersedes",
        "unlike",
        "unless",
        "until",
        "without",
    ];
    chosen.contains(&word.to_lowercase().as_str())
}

fn negates(word: &str) -> bool {
    let word = word
        .trim_matches(|c: char| !c.is_alphanumeric() && c != '\'')
        .to_lowercase();
    NEGATIONS.contains(&word.as_str()) || word.ends_with("n't")
}

/// Whether what follows a key takes it back: `CHG-12 was not approved`, `CHG-12 (rejected)`. What a request is called, behind a
/// colon, may say anything but in its first word.
fn is_turned(key: &str, after: &[&str]) -> bool {
    let reach = if key.ends_with(':') { 1 } else { REACH };
    let mut after = after
        .iter()
        .take(reach)
        .take_while(|word| !is_ticket_key(key_of(word)));
    after.any(|word| negates(word) && !chooses(word))
}

/// The text without what stands in quotes.
fn without_quotes(text: &str) -> String {
    const PAIRS: [(char, char); 7] = [
        ('"', '"'),
        ('\'', '\''),
        ('`', '`'),
        ('“', '”'),
        ('‘', '’'),
        ('«', '»'),
        ('„', '“'),
    ];
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c| PAIRS.iter().any(|(open, _)| *open == c)) {
        let (before, quoted) = rest.split_at(at);
        let open = quoted.chars().next().unwrap_or_default();
        let inner = quoted.get(open.len_utf8()..).unwrap_or_default();
        let close = PAIRS
            .iter()
            .find(|(one, _)| *one == open)
            .map_or(open, |(_, close)| *close);
        // An apostrophe inside of a word opens nothing.
        let apostrophe = open == '\'' && before.ends_with(char::is_alphanumeric);
        kept.push_str(before);
        match inner.find(close).filter(|_| !apostrophe) {
            Some(end) => {
                // What is quoted parts what stands around it.
                kept.push(' ');
                rest = inner.get(end + close.len_utf8()..).unwrap_or_default();
            }
            None => {
                kept.push(open);
                rest = inner;
            }
        }
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_text_are_found() {
        let cases: &[(&str, &[&str])] = &[
            ("CHG-88", &["CHG-88"]),
            (
                "deploy CHG-88: fix (acme/infra#42), see CHG-9.",
                &["CHG-88", "acme/infra#42", "CHG-9"],
            ),
            ("CHG-1, CHG-2;CHG-3", &["CHG-1", "CHG-2", "CHG-3"]),
            (
                "https://jira.example/browse/CHG-12",
                &["https://jira.example/browse/CHG-12"],
            ),
            ("it's done in CHG-4", &["CHG-4"]),
            ("#CHG-4", &["CHG-4"]),
            ("CHG-4: restart without a gap", &["CHG-4"]),
        ];
        for (text, keys) in cases {
            assert_eq!(tickets(text), *keys, "{text}");
        }
    }

    #[test]
    fn keys_that_are_refused_or_quoted_are_not_named() {
        for text in [
            "not CHG-12",
            "blocked by CHG-12",
            "refused CHG-12",
            "this is not for CHG-12",
            "without CHG-12",
            "CHG-12 was rejected",
            "CHG-12 is not approved",
            "'CHG-12'",
            "the words \"as in CHG-12\" stand in it",
            "`CHG-12`",
            "isn't CHG-12",
            "CHG-12 (rejected)",
            "CHG-12 declined",
            "CHG-12: declined",
            "CHG-12?",
            "depends on CHG-12",
            "follow-up of CHG-12",
            "duplicate of CHG-12",
            "same as CHG-12",
            "regression from CHG-12",
            "TODO: ask for CHG-12",
            "kein CHG-12",
        ] {
            assert!(!tickets(text).iter().any(|key| key == "CHG-12"), "{text}");
        }
        // A longer key is another one.
        for text in ["CHG-123", "XCHG-12", "CHG-12-hotfix", "CHG-12a"] {
            assert!(!tickets(text).iter().any(|key| key == "CHG-12"), "{text}");
        }
        assert_eq!(tickets("not CHG-12; CHG-13"), ["CHG-13"]);
    }
}
