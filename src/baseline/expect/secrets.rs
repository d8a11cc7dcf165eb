//! `secrets-managed`: no secret stands in a plain environment variable.

use plimsoll_model::fact;
use plimsoll_model::redacted::Class;
use plimsoll_settings::Section;
use regex::{Regex, RegexBuilder};

use super::secret_names::{Says, says};
use super::{Case, Check, shape};
use crate::baseline::outcome::{Outcome, known_as};

#[derive(Debug)]
struct Secrets {
    /// Names that say that a secret is in the value, in the place of what is known here.
    secret: Option<Regex>,
    /// Names that hold none, whatever their values look like.
    harmless: Option<Regex>,
}

pub(super) fn read(section: &Section<'_>) -> Option<Box<dyn Check>> {
    let own = |key: &str| match section.texts(key).map(|given| any_of(&given)) {
        None => Some(None),
        Some(Some(made)) => Some(Some(made)),
        Some(None) => {
            section.mistake_at(key, format!("`{key}` holds too many or too long patterns"));
            None
        }
    };
    let secret = own("patterns");
    let harmless = own("except");
    Some(Box::new(Secrets {
        secret: secret?,
        harmless: harmless?,
    }))
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
        let plain = |(name, value): (&'a str, &plimsoll_model::Value)| {
            let class = value.as_str().and_then(Class::of_mark);
            let class = class.unwrap_or(Class::Text);
            self.holds_secret(name, class).then_some((name, class))
        };
        let mut found = env.iter().filter_map(plain);
        let Some((first, class)) = found.next() else {
            return Outcome::Pass(evidence);
        };
        let mut actual = format!("plain value in {first}{}", what(class));
        for (name, class) in found {
            actual.push_str(", ");
            actual.push_str(name);
            actual.push_str(what(class));
        }
        Outcome::Fail(actual, evidence)
    }
}

impl Secrets {
    /// Whether a secret stands under a name, as a plain value of a class. Of a value without a class the name alone tells.
    fn holds_secret(&self, name: &str, class: Class) -> bool {
        let met = |pattern: &Option<Regex>| pattern.as_ref().map(|one| one.is_match(name));
        if met(&self.harmless) == Some(true) {
            return false;
        }
        let says = match met(&self.secret) {
            None => says(name),
            Some(true) => Says::Password,
            Some(false) => Says::Nothing,
        };
        match class {
            Class::Empty | Class::Reference | Class::Path | Class::Switch => false,
            // It is one, whatever it is called.
            Class::Key | Class::Credentials => true,
            Class::Number => says == Says::Password,
            Class::Random => says != Says::Nothing,
            Class::Text => matches!(says, Says::Password | Says::Secret),
        }
    }
}

/// What a value is that its name does not say.
fn what(class: Class) -> &'static str {
    match class {
        Class::Credentials => " (an address with a password)",
        Class::Key => " (a key by its form)",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_kit::class_of;

    use super::*;

    /// Of names and values as public images and charts have them: whether a person calls the value a secret, the name, the value.
    const CORPUS: &str = include_str!("secret_corpus.tsv");
    /// What both have to reach.
    const LEAST: f64 = 0.97;

    #[test]
    fn precision_and_recall_over_the_corpus() {
        let check = Secrets {
            secret: None,
            harmless: None,
        };
        let (mut right, mut false_fails, mut false_passes) = (0_u32, Vec::new(), Vec::new());
        let mut rows = 0;
        for line in CORPUS.lines().filter(|line| !line.starts_with('#')) {
            let mut parts = line.splitn(3, '\t');
            let (label, name) = (parts.next().unwrap(), parts.next().unwrap());
            let value = parts.next().unwrap_or_default().replace("\\n", "\n");
            let secret = match label {
                "secret" => true,
                "plain" => false,
                other => panic!("{other} is no label: {line}"),
            };
            rows += 1;
            match (secret, check.holds_secret(name, class_of(value.as_bytes()))) {
                (true, true) => right += 1,
                (true, false) => false_passes.push(line),
                (false, true) => false_fails.push(line),
                (false, false) => {}
            }
        }
        let of = |wrong: usize| f64::from(right) / (f64::from(right) + wrong as f64);
        let (precision, recall) = (of(false_fails.len()), of(false_passes.len()));
        println!("{rows} rows, precision {precision:.3}, recall {recall:.3}");
        assert!(rows >= 300, "{rows} rows");
        let wrong = format!("false fails {false_fails:#?}, false passes {false_passes:#?}");
        assert!(
            precision >= LEAST && recall >= LEAST,
            "{precision} {recall}: {wrong}"
        );
    }
}
