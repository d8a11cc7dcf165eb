//! What is said of a repository while it is read: what fails for each of a thousand pull requests is said once.

use std::collections::BTreeMap;

use plimsoll_kit::Harvester;
use plimsoll_model::{Asset, ChangeRequest, Relation};

/// How often a failure of one kind is told in full.
const IN_FULL: usize = 3;

/// The harvest, as one repository sees it.
pub(super) struct Told<'h> {
    scope: &'h str,
    harvest: &'h mut Harvester,
    counts: BTreeMap<&'static str, usize>,
    requests: usize,
}

impl<'h> Told<'h> {
    pub(super) fn new(scope: &'h str, harvest: &'h mut Harvester) -> Self {
        Self {
            scope,
            harvest,
            counts: BTreeMap::new(),
            requests: 0,
        }
    }

    pub(super) fn trouble(&mut self, what: impl Into<String>) {
        self.harvest.trouble(self.scope, what.into());
    }

    pub(super) fn trouble_with(&mut self, id: plimsoll_model::AssetId, what: impl Into<String>) {
        self.harvest.trouble_with(self.scope, id, what.into());
    }

    pub(super) fn remark(&mut self, what: impl Into<String>) {
        self.harvest.remark(self.scope, what.into());
    }

    /// A remark that would be the same for many items.
    pub(super) fn remark_once(&mut self, what: &'static str) {
        if self.counts.insert(what, 0).is_none() {
            self.remark(what);
        }
    }

    /// A trouble of a kind that many items may have.
    pub(super) fn counted(&mut self, kind: &'static str, why: &str) {
        let count = self.counts.entry(kind).or_insert(0);
        *count += 1;
        if *count <= IN_FULL {
            self.trouble(format!("{kind}: {why}"));
        }
    }

    pub(super) fn asset(&mut self, asset: Asset) {
        self.harvest.asset(self.scope, asset);
    }

    pub(super) fn relation(&mut self, relation: Relation) {
        self.harvest.relation(self.scope, relation);
    }

    /// Hands a request over; false once there are more than may be.
    pub(super) fn request(&mut self, request: ChangeRequest, limit: usize) -> bool {
        self.harvest.request(self.scope, request);
        self.requests += 1;
        self.requests <= limit
    }

    /// Says how often it was that is not told in full.
    pub(super) fn finish(mut self) {
        for (kind, count) in std::mem::take(&mut self.counts) {
            if let Some(more) = count.checked_sub(IN_FULL).filter(|more| *more > 0) {
                self.trouble(format!("{kind}: and {more} times more"));
            }
        }
    }
}
