//! Repositories and branches as assets, with what protects them.

use std::collections::BTreeSet;

use plimsoll_model::{Asset, AssetId, Claim, Relation, RelationKind, Text, Value};

use super::word;
use crate::wire::{Branch, Protection, Repository, Rule, Ruleset, User};

/// The kinds of asset that are the collector's own.
pub(crate) const REPOSITORY: &str = "repository";
pub(crate) const BRANCH: &str = "branch";

/// The id of a repository.
pub(crate) fn repository_id(repository: &str) -> AssetId {
    AssetId::of(REPOSITORY, &["github", repository])
}

/// The id of a branch.
pub(crate) fn branch_id(repository: &str, branch: &str) -> AssetId {
    AssetId::of(BRANCH, &["github", repository, branch])
}

/// A repository.
pub(crate) fn repository(name: &str, read: &Repository) -> Asset {
    let mut asset = Asset::new(repository_id(name), REPOSITORY, name);
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
pub(crate) fn branch(repository: &str, name: &str, read: &Protected) -> (Asset, Relation) {
    let id = branch_id(repository, name);
    let mut asset = Asset::new(id.clone(), BRANCH, name);
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
        from: repository_id(repository),
        kind: RelationKind::Contains,
        to: id,
        scope: Text::default(),
    };
    (asset, of)
}

struct Facts<'a> {
    read: &'a Protected,
    repository: &'a str,
    name: &'a str,
}

