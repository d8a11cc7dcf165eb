//! `[[people]]` and `[[automations]]` of the configuration.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plimsoll_model::Text;
use plimsoll_settings::{Place, Section, nearest};

use super::people::{Automation, Delegate, People, Person};

impl People {
    /// Reads `[[people]]` and `[[automations]]` of a configuration. Mistakes are noted on the section.
    pub fn read(root: &Section<'_>) -> Self {
        let rows = root.tables("people");
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        let mut persons = Vec::new();
        let mut lent: Vec<(&Section<'_>, Place, String)> = Vec::new();
        for row in &rows {
            let name = name(row, &mut names);
            let delegates = row.tables("delegates");
            let mut own = Vec::new();
            for delegate in &delegates {
                let read = read_delegate(delegate);
                if let Some(read) = read {
                    lent.push((row, delegate.place_of("to"), read.to.to_string()));
                    own.push(read);
                }
                delegate.finish();
            }
            let person = Person {
                name: name.unwrap_or_default().into(),
                roles: texts(row, "roles"),
                accounts: accounts(row),
                joined: time(row, "joined"),
                left: time(row, "left"),
                delegates: own,
            };
            for delegate in &person.delegates {
                let foreign = delegate
                    .roles
                    .iter()
                    .find(|role| !person.roles.contains(role));
                if let Some(role) = foreign {
                    let message = format!(
                        "{:?} lends the role {role:?} without having it",
                        person.name
                    );
                    row.mistake(row.place(), message, Some("lend one of `roles`".to_owned()));
                }
            }
            row.finish();
            persons.push(person);
        }
        let known: Vec<&str> = persons
            .iter()
            .map(|one: &Person| one.name.as_str())
            .collect();
        for (row, place, to) in lent {
            if !known.contains(&to.as_str()) {
                let hint = nearest(&to, known.iter().copied());
                let hint = hint.map(|near| format!("did you mean {near:?}?"));
                row.mistake(place, format!("no person is called {to:?}"), hint);
            }
        }
        let programs = root.tables("automations");
        let mut automations = Vec::new();
        for row in &programs {
            let name = name(row, &mut names);
            automations.push(Automation {
                name: name.unwrap_or_default().into(),
                accounts: accounts(row),
            });
            row.finish();
        }
        let (people, shared) = Self::new(persons, automations);
        for (one, other, account) in shared {
            let message = format!("{one:?} and {other:?} share the account {account:?}");
            let hint = "an account belongs to one person or automation".to_owned();
            let last = programs.last().or(rows.last()).unwrap_or(root);
            last.mistake(last.place(), message, Some(hint));
        }
        people
    }
}

fn name(row: &Section<'_>, names: &mut BTreeMap<String, usize>) -> Option<String> {
    let name = row.required_text("name", "what people call them")?;
    let line = row.line(row.place_of("name"));
    if let Some(first) = names.insert(name.clone(), line) {
        let message = format!("two are called {name:?}: on lines {first} and {line}");
        let hint = Some("give each a name of its own".to_owned());
        row.mistake(row.place_of("name"), message, hint);
    }
    Some(name)
}

fn texts(row: &Section<'_>, key: &str) -> Vec<Text> {
    let texts = row.texts(key).unwrap_or_default();
    texts.into_iter().map(Text::from).collect()
}

/// The accounts by source or collector, in order of those.
fn accounts(row: &Section<'_>) -> Vec<(Text, Text)> {
    if !row.has("accounts") {
        row.missing(
            "accounts",
            "as { github = \"kim\", any = \"kim@example.org\" }",
        );
    }
    let table = row.table_or_empty("accounts");
    let mut all = Vec::new();
    for source in table.keys() {
        for account in table.texts(&source).unwrap_or_default() {
            if account.trim().is_empty() {
                table.mistake_at(&source, "an account must not be empty");
            } else {
                all.push((Text::from(source.as_str()), Text::from(account)));
            }
        }
    }
    all
}

fn read_delegate(row: &Section<'_>) -> Option<Delegate> {
    let to = row.required_text("to", "the name of one of [[people]]");
    let roles = texts(row, "roles");
    if roles.is_empty() {
        row.missing("roles", "which of their roles are lent");
    }
    for key in ["from", "until"] {
        if !row.has(key) {
            row.missing(key, "a date, as 2027-03-31");
        }
    }
    let (from, until) = (time(row, "from"), time(row, "until"));
    let (from, until) = (from?, until?);
    if from >= until {
        row.mistake_at("until", "`until` must be later than `from`");
    }
    Some(Delegate {
        to: to?.into(),
        roles,
        from,
        until,
    })
}

/// A time with zone, or a date: midnight UTC at that day's start.
fn time(row: &Section<'_>, key: &str) -> Option<Timestamp> {
    let text = row.date(key)?;
    let time = text.parse::<Timestamp>().ok().or_else(|| {
        let date: jiff::civil::Date = text.parse().ok()?;
        Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    });
    if time.is_none() {
        let hint = Some("write 2027-03-31 or 2027-03-31T12:00:00Z".to_owned());
        let message = format!("`{key}`: {text:?} is no date");
        row.mistake(row.place_of(key), message, hint);
    }
    time
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_settings::Document;

    fn read(text: &str) -> Result<People, Vec<String>> {
        let read = Document::new("c.toml", text).read(People::read);
        read.map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn people_are_read() {
        let people = read(
            "[[people]]\nname = \"Kim\"\nroles = [\"cto\"]\nleft = 2026-03-31\naccounts = { github = \"kim\", any = [\"a@b.c\", \"d\"] }\n\
             [[people.delegates]]\nto = \"Ann\"\nroles = [\"cto\"]\nfrom = 2026-01-01\nuntil = 2026-01-08T12:00:00+01:00\n\
             [[people]]\nname = \"Ann\"\naccounts = { any = \"ann\" }\n[[automations]]\nname = \"ci\"\naccounts = { github = \"ci[bot]\" }\n",
        )
        .unwrap();
        let kim = &people.persons()[0];
        assert_eq!((kim.accounts.len(), people.automations().len()), (3, 1));
        assert_eq!(kim.delegates[0].until.to_string(), "2026-01-08T11:00:00Z");
    }

    #[test]
    fn all_mistakes_come_at_once() {
        let mistakes = read(
            "[[people]]\nname = \"Kim\"\nrole = [\"cto\"]\naccounts = { any = \"k\" }\n[[people.delegates]]\nto = \"Annn\"\nroles = [\"cto\"]\nfrom = 2026-02-01\nuntil = 2026-01-01\n\
             [[people]]\nname = \"Anna\"\nleft = \"soon\"\naccounts = { any = \"k\" }\n[[people]]\nname = \"Kim\"\n",
        )
        .unwrap_err();
        let expected = [
            "\"Kim\" lends the role",
            "unknown key `role` in people[0] (did you mean `roles`?)",
            "no person is called \"Annn\" (did you mean \"Anna\"?)",
            "`until` must be later than `from`",
            "`left`: \"soon\" is no date",
            "two are called \"Kim\": on lines 2 and 15",
            "`accounts` is missing in people[2]",
            "share the account \"k\"",
        ];
        for part in expected {
            assert!(
                mistakes.iter().any(|line| line.contains(part)),
                "{part}: {mistakes:#?}"
            );
        }
        assert_eq!(mistakes.len(), expected.len(), "{mistakes:#?}");
    }
}
