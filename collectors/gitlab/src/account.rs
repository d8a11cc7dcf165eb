//! Whose token is sent where: the settings, else the vendor's own variables.

use plimsoll_kit::http::{Secret, SecretError, Url};
use plimsoll_kit::{Found, Surroundings};

use crate::settings::{Settings, TokenPlace, is_project};

const API: &str = "https://gitlab.com/api/v4";
/// The variable that holds a token, for whatever server the next ones name.
const TOKEN: &str = "GITLAB_TOKEN";
/// Those that name a server, in the order of the vendor's command.
const HOSTS: [&str; 3] = ["GITLAB_HOST", "GITLAB_URI", "GL_HOST"];

/// What a run needs to know before its first request.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) token: Secret,
    /// Where the token was found, for people.
    pub(crate) place: String,
    pub(crate) api_url: String,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAccount {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(
        "no token: set `token_file` or `token_variable`, or the variable {TOKEN}; README.md of the collector says which token is enough"
    )]
    Nothing,
    #[error("{0} names no server")]
    Host(&'static str),
    #[error(
        "{TOKEN} is for {0}, and `api_url` is another server: name its own token by `token_file` or `token_variable`"
    )]
    Elsewhere(String),
}

impl Account {
    /// The account of some settings in some surroundings. Looked up at every run: a token may be renewed.
    pub(crate) fn find(settings: &Settings, here: &Surroundings) -> Result<Self, NoAccount> {
        let variables = api_of(here)?;
        let api_url = settings
            .api_url
            .clone()
            .unwrap_or_else(|| variables.clone());
        let (place, token) = match &settings.token {
            Some(TokenPlace::File(path)) => (path.display().to_string(), Secret::from_file(path)?),
            Some(TokenPlace::Variable(name)) => of(here, name)?,
            None if here.variable(TOKEN).is_none() => return Err(NoAccount::Nothing),
            // A token for one server must not go to another.
            None if origin(&api_url) != origin(&variables) => {
                return Err(NoAccount::Elsewhere(origin(&variables).unwrap_or_default()));
            }
            None => of(here, TOKEN)?,
        };
        Ok(Self {
            token,
            place,
            api_url,
        })
    }
}

fn of(here: &Surroundings, name: &str) -> Result<(String, Secret), NoAccount> {
    let text = here.variable(name);
    let text = text.ok_or_else(|| SecretError::Unset(name.to_owned()))?;
    let place = format!("the environment variable {name}");
    let secret = Secret::new(&place, &text)?;
    Ok((place, secret))
}

/// Where the API is, as the variables say: a host or a URL, with or without its path.
fn api_of(here: &Surroundings) -> Result<String, NoAccount> {
    let set = HOSTS
        .iter()
        .find_map(|name| Some((*name, here.variable(name)?)));
    let Some((name, host)) = set else {
        return Ok(API.to_owned());
    };
    let url = match host.contains("://") {
        true => host,
        false => format!("https://{host}"),
    };
    let url = url.trim_end_matches('/');
    origin(url).ok_or(NoAccount::Host(name))?;
    Ok(match url.ends_with("/api/v4") {
        true => url.to_owned(),
        false => format!("{url}/api/v4"),
    })
}

fn origin(url: &str) -> Option<String> {
    let url: Url = url.parse().ok()?;
    let right = url.has_host() && url.username().is_empty() && url.password().is_none();
    right.then(|| url.origin().ascii_serialization())
}

/// In a pipeline, the project that it runs for.
pub(crate) fn discover(here: &Surroundings) -> Vec<Found> {
    let project = here
        .variable("CI_PROJECT_PATH")
        .filter(|path| is_project(path));
    let Some(project) = project.filter(|_| here.variable(TOKEN).is_some()) else {
        return Vec::new();
    };
    let mut settings = format!("projects = [{project:?}]\n");
    let server = here
        .variable("CI_API_V4_URL")
        .filter(|url| origin(url).is_some());
    if let Some(url) = server {
        settings.push_str(&format!("api_url = {url:?}\ntoken_variable = {TOKEN:?}\n"));
    }
    vec![Found {
        source: "gitlab".to_owned(),
        settings,
        because: format!("{TOKEN} and CI_PROJECT_PATH"),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_kit::settings::Document;

    type Variables = &'static [(&'static str, &'static str)];

    fn here(variables: Variables) -> Surroundings {
        let get = |name: &str| {
            let found = variables.iter().find(|(have, _)| *have == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Surroundings::new(get, "/nowhere")
    }

    fn find(text: &str, variables: Variables) -> Result<Account, String> {
        let text = format!("projects = ['acme/infra']\n{text}");
        let settings = Document::new("s.toml", text.as_str()).read(Settings::read);
        Account::find(&settings.unwrap().unwrap(), &here(variables)).map_err(|why| why.to_string())
    }

    #[test]
    fn a_token_goes_to_the_server_that_it_is_for() {
        let found = find("", &[("GITLAB_TOKEN", "t")]).unwrap();
        assert_eq!((found.api_url.as_str(), found.token.expose()), (API, "t"));
        for host in [
            "git.example.com",
            "https://git.example.com/",
            "https://git.example.com/api/v4",
        ] {
            let variables: Variables = match host {
                "git.example.com" => &[("GITLAB_TOKEN", "t"), ("GITLAB_HOST", "git.example.com")],
                "https://git.example.com/" => &[
                    ("GITLAB_TOKEN", "t"),
                    ("GITLAB_HOST", "https://git.example.com/"),
                ],
                _ => &[
                    ("GITLAB_TOKEN", "t"),
                    ("GITLAB_HOST", "https://git.example.com/api/v4"),
                ],
            };
            assert_eq!(
                find("", variables).unwrap().api_url,
                "https://git.example.com/api/v4",
                "{host}"
            );
        }
        let error = find(
            "api_url = 'https://git.example.com/api/v4'",
            &[("GITLAB_TOKEN", "t")],
        )
        .unwrap_err();
        assert!(error.contains("is for https://gitlab.com"), "{error}");
        let named = find(
            "api_url = 'https://git.example.com/sub/api/v4'\ntoken_variable = 'MINE'",
            &[("GITLAB_TOKEN", "t"), ("MINE", "m")],
        );
        assert_eq!(named.unwrap().token.expose(), "m");
        assert!(find("", &[]).unwrap_err().contains("no token"));
        let error = find(
            "",
            &[
                ("GITLAB_TOKEN", "t"),
                ("GITLAB_HOST", "https://joe:hunter2@x"),
            ],
        )
        .unwrap_err();
        assert!(error.contains("GITLAB_HOST") && !error.contains("hunter2"));
    }

    #[test]
    fn a_pipeline_knows_its_project() {
        assert!(discover(&here(&[("CI_PROJECT_PATH", "acme/infra")])).is_empty());
        let found = discover(&here(&[
            ("CI_PROJECT_PATH", "acme/infra"),
            ("GITLAB_TOKEN", "t"),
            ("CI_API_V4_URL", "https://git.example.com/api/v4"),
        ]));
        let settings = Document::new("s.toml", found[0].settings.as_str()).read(Settings::read);
        assert_eq!(settings.unwrap().unwrap().projects, ["acme/infra"]);
    }
}
