//! What can be set, checked offline.

mod meaning;
mod rules;

use std::path::PathBuf;
use std::time::Duration;

use plimsoll_kit::http::Client;
use plimsoll_kit::mention::Words;
use plimsoll_kit::settings::Section;

pub(crate) use meaning::{Meaning, Sections};
pub(crate) use rules::{Confirm, Rule, Sign};

/// What can be set; `sample.toml` has the words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) url: String,
    pub(crate) token: Option<TokenPlace>,
    /// The projects, sorted and each once.
    pub(crate) projects: Vec<String>,
    /// Ids of accounts that are programs.
    pub(crate) bots: Vec<String>,
    /// Whether a yes that came by the API, with somebody's token, is theirs.
    pub(crate) api_counts: bool,
    /// How long the subtasks of a task are followed that is done.
    pub(crate) follow: Duration,
    pub(crate) meaning: Meaning,
    pub(crate) per_minute: u32,
    pub(crate) concurrency: usize,
    pub(crate) timeout: Duration,
}

/// Where the token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenPlace {
    File(PathBuf),
    Variable(String),
}

impl Settings {
    /// Reads the settings. Mistakes are noted on the section; none when there is one.
    pub(crate) fn read(section: &Section<'_>) -> Option<Self> {
        let mut right = true;
        let url = url(section, &mut right);
        let token = token(section, &mut right);
        let projects = projects(section, &mut right);
        let bots = list(section, "bots", &[], &mut right);
        let api = section.choice("approvals_by_api", &[("doubt", false), ("count", true)]);
        right &= api.is_some() || !section.has("approvals_by_api");
        let days = |days: u64| Duration::from_secs(days * 24 * 60 * 60);
        let follow = section.duration("follow", days(1)..=days(3650));
        right &= follow.is_some() || !section.has("follow");
        let per_minute = section.int("requests_per_minute", 10..=100_000);
        right &= per_minute.is_some() || !section.has("requests_per_minute");
        let concurrency = section.int("concurrency", 1..=16);
        right &= concurrency.is_some() || !section.has("concurrency");
        let range = Duration::from_millis(100)..=Duration::from_secs(600);
        let timeout = section.duration("timeout", range);
        right &= timeout.is_some() || !section.has("timeout");
        let meaning = Meaning::read(section);
        for key in ["words", "fields", "sections"] {
            right &= !section.has(key) || section.table(key).is_some();
        }
        section.finish();
        let meaning = meaning?;
        right.then(|| Self {
            url: url.unwrap_or_else(|| "https://app.asana.com/api/1.0".to_owned()),
            token,
            projects,
            bots,
            api_counts: api.unwrap_or(false),
            follow: follow.unwrap_or(days(30)),
            meaning,
            per_minute: per_minute
                .and_then(|number| u32::try_from(number).ok())
                .unwrap_or(150),
            concurrency: concurrency
                .and_then(|number| usize::try_from(number).ok())
                .unwrap_or(4),
            timeout: timeout.unwrap_or(Duration::from_secs(30)),
        })
    }
}

fn projects(section: &Section<'_>, right: &mut bool) -> Vec<String> {
    let mut projects = list(section, "projects", &[], right);
    if !section.has("projects") {
        section.missing(
            "projects",
            "the ids of the projects that hold change requests, as their addresses have them",
        );
        *right = false;
    }
    let digits = |id: &String| {
        !id.is_empty() && id.len() <= 30 && id.bytes().all(|byte| byte.is_ascii_digit())
    };
    if section.has("projects") && (projects.is_empty() || !projects.iter().all(digits)) {
        section.mistake_at(
            "projects",
            "`projects` holds ids of projects in quotes, as their addresses have them: \"1208000000000001\"",
        );
        *right = false;
    }
    projects.sort();
    projects.dedup();
    projects
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

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_kit::settings::Document;

    fn read(text: &str) -> Result<Option<Settings>, String> {
        let document = Document::new("s.toml", text);
        document.read(Settings::read).map_err(|all| all.to_string())
    }

    #[test]
    fn projects_alone_are_enough() {
        let settings = read("projects = [\"2\", \"1\", \"2\"]").unwrap().unwrap();
        assert_eq!(settings.projects, ["1", "2"]);
        assert_eq!((settings.per_minute, settings.concurrency), (150, 4));
        assert!(!settings.api_counts && settings.token.is_none());
        assert!(read("").unwrap_err().contains("projects"));
    }

    #[test]
    fn all_mistakes_come_at_once_without_what_is_secret() {
        let found = read(
            "token_file = \"a\"\ntoken_variable = \"b\"\nprojects = [\"a b\"]\nurl = \"https://joe:hunter2@there\"\napprovals_by_api = \"no\"\nconcurrency = 65\ntimeout = \"1ms\"\nfolow = \"1 day\"\n\
             [sections]\nreopened = 5\n[[approvals]]\nkind = \"qa\"\n[[approvals]]\nsection = \"x\"\nfield = \"y\"\n[[sign_offs]]\nfield = \"QA\"\nkind = \"blessed\"\n[words]\nsystem = 5\n",
        )
        .unwrap_err();
        assert_eq!(found.lines().count(), 12, "{found}");
        assert!(found.contains("did you mean `follow`"), "{found}");
        assert!(!found.contains("hunter2"), "{found}");
    }
}
