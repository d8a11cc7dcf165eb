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
                let mark = redactor.mark(asset, name, value.as_bytes());
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
    let Some((scheme, rest)) = value.split_once("://") else {
        return word(value);
    };
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let rest = &rest[..end];
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    word(&format!("{scheme}://{host}{path}"))
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
