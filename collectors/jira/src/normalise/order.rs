//! The entries of a history in the order in which they can have happened.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use plimsoll_kit::chain::{Ordered, Step, in_order};

use super::present::value;
use crate::settings::{On, Settings};
use crate::wire::{Entry, moment};
use crate::world::World;

/// The entries in order of time, and those of one moment in the order in which each goes on where another ended: the numbers that Jira gives them
/// may be in another. Those without a time come last.
pub(crate) fn ordered<'e>(
    entries: &'e [Entry],
    status: &str,
    world: &World,
    settings: &Settings,
) -> Ordered<&'e Entry> {
    let counting = counting(world, settings);
    let mut steps: Vec<Step<&'e Entry>> = entries
        .iter()
        .map(|entry| Step {
            at: moment(&entry.created),
            moves: moves(entry, world, &counting),
            what: entry,
        })
        .collect();
    steps.sort_by_key(|step| {
        let number = step.what.id.parse::<u64>().unwrap_or(u64::MAX);
        (step.at.unwrap_or(Timestamp::MAX), number)
    });
    let mut end = BTreeMap::new();
    if !status.is_empty() {
        end.insert("status".to_owned(), status.to_owned());
    }
    in_order(&steps, &end)
}

/// The fields by which something is approved or taken back, as the history calls them.
fn counting(world: &World, settings: &Settings) -> BTreeSet<String> {
    let rules = settings.approvals.iter().map(|rule| &rule.on);
    let rules = rules.chain(settings.sign_offs.iter().map(|rule| &rule.on));
    let fields = rules.filter_map(|on| match on {
        On::Field { field, .. } => Some(std::slice::from_ref(field)),
        _ => None,
    });
    let ids = fields
        .flat_map(|field| world.ids(field))
        .map(str::to_lowercase);
    let own = ["status", "labels"].map(str::to_owned);
    ids.chain(own).collect()
}

fn moves(
    entry: &Entry,
    world: &World,
    counting: &BTreeSet<String>,
) -> BTreeMap<String, (String, String)> {
    let mut moves: BTreeMap<String, (String, String)> = BTreeMap::new();
    for item in entry.items().0 {
        let field = world.key(&item);
        if counting.contains(&field) {
            let to = value(&item.to, &item.to_string);
            let from = value(&item.from, &item.from_string);
            moves.entry(field).or_insert((from, String::new())).1 = to;
        }
    }
    moves
}
