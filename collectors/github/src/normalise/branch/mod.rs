//! Repositories and branches as assets, with what protects them.

mod facts;

use plimsoll_model::{Alias, Asset, AssetId, Claim, Relation, RelationKind, Text, Value};

use facts::Facts;

use super::word;
use crate::wire::{Branch, Protection, Repository, Rule, Ruleset};

/// The kinds of asset that are the collector's own.
pub(crate) const REPOSITORY: &str = "repository";
pub(crate) const BRANCH: &str = "branch";
/// The fact that holds a repository's number.
const PLATFORM_ID: &str = "platform.id";

/// A repository by what stays: its number, and the server that gave it where that is not the vendor's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    number: String,
    server: Option<String>,
}

impl Place {
    /// None where it does not say its number.
    pub(crate) fn of(read: &Repository) -> Option<Self> {
        let url = read.html_url.as_deref().unwrap_or_default();
        let server = url.split_once("://").map(|(_, rest)| rest);
        let server = server.and_then(|rest| rest.split('/').next());
        let server = server.map(str::to_ascii_lowercase);
        Some(Self {
            number: read.id?.to_string(),
            server: server.filter(|server| !matches!(server.as_str(), "" | "github.com")),
        })
    }

    fn id(&self, kind: &str, branch: Option<&str>) -> AssetId {
        let mut parts = vec!["github"];
        parts.extend(self.server.as_deref());
        parts.push(&self.number);
        parts.extend(branch);
        AssetId::of(kind, &parts)
    }

    /// The id of the repository.
    pub(crate) fn repository(&self) -> AssetId {
        self.id(REPOSITORY, None)
    }

    /// The id of a branch.
    pub(crate) fn branch(&self, branch: &str) -> AssetId {
        self.id(BRANCH, Some(branch))
    }
}

/// A repository.
pub(crate) fn repository(place: &Place, name: &str, read: &Repository) -> Asset {
    let mut asset = Asset::new(place.repository(), REPOSITORY, name);
    let called = AssetId::of(REPOSITORY, &["github", name]);
    asset.aliases.push(Alias::called(&called));
    let number = Claim::reported(place.number.as_str());
    asset.claim(PLATFORM_ID, number.by("GET /repos id"));
    let mut claim = |fact: &str, value: Option<Value>, field: &str| {
        let basis = format!("GET /repos/{name} {field}");
        let made = match value {
            Some(value) => Claim::reported(value).by(basis),
            None => Claim::unknown(format!("{basis}: not told")),
        };
        asset.claim(fact, made);
    };
    let yes = |value: Option<bool>| value.map(Value::Bool);
    let text = |value: Option<&str>| value.map(|text| Value::Text(word(text)));
    let visibility = read.visibility.as_deref().or(match read.private {
        Some(true) => Some("private"),
        Some(false) => Some("public"),
        None => None,
    });
    claim(
        "repository.default-branch",
        text(read.default_branch.as_deref()),
        "default_branch",
    );
    claim("repository.visibility", text(visibility), "visibility");
    claim("repository.archived", yes(read.archived), "archived");
    // Who may only read is not told how code is merged.
    for (fact, value, field) in [
        (
            "merge.commit",
            read.allow_merge_commit,
            "allow_merge_commit",
        ),
        (
            "merge.squash",
            read.allow_squash_merge,
            "allow_squash_merge",
        ),
        (
            "merge.rebase",
            read.allow_rebase_merge,
            "allow_rebase_merge",
        ),
        ("merge.auto", read.allow_auto_merge, "allow_auto_merge"),
    ] {
        claim(fact, yes(value), field);
    }
    asset
}

/// Something that could be read, or why not.
#[derive(Clone, Debug)]
pub(crate) enum Seen<T> {
    /// It was read.
    Read(T),
    /// It is not there, for sure.
    Absent,
    /// Whether it is there is not known, for this reason.
    Hidden(String),
}

/// What was read of a branch.
#[derive(Debug)]
pub(crate) struct Protected {
    pub(crate) branch: Branch,
    pub(crate) classic: Seen<Protection>,
    /// The rules that are in force, of the repository and of the organisation.
    pub(crate) rules: Seen<Vec<Rule>>,
    /// The sets that they are of, by number.
    pub(crate) rulesets: Vec<(i64, Seen<Ruleset>)>,
}

