//! What a collector hands over.

use std::collections::HashSet;

use plimsoll_model::{Action, Asset, AssetId, ChangeRequest, Relation, ScopeRead, Text, Trouble};

/// Caps on what comes from outside. What passes one becomes a trouble, and its scope incomplete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Assets in one harvest.
    pub assets: usize,
    /// Relations in one harvest.
    pub relations: usize,
    /// Change requests in one harvest, and actions as many.
    pub records: usize,
    /// Troubles kept for one scope; the rest is counted.
    pub troubles: usize,
    /// Bytes of one answer or line.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            assets: 2_000_000,
            relations: 5_000_000,
            records: 1_000_000,
            troubles: 200,
            bytes: 64 << 20,
        }
    }
}

/// What a collector hands over, in its one order: assets and relations sorted, no id twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Harvest {
    /// The assets, by id.
    pub assets: Vec<Asset>,
    /// The relations, sorted.
    pub relations: Vec<Relation>,
    /// The change requests, by id.
    pub requests: Vec<ChangeRequest>,
    /// The actions, by time and id.
    pub actions: Vec<Action>,
    /// The scopes that were opened, by name.
    pub scopes: Vec<ScopeRead>,
    /// Whether these are all the scopes that there are: see [`Harvester::names_every_scope`].
    pub every_scope: bool,
    /// Whether a scope that comes later is new: see [`Harvester::lists_scopes`].
    pub scopes_listed: bool,
    /// Scopes by the name that they had before and the one that they have: see [`Harvester::renames_scope`].
    pub former_scopes: Vec<(Text, Text)>,
    /// Which edition of its collector gave it: see [`Harvester::edition`]. 0 counts as the first.
    pub edition: u32,
}

/// A harvest being gathered.
///
/// A scope is incomplete from [`open`](Self::open) until [`complete`](Self::complete), and for good after a
/// [`trouble`](Self::trouble): whatever interrupts a collector, nothing is taken for removed.
#[derive(Debug)]
pub struct Harvester {
    harvest: Harvest,
    scopes: Vec<OpenScope>,
    limits: Limits,
}

#[derive(Debug)]
struct OpenScope {
    read: ScopeRead,
    failed: bool,
    left_out: usize,
}

impl Harvester {
    /// An empty harvest.
    pub fn new(limits: Limits) -> Self {
        Self {
            harvest: Harvest::default(),
            scopes: Vec::new(),
            limits,
        }
    }

    /// Says that a scope is there and being read. Opening one twice is once.
    pub fn open(&mut self, scope: &str) {
        self.scope(scope);
    }

    /// Says that the scopes opened by now are all that the source has, because the list of them was read completely and what
    /// may not be seen would be in it. A scope that was there before is then gone, with all that was in it.
    ///
    /// Not where a list leaves out what the account may not see: losing a right would look like a removal.
    pub fn names_every_scope(&mut self) {
        self.harvest.every_scope = true;
        self.harvest.scopes_listed = true;
    }

    /// Says that the list of scopes was read completely, so that a scope which is met later is new, and what is in it too.
    ///
    /// Weaker than [`names_every_scope`](Self::names_every_scope), which says it as well: a scope that is missing from the list may
    /// still be there.
    pub fn lists_scopes(&mut self) {
        self.harvest.scopes_listed = true;
    }

    /// Says that a scope was called otherwise by an earlier edition, which made its name of a handle.
    pub fn renames_scope(&mut self, from: &str, to: &str) {
        self.harvest.former_scopes.push((from.into(), to.into()));
    }

    /// Says which edition of the collector reads, from 1. It is raised where assets get other ids, or facts are read another way:
    /// what a newer edition reads for the first time, or says by another basis, is no change of the asset.
    pub fn edition(&mut self, edition: u32) {
        self.harvest.edition = edition;
    }

    /// Says that a scope was read completely. Without effect once it has met a trouble.
    pub fn complete(&mut self, scope: &str) {
        let scope = self.scope(scope);
        scope.read.complete = !scope.failed;
    }

    /// Notes that something could not be read: the scope is incomplete for good.
    ///
    /// The text says what happened, where, and what to do next, and holds no secret.
    pub fn trouble(&mut self, scope: &str, what: impl Into<Text>) {
        self.note(
            scope,
            Trouble {
                what: what.into(),
                asset: None,
            },
            true,
        );
    }

    /// Notes that one asset could not be read: as [`trouble`](Self::trouble).
    pub fn trouble_with(&mut self, scope: &str, asset: AssetId, what: impl Into<Text>) {
        self.note(
            scope,
            Trouble {
                what: what.into(),
                asset: Some(asset),
            },
            true,
        );
    }

    /// Notes something worth saying that leaves the scope as complete as it is.
    pub fn remark(&mut self, scope: &str, what: impl Into<Text>) {
        self.note(
            scope,
            Trouble {
                what: what.into(),
                asset: None,
            },
            false,
        );
    }

