//! Taking a source out for good: what it had seen ends, for a stated reason, and that is no change of anything.

use jiff::Timestamp;
use plimsoll_kit::{Clock, Harvester, Limits};
use plimsoll_model::{Text, Trouble};

use super::gather::Gathered;
use super::settle::settle;
use super::{ScanError, Scanned, Yardstick, lock};
use crate::baseline::Baselines;
use crate::config::Config;
use crate::store::{SettingsMark, Store};

/// Ends all that a source had seen, for a stated reason. What other sources see stays.
///
/// # Errors
/// When it is configured still, is not known or was retired before, and when the inventory cannot be used.
pub fn retire(
    config: &Config,
    baselines: &Baselines,
    source: &str,
    reason: &str,
    clock: &Clock,
) -> Result<Scanned, ScanError> {
    let started = clock();
    let name = Text::from(source);
    if config.sources.iter().any(|one| one.name == name) {
        return Err(ScanError::StillConfigured(source.to_owned()));
    }
    let _lock = lock(&config.store.path, vec![&name], config.store.busy_timeout)?;
    let mut store = Store::open(&config.store.path, config.store.busy_timeout)?;
    let known = store.known_sources()?;
    let Some(found) = known.iter().find(|one| one.source == name) else {
        let all: Vec<&str> = known.iter().map(|one| one.source.as_str()).collect();
        return Err(ScanError::NeverRead {
            name: source.to_owned(),
            known: all.join(", "),
        });
    };
    if store
        .retired_sources()?
        .iter()
        .any(|one| one.source == name)
        && found.assets == 0
    {
        return Err(ScanError::Retired(source.to_owned()));
    }
    let gathered = retirement(&name, &found.scopes, reason, started);
    let configured: Vec<Text> = config.sources.iter().map(|one| one.name.clone()).collect();
    let yardstick = Yardstick {
        configured: Some(&configured),
        policy: config.approval.policy.as_ref(),
        request_sources: &config.approval.sources,
        people: &config.people,
        baselines,
        rules: &config.rules,
        ignores: &config.ignores,
        attests: &config.attests,
        retention: config.store.retention,
        notify: config.notify.as_ref(),
    };
    Ok(settle(
        store.begin()?,
        vec![gathered],
        &yardstick,
        started,
        clock,
    )?)
}

/// All scopes of a source as if they had been read whole and were empty, with the reason.
pub(super) fn retirement(source: &Text, scopes: &[Text], reason: &str, at: Timestamp) -> Gathered {
    let mut harvester = Harvester::new(Limits::default());
    for scope in scopes {
        harvester.open(scope);
        harvester.complete(scope);
    }
    let mut harvest = harvester.finish();
    for read in &mut harvest.scopes {
        read.troubles.push(Trouble {
            what: Text::from(format!("its source was retired: {reason}")),
            asset: None,
        });
    }
    Gathered {
        source: source.clone(),
        settings: SettingsMark::default(),
        started: at,
        finished: at,
        harvest,
        calls: Default::default(),
        retired: Some(Text::from(reason)),
    }
}
