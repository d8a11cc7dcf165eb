//! What counts where two sources contradict each other and neither knows it better.
//!
//! Who was read last says nothing of who is right. The stricter value counts where one is known to be stricter; where none
//! is, the fact is unknown. Both are said in the claim's basis, and neither depends on the order of the reads.

use std::collections::BTreeSet;

use jiff::Timestamp;
use plimsoll_model::{Claim, Table, Text, Value, fact};

/// How the basis of a claim begins that several sources contradict each other in.
pub(crate) const DISAGREE: &str = "sources disagree: ";

/// How much of a value is shown in a disagreement.
const SHOWN: usize = 60;

/// Which of several values of a fact is the stricter one.
#[derive(Clone, Copy)]
enum Strict {
    /// This yes or no.
    Bool(bool),
    /// The greatest number.
    Most,
    /// The number that is the farthest from nothing.
    Farthest,
    /// The smallest number.
    Least,
    /// The earliest time; an empty text says that there is none, which is stricter still.
    Earliest,
    /// All items of all lists.
    Union,
    /// The items that all lists have.
    Common,
    /// All rows of all tables, whose values are not compared.
    Names,
    /// All ports of all tables, each as open as any says.
    Ports,
}

/// How a fact is settled; none where no value is known to be stricter.
fn strict(fact: &str) -> Option<Strict> {
    Some(match fact {
        fact::PRIVILEGED
        | fact::USER_ROOT
        | fact::CLOCK_SETTABLE
        | fact::SENSITIVE
        | fact::SERVICE_ACCOUNT_TOKEN => Strict::Bool(true),
        fact::ENCRYPTED_AT_REST
        | fact::CLOCK_SYNCHRONISED
        | fact::BACKUP_ENABLED
        | fact::HTTPS_FORCED
        | fact::READONLY_ROOT
        | fact::HEALTH_CHECKED
        | fact::PATCHES_MANAGED
        | fact::NETWORK_INTERNAL => Strict::Bool(false),
        fact::CLOCK_MAX_ERROR_US | fact::INSTANCES_RESTARTS => Strict::Most,
        fact::CLOCK_SKEW_MS | fact::CLOCK_OFFSET_US => Strict::Farthest,
        fact::CLOCK_SKEW_BOUND_MS | fact::BACKUP_RETENTION_DAYS | fact::INSTANCES_RUNNING => {
            Strict::Least
        }
        fact::BACKUP_LATEST
        | fact::CERTIFICATE_EXPIRES
        | fact::END_OF_LIFE
        | fact::IMAGE_CREATED => Strict::Earliest,
        fact::CAPABILITIES_ADDED
        | fact::NAMESPACES_HOST
        | fact::SECURITY_OPTIONS
        | fact::DEVICES
        | fact::INSTANCES_HOSTS
        | fact::MOUNTPOINTS
        | fact::SOURCES_ALLOWED => Strict::Union,
        fact::CAPABILITIES_DROPPED | fact::LOGS_DESTINATIONS => Strict::Common,
        fact::ENV | fact::SECRETS | fact::INSTANCES_DIFFER => Strict::Names,
        fact::PORTS => Strict::Ports,
        _ => return None,
    })
}

/// The claim that counts of several of equal evidence and different values, each with the name of its source, in order of the
/// sources. Needs two or more.
pub(super) fn settle(fact: &str, claims: &[(Text, Claim)]) -> Option<Claim> {
    let (_, first) = claims.first()?;
    let said = said(claims);
    let values: Option<Vec<&Value>> = claims.iter().map(|(_, claim)| claim.value()).collect();
    let values = values?;
    let stricter = strict(fact).and_then(|strict| stricter(strict, &values));
    Some(match stricter {
        Some(value) => {
            let basis = format!("{said}; the stricter counts");
            match first.how() {
                plimsoll_model::How::Measured => Claim::measured(value).by(basis),
                plimsoll_model::How::Reported => Claim::reported(value).by(basis),
                plimsoll_model::How::Attested => Claim::attested(value, basis),
                plimsoll_model::How::Unknown => Claim::unknown(basis),
            }
        }
        None => Claim::unknown(said),
    })
}

