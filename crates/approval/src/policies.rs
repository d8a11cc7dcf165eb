//! Documents to policies: all mistakes at once, each with its place.

use std::collections::BTreeMap;

use plimsoll_model::Text;
use plimsoll_settings::{Document, Mistake, Mistakes, nearest};

use super::policy::Policy;
use super::policy_inherit::inherit;
use super::policy_read::{Raw, read};

macro_rules! shipped {
    ($($name:literal),+ $(,)?) => {
        &[$((
            concat!("baselines/approval/", $name, ".toml"),
            include_str!(concat!("../../../baselines/approval/", $name, ".toml")),
        )),+]
    };
}

/// The policies inside the binary: of five kinds of house what they start with and the full text, and one for a house that has
/// written nothing yet.
const SHIPPED: &[(&str, &str)] = shipped![
    "chat-or-tasks",
    "chat-or-tasks-full",
    "four-reviews",
    "four-reviews-full",
    "officers",
    "officers-full",
    "one-approval",
    "prod-branch",
    "prod-branch-full",
    "tracker-cto",
    "tracker-cto-full",
];

/// The policies that there are.
#[derive(Debug, Default)]
pub struct Policies {
    by_name: BTreeMap<Text, Policy>,
    documents: Vec<Document>,
}

impl Policies {
    /// The documents inside the binary.
    pub fn shipped() -> Vec<Document> {
        let documents = SHIPPED.iter();
        documents
            .map(|(name, text)| Document::new(*name, *text))
            .collect()
    }

    /// Reads documents: mostly those that are shipped and then the user's own, of which each takes the place of the one
    /// before it with the same file name. A policy that extends its own name extends the one whose place it takes.
    ///
    /// # Errors
    /// All mistakes of all documents.
    pub fn load(documents: &[Document]) -> Result<Self, Mistakes> {
        let mut mistakes: Vec<Mistake> = Vec::new();
        let mut raw: Vec<Raw> = Vec::new();
        for document in documents {
            let mut made = None;
            match document.read(|root| made = Some(read(root, stem(document.name())))) {
                Ok(()) => {}
                Err(more) => mistakes.extend(more.into_vec()),
            }
            raw.extend(made);
        }
        let mut policies = BTreeMap::new();
        for at in 0..raw.len() {
            match resolve(&raw, at) {
                Ok(policy) => {
                    policies.insert(policy.name.clone(), policy);
                }
                Err(more) => mistakes.extend(more),
            }
        }
        if mistakes.is_empty() {
            Ok(Self {
                by_name: policies,
                documents: documents.to_vec(),
            })
        } else {
            Err(Mistakes::new(mistakes))
        }
    }

    /// These policies and those of more documents, which come last.
    ///
    /// # Errors
    /// All mistakes of those documents.
    pub fn and(&self, more: &[Document]) -> Result<Self, Mistakes> {
        Self::load(&[self.documents.as_slice(), more].concat())
    }

    /// The policy of a name.
    pub fn get(&self, name: &str) -> Option<&Policy> {
        self.by_name.get(name)
    }

    /// The names that there are, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.by_name.keys().map(Text::as_str)
    }

    /// What to suggest for a name that is none.
    pub fn suggest(&self, name: &str) -> String {
        match nearest(name, self.names()) {
            Some(near) => format!("did you mean {near:?}?"),
            None => format!("there are {}", self.names().collect::<Vec<_>>().join(", ")),
        }
    }
}

fn stem(path: &str) -> &str {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    file.strip_suffix(".toml").unwrap_or(file)
}