impl Protected {
    /// Whether nothing at all protects it. None where that is not known.
    pub(crate) fn is_open(&self) -> Option<bool> {
        match (self.branch.protected, &self.rules) {
            (Some(true), _) => Some(false),
            (Some(false), Seen::Read(rules)) => Some(rules.is_empty()),
            (_, Seen::Read(rules)) if !rules.is_empty() => Some(false),
            _ => None,
        }
    }
}

/// A branch, with a fact for each thing that protects it.
///
/// The older protection and rules hold side by side: what one of them asks for is asked for. So a `true` needs one of them,
/// and a `false` both.
pub(crate) fn branch(
    place: &Place,
    repository: &str,
    name: &str,
    read: &Protected,
) -> (Asset, Relation) {
    let id = place.branch(name);
    let mut asset = Asset::new(id.clone(), BRANCH, name);
    let called = AssetId::of(BRANCH, &["github", repository, name]);
    asset.aliases.push(Alias::called(&called));
    let facts = Facts {
        read,
        repository,
        name,
    };
    asset.claim("branch.protected", facts.protected());
    asset.claim(
        "branch.review-required",
        facts.any(
            |classic| classic.required_pull_request_reviews.is_some(),
            |rule| rule.kind == "pull_request",
        ),
    );
    asset.claim("branch.approvals-required", facts.approvals());
    let reviews = |classic: &Protection,
                   pick: fn(&crate::wire::RequiredReviews) -> Option<bool>| {
        let reviews = classic.required_pull_request_reviews.as_ref();
        reviews.and_then(pick).unwrap_or(false)
    };
    let parameter = |rule: &Rule, pick: fn(&crate::wire::Parameters) -> Option<bool>| {
        rule.parameters.as_ref().and_then(pick).unwrap_or(false)
    };
    asset.claim(
        "branch.stale-reviews-dismissed",
        facts.any(
            |classic| reviews(classic, |one| one.dismiss_stale_reviews),
            |rule| parameter(rule, |one| one.dismiss_stale_reviews_on_push),
        ),
    );
    asset.claim(
        "branch.code-owner-review-required",
        facts.any(
            |classic| reviews(classic, |one| one.require_code_owner_reviews),
            |rule| parameter(rule, |one| one.require_code_owner_review),
        ),
    );
    asset.claim(
        "branch.last-push-approval-required",
        facts.any(
            |classic| reviews(classic, |one| one.require_last_push_approval),
            |rule| parameter(rule, |one| one.require_last_push_approval),
        ),
    );
    asset.claim("branch.checks-required", facts.checks());
    asset.claim(
        "branch.up-to-date-required",
        facts.any(
            |classic| {
                let checks = classic.required_status_checks.as_ref();
                checks.and_then(|checks| checks.strict).unwrap_or(false)
            },
            |rule| parameter(rule, |one| one.strict_required_status_checks_policy),
        ),
    );
    asset.claim(
        "branch.merging-restricted",
        facts.any(
            |classic| classic.restrictions.is_some(),
            |rule| rule.kind == "update",
        ),
    );
    let on = |switch: &Option<crate::wire::Switch>| switch.as_ref().and_then(|one| one.enabled);
    // Of the older protection a switch that is not there is off.
    asset.claim(
        "branch.force-push-refused",
        facts.any(
            |classic| on(&classic.allow_force_pushes) != Some(true),
            |rule| rule.kind == "non_fast_forward",
        ),
    );
    asset.claim(
        "branch.deletion-refused",
        facts.any(
            |classic| on(&classic.allow_deletions) != Some(true),
            |rule| rule.kind == "deletion",
        ),
    );
    asset.claim(
        "branch.signatures-required",
        facts.any(
            |classic| on(&classic.required_signatures) == Some(true),
            |rule| rule.kind == "required_signatures",
        ),
    );
    asset.claim("branch.administrators-bound", facts.administrators());
    asset.claim("branch.bypass", facts.bypass());
    asset.claim("branch.rulesets", facts.rulesets());
    let of = Relation {
        from: place.repository(),
        kind: RelationKind::Contains,
        to: id,
        scope: Text::default(),
    };
    (asset, of)
}
