//! Whose token is sent: the settings', else one of the variables that Asana's tools share.

use plimsoll_kit::Surroundings;
use plimsoll_kit::http::{Secret, SecretError};

use crate::settings::{Settings, TokenPlace};

/// The variables that hold a token, in the order in which they are looked for.
const TOKENS: [&str; 3] = ["ASANA_PAT", "ASANA_ACCESS_TOKEN", "ASANA_TOKEN"];

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoToken {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(
        "no token: set `token_file`, or ASANA_ACCESS_TOKEN; README.md of the collector says which token is enough"
    )]
    Nothing,
}

/// The token of some settings in some surroundings, and where it was found. Looked up at every run: a token may be renewed.
pub(crate) fn token(settings: &Settings, here: &Surroundings) -> Result<(String, Secret), NoToken> {
    let name = match &settings.token {
        Some(TokenPlace::File(path)) => {
            return Ok((path.display().to_string(), Secret::from_file(path)?));
        }
        Some(TokenPlace::Variable(name)) => name.as_str(),
        None => {
            let mut set = TOKENS.into_iter();
            set.find(|name| here.variable(name).is_some())
                .ok_or(NoToken::Nothing)?
        }
    };
    let text = here.variable(name);
    let text = text.ok_or_else(|| SecretError::Unset(name.to_owned()))?;
    let place = format!("the environment variable {name}");
    let secret = Secret::new(&place, &text)?;
    Ok((place, secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_kit::settings::Document;

    fn place(text: &str, variables: &'static [(&'static str, &'static str)]) -> String {
        let document = Document::new("s.toml", format!("projects = [\"1\"]\n{text}"));
        let settings = document.read(Settings::read).unwrap().unwrap();
        let find = |name: &str| {
            let mut all = variables.iter();
            all.find(|(have, _)| *have == name)
                .map(|(_, value)| (*value).to_owned())
        };
        match token(&settings, &Surroundings::new(find, "/")) {
            Ok((place, _)) => place,
            Err(why) => why.to_string(),
        }
    }

    #[test]
    fn the_first_variable_that_is_set() {
        let two = &[("ASANA_TOKEN", "1/a"), ("ASANA_PAT", "1/b")];
        assert!(place("", two).ends_with("ASANA_PAT"));
        assert!(place("token_variable = \"A\"", two).contains("A is not set"));
        assert!(place("", &[]).contains("ASANA_ACCESS_TOKEN"));
        assert!(place("token_file = \"/nowhere/token\"", two).contains("cannot read"));
    }
}