/// A policy over what it extends: rules and exemptions by their ids, its own first.
///
/// # Errors
/// That what it extends is not there or extends it in turn, and what its rules lack.
fn resolve(raw: &[Raw], start: usize) -> Result<Policy, Vec<Mistake>> {
    let Some(one) = raw.get(start) else {
        return Err(vec![Mistake::of_file("", "no such policy")]);
    };
    let with_lacks = |mistake: Mistake| {
        let lacks = one.lacks.iter().flatten().cloned();
        std::iter::once(mistake).chain(lacks).collect()
    };
    let mut policy = one.policy.clone();
    let mut keys = one.policy.given.clone();
    let mut chain = vec![start];
    let mut at = start;
    while let Some((parent, place)) = raw.get(at).and_then(|one| one.extends.as_ref()) {
        let own = raw.get(at).is_some_and(|one| one.policy.name == *parent);
        let named = |one: &Raw| one.policy.name == *parent;
        let next = if own {
            raw.get(..at)
                .and_then(|before| before.iter().rposition(named))
        } else {
            raw.iter().rposition(named)
        };
        let wrong = |message: String| Mistake {
            message,
            ..place.clone()
        };
        let Some(next) = next else {
            let names: Vec<&str> = raw.iter().map(|one| one.policy.name.as_str()).collect();
            let hint = nearest(parent, names.iter().copied()).map_or_else(
                || format!("there are {}", names.join(", ")),
                |near| format!("did you mean {near:?}?"),
            );
            let wrong = wrong(format!("there is no policy {parent:?} to extend"));
            return Err(with_lacks(wrong.hint(hint)));
        };
        if chain.contains(&next) {
            let wrong = wrong("these policies extend one another in a circle".to_owned());
            return Err(with_lacks(wrong.hint("take one `extends` away")));
        }
        chain.push(next);
        at = next;
        let Some(base) = raw.get(next) else { break };
        policy.extends.push(base.policy.name.clone());
        for (rule, base_keys) in base.policy.rules.iter().zip(&base.policy.given) {
            let own = policy.rules.iter().position(|have| have.id == rule.id);
            match own.and_then(|at| Some((policy.rules.get_mut(at)?, keys.get_mut(at)?))) {
                Some((own, given)) => inherit(own, given, rule, base_keys),
                None => {
                    policy.rules.push(rule.clone());
                    keys.push(base_keys.clone());
                }
            }
        }
        for exempt in &base.policy.exempt {
            if !policy.exempt.iter().any(|have| have.id == exempt.id) {
                policy.exempt.push(exempt.clone());
            }
        }
        let lists = [
            (&mut policy.ticket_labels, &base.policy.ticket_labels),
            (&mut policy.harmless_edits, &base.policy.harmless_edits),
            (&mut policy.emergency_labels, &base.policy.emergency_labels),
            (
                &mut policy.provisioning_labels,
                &base.policy.provisioning_labels,
            ),
            (&mut policy.removal_labels, &base.policy.removal_labels),
        ];
        let origins = policy.list_origins.iter_mut();
        for ((have, inherited), (origin, base_origin)) in lists
            .into_iter()
            .zip(origins.zip(&base.policy.list_origins))
        {
            if origin.is_none() && base_origin.is_some() {
                have.clone_from(inherited);
                origin.clone_from(base_origin);
            }
        }
    }
    policy.given = keys;
    for (rule, lack) in policy.rules.iter().zip(&one.lacks) {
        if let (true, true, Some(lack)) = (rule.required, rule.approvers.is_empty(), lack) {
            return Err(vec![lack.clone()]);
        }
    }
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Policies, Vec<String>> {
        let mut documents = Policies::shipped();
        documents.push(Document::new("own/ours.toml", text));
        Policies::load(&documents)
            .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_shipped_ones_are_right() {
        let policies = Policies::load(&Policies::shipped()).unwrap();
        assert_eq!(policies.names().count(), SHIPPED.len());
        for policy in policies.by_name.values() {
            let rule = policy
                .rule("production", "container", Some("database"))
                .unwrap();
            assert!(
                rule.required && !rule.approvers.is_empty(),
                "{}",
                policy.name
            );
            let begun = policy.name == "one-approval";
            assert!(
                begun || (rule.emergency.is_some() && rule.sensitive_approvals >= 2),
                "{}",
                policy.name
            );
        }
    }

    #[test]
    fn an_own_policy_takes_the_place_of_rules() {
        let policies = load(
            "extends = \"tracker-cto\"\nemergency-labels = [\"P0\"]\n[[rule]]\nid = \"production\"\nenvironments = [\"prod\"]\napprovers = [\"boss\"]\n",
        )
        .unwrap();
        let ours = policies.get("ours").unwrap();
        assert_eq!(ours.extends, ["tracker-cto"]);
        let rule = ours.rule("production", "host", None).unwrap();
        assert_eq!(
            (
                rule.approvers[0].as_str(),
                ours.emergency_labels[0].as_str()
            ),
            ("boss", "p0")
        );
        assert!(ours.rules.len() > 1 && !ours.exempt.is_empty());
    }

    #[test]
    fn all_mistakes_come_at_once() {
        let mistakes = load(
            "extends = \"tracker-ceo\"\n[[rule]]\nid = \"a\"\nenvironments = [\"live\"]\nwindow = \"sometimes\"\nvalid = \"long\"\naprovals = 2\n\
             [rule.emergency]\nauthorisers = []\n[[exempt]]\nid = \"x\"\n",
        )
        .unwrap_err();
        for part in [
            "there is no policy \"tracker-ceo\" to extend (did you mean \"tracker-cto\"?)",
            "`approvers` is missing",
            "`environments`: \"live\" is none of production, staging, development",
            "`window`: \"sometimes\"",
            "`valid`: \"long\" is no duration",
            "unknown key `aprovals` in rule[0] (did you mean `approvals`?)",
            "`authorisers` is missing",
            "`signed-off-within` is missing",
            "`reason` is missing",
            "would exempt everything",
        ] {
            assert!(
                mistakes.iter().any(|line| line.contains(part)),
                "{part}: {mistakes:#?}"
            );
        }
    }

    #[test]
    fn a_circle_is_no_policy() {
        let documents = [
            Document::new("a.toml", "extends = \"b\""),
            Document::new("b.toml", "extends = \"a\""),
        ];
        let mistakes = Policies::load(&documents).unwrap_err().to_string();
        assert!(mistakes.contains("in a circle"), "{mistakes}");
    }
}
