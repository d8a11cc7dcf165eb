//! Where the API is, and the token for it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use plimsoll_kit::http::{Secret, SecretError};
use plimsoll_kit::{Surroundings, file};

use crate::settings::{Settings, TokenPlace, base_url};

const API: &str = "https://api.aptible.com";
const AUTH: &str = "https://auth.aptible.com";
const TOKEN: &str = "APTIBLE_ACCESS_TOKEN";
/// The most bytes of the command line's file of tokens.
const MOST: usize = 1 << 20;

/// Where the API is: the settings', else the vendor's variables', else the vendor's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Urls {
    pub(crate) api: String,
    pub(crate) auth: String,
}

/// Why there is nothing to ask, or nothing to ask with. Holds no part of a token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAccess {
    #[error("the environment variable {0} {1}")]
    Url(&'static str, &'static str),
    #[error("the token: {0}")]
    Token(#[from] SecretError),
    #[error(
        "there is no token: set `token_file` or `token_variable`, or {TOKEN}, or log in with `aptible login`"
    )]
    Nothing,
    #[error(
        "{0} is no file of tokens, as `aptible login` writes it: log in again, or set `token_file`"
    )]
    NoTokens(PathBuf),
    #[error("{0} has no token for {1}: log in again, or set `token_file`")]
    NotThere(PathBuf, String),
}

/// The URLs to ask.
pub(crate) fn urls(settings: &Settings, here: &Surroundings) -> Result<Urls, NoAccess> {
    let pick = |set: &Option<String>, name: &'static str, default: &str| {
        if let Some(url) = set {
            return Ok::<_, NoAccess>(url.clone());
        }
        let Some(url) = here.variable(name) else {
            return Ok(default.to_owned());
        };
        base_url(&url).map_err(|why| NoAccess::Url(name, why))?;
        Ok(url)
    };
    Ok(Urls {
        api: pick(&settings.api_url, "APTIBLE_API_ROOT_URL", API)?,
        auth: pick(&settings.auth_url, "APTIBLE_AUTH_ROOT_URL", AUTH)?,
    })
}

/// The token, and where it came from.
pub(crate) fn token(
    settings: &Settings,
    here: &Surroundings,
    auth: &str,
) -> Result<(Secret, String), NoAccess> {
    match &settings.token {
        Some(TokenPlace::File(path)) => {
            let place = path.display().to_string();
            Ok((Secret::from_file(path)?, place))
        }
        Some(TokenPlace::Variable(name)) => from_variable(here, name),
        None if here.variable(TOKEN).is_some() => from_variable(here, TOKEN),
        None => match tokens_file(here).filter(|path| path.exists()) {
            Some(path) => Ok((from_tokens(&path, auth)?, path.display().to_string())),
            None => Err(NoAccess::Nothing),
        },
    }
}

fn from_variable(here: &Surroundings, name: &str) -> Result<(Secret, String), NoAccess> {
    let text = here.variable(name);
    let text = text.ok_or_else(|| SecretError::Unset(name.to_owned()))?;
    let place = format!("the environment variable {name}");
    Ok((Secret::new(&place, &text)?, place))
}

/// Where the command line keeps its tokens.
pub(crate) fn tokens_file(here: &Surroundings) -> Option<PathBuf> {
    let folder = here.variable("APTIBLE_CONFIG_PATH").map(PathBuf::from);
    let folder = folder.or_else(|| here.home().map(|home| home.join(".aptible")))?;
    Some(here.path(folder.join("tokens.json")))
}

/// What says where a token may be had without settings; none where nothing does.
pub(crate) fn hint(here: &Surroundings) -> Option<String> {
    if here.variable(TOKEN).is_some() {
        return Some(TOKEN.to_owned());
    }
    let path = tokens_file(here).filter(|path| path.exists())?;
    Some(format!(
        "tokens of the aptible command in {}",
        path.display()
    ))
}

fn from_tokens(path: &Path, auth: &str) -> Result<Secret, NoAccess> {
    let text = file::read_private_text(path, MOST).map_err(SecretError::from)?;
    let tokens: BTreeMap<String, String> =
        serde_json::from_str(&text).map_err(|_| NoAccess::NoTokens(path.to_owned()))?;
    let bare = |url: &str| url.trim_end_matches('/').to_owned();
    let token = tokens.iter().find(|(url, _)| bare(url) == bare(auth));
    let (_, token) = token.ok_or_else(|| NoAccess::NotThere(path.to_owned(), bare(auth)))?;
    Ok(Secret::new(&path.display().to_string(), token)?)
}

