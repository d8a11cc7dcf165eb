//! Repositories and branches, and the rules that hold for them.

use plimsoll_model::Text;
use serde::Deserialize;

use super::{User, or_default};

/// A repository.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Repository {
    /// Its number, which stays when it is renamed or goes to another owner.
    #[serde(default)]
    pub(crate) id: Option<i64>,
    #[serde(default)]
    pub(crate) html_url: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) full_name: Text,
    #[serde(default)]
    pub(crate) default_branch: Option<String>,
    #[serde(default)]
    pub(crate) visibility: Option<Text>,
    #[serde(default)]
    pub(crate) private: Option<bool>,
    #[serde(default)]
    pub(crate) archived: Option<bool>,
    #[serde(default)]
    pub(crate) allow_merge_commit: Option<bool>,
    #[serde(default)]
    pub(crate) allow_squash_merge: Option<bool>,
    #[serde(default)]
    pub(crate) allow_rebase_merge: Option<bool>,
    #[serde(default)]
    pub(crate) allow_auto_merge: Option<bool>,
    #[serde(default)]
    pub(crate) permissions: Option<Permissions>,
}

/// What whoever asks may do in a repository.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Permissions {
    pub(crate) admin: Option<bool>,
}

/// A branch, as whoever may read the repository sees it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Branch {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) protected: Option<bool>,
}

/// A switch as the vendor writes it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Switch {
    pub(crate) enabled: Option<bool>,
}

/// The older kind of protection, which administrators alone may read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Protection {
    pub(crate) required_pull_request_reviews: Option<RequiredReviews>,
    pub(crate) required_status_checks: Option<RequiredChecks>,
    pub(crate) enforce_admins: Option<Switch>,
    pub(crate) restrictions: Option<Actors>,
    pub(crate) allow_force_pushes: Option<Switch>,
    pub(crate) allow_deletions: Option<Switch>,
    pub(crate) required_signatures: Option<Switch>,
}

/// What it asks of reviews.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RequiredReviews {
    pub(crate) required_approving_review_count: Option<i64>,
    pub(crate) dismiss_stale_reviews: Option<bool>,
    pub(crate) require_code_owner_reviews: Option<bool>,
    pub(crate) require_last_push_approval: Option<bool>,
    pub(crate) bypass_pull_request_allowances: Option<Actors>,
}

/// What it asks of tests.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RequiredChecks {
    pub(crate) strict: Option<bool>,
    pub(crate) contexts: Option<Vec<Option<Text>>>,
}

/// Some people, teams and programs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Actors {
    pub(crate) users: Option<Vec<Option<User>>>,
    pub(crate) teams: Option<Vec<Option<Named>>>,
    pub(crate) apps: Option<Vec<Option<Named>>>,
}

/// Something with a short name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Named {
    pub(crate) slug: Option<Text>,
}

/// A rule that is in force for a branch, with where it comes from.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Rule {
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub(crate) kind: Text,
    #[serde(default)]
    pub(crate) ruleset_id: Option<i64>,
    #[serde(default)]
    pub(crate) parameters: Option<Parameters>,
}

/// What a rule asks for, of the kinds of rule that are read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Parameters {
    pub(crate) required_approving_review_count: Option<i64>,
    pub(crate) dismiss_stale_reviews_on_push: Option<bool>,
    pub(crate) require_code_owner_review: Option<bool>,
    pub(crate) require_last_push_approval: Option<bool>,
    pub(crate) required_status_checks: Option<Vec<Option<Context>>>,
    pub(crate) strict_required_status_checks_policy: Option<bool>,
}

/// A test that has to pass.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Context {
    pub(crate) context: Option<Text>,
}

/// A set of rules. Who may go around it is told to administrators alone.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Ruleset {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) name: Text,
    #[serde(default)]
    pub(crate) enforcement: Option<Text>,
    #[serde(default)]
    pub(crate) bypass_actors: Option<Vec<Option<Bypass>>>,
}

/// Who may go around a set of rules.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Bypass {
    pub(crate) actor_id: Option<i64>,
    pub(crate) actor_type: Option<Text>,
    pub(crate) bypass_mode: Option<Text>,
}

/// That the rules were asked about one push, and what they said.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Suite {
    pub(crate) id: i64,
    #[serde(default)]
    pub(crate) after_sha: Option<Text>,
    #[serde(default)]
    pub(crate) pushed_at: Option<Text>,
    #[serde(default)]
    pub(crate) result: Option<Text>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) rule_evaluations: Vec<Evaluation>,
}

/// What one rule said.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Evaluation {
    pub(crate) enforcement: Option<Text>,
    pub(crate) result: Option<Text>,
    pub(crate) rule_type: Option<Text>,
}
