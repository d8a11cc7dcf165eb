//! What runs in staging, and since when.

use std::collections::hash_map::Entry;

use plimsoll_model::{Asset, Text, Value, fact};

use super::Courts;
use crate::approval::{Sightings, commit, digest};
use crate::store::{Commit, StoreError};

/// The environment in which artefacts are tried.
const STAGING: &str = "staging";

/// What was seen in staging so far, with what this scan sees there for the first time.
pub(super) fn so_far(store: &Commit<'_>, courts: &Courts<'_>) -> Result<Sightings, StoreError> {
    let mut sightings = Sightings {
        staging_known: false,
        first: store.sightings()?,
    };
    let staging = courts.judgement.systems.iter().filter(|system| {
        system
            .environment
            .as_ref()
            .is_some_and(|environment| *environment == STAGING)
    });
    for system in staging {
        sightings.staging_known = true;
        for artefact in artefacts(courts.snapshot.asset(system.at)) {
            if let Entry::Vacant(first) = sightings.first.entry(artefact) {
                store.put_sighting(first.key(), courts.now)?;
                first.insert(courts.now);
            }
        }
    }
    Ok(sightings)
}

/// The digests and commits that an asset runs.
fn artefacts(asset: &Asset) -> Vec<Text> {
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
    found
}

fn collect(value: &Value, found: &mut Vec<Text>) {
    match value {
        Value::Text(text) => found.extend(digest(text)),
        Value::List(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Table(table) => table.iter().for_each(|(_, part)| collect(part, found)),
        _ => {}
    }
}
