//! What has to be shown before a change counts as approved.

use std::time::Duration;

use plimsoll_model::Text;

use plimsoll_change::ChangeKind;

use super::policy_inherit::Given;

/// The approval policy of one house: which changes need which approvals.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name: the file's.
    pub name: Text,
    /// What kind of house it is for.
    pub title: Text,
    /// What it adds to, the nearest first.
    pub extends: Vec<Text>,
    /// The labels and annotations whose value names requests, in lower case.
    pub ticket_labels: Vec<Text>,
    /// Edits that leave what was approved as it is.
    pub harmless_edits: Vec<Text>,
    /// Labels of a request that mark an emergency, in lower case.
    pub emergency_labels: Vec<Text>,
    /// Labels of a request that ask for a new system, in lower case.
    pub provisioning_labels: Vec<Text>,
    /// Labels of a request that ask for a removal, in lower case.
    pub removal_labels: Vec<Text>,
    /// What needs no approval.
    pub exempt: Vec<Exempt>,
    /// What is asked of changes. The first that fits decides.
    pub rules: Vec<Rule>,
    /// Which keys each of the rules was given, and by which policy, in the order of the rules.
    pub given: Vec<Vec<Given>>,
    /// Which policy gives each of the word lists, in the order of [`effective_lists`](super::effective_lists); none where it is the
    /// default.
    pub list_origins: [Option<Text>; 5],
}

/// What is asked of the changes of some environments and kinds of asset.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name, unique in the policy.
    pub id: Text,
    /// The environments that it is about; empty for all. What has no environment is judged as production.
    pub environments: Vec<Text>,
    /// The kinds of asset that it is about; empty for all.
    pub kinds: Vec<Text>,
    /// The roles of systems that it is about; empty for all, and for what has none.
    pub systems: Vec<Text>,
    /// Whether an approval is asked for at all.
    pub required: bool,
    /// Who may approve: one of these roles.
    pub approvers: Vec<Text>,
    /// How many of them, each another person and none of them involved.
    pub approvals: usize,
    /// How many where sensitive data is touched.
    pub sensitive_approvals: usize,
    /// Whether a system of which nobody says what it holds counts as sensitive.
    pub undeclared_is_sensitive: bool,
    /// Whether a yes to a request counts.
    pub counts_approvals: bool,
    /// Whether an approving review of code counts.
    pub counts_reviews: bool,
    /// How long an approval stays good.
    pub valid: Option<Duration>,
    /// Whether a request that names the asset and no window is enough of a link.
    pub named_asset: NamedAsset,
    /// Whether a request has to name the environment.
    pub environment_stated: bool,
    /// Who has to approve what touches security; nobody where it is empty.
    pub security_approvers: Vec<Text>,
    /// The facts that are security controls.
    pub security_facts: Vec<Text>,
    /// The labels of a request that say that security is concerned, in lower case.
    pub security_labels: Vec<Text>,
    /// Whether what touches sensitive data touches security.
    pub security_on_sensitive: bool,
    /// Who may carry a change out; everybody known where both lists are empty.
    pub implementers: Vec<Text>,
    /// Which automations may; `*` for all that are named.
    pub automations: Vec<Text>,
    /// Whether it must be known who did.
    pub implementer_known: bool,
    /// Whether code has to name a ticket that a tracker has.
    pub ticket_linked: bool,
    /// Whether code must have been merged before.
    pub merged: bool,
    /// Whether only votes from before the merge count.
    pub before_merge: bool,
    /// The branches that deploy these systems; any where it is empty.
    pub deploy_branches: Vec<Text>,
    /// Whether an artefact that ran there before, approved, may be deployed again without a request of its own.
    pub rollback_allowed: bool,
    /// Whether the branch must have been protected.
    pub protected: bool,
    /// The reviews that code needs.
    pub reviews: Vec<ReviewNeed>,
    /// Whether the tests of the merged commit must have passed.
    pub checks: bool,
    /// The tests that must be among them.
    pub check_names: Vec<Text>,
    /// Who has to sign off quality; nobody where it is empty.
    pub qa: Vec<Text>,
    /// Whether the same artefact must have run in staging before.
    pub staging: bool,
    /// For how long at least.
    pub soak: Option<Duration>,
    /// Whether a request must plan a window.
    pub window_required: bool,
    /// Whether a new system needs a request that asks for one.
    pub provisioning: bool,
    /// Who has to inspect a new system before; nobody where it is empty.
    pub inspected_by: Vec<Text>,
    /// Who has to confirm the inventory afterwards, and within which time; nobody where it is empty.
    pub reconciled_by: Vec<Text>,
    /// Within which time.
    pub reconciled_within: Duration,
    /// Whether it must be announced in the change-control channel.
    pub announced: bool,
    /// How long after the change that may come.
    pub announced_within: Duration,
    /// How emergencies are dealt with; none where they need the same as everything else.
    pub emergency: Option<Emergency>,
}