/// `sources disagree: docker says no, host says yes`.
fn said(claims: &[(Text, Claim)]) -> String {
    let each = claims.iter().map(|(source, claim)| {
        let value = claim.value().map(Value::to_string).unwrap_or_default();
        format!("{source} says {}", short(&value))
    });
    format!("{DISAGREE}{}", each.collect::<Vec<_>>().join(", "))
}

/// Whether a stricter value of a fact can be told.
pub(super) fn has_order(fact: &str) -> bool {
    strict(fact).is_some()
}

/// Labels by which an asset is categorised and judged.
const DECIDING: &str = "plimsoll.";

/// The value of a label that counts of several, each with the name of its source, in order of the sources; none where the
/// first does. One that decides how an asset is judged names no such thing while its sources disagree.
pub(super) fn word(label: &str, words: &[(Text, Text)]) -> Option<Text> {
    label
        .starts_with(DECIDING)
        .then(|| Text::from(said_words(words)))
}

/// `docker says staging, host says production`.
pub(super) fn said_words(words: &[(Text, Text)]) -> String {
    let each = words
        .iter()
        .map(|(source, word)| format!("{source} says {}", short(word)));
    each.collect::<Vec<_>>().join(", ")
}

/// What is shown of a value.
fn short(value: &str) -> String {
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}

fn stricter(strict: Strict, values: &[&Value]) -> Option<Value> {
    let numbers = || values.iter().map(|value| value.as_int());
    Some(match strict {
        Strict::Bool(wanted) => {
            let all: Option<Vec<bool>> = values.iter().map(|value| value.as_bool()).collect();
            Value::Bool(if all?.contains(&wanted) {
                wanted
            } else {
                !wanted
            })
        }
        Strict::Most => Value::Int(numbers().collect::<Option<Vec<_>>>()?.into_iter().max()?),
        Strict::Least => Value::Int(numbers().collect::<Option<Vec<_>>>()?.into_iter().min()?),
        Strict::Farthest => {
            let all = numbers().collect::<Option<Vec<_>>>()?;
            Value::Int(
                all.into_iter()
                    .max_by_key(|number| (number.saturating_abs(), *number))?,
            )
        }
        Strict::Earliest => {
            let time = |value: &&Value| -> Option<(Option<Timestamp>, Text)> {
                let text = value.as_str()?;
                if text.is_empty() {
                    return Some((None, Text::default()));
                }
                Some((Some(text.parse().ok()?), text.into()))
            };
            let all: Option<Vec<_>> = values.iter().map(time).collect();
            Value::Text(all?.into_iter().min()?.1)
        }
        Strict::Union | Strict::Common => {
            let sets: Option<Vec<BTreeSet<&Value>>> = values
                .iter()
                .map(|value| Some(value.as_list()?.iter().collect()))
                .collect();
            let merge = |one: BTreeSet<_>, other: BTreeSet<_>| match strict {
                Strict::Union => &one | &other,
                _ => &one & &other,
            };
            let all = sets?.into_iter().reduce(merge)?;
            Value::List(all.into_iter().cloned().collect())
        }
        Strict::Names => {
            let mut all = Table::new();
            for value in values {
                for (name, row) in value.as_table()?.iter() {
                    if !all.contains(name) {
                        all.insert(name, row.clone());
                    }
                }
            }
            Value::Table(all)
        }
        Strict::Ports => {
            let mut all = Table::new();
            for value in values {
                for (key, row) in value.as_table()?.iter() {
                    let row = match all.get(key).and_then(Value::as_table) {
                        Some(have) => port(have, row.as_table()?),
                        None => row.as_table()?.clone(),
                    };
                    all.insert(key, Value::Table(row));
                }
            }
            Value::Table(all)
        }
    })
}

