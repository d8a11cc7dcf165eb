//! What can be set, checked offline.

use std::path::PathBuf;
use std::time::Duration;

use plimsoll_kit::http::Client;
use plimsoll_kit::settings::Section;

/// What can be set; `sample.toml` has the words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) token: Option<TokenPlace>,
    pub(crate) organisations: Vec<String>,
    pub(crate) machines_url: Option<String>,
    pub(crate) graphql_url: Option<String>,
    pub(crate) rest_url: Option<String>,
    pub(crate) metadata: Vec<String>,
    pub(crate) releases: usize,
    pub(crate) closely: usize,
    pub(crate) concurrency: usize,
    pub(crate) timeout: Duration,
    pub(crate) paced: bool,
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
        let token = Self::token(section, &mut right);
        let organisations = section.texts("organisations");
        right &= organisations.is_some() || !section.has("organisations");
        for slug in organisations.iter().flatten() {
            if !is_slug(slug) {
                section.mistake_at(
                    "organisations",
                    "`organisations` holds slugs, as `fly orgs list` shows them: lower case letters, digits and dashes",
                );
                right = false;
            }
        }
        let [machines_url, graphql_url, rest_url] =
            ["machines_url", "graphql_url", "rest_url"].map(|key| url(section, key, &mut right));
        let metadata = section.texts("metadata");
        right &= metadata.is_some() || !section.has("metadata");
        let releases = section.int("releases", 1..=200);
        right &= releases.is_some() || !section.has("releases");
        let closely = section.int("closely", 0..=100_000);
        right &= closely.is_some() || !section.has("closely");
        let concurrency = section.int("concurrency", 1..=64);
        right &= concurrency.is_some() || !section.has("concurrency");
        let range = Duration::from_millis(100)..=Duration::from_secs(600);
        let timeout = section.duration("timeout", range);
        right &= timeout.is_some() || !section.has("timeout");
        let paced = section.choice("pace", &[("vendor", true), ("none", false)]);
        right &= paced.is_some() || !section.has("pace");
        section.finish();
        let whole = |number: Option<i64>| number.and_then(|n| usize::try_from(n).ok());
        right.then(|| Self {
            token,
            organisations: organisations.unwrap_or_default(),
            machines_url,
            graphql_url,
            rest_url,
            metadata: metadata.unwrap_or_default(),
            releases: whole(releases).unwrap_or(25),
            closely: whole(closely).unwrap_or(100),
            concurrency: whole(concurrency).unwrap_or(8),
            timeout: timeout.unwrap_or(Duration::from_secs(30)),
            paced: paced.unwrap_or(true),
        })
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
}

/// A URL that a client can be made for. What is wrong with one is said without it.
fn url(section: &Section<'_>, key: &str, right: &mut bool) -> Option<String> {
    let text = section.text(key);
    *right &= text.is_some() || !section.has(key);
    let text = text?;
    match Client::builder(&text).build() {
        Ok(_) => Some(text),
        Err(why) => {
            section.mistake_at(key, format!("`{key}`: {why}"));
            *right = false;
            None
        }
    }
}

/// Whether a text can be an organisation's slug.
pub(crate) fn is_slug(text: &str) -> bool {
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
        assert_eq!((settings.releases, settings.concurrency), (25, 8));
        assert!(settings.paced && settings.token.is_none());
    }

    #[test]
    fn all_mistakes_come_at_once_without_what_is_secret() {
        let found = read(
            "token_file = \"a\"\ntoken_variable = \"b\"\norganisations = [\"a/b\"]\nmachines_url = \"https://joe:hunter2@there\"\ngraphql_url = \"there\"\nreleases = 0\nconcurrency = 65\ntimeout = \"1ms\"\npace = \"fast\"\nmetdata = []\n",
        )
        .unwrap_err();
        assert_eq!(found.lines().count(), 9, "{found}");
        assert!(found.contains("did you mean `metadata`"), "{found}");
        assert!(!found.contains("hunter2"), "{found}");
    }
}
