//! What can be set, checked offline.

mod meaning;
mod rules;

use std::path::PathBuf;
use std::time::Duration;

use plimsoll_kit::http::Client;
use plimsoll_kit::mention::Words;
use plimsoll_kit::settings::Section;

pub(crate) use meaning::Meaning;
pub(crate) use rules::{Confirm, Rule};

/// What can be set; `sample.toml` has the words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) url: Option<String>,
    pub(crate) token: Option<TokenPlace>,
    /// A file of certificates that are trusted besides the system's.
    pub(crate) root_certificates: Option<PathBuf>,
    pub(crate) projects: Vec<String>,
    /// Whether accounts are told by their logins and not by their ids.
    pub(crate) by_login: bool,
    /// Logins and ids of programs, in lower case.
    pub(crate) bots: Vec<String>,
    pub(crate) meaning: Meaning,
    pub(crate) search: Search,
    pub(crate) concurrency: usize,
    pub(crate) timeout: Duration,
}

/// Where the token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenPlace {
    File(PathBuf),
    Variable(String),
}

/// The words of the search language, which are those of the instance's own language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Search {
    pub(crate) project: String,
    pub(crate) updated: String,
    pub(crate) sort: String,
}

impl Settings {
    /// Reads the settings. Mistakes are noted on the section; none when there is one.
    pub(crate) fn read(section: &Section<'_>) -> Option<Self> {
        let mut right = true;
        let url = url(section, &mut right);
        let token = token(section, &mut right);
        let roots = section.text("root_certificates").map(PathBuf::from);
        right &= roots.is_some() || !section.has("root_certificates");
        let projects = list(section, "projects", &[], &mut right);
        for name in &projects {
            if !is_short_name(name) {
                section.mistake_at(
                    "projects",
                    "`projects` holds short names, as they stand before the dash of an issue's id: \"CHG\"",
                );
                right = false;
            }
        }
        let accounts = section.choice("accounts", &[("id", false), ("login", true)]);
        right &= accounts.is_some() || !section.has("accounts");
        let bots = list(section, "bots", &[], &mut right);
        let concurrency = section.int("concurrency", 1..=16);
        right &= concurrency.is_some() || !section.has("concurrency");
        let range = Duration::from_millis(100)..=Duration::from_secs(600);
        let timeout = section.duration("timeout", range);
        right &= timeout.is_some() || !section.has("timeout");
        let search = Search::read(&section.table_or_empty("search"));
        let meaning = Meaning::read(section);
        for key in ["search", "words", "fields", "states"] {
            right &= !section.has(key) || section.table(key).is_some();
        }
        section.finish();
        let (search, meaning) = (search?, meaning?);
        right.then(|| Self {
            url,
            token,
            root_certificates: roots,
            projects,
            by_login: accounts.unwrap_or(false),
            bots: bots.iter().map(|bot| bot.to_lowercase()).collect(),
            meaning,
            search,
            concurrency: concurrency
                .and_then(|number| usize::try_from(number).ok())
                .unwrap_or(4),
            timeout: timeout.unwrap_or(Duration::from_secs(30)),
        })
    }
}

impl Search {
    fn read(section: &Section<'_>) -> Option<Self> {
        let mut right = true;
        let mut word = |key: &str, default: &str| {
            let text = section.text(key);
            right &= text.is_some() || !section.has(key);
            text.unwrap_or_else(|| default.to_owned())
        };
        let search = Self {
            project: word("project", "project"),
            updated: word("updated", "updated"),
            sort: word("sort", "sort by: created asc"),
        };
        section.finish();
        right.then_some(search)
    }
}

/// A list of texts, or its default where it is not there.
pub(super) fn list(
    section: &Section<'_>,
    key: &str,
    default: &[&str],
    right: &mut bool,
) -> Vec<String> {
    let texts = section.texts(key);
    *right &= texts.is_some() || !section.has(key);
    texts.unwrap_or_else(|| default.iter().map(|text| (*text).to_owned()).collect())
}

/// The words of the lines of a description.
pub(super) fn words(section: &Section<'_>) -> Option<Words> {
    Words::read(&section.table_or_empty("words"))
}

/// A URL that a client can be made for. What is wrong with one is said without it.
fn url(section: &Section<'_>, right: &mut bool) -> Option<String> {
    let text = section.text("url");
    *right &= text.is_some() || !section.has("url");
    let text = text?;
    match Client::builder(&text).build() {
        Ok(_) => Some(text),
        Err(why) => {
            section.mistake_at("url", format!("`url`: {why}"));
            *right = false;
            None
        }
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

/// Whether a text can be a project's short name: then it can stand in a query and mean nothing else.
pub(crate) fn is_short_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !text.is_empty() && text.len() <= 100 && text.bytes().all(fits)
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
    fn nothing_set_is_right() {
        let settings = read("").unwrap().unwrap();
        assert_eq!(settings.concurrency, 4);
        assert!(!settings.by_login && settings.token.is_none());
        assert_eq!(settings.meaning.approvals.len(), 4);
        assert_eq!(settings.search.updated, "updated");
    }

    #[test]
    fn all_mistakes_come_at_once_without_what_is_secret() {
        let found = read(
            "token_file = \"a\"\ntoken_variable = \"b\"\nprojects = [\"a b\"]\nurl = \"https://joe:hunter2@there\"\naccounts = \"name\"\nconcurrency = 65\ntimeout = \"1ms\"\nprojcts = []\n\
             [states]\nreopened = 5\n[[approvals]]\nvalues = []\n[[sign_offs]]\nfield = \"QA\"\nkind = \"blessed\"\n[words]\nsystem = 5\n",
        )
        .unwrap_err();
        assert_eq!(found.lines().count(), 11, "{found}");
        assert!(found.contains("did you mean `projects`"), "{found}");
        assert!(!found.contains("hunter2"), "{found}");
    }
}
