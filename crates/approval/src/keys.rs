//! What a change itself says of where it comes from: commits, digests, releases, operations, tickets.

use plimsoll_model::{Text, Value, edit_field, fact};

use super::policy::Policy;
use super::ticket_text::tickets;
use super::types::{Deed, Subject};
use plimsoll_change::{ChangeKind, path_is_of};

/// The fewest characters of a commit's hash that prove anything: shorter ones can be made to fit.
pub(crate) const COMMIT_LEAST: usize = 12;
/// Labels of an image that hold the commit that it was built from.
const REVISIONS: [&str; 2] = [
    "org.opencontainers.image.revision",
    "org.label-schema.vcs-ref",
];

/// What kind of thing a key names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum KeyKind {
    Commit,
    Digest,
    Release,
    Operation,
    Ticket,
}

/// Something that a change names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) kind: KeyKind,
    /// Commits and digests in lower case, without a name.
    pub(crate) text: Text,
    /// Where it stands, for a person.
    pub(crate) by: Text,
    /// Whether it is from the record of who made the change, and that record is about this very change.
    pub(crate) deed: bool,
    /// Whether it is sure that the record is about this change; true for what the change itself shows.
    pub(crate) proven: bool,
}

/// The fields of a request whose edit can write in which tickets it belongs to.
pub(crate) const NAMING: [&str; 4] = [
    "",
    edit_field::TITLE,
    edit_field::DESCRIPTION,
    edit_field::LINKS,
];

/// The tickets that a change names: in its new labels, in the record that made it, and in the only record of its time.
pub(crate) fn tickets_of(subject: &Subject<'_>, policy: &Policy) -> Vec<Key> {
    let mut found = keys(subject, policy);
    let only = subject.others.is_empty() && !subject.more;
    found.retain(|key| key.kind == KeyKind::Ticket && (!key.deed || key.proven || only));
    found
}

/// Everything that a change names, of its new values and of the record that made it.
pub(crate) fn keys(subject: &Subject<'_>, policy: &Policy) -> Vec<Key> {
    let mut found = Vec::new();
    match (subject.change.kind, subject.asset) {
        (ChangeKind::Added, Some(asset)) => {
            for (name, claim) in asset.facts.iter() {
                if let Some(value) = claim.value() {
                    of_value(name, None, value, policy, &mut found);
                }
            }
            for (name, value) in asset.labels.iter() {
                of_label(name, value, policy, &mut found);
            }
        }
        _ => {
            for path in &subject.change.paths {
                let Some(to) = &path.to else { continue };
                match label(&path.path) {
                    Some(name) => {
                        if let Some(text) = to.as_str() {
                            of_label(name, text, policy, &mut found);
                        }
                    }
                    None => of_value(&path.path, path.from.as_ref(), to, policy, &mut found),
                }
            }
        }
    }
    if let Some(maker) = subject.maker.as_ref().filter(|maker| !maker.has_failed()) {
        of_deed(maker, &mut found);
    }
    found
}

/// What a record names.
pub(crate) fn of_deed(deed: &Deed<'_>, found: &mut Vec<Key>) {
    let mut note = |kind, text: Text, what: &str| {
        found.push(Key {
            kind,
            text,
            by: Text::from(format!("{what} of the record {} {}", deed.source, deed.id)),
            deed: true,
            proven: deed.proven,
        });
    };
    note(
        KeyKind::Operation,
        Text::from(format!("{}:{}", deed.source, deed.id)),
        "the id",
    );
    for (name, value) in deed.details.iter() {
        match name {
            "commit" => {
                if let Some(commit) = commit(value) {
                    note(KeyKind::Commit, commit, "the commit");
                }
            }
            "image" => {
                if let Some(digest) = digest(value) {
                    note(KeyKind::Digest, digest, "the image");
                }
            }
            "release" => note(KeyKind::Release, value.trim().into(), "the release"),
            "ticket" => {
                for token in tickets(value) {
                    note(KeyKind::Ticket, token, "the ticket");
                }
            }
            _ => {}
        }
    }
}

fn of_value(path: &str, from: Option<&Value>, to: &Value, policy: &Policy, found: &mut Vec<Key>) {
    let _ = policy;
    let mut note = |kind, text| {
        found.push(Key {
            kind,
            text,
            by: Text::from(path),
            deed: false,
            proven: true,
        });
    };
    if path_is_of(path, fact::SOURCE_COMMIT) {
        if let Some(commit) = to.as_str().and_then(commit) {
            note(KeyKind::Commit, commit);
        }
    } else if path_is_of(path, fact::RELEASE) {
        if let Some(release) = to.as_str() {
            note(KeyKind::Release, release.trim().into());
        }
    } else if path == fact::IMAGE_ID
        || path == fact::IMAGE
        || path_is_of(path, fact::IMAGE_DIGESTS)
        || path_is_of(path, fact::IMAGES)
    {
        let mut old = Vec::new();
        if let Some(from) = from {
            digests(from, &mut old);
        }
        let mut new = Vec::new();
        digests(to, &mut new);
        // One of many that was there before says nothing of what is new.
        new.retain(|digest| !old.contains(digest));
        for digest in new {
            note(KeyKind::Digest, digest);
        }
    }
}

