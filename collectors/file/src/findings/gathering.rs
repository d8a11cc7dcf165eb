//! Puts the parts together and says how completely each scope was read.

use std::collections::{BTreeMap, HashSet};

use plimsoll_kit::{Context, Harvester, Limits};
use plimsoll_model::Text;

use super::part::{LineTrouble, Part, Seen, Trouble};
use super::{MAX_SCOPES, Origin};

/// Findings on their way into a harvest.
pub struct Gathering {
    origin: Origin,
    limits: Limits,
    /// The scope of lines that name none.
    scope: Text,
    /// Whether the header named it.
    promised: bool,
    scopes: Vec<Seen>,
    /// Parts that came before their turn.
    early: BTreeMap<usize, Part>,
    next: usize,
    /// The number of the next line, from 1; the header is the first.
    line: u64,
    relations: usize,
    /// Troubles of which not even the scope was kept.
    untold: u64,
    /// Lines of which nobody knows to which scope they belong.
    unplaced: u64,
    failures: Vec<String>,
}

impl Gathering {
    /// Nothing gathered yet.
    pub fn new(origin: &Origin, context: &Context) -> Self {
        Self {
            origin: origin.clone(),
            limits: context.limits,
            scope: origin.scope.as_str().into(),
            promised: false,
            scopes: Vec::new(),
            early: BTreeMap::new(),
            next: 0,
            line: 2,
            relations: 0,
            untold: 0,
            unplaced: 0,
            failures: Vec::new(),
        }
    }

    /// Notes why the whole is not to be taken for complete: a trouble on every scope.
    pub fn fail(&mut self, why: impl Into<String>) {
        self.failures.push(why.into());
    }

    /// Whether anything failed as a whole so far.
    pub fn has_failed(&self) -> bool {
        !self.failures.is_empty()
    }

    /// Says in the harvest how completely each scope was read.
    pub fn finish(mut self, harvest: &mut Harvester) {
        if self.untold > 0 {
            self.unplaced += self.untold;
            let (scope, untold) = (self.scope.clone(), self.untold);
            if let Some(seen) = self.seen(&scope) {
                seen.untold += untold;
            }
        }
        if self.promised || self.scopes.is_empty() {
            let scope = self.scope.clone();
            self.seen(&scope);
        }
        for seen in &self.scopes {
            harvest.open(&seen.name);
            for why in &self.failures {
                harvest.trouble(&seen.name, why.as_str());
            }
            if seen.untold > 0 {
                let (name, untold) = (&self.origin.name, seen.untold);
                harvest.trouble(
                    &seen.name,
                    format!("{name}: and {untold} more lines like these"),
                );
            }
            if self.unplaced > 0 && seen.name != self.scope {
                let what = format!(
                    "{}: {} lines could not be read and may belong here; scope {} has their numbers",
                    self.origin.name, self.unplaced, self.scope
                );
                harvest.trouble(&seen.name, what);
            }
            match self.not_closed(seen) {
                None => harvest.complete(&seen.name),
                // What broke off could not come to its closing line.
                Some(_) if self.has_failed() => {}
                Some(what) => harvest.trouble(&seen.name, what),
            }
        }
    }

    /// Opens the scope of lines that name none, if no other is.
    pub(super) fn open_any(&mut self, harvest: &mut Harvester) {
        if self.scopes.is_empty() {
            let scope = self.scope.clone();
            self.seen(&scope);
            harvest.open(&scope);
        }
    }

    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Takes the header's scope.
    pub(super) fn header(&mut self, scope: &Text) {
        self.scope.clone_from(scope);
        self.promised = true;
    }

    /// Takes a part, whenever it comes; hands over what is next.
    pub(super) fn part(&mut self, at: usize, part: Part, harvest: &mut Harvester) {
        self.early.insert(at, part);
        while let Some(part) = self.early.remove(&self.next) {
            self.hand_over(part, harvest);
            self.next += 1;
        }
    }

