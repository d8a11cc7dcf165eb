//! From what `git` says to the model: pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plimsoll_kit::mention::mentions;
use plimsoll_model::{
    Approval, Asset, AssetId, ChangeRequest, Claim, Merge, Party, Review, Table, Text, Value,
    request_kind, review_said,
};

use crate::client::Branch;
use crate::settings::{Repository, Settings};
use crate::wire::{Commit, Person, Tag};

/// The kind of asset that a repository is.
const KIND: &str = "repository";
/// The longest title, in characters.
const TITLE: usize = 200;
/// The longest account or name, in characters.
const ACCOUNT: usize = 256;
/// The most people or tickets that are taken from the trailers of a commit.
const MOST: usize = 64;
/// How much earlier a tag may say it is than its commit: clocks differ.
const CLOCKS: i64 = 600;
/// The account of whoever wrote commits that nobody signed, so that no person is taken for having no part in them.
pub(crate) const UNSIGNED: &str = "author of unsigned commits";

/// Who wrote what a commit or a tag brings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Authors {
    /// By account.
    pub(crate) people: BTreeMap<Text, Person>,
    /// Whether a commit names its author and nobody signed it.
    pub(crate) unsigned: bool,
    /// Whether there are more commits than were looked at, or some could not be read.
    pub(crate) more: bool,
}

impl Authors {
    /// Says in a request who they are, and leaves it in doubt where that is not known.
    fn add_to(&self, request: &mut ChangeRequest) {
        request.authors = self.people.values().filter_map(party).collect();
        if self.unsigned {
            request.authors.push(Party::new(UNSIGNED));
        }
        if self.more {
            request.whole_history = Some(false);
        }
    }
}

/// A repository's id.
pub(crate) fn repository_id(name: &str) -> AssetId {
    AssetId::of(KIND, &["git", name])
}

/// A repository as an asset. What is not known is none.
pub(crate) fn repository(
    name: &str,
    shallow: bool,
    head: Option<&str>,
    branches: &[Branch],
) -> Asset {
    let mut asset = Asset::new(repository_id(name), KIND, name);
    asset.claim(
        "repository.shallow",
        Claim::measured(shallow).by("git rev-parse --is-shallow-repository"),
    );
    asset.claim(
        "repository.default-branch",
        match head {
            Some(head) => Claim::measured(bounded(head, ACCOUNT)).by("git symbolic-ref"),
            None => Claim::unknown("its HEAD names no branch"),
        },
    );
    let heads: Table = branches
        .iter()
        .map(|branch| {
            (
                bounded(&branch.name, ACCOUNT),
                Value::Text(branch.head.as_str().into()),
            )
        })
        .collect();
    asset.reading("branch.heads", Claim::measured(heads).by("git rev-parse"));
    asset
}

/// A commit whose trailers say something, and what to remark.
///
/// A trailer is written by whoever writes the commit, and at a time that they choose: no approval here ever has a time.
pub(crate) fn commit(
    repository: &Repository,
    branch: &str,
    commit: &Commit,
    authors: &Authors,
    settings: &Settings,
) -> (ChangeRequest, Vec<String>) {
    let approvals = values(commit, &settings.approval_trailers);
    let reviews = values(commit, &settings.review_trailers);
    let tickets = values(commit, &settings.ticket_trailers);
    let id = format!("{}@{}", repository.name, commit.hash);
    let mut request = ChangeRequest::new(id, bounded(&commit.title, TITLE), commit.at);
    request.kind = request_kind::COMMIT.into();
    request.requester = party(&commit.author);
    // To push takes an account, so that not anybody can ask; that another's name may be typed leaves the authors in doubt.
    authors.add_to(&mut request);
    let committer = party(&commit.committer);
    request.implementers = committer.clone().into_iter().collect();
    for by in approvals.iter().filter_map(|value| trailer_party(value)) {
        let (at, kind, withdrawn) = (None, Text::default(), None);
        request.approvals.push(Approval {
            by,
            at,
            kind,
            withdrawn,
        });
    }
    for by in reviews.iter().filter_map(|value| trailer_party(value)) {
        request.reviews.push(Review {
            by,
            at: None,
            commit: Some(commit.hash.as_str().into()),
            said: review_said::APPROVED.into(),
            kind: Text::default(),
            withdrawn: None,
            doubt: None,
        });
    }
    request.merge = Some(Merge {
        // When it came to the branch, and whether by the branch's rules, no commit can say.
        at: None,
        by: committer,
        commit: Some(commit.hash.as_str().into()),
        branch: Some(bounded(branch, ACCOUNT)),
        protected: None,
    });
    request.head = Some(commit.hash.as_str().into());
    request.links.commits = vec![commit.hash.as_str().into()];
    let keys = tickets
        .iter()
        .flat_map(|value| value.split([',', ' ', ';', '\t']));
    let keys = keys
        .map(str::trim)
        .filter(|key| key.bytes().any(|byte| byte.is_ascii_digit()));
    for key in keys.take(MOST) {
        let key = bounded(key, ACCOUNT);
        if !request.links.requests.contains(&key) {
            request.links.requests.push(key);
        }
    }
    let oddities = mentions(&commit.message, &settings.words).add_to(&mut request);
    (request, oddities)
}

