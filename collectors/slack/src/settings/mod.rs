//! What can be set, checked offline.

mod sayings;

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_kit::http::Client;
use plimsoll_kit::mention::Words;
use plimsoll_kit::settings::Section;

use crate::said::{Sayings, tone};
use crate::text::is_id;

/// The vendor's own address.
const API: &str = "https://slack.com/api";

/// What can be set; `sample.toml` has the words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) token: Option<TokenPlace>,
    pub(crate) channels: Vec<String>,
    pub(crate) api_url: String,
    /// Apps and bots whose messages are requests too.
    pub(crate) apps: Vec<String>,
    /// Whether these leave their messages as they were sent.
    pub(crate) apps_stay: bool,
    /// What a request begins with, in lower case; anything where there is none.
    pub(crate) requests_begin: Vec<String>,
    /// Keys of lines that name who asks, in lower case.
    pub(crate) requester: Vec<String>,
    /// Keys of lines that name who carries it out, in lower case.
    pub(crate) implementer: Vec<String>,
    pub(crate) words: Words,
    pub(crate) sayings: Sayings,
    pub(crate) approve_reactions: Vec<String>,
    pub(crate) reject_reactions: Vec<String>,
    /// Whether nobody can delete what they said, or edit it later than `look_back`.
    pub(crate) replies_stay: bool,
    pub(crate) look_back: Duration,
    pub(crate) from: Option<Timestamp>,
    pub(crate) replies: usize,
    pub(crate) concurrency: usize,
    pub(crate) timeout: Duration,
    pub(crate) pace: Pace,
}

/// Where the token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenPlace {
    File(PathBuf),
    Variable(String),
}

/// How often may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// As an app that a company made for itself.
    Internal,
    /// As an app that is sold outside of the vendor's market place.
    Distributed,
    /// As often as it goes.
    None,
}

impl Settings {
    /// Reads the settings. Mistakes are noted on the section; none when there is one.
    pub(crate) fn read(section: &Section<'_>) -> Option<Self> {
        let mut right = true;
        let token = token(section, &mut right);
        let channels = channels(section, &mut right);
        let api_url = url(section, &mut right);
        let apps = ids(section, "apps", &['A', 'B'], "A0DEPLOY", &mut right);
        let list = |key, default: &[&str], right: &mut bool| lower(section, key, default, right);
        let requests_begin = list("requests_begin", &[], &mut right);
        let requester = list(
            "requester",
            &["requester", "requested by", "asked by"],
            &mut right,
        );
        let implementer = list(
            "implementer",
            &["implementer", "implementers", "implemented by", "assignee"],
            &mut right,
        );
        let words = Words::read(&section.table_or_empty("words"));
        let sayings = sayings::read(section);
        let default = [
            "white_check_mark",
            "heavy_check_mark",
            "+1",
            "thumbsup",
            "approved",
        ];
        let approve_reactions = reactions(section, "approve_reactions", &default, &mut right);
        let default = [
            "x",
            "negative_squared_cross_mark",
            "no_entry",
            "no_entry_sign",
            "octagonal_sign",
            "-1",
            "thumbsdown",
        ];
        let reject_reactions = reactions(section, "reject_reactions", &default, &mut right);
        let [replies_stay, apps_stay] = ["replies_stay", "apps_stay"].map(|key| {
            let stays = section.bool(key);
            right &= stays.is_some() || !section.has(key);
            stays.unwrap_or(false)
        });
        let day = Duration::from_secs(24 * 3600);
        let look_back = section.duration("look_back", day..=day * 400);
        right &= look_back.is_some() || !section.has("look_back");
        let from = from(section, &mut right);
        let mut int = |key, range, default: usize| {
            let number = section.int(key, range);
            right &= number.is_some() || !section.has(key);
            number
                .and_then(|number| usize::try_from(number).ok())
                .unwrap_or(default)
        };
        let replies = int("replies", 1..=100_000, 2000);
        let concurrency = int("concurrency", 1..=16, 4);
        let range = Duration::from_millis(100)..=Duration::from_secs(600);
        let timeout = section.duration("timeout", range);
        right &= timeout.is_some() || !section.has("timeout");
        let paces = [
            ("internal", Pace::Internal),
            ("distributed", Pace::Distributed),
            ("none", Pace::None),
        ];
        let pace = section.choice("pace", &paces);
        right &= pace.is_some() || !section.has("pace");
        section.finish();
        let (words, sayings) = (words?, sayings?);
        right.then(|| Self {
            token,
            channels,
            api_url: api_url.unwrap_or_else(|| API.to_owned()),
            apps,
            apps_stay,
            requests_begin,
            requester,
            implementer,
            words,
            sayings,
            approve_reactions,
            reject_reactions,
            replies_stay,
            look_back: look_back.unwrap_or(day * 14),
            from,
            replies,
            concurrency,
            timeout: timeout.unwrap_or(Duration::from_secs(30)),
            pace: pace.unwrap_or(Pace::Internal),
        })
    }
}

