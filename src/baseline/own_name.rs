//! What a system is called itself, without the names of what it belongs to.

use std::borrow::Cow;

use plimsoll_model::{Asset, Labels, redacted};

/// A system's own name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnName<'a> {
    pub(crate) name: Cow<'a, str>,
    /// What kind of name it is, for a person: `service`, `name`.
    pub(crate) what: &'static str,
}

/// The name that whoever keeps a system gives to it and to nothing around it: the service's in a Compose or Swarm project, the
/// container's in a pod, the workload's without its release. A project, a namespace or a host may be called after anything in it, and
/// its word says nothing of the rest.
pub(crate) fn own_name(asset: &Asset) -> OwnName<'_> {
    let label = |name: &str| label(&asset.labels, name);
    if let Some(service) = label("com.docker.compose.service") {
        return called(service, "service");
    }
    if let Some(service) = label("com.docker.swarm.service.name") {
        let stack = label("com.docker.stack.namespace");
        return called(without(service, stack, &['_']), "service");
    }
    if let Some(container) = label("io.kubernetes.container.name") {
        return called(container, "container");
    }
    let name = asset.name.as_str();
    if let Some(release) = label("app.kubernetes.io/instance") {
        // A workload that is called as its release is says by another label what it is.
        let name = match label("app.kubernetes.io/name").filter(|_| name == release) {
            Some(app) => app,
            None => without(name, Some(release), &['-']),
        };
        return called(name, "name");
    }
    called(of_platform(asset, name), "name")
}

/// The name of the one group or service of an app is the app's; of several, each has its own.
fn of_platform<'a>(asset: &'a Asset, name: &'a str) -> &'a str {
    let parts = match asset.id.as_str() {
        id if id.starts_with("workload:fly/") => name.split_once(' '),
        id if id.starts_with("workload:aptible/") => name.split_once('/'),
        _ => None,
    };
    match parts {
        Some((app, "app" | "cmd" | "machine")) => app,
        Some((_, own)) if !own.is_empty() => own,
        _ => name,
    }
}

fn called<'a>(name: &'a str, what: &'static str) -> OwnName<'a> {
    OwnName {
        name: name.into(),
        what,
    }
}

fn label<'a>(labels: &'a Labels, name: &str) -> Option<&'a str> {
    let value = labels.get(name)?.as_str();
    let seen = !value.is_empty() && redacted::parse(value).is_none();
    seen.then_some(value)
}

/// A name without the one before it.
fn without<'a>(name: &'a str, before: Option<&str>, joints: &[char]) -> &'a str {
    let rest = before.and_then(|before| name.strip_prefix(before)?.strip_prefix(joints));
    rest.filter(|rest| !rest.is_empty()).unwrap_or(name)
}

/// Whether an image is called after the project and the service that it was built for: Compose calls those so of which nobody said
/// what they are called, and such a name says no more than the service's.
pub(crate) fn is_built_for(asset: &Asset, last: &str) -> bool {
    let project = label(&asset.labels, "com.docker.compose.project");
    let service = label(&asset.labels, "com.docker.compose.service");
    let Some((project, service)) = project.zip(service) else {
        return false;
    };
    let rest = last.strip_prefix(project);
    let rest = rest.and_then(|rest| rest.strip_prefix(['-', '_']));
    rest == Some(service)
}

/// What may stand behind the word that says what something is: which of several it is, and what it is to them.
const QUALIFIERS: &[&str] = &[
    "blue",
    "cluster",
    "dev",
    "external",
    "follower",
    "green",
    "instance",
    "internal",
    "leader",
    "local",
    "main",
    "master",
    "primary",
    "private",
    "prod",
    "production",
    "public",
    "read",
    "reader",
    "replica",
    "replicas",
    "ro",
    "rw",
    "secondary",
    "sentinel",
    "server",
    "service",
    "shard",
    "slave",
    "staging",
    "standby",
    "svc",
    "test",
    "write",
    "writer",
];

/// The word of a name that says what it is, in lower case: the last one, as in `orders-db`, without numbers and without words for
/// which of several it is, as in `db-replica-2`. None where there is no such word.
pub(crate) fn head(name: &str) -> Option<String> {
    let parts = name.split(|c: char| !c.is_ascii_alphanumeric());
    let parts = parts.map(|part| part.trim_end_matches(|c: char| c.is_ascii_digit()));
    let mut parts: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
    let is_version = |part: &str| part == "v";
    while let Some(last) = parts.pop() {
        if last.is_empty() || is_version(&last) {
            continue;
        }
        if QUALIFIERS.contains(&last.as_str()) && parts.iter().any(|part| !part.is_empty()) {
            continue;
        }
        return Some(last);
    }
    None
}

#[cfg(test)]
mod tests {
    use plimsoll_model::AssetId;

    use super::*;

    fn own(name: &str, labels: &[(&str, &str)]) -> String {
        let mut asset = Asset::new(AssetId::of("container", &["h", name]), "container", name);
        for (name, value) in labels {
            asset.labels.insert(*name, (*value).into());
        }
        let own = own_name(&asset);
        format!("{} {}", own.what, own.name)
    }

    #[test]
    fn a_project_is_no_part_of_a_services_name() {
        let compose = [
            ("com.docker.compose.project", "react-java-mysql"),
            ("com.docker.compose.service", "frontend"),
        ];
        assert_eq!(
            own("react-java-mysql_frontend_1", &compose),
            "service frontend"
        );
        let swarm = [
            ("com.docker.stack.namespace", "mysql"),
            ("com.docker.swarm.service.name", "mysql_web"),
        ];
        assert_eq!(own("mysql_web.1.x", &swarm), "service web");
        let pod = [("io.kubernetes.container.name", "web")];
        assert_eq!(own("k8s_web_mysql-0_redis_1-2_0", &pod), "container web");
        let release = [
            ("app.kubernetes.io/instance", "mysql-demo"),
            ("app.kubernetes.io/name", "shop"),
        ];
        assert_eq!(own("mysql-demo-web", &release), "name web");
        assert_eq!(own("mysql-demo", &release), "name shop");
        assert_eq!(own("orders-db", &[]), "name orders-db");
        let hidden = "secret:2ea7423f:c9fd135aefedb0ad88825df1407966cf";
        let unseen = [("com.docker.compose.service", hidden)];
        assert_eq!(own("orders-db", &unseen), "name orders-db");
    }

    #[test]
    fn the_last_word_says_what_it_is() {
        for (name, word) in [
            ("db", "db"),
            ("orders-db", "db"),
            ("orders_db_1", "db"),
            ("DB2", "db"),
            ("mysql-primary-0", "mysql"),
            ("redis-replica", "redis"),
            ("postgres.v16", "postgres"),
            ("mysql-exporter", "exporter"),
            ("react-java-mysql-frontend", "frontend"),
            ("primary", "primary"),
            ("server-1", "server"),
            ("nginx-public", "nginx"),
        ] {
            assert_eq!(head(name).as_deref(), Some(word), "{name}");
        }
        assert_eq!(head("42"), None);
        assert_eq!(head(""), None);
    }
}
