//! Whose token is sent where: the settings, else the vendor's own variables.

use plimsoll_kit::http::{Secret, SecretError, Url};
use plimsoll_kit::{Found, Surroundings};

use crate::settings::{Settings, TokenPlace, is_repository};

const API: &str = "https://api.github.com";
/// The variables that hold a token for github.com, in the order of the vendor's command.
const PUBLIC: [&str; 2] = ["GH_TOKEN", "GITHUB_TOKEN"];
/// Those for another server.
const ENTERPRISE: [&str; 2] = ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];

/// What a run needs to know before its first request.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) token: Secret,
    /// Where the token was found, for people.
    pub(crate) place: String,
    pub(crate) api_url: String,
    pub(crate) graphql_url: String,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAccount {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("no token: set `token_file` or `token_variable`, or the variable {0}")]
    Nothing(&'static str),
    #[error("{0} is no URL of a server")]
    Url(&'static str),
}

impl Account {
    /// The account of some settings in some surroundings. Looked up at every run: a token may be renewed.
    pub(crate) fn find(settings: &Settings, here: &Surroundings) -> Result<Self, NoAccount> {
        let (api_url, of_workflow) = api_url(settings, here);
        let url: Url = api_url.parse().map_err(|_| NoAccount::Url("GH_HOST"))?;
        let (place, token) = token(settings, here, is_public(&url) || of_workflow)?;
        let graphql_url = match &settings.graphql_url {
            Some(url) => url.clone(),
            None => graphql_of(&url),
        };
        Ok(Self {
            token,
            place,
            api_url,
            graphql_url,
        })
    }
}

/// Where the API is, and whether a workflow that runs there says so, whose token is then for it.
fn api_url(settings: &Settings, here: &Surroundings) -> (String, bool) {
    if let Some(url) = &settings.api_url {
        let of_workflow = here.variable("GITHUB_API_URL").as_ref() == Some(url);
        return (url.clone(), of_workflow);
    }
    if let Some(host) = here.variable("GH_HOST").filter(|host| host != "github.com") {
        return (format!("https://{host}/api/v3"), false);
    }
    match here.variable("GITHUB_API_URL") {
        Some(url) => (url, true),
        None => (API.to_owned(), false),
    }
}

/// Whether a server is the vendor's own: a token for one must not go to another.
fn is_public(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    host == "api.github.com" || host.ends_with(".ghe.com")
}

/// `https://host/api/v3` has it at `https://host/api/graphql`, and `https://api.github.com` at `/graphql`.
fn graphql_of(api: &Url) -> String {
    let mut url = api.clone();
    let path = url.path().trim_end_matches('/').to_owned();
    let base = path.strip_suffix("/v3").unwrap_or(&path);
    url.set_path(&format!("{base}/graphql"));
    url.to_string()
}

fn token(
    settings: &Settings,
    here: &Surroundings,
    public: bool,
) -> Result<(String, Secret), NoAccount> {
    let of = |name: &str, text: &str| {
        let place = format!("the environment variable {name}");
        Secret::new(&place, text).map(|secret| (place, secret))
    };
    match &settings.token {
        Some(TokenPlace::File(path)) => Ok((path.display().to_string(), Secret::from_file(path)?)),
        Some(TokenPlace::Variable(name)) => {
            let text = here.variable(name);
            let text = text.ok_or_else(|| SecretError::Unset(name.clone()))?;
            Ok(of(name, &text)?)
        }
        None => {
            let names = if public { PUBLIC } else { ENTERPRISE };
            let set = names
                .iter()
                .find_map(|name| Some((name, here.variable(name)?)));
            let (name, text) = set.ok_or(NoAccount::Nothing(names[0]))?;
            Ok(of(name, &text)?)
        }
    }
}

/// In a workflow, the repository that it runs for.
pub(crate) fn discover(here: &Surroundings) -> Vec<Found> {
    let token = PUBLIC.iter().find(|name| here.variable(name).is_some());
    let repository = here.variable("GITHUB_REPOSITORY");
    let repository = repository.filter(|name| is_repository(name));
    let found = token.zip(repository).map(|(token, repository)| Found {
        source: "github".to_owned(),
        settings: format!("repositories = [{repository:?}]\n"),
        because: format!("{token} and GITHUB_REPOSITORY"),
    });
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_kit::settings::Document;

    fn find(text: &str, variables: &'static [(&str, &str)]) -> Result<Account, String> {
        let text = format!("repositories = [\"acme/infra\"]\n{text}");
        let settings = Document::new("s.toml", text.as_str()).read(Settings::read);
        let found = Account::find(&settings.unwrap().unwrap(), &here(variables));
        found.map_err(|why| why.to_string())
    }

    fn here(variables: &'static [(&str, &str)]) -> Surroundings {
        let get = |name: &str| {
            let found = variables.iter().find(|(have, _)| *have == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Surroundings::new(get, "/nowhere")
    }

    #[test]
    fn a_token_goes_to_the_server_that_it_is_for() {
        let both = &[("GITHUB_TOKEN", "public"), ("GH_ENTERPRISE_TOKEN", "own")];
        let found = find("", both).unwrap();
        assert_eq!(found.token.expose(), "public");
        assert_eq!(
            (found.api_url.as_str(), found.graphql_url.as_str()),
            (API, "https://api.github.com/graphql")
        );
        let found = find("api_url = \"https://git.example.com/api/v3\"", both).unwrap();
        assert_eq!(found.token.expose(), "own");
        assert_eq!(found.graphql_url, "https://git.example.com/api/graphql");
        let error = find(
            "api_url = \"https://git.example.com/api/v3\"",
            &[("GH_TOKEN", "public")],
        );
        assert!(error.unwrap_err().contains("GH_ENTERPRISE_TOKEN"));
        let host = find(
            "",
            &[
                ("GH_HOST", "git.example.com"),
                ("GH_ENTERPRISE_TOKEN", "own"),
            ],
        );
        assert_eq!(host.unwrap().api_url, "https://git.example.com/api/v3");
    }

    #[test]
    fn a_workflow_names_its_repository() {
        let found = discover(&here(&[
            ("GITHUB_TOKEN", "x"),
            ("GITHUB_REPOSITORY", "acme/infra"),
        ]));
        assert_eq!(found[0].settings, "repositories = [\"acme/infra\"]\n");
        assert!(discover(&here(&[("GITHUB_TOKEN", "x")])).is_empty());
        let server = &[
            ("GITHUB_API_URL", "https://git.example.com/api/v3"),
            ("GITHUB_TOKEN", "x"),
        ];
        assert_eq!(find("", server).unwrap().token.expose(), "x");
    }
}
