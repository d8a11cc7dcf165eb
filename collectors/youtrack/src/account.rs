//! Whose token is sent where: the settings, else the variables that YouTrack's tools share.

use plimsoll_kit::http::{Client, Secret, SecretError};
use plimsoll_kit::{Found, Surroundings};

use crate::settings::{Settings, TokenPlace};

/// The variable that holds a token.
const TOKEN: &str = "YOUTRACK_TOKEN";
/// The variables that hold the address.
const URLS: [&str; 2] = ["YOUTRACK_URL", "YOUTRACK_BASE_URL"];

/// What a run needs to know before its first request.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) token: Secret,
    /// Where the token was found, for people.
    pub(crate) place: String,
    /// Where people see issues: without a slash at the end.
    pub(crate) web: String,
    /// Where the API is.
    pub(crate) api: String,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAccount {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(
        "no token: set `token_file`, or YOUTRACK_TOKEN; README.md of the collector says which token is enough"
    )]
    NoToken,
    #[error("no address: set `url`, as \"https://acme.youtrack.cloud\"")]
    NoUrl,
    #[error("{0} must be an http or https URL with a host, and no user or query")]
    Url(&'static str),
}

impl Account {
    /// The account of some settings in some surroundings. Looked up at every run: a token may be renewed.
    pub(crate) fn find(settings: &Settings, here: &Surroundings) -> Result<Self, NoAccount> {
        let (place, token) = token(settings, here)?;
        let url = match &settings.url {
            Some(url) => url.clone(),
            None => {
                let (name, url) = first(here, &URLS).ok_or(NoAccount::NoUrl)?;
                let right = Client::builder(&url).build().is_ok();
                right.then_some(url).ok_or(NoAccount::Url(name))?
            }
        };
        let url = url.trim_end_matches('/');
        let web = url.strip_suffix("/api").unwrap_or(url).to_owned();
        Ok(Self {
            token,
            place,
            api: format!("{web}/api"),
            web,
        })
    }
}

/// What can be read here without configuration: where both variables are set.
pub(crate) fn discover(here: &Surroundings) -> Vec<Found> {
    let (Some(_), Some((name, _))) = (here.variable(TOKEN), first(here, &URLS)) else {
        return Vec::new();
    };
    vec![Found {
        source: "youtrack".to_owned(),
        settings: String::new(),
        because: format!("{name} and {TOKEN}"),
    }]
}

fn first(here: &Surroundings, names: &[&'static str]) -> Option<(&'static str, String)> {
    let mut set = names.iter();
    set.find_map(|name| here.variable(name).map(|value| (*name, value)))
}

fn token(settings: &Settings, here: &Surroundings) -> Result<(String, Secret), NoAccount> {
    if let Some(TokenPlace::File(path)) = &settings.token {
        return Ok((path.display().to_string(), Secret::from_file(path)?));
    }
    let name = match &settings.token {
        Some(TokenPlace::Variable(name)) => name.as_str(),
        _ => TOKEN,
    };
    let place = format!("the environment variable {name}");
    let text = match here.variable(name) {
        Some(text) => text,
        None if settings.token.is_none() => return Err(NoAccount::NoToken),
        None => return Err(SecretError::Unset(name.to_owned()).into()),
    };
    let secret = Secret::new(&place, &text)?;
    Ok((place, secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_kit::settings::Document;

    fn settings(text: &str) -> Settings {
        let document = Document::new("s.toml", text);
        document.read(Settings::read).unwrap().unwrap()
    }

    fn here(variables: &'static [(&'static str, &'static str)]) -> Surroundings {
        let find = |name: &str| {
            let mut all = variables.iter();
            all.find(|(have, _)| *have == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Surroundings::new(find, "/")
    }

    #[test]
    fn the_address_may_have_its_api_or_not() {
        let token = &[("YOUTRACK_TOKEN", "perm:x")];
        for (url, web) in [
            ("https://acme.youtrack.cloud", "https://acme.youtrack.cloud"),
            (
                "https://acme.youtrack.cloud/api/",
                "https://acme.youtrack.cloud",
            ),
            (
                "https://track.example.com/youtrack/",
                "https://track.example.com/youtrack",
            ),
        ] {
            let found =
                Account::find(&settings(&format!("url = \"{url}\"")), &here(token)).unwrap();
            assert_eq!((found.web.as_str(), found.api), (web, format!("{web}/api")));
        }
    }

    #[test]
    fn both_variables_are_needed() {
        let both = &[
            ("YOUTRACK_TOKEN", "perm:x"),
            ("YOUTRACK_BASE_URL", "https://a.youtrack.cloud"),
        ];
        assert_eq!(
            discover(&here(both))[0].because,
            "YOUTRACK_BASE_URL and YOUTRACK_TOKEN"
        );
        assert!(Account::find(&settings(""), &here(both)).is_ok());
        assert_eq!(discover(&here(&[("YOUTRACK_TOKEN", "perm:x")])), []);
        let why = |text, variables| {
            Account::find(&settings(text), &here(variables))
                .unwrap_err()
                .to_string()
        };
        assert!(why("", &[]).contains("YOUTRACK_TOKEN"));
        assert!(why("token_variable = \"A\"", &[]).contains("A is not set"));
        assert!(why("", &[("YOUTRACK_TOKEN", "perm:x")]).contains("`url`"));
        let odd = why(
            "",
            &[
                ("YOUTRACK_TOKEN", "perm:x"),
                ("YOUTRACK_URL", "https://joe:hunter2@there"),
            ],
        );
        assert!(!odd.contains("hunter2"), "{odd}");
    }
}