/// One port by two rows: as open as either says, and without what they contradict each other in.
fn port(one: &Table, other: &Table) -> Table {
    let mut both = Table::new();
    let names = one.names().chain(other.names());
    for name in names.collect::<BTreeSet<_>>() {
        let (have, more) = (one.get(name), other.get(name));
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let value = match (name, have, more) {
            (_, Some(have), Some(more)) if have == more => Some(have.clone()),
            // The first that either says is the most open; a port of which nobody says who reaches it may be reached by all.
            ("reach", ..) => {
                let said = [text(have), text(more)];
                let words = ["public", "unknown", "private", "loopback"];
                let known = said
                    .iter()
                    .flatten()
                    .all(|word| words.contains(&word.as_str()));
                let open = words
                    .iter()
                    .find(|word| said.iter().flatten().any(|one| one == *word));
                open.filter(|_| known).map(|word| Value::from(*word))
            }
            // Plain text is plain text whoever says so; two versions are none that is known.
            ("tls", ..) => {
                let plain = [text(have), text(more)]
                    .iter()
                    .flatten()
                    .any(|tls| tls == "none");
                plain.then(|| Value::from("none"))
            }
            ("redirects", Some(_), Some(_)) => Some(Value::from(false)),
            (_, Some(_), Some(_)) | ("redirects", ..) => None,
            (_, Some(value), None) | (_, None, Some(value)) => Some(value.clone()),
            (_, None, None) => None,
        };
        if let Some(value) = value {
            both.insert(name, value);
        }
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(fact: &str, values: &[&str]) -> String {
        let names = ["a", "b", "c"];
        let claims: Vec<(Text, Claim)> = names
            .iter()
            .zip(values)
            .map(|(name, json)| {
                let value: Value = serde_json::from_str(json).unwrap();
                (Text::from(*name), Claim::reported(value))
            })
            .collect();
        let claim = settle(fact, &claims).unwrap();
        match claim.value() {
            Some(value) => serde_json::to_string(value).unwrap(),
            None => "unknown".to_owned(),
        }
    }

    #[test]
    fn the_stricter_counts_in_any_order() {
        for (fact, values, want) in [
            ("privileged", ["false", "true"], "true"),
            ("encryption.at-rest", ["true", "false"], "false"),
            ("clock.skew-ms", ["-9000", "3"], "-9000"),
            ("clock.skew-bound-ms", ["40", "3"], "3"),
            ("backup.retention-days", ["40", "3"], "3"),
            (
                "backup.latest",
                [
                    r#""2026-05-01T00:00:00Z""#,
                    r#""2026-04-30T23:00:00-05:00""#,
                ],
                r#""2026-05-01T00:00:00Z""#,
            ),
            (
                "backup.latest",
                [r#""2026-05-01T00:00:00Z""#, r#""""#],
                r#""""#,
            ),
            (
                "capabilities.added",
                [r#"["A"]"#, r#"["B"]"#],
                r#"["A","B"]"#,
            ),
            ("logs.destinations", [r#"["A"]"#, "[]"], "[]"),
            (
                "env",
                [r#"{"A":"1"}"#, r#"{"B":"2"}"#],
                r#"{"A":"1","B":"2"}"#,
            ),
            (
                "ports",
                [
                    r#"{"x":{"port":1,"reach":"private","tls":"1.2"}}"#,
                    r#"{"x":{"port":1,"reach":"public","tls":"1.3"},"y":{"port":2}}"#,
                ],
                r#"{"x":{"port":1,"reach":"public"},"y":{"port":2}}"#,
            ),
            // No value is known to be stricter, or one of them is of another shape.
            ("image", [r#""a""#, r#""b""#], "unknown"),
            ("privileged", [r#""no""#, "true"], "unknown"),
            (
                "backup.latest",
                [r#""soon""#, r#""2026-05-01T00:00:00Z""#],
                "unknown",
            ),
        ] {
            let [one, other] = values;
            assert_eq!(settled(fact, &[one, other]), want, "{fact}");
            assert_eq!(
                settled(fact, &[other, one]),
                want,
                "{fact}, the other way round"
            );
        }
    }

    #[test]
    fn a_disagreement_says_who_says_what() {
        let claims = [
            (Text::from("docker"), Claim::reported(false)),
            (Text::from("host"), Claim::reported(true)),
        ];
        let claim = settle("privileged", &claims).unwrap();
        let want = "sources disagree: docker says no, host says yes; the stricter counts";
        assert_eq!(claim.basis(), Some(want));
    }
}
