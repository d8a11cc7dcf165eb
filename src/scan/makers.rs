//! Who made the changes of this scan, and those of scans before it of which a record came late.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::{Action, AssetId, Text};

use super::around::Around;
use super::records::Records;
use crate::change::{
    Attribution, CLOCKS, Candidate, Change, Evidence, LEAD, Nature, attribute, nature,
};
use crate::store::{Commit, Numbers, PastChange, StoreError};

/// How far back records that come late are held against changes, and how far back one is looked for whose time has no
/// lower bound.
const RECENT: Duration = Duration::from_secs(30 * 86_400);
/// How many changes of scans before are looked at again in one scan, the newest.
const PAST: u32 = 10_000;

/// A change whose maker is looked for.
pub(super) struct Question<'a> {
    /// The asset's number.
    pub(super) asset: i64,
    /// The last time that it was seen as it was.
    pub(super) after: Option<Timestamp>,
    /// The first time that it was seen as it is.
    pub(super) before: Timestamp,
    /// The change.
    pub(super) change: &'a Change,
}

impl Question<'_> {
    /// From when to when records matter.
    fn span(&self) -> (Timestamp, Timestamp) {
        let from = match self.after {
            Some(after) => after.checked_sub(LEAD),
            None => self.before.checked_sub(RECENT),
        };
        let until = self.before.checked_add(CLOCKS);
        (
            from.unwrap_or(Timestamp::MIN),
            until.unwrap_or(Timestamp::MAX),
        )
    }
}

/// Looks for those who made changes.
pub(super) struct Makers<'c, 't> {
    commit: &'c Commit<'t>,
    scan: i64,
    moved: &'c HashMap<AssetId, AssetId>,
    numbers: &'c Numbers,
    /// Loaded when it is needed: mostly nothing changed, or there is no record at all.
    around: Option<Around>,
    /// The actions on an asset in a span of time: changes of one scan have mostly the same.
    actions: HashMap<(i64, Timestamp, Timestamp), Vec<(Text, Action)>>,
    /// The records that told who made changes of scans before one, by that scan and from when on, with their best evidence.
    taken: HashMap<(i64, Timestamp), HashMap<(Text, Text), Evidence>>,
}

impl<'c, 't> Makers<'c, 't> {
    pub(super) fn new(
        commit: &'c Commit<'t>,
        scan: i64,
        moved: &'c HashMap<AssetId, AssetId>,
        numbers: &'c Numbers,
    ) -> Self {
        Self {
            commit,
            scan,
            moved,
            numbers,
            around: None,
            actions: HashMap::new(),
            taken: HashMap::new(),
        }
    }

    /// Who made each of these changes of this scan, in their order.
    pub(super) fn of_scan(
        &mut self,
        questions: &[Question<'_>],
    ) -> Result<Vec<Option<Attribution>>, StoreError> {
        let first = questions.iter().map(|question| question.span().0).min();
        let any = match first {
            Some(first) => self.commit.has_actions(first)?,
            None => false,
        };
        if !any {
            return Ok(vec![None; questions.len()]);
        }
        let scan = self.scan;
        questions
            .iter()
            .map(|question| self.maker(question, scan))
            .collect()
    }

    /// Writes who made changes of scans before, as far as the fresh records of this scan tell more than was known. What
    /// was known by better evidence stays. Comes before [`of_scan`](Self::of_scan): what tells of an earlier change is
    /// no more than that.
    pub(super) fn look_back(
        &mut self,
        records: &Records,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let recent = now.checked_sub(RECENT).unwrap_or(Timestamp::MIN);
        let telling =
            |action: &Action| action.at >= recent && nature(&action.what) == Nature::Change;
        let fresh: Vec<_> = records
            .fresh()
            .filter(|record| telling(&record.action))
            .collect();
        let times = || fresh.iter().map(|record| record.action.at);
        let (Some(first), Some(last)) = (times().min(), times().max()) else {
            return Ok(());
        };
        let assets: HashSet<i64> = fresh.iter().map(|record| record.asset).collect();
        let from = first.checked_sub(CLOCKS).unwrap_or(Timestamp::MIN);
        let mut changes = self.commit.past_changes(self.scan, from, PAST)?;
        // Oldest first, so that each knows what tells of those before it.
        changes.sort_by_key(|past| (past.scan, past.id));
        for past in changes {
            let question = Question {
                asset: past.asset,
                after: past.after,
                before: past.before,
                change: &past.change,
            };
            let concerned = question.span().0 < last
                && self
                    .around()?
                    .of(past.asset, past.scan)
                    .iter()
                    .any(|(asset, _)| assets.contains(asset));
            if !concerned {
                continue;
            }
            let maker = self.maker(&question, past.scan)?;
            if let Some(maker) = maker.filter(|maker| tells_more(maker, &past)) {
                self.commit.put_attribution(past.id, &maker)?;
            }
        }
        Ok(())
    }

    fn maker(
        &mut self,
        question: &Question<'_>,
        scan: i64,
    ) -> Result<Option<Attribution>, StoreError> {
        let (from, until) = question.span();
        let reach = self.around()?.of(question.asset, scan);
        for (asset, _) in &reach {
            let key = (*asset, from, until);
            if !self.actions.contains_key(&key) {
                let actions = self.commit.actions_on(*asset, from, until)?;
                self.actions.insert(key, actions);
            }
        }
        // Without a lower bound only proof counts, and then it does not matter.
        let since = question
            .after
            .map(|after| after.checked_sub(CLOCKS).unwrap_or(Timestamp::MIN));
        if let Some(from) = since
            && !self.taken.contains_key(&(scan, from))
        {
            let records = self.commit.telling_records(scan, from)?;
            let mut best: HashMap<(Text, Text), Evidence> = HashMap::new();
            for (record, evidence) in records {
                let known = best.entry(record).or_insert(evidence);
                *known = (*known).max(evidence);
            }
            self.taken.insert((scan, from), best);
        }
        let taken = since.and_then(|from| self.taken.get(&(scan, from)));
        let mut candidates = Vec::new();
        for (asset, level) in reach {
            let actions = self
                .actions
                .get(&(asset, from, until))
                .into_iter()
                .flatten();
            candidates.extend(
                actions.map(|(source, action)| Candidate {
                    source: source.as_str(),
                    action,
                    level,
                    taken: taken
                        .and_then(|taken| taken.get(&(source.clone(), action.id.clone())).copied()),
                }),
            );
        }
        Ok(attribute(
            question.change,
            question.after,
            question.before,
            &candidates,
        ))
    }

    fn around(&mut self) -> Result<&Around, StoreError> {
        let around = match self.around.take() {
            Some(around) => around,
            None => Around::new(self.commit.containments()?, self.moved, self.numbers),
        };
        Ok(self.around.insert(around))
    }
}

/// Whether what was found now tells more than what was known. A platform may keep only the last record of a kind: one
/// that it dropped since is no reason to name somebody else by evidence that is no better.
fn tells_more(found: &Attribution, past: &PastChange) -> bool {
    let Some(known) = &past.attribution else {
        return true;
    };
    let is = |record: &crate::change::Record| {
        record.source == known.record.source
            && record.action == known.record.action
            && record.at == known.record.at
    };
    let still_there = is(&found.record) || found.candidates.iter().any(is);
    found != known
        && (found.evidence > known.evidence || found.evidence == known.evidence && still_there)
}
