//! A rule over the rule of its id that its policy extends: a key that it gives itself counts, and the rest stays.

use std::time::Duration;

use plimsoll_model::Text;

use super::policy::{Emergency, Exempt, NamedAsset, Policy, ReviewNeed, ReviewPlace, Rule, When};

/// How one key of a rule is taken over from the rule that it extends, and how it is shown.
struct Key {
    name: &'static str,
    take: fn(&mut Rule, &Rule),
    show: fn(&Rule) -> String,
}

macro_rules! keys {
    ($($name:literal => $first:ident $(, $more:ident)*;)+) => {
        /// Every key of a rule but its id, as it is written, with the fields that it fills.
        const KEYS: &[Key] = &[
            $(Key {
                name: $name,
                take: |own, base| {
                    own.$first = base.$first.clone();
                    $(own.$more = base.$more.clone();)*
                },
                show: |rule| shown!(rule, $first $(, $more)*),
            }),+
        ];
    };
}

macro_rules! shown {
    ($rule:ident, counts_approvals, counts_reviews) => {{
        let words = [
            ($rule.counts_approvals, "approval"),
            ($rule.counts_reviews, "review"),
        ];
        let words: Vec<Text> = words
            .iter()
            .filter(|(yes, _)| *yes)
            .map(|(_, word)| Text::from(*word))
            .collect();
        words.shown()
    }};
    ($rule:ident, $field:ident) => {
        $rule.$field.shown()
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
pub(super) fn inherit(own: &mut Rule, given: &mut Vec<Given>, base: &Rule, base_given: &[Given]) {
    for key in KEYS {
        if !given.iter().any(|one| one.key == key.name) {
            (key.take)(own, base);
        }
    }
    // More are needed where sensitive data is touched, never fewer; what soaks runs in staging.
    own.sensitive_approvals = own.sensitive_approvals.max(own.approvals);
    own.staging |= own.soak.is_some();
    let new = base_given
        .iter()
        .filter(|one| !given.iter().any(|have| have.key == one.key));
    given.extend(new.cloned().collect::<Vec<_>>());
}

/// A key that a rule was given, and the policy that gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The key, as it is written.
    pub key: String,
    /// The policy whose file gives it.
    pub origin: Text,
}

/// One key of a rule as it is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveKey {
    /// The key, as it is written.
    pub key: &'static str,
    /// Its value, as it would be written.
    pub value: String,
    /// The policy that gives it; none where it is the default.
    pub origin: Option<Text>,
}

/// Every key of a rule as it is in force, defaults included, in the order of the documentation.
pub fn effective_keys(rule: &Rule, given: &[Given]) -> Vec<EffectiveKey> {
    let keys = KEYS.iter().map(|key| EffectiveKey {
        key: key.name,
        value: in_words(key.name, (key.show)(rule)),
        origin: given
            .iter()
            .find(|one| one.key == key.name)
            .map(|one| one.origin.clone()),
    });
    keys.collect()
}

/// The word lists of a policy as they are in force, defaults included.
pub fn effective_lists(policy: &Policy) -> Vec<EffectiveKey> {
    let lists = [
        ("ticket-labels", &policy.ticket_labels),
        ("harmless-edits", &policy.harmless_edits),
        ("emergency-labels", &policy.emergency_labels),
        ("provisioning-labels", &policy.provisioning_labels),
        ("removal-labels", &policy.removal_labels),
    ];
    let lists = lists.into_iter().zip(&policy.list_origins);
    let lists = lists.map(|((key, words), origin)| EffectiveKey {
        key,
        value: words.shown(),
        origin: origin.clone(),
    });
    lists.collect()
}

/// Every key of an exemption but its id and reason, as they are written; an empty list asks for nothing.
pub fn exempt_keys(exempt: &Exempt) -> Vec<(&'static str, String)> {
    let changes = exempt.changes.iter();
    let changes: Vec<Text> = changes.map(|kind| Text::from(kind.as_str())).collect();
    vec![
        ("environments", exempt.environments.shown()),
        ("kinds", exempt.kinds.shown()),
        ("changes", changes.shown()),
        ("facts", exempt.facts.shown()),
        ("within-bounds", exempt.within_bounds.shown()),
        ("automations", exempt.automations.shown()),
        ("actions", exempt.actions.shown()),
    ]
}

/// A yes or no as the word that a policy has for it.
fn in_words(key: &str, value: String) -> String {
    let word = match (key, value.as_str()) {
        ("undeclared-data", "true") => "sensitive",
        ("undeclared-data", "false") => "plain",
        ("implementer", "true") => "known",
        ("implementer", "false") => "where-known",
        ("ticket", "true") => "linked",
        ("ticket", "false") => "request",
        ("rollback", "true") => "allowed",
        ("rollback", "false") => "request",
        ("window", "true") => "required",
        ("window", "false") => "when-stated",
        _ => return value,
    };
    format!("{word:?}")
}

/// A value as it would be written in a policy.
trait Shown {
    fn shown(&self) -> String;
}

impl Shown for bool {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for usize {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for Vec<Text> {
    fn shown(&self) -> String {
        let words: Vec<String> = self
            .iter()
            .map(|word| format!("{:?}", word.as_str()))
            .collect();
        format!("[{}]", words.join(", "))
    }
}

impl Shown for Duration {
    fn shown(&self) -> String {
        let seconds = self.as_secs();
        match seconds {
            0 => "\"0s\"".to_owned(),
            _ if seconds.is_multiple_of(86_400) => format!("\"{} days\"", seconds / 86_400),
            _ if seconds.is_multiple_of(3_600) => format!("\"{}h\"", seconds / 3_600),
            _ => format!("\"{seconds}s\""),
        }
    }
}

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> String {
        self.as_ref().map_or("none".to_owned(), Shown::shown)
    }
}

impl Shown for NamedAsset {
    fn shown(&self) -> String {
        match self {
            NamedAsset::Enough => "\"enough\"".to_owned(),
            NamedAsset::WithWindow => "\"with-window\"".to_owned(),
        }
    }
}

impl Shown for Vec<ReviewNeed> {
    fn shown(&self) -> String {
        let each = self.iter().map(|need| {
            let when = match need.when {
                When::Always => "always",
                When::Security => "security",
                When::Sensitive => "sensitive",
            };
            let on = match need.place {
                ReviewPlace::Code => "code",
                ReviewPlace::Request => "request",
            };
            format!(
                "{{ kind = {:?}, roles = {}, count = {}, when = {when:?}, on = {on:?} }}",
                need.kind.as_str(),
                need.roles.shown(),
                need.count
            )
        });
        format!("[{}]", each.collect::<Vec<_>>().join(", "))
    }
}

impl Shown for Emergency {
    fn shown(&self) -> String {
        let mut parts = vec![
            format!("authorisers = {}", self.authorisers.shown()),
            format!("authorised-within = {}", self.authorised_within.shown()),
            format!("self-authorised = {}", self.self_authorised),
        ];
        parts.extend(
            self.afterwards
                .iter()
                .map(|(kind, within)| format!("{kind}-within = {}", within.shown())),
        );
        parts.push(format!("signed-off-by = {}", self.signed_off_by.shown()));
        parts.push(format!("root-cause-within = {}", self.root_cause.shown()));
        format!("{{ {} }}", parts.join(", "))
    }
}
