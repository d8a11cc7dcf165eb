//! What may be shown and what becomes a mark.

use plimsoll_kit::Redactor;
use plimsoll_model::{AssetId, Labels, Table, Text, Value};

use super::word;

/// Labels whose values are shown as they are: names, numbers and versions by their definition.
const SHOWN: &[&str] = &[
    "com.docker.compose.container-number",
    "com.docker.compose.oneoff",
    "com.docker.compose.project",
    "com.docker.compose.service",
    "com.docker.compose.network",
    "com.docker.compose.volume",
    "com.docker.compose.version",
    "com.docker.stack.namespace",
    "com.docker.swarm.service.name",
    "org.opencontainers.image.created",
    "org.opencontainers.image.revision",
    "org.opencontainers.image.source",
    "org.opencontainers.image.title",
    "org.opencontainers.image.vendor",
    "org.opencontainers.image.version",
];

/// Labels that are written for us to read.
const OURS: &str = "plimsoll.";

/// Labels as they may be seen: the value of one that is not on the list becomes a mark.
pub(crate) fn labels(redactor: &Redactor, asset: &AssetId, labels: &Labels) -> Labels {
    let seen = labels.iter().map(|(name, value)| {
        let value = if name.starts_with(OURS) || SHOWN.contains(&name) {
            without_credentials(value)
        } else {
            redactor.mark(asset, &format!("label {name}"), value.as_bytes())
        };
        (word(name), value)
    });
    seen.collect()
}

/// Environment variables as a table of name to mark.
///
/// What is no `NAME=value` with a name that can be shown is all value: it is marked under one name for all such.
pub(crate) fn env(redactor: &Redactor, asset: &AssetId, env: &[Text]) -> Table {
    let mut table = Table::new();
    let mut odd: Vec<&str> = Vec::new();
    for entry in env {
        match entry.split_once('=') {
            Some((name, value)) if is_name(name) => {
                let mark = redactor.mark_value(asset, name, value.as_bytes());
                table.insert(name, Value::Text(mark));
            }
            _ => odd.push(entry),
        }
    }
    if !odd.is_empty() {
        odd.sort_unstable();
        let mark = redactor.mark(asset, "(other)", odd.join("\0").as_bytes());
        table.insert("(other)", Value::Text(mark));
    }
    table
}

fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic();
    !name.is_empty() && name.len() <= 256 && name.bytes().all(fits)
}

/// Options as a table of name to mark, but for those that `shown` lets through.
pub(crate) fn options<'a>(
    redactor: &Redactor,
    asset: &AssetId,
    what: &str,
    options: impl IntoIterator<Item = (&'a Text, &'a Option<Text>)>,
    shown: impl Fn(&str) -> bool,
) -> Table {
    let seen = options.into_iter().map(|(name, value)| {
        let value = value.as_deref().unwrap_or_default();
        let value = if shown(name) {
            word(value)
        } else {
            redactor.mark(asset, &format!("{what} {name}"), value.as_bytes())
        };
        (word(name), Value::Text(value))
    });
    seen.collect()
}

/// Words such as a command as one mark with a length class.
pub(crate) fn words(redactor: &Redactor, asset: &AssetId, what: &str, words: &[Text]) -> Text {
    redactor.mark_sized(asset, what, words.join("\0").as_bytes())
}

/// A value without what an address may carry: user name, password, query, fragment.
fn without_credentials(value: &str) -> Text {
    match value.split_once("://") {
        None => word(without_user(value, false)),
        Some((scheme, rest)) => {
            let rest = without_user(rest, true);
            let rest = rest.split(['?', '#']).next().unwrap_or_default();
            word(&format!("{scheme}://{rest}"))
        }
    }
}

/// An address without its user. A password that should have been escaped may hold any sign: where one seems to go on behind
/// a slash, all before the last `@` goes.
fn without_user(address: &str, sure: bool) -> &str {
    let end = address.find(['/', '?', '#']).unwrap_or(address.len());
    let (authority, tail) = address.split_at(end);
    let after_all = || address.rsplit_once('@').map_or(address, |(_, rest)| rest);
    match (authority.rsplit_once('@'), authority.split_once(':')) {
        (Some((user, _)), _) if user.contains(':') => after_all(),
        (Some((user, _)), _) if sure => address.get(user.len() + 1..).unwrap_or_default(),
        (None, Some((_, port))) if !port.bytes().all(|byte| byte.is_ascii_digit()) => {
            if tail.is_empty() {
                address
            } else {
                after_all()
            }
        }
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_model::redacted;

    fn redactor() -> Redactor {
        Redactor::new([7; 32], "docker")
    }

    fn id() -> AssetId {
        AssetId::of("container", &["web-1", "db"])
    }

    #[test]
    fn only_listed_labels_are_shown_and_never_their_credentials() {
        let given: Labels = [
            ("plimsoll.role", "database"),
            (
                "org.opencontainers.image.source",
                "https://joe:hunter2@git.example/x?token=hunter3#hunter4",
            ),
            ("traefik.http.middlewares.auth.basicauth.users", "hunter5"),
        ]
        .into_iter()
        .map(|(name, value)| (name, Text::from(value)))
        .collect();
        let seen = labels(&redactor(), &id(), &given);
        assert_eq!(seen.get("plimsoll.role").unwrap(), "database");
        assert_eq!(
            seen.get("org.opencontainers.image.source").unwrap(),
            "https://git.example/x"
        );
        let mark = seen
            .get("traefik.http.middlewares.auth.basicauth.users")
            .unwrap();
        assert!(redacted::parse(mark).is_some());
        assert!(!format!("{seen:?}").contains("hunter"));
    }

    #[test]
    fn no_spelling_of_an_address_shows_its_password() {
        for (given, seen) in [
            ("https://joe:hun/ter@git.example/x", "https://git.example/x"),
            ("https://joe:hun?t#er@git.example", "https://git.example"),
            ("https://joe:h@unter@git.example", "https://git.example"),
            ("https://hunter@git.example/x?y=z", "https://git.example/x"),
            ("joe:hunter@git.example/x", "git.example/x"),
            ("https://git.example:443/x@2", "https://git.example:443/x@2"),
            ("https://git.example/x@2", "https://git.example/x@2"),
            ("https://joe@git.example/x@2", "https://git.example/x@2"),
            ("https://joe:h@un/ter@git.example", "https://git.example"),
            ("git@git.example:shop/x", "git@git.example:shop/x"),
            ("ops@example.org", "ops@example.org"),
            ("https://é", "https://é"),
        ] {
            assert_eq!(without_credentials(given), seen, "{given}");
        }
    }

    #[test]
    fn an_odd_variable_does_not_show_its_value_as_a_name() {
        let given = [
            "PASSWORD=hunter2".into(),
            "hunter3".into(),
            "hunter 4=x".into(),
            "=hunter5".into(),
        ];
        let table = env(&redactor(), &id(), &given);
        assert_eq!(table.names().collect::<Vec<_>>(), ["(other)", "PASSWORD"]);
        assert!(!format!("{table:?}").contains("hunter"));
        let mut turned = given.clone();
        turned.reverse();
        assert_eq!(table, env(&redactor(), &id(), &turned));
    }
}
