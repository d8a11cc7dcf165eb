//! Operations become actions: who did what to which asset, and when.

use std::collections::HashMap;

use plimsoll_kit::model::{Action, Actor, AssetId, Labels, Text};

use super::{PLACE, image, word};
use crate::wire::{Operation, Ref};

/// The assets of an environment by the API's paths of them (`apps/31`), for the records that name them.
#[derive(Default)]
pub(crate) struct Index(HashMap<(Text, Text), AssetId>);

impl Index {
    /// Says which asset a path is.
    pub(crate) fn insert(&mut self, kind: &str, number: &str, id: AssetId) {
        self.0.insert((kind.into(), number.into()), id);
    }

    fn get(&self, link: &Ref) -> Option<&AssetId> {
        self.0.get(&(link.kind.clone(), link.id.clone()))
    }
}

/// An operation as an action; none where it has no id, kind or time.
///
/// What is gone, or is no asset, leaves its records on its environment, with the API's path of it in `resource`.
pub(crate) fn action(
    operation: &Operation,
    index: &Index,
    environment: &AssetId,
) -> Option<Action> {
    let id = operation.id.as_ref().filter(|id| !id.is_empty())?;
    let what = operation.kind.as_ref().filter(|what| !what.is_empty())?;
    let at = operation.created_at.as_ref()?.parse().ok()?;
    let mut details = Labels::new();
    let link = operation._links.resource.as_ref();
    let asset = link.and_then(|link| index.get(link));
    if let Some(link) = link {
        details.insert("resource", Text::from(format!("{}/{}", link.kind, link.id)));
    }
    describe(operation, &mut details);
    Some(Action {
        id: format!("operations/{}", word(id)).into(),
        asset: asset.unwrap_or(environment).clone(),
        what: word(what),
        at,
        actor: actor(operation),
        details,
        fields: fields(operation),
        scope: Text::default(),
    })
}

fn describe(operation: &Operation, details: &mut Labels) {
    if let Some(status) = operation.status.as_deref().filter(|text| !text.is_empty()) {
        details.insert("status", word(status));
    }
    let finished = matches!(operation.status.as_deref(), Some("succeeded" | "failed"));
    let updated = operation.updated_at.as_ref().filter(|_| finished);
    let updated = updated.and_then(|text| text.parse::<jiff::Timestamp>().ok());
    if let Some(updated) = updated {
        details.insert("finished", Text::from(updated.to_string()));
    }
    for (name, yes) in [
        ("cancelled", operation.cancelled),
        ("aborted", operation.aborted),
    ] {
        if yes == Some(true) {
            details.insert(name, Text::const_new("true"));
        }
    }
    if operation.automated == Some(true) {
        details.insert("automated", Text::const_new("true"));
    }
    let commit = operation
        .git_ref
        .as_deref()
        .filter(|text| image::is_reference(text));
    if let Some(commit) = commit {
        details.insert("commit", Text::from(commit));
    }
    if let Some(image) = operation.docker_ref.as_deref().and_then(image::shown) {
        details.insert("image", image);
    }
    if let Some(ticket) = operation.note.as_deref().and_then(ticket) {
        details.insert("ticket", ticket);
    }
}

/// Who did it: a person by the address, or the platform itself.
fn actor(operation: &Operation) -> Option<Actor> {
    if operation.automated == Some(true) {
        return Some(Actor {
            account: Text::const_new(PLACE),
            name: Some(Text::const_new("Aptible, by itself")),
        });
    }
    let name = operation
        .user_name
        .as_deref()
        .filter(|name| !name.is_empty());
    let email = operation
        .user_email
        .as_deref()
        .filter(|email| !email.is_empty());
    let user = operation._links.user.as_ref();
    let account = email
        .or_else(|| user.map(|user| user.id.as_str()))
        .or(name)?;
    Some(Actor {
        account: word(account),
        name: name.map(word),
    })
}

/// What a change of size touched: under the platform's names, and under those of the facts that are read from them, so that both can be
/// looked for.
fn fields(operation: &Operation) -> Vec<Text> {
    if !matches!(operation.kind.as_deref(), Some("scale" | "modify")) {
        return Vec::new();
    }
    let profile = operation.instance_profile.as_deref();
    let touched = [
        (
            "container_count",
            "replicas",
            operation.container_count.is_some(),
        ),
        (
            "container_size",
            "memory.limit-mb",
            operation.container_size.is_some(),
        ),
        ("disk_size", "size-bytes", operation.disk_size.is_some()),
        (
            "instance_profile",
            "instance.class",
            profile.is_some_and(|text| !text.is_empty()),
        ),
    ];
    let touched = touched.into_iter().filter(|(.., touched)| *touched);
    touched
        .flat_map(|(name, fact, _)| [Text::const_new(name), Text::const_new(fact)])
        .collect()
}

/// The names of tickets in a free text (`OPS-12`), and nothing else of it.
fn ticket(note: &str) -> Option<Text> {
    let mut tickets: Vec<&str> = note
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .filter(|word| is_ticket(word))
        .take(8)
        .collect();
    tickets.dedup();
    (!tickets.is_empty()).then(|| tickets.join(" ").into())
}

fn is_ticket(word: &str) -> bool {
    let Some((project, number)) = word.split_once('-') else {
        return false;
    };
    let capital = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    (2..=10).contains(&project.len())
        && project.starts_with(|c: char| c.is_ascii_uppercase())
        && project.bytes().all(capital)
        && (1..=7).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_note_only_tickets_are_shown() {
        assert_eq!(
            ticket("see OPS-12, WEB-3: password hunter2").as_deref(),
            Some("OPS-12 WEB-3")
        );
        for note in ["", "hunter2-7", "A-1", "OPS-", "ops-12", "OPS-12a"] {
            assert_eq!(ticket(note), None, "{note}");
        }
    }
}
