//! What protects a branch, each as a claim.

use std::collections::BTreeSet;

use plimsoll_model::{Claim, Text, Value};

use super::super::word;
use super::{Protected, Seen};
use crate::wire::{Protection, Rule, User};

/// What was read of a branch, with how it is called.
pub(super) struct Facts<'a> {
    pub(super) read: &'a Protected,
    pub(super) repository: &'a str,
    pub(super) name: &'a str,
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

    pub(super) fn any(
        &self,
        classic: impl Fn(&Protection) -> bool,
        rule: impl Fn(&Rule) -> bool,
    ) -> Claim {
        let yes = self.classic().is_some_and(classic) || self.rules().iter().any(rule);
        match self.hidden() {
            _ if yes => Claim::reported(true).by(self.basis()),
            None => Claim::reported(false).by(self.basis()),
            Some(why) => Claim::unknown(why),
        }
    }

    pub(super) fn protected(&self) -> Claim {
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
    pub(super) fn approvals(&self) -> Claim {
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

    pub(super) fn checks(&self) -> Claim {
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
    pub(super) fn administrators(&self) -> Claim {
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

    pub(super) fn bypass(&self) -> Claim {
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

    pub(super) fn rulesets(&self) -> Claim {
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