fn of_label(name: &str, value: &str, policy: &Policy, found: &mut Vec<Key>) {
    let mut note = |kind, text| {
        found.push(Key {
            kind,
            text,
            by: Text::from(format!("the label {name}")),
            deed: false,
            proven: true,
        });
    };
    if REVISIONS.contains(&name) {
        if let Some(commit) = commit(value) {
            note(KeyKind::Commit, commit);
        }
    } else if policy
        .ticket_labels
        .iter()
        .any(|one| name.eq_ignore_ascii_case(one))
    {
        for token in tickets(value) {
            note(KeyKind::Ticket, token);
        }
    }
}

/// The name of the label that a path is about: `labels.team`, `labels[a.b/c]`.
pub(crate) fn label(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("labels")?;
    rest.strip_prefix('.')
        .or_else(|| rest.strip_prefix('[')?.strip_suffix(']'))
}

/// Every digest in a value.
fn digests(value: &Value, found: &mut Vec<Text>) {
    match value {
        Value::Text(text) => found.extend(digest(text)),
        Value::List(items) => items.iter().for_each(|item| digests(item, found)),
        Value::Table(table) => table.iter().for_each(|(_, part)| digests(part, found)),
        _ => {}
    }
}

/// The digest in an image's reference, in lower case: `sha256:` and 64 digits.
pub fn digest(text: &str) -> Option<Text> {
    let at = text.rfind("sha256:")?;
    let digits = text.get(at + 7..)?.trim();
    let whole = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    whole.then(|| Text::from(format!("sha256:{}", digits.to_ascii_lowercase())))
}

/// A commit's hash in lower case: from 7 to 64 hexadecimal digits.
pub fn commit(text: &str) -> Option<Text> {
    let text = text.trim();
    let hash = (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    hash.then(|| Text::from(text.to_ascii_lowercase()))
}

/// Whether a word has the shape of a ticket's key: `CHG-88`.
pub(crate) fn is_ticket_key(word: &str) -> bool {
    word.split_once('-').is_some_and(|(project, number)| {
        let project_fits = project.len() >= 2
            && project.starts_with(|c: char| c.is_ascii_uppercase())
            && project
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        project_fits && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// What of a changed path an artefact explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// It is the artefact, or what only the artefact says.
    Artefact,
    /// An artefact may bring it, and so may a hand.
    Perhaps,
    /// An artefact does not bring it.
    Other,
}

/// What of a changed path an image or a commit explains.
pub(crate) fn part(path: &str) -> Part {
    const ARTEFACT: [&str; 9] = [
        fact::IMAGE,
        fact::IMAGE_ID,
        fact::IMAGE_DIGESTS,
        fact::IMAGE_CREATED,
        fact::IMAGES,
        fact::SOURCE_COMMIT,
        fact::RELEASE,
        fact::VERSION,
        fact::INSTANCES_DIFFER,
    ];
    const PERHAPS: [&str; 6] = [
        fact::ENV,
        fact::COMMAND,
        fact::ENTRYPOINT,
        fact::USER,
        fact::USER_ROOT,
        fact::HEALTH_CHECKED,
    ];
    if let Some(label) = label(path) {
        return part_of_label(label);
    }
    if ARTEFACT.iter().any(|fact| path_is_of(path, fact)) {
        Part::Artefact
    } else if PERHAPS.iter().any(|fact| path_is_of(path, fact))
        || path.starts_with("relations.built-from")
    {
        Part::Perhaps
    } else {
        Part::Other
    }
}

/// What of a label an image or a rollout explains.
fn part_of_label(name: &str) -> Part {
    // Written anew with each build or rollout.
    const ROLLOUT: [&str; 10] = [
        "app.kubernetes.io/version",
        "change-request",
        "change-ticket",
        "com.docker.compose.config-hash",
        "com.docker.compose.image",
        "helm.sh/chart",
        "kubernetes.io/change-cause",
        "plimsoll.change",
        "plimsoll.ticket",
        "ticket",
    ];
    const IMAGE: [&str; 2] = ["org.label-schema.", "org.opencontainers.image."];
    if ROLLOUT.contains(&name) || IMAGE.iter().any(|start| name.starts_with(start)) {
        Part::Artefact
    } else if name.starts_with("plimsoll.") {
        // They say what is asked of a system, and no image may change that.
        Part::Other
    } else {
        Part::Perhaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_and_commits_are_whole() {
        let digits = "AB".repeat(32);
        let found = digest(&format!("registry/name:1@sha256:{digits}")).unwrap();
        assert_eq!(found, format!("sha256:{}", digits.to_lowercase()));
        assert_eq!(digest("name@sha256:12"), None);
        assert_eq!(commit("0123ABC").unwrap(), "0123abc");
        assert!(commit("main").is_none() && commit("012345").is_none());
    }

    #[test]
    fn what_an_artefact_explains() {
        assert_eq!(part("image.digests"), Part::Artefact);
        assert_eq!(
            part("labels[org.opencontainers.image.revision]"),
            Part::Artefact
        );
        assert_eq!(part("labels[plimsoll.environment]"), Part::Other);
        assert_eq!(part("env.PATH"), Part::Perhaps);
        assert_eq!(part("ports[0.0.0.0:22/tcp]"), Part::Other);
    }
}
