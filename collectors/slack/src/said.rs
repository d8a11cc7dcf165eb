//! What a reply says: a yes, a no, that something was done.
//!
//! A yes counts where the reply is that and nothing else: `approved, if the tests pass` is none. A no, or taking back, counts
//! where a line begins with it, and a confirmation where it is a line of its own.

use plimsoll_model::{Text, request_state};

/// What a phrase means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// A yes of a kind; of none where it is to the whole.
    Approve(Text),
    /// One's own yes is taken back.
    Withdraw,
    /// The request goes to a state.
    State(&'static str),
    /// Something is confirmed.
    SignOff(&'static str),
}

/// The states of a request that was carried out.
const OVER: &[&str] = &[request_state::IMPLEMENTED, request_state::CLOSED];

/// One phrase, as words in lower case, and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Phrase {
    words: Vec<String>,
    /// As it was set.
    pub(crate) text: Text,
    pub(crate) meaning: Meaning,
}

impl Phrase {
    /// None where there is no word in it.
    pub(crate) fn new(text: &str, meaning: Meaning) -> Option<Self> {
        let words = words(text);
        (!words.is_empty()).then(|| Self {
            words,
            text: text.trim().into(),
            meaning,
        })
    }

    /// Whether it stands against what was approved.
    pub(crate) fn is_no(&self) -> bool {
        match self.meaning {
            Meaning::Withdraw => true,
            Meaning::State(state) => !OVER.contains(&state),
            Meaning::Approve(_) | Meaning::SignOff(_) => false,
        }
    }

    /// Whether it counts where it is a line of its own.
    fn is_line(&self) -> bool {
        match self.meaning {
            Meaning::SignOff(_) => true,
            Meaning::State(state) => OVER.contains(&state),
            Meaning::Approve(_) | Meaning::Withdraw => false,
        }
    }
}

/// All phrases, and how a yes is recognised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sayings {
    pub(crate) phrases: Vec<Phrase>,
    /// Whether a line that begins with a yes is one, whatever follows.
    pub(crate) line_start: bool,
    /// Keys of lines that hold a root cause, in lower case.
    pub(crate) root_cause: Vec<String>,
}

/// What a reply says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said<'s> {
    /// The phrases, each once, in their own order.
    pub(crate) phrases: Vec<&'s Phrase>,
    /// Whether it gives a root cause.
    pub(crate) root_cause: bool,
    /// Whether it begins with a yes and goes on, so that it is none.
    pub(crate) nearly: bool,
}

impl Sayings {
    /// Reads a reply, in the vendor's mark-up.
    pub(crate) fn read(&self, reply: &str) -> Said<'_> {
        let lines = own_lines(reply);
        let starts = |phrase: &Phrase| lines.iter().any(|line| line.starts_with(&phrase.words));
        let root_cause = lines.iter().any(|line| self.gives_root_cause(line));
        let no = |phrase: &&Phrase| phrase.is_no() && starts(phrase);
        let mut phrases: Vec<&Phrase> = self.phrases.iter().filter(no).collect();
        let mut nearly = false;
        // Who says yes and no in one breath says no.
        if phrases.is_empty() {
            let line = |phrase: &&Phrase| phrase.is_line() && lines.contains(&phrase.words);
            phrases.extend(self.phrases.iter().filter(line));
            let begun: Vec<&Phrase> = self.yes().filter(|phrase| starts(phrase)).collect();
            match self.only_yes(reply) {
                Some(whole) => phrases.extend(whole),
                None if self.line_start => phrases.extend(begun),
                None => nearly = !begun.is_empty(),
            }
        }
        let mut met: Vec<&Meaning> = Vec::new();
        phrases.retain(|phrase| {
            let new = !met.contains(&&phrase.meaning);
            met.push(&phrase.meaning);
            new
        });
        Said {
            phrases,
            root_cause,
            nearly,
        }
    }

    fn yes(&self) -> impl Iterator<Item = &Phrase> {
        let all = self.phrases.iter();
        all.filter(|phrase| matches!(phrase.meaning, Meaning::Approve(_)))
    }

    /// The phrases that a text is made of, one after the other, where they say yes and nothing stands beside them.
    fn only_yes(&self, text: &str) -> Option<Vec<&Phrase>> {
        if text.split_whitespace().nth(MOST).is_some() {
            return None;
        }
        let words = words(text);
        let mut rest = words.as_slice();
        let mut found = Vec::new();
        while !rest.is_empty() {
            let fits = self.yes().filter(|phrase| rest.starts_with(&phrase.words));
            // The longest one is meant: `approved` is no part of `approved by security`.
            let longest = fits.max_by_key(|phrase| phrase.words.len())?;
            rest = rest.get(longest.words.len()..).unwrap_or_default();
            found.push(longest);
        }
        (!found.is_empty()).then_some(found)
    }

    fn gives_root_cause(&self, line: &[String]) -> bool {
        self.root_cause.iter().any(|key| {
            let key = words(key);
            !key.is_empty() && line.starts_with(&key) && line.len() > key.len()
        })
    }
}

/// The lines that are the author's own words: neither quoted nor code.
fn own_lines(text: &str) -> Vec<Vec<String>> {
    let mut code = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        let fences = line.matches("```").count();
        let quoted = line.trim_start().starts_with("&gt;") || line.trim_start().starts_with('>');
        if !code && fences == 0 && !quoted {
            lines.push(words(line));
        }
        code ^= fences % 2 == 1;
    }
    lines
}

/// How many words of a line, or of a whole yes, are looked at. A yes has few.
const MOST: usize = 64;

