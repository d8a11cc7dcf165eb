//! A rule over the rule of its id that its policy extends: a key that it gives itself counts, and the rest stays.

use super::policy::Rule;

/// How one key of a rule is taken over from the rule that it extends.
type Take = fn(&mut Rule, &Rule);

macro_rules! keys {
    ($($key:literal => $($field:ident),+;)+) => {
        /// Every key of a rule but its id, as it is written, with the fields that it fills.
        const KEYS: &[(&str, Take)] = &[
            $(($key, |own, base| { $(own.$field = base.$field.clone();)+ }),)+
        ];
    };
}

keys! {
    "environments" => environments;
    "kinds" => kinds;
    "systems" => systems;
    "required" => required;
    "approvers" => approvers;
    "approvals" => approvals;
    "sensitive-approvals" => sensitive_approvals;
    "undeclared-data" => undeclared_is_sensitive;
    "counts" => counts_approvals, counts_reviews;
    "valid" => valid;
    "named-asset" => named_asset;
    "environment-stated" => environment_stated;
    "security-approvers" => security_approvers;
    "security-facts" => security_facts;
    "security-labels" => security_labels;
    "security-on-sensitive" => security_on_sensitive;
    "implementers" => implementers;
    "automations" => automations;
    "implementer" => implementer_known;
    "ticket" => ticket_linked;
    "merged" => merged;
    "before-merge" => before_merge;
    "deploy-branches" => deploy_branches;
    "rollback" => rollback_allowed;
    "protected" => protected;
    "review" => reviews;
    "checks" => checks;
    "check-names" => check_names;
    "qa" => qa;
    "staging" => staging;
    "soak" => soak;
    "window" => window_required;
    "provisioning" => provisioning;
    "inspected-by" => inspected_by;
    "reconciled-by" => reconciled_by;
    "reconciled-within" => reconciled_within;
    "announced" => announced;
    "announced-within" => announced_within;
    "emergency" => emergency;
}

/// Takes over what a rule does not give itself, and notes in `given` what the other gave.
pub(super) fn inherit(own: &mut Rule, given: &mut Vec<String>, base: &Rule, base_given: &[String]) {
    for (key, take) in KEYS {
        if !given.iter().any(|one| one == key) {
            take(own, base);
        }
    }
    // More are needed where sensitive data is touched, never fewer; what soaks runs in staging.
    own.sensitive_approvals = own.sensitive_approvals.max(own.approvals);
    own.staging |= own.soak.is_some();
    given.extend(base_given.iter().cloned());
}

/// The keys that a rule may have, in the order in which they are documented.
pub(super) fn rule_keys() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|(key, _)| *key)
}