    /// Notes a trouble on every scope that is not complete yet, for a run that is cut short.
    pub fn interrupt(&mut self, what: &str) {
        let open = self.scopes.iter().filter(|scope| !scope.read.complete);
        for scope in open
            .map(|scope| scope.read.scope.clone())
            .collect::<Vec<_>>()
        {
            self.trouble(&scope, what);
        }
    }

    /// Hands an asset over.
    pub fn asset(&mut self, scope: &str, mut asset: Asset) {
        if self.full(
            scope,
            "assets",
            self.harvest.assets.len(),
            self.limits.assets,
        ) {
            return;
        }
        self.open(scope);
        asset.scope = scope.into();
        asset.settle();
        self.harvest.assets.push(asset);
    }

    /// Hands a relation over; its ends may be handed over later, or by another source.
    pub fn relation(&mut self, scope: &str, mut relation: Relation) {
        if self.full(
            scope,
            "relations",
            self.harvest.relations.len(),
            self.limits.relations,
        ) {
            return;
        }
        relation.scope = scope.into();
        self.harvest.relations.push(relation);
    }

    /// Hands a change request over.
    pub fn request(&mut self, scope: &str, mut request: ChangeRequest) {
        if self.full(
            scope,
            "change requests",
            self.harvest.requests.len(),
            self.limits.records,
        ) {
            return;
        }
        request.scope = scope.into();
        self.harvest.requests.push(request);
    }

    /// Hands an action over.
    pub fn action(&mut self, scope: &str, mut action: Action) {
        if self.full(
            scope,
            "actions",
            self.harvest.actions.len(),
            self.limits.records,
        ) {
            return;
        }
        action.scope = scope.into();
        self.harvest.actions.push(action);
    }

    /// Hands many assets and relations over that already carry their scope and are settled; for collectors
    /// that prepare them on several threads. The scopes must have been opened.
    pub fn batch(&mut self, scope: &str, assets: Vec<Asset>, relations: Vec<Relation>) {
        let (have, more) = (self.harvest.assets.len(), assets.len());
        let fits = self.limits.assets.saturating_sub(have);
        if more > fits {
            self.full(scope, "assets", self.limits.assets, self.limits.assets);
        }
        append(&mut self.harvest.assets, assets, fits);
        let (have, more) = (self.harvest.relations.len(), relations.len());
        let fits = self.limits.relations.saturating_sub(have);
        if more > fits {
            self.full(
                scope,
                "relations",
                self.limits.relations,
                self.limits.relations,
            );
        }
        append(&mut self.harvest.relations, relations, fits);
    }

    /// How many assets there are so far.
    pub fn len(&self) -> usize {
        self.harvest.assets.len()
    }

    /// Whether any scope has been opened so far.
    pub fn has_scopes(&self) -> bool {
        !self.scopes.is_empty()
    }

    /// Whether there is no asset so far.
    pub fn is_empty(&self) -> bool {
        self.harvest.assets.is_empty()
    }

    /// The harvest in its one order. Of two assets with one id the first in that order stays, and the other is a trouble.
    pub fn finish(mut self) -> Harvest {
        if !self.harvest.assets.is_sorted_by(|a, b| a.id < b.id) {
            // By content too: which of two survives must not hang on the order of arrival.
            self.harvest.assets.sort_by(|a, b| a.id.cmp(&b.id));
            self.drop_twins();
        }
        if !self.harvest.relations.is_sorted() {
            self.harvest.relations.sort_unstable();
        }
        self.harvest.relations.dedup();
        self.harvest.requests.sort_by(|a, b| a.id.cmp(&b.id));
        self.harvest
            .actions
            .sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        self.scopes.sort_by(|a, b| a.read.scope.cmp(&b.read.scope));
        let scopes = self.scopes.into_iter().map(OpenScope::close);
        self.harvest.scopes = scopes.collect();
        self.harvest
    }

    fn drop_twins(&mut self) {
        let mut twins: Vec<(Text, AssetId)> = Vec::new();
        let assets = std::mem::take(&mut self.harvest.assets);
        let mut kept: Vec<Asset> = Vec::with_capacity(assets.len());
        for asset in assets {
            match kept.last_mut() {
                Some(last) if last.id == asset.id => {
                    if *last == asset {
                        continue;
                    }
                    // One of them is lost, whichever stays: neither scope is whole.
                    for scope in [&last.scope, &asset.scope] {
                        twins.push((scope.clone(), asset.id.clone()));
                    }
                    // The one whose content sorts first stays, whatever came first.
                    if format!("{asset:?}") < format!("{last:?}") {
                        *last = asset;
                    }
                }
                _ => kept.push(asset),
            }
        }
        self.harvest.assets = kept;
        let mut told = HashSet::new();
        for (scope, id) in twins {
            if told.insert((scope.clone(), id.clone())) {
                let what = format!("two different assets have the id {id}; give each its own");
                self.trouble_with(&scope, id, what);
            }
        }
    }

