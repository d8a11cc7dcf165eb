//! Who is who: one person across systems, their roles, delegates and leaving, and the programs that act.

use std::collections::HashMap;

use jiff::Timestamp;
use plimsoll_model::Text;

/// The word for an account that is the same in every source.
pub(crate) const ANY: &str = "any";

/// The people and automations of the configuration.
#[derive(Clone, Debug, Default)]
pub struct People {
    persons: Vec<Person>,
    automations: Vec<Automation>,
    /// By source or collector (or [`ANY`]) and account.
    accounts: HashMap<(Text, Text), Who>,
    /// The collector of each configured source.
    collectors: HashMap<Text, Text>,
}

/// One human, whatever their accounts.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// What they are called; unique.
    pub name: Text,
    /// Their roles: `cto`, `security-officer`, `ops`.
    pub roles: Vec<Text>,
    /// Their accounts, each with the source or collector that it is of.
    pub accounts: Vec<(Text, Text)>,
    /// Since when they belong to the house; none for ever.
    pub joined: Option<Timestamp>,
    /// From when on they do no more.
    pub left: Option<Timestamp>,
    /// To whom they lend their roles.
    pub delegates: Vec<Delegate>,
}

/// That a person lends roles to another for a time.
#[derive(Clone, Debug)]
pub struct Delegate {
    /// The other's name.
    pub to: Text,
    /// The roles that are lent.
    pub roles: Vec<Text>,
    /// From when on.
    pub from: Timestamp,
    /// Until when, exclusive.
    pub until: Timestamp,
}

/// A program that acts under accounts of its own.
#[derive(Clone, Debug, Default)]
pub struct Automation {
    /// What it is called; unique, over people too.
    pub name: Text,
    /// Its accounts.
    pub accounts: Vec<(Text, Text)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Person(usize),
    Automation(usize),
}

/// Whose an account is.
#[derive(Clone, Copy, Debug)]
pub enum Known<'a> {
    /// A person's.
    Person(&'a Person),
    /// A program's.
    Automation(&'a Automation),
    /// Nobody has it.
    Nobody,
}

/// How a person holds a role at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// As their own.
    Own(Text),
    /// Lent by another, whose name is here.
    Lent(Text, Text),
    /// It was lent to them at another time, by the one whose name is here, until then.
    Ended(Text, Timestamp),
    /// Not at all.
    No,
}

impl People {
    /// People and automations; those that share an account are told, as pairs of names with the account.
    pub fn new(
        persons: Vec<Person>,
        automations: Vec<Automation>,
    ) -> (Self, Vec<(Text, Text, Text)>) {
        let mut accounts: HashMap<(Text, Text), Who> = HashMap::new();
        let mut shared = Vec::new();
        let name = |who: Who| match who {
            Who::Person(at) => persons.get(at).map(|one| one.name.clone()),
            Who::Automation(at) => automations.get(at).map(|one| one.name.clone()),
        };
        let people = persons.iter().enumerate();
        let people = people.map(|(at, one)| (Who::Person(at), &one.accounts));
        let programs = automations.iter().enumerate();
        let programs = programs.map(|(at, one)| (Who::Automation(at), &one.accounts));
        for (who, own) in people.chain(programs) {
            for (source, account) in own {
                let key = (source.clone(), plain(account));
                match accounts.insert(key, who) {
                    Some(other) if other != who => shared.push((
                        name(other).unwrap_or_default(),
                        name(who).unwrap_or_default(),
                        account.clone(),
                    )),
                    _ => {}
                }
            }
        }
        let people = Self {
            persons,
            automations,
            accounts,
            collectors: HashMap::new(),
        };
        (people, shared)
    }

    /// The same people, who are looked up under a source's collector too.
    pub fn with_collectors(mut self, collectors: impl IntoIterator<Item = (Text, Text)>) -> Self {
        self.collectors = collectors.into_iter().collect();
        self
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.persons.is_empty() && self.automations.is_empty()
    }

    /// Every person, in the order of the configuration.
    pub fn persons(&self) -> &[Person] {
        &self.persons
    }

    /// Every automation, in the order of the configuration.
    pub fn automations(&self) -> &[Automation] {
        &self.automations
    }

