//! `secrets-managed`: no secret stands in a plain environment variable.

use plimsoll_model::fact;
use plimsoll_settings::Section;
use regex::{Regex, RegexBuilder};

use super::{Case, Check, shape};
use crate::baseline::outcome::{Outcome, known_as};

/// Names that say that a secret is in the value, in any case.
const PATTERNS: &[&str] = &[
    "*PASSWORD*",
    "*PASSWD*",
    "*PASSPHRASE*",
    "*SECRET*",
    "*TOKEN*",
    "*API_KEY*",
    "*APIKEY*",
    "*ACCESS_KEY*",
    "*PRIVATE_KEY*",
    "*ENCRYPTION_KEY*",
    "*CREDENTIAL*",
    "CREDS",
    "*_CREDS",
    "CREDS_*",
    "*_CREDS_*",
    "PASS",
    "*_PASS",
    "*PGPASS",
    "*_PWD",
    "PAT",
    "*_PAT",
    "JWT",
    "*_JWT",
    "JWT_KEY",
    "*SIGNING_KEY*",
    "*_SALT",
    "*_DSN",
    "DATABASE_URL",
    "REDIS_URL",
];

/// Names that look like one and hold a place, a switch or an id.
const EXCEPT: &[&str] = &[
    "*_FILE", "*_PATH", "*_DIR", "*_ID", "*_NAME", "*_EXPIRY", "*_TTL", "ALLOW_*",
];

#[derive(Debug)]
struct Secrets {
    secret: Regex,
    harmless: Regex,
}

pub(super) fn read(section: &Section<'_>) -> Option<Box<dyn Check>> {
    let own = |key: &str, shipped: &[&str]| {
        let given = section.texts(key);
        let all = given.unwrap_or_else(|| shipped.iter().map(ToString::to_string).collect());
        let made = any_of(&all);
        if made.is_none() {
            section.mistake_at(key, format!("`{key}` holds too many or too long patterns"));
        }
        made
    };
    let secret = own("patterns", PATTERNS)?;
    let harmless = own("except", EXCEPT)?;
    Some(Box::new(Secrets { secret, harmless }))
}

/// One expression for names that any of the patterns meets, in any case. It is asked for every variable of every
/// container, so it is one and not a set.
fn any_of(patterns: &[String]) -> Option<Regex> {
    let parts = patterns.iter().map(|pattern| {
        let inner = pattern.strip_prefix('*').unwrap_or(pattern);
        let start = if inner.len() < pattern.len() { "" } else { "^" };
        let bare = inner.strip_suffix('*').unwrap_or(inner);
        let end = if bare.len() < inner.len() { "" } else { "$" };
        format!("{start}{}{end}", regex::escape(bare).replace(r"\*", ".*"))
    });
    let all = parts.collect::<Vec<_>>().join("|");
    // Without a pattern nothing is met.
    let all = if patterns.is_empty() {
        "[^\\s\\S]".to_owned()
    } else {
        all
    };
    RegexBuilder::new(&all).case_insensitive(true).build().ok()
}

impl Check for Secrets {
    fn expected(&self) -> String {
        "no secret in a plain environment variable".to_owned()
    }

    fn facts(&self) -> Vec<&str> {
        vec![fact::ENV]
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        let (env, evidence) = match known_as(case.index, fact::ENV, shape::marks) {
            Ok(known) => known,
            Err(reason) => return Outcome::Unknown(reason),
        };
        let plain = |name: &&str| self.secret.is_match(name) && !self.harmless.is_match(name);
        let mut names = env.names().filter(plain);
        let Some(first) = names.next() else {
            return Outcome::Pass(evidence);
        };
        let mut actual = format!("plain value in {first}");
        for name in names {
            actual.push_str(", ");
            actual.push_str(name);
        }
        Outcome::Fail(actual, evidence)
    }
}
