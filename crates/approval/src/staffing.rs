//! Whether somebody can give what a policy asks for.

use jiff::Timestamp;
use plimsoll_settings::nearest;

use super::people::{ANY, People};
use super::policy::{Policy, Rule};
use super::words::Words;

/// What a policy asks for and nobody can give, and what in the list of people helps nobody: each in a sentence. `sources` are
/// the names of the configured sources and of their collectors, under which accounts may stand; `words` those that the policy
/// may use of facts and kinds.
pub fn find_gaps(
    policy: Option<&Policy>,
    people: &People,
    sources: &[&str],
    words: &Words,
    now: Timestamp,
) -> Vec<String> {
    let mut gaps: Vec<String> = Vec::new();
    let Some(policy) = policy else {
        gaps.push("no approval policy is chosen: set `policy` in [approval]".to_owned());
        return gaps;
    };
    if people.persons().is_empty() {
        gaps.push("nobody is in [[people]], so nobody can approve anything".to_owned());
    }
    gaps.extend(words.unknown_in_policy(policy));
    let present = |left: Option<Timestamp>| left.is_none_or(|left| now < left);
    let mut known: Vec<&str> = Vec::new();
    for rule in policy.rules.iter().filter(|rule| rule.required) {
        for (what, roles) in asked(rule) {
            known.extend(&roles);
            let held = people
                .persons()
                .iter()
                .filter(|person| present(person.left));
            let held = held.flat_map(|person| &person.roles);
            if !roles.is_empty() && !held.clone().any(|role| roles.contains(&role.as_str())) {
                let roles = roles.join(" or ");
                gaps.push(format!(
                    "{}/{}: {what} needs {roles}, and nobody has that role",
                    policy.name, rule.id
                ));
            }
        }
    }
    for person in people.persons() {
        if person.accounts.is_empty() {
            gaps.push(format!("{} has no account", person.name));
        }
        let unknown = person
            .roles
            .iter()
            .filter(|role| !known.contains(&role.as_str()));
        for role in unknown {
            // A role that this policy does not ask for is nothing wrong, unless it is nearly one that it does.
            if let Some(near) = nearest(role, known.iter().copied()) {
                gaps.push(format!(
                    "{} has the role {role:?}, which {} does not know: did you mean {near:?}?",
                    person.name, policy.name
                ));
            }
        }
        let ended = person.delegates.iter().filter(|one| one.until <= now);
        for one in ended {
            gaps.push(format!(
                "{} lends nothing to {} any more: that ended {}",
                person.name, one.to, one.until
            ));
        }
    }
    let persons = people
        .persons()
        .iter()
        .map(|one| (&one.name, &one.accounts));
    let programs = people
        .automations()
        .iter()
        .map(|one| (&one.name, &one.accounts));
    for (name, accounts) in persons.chain(programs) {
        let strange = accounts.iter().map(|(source, _)| source.as_str());
        for source in strange.filter(|one| *one != ANY && !sources.contains(one)) {
            let hint = nearest(source, sources.iter().copied());
            let hint = hint.map_or_else(String::new, |near| format!(": did you mean {near:?}?"));
            gaps.push(format!(
                "{name} has an account of {source:?}, and no source or collector is called that{hint}"
            ));
        }
    }
    gaps
}

/// What a rule asks for, with the roles of which one has to be held.
fn asked(rule: &Rule) -> Vec<(&'static str, Vec<&str>)> {
    let lists = [
        ("an approval", &rule.approvers),
        ("security's approval", &rule.security_approvers),
        ("a quality sign-off", &rule.qa),
        ("an inspection", &rule.inspected_by),
        ("a reconciliation", &rule.reconciled_by),
        ("an implementation", &rule.implementers),
    ];
    let reviews = rule.reviews.iter().map(|need| ("a review", &need.roles));
    let emergency = rule.emergency.iter().flat_map(|one| {
        [
            ("an emergency", &one.authorisers),
            ("an emergency's sign-off", &one.signed_off_by),
        ]
    });
    let all = lists.into_iter().chain(reviews).chain(emergency);
    all.map(|(what, roles)| (what, roles.iter().map(|role| role.as_str()).collect()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{People, Policies};
    use plimsoll_settings::Document;

    fn gaps(text: &str) -> Vec<String> {
        let people = Document::new("c.toml", text).read(People::read).unwrap();
        let policies = Policies::load(&Policies::shipped()).unwrap();
        let now = "2026-03-01T00:00:00Z".parse().unwrap();
        find_gaps(
            policies.get("tracker-cto"),
            &people,
            &["jira", "tracker"],
            &Words::default(),
            now,
        )
    }

    #[test]
    fn gaps_in_empty_house_name_every_role() {
        let gaps = gaps("");
        assert!(gaps[0].starts_with("nobody is in [[people]]"), "{gaps:#?}");
        assert!(
            gaps.iter().any(|gap| gap.contains("an approval needs cto")),
            "{gaps:#?}"
        );
    }

    #[test]
    fn gaps_of_misspelt_words_suggest_the_right_ones() {
        let gaps = gaps(
            "[[people]]\nname = \"Kim\"\nroles = [\"ctoo\", \"janitor\"]\naccounts = { jria = \"kim\" }\n",
        );
        for part in ["did you mean \"cto\"?", "did you mean \"jira\"?"] {
            assert!(
                gaps.iter().any(|gap| gap.contains(part)),
                "{part}: {gaps:#?}"
            );
        }
        assert!(!gaps.iter().any(|gap| gap.contains("janitor")), "{gaps:#?}");
    }

    #[test]
    fn gaps_of_staffed_house_are_none() {
        let gaps = gaps(
            "[[people]]\nname = \"Kim\"\nroles = [\"cto\", \"security-officer\"]\naccounts = { jira = \"kim\" }\n",
        );
        assert_eq!(gaps, Vec::<String>::new());
    }
}
