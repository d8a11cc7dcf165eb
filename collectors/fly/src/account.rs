//! Whose token is sent where: the settings, else the vendor's own variables and file.

use std::path::{Path, PathBuf};

use plimsoll_kit::http::{Secret, SecretError, Url};
use plimsoll_kit::{Found, Surroundings, file};

use crate::settings::{Settings, TokenPlace, is_slug};

/// The variables that hold a token, in the vendor's order.
const TOKENS: [&str; 2] = ["FLY_ACCESS_TOKEN", "FLY_API_TOKEN"];
/// The variables that name an organisation, likewise.
const ORGANISATIONS: [&str; 2] = ["FLY_ORG", "FLY_ORGANIZATION"];
/// The longest file that a token is looked for in, in bytes.
const MOST: usize = 256 << 10;

/// What a run needs to know before its first request.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) token: Secret,
    /// Where the token was found, for people.
    pub(crate) place: String,
    /// The organisations that were named; empty where the token says which.
    pub(crate) organisations: Vec<String>,
    pub(crate) machines_url: String,
    pub(crate) graphql_url: String,
    pub(crate) rest_url: String,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAccount {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(
        "no token: set `token_file`, or FLY_API_TOKEN, or log in with `fly auth login`; README.md of the collector says which token is enough"
    )]
    Nothing,
    #[error("{0} must be a URL with a host, and no user or query")]
    Url(&'static str),
    #[error("{0} holds no organisation's slug")]
    Slug(&'static str),
}

impl Account {
    /// The account of some settings in some surroundings. Looked up at every run: a token may be renewed.
    pub(crate) fn find(settings: &Settings, here: &Surroundings) -> Result<Self, NoAccount> {
        let (place, token) = token(settings, here)?;
        let mut organisations = settings.organisations.clone();
        if organisations.is_empty()
            && let Some((name, slug)) = first(here, &ORGANISATIONS)
        {
            if !is_slug(&slug) {
                return Err(NoAccount::Slug(name));
            }
            organisations.push(slug);
        }
        organisations.sort();
        organisations.dedup();
        let url = |set: &Option<String>, variable, path: &str, default: &str| match set {
            Some(url) => Ok(url.clone()),
            None => match here.variable(variable) {
                Some(base) => joined(variable, &base, path),
                None => Ok(default.to_owned()),
            },
        };
        Ok(Self {
            token,
            place,
            organisations,
            machines_url: url(
                &settings.machines_url,
                "FLY_FLAPS_BASE_URL",
                "/v1",
                "https://api.machines.dev/v1",
            )?,
            graphql_url: url(
                &settings.graphql_url,
                "FLY_API_BASE_URL",
                "/graphql",
                "https://api.fly.io/graphql",
            )?,
            rest_url: url(
                &settings.rest_url,
                "FLY_UIEX_BASE_URL",
                "/api/v1",
                "https://api.fly.io/api/v1",
            )?,
        })
    }
}

/// What can be read here without configuration.
pub(crate) fn discover(here: &Surroundings) -> Vec<Found> {
    let because = match first(here, &TOKENS) {
        Some((name, _)) => name.to_owned(),
        None => match config_file(here).filter(|path| login(here, path).is_ok()) {
            Some(path) => format!("the login in {}", path.display()),
            None => return Vec::new(),
        },
    };
    vec![Found {
        source: "fly".to_owned(),
        settings: String::new(),
        because,
    }]
}

fn token(settings: &Settings, here: &Surroundings) -> Result<(String, Secret), NoAccount> {
    let (place, text) = match &settings.token {
        Some(TokenPlace::File(path)) => (path.display().to_string(), read(path)?),
        Some(TokenPlace::Variable(name)) => {
            let text = here.variable(name);
            let text = text.ok_or_else(|| SecretError::Unset(name.clone()))?;
            (format!("the environment variable {name}"), text)
        }
        None => match first(here, &TOKENS) {
            Some((name, text)) => (format!("the environment variable {name}"), text),
            None => {
                let path = config_file(here).filter(|path| here.exists(path));
                let path = path.ok_or(NoAccount::Nothing)?;
                (path.display().to_string(), login(here, &path)?)
            }
        },
    };
    // The command line prints tokens with the scheme of their header in front.
    let text = text.trim();
    let bare = ["FlyV1 ", "Bearer "]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    let secret = Secret::new(&place, bare.unwrap_or(text))?;
    Ok((place, secret))
}

fn first(here: &Surroundings, names: &[&'static str]) -> Option<(&'static str, String)> {
    let mut set = names.iter();
    set.find_map(|name| here.variable(name).map(|value| (*name, value)))
}

/// The command line's own configuration.
fn config_file(here: &Surroundings) -> Option<PathBuf> {
    let folder = match here.variable("FLY_CONFIG_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => here.home()?.join(".fly"),
    };
    Some(folder.join("config.yml"))
}

/// The token that logging in left.
fn login(here: &Surroundings, path: &Path) -> Result<String, NoAccount> {
    let text = read(&here.path(path))?;
    // One key of a flat file of YAML, as the command line writes it.
    let mut lines = text.lines();
    let value = lines.find_map(|line| line.strip_prefix("access_token:"));
    let value = value.map(|value| value.trim().trim_matches(['"', '\'']));
    match value.filter(|value| !value.is_empty() && *value != "null") {
        Some(value) => Ok(value.to_owned()),
        None => Err(NoAccount::Nothing),
    }
}

/// The text of a file that its owner alone can read.
fn read(path: &Path) -> Result<String, SecretError> {
    Ok(file::read_private_text(path, MOST)?)
}

/// A base URL of the vendor's variables with the path that its own clients add.
fn joined(variable: &'static str, base: &str, path: &str) -> Result<String, NoAccount> {
    let url: Url = base.parse().map_err(|_| NoAccount::Url(variable))?;
    let plain = url.has_host() && url.username().is_empty() && url.password().is_none();
    if !plain || url.query().is_some() || url.fragment().is_some() {
        return Err(NoAccount::Url(variable));
    }
    let base = base.trim_end_matches('/');
    Ok(if base.ends_with(path) {
        base.to_owned()
    } else {
        format!("{base}{path}")
    })
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

    fn here(root: &Path, variables: &'static [(&'static str, &'static str)]) -> Surroundings {
        let get = move |name: &str| {
            let found = variables.iter().find(|(have, _)| *have == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Surroundings::new(get, root)
    }

    #[test]
    fn settings_win_over_variables_and_variables_over_the_login() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("home/anna/.fly");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("config.yml");
        std::fs::write(
            &path,
            "access_token: \"fm2_login\"\nmetrics_token: fm2_other\n",
        )
        .unwrap();
        let chmod =
            |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        chmod(0o600);
        let all = &[
            ("HOME", "/home/anna"),
            ("FLY_ACCESS_TOKEN", "FlyV1 fm2_first"),
            ("FLY_API_TOKEN", "fm2_second"),
            ("MINE", "fm2_mine"),
            ("FLY_ORGANIZATION", "acme"),
        ];
        let token = |text: &str, here: &Surroundings| {
            let account = Account::find(&settings(text), here).unwrap();
            account.token.expose().to_owned()
        };
        let everything = here(root.path(), all);
        assert_eq!(token("token_variable = \"MINE\"", &everything), "fm2_mine");
        assert_eq!(token("", &everything), "fm2_first");
        assert_eq!(discover(&everything)[0].because, "FLY_ACCESS_TOKEN");
        let found = Account::find(&settings(""), &everything).unwrap();
        assert_eq!(found.organisations, ["acme"]);
        let found = Account::find(&settings("organisations = [\"other\"]"), &everything).unwrap();
        assert_eq!(found.organisations, ["other"]);

        let only_home = here(root.path(), &[("HOME", "/home/anna")]);
        assert_eq!(token("", &only_home), "fm2_login");
        assert_eq!(
            discover(&only_home)[0].because,
            "the login in /home/anna/.fly/config.yml"
        );
        chmod(0o644);
        let error = Account::find(&settings(""), &only_home).unwrap_err();
        assert!(error.to_string().contains("chmod 600"), "{error}");
        std::fs::remove_file(&path).unwrap();
        let error = Account::find(&settings(""), &only_home).unwrap_err();
        assert!(matches!(error, NoAccount::Nothing), "{error}");
        assert_eq!(discover(&only_home), []);
    }

    #[test]
    fn base_urls_come_whole_or_as_the_vendor_has_them() {
        let root = tempfile::tempdir().unwrap();
        let found = |text: &str, variables| {
            let account = Account::find(&settings(text), &here(root.path(), variables)).unwrap();
            [account.machines_url, account.graphql_url, account.rest_url]
        };
        assert_eq!(
            found("", &[("FLY_API_TOKEN", "x")]),
            [
                "https://api.machines.dev/v1",
                "https://api.fly.io/graphql",
                "https://api.fly.io/api/v1"
            ]
        );
        let variables = &[
            ("FLY_API_TOKEN", "x"),
            ("FLY_FLAPS_BASE_URL", "http://127.0.0.1:1/"),
            ("FLY_API_BASE_URL", "http://127.0.0.1:2/graphql"),
            ("FLY_UIEX_BASE_URL", "http://127.0.0.1:3"),
        ];
        assert_eq!(
            found("rest_url = \"http://127.0.0.1:4/r\"", variables),
            [
                "http://127.0.0.1:1/v1",
                "http://127.0.0.1:2/graphql",
                "http://127.0.0.1:4/r"
            ]
        );
        let odd = &[
            ("FLY_API_TOKEN", "x"),
            ("FLY_API_BASE_URL", "https://joe:hunter2@there"),
        ];
        let error = Account::find(&settings(""), &here(root.path(), odd)).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
