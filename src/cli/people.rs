//! `plimsoll people`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::args_changes::{PeopleArgs, PeopleCommand};
use super::door::{Door, Out};
use super::exit::Exit;
use crate::approval::{Known, People, Policy};
use crate::report::tame;

pub(super) fn run(door: &Door, args: &PeopleArgs, out: &mut Out) -> anyhow::Result<Exit> {
    match args.command {
        PeopleCommand::List => list(&door.config.people, out),
        PeopleCommand::Check => check(door, out),
        PeopleCommand::Unmatched => unmatched(door, out),
    }
}

fn list(people: &People, out: &mut Out) -> anyhow::Result<Exit> {
    out.write(|out| {
        if people.is_empty() {
            return writeln!(out, "nobody is in [[people]]: nobody can approve anything");
        }
        for person in people.persons() {
            let roles = if person.roles.is_empty() {
                "no role".to_owned()
            } else {
                person.roles.join(", ")
            };
            let left = person
                .left
                .map_or(String::new(), |left| format!(", left {left}"));
            writeln!(out, "{}: {roles}{left}", tame(&person.name, 80))?;
            for (source, account) in &person.accounts {
                writeln!(out, "  {source}: {}", tame(account, 120))?;
            }
            for one in &person.delegates {
                let roles = one.roles.join(", ");
                writeln!(
                    out,
                    "  lends {roles} to {} from {} until {}",
                    tame(&one.to, 80),
                    one.from,
                    one.until
                )?;
            }
        }
        for one in people.automations() {
            writeln!(out, "{}: automation", tame(&one.name, 80))?;
            for (source, account) in &one.accounts {
                writeln!(out, "  {source}: {}", tame(account, 120))?;
            }
        }
        Ok(())
    })?;
    Ok(Exit::Clean)
}

/// What the policy asks for and nobody can give.
fn check(door: &Door, out: &mut Out) -> anyhow::Result<Exit> {
    let people = &door.config.people;
    let now = Timestamp::now();
    let mut wrong: Vec<String> = Vec::new();
    match &door.config.approval.policy {
        None => wrong.push("no approval policy is chosen: set `policy` in [approval]".to_owned()),
        Some(policy) => {
            for (rule, asked, roles) in asked(policy) {
                let holders = people.persons().iter().filter(|person| {
                    person.left.is_none_or(|left| now < left)
                        && roles
                            .iter()
                            .any(|role| person.roles.iter().any(|own| own == role))
                });
                if holders.count() == 0 {
                    let roles = roles.join(" or ");
                    wrong.push(format!(
                        "{}/{rule}: {asked} asks for {roles}, and nobody here has that role",
                        policy.name
                    ));
                }
            }
        }
    }
    for person in people.persons() {
        if person.accounts.is_empty() {
            wrong.push(format!("{} has no account", person.name));
        }
        for one in person.delegates.iter().filter(|one| one.until <= now) {
            wrong.push(format!(
                "{} lends nothing to {} any more: that ended {}",
                person.name, one.to, one.until
            ));
        }
    }
    let many = wrong.len();
    out.write(|out| {
        for line in &wrong {
            writeln!(out, "{}", tame(line, 300))?;
        }
        if many == 0 {
            writeln!(
                out,
                "every role that the policy asks for is held by somebody"
            )?;
        }
        Ok(())
    })?;
    Ok(if many == 0 { Exit::Clean } else { Exit::Failed })
}

/// What each rule asks for, with the roles of which one has to be held.
fn asked(policy: &Policy) -> Vec<(&str, &'static str, Vec<&str>)> {
    let mut all = Vec::new();
    for rule in policy.rules.iter().filter(|rule| rule.required) {
        let lists = [
            ("an approval", &rule.approvers),
            ("security's approval", &rule.security_approvers),
            ("quality's sign-off", &rule.qa),
            ("an inspection", &rule.inspected_by),
            ("a reconciliation", &rule.reconciled_by),
        ];
        let reviews = rule.reviews.iter().map(|need| ("a review", &need.roles));
        let emergency = rule.emergency.iter();
        let emergency = emergency.flat_map(|one| {
            [
                ("an emergency", &one.authorisers),
                ("an emergency's sign-off", &one.signed_off_by),
            ]
        });
        for (what, roles) in lists.into_iter().chain(reviews).chain(emergency) {
            if !roles.is_empty() {
                all.push((
                    rule.id.as_str(),
                    what,
                    roles.iter().map(|role| role.as_str()).collect(),
                ));
            }
        }
    }
    all
}

/// The accounts that requests and changes name and that belong to nobody, with what they did.
fn unmatched(door: &Door, out: &mut Out) -> anyhow::Result<Exit> {
    let (store, _) = door.inventory(None)?;
    let people = &door.config.people;
    let mut found: BTreeMap<(String, String), BTreeSet<&str>> = BTreeMap::new();
    let mut note = |source: &str, account: &str, what: &'static str| {
        if matches!(people.who(source, account), Known::Nobody) {
            found
                .entry((source.to_owned(), account.to_owned()))
                .or_default()
                .insert(what);
        }
    };
    for (source, request) in &store.requests()? {
        for party in request.requester.iter() {
            note(source, &party.account, "asked");
        }
        for party in request.authors.iter().chain(&request.implementers) {
            note(source, &party.account, "wrote or carries out");
        }
        for approval in &request.approvals {
            note(source, &approval.by.account, "approved");
        }
        for review in &request.reviews {
            note(source, &review.by.account, "reviewed");
        }
        for sign_off in &request.sign_offs {
            note(source, &sign_off.by.account, "signed off");
        }
    }
    for change in store.changes(None, None, None, usize::MAX)? {
        if let Some(found) = &change.attribution
            && let Some(account) = &found.record.account
        {
            note(&found.record.source, account, "made a change");
        }
    }
    out.write(|out| {
        for ((source, account), what) in &found {
            let what: Vec<&str> = what.iter().copied().collect();
            writeln!(
                out,
                "{source}: {} ({})",
                tame(account, 120),
                what.join(", ")
            )?;
        }
        if found.is_empty() {
            writeln!(out, "every account in the data belongs to somebody")?;
        }
        Ok(())
    })?;
    Ok(Exit::Clean)
}
