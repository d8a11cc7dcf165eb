//! The keys of the settings that are more than a number or a word.

use std::collections::BTreeMap;

use plimsoll_kit::http::Client;
use plimsoll_kit::settings::Section;
use plimsoll_model::Text;

use super::TokenPlace;

pub(super) fn repositories(section: &Section<'_>, right: &mut bool) -> Vec<String> {
    let key = "repositories";
    let hint = "name them, as repositories = [\"acme/infra\"]";
    if !section.has(key) {
        section.missing(key, hint);
        *right = false;
    }
    let mut all = texts(section, key, right);
    if section.has(key) && all.is_empty() && *right {
        section.mistake_at(key, format!("`{key}` is empty: {hint}"));
        *right = false;
    }
    if all.iter().any(|one| !is_repository(one)) {
        let message = "`repositories` holds names as \"owner/repository\"";
        section.mistake_at(key, message);
        *right = false;
    }
    // GitHub does not tell upper from lower case in names.
    all.sort_by_key(|one| (one.to_lowercase(), one.clone()));
    all.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
    all
}

/// Whether a text is the name of a repository: `owner/repository`.
pub(crate) fn is_repository(text: &str) -> bool {
    let part = |part: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        !part.is_empty()
            && part.len() <= 100
            && part.bytes().all(fits)
            && part != "."
            && part != ".."
    };
    text.split_once('/')
        .is_some_and(|(owner, name)| part(owner) && part(name))
}

pub(super) fn texts(section: &Section<'_>, key: &str, right: &mut bool) -> Vec<String> {
    let read = section.texts(key);
    *right &= read.is_some() || !section.has(key);
    let read = read.unwrap_or_default();
    if read.iter().any(|one| one.trim().is_empty()) {
        section.mistake_at(key, format!("`{key}` holds an empty text"));
        *right = false;
    }
    read
}

/// A table of the user's own keys, each with a text.
pub(super) fn table(
    section: &Section<'_>,
    key: &str,
    right: &mut bool,
    fits: impl Fn(&str, &str) -> Result<(), String>,
) -> BTreeMap<String, Text> {
    if !section.has(key) {
        // Asked for all the same, so that it is known here.
        section.table_or_empty(key).finish();
        return BTreeMap::new();
    }
    let Some(table) = section.table(key) else {
        *right = false;
        return BTreeMap::new();
    };
    let mut all = BTreeMap::new();
    for name in table.keys() {
        match table.text(&name) {
            Some(text) => {
                if let Err(wanted) = fits(&name, &text) {
                    table.mistake_at(&name, format!("`{name}` must be {wanted}"));
                    *right = false;
                }
                all.insert(name, Text::from(text));
            }
            None => *right = false,
        }
    }
    table.finish();
    all
}

pub(super) fn lower(table: BTreeMap<String, Text>) -> BTreeMap<String, Text> {
    let each = table.into_iter();
    each.map(|(key, value)| (key.to_lowercase(), value))
        .collect()
}

pub(super) fn token(section: &Section<'_>, right: &mut bool) -> Option<TokenPlace> {
    let [file, variable] = ["token_file", "token_variable"].map(|key| {
        let text = section.text(key).filter(|text| !text.trim().is_empty());
        if section.has(key) && text.is_none() {
            section.mistake_at(key, format!("`{key}` must be a text that is not empty"));
            *right = false;
        }
        text
    });
    if file.is_some() && variable.is_some() {
        let message = "`token_file` and `token_variable` exclude each other: keep one";
        section.mistake_at("token_variable", message);
        *right = false;
    }
    match (file, variable) {
        (Some(file), _) => Some(TokenPlace::File(file.into())),
        (None, variable) => variable.map(TokenPlace::Variable),
    }
}

/// A URL that a client can be made for. What is wrong with one is said without it.
pub(super) fn url(section: &Section<'_>, key: &str, right: &mut bool) -> Option<String> {
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
