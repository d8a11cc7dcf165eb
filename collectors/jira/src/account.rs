//! Whose token is sent: the settings, else the variables that other tools use.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plimsoll_kit::Surroundings;
use plimsoll_kit::http::{Secret, SecretError};

use crate::settings::{Settings, TokenPlace};

/// The variables that hold a token, in the order in which they are looked for.
const TOKENS: [&str; 2] = ["JIRA_API_TOKEN", "JIRA_PERSONAL_TOKEN"];

/// What stands in the header `Authorization`.
#[derive(Debug)]
pub(crate) struct Authority {
    /// `Basic ` or `Bearer `.
    pub(crate) scheme: &'static str,
    pub(crate) secret: Secret,
    /// Where the token was found, for people.
    pub(crate) place: String,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAccount {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(
        "no token: set `token_file`, or JIRA_API_TOKEN; README.md of the collector says which token is enough"
    )]
    Nothing,
}

/// The authority of some settings in some surroundings. Looked up at every run: a token may be renewed.
pub(crate) fn find(settings: &Settings, here: &Surroundings) -> Result<Authority, NoAccount> {
    let (place, token) = match &settings.token {
        Some(TokenPlace::File(path)) => (path.display().to_string(), Secret::from_file(path)?),
        Some(TokenPlace::Variable(name)) => from_variable(name, here)?,
        None => {
            let set = TOKENS.iter().find(|name| here.variable(name).is_some());
            from_variable(set.ok_or(NoAccount::Nothing)?, here)?
        }
    };
    Ok(match &settings.user {
        Some(user) => Authority {
            scheme: "Basic ",
            secret: Secret::new(
                &place,
                &STANDARD.encode(format!("{user}:{}", token.expose())),
            )?,
            place,
        },
        None => Authority {
            scheme: "Bearer ",
            secret: token,
            place,
        },
    })
}

fn from_variable(name: &str, here: &Surroundings) -> Result<(String, Secret), NoAccount> {
    let place = format!("the environment variable {name}");
    let text = here
        .variable(name)
        .ok_or_else(|| SecretError::Unset(name.to_owned()))?;
    let token = Secret::new(&place, &text)?;
    Ok((place, token))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_kit::settings::Document;

    fn found(text: &str) -> Result<Authority, NoAccount> {
        let text = format!("url = \"https://jira.example\"\nprojects = [\"OPS\"]\n{text}");
        let document = Document::new("s.toml", text);
        let settings = document.read(Settings::read).unwrap().unwrap();
        let here = Surroundings::new(
            |name| match name {
                "JIRA_API_TOKEN" => Some("hunter2".to_owned()),
                "MINE" => Some("hunter3".to_owned()),
                _ => None,
            },
            "/",
        );
        find(&settings, &here)
    }

    #[test]
    fn a_user_makes_it_basic_and_a_token_alone_is_a_bearers() {
        let basic = found("user = \"a@b.example\"").unwrap();
        assert_eq!(basic.scheme, "Basic ");
        assert_eq!(basic.secret.expose(), "YUBiLmV4YW1wbGU6aHVudGVyMg==");
        let bearer = found("token_variable = \"MINE\"").unwrap();
        assert_eq!(
            (bearer.scheme, bearer.secret.expose()),
            ("Bearer ", "hunter3")
        );
        assert!(!format!("{bearer:?}").contains("hunter3"));
    }

    #[test]
    fn what_is_not_there_is_said_without_a_secret() {
        let error = found("token_variable = \"NONE\"").unwrap_err().to_string();
        assert!(error.contains("NONE"), "{error}");
    }
}