    fn hand_over(&mut self, mut part: Part, harvest: &mut Harvester) {
        let before = self.line;
        self.line += part.lines;
        let mut refused = HashSet::new();
        for seen in std::mem::take(&mut part.scopes) {
            let Some(known) = self.seen(&seen.name) else {
                refused.insert(seen.name);
                continue;
            };
            known.last = seen.last.map(|line| before + line).or(known.last);
            if let Some((line, complete)) = seen.closed {
                let all = known.closed.is_none_or(|(_, complete)| complete);
                known.closed = Some((before + line, all && complete));
            }
            harvest.open(&seen.name);
        }
        if !refused.is_empty() {
            part.leave_out(&refused);
            self.over("scopes", MAX_SCOPES);
        }
        self.untold += part.untold;
        for trouble in part.troubles {
            self.trouble(before, trouble, harvest);
        }
        self.relations += part.relations.len();
        if harvest.len() + part.assets.len() > self.limits.assets {
            self.over("assets", self.limits.assets);
        }
        if self.relations > self.limits.relations {
            self.over("relations", self.limits.relations);
        }
        harvest.batch(&self.scope, part.assets, part.relations);
        for request in part.requests {
            let scope = request.scope.clone();
            harvest.request(&scope, request);
        }
        for action in part.actions {
            let scope = action.scope.clone();
            harvest.action(&scope, action);
        }
    }

    fn trouble(&mut self, before: u64, trouble: LineTrouble, harvest: &mut Harvester) {
        let line = before + trouble.line;
        let what = match trouble.what {
            Trouble::Found(what) => Text::from(format!("{} line {line}: {what}", self.origin.name)),
            Trouble::Told(what) => what,
        };
        let scope = trouble.scope.unwrap_or_else(|| {
            self.unplaced += 1;
            self.scope.clone()
        });
        // The other half is for what is said of a scope as a whole.
        let most = self.limits.troubles / 2;
        if let Some(seen) = self.seen(&scope) {
            if seen.told >= most {
                seen.untold += 1;
                return;
            }
            seen.told += 1;
        }
        match trouble.asset {
            Some(asset) => harvest.trouble_with(&scope, asset, what),
            None => harvest.trouble(&scope, what),
        }
    }

    /// Notes that a cap was met. What was left out may be of any scope.
    fn over(&mut self, what: &str, cap: usize) {
        let why = format!(
            "{} has more than {cap} {what}, and the rest was left out; split it over several sources",
            self.origin.name
        );
        if !self.failures.contains(&why) {
            self.fail(why);
        }
        let scope = self.scope.clone();
        self.seen(&scope);
    }

    /// Why a scope's own lines do not make it complete.
    fn not_closed(&self, seen: &Seen) -> Option<String> {
        let (file, name) = (&self.origin.name, &seen.name);
        match (seen.closed, seen.last) {
            (None, _) => Some(format!(
                "{file}: nothing says that all of {name} was read; write {{\"scope\":{{\"name\":{name:?},\"complete\":true}}}} as the last line when it was"
            )),
            (Some((_, false)), _) => Some(format!("{file} says that {name} was read only in part")),
            (Some((closed, true)), Some(last)) if last > closed => Some(format!(
                "{file} line {last}: more of {name} after line {closed} closed it; write the closing line last"
            )),
            (Some((_, true)), _) => None,
        }
    }

    /// What is known of a scope; none when there are too many.
    fn seen(&mut self, name: &Text) -> Option<&mut Seen> {
        let at = match self.scopes.iter().rposition(|seen| seen.name == *name) {
            Some(at) => at,
            // The scope of lines that name none always has a place: troubles go there.
            None if self.scopes.len() >= MAX_SCOPES && *name != self.scope => return None,
            None => {
                self.scopes.push(Seen {
                    name: name.clone(),
                    ..Seen::default()
                });
                self.scopes.len() - 1
            }
        };
        self.scopes.get_mut(at)
    }
}