    fn full(&mut self, scope: &str, what: &str, have: usize, cap: usize) -> bool {
        if have < cap {
            return false;
        }
        let text = format!("more than {cap} {what}: the rest was left unread");
        let open = self.scope(scope);
        if open
            .read
            .troubles
            .iter()
            .any(|trouble| trouble.what == text)
        {
            open.read.complete = false;
        } else {
            self.trouble(scope, text);
        }
        true
    }

    fn note(&mut self, scope: &str, trouble: Trouble, fails: bool) {
        let cap = self.limits.troubles;
        let scope = self.scope(scope);
        if fails {
            scope.failed = true;
            scope.read.complete = false;
        }
        if scope.read.troubles.len() < cap {
            scope.read.troubles.push(trouble);
        } else {
            scope.left_out += 1;
        }
    }

    fn scope(&mut self, name: &str) -> &mut OpenScope {
        // Mostly the last one: collectors go scope by scope.
        let at = match self
            .scopes
            .iter()
            .rposition(|scope| scope.read.scope == name)
        {
            Some(at) => at,
            None => {
                let read = ScopeRead {
                    scope: name.into(),
                    complete: false,
                    troubles: Vec::new(),
                };
                self.scopes.push(OpenScope {
                    read,
                    failed: false,
                    left_out: 0,
                });
                self.scopes.len() - 1
            }
        };
        &mut self.scopes[at]
    }
}

impl OpenScope {
    fn close(mut self) -> ScopeRead {
        if self.left_out > 0 {
            let what = format!("and {} more troubles", self.left_out);
            self.read.troubles.push(Trouble {
                what: what.into(),
                asset: None,
            });
        }
        self.read
    }
}

fn append<T>(into: &mut Vec<T>, mut more: Vec<T>, fits: usize) {
    more.truncate(fits);
    if into.is_empty() {
        *into = more;
    } else {
        into.append(&mut more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(id: &str, name: &str) -> Asset {
        Asset::new(AssetId::new(id).unwrap(), "host", name)
    }

    #[test]
    fn a_scope_is_incomplete_until_said_otherwise() {
        let mut harvest = Harvester::new(Limits::default());
        harvest.open("a");
        harvest.asset("b", asset("host:b", "b"));
        harvest.complete("b");
        harvest.trouble("c", "no answer");
        harvest.complete("c");
        let scopes = harvest.finish().scopes;
        let complete: Vec<_> = scopes
            .iter()
            .map(|s| (s.scope.as_str(), s.complete))
            .collect();
        assert_eq!(complete, [("a", false), ("b", true), ("c", false)]);
    }

    #[test]
    fn an_interrupted_run_keeps_what_it_has() {
        let mut harvest = Harvester::new(Limits::default());
        harvest.asset("a", asset("host:a", "a"));
        harvest.complete("a");
        harvest.asset("b", asset("host:b", "b"));
        harvest.interrupt("deadline of 30s passed");
        let harvest = harvest.finish();
        assert_eq!(harvest.assets.len(), 2);
        assert!(harvest.scopes[0].complete && harvest.scopes[0].troubles.is_empty());
        assert!(!harvest.scopes[1].complete && harvest.scopes[1].troubles.len() == 1);
    }

    #[test]
    fn order_of_arrival_does_not_show() {
        let gather = |names: &[(&str, &str)]| {
            let mut harvest = Harvester::new(Limits::default());
            for (id, name) in names {
                harvest.asset("a", asset(id, name));
            }
            harvest.complete("a");
            harvest.finish()
        };
        let one = gather(&[("host:a", "x"), ("host:b", "y"), ("host:a", "z")]);
        let other = gather(&[("host:a", "z"), ("host:a", "x"), ("host:b", "y")]);
        assert_eq!(one.assets, other.assets);
        assert!(
            !one.scopes[0].complete,
            "two assets under one id are a trouble"
        );
        assert!(one.scopes[0].troubles[0].what.contains("host:a"));
    }

    #[test]
    fn twins_cost_both_their_scopes() {
        let gather = |names: [(&str, &str); 2]| {
            let mut harvest = Harvester::new(Limits::default());
            for (scope, name) in names {
                harvest.asset(scope, asset("host:a", name));
                harvest.complete(scope);
            }
            harvest.finish()
        };
        let one = gather([("a", "x"), ("b", "y")]);
        assert!(one.scopes.iter().all(|scope| !scope.complete));
        assert_eq!(one, gather([("b", "y"), ("a", "x")]));
    }

    #[test]
    fn caps_are_said_once() {
        let limits = Limits {
            assets: 2,
            troubles: 3,
            ..Limits::default()
        };
        let mut harvest = Harvester::new(limits);
        for at in 0..10 {
            harvest.asset("a", asset(&format!("host:{at}"), "x"));
        }
        for _ in 0..10 {
            harvest.trouble("a", "broken");
        }
        harvest.complete("a");
        let harvest = harvest.finish();
        assert_eq!(harvest.assets.len(), 2);
        let troubles = &harvest.scopes[0].troubles;
        assert!(!harvest.scopes[0].complete);
        assert_eq!(troubles.len(), 4);
        assert_eq!(troubles[3].what, "and 8 more troubles");
    }
}
