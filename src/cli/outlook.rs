//! What a configuration would make of what is known: said by `plimsoll check`, before a scan does so.

use super::door::{Door, Out};
use crate::baseline::{Baselines, DriftState, attest, is_asked, judge};
use crate::report::tame;
use crate::store::Store;

/// How many names are shown.
const NAMES: usize = 5;

/// Says which baselines of the house take the place of one with matches and have none, which assets would lose their role, and which open
/// drifts would be asked about no more.
pub(super) fn write(door: &Door, out: &mut Out) -> anyhow::Result<()> {
    let mut words = unmatched(&door.baselines);
    words.extend(by_inventory(door)?);
    out.write(|out| {
        words
            .iter()
            .try_for_each(|line| writeln!(out, "NOTE           {line}"))
    })
}

/// The roles that a shipped baseline gives by itself, and that of the house's own file does not.
fn unmatched(baselines: &Baselines) -> Vec<String> {
    let Ok(shipped) = Baselines::load(&Baselines::shipped()) else {
        return Vec::new();
    };
    let lost = baselines
        .roles()
        .iter()
        .filter(|role| shipped.has_matches(&role.name) && !baselines.has_matches(&role.name));
    lost.map(|role| {
        format!(
            "{} takes the place of a shipped baseline and has no [[match]]: no asset gets the role {} by itself; with `extends = {:?}` it keeps them",
            role.file, role.name, role.name.as_str()
        )
    })
    .collect()
}

fn by_inventory(door: &Door) -> anyhow::Result<Vec<String>> {
    let mut words = Vec::new();
    let config = &door.config;
    if !config.store.path.exists() {
        return Ok(words);
    }
    let store = Store::open_existing(&config.store.path, config.store.busy_timeout)?;
    let Some(scan) = store.scan_at(None)? else {
        return Ok(words);
    };
    let (snapshot, wrong) = attest(
        store.snapshot(scan.id)?,
        &config.attests,
        jiff::Timestamp::now(),
    );
    words.extend(wrong.iter().map(ToString::to_string));
    let judgement = judge(
        &snapshot,
        &door.baselines,
        &config.rules,
        &[],
        scan.finished,
    );
    let retired = store.retired_sources()?;
    for one in store.known_sources()? {
        let configured = config
            .sources
            .iter()
            .any(|source| source.name == one.source);
        let done = one.assets == 0 && retired.iter().any(|gone| gone.source == one.source);
        if !configured && !done {
            words.push(format!(
                "the source {} is no longer in the configuration, and nothing is known of its {}: `plimsoll sources retire {}` ends what it had seen",
                one.source,
                many(usize::try_from(one.assets).unwrap_or(usize::MAX), "asset", "assets"),
                one.source
            ));
        }
    }
    let mut lost = Vec::new();
    for (id, role) in store.roles()? {
        let Some(at) = snapshot.find(id.as_str()) else {
            continue;
        };
        let place = judgement.systems.binary_search_by_key(&at, |one| one.at);
        if place.is_err() {
            let name = tame(&snapshot.asset(at).name, 60).into_owned();
            lost.push(format!("{name} ({role})"));
        }
    }
    if !lost.is_empty() {
        words.push(format!(
            "{} would lose their role, and nothing would be expected of them: {}",
            many(lost.len(), "asset", "assets"),
            some(&lost)
        ));
    }
    let (open, _) = store.drifts(scan.id)?;
    let unasked: Vec<String> = open
        .iter()
        .filter(|drift| drift.state != DriftState::Resolved)
        .filter(|drift| {
            snapshot
                .find(drift.asset.as_str())
                .is_some_and(|at| !is_asked(drift, at, &door.baselines, &judgement, &snapshot))
        })
        .map(|drift| format!("{} on {}", drift.control, tame(&drift.name, 60)))
        .collect();
    if !unasked.is_empty() {
        words.push(format!(
            "{} would be asked about no more, which mends none of them: {}",
            many(unasked.len(), "open drift", "open drifts"),
            some(&unasked)
        ));
    }
    Ok(words)
}

fn many(count: usize, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

fn some(names: &[String]) -> String {
    let shown = names.iter().take(NAMES).cloned().collect::<Vec<_>>();
    let more = match names.len().saturating_sub(NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", shown.join(", "))
}
