//! Words of policies and requests that mean nothing, since nobody knows them: a typo is told, and never passed over.

use std::collections::BTreeSet;

use plimsoll_change::path_is_of;
use plimsoll_model::{ChangeRequest, Text, fact, kind};
use plimsoll_settings::nearest;

use super::keys::label;
use super::policy::{Policy, environment};

/// The environments that a change can be in.
pub(crate) const ENVIRONMENTS: [&str; 3] = ["production", "staging", "development"];

/// The names that an inventory uses.
#[derive(Clone, Debug)]
pub struct Words {
    facts: BTreeSet<Text>,
    kinds: BTreeSet<Text>,
}

impl Default for Words {
    /// Those that the shipped collectors use.
    fn default() -> Self {
        let texts = |words: &[&str]| words.iter().map(|word| Text::from(*word)).collect();
        Self {
            facts: texts(fact::ALL),
            kinds: texts(kind::ALL),
        }
    }
}

impl Words {
    /// Adds a fact that a source of the house's own claims.
    pub fn add_fact(&mut self, name: &str) {
        if !self.facts.contains(name) {
            self.facts.insert(name.into());
        }
    }

    /// Adds a kind of asset that a source of the house's own brings.
    pub fn add_kind(&mut self, name: &str) {
        if !self.kinds.contains(name) {
            self.kinds.insert(name.into());
        }
    }

    /// What to say of a fact that nobody claims; none where somebody does, or where it is a label or a part of a fact.
    fn unknown_fact(&self, word: &str) -> Option<String> {
        let is_of = |fact: &Text| path_is_of(word, fact);
        if word == "labels" || label(word).is_some() || self.facts.iter().any(is_of) {
            return None;
        }
        let hint = suggest(word, &self.facts);
        Some(format!(
            "{word:?}, and nobody claims a fact of that name{hint}"
        ))
    }

    fn unknown_kind(&self, word: &str) -> Option<String> {
        if self.kinds.contains(word) {
            return None;
        }
        let hint = suggest(word, &self.kinds);
        Some(format!("{word:?}, and no asset is of that kind{hint}"))
    }

    /// What a policy names and nobody knows, each in a sentence with its key and what may have been meant.
    pub fn unknown_in_policy(&self, policy: &Policy) -> Vec<String> {
        let mut found = Vec::new();
        let mut note =
            |part: &str, id: &str, key: &str, what: Option<String>| {
                found.extend(what.map(|what| {
                    format!("{}/{id}: `{key}` of the {part} names {what}", policy.name)
                }));
            };
        for rule in &policy.rules {
            for word in &rule.security_facts {
                note("rule", &rule.id, "security-facts", self.unknown_fact(word));
            }
            for word in &rule.kinds {
                note("rule", &rule.id, "kinds", self.unknown_kind(word));
            }
        }
        for exempt in &policy.exempt {
            for word in &exempt.facts {
                note("exemption", &exempt.id, "facts", self.unknown_fact(word));
            }
            for word in &exempt.kinds {
                note("exemption", &exempt.id, "kinds", self.unknown_kind(word));
            }
        }
        found
    }

    /// What a request names and nobody knows, each in a sentence with its key and what may have been meant.
    pub fn unknown_in_request(&self, request: &ChangeRequest) -> Vec<String> {
        let id = &request.id;
        let mut found = Vec::new();
        for word in &request.environments {
            if !ENVIRONMENTS.contains(&environment(word).as_str()) {
                let near = nearest(&word.to_lowercase(), ENVIRONMENTS.into_iter());
                let hint =
                    near.map_or_else(String::new, |near| format!(": did you mean {near:?}?"));
                found.push(format!(
                    "request {id}: `environments` names {word:?}, which is none of {}{hint}",
                    ENVIRONMENTS.join(", ")
                ));
            }
        }
        for word in &request.facts {
            let what = self.unknown_fact(word);
            found.extend(what.map(|what| format!("request {id}: `facts` names {what}")));
        }
        for asset in &request.assets {
            let what = match asset.as_str().split_once(':') {
                Some((kind, _)) => self
                    .unknown_kind(kind)
                    .map(|what| format!("{asset}: its kind is {what}")),
                None => Some(format!(
                    "{:?}, which is no id, as \"container:web-1/api\"",
                    asset.as_str()
                )),
            };
            found.extend(what.map(|what| format!("request {id}: `assets` names {what}")));
        }
        found
    }
}

