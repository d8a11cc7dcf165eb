//! What is said of a project while it is read: what fails for each of a thousand merge requests is said a few times.

use std::collections::BTreeMap;

use plimsoll_kit::Harvester;
use plimsoll_model::{Asset, Relation, Text};

use crate::client::{Failed, List};
use crate::normalise::Made;

/// How often a failure of one kind is told in full.
const IN_FULL: usize = 3;

/// The harvest, as one project sees it.
pub(super) struct Told<'h> {
    scope: &'h str,
    harvest: &'h mut Harvester,
    counts: BTreeMap<&'static str, usize>,
}

impl<'h> Told<'h> {
    pub(super) fn new(scope: &'h str, harvest: &'h mut Harvester) -> Self {
        Self {
            scope,
            harvest,
            counts: BTreeMap::new(),
        }
    }

    pub(super) fn trouble(&mut self, what: impl Into<Text>) {
        self.harvest.trouble(self.scope, what);
    }

    pub(super) fn remark(&mut self, what: impl Into<Text>) {
        self.harvest.remark(self.scope, what);
    }

    /// A trouble of a kind that many items may have.
    pub(super) fn counted(&mut self, kind: &'static str, why: &str) {
        let count = self.counts.entry(kind).or_insert(0);
        *count += 1;
        if *count <= IN_FULL {
            self.trouble(format!("{kind}: {why}"));
        }
    }

    /// What a list lacks.
    pub(super) fn lacks<T>(&mut self, kind: &'static str, list: &List<T>) {
        if let Some(why) = &list.failed {
            self.counted(kind, &why.to_string());
        }
        if list.broken > 0 {
            let why = format!(
                "{} of the list make no sense, and were left out",
                list.broken
            );
            self.counted(kind, &why);
        }
    }

    pub(super) fn asset(&mut self, asset: Asset) {
        self.harvest.asset(self.scope, asset);
    }

    pub(super) fn relation(&mut self, relation: Relation) {
        self.harvest.relation(self.scope, relation);
    }

    /// Hands a request over, with what is to be said of it.
    pub(super) fn request(&mut self, id: &str, made: Result<Made, String>) {
        let made = match made {
            Ok(made) => made,
            Err(why) => return self.trouble(format!("{id} was left out: {why}")),
        };
        for what in made.odd.troubles {
            self.trouble(format!("{id}: {what}"));
        }
        for what in made.odd.remarks {
            self.remark(format!("{id}: {what}"));
        }
        self.harvest.request(self.scope, made.request);
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

/// What is to be done about something that only some licences and roles have: the reason where it is kept from sight.
pub(super) fn hidden(why: &Failed, what: &str) -> Option<String> {
    why.is_refusal().then(|| {
        format!("{what}: the server's licence has none, or the token's role may not read it")
    })
}