/// A text as words in lower case, without emphasis, without the marks at the ends of words, and without references to persons.
fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for word in text.split_whitespace().take(MOST) {
        let word = without_person(word);
        let word = word
            .trim_matches(|char| matches!(char, '*' | '_'))
            .to_lowercase();
        let word = match emoji(&word) {
            Some(name) => format!(":{name}:"),
            None => {
                let end = word.trim_end_matches(['.', ',', '!', ';', ':', '*', '_']);
                end.replace(['\u{2018}', '\u{2019}'], "'")
            }
        };
        if !word.is_empty() {
            out.push(word);
        }
    }
    out
}

fn without_person(word: &str) -> &str {
    let Some(rest) = word.strip_prefix("<@") else {
        return word;
    };
    match rest.split_once('>') {
        Some((_, rest)) if rest.trim_matches([',', '.', ':', '!']).is_empty() => "",
        _ => word,
    }
}

/// The name of an emoji that is a word by itself, without its tone of skin.
fn emoji(word: &str) -> Option<&str> {
    let end = word.trim_end_matches(['.', ',', '!', ';']);
    let name = end.strip_prefix(':')?.strip_suffix(':')?;
    let name = tone(name);
    (!name.is_empty() && !name.contains(':')).then_some(name)
}

/// A reaction's or an emoji's name without its tone of skin.
pub(crate) fn tone(name: &str) -> &str {
    name.split("::").next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sayings(line_start: bool) -> Sayings {
        let approve = |kind: &str| Meaning::Approve(kind.into());
        let phrases = [
            ("approved", approve("")),
            (":white_check_mark:", approve("")),
            ("security approved", approve("security")),
            ("withdrawn", Meaning::Withdraw),
            ("not approved", Meaning::State("rejected")),
            (":x:", Meaning::State("rejected")),
            ("signed off", Meaning::SignOff("signed-off")),
            ("done", Meaning::State("implemented")),
        ];
        let made = phrases.map(|(text, meaning)| Phrase::new(text, meaning).unwrap());
        Sayings {
            phrases: made.to_vec(),
            line_start,
            root_cause: vec!["root cause".to_owned()],
        }
    }

    fn said(line_start: bool, text: &str) -> String {
        let sayings = sayings(line_start);
        let said = sayings.read(text);
        let mut all: Vec<&str> = said
            .phrases
            .iter()
            .map(|phrase| phrase.text.as_str())
            .collect();
        all.extend(said.root_cause.then_some("root cause"));
        all.extend(said.nearly.then_some("nearly"));
        all.join(", ")
    }

    #[test]
    fn a_yes_is_the_whole_reply() {
        for text in [
            "approved",
            "Approved.",
            " *Approved!* <@U0IDA>",
            "<@U0IDA>: approved",
            "_approved_",
        ] {
            assert_eq!(said(false, text), "approved", "{text}");
        }
        assert_eq!(
            said(false, ":white_check_mark::skin-tone-2:"),
            ":white_check_mark:"
        );
        assert_eq!(said(false, "Security approved"), "security approved");
        for text in [
            "approved if the tests pass",
            "approved\nbut not today",
            "Approved, go ahead",
        ] {
            assert_eq!(said(false, text), "nearly", "{text}");
        }
        for text in [
            "",
            "approved?",
            "disapproved",
            "unapproved",
            "> approved",
            "&gt; approved",
            "```\napproved\n```",
            "`approved`",
            "~approved~",
            "is it approved",
            "pre-approved",
        ] {
            assert!(
                !said(false, text).contains("approved"),
                "{text}: {}",
                said(false, text)
            );
            assert!(
                !said(true, text).contains("approved"),
                "{text}: {}",
                said(true, text)
            );
        }
    }

    #[test]
    fn a_yes_at_the_start_of_a_line_where_that_is_set() {
        assert_eq!(said(true, "Approved, go ahead"), "approved");
        assert_eq!(said(true, "looked at it\napproved"), "approved");
        assert_eq!(said(true, "is it approved"), "");
        assert_eq!(said(true, "&gt; approved\nno"), "");
        assert_eq!(said(true, "approved? not yet"), "");
    }

    #[test]
    fn a_no_wins_and_needs_only_a_line() {
        for text in [
            "withdrawn",
            "Withdrawn, the tests fail",
            "sorry\nwithdrawn",
            "approved\nwithdrawn",
        ] {
            assert_eq!(said(false, text), "withdrawn", "{text}");
            assert_eq!(said(true, text), "withdrawn", "{text}");
        }
        assert_eq!(said(false, "not approved, too early"), "not approved");
        assert_eq!(said(false, ":x: no"), ":x:");
        assert_eq!(said(false, "withdrawn?"), "");
    }

    #[test]
    fn a_confirmation_is_a_line_of_its_own() {
        assert_eq!(said(false, "thanks all\nSigned off."), "signed off");
        assert_eq!(said(false, "signed off by whom?"), "");
        assert_eq!(said(false, "Done!"), "done");
        assert_eq!(said(false, "done with the first half"), "");
        assert_eq!(said(false, "Root cause: a full disk"), "root cause");
        assert_eq!(said(false, "root cause:"), "");
    }

    #[test]
    fn a_long_reply_is_no_yes() {
        let long = format!("approved {}", "approved ".repeat(5_000));
        assert_eq!(said(false, &long), "nearly");
        let long = format!("{}not", "approved ".repeat(63));
        assert_eq!(said(false, &long), "nearly");
    }
}
