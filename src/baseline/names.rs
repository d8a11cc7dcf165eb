//! Names without the words that they have for their environments.

use super::environment::Environment;

/// What names of production systems say of nothing but that.
const PRODUCTION_WORDS: &[&str] = &["production", "prod", "prd", "live"];

/// The same for staging. What is staging is known by then, so a word that may mean another environment is safe here.
const STAGING_WORDS: &[&str] = &[
    "staging",
    "stage",
    "stg",
    "preproduction",
    "preprod",
    "pre",
    "nonprod",
    "non",
    "production",
    "prod",
    "test",
    "testing",
    "qa",
    "uat",
    "dev",
    "development",
    "demo",
    "sandbox",
];

/// Adds a name's parts, without the words for its environment.
pub(crate) fn words(name: &str, environment: Environment, buffer: &mut String) {
    let dropped = match environment {
        Environment::Production => PRODUCTION_WORDS,
        _ => STAGING_WORDS,
    };
    buffer.push('/');
    for part in name.split(|c: char| !c.is_alphanumeric()) {
        let is = |word: &&str| part.eq_ignore_ascii_case(word);
        if !part.is_empty() && !dropped.iter().any(is) {
            buffer.extend(part.chars().map(|c| c.to_ascii_lowercase()));
            buffer.push('-');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(name: &str, environment: Environment) -> String {
        let mut text = String::new();
        words(name, environment, &mut text);
        text
    }

    #[test]
    fn words_for_environments_are_left_out() {
        use Environment::{Production, Staging};
        for name in [
            "acme-api-prod",
            "Prod_Acme.API",
            "acme-api",
            "live-acme-api",
        ] {
            assert_eq!(without(name, Production), "/acme-api-", "{name}");
        }
        for name in [
            "acme-api-staging",
            "stg-acme-api",
            "acme-pre-prod-api",
            "acme-api-qa",
        ] {
            assert_eq!(without(name, Staging), "/acme-api-", "{name}");
        }
        // A word is one only by itself, and of its own environment.
        assert_eq!(without("product-live2", Production), "/product-live2-");
        assert_eq!(without("stage-lights", Production), "/stage-lights-");
        assert_eq!(without("production", Production), "/");
    }
}
