//! The token: the settings', else the vendor's own variable.

use plimsoll_kit::Surroundings;
use plimsoll_kit::http::{Secret, SecretError};

use crate::settings::{Settings, TokenPlace};

/// The variable that the vendor's own kits read.
const VARIABLE: &str = "SLACK_BOT_TOKEN";

/// Why there is none. Holds no part of a token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoToken {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(
        "no token: set `token_file` or `token_variable`, or {VARIABLE}; README.md of the collector says which token is enough"
    )]
    Nothing,
}

/// Looked up at every run: a token may be renewed.
pub(crate) fn token(settings: &Settings, here: &Surroundings) -> Result<Secret, NoToken> {
    let name = match &settings.token {
        Some(TokenPlace::File(path)) => return Ok(Secret::from_file(path)?),
        Some(TokenPlace::Variable(name)) => name.as_str(),
        None if here.variable(VARIABLE).is_some() => VARIABLE,
        None => return Err(NoToken::Nothing),
    };
    let text = here.variable(name);
    let text = text.ok_or_else(|| SecretError::Unset(name.to_owned()))?;
    Ok(Secret::new(
        &format!("the environment variable {name}"),
        &text,
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_kit::settings::Document;

    fn settings(text: &str) -> Settings {
        let text = format!("channels = [\"C0CHG\"]\n{text}");
        let document = Document::new("s.toml", text);
        document.read(Settings::read).unwrap().unwrap()
    }

    fn here(variables: &'static [(&'static str, &'static str)]) -> Surroundings {
        let get = move |name: &str| {
            let found = variables.iter().find(|(have, _)| *have == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Surroundings::new(get, "/nowhere")
    }

    #[test]
    fn the_settings_win_over_the_vendors_variable() {
        let both = here(&[("MINE", "xoxb-1"), (VARIABLE, "xoxb-2")]);
        let found = |text: &str| token(&settings(text), &both).unwrap();
        assert_eq!(found("token_variable = \"MINE\"").expose(), "xoxb-1");
        assert_eq!(found("").expose(), "xoxb-2");
        let error = token(&settings(""), &here(&[])).unwrap_err();
        assert!(matches!(error, NoToken::Nothing), "{error}");
        let error = token(&settings("token_variable = \"OTHER\""), &both).unwrap_err();
        assert!(error.to_string().contains("OTHER"), "{error}");
    }
}