/// Whether a request that names the asset and no window links a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedAsset {
    /// It does.
    Enough,
    /// It needs a window too.
    WithWindow,
}

/// A review that code needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewNeed {
    /// What it is called: `peer`, `security`, `qa`, `lead`.
    pub kind: Text,
    /// Who may give it: one of these roles; everybody known where it is empty.
    pub roles: Vec<Text>,
    /// By how many.
    pub count: usize,
    /// When it is asked for.
    pub when: When,
    /// Where it is given.
    pub place: ReviewPlace,
}

/// Where a review is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewPlace {
    /// On the code.
    Code,
    /// On the request in a tracker: a yes of that kind, or a confirmation that it was reviewed.
    Request,
}

/// When something is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// Where security is concerned.
    Security,
    /// Where sensitive data is touched.
    Sensitive,
}

/// How an emergency is dealt with.
#[derive(Clone, Debug)]
pub struct Emergency {
    /// Who may authorise it: one of these roles.
    pub authorisers: Vec<Text>,
    /// How long after the change that may come.
    pub authorised_within: Duration,
    /// Whether whoever made it may authorise it.
    pub self_authorised: bool,
    /// What has to be confirmed afterwards, and within which time: kinds of sign-off.
    pub afterwards: Vec<(Text, Duration)>,
    /// Who may sign off: one of these roles; everybody known who did not make it where it is empty.
    pub signed_off_by: Vec<Text>,
    /// Whether a note of the root cause must come with one of them, and within which time.
    pub root_cause: Option<Duration>,
}

/// What needs no approval. All that is given must fit.
#[derive(Clone, Debug)]
pub struct Exempt {
    /// The policy whose file gives it.
    pub origin: Text,
    /// Its name, unique in the policy.
    pub id: Text,
    /// Why.
    pub reason: Text,
    /// The environments; empty for all.
    pub environments: Vec<Text>,
    /// The kinds of asset; empty for all.
    pub kinds: Vec<Text>,
    /// What became of the asset; empty for all.
    pub changes: Vec<ChangeKind>,
    /// Nothing but these facts changed.
    pub facts: Vec<Text>,
    /// The number of instances stayed inside the autoscaler's bounds.
    pub within_bounds: bool,
    /// One of these automations made it, by the platform's own record.
    pub automations: Vec<Text>,
    /// The record has one of these words.
    pub actions: Vec<Text>,
}

impl Policy {
    /// The rule for an environment, a kind of asset and a system's role: the first that fits.
    pub fn rule(&self, environment: &str, kind: &str, system: Option<&str>) -> Option<&Rule> {
        let fits =
            |list: &[Text], word: &str| list.is_empty() || list.iter().any(|one| one == word);
        self.rules.iter().find(|rule| {
            fits(&rule.environments, environment)
                && fits(&rule.kinds, kind)
                && (rule.systems.is_empty() || system.is_some_and(|role| fits(&rule.systems, role)))
        })
    }
}

/// The environment that a word names: `prod`, `prd` and `production` are one. A word that is none of the known ones stands
/// for itself, in lower case.
pub fn environment(word: &str) -> Text {
    let word = word.trim().to_lowercase();
    Text::from(match word.as_str() {
        "prod" | "prd" => "production",
        "stage" | "stg" => "staging",
        "dev" => "development",
        other => other,
    })
}
