//! Records of who did what: releases, and secrets that were set.

use jiff::Timestamp;
use plimsoll_model::{Action, Actor, Labels, Text};

use super::group::Groups;
use super::{app_id, shape, time, word};
use crate::wire;

/// A release, whichever interface told of it.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    pub(crate) id: Text,
    pub(crate) version: Option<i64>,
    pub(crate) at: Timestamp,
    actor: Option<Actor>,
    status: Option<Text>,
    strategy: Option<Text>,
    image: Option<Text>,
    stable: Option<bool>,
}

impl Release {
    /// From the query; none where it has no id or no time.
    pub(crate) fn from_node(node: wire::ReleaseNode) -> Option<Self> {
        Some(Self {
            at: time(node.created_at.as_ref())?,
            id: identified(node.id)?,
            version: node.version,
            actor: node.user.and_then(actor),
            status: node.status,
            strategy: node.deployment_strategy,
            image: node.image_ref,
            stable: node.stable,
        })
    }

    /// From the older interface; likewise.
    pub(crate) fn from_list(listed: wire::Release) -> Option<Self> {
        let user = wire::User {
            email: listed.user,
            name: None,
        };
        Some(Self {
            at: time(listed.created_at.as_ref())?,
            id: identified(listed.id)?,
            version: listed.version,
            actor: actor(user),
            status: listed.status,
            strategy: listed.strategy,
            image: listed.image_ref,
            stable: listed.stable,
        })
    }

    /// As an action on its app. Its description and reason are free text, and left out.
    pub(crate) fn action(&self, app: &str, groups: Option<&Groups<'_>>) -> Action {
        let mut details = Labels::new();
        let mut add = |name: &str, value: Option<Text>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                details.insert(name, word(&value));
            }
        };
        add(
            "release",
            self.version.map(|version| Text::from(version.to_string())),
        );
        add("status", self.status.clone());
        add(
            "strategy",
            self.strategy
                .as_ref()
                .map(|strategy| strategy.to_lowercase()),
        );
        add("image", self.image.clone());
        add(
            "stable",
            self.stable
                .map(|stable| if stable { "yes" } else { "no" }.into()),
        );
        add("commit", groups.and_then(|groups| self.commit(groups)));
        Action {
            id: self.id.clone(),
            asset: app_id(app),
            what: "release".into(),
            at: self.at,
            actor: self.actor.clone(),
            details,
            fields: Vec::new(),
            scope: Text::default(),
        }
    }

    /// The commit that a machine of this release was built from.
    fn commit(&self, groups: &Groups<'_>) -> Option<Text> {
        let instances = groups.groups.values().flatten();
        let mut own = instances.filter(|instance| {
            instance
                .config
                .is_some_and(|config| shape::release(config) == self.version)
        });
        own.find_map(|instance| shape::commit(instance.machine?))
    }
}

/// That a secret was set: by whom, where the query told of this very value.
pub(crate) fn secret(
    app: &str,
    secret: &wire::Secret,
    authors: &[wire::SecretNode],
) -> Option<Action> {
    let author = authors
        .iter()
        .find(|author| author.name == secret.name && author.digest == secret.digest);
    let told = author.and_then(|author| time(author.created_at.as_ref()));
    let at = time(secret.updated_at.as_ref())
        .or(time(secret.created_at.as_ref()))
        .or(told)?;
    let (name, digest) = (word(&secret.name), word(&secret.digest));
    Some(Action {
        id: Text::from(format!("{app}/secrets/{name}/{digest}")),
        asset: app_id(app),
        what: "secret".into(),
        at,
        actor: author.and_then(|author| actor(author.user.clone()?)),
        details: Labels::new(),
        fields: vec![Text::from(format!("secrets.{name}"))],
        scope: Text::default(),
    })
}

/// An account by its address; where there is none, by what stands in its place.
fn actor(user: wire::User) -> Option<Actor> {
    let said = |text: Option<Text>| text.map(|text| word(&text)).filter(|text| !text.is_empty());
    let (email, name) = (said(user.email), said(user.name));
    let account = email.or_else(|| name.clone())?;
    let name = name.filter(|name| *name != account);
    Some(Actor { account, name })
}

fn identified(id: Text) -> Option<Text> {
    let id = word(&id);
    (!id.is_empty()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(json: &str) -> Option<Release> {
        Release::from_node(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn a_release_with_its_author() {
        let release = node(
            r#"{"id":"r1","version":12,"status":"complete","stable":true,"imageRef":"registry.fly.io/a:x","deploymentStrategy":"ROLLING",
                "createdAt":"2026-08-20T10:11:00Z","user":{"email":"ops@example.com","name":"Ops"}}"#,
        )
        .unwrap();
        let action = release.action("a", None);
        assert_eq!(action.details.get("release").unwrap(), "12");
        assert_eq!(action.details.get("strategy").unwrap(), "rolling");
        let actor = action.actor.unwrap();
        assert_eq!(
            (actor.account.as_str(), actor.name.as_deref()),
            ("ops@example.com", Some("Ops"))
        );
    }

    #[test]
    fn without_a_time_or_an_id_it_is_no_record_and_without_a_user_nobodys() {
        assert!(node(r#"{"id":"r1","createdAt":"soon"}"#).is_none());
        assert!(node(r#"{"id":"","createdAt":"2026-08-20T10:11:00Z"}"#).is_none());
        let release = node(r#"{"id":"r1","createdAt":"2026-08-20T10:11:00Z","user":{"email":""}}"#);
        assert_eq!(release.unwrap().action("a", None).actor, None);
        let listed = r#"{"id":"r1","created_at":"2026-08-20T10:11:00Z","user":"deploy token"}"#;
        let listed = Release::from_list(serde_json::from_str(listed).unwrap()).unwrap();
        assert_eq!(
            listed.action("a", None).actor.unwrap().account,
            "deploy token"
        );
    }

    #[test]
    fn the_author_is_that_of_this_value_and_of_no_other() {
        let one: wire::Secret = serde_json::from_str(
            r#"{"name":"A","digest":"d2","created_at":"2026-07-01T00:00:00Z","updated_at":"2026-08-01T00:00:00Z"}"#,
        )
        .unwrap();
        let author = |digest: &str| {
            let text = format!(
                r#"{{"name":"A","digest":"{digest}","createdAt":"2026-08-01T00:00:00Z","user":{{"email":"a@example.com"}}}}"#
            );
            vec![serde_json::from_str::<wire::SecretNode>(&text).unwrap()]
        };
        let action = secret("x", &one, &author("d2")).unwrap();
        assert_eq!(action.actor.unwrap().account, "a@example.com");
        assert_eq!(action.at.to_string(), "2026-08-01T00:00:00Z");
        assert_eq!(secret("x", &one, &author("d1")).unwrap().actor, None);
    }
}
