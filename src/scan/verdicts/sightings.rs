//! What runs in staging, where, and since when.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use plimsoll_model::{Asset, AssetId, Text, Value, fact};

use super::history::collect;
use super::{Courts, New};
use crate::approval::{Sightings, StagingRun, commit};
use crate::change::Evidence;
use crate::store::{Commit, StoreError};

/// The environment in which artefacts are tried.
const STAGING: &str = "staging";

/// What ran in staging so far, with what this scan sees begin and end there.
pub(super) fn so_far(
    store: &Commit<'_>,
    courts: &Courts<'_>,
    new: &[New<'_>],
) -> Result<Sightings, StoreError> {
    let mut sightings = Sightings {
        staging_known: false,
        runs: HashMap::new(),
    };
    for (artefact, run) in store.staging_runs()? {
        sightings.runs.entry(artefact).or_default().push(run);
    }
    let staging = courts.judgement.systems.iter().filter(|system| {
        system
            .environment
            .as_ref()
            .is_some_and(|environment| *environment == STAGING)
    });
    let staging: Vec<u32> = staging.map(|system| system.at).collect();
    sightings.staging_known = !staging.is_empty();
    let mut running: HashSet<(Text, AssetId)> = HashSet::new();
    for at in staging {
        let asset = courts.snapshot.asset(at);
        let change = new.iter().find(|one| one.change.asset == asset.id);
        for artefact in artefacts(asset) {
            let runs = sightings.runs.entry(artefact.clone()).or_default();
            let open = runs
                .iter()
                .any(|run| run.asset == asset.id && run.until.is_none());
            running.insert((artefact.clone(), asset.id.clone()));
            if open {
                continue;
            }
            let run = StagingRun {
                asset: asset.id.clone(),
                after: change.and_then(|one| one.after),
                from: change.map_or(courts.now, |one| began(one)),
                until: None,
            };
            store.put_staging_run(&artefact, &run)?;
            runs.push(run);
        }
    }
    // What was not looked at now runs on, as far as anybody knows.
    let unseen = |id: &AssetId| {
        let node = courts
            .snapshot
            .find(id.as_str())
            .and_then(|at| courts.snapshot.nodes().get(at as usize));
        node.is_some_and(|node| node.unseen())
    };
    for (artefact, runs) in &mut sightings.runs {
        for run in runs.iter_mut().filter(|run| run.until.is_none()) {
            if running.contains(&(artefact.clone(), run.asset.clone())) || unseen(&run.asset) {
                continue;
            }
            let change = new.iter().find(|one| one.change.asset == run.asset);
            let until = change
                .and_then(|one| one.after)
                .unwrap_or(courts.now)
                .max(run.from);
            run.until = Some(until);
            store.put_staging_run(artefact, run)?;
        }
    }
    Ok(sightings)
}

/// When a system of staging began to run what a change brought: by its own record where that names the artefact.
fn began(one: &New<'_>) -> Timestamp {
    let record = one
        .attribution
        .filter(|found| found.evidence == Evidence::Details);
    record.map_or(one.before, |found| found.record.at.min(one.before))
}

/// The digests and commits that an asset runs.
fn artefacts(asset: &Asset) -> HashSet<Text> {
    let mut found = Vec::new();
    for name in [
        fact::IMAGE_DIGESTS,
        fact::IMAGE,
        fact::IMAGES,
        fact::IMAGE_ID,
    ] {
        if let Some(value) = asset.value(name) {
            collect(value, &mut found);
        }
    }
    let told = asset.value(fact::SOURCE_COMMIT).and_then(Value::as_str);
    let label = asset.labels.get("org.opencontainers.image.revision");
    let commits = told.into_iter().chain(label.map(Text::as_str));
    found.extend(commits.filter_map(commit));
    found.into_iter().collect()
}