fn token(section: &Section<'_>, right: &mut bool) -> Option<TokenPlace> {
    let file = section.text("token_file").filter(|path| !path.is_empty());
    let variable = section
        .text("token_variable")
        .filter(|name| !name.is_empty());
    for (key, given) in [("token_file", &file), ("token_variable", &variable)] {
        if section.has(key) && given.is_none() {
            section.mistake_at(key, format!("`{key}` must be a text that is not empty"));
            *right = false;
        }
    }
    match (file, variable) {
        (Some(_), Some(_)) => {
            section.mistake_at(
                "token_variable",
                "`token_file` and `token_variable` exclude each other: keep one",
            );
            *right = false;
            None
        }
        (Some(file), None) => Some(TokenPlace::File(PathBuf::from(file))),
        (None, variable) => variable.map(TokenPlace::Variable),
    }
}

fn channels(section: &Section<'_>, right: &mut bool) -> Vec<String> {
    if !section.has("channels") {
        section.missing(
            "channels",
            "the ids of the channels in which changes are asked for, as [\"C0123ABCD\"]",
        );
        *right = false;
    }
    let mut all = ids(section, "channels", &['C', 'G'], "C0123ABCD", right);
    if all.is_empty() && section.has("channels") && *right {
        section.mistake_at("channels", "`channels` must name a channel at least");
        *right = false;
    }
    all.sort();
    all.dedup();
    all
}

fn ids(
    section: &Section<'_>,
    key: &str,
    letters: &[char],
    example: &str,
    right: &mut bool,
) -> Vec<String> {
    let found = section.texts(key);
    *right &= found.is_some() || !section.has(key);
    let found = found.unwrap_or_default();
    if found.iter().any(|id| !is_id(id, letters)) {
        section.mistake_at(
            key,
            format!("`{key}` holds ids and no names, as \"{example}\""),
        );
        *right = false;
    }
    found
}

/// A list of texts in lower case, none of them empty.
fn lower(section: &Section<'_>, key: &str, default: &[&str], right: &mut bool) -> Vec<String> {
    let Some(found) = section.texts(key) else {
        *right &= !section.has(key);
        return default.iter().map(|text| (*text).to_owned()).collect();
    };
    if found.iter().any(|text| text.trim().is_empty()) {
        section.mistake_at(key, format!("`{key}` holds an empty text"));
        *right = false;
    }
    let found = found.iter();
    found.map(|text| text.trim().to_lowercase()).collect()
}

/// The names of emoji, with or without the colons around them.
fn reactions(section: &Section<'_>, key: &str, default: &[&str], right: &mut bool) -> Vec<String> {
    let found = lower(section, key, default, right);
    let names = found.iter().map(|name| tone(name.trim_matches(':')));
    names.map(str::to_owned).collect()
}

fn from(section: &Section<'_>, right: &mut bool) -> Option<Timestamp> {
    let text = section.date("from");
    *right &= text.is_some() || !section.has("from");
    let text = text?;
    let time = match text.len() {
        10 => format!("{text}T00:00:00Z").parse(),
        _ => text.parse(),
    };
    if time.is_err() {
        section.mistake_at(
            "from",
            "`from` must be a date, as 2026-01-31, or a time with its zone",
        );
        *right = false;
    }
    time.ok()
}

/// A URL that a client can be made for. What is wrong with one is said without it.
fn url(section: &Section<'_>, right: &mut bool) -> Option<String> {
    let text = section.text("api_url");
    *right &= text.is_some() || !section.has("api_url");
    let text = text?;
    match Client::builder(&text).build() {
        Ok(_) => Some(text),
        Err(why) => {
            section.mistake_at("api_url", format!("`api_url`: {why}"));
            *right = false;
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_kit::settings::Document;

    fn read(text: &str) -> Result<Option<Settings>, String> {
        let document = Document::new("s.toml", text);
        document.read(Settings::read).map_err(|all| all.to_string())
    }

    #[test]
    fn a_channel_is_enough() {
        let settings = read("channels = \"C0CHG\"").unwrap().unwrap();
        assert_eq!(settings.channels, ["C0CHG"]);
        assert!(!settings.replies_stay && !settings.sayings.line_start);
        assert_eq!(settings.look_back.as_secs(), 14 * 24 * 3600);
        assert_eq!(settings.pace, Pace::Internal);
    }

    #[test]
    fn names_of_emoji_come_with_and_without_colons() {
        let text = "channels = [\"C0CHG\"]\napprove_reactions = [\":ok::skin-tone-2:\", \"Yes\"]\nfrom = 2026-01-31\n";
        let settings = read(text).unwrap().unwrap();
        assert_eq!(settings.approve_reactions, ["ok", "yes"]);
        assert_eq!(settings.from.unwrap().to_string(), "2026-01-31T00:00:00Z");
    }

    #[test]
    fn all_mistakes_come_at_once_without_what_is_secret() {
        let found = read(
            "token_file = \"a\"\ntoken_variable = \"b\"\nchannels = [\"#changes\"]\napi_url = \"https://joe:hunter2@there\"\napps = [\"deploybot\"]\napprove = [\"\"]\nreply = \"start\"\nlook_back = \"1h\"\nfrom = \"then\"\nreplies = 0\nconcurrency = 99\ntimeout = \"1ms\"\npace = \"fast\"\nreplies_stay = 1\nchanels = []\n[states]\nmerged = [\"x\"]\n[sign_offs]\nblessed = [\"x\"]\n[words]\nsystem = [\"\"]\n",
        )
        .unwrap_err();
        assert_eq!(
            found.lines().filter(|line| line.contains("s.toml")).count(),
            17,
            "{found}"
        );
        assert!(found.contains("did you mean `channels`"), "{found}");
        assert!(!found.contains("hunter2"), "{found}");
    }
}
