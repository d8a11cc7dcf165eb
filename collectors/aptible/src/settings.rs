//! What can be set, checked offline.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use plimsoll_kit::http::Url;
use plimsoll_kit::settings::Section;

const DAY: Duration = Duration::from_secs(86_400);

/// What can be set; `sample.toml` has the words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) token: Option<TokenPlace>,
    pub(crate) api_url: Option<String>,
    pub(crate) auth_url: Option<String>,
    pub(crate) proxy: Option<String>,
    pub(crate) root_certificates: Option<PathBuf>,
    pub(crate) concurrency: usize,
    pub(crate) timeout: Duration,
    /// Operations older than this are not read.
    pub(crate) operations_since: Duration,
    /// How many operations of one environment are read at most.
    pub(crate) operations_most: usize,
    pub(crate) clock_reference: Option<String>,
}

/// Where the settings say that the token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenPlace {
    File(PathBuf),
    Variable(String),
}

impl Settings {
    /// Reads the settings. Mistakes are noted on the section; none when there is one.
    pub(crate) fn read(section: &Section<'_>) -> Option<Self> {
        let mut right = true;
        let file = section.text("token_file");
        let variable = section.text("token_variable");
        right &= file.is_some() || !section.has("token_file");
        right &= variable.is_some() || !section.has("token_variable");
        for (key, text) in [("token_file", &file), ("token_variable", &variable)] {
            if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
                section.mistake_at(key, format!("`{key}` must not be empty"));
                right = false;
            }
        }
        let token = match (file, variable) {
            (Some(_), Some(_)) => {
                let message = "`token_variable` and `token_file` exclude each other: keep one";
                section.mistake_at("token_variable", message);
                right = false;
                None
            }
            (Some(file), None) => Some(TokenPlace::File(file.into())),
            (None, Some(variable)) => Some(TokenPlace::Variable(variable)),
            (None, None) => None,
        };
        let api_url = url(section, "api_url", &mut right);
        let auth_url = url(section, "auth_url", &mut right);
        let proxy = url(section, "proxy", &mut right);
        let root_certificates = section.text("root_certificates").map(PathBuf::from);
        right &= root_certificates.is_some() || !section.has("root_certificates");
        let concurrency = whole(section, "concurrency", 1, 8, 4, &mut right);
        let range = Duration::from_secs(1)..=Duration::from_secs(600);
        let timeout = section.duration("timeout", range);
        right &= timeout.is_some() || !section.has("timeout");
        let range = Duration::from_secs(3600)..=DAY * 400;
        let operations_since = section.duration("operations_since", range);
        right &= operations_since.is_some() || !section.has("operations_since");
        let operations_most = whole(section, "operations_most", 0, 100_000, 5_000, &mut right);
        let clock_reference = section.text("clock_reference");
        right &= clock_reference.is_some() || !section.has("clock_reference");
        if clock_reference
            .as_deref()
            .is_some_and(|text| !is_line(text))
        {
            let message = "`clock_reference` is one line of 1 to 300 characters";
            section.mistake_at("clock_reference", message);
            right = false;
        }
        section.finish();
        right.then(|| Self {
            token,
            api_url,
            auth_url,
            proxy,
            root_certificates,
            concurrency,
            timeout: timeout.unwrap_or(Duration::from_secs(60)),
            operations_since: operations_since.unwrap_or(DAY * 30),
            operations_most,
            clock_reference,
        })
    }
}

fn whole(
    section: &Section<'_>,
    key: &str,
    least: i64,
    most: i64,
    default: usize,
    right: &mut bool,
) -> usize {
    let number = section.int(key, least..=most);
    *right &= number.is_some() || !section.has(key);
    let number = number.and_then(|number| usize::try_from(number).ok());
    number.unwrap_or(default)
}

fn url(section: &Section<'_>, key: &str, right: &mut bool) -> Option<String> {
    let text = section.text(key);
    *right &= text.is_some() || !section.has(key);
    if let Err(why) = base_url(text.as_deref()?) {
        section.mistake_at(key, format!("`{key}` {why}"));
        *right = false;
        return None;
    }
    text
}

/// Whether a text is the base URL of a server that may be given a token. The reason does not repeat the text.
pub(crate) fn base_url(text: &str) -> Result<(), &'static str> {
    let url: Option<Url> = text.parse().ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let url = url.ok_or("is no full URL, as https://api.aptible.com")?;
    let secret = !url.username().is_empty() || url.password().is_some();
    if secret || url.query().is_some() || url.fragment().is_some() {
        return Err("must hold no user, password, query or fragment");
    }
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if url.scheme() == "http" && !here {
        return Err("would send the token in plain text to another machine: use https");
    }
    Ok(())
}

fn is_line(text: &str) -> bool {
    let length = text.chars().count();
    (1..=300).contains(&length) && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_kit::settings::Document;

    fn read(text: &str) -> Result<Settings, String> {
        let read = Document::new("s.toml", text).read(Settings::read);
        let settings = read.map_err(|all| all.to_string())?;
        Ok(settings.expect("settings without a mistake"))
    }

    #[test]
    fn nothing_set_is_right() {
        let settings = read("").unwrap();
        assert_eq!(settings.concurrency, 4);
        assert_eq!(settings.operations_since, DAY * 30);
        assert_eq!(settings.operations_most, 5_000);
        assert_eq!((settings.token, settings.api_url), (None, None));
    }

    #[test]
    fn all_mistakes_come_at_once_and_repeat_no_secret() {
        let found = read(
            "token_file = \"a\"\ntoken_variable = \"B\"\napi_url = \"https://joe:hunter2@there\"\nauth_url = \"there\"\n\
             proxy = \"http://there\"\nconcurrency = 9\ntimeout = \"1ms\"\noperations_since = \"1s\"\noperations_mst = 1\n\
             clock_reference = \"\"\n",
        )
        .unwrap_err();
        assert_eq!(found.lines().count(), 9, "{found}");
        assert!(found.contains("did you mean `operations_most`"), "{found}");
        assert!(!found.contains("hunter2"), "{found}");
    }

    #[test]
    fn a_token_goes_to_no_other_machine_in_plain_text() {
        assert!(base_url("http://127.0.0.1:4010/v1").is_ok());
        assert!(base_url("http://[::1]:4010").is_ok());
        assert!(base_url("https://api.aptible.com").is_ok());
        assert!(base_url("http://10.0.0.1").is_err());
        assert!(base_url("https://api.aptible.com/?x=1").is_err());
    }
}
