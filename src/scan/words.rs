//! Says which words of change requests nobody knows: a typo that would silently cover nothing.

use std::collections::HashMap;

use plimsoll_model::{Asset, Text, Trouble};

use super::gather::Gathered;
use crate::approval::Words;

/// The most that is told of one scope.
const MOST: usize = 20;

/// Says on each scope which words of its requests nobody knows. `stored` gives what the inventory has, and is asked only where
/// neither the shipped collectors nor this scan know a word.
pub(super) fn remark_unknown_words<E>(
    gathered: &mut [Gathered],
    stored: impl FnOnce() -> Result<Vec<Asset>, E>,
) -> Result<(), E> {
    let mut words = Words::default();
    if is_all_known(gathered, &words) {
        return Ok(());
    }
    for one in gathered.iter() {
        one.harvest
            .assets
            .iter()
            .for_each(|asset| add(&mut words, asset));
    }
    if is_all_known(gathered, &words) {
        return Ok(());
    }
    stored()?.iter().for_each(|asset| add(&mut words, asset));
    for one in gathered {
        let mut told: HashMap<Text, Vec<String>> = HashMap::new();
        for request in &one.harvest.requests {
            let unknown = words.unknown_in_request(request);
            if !unknown.is_empty() {
                told.entry(request.scope.clone())
                    .or_default()
                    .extend(unknown);
            }
        }
        for read in &mut one.harvest.scopes {
            let Some(mut lines) = told.remove(&read.scope) else {
                continue;
            };
            let more = lines.len().saturating_sub(MOST);
            lines.truncate(MOST);
            if more > 0 {
                lines.push(format!("{more} more words of requests are known to nobody"));
            }
            read.troubles.extend(lines.into_iter().map(|line| Trouble {
                what: line.into(),
                asset: None,
            }));
        }
    }
    Ok(())
}

fn is_all_known(gathered: &[Gathered], words: &Words) -> bool {
    let mut requests = gathered.iter().flat_map(|one| &one.harvest.requests);
    requests.all(|request| words.unknown_in_request(request).is_empty())
}

fn add(words: &mut Words, asset: &Asset) {
    words.add_kind(&asset.kind);
    for (name, _) in asset.facts.iter().chain(asset.readings.iter()) {
        words.add_fact(name);
    }
}