fn suggest(word: &str, known: &BTreeSet<Text>) -> String {
    let near = nearest(word, known.iter().map(Text::as_str));
    near.map_or_else(String::new, |near| format!(": did you mean {near:?}?"))
}

#[cfg(test)]
mod tests {
    use plimsoll_model::AssetId;
    use plimsoll_settings::Document;

    use super::*;
    use crate::policies::Policies;

    #[test]
    fn words_of_a_request_that_nobody_knows_are_told_with_a_suggestion() {
        let mut request = ChangeRequest::new("CHG-1", "x", "2026-01-01T00:00:00Z".parse().unwrap());
        request.environments = vec!["prodution".into(), "Prod".into(), "staging".into()];
        request.facts = vec![
            "prots".into(),
            "env.LOG_LEVEL".into(),
            "labels[team]".into(),
        ];
        request.assets = ["contaner:web-1/api", "container:web-1/api", "web-1"]
            .map(|id| AssetId::new(id).unwrap())
            .to_vec();
        assert_eq!(
            Words::default().unknown_in_request(&request),
            [
                "request CHG-1: `environments` names \"prodution\", which is none of production, staging, development: did you mean \"production\"?",
                "request CHG-1: `facts` names \"prots\", and nobody claims a fact of that name: did you mean \"ports\"?",
                "request CHG-1: `assets` names contaner:web-1/api: its kind is \"contaner\", and no asset is of that kind: did you mean \"container\"?",
                "request CHG-1: `assets` names \"web-1\", which is no id, as \"container:web-1/api\"",
            ]
        );
    }

    #[test]
    fn words_of_a_house_of_its_own_are_known() {
        let mut request = ChangeRequest::new("CHG-1", "x", "2026-01-01T00:00:00Z".parse().unwrap());
        request.facts = vec!["turbine.speed".into()];
        request.assets = vec![AssetId::new("turbine:north/1").unwrap()];
        let mut words = Words::default();
        assert_eq!(words.unknown_in_request(&request).len(), 2);
        words.add_fact("turbine.speed");
        words.add_kind("turbine");
        assert_eq!(words.unknown_in_request(&request), Vec::<String>::new());
    }

    #[test]
    fn words_of_a_policy_that_nobody_knows_are_told_with_their_key() {
        let text = "[[exempt]]\nid = \"e\"\nreason = \"x\"\nfacts = [\"replicsa\"]\nkinds = [\"imge\"]\n\
                    [[rule]]\nid = \"r\"\napprovers = [\"cto\"]\nsecurity-facts = [\"prots\", \"ports\"]\nkinds = [\"hots\"]\n";
        let policies = Policies::load(&[Document::new("ours.toml", text)]).unwrap();
        let found = Words::default().unknown_in_policy(policies.get("ours").unwrap());
        assert_eq!(
            found,
            [
                "ours/r: `security-facts` of the rule names \"prots\", and nobody claims a fact of that name: did you mean \"ports\"?",
                "ours/r: `kinds` of the rule names \"hots\", and no asset is of that kind: did you mean \"host\"?",
                "ours/e: `facts` of the exemption names \"replicsa\", and nobody claims a fact of that name: did you mean \"replicas\"?",
                "ours/e: `kinds` of the exemption names \"imge\", and no asset is of that kind: did you mean \"image\"?",
            ]
        );
    }

    #[test]
    fn words_of_shipped_policies_are_known() {
        let policies = Policies::load(&Policies::shipped()).unwrap();
        for name in policies.names() {
            let policy = policies.get(name).unwrap();
            assert_eq!(
                Words::default().unknown_in_policy(policy),
                Vec::<String>::new()
            );
        }
    }
}
