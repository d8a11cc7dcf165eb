//! Listeners that come and go by themselves: which rows of a host's ports are facts, and which are readings.
//!
//! A collector names the rows that no service is known to hold and that are on loopback or on an ephemeral port
//! ([`fact::PORTS_UNHELD`]). Those become facts when they were there at three scans, or from the beginning. All rows are judged
//! and shown, whichever they are.

use std::collections::BTreeSet;

use plimsoll_model::{Asset, Claim, Facts, Table, Text, Value, fact};

/// At so many scans in a row a listener was seen that stays.
const LASTING: i64 = 3;

/// Reading, table as [`fact::PORTS`]: its rows that are no facts.
const PASSING: &str = "ports.passing";
/// Reading, table: at how many scans in a row, up to [`LASTING`], each row was seen that no service holds (int).
const SIGHTINGS: &str = "ports.sightings";
/// What a collector says of the scanner's own listeners.
const SCANNERS: &str = "scanner";

/// What was known of a host before.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    /// Its readings.
    pub readings: Facts,
    /// What was stored of it; none where it was never seen.
    pub asset: Option<Asset>,
}

impl Earlier {
    /// Whether an asset has a row that was among neither its facts nor its readings that count, so that what was stored of it has to
    /// be looked at.
    pub fn is_news(&self, asset: &Asset) -> bool {
        let sightings = table(&self.readings, SIGHTINGS);
        let unheld = table(&asset.readings, fact::PORTS_UNHELD);
        let mut keys = unheld.into_iter().flat_map(Table::iter).map(|(key, _)| key);
        sightings.is_none() || keys.any(|key| sightings.is_none_or(|seen| !seen.contains(key)))
    }
}

/// Whether some rows of an asset's ports are held by no service.
pub fn has_unheld(asset: &Asset) -> bool {
    asset.readings.contains(fact::PORTS_UNHELD)
}

/// Takes the rows out of an asset's ports that are no facts, and puts them among its readings. Returns the keys of facts that went
/// before they had been seen often enough to be missed.
pub fn settle_listeners(asset: &mut Asset, earlier: &Earlier) -> BTreeSet<Text> {
    let unheld = table(&asset.readings, fact::PORTS_UNHELD).cloned();
    asset.readings.remove(fact::PORTS_UNHELD);
    let known = asset.facts.get(fact::PORTS).and_then(Claim::value);
    let Some(rows) = known.and_then(Value::as_table).cloned() else {
        // Nothing is known of them now: they are what they were.
        for name in [PASSING, SIGHTINGS] {
            if let Some(claim) = earlier.readings.get(name) {
                asset.reading(name, claim.clone());
            }
        }
        return BTreeSet::new();
    };
    let unheld = unheld.unwrap_or_default();
    let (passed, sightings) = (
        table(&earlier.readings, PASSING),
        table(&earlier.readings, SIGHTINGS),
    );
    let stored = earlier.asset.as_ref();
    let stored_rows = stored.and_then(|asset| {
        let claim = asset.facts.get(fact::PORTS)?;
        claim.last_value()?.as_table()
    });
    let (mut facts, mut passing, mut seen) = (Table::new(), Table::new(), Table::new());
    for (key, row) in rows.iter() {
        let why = unheld.get(key);
        if why.is_none() {
            facts.insert(key, row.clone());
            continue;
        }
        let before = sightings.and_then(|seen| seen.get(key)?.as_int());
        let times = before.unwrap_or_default().saturating_add(1).min(LASTING);
        seen.insert(key, Value::Int(times));
        let was_fact = match before {
            Some(_) => passed.is_none_or(|passed| !passed.contains(key)),
            // What was there at the first look is recorded, and came nowhere from.
            None => stored.is_none() || stored_rows.is_some_and(|rows| rows.contains(key)),
        };
        let is_scanners = why.and_then(Value::as_str) == Some(SCANNERS);
        if (was_fact || times >= LASTING) && !is_scanners {
            facts.insert(key, row.clone());
        } else {
            passing.insert(key, row.clone());
        }
    }
    let mut unmissed = BTreeSet::new();
    for (key, times) in sightings.into_iter().flat_map(Table::iter) {
        if !rows.contains(key) && times.as_int().is_some_and(|times| times < LASTING) {
            unmissed.insert(Text::from(key));
        }
    }
    if let Some(claim) = asset.facts.get(fact::PORTS) {
        let claim = with_value(claim, facts);
        asset.claim(fact::PORTS, claim);
    }
    asset.reading(PASSING, Claim::measured(passing));
    asset.reading(SIGHTINGS, Claim::measured(seen));
    unmissed
}

/// Puts the rows that are no facts back into an asset's ports, each with a mark, so that everything is judged and shown.
pub(super) fn join_listeners(asset: &mut Asset) {
    let passing = table(&asset.readings, PASSING).cloned();
    for name in [PASSING, SIGHTINGS, fact::PORTS_UNHELD] {
        asset.readings.remove(name);
    }
    let passing = passing.filter(|passing| !passing.is_empty());
    let (Some(passing), Some(claim)) = (passing, asset.facts.get(fact::PORTS)) else {
        return;
    };
    let Some(mut rows) = claim.value().and_then(Value::as_table).cloned() else {
        return;
    };
    for (key, row) in passing.iter() {
        if let (Some(row), false) = (row.as_table(), rows.contains(key)) {
            let mut row = row.clone();
            row.insert(fact::PASSING, Value::Bool(true));
            rows.insert(key, Value::Table(row));
        }
    }
    let claim = with_value(claim, rows);
    asset.claim(fact::PORTS, claim);
}

fn table<'a>(facts: &'a Facts, name: &str) -> Option<&'a Table> {
    facts.get(name)?.value()?.as_table()
}

/// A claim with another value that is known in the same way.
fn with_value(claim: &Claim, rows: Table) -> Claim {
    let made = match claim.how() {
        plimsoll_model::How::Measured => Claim::measured(rows),
        _ => Claim::reported(rows),
    };
    match claim.basis() {
        Some(basis) => made.by(basis),
        None => made,
    }
}
