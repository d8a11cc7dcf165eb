//! `plimsoll people`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::args_changes::{PeopleArgs, PeopleCommand};
use super::door::{Door, Out};
use super::exit::Exit;
use crate::approval::{Known, People, Words, find_gaps};
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
    let gaps = gaps(door)?;
    out.write(|out| {
        for line in &gaps {
            writeln!(out, "{}", tame(line, 300))?;
        }
        if gaps.is_empty() {
            writeln!(
                out,
                "every role that the policy asks for is held by somebody, and every word of it is known"
            )?;
        }
        Ok(())
    })?;
    Ok(if gaps.is_empty() {
        Exit::Clean
    } else {
        Exit::Failed
    })
}

/// What the chosen policy asks for and nobody can give, and what it names and nobody knows.
pub(super) fn gaps(door: &Door) -> anyhow::Result<Vec<String>> {
    let config = &door.config;
    let names = config.sources.iter().map(|source| source.name.as_str());
    let collectors = crate::registry::COLLECTORS.iter().map(|one| one.name);
    let sources: Vec<&str> = names.chain(collectors).collect();
    let policy = config.approval.policy.as_ref();
    let mut words = Words::default();
    for role in door.baselines.roles() {
        let facts = role.expectations.iter().flat_map(|one| one.facts.iter());
        facts.for_each(|fact| words.add_fact(fact));
    }
    let unknown = policy.is_some_and(|policy| !words.unknown_in_policy(policy).is_empty());
    // What a source of the house's own brings is in the inventory, once it was read.
    if unknown && config.store.path.exists() {
        let (store, scan) = door.inventory(None)?;
        for node in store.snapshot(scan.id)?.nodes() {
            let asset = &node.asset;
            words.add_kind(&asset.kind);
            for (name, _) in asset.facts.iter().chain(asset.readings.iter()) {
                words.add_fact(name);
            }
        }
    }
    Ok(find_gaps(
        policy,
        &config.people,
        &sources,
        &words,
        Timestamp::now(),
    ))
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
