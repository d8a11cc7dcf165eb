//! What a daemon that starts knows from the inventory.

use jiff::Timestamp;
use plimsoll_model::Text;

use super::book::Book;
use super::{Duty, crew};
use crate::scan::{Recall, Yardstick, recall};
use crate::store::{Store, StoreError};

/// Writes into the book what the inventory knows of the sources and of the last scan; gives when each source was tried last.
pub(super) fn remember(
    duty: &Duty,
    book: &mut Book,
) -> Result<Vec<(Text, Option<Timestamp>)>, StoreError> {
    let config = &duty.config;
    let store = match Store::open_existing(&config.store.path, config.store.busy_timeout) {
        Err(StoreError::Missing(_)) => return Ok(Vec::new()),
        store => store?,
    };
    let complete = store.scope_reads()?;
    let mut tried = Vec::new();
    for source in &config.sources {
        let reads = store.source_reads(&source.name)?;
        let page = book.page(&source.name);
        page.complete = reads.complete;
        let scopes = complete.iter().filter(|((of, _), _)| *of == source.name);
        page.before = scopes
            .map(|((_, scope), at)| (scope.clone(), *at))
            .collect();
        tried.push((source.name.clone(), reads.tried));
    }
    if let Some(last) = store.scan_at(None)? {
        let yardstick = Yardstick {
            configured: None,
            policy: config.approval.policy.as_ref(),
            request_sources: &config.approval.sources,
            people: &config.people,
            baselines: &duty.baselines,
            rules: &config.rules,
            ignores: &config.ignores,
            attests: &config.attests,
            retention: config.store.retention,
            notify: None,
        };
        let report = recall(&store, &last, &yardstick, Recall::Quick)?;
        book.drifts = crew::drifts(&report);
    }
    Ok(tried)
}