    /// Whose an account of a source is: the source's own entry goes before its collector's, and that before `any`.
    pub fn who(&self, source: &str, account: &str) -> Known<'_> {
        let account = plain(account);
        let look = |place: &str| self.accounts.get(&(Text::from(place), account.clone()));
        let collector = self.collectors.get(source);
        let found = look(source)
            .or_else(|| collector.and_then(|name| look(name)))
            .or_else(|| look(ANY));
        match found.copied() {
            Some(Who::Person(at)) => self.persons.get(at).map_or(Known::Nobody, Known::Person),
            Some(Who::Automation(at)) => {
                let found = self.automations.get(at);
                found.map_or(Known::Nobody, Known::Automation)
            }
            None => Known::Nobody,
        }
    }

    /// How a person holds one of several roles at a time. The first role that they hold counts.
    pub fn holds(&self, person: &Person, roles: &[Text], at: Timestamp) -> Held {
        if let Some(role) = roles.iter().find(|role| person.roles.contains(role)) {
            return Held::Own(role.clone());
        }
        let mut ended = None;
        for lender in &self.persons {
            let lent = lender.delegates.iter().filter(|one| one.to == person.name);
            for delegate in lent {
                let owns =
                    |role: &&Text| delegate.roles.contains(role) && lender.roles.contains(role);
                let Some(role) = roles.iter().find(owns) else {
                    continue;
                };
                let there = lender.left.is_none_or(|left| at < left);
                if delegate.from <= at && at < delegate.until && there {
                    return Held::Lent(role.clone(), lender.name.clone());
                }
                ended = Some(Held::Ended(lender.name.clone(), delegate.until));
            }
        }
        ended.unwrap_or(Held::No)
    }
}

/// An account as it is compared: addresses in any case, everything else as it is.
fn plain(account: &str) -> Text {
    let account = account.trim();
    if account.contains('@') {
        Text::from(account.to_lowercase())
    } else {
        Text::from(account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn person(name: &str, roles: &[&str], accounts: &[(&str, &str)]) -> Person {
        Person {
            name: name.into(),
            roles: roles.iter().map(|role| Text::from(*role)).collect(),
            accounts: accounts
                .iter()
                .map(|(source, account)| ((*source).into(), (*account).into()))
                .collect(),
            ..Person::default()
        }
    }

    #[test]
    fn one_person_across_systems() {
        let kim = person(
            "Kim",
            &["cto"],
            &[("github", "kim"), (ANY, "Kim@Example.org")],
        );
        let (people, shared) = People::new(vec![kim], Vec::new());
        assert!(shared.is_empty());
        let people = people.with_collectors([("code".into(), "github".into())]);
        for (source, account) in [("code", "kim"), ("github", "kim"), ("x", "kim@example.ORG")] {
            let found = people.who(source, account);
            assert!(matches!(found, Known::Person(one) if one.name == "Kim"));
        }
        assert!(matches!(people.who("x", "kim"), Known::Nobody));
        assert!(matches!(people.who("code", "Kim"), Known::Nobody));
    }

    #[test]
    fn a_lent_role_ends() {
        let mut kim = person("Kim", &["cto"], &[]);
        kim.delegates.push(Delegate {
            to: "Ann".into(),
            roles: vec!["cto".into(), "king".into()],
            from: at("2026-01-01T00:00:00Z"),
            until: at("2026-02-01T00:00:00Z"),
        });
        let (people, _) = People::new(vec![kim, person("Ann", &["dev"], &[])], Vec::new());
        let ann = &people.persons()[1];
        let roles = ["cto".into()];
        let held = |time: &str| people.holds(ann, &roles, at(time));
        assert_eq!(
            held("2026-01-01T00:00:00Z"),
            Held::Lent("cto".into(), "Kim".into())
        );
        let ended = Held::Ended("Kim".into(), at("2026-02-01T00:00:00Z"));
        assert_eq!(held("2026-02-01T00:00:00Z"), ended);
        assert_eq!(held("2025-12-31T23:59:59Z"), ended);
        // Nobody lends what is not theirs.
        let king = ["king".into()];
        assert_eq!(
            people.holds(ann, &king, at("2026-01-02T00:00:00Z")),
            Held::No
        );
    }

    #[test]
    fn a_shared_account_is_told() {
        let one = person("Kim", &[], &[("jira", "a")]);
        let other = person("Ann", &[], &[("jira", "a")]);
        let (_, shared) = People::new(vec![one, other], Vec::new());
        assert_eq!(shared, [("Kim".into(), "Ann".into(), "a".into())]);
    }
}