/// Whether a commit has any of the trailers that say something.
pub(crate) fn says_something(commit: &Commit, settings: &Settings) -> bool {
    let keys = [
        &settings.approval_trailers,
        &settings.review_trailers,
        &settings.ticket_trailers,
    ];
    keys.into_iter()
        .any(|keys| !values(commit, keys).is_empty())
}

/// What stands behind some keys of trailers.
fn values<'c>(commit: &'c Commit, keys: &[String]) -> Vec<&'c str> {
    let all = commit.trailers.iter();
    let found = all.filter(|(key, _)| keys.contains(&key.to_ascii_lowercase()));
    found.map(|(_, value)| value.as_str()).take(MOST).collect()
}

/// When a tag was made, as far as that is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct When {
    /// What its signature itself says; none of SSH does.
    pub(crate) signed: Option<Timestamp>,
    /// Since when it is known to be here, where its signature says nothing.
    pub(crate) seen: Option<Timestamp>,
    pub(crate) now: Timestamp,
}

/// A tag that one of the allowed signed, as that person's yes to what it brings. Whoever wrote its commit has asked for it.
pub(crate) fn tag(
    repository: &Repository,
    tag: &Tag,
    signer: Party,
    committed: Option<(Timestamp, &Person)>,
    authors: &Authors,
    settings: &Settings,
    when: &When,
) -> (ChangeRequest, Vec<String>) {
    let now = when.now;
    let said = when.signed.unwrap_or(tag.at);
    let id = format!("{}@{}", repository.name, bounded(&tag.name, ACCOUNT));
    let first = tag.message.lines().find(|line| !line.trim().is_empty());
    let title = first.map_or_else(|| bounded(&tag.name, TITLE), |line| bounded(line, TITLE));
    let mut request = ChangeRequest::new(id, title, said);
    request.kind = request_kind::TAG.into();
    request.sighted = when.seen;
    request.requester = committed.and_then(|(_, author)| party(author));
    authors.add_to(&mut request);
    let mut oddities = Vec::new();
    let sane = |at: Timestamp| {
        let ahead = at.as_second() > now.as_second().saturating_add(CLOCKS);
        let before = committed
            .is_none_or(|(commit, _)| at.as_second().saturating_add(CLOCKS) < commit.as_second());
        !ahead && !before
    };
    let at = Some(said).filter(|at| sane(*at));
    let apart = tag.at.as_second().abs_diff(said.as_second());
    if apart > CLOCKS.unsigned_abs() {
        oddities.push(
            "its tagger says another time than its signature, which is the one that counts"
                .to_owned(),
        );
    }
    if at.is_none() {
        oddities.push(
            "it says a time before its own commit's or one that has not come: it proves no order"
                .to_owned(),
        );
    }
    let (kind, withdrawn) = (Text::default(), None);
    request.approvals = vec![Approval {
        by: signer,
        at,
        kind,
        withdrawn,
    }];
    request.head = Some(tag.commit.as_str().into());
    request.links.commits = vec![tag.commit.as_str().into()];
    oddities.extend(mentions(&tag.message, &settings.words).add_to(&mut request));
    (request, oddities)
}

/// A person's account: the mail in lower case, or the name where there is none.
pub(crate) fn account(person: &Person) -> Option<Text> {
    let mail = bounded(&person.mail.to_lowercase(), ACCOUNT);
    let name = bounded(&person.name, ACCOUNT);
    [mail, name].into_iter().find(|text| !text.is_empty())
}

fn party(person: &Person) -> Option<Party> {
    let account = account(person)?;
    let name = Some(bounded(&person.name, ACCOUNT));
    let name = name.filter(|name| !name.is_empty() && *name != account);
    // That a program wrote it would lift a doubt, and a commit's names are typed by anybody.
    let bot = false;
    Some(Party { account, name, bot })
}