impl Facts<'_> {
    fn basis(&self) -> String {
        let (repository, name) = (self.repository, self.name);
        format!(
            "GET /repos/{repository}/branches/{name}/protection, GET /repos/{repository}/rules/branches/{name}"
        )
    }

    /// Why it is not known, where something is hidden.
    fn hidden(&self) -> Option<String> {
        let classic = match &self.read.classic {
            Seen::Hidden(why) => Some(why),
            _ => None,
        };
        let rules = match &self.read.rules {
            Seen::Hidden(why) => Some(why),
            _ => None,
        };
        classic.or(rules).cloned()
    }

    fn classic(&self) -> Option<&Protection> {
        match &self.read.classic {
            Seen::Read(protection) => Some(protection),
            _ => None,
        }
    }

    fn rules(&self) -> &[Rule] {
        match &self.read.rules {
            Seen::Read(rules) => rules,
            _ => &[],
        }
    }

    fn any(&self, classic: impl Fn(&Protection) -> bool, rule: impl Fn(&Rule) -> bool) -> Claim {
        let yes = self.classic().is_some_and(classic) || self.rules().iter().any(rule);
        match self.hidden() {
            _ if yes => Claim::reported(true).by(self.basis()),
            None => Claim::reported(false).by(self.basis()),
            Some(why) => Claim::unknown(why),
        }
    }

    fn protected(&self) -> Claim {
        let (repository, name) = (self.repository, self.name);
        match self.read.is_open() {
            Some(open) => Claim::reported(!open).by(format!(
                "GET /repos/{repository}/branches/{name} protected, GET /repos/{repository}/rules/branches/{name}"
            )),
            None => {
                let why = self.hidden();
                Claim::unknown(why.unwrap_or_else(|| "the branch does not say whether it is protected".to_owned()))
            }
        }
    }

    /// The most that any of them asks for; what is hidden may ask for more, so it is then a lower bound and not known.
    fn approvals(&self) -> Claim {
        let classic = self.classic().and_then(|classic| {
            let reviews = classic.required_pull_request_reviews.as_ref()?;
            Some(reviews.required_approving_review_count.unwrap_or(0))
        });
        let rules = self.rules().iter().filter_map(|rule| {
            let parameters = rule.parameters.as_ref()?;
            parameters.required_approving_review_count
        });
        let most = rules.chain(classic).max().unwrap_or(0);
        match self.hidden() {
            None => Claim::reported(Value::Int(most)).by(self.basis()),
            Some(why) => Claim::unknown(why),
        }
    }

    fn checks(&self) -> Claim {
        if let Some(why) = self.hidden() {
            return Claim::unknown(why);
        }
        let mut names: BTreeSet<Text> = BTreeSet::new();
        if let Some(checks) = self
            .classic()
            .and_then(|one| one.required_status_checks.as_ref())
        {
            names.extend(
                checks
                    .contexts
                    .iter()
                    .flatten()
                    .flatten()
                    .map(|name| word(name)),
            );
        }
        for rule in self.rules() {
            let parameters = rule.parameters.as_ref();
            let checks = parameters.and_then(|one| one.required_status_checks.as_ref());
            let names_of = checks
                .into_iter()
                .flatten()
                .flatten()
                .filter_map(|one| one.context.as_ref());
            names.extend(names_of.map(|name| word(name)));
        }
        Claim::reported(list(names)).by(self.basis())
    }

    /// Rules always bind administrators who may not go around them; the older protection only where it says so.
    fn administrators(&self) -> Claim {
        match &self.read.classic {
            Seen::Read(classic) => {
                let bound = classic.enforce_admins.as_ref().and_then(|one| one.enabled);
                match bound {
                    Some(bound) => Claim::reported(bound).by(format!(
                        "GET /repos/{}/branches/{}/protection enforce_admins",
                        self.repository, self.name
                    )),
                    None => Claim::unknown(
                        "the protection does not say whether it binds administrators",
                    ),
                }
            }
            Seen::Absent => Claim::unknown(
                "there is no protection of the older kind, and only it says so; see branch.bypass",
            ),
            Seen::Hidden(why) => Claim::unknown(why.as_str()),
        }
    }

    fn bypass(&self) -> Claim {
        if let Some(why) = self.hidden() {
            return Claim::unknown(why);
        }
        let mut who: BTreeSet<Text> = BTreeSet::new();
        let reviews = self
            .classic()
            .and_then(|one| one.required_pull_request_reviews.as_ref());
        if let Some(actors) = reviews.and_then(|one| one.bypass_pull_request_allowances.as_ref()) {
            let logins = actors
                .users
                .iter()
                .flatten()
                .flatten()
                .filter_map(|user: &User| user.login.as_ref());
            who.extend(logins.map(|login| Text::from(format!("user {}", word(login)))));
            for (kind, named) in [("team", &actors.teams), ("app", &actors.apps)] {
                let slugs = named
                    .iter()
                    .flatten()
                    .flatten()
                    .filter_map(|one| one.slug.as_ref());
                who.extend(slugs.map(|slug| Text::from(format!("{kind} {}", word(slug)))));
            }
        }
        for (number, seen) in &self.read.rulesets {
            let actors = match seen {
                Seen::Read(ruleset) => ruleset.bypass_actors.as_ref(),
                _ => None,
            };
            let Some(actors) = actors else {
                return Claim::unknown(format!(
                    "who may go around ruleset {number} is told only to those who may change it"
                ));
            };
            for actor in actors.iter().flatten() {
                let kind = actor.actor_type.as_deref().unwrap_or("somebody");
                let id = actor
                    .actor_id
                    .map(|id| format!(" {id}"))
                    .unwrap_or_default();
                let mode = actor.bypass_mode.as_deref().unwrap_or("always");
                who.insert(word(&format!("{kind}{id} ({mode})")));
            }
        }
        Claim::reported(list(who)).by(self.basis())
    }

    fn rulesets(&self) -> Claim {
        if let Seen::Hidden(why) = &self.read.rules {
            return Claim::unknown(why.as_str());
        }
        let names = self.read.rulesets.iter().map(|(number, seen)| match seen {
            Seen::Read(ruleset) if !ruleset.name.is_empty() => {
                let state = ruleset.enforcement.as_deref().unwrap_or("active");
                word(&format!("{number} {} ({state})", ruleset.name))
            }
            _ => Text::from(number.to_string()),
        });
        Claim::reported(list(names.collect())).by(format!(
            "GET /repos/{}/rules/branches/{}",
            self.repository, self.name
        ))
    }
}

fn list(names: BTreeSet<Text>) -> Value {
    Value::List(names.into_iter().map(Value::Text).collect())
}