/// When a token ends, where it says so itself (RFC 7519, `exp`). That it says so is no proof that it is good.
pub(crate) fn expires(token: &Secret) -> Option<Timestamp> {
    #[derive(serde::Deserialize)]
    struct Claims {
        exp: Option<i64>,
    }

    let claims = token.expose().split('.').nth(1)?;
    let claims: Claims = plimsoll_kit::json::read(&base64url(claims)?).ok()?;
    Timestamp::from_second(claims.exp?).ok()
}

/// Bytes from base64 in its alphabet for URLs (RFC 4648, 5), without padding.
fn base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut held, mut bits) = (0_u32, 0);
    for digit in text.trim_end_matches('=').bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'-' | b'+' => 62,
            b'_' | b'/' => 63,
            _ => return None,
        };
        held = (held << 6 | u32::from(value)) & 0xff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use plimsoll_kit::settings::Document;

    fn settings(text: &str) -> Settings {
        let document = Document::new("s.toml", text);
        document.read(Settings::read).unwrap().unwrap()
    }

    fn here(root: &Path, variables: &[(&str, &str)]) -> Surroundings {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let variables: Vec<(String, String)> = variables.iter().map(owned).collect();
        let get = move |name: &str| {
            let found = variables.iter().find(|(have, _)| have == name);
            found.map(|(_, value)| value.clone())
        };
        Surroundings::new(get, root)
    }

    fn tokens(text: &str) -> (tempfile::TempDir, Surroundings) {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("home/joe/.aptible");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("tokens.json");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        let here = here(root.path(), &[("HOME", "/home/joe")]);
        (root, here)
    }

    #[test]
    fn settings_win_over_variables_and_these_over_the_vendors() {
        let root = tempfile::tempdir().unwrap();
        let vendor = here(root.path(), &[]);
        assert_eq!(urls(&settings(""), &vendor).unwrap().api, API);
        let moved = here(
            root.path(),
            &[("APTIBLE_API_ROOT_URL", "http://127.0.0.1:1/x")],
        );
        let both = urls(&settings("auth_url = \"http://127.0.0.1:2\""), &moved).unwrap();
        assert_eq!(
            (both.api.as_str(), both.auth.as_str()),
            ("http://127.0.0.1:1/x", "http://127.0.0.1:2")
        );
        let set = urls(&settings("api_url = \"http://127.0.0.1:3\""), &moved).unwrap();
        assert_eq!(set.api, "http://127.0.0.1:3");
        let plain = here(
            root.path(),
            &[("APTIBLE_AUTH_ROOT_URL", "http://joe:hunter2@there")],
        );
        let error = urls(&settings(""), &plain).unwrap_err().to_string();
        assert!(
            error.contains("APTIBLE_AUTH_ROOT_URL") && !error.contains("hunter2"),
            "{error}"
        );
    }

    #[test]
    fn the_token_of_the_command_line_is_that_of_the_same_server() {
        let (_root, here) =
            tokens(r#"{"https://auth.aptible.com/":"hunter2","https://b":"other"}"#);
        let none = settings("");
        assert_eq!(token(&none, &here, AUTH).unwrap().0.expose(), "hunter2");
        assert_eq!(
            token(&none, &here, "https://b").unwrap().0.expose(),
            "other"
        );
        let error = token(&none, &here, "https://c").unwrap_err().to_string();
        assert!(error.contains("has no token for https://c"), "{error}");
        assert!(hint(&here).unwrap().contains("tokens.json"));
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let (root, here) = tokens("{}");
        let path = root.path().join("home/joe/.aptible/tokens.json");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        let error = token(&settings(""), &here, AUTH).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn no_error_repeats_the_token() {
        let (_root, odd) = tokens(r#"{"https://auth.aptible.com":"hun ter2"}"#);
        let (_other, broken) = tokens(r#"{"hunter2":["hunter2"]}"#);
        for (here, word) in [(&odd, "ter2"), (&broken, "hunter2")] {
            let error = token(&settings(""), here, AUTH).unwrap_err();
            assert!(!format!("{error} {error:?}").contains(word), "{error}");
        }
    }

    #[test]
    fn a_token_says_when_it_ends() {
        let end = |text: &str| expires(&Secret::new("here", text).unwrap());
        // {"exp":1767323045}
        let ends = end("e30.eyJleHAiOjE3NjczMjMwNDV9.x").unwrap();
        assert_eq!(ends.to_string(), "2026-01-02T03:04:05Z");
        for odd in ["opaque", "e30.e30.x", "e30.!!.x", "e30.W10.x"] {
            assert_eq!(end(odd), None, "{odd}");
        }
    }
}