/// `Kim Doe <kim@example.com>`, or what stands in its place.
fn trailer_party(value: &str) -> Option<Party> {
    let (name, mail) = match value.rsplit_once('<') {
        Some((name, mail)) => (name, mail.split('>').next().unwrap_or_default()),
        None if value.contains('@') => ("", value),
        None => (value, ""),
    };
    let (name, mail) = (name.trim().to_owned(), mail.trim().to_owned());
    let mut party = party(&Person { name, mail })?;
    // So do the forges write their programs' names, and a program approves nothing.
    party.bot = party
        .name
        .as_deref()
        .unwrap_or(&party.account)
        .ends_with("[bot]");
    Some(party)
}

/// A text on one line and not too long.
pub(crate) fn bounded(text: &str, most: usize) -> Text {
    let line = text.trim().chars().take(most);
    let line: Text = line.map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.trim_end().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_kit::settings::Document;

    fn settings() -> Settings {
        let document = Document::new("s.toml", "[[repositories]]\npath = '/srv/acme.git'");
        document.read(Settings::read).unwrap().unwrap()
    }

    fn person(mail: &str) -> Person {
        Person {
            name: "X".into(),
            mail: mail.into(),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn made(trailers: &[(&str, &str)]) -> Option<ChangeRequest> {
        let mut authors = Authors::default();
        authors
            .people
            .insert("ann@example.com".into(), person("Ann@Example.com"));
        let settings = settings();
        let one = Commit {
            signed: None,
            hash: "a".repeat(40),
            parents: Vec::new(),
            author: person("Ann@Example.com"),
            committer: person("bo@example.com"),
            at: at(1000),
            title: "Open a port\u{7}".into(),
            trailers: trailers
                .iter()
                .map(|(k, v)| ((*k).into(), (*v).into()))
                .collect(),
            message: "Open a port\n\nSystem: api".into(),
        };
        says_something(&one, &settings)
            .then(|| commit(&settings.repositories[0], "main", &one, &authors, &settings).0)
    }

    #[test]
    fn no_trailer_is_an_approval_with_a_time() {
        let request = made(&[
            ("Approved-By", "Lee <Lee@example.com>"),
            ("reviewed-by", "kim@example.com"),
            ("Ticket", "OPS-17, OPS-18"),
            ("Co-authored-by", "Di <di@example.com>"),
            ("Signed-off-by", "bo@example.com"),
        ])
        .unwrap();
        assert_eq!(request.approvals.len(), 1);
        assert_eq!(request.approvals[0].by.account, "lee@example.com");
        assert!(request.approvals[0].at.is_none() && request.reviews[0].at.is_none());
        assert!(request.merge.as_ref().unwrap().at.is_none());
        assert_eq!(request.authenticated, None);
        assert_eq!(request.links.requests, ["OPS-17", "OPS-18"]);
        assert_eq!(request.authors.len(), 1);
        assert_eq!(
            (request.title.as_str(), request.names[0].as_str()),
            ("Open a port", "api")
        );
        assert_eq!(made(&[("Signed-off-by", "bo@example.com")]), None);
    }

    fn tagged(tag_at: i64, committed: Option<i64>, authors: &Authors) -> ChangeRequest {
        let settings = settings();
        let one = Tag {
            commit: "a".repeat(40),
            name: "v1".into(),
            tagger: person("lee@example.com"),
            at: at(tag_at),
            message: "Release one\n".into(),
            signed: None,
        };
        let signer = Party::new("lee@example.com");
        let author = person("ann@example.com");
        let committed = committed.map(|second| (at(second), &author));
        tag(
            &settings.repositories[0],
            &one,
            signer,
            committed,
            authors,
            &settings,
            &When {
                signed: None,
                seen: Some(at(95_000)),
                now: at(100_000),
            },
        )
        .0
    }

    #[test]
    fn a_tag_that_says_an_impossible_time_says_none() {
        let authors = Authors::default();
        let when = |tag, commit| tagged(tag, commit, &authors).approvals[0].at;
        assert_eq!(when(90_000, Some(80_000)), Some(at(90_000)));
        assert_eq!(when(70_000, Some(80_000)), None);
        assert_eq!(when(200_000, Some(80_000)), None);
        assert_eq!(when(90_000, None), None);
    }

    #[test]
    fn authors_that_nobody_signed_for_are_in_doubt() {
        let mut authors = Authors::default();
        authors.people.insert("ann@x".into(), person("ann@x"));
        let request = tagged(90_000, Some(80_000), &authors);
        assert_eq!((request.authors.len(), request.whole_history), (1, None));
        (authors.unsigned, authors.more) = (true, true);
        let request = tagged(90_000, Some(80_000), &authors);
        assert_eq!(request.authors[1].account, UNSIGNED);
        assert_eq!(request.whole_history, Some(false));
    }
}
