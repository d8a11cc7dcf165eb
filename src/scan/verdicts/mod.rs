//! What the approval policy says of the changes of this scan, and of those before it about which more is known now.

mod gone;
mod history;
mod reads;
mod refusals;
mod sightings;
mod view;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::{AssetId, ChangeRequest, Text};

pub(super) use gone::Gone;
use history::{earlier_runs, twin_values};
use reads::{Of, Reads};
use refusals::Refusals;
use view::{Context, View};

use super::Yardstick;
use super::outcome::change_row;
use super::recall::verdict_of;
use crate::approval::{
    Announced, Counted, Deed, Judged, Ruling, Subject, World, judge, without_requests,
};
use crate::baseline::Judgement;
use crate::change::{Attribution, CLOCKS, Change, ChangeKind, Evidence, Record, has_failed};
use crate::inventory::Snapshot;
use crate::notify::plan::Again;
use crate::report::RejudgedRow;
use crate::store::{Commit, StoreError};

/// How far back verdicts are looked at again.
const RECENT: Duration = Duration::from_secs(90 * 86_400);
/// How many changes of scans before are, the newest.
const PAST: u32 = 20_000;

/// How long a change that was seen waits for the sources of change requests to be read, until it is told as it stands.
pub const PATIENCE: Duration = Duration::from_secs(20 * 60);

/// A change that is judged for the first time.
pub(super) struct New<'a> {
    pub(super) id: i64,
    pub(super) change: &'a Change,
    pub(super) after: Option<Timestamp>,
    pub(super) before: Timestamp,
    pub(super) attribution: Option<&'a Attribution>,
}

/// What verdicts are made of.
pub(super) struct Courts<'a> {
    pub(super) scan: i64,
    pub(super) snapshot: &'a Snapshot,
    pub(super) judgement: &'a Judgement,
    /// Ids that live on under another one.
    pub(super) moved: &'a HashMap<AssetId, AssetId>,
    /// What is there no more.
    pub(super) gone: &'a Gone,
    /// When each scope had been read completely last, before this scan.
    pub(super) read_before: &'a HashMap<(Text, Text), Timestamp>,
    /// The requests that this scan was given, by source and id.
    pub(super) handed: HashSet<(Text, Text)>,
    pub(super) yardstick: &'a Yardstick<'a>,
    pub(super) now: Timestamp,
}

/// What was said of changes.
pub(super) struct Ruled {
    /// Of those of this scan, in their order.
    pub(super) new: Vec<Ruling>,
    /// Of those of scans before on which it is another verdict now, or another request, or of which nothing was told so far.
    pub(super) again: Vec<Again>,
    /// Those of scans before on which it is another verdict now.
    pub(super) rejudged: Vec<RejudgedRow>,
    /// Those of this scan of which nothing is to be told before the sources of change requests were read.
    pub(super) early: HashSet<i64>,
    /// Whether there are such, of this scan or of scans before.
    pub(super) waits: bool,
    /// How many approvals the checker refused that it had not refused before, by its rule.
    pub(super) refused: BTreeMap<Text, u64>,
}

/// Judges the changes of this scan, in their order, and writes all verdicts that are new.
pub(super) fn rule(
    store: &Commit<'_>,
    courts: &Courts<'_>,
    new: &[New<'_>],
) -> Result<Ruled, StoreError> {
    let mut requests = store.requests()?;
    let called = store.called()?;
    for (_, request) in requests.iter_mut().filter(|_| !called.is_empty()) {
        name_by_id(request, &called);
    }
    let policy = courts.yardstick.policy;
    let unasked = requests.is_empty() && policy.is_none();
    let unproven = |context: Context<'_>| context.ruling(without_requests(), None);
    if unasked && courts.yardstick.notify.is_none() {
        let ruled = new.iter().map(|_| unproven(Context::default()));
        return Ok(Ruled {
            new: ruled.collect(),
            again: Vec::new(),
            rejudged: Vec::new(),
            early: HashSet::new(),
            waits: false,
            refused: BTreeMap::new(),
        });
    }
    let changed: Vec<&AssetId> = new
        .iter()
        .map(|one| {
            courts
                .moved
                .get(&one.change.asset)
                .unwrap_or(&one.change.asset)
        })
        .collect();
    let rules = courts.yardstick.rules;
    let now = View::new(courts.snapshot, &courts.judgement.systems, rules, &changed);
    let (gone, systems) = courts.gone.as_known(courts);
    let gone = View::new(&gone, &systems, rules, &changed);
    let context = |change: &Change| {
        let id = courts.moved.get(&change.asset).unwrap_or(&change.asset);
        let there = now.context(id);
        there
            .or_else(|| gone.context(id).map(Context::gone))
            .unwrap_or_default()
    };
    if unasked {
        // Where somebody is told of them, it matters what they are changes of.
        let ruled = new.iter().map(|one| unproven(context(one.change)));
        return Ok(Ruled {
            new: ruled.collect(),
            again: Vec::new(),
            rejudged: Vec::new(),
            early: HashSet::new(),
            waits: false,
            refused: BTreeMap::new(),
        });
    }
    let announcements = store.announcements()?;
    let sightings = sightings::so_far(store, courts, new)?;
    let was = |change: &Change| {
        gone.context(&change.asset)
            .as_ref()
            .and_then(Context::counted)
    };
    let reads = Reads::of(courts, &requests);
    let troubles = reads.troubles(courts);
    let bench = Bench {
        store,
        courts,
        reads: &reads,
        context: &context,
        was: &was,
        refusals: Refusals::default(),
    };
    let world = |requests, of| World {
        policy,
        people: courts.yardstick.people,
        requests,
        read_until: reads.until(courts, of),
        troubles: &troubles,
        sightings: &sightings,
        now: courts.now,
    };
    let mut waits = HashSet::new();
    let filed = courts.filed(&requests, Of::ScansBefore);
    let filed_now = (!new.is_empty()).then(|| courts.filed(&requests, Of::ThisScan));
    let judged = match &filed_now {
        Some(filed) => bench.of_this_scan(new, &world(filed, Of::ThisScan), &mut waits)?,
        None => Vec::new(),
    };
    let early = waits.clone();
    let (again, rejudged) =
        bench.of_scans_before(&world(&filed, Of::ScansBefore), &announcements, &mut waits)?;
    Ok(Ruled {
        new: judged,
        again,
        rejudged,
        early,
        waits: !waits.is_empty(),
        refused: bench.refusals.by_rule(),
    })
}

/// Adds to the assets that a request names those that were ever called so: what links it to a change is the asset's id.
fn name_by_id(request: &mut ChangeRequest, called: &HashMap<Text, Vec<AssetId>>) {
    let meant = request.assets.iter();
    let meant = meant.filter_map(|id| called.get(id.as_str())).flatten();
    let meant: Vec<AssetId> = meant.cloned().collect();
    for id in meant {
        if !request.assets.contains(&id) {
            request.assets.push(id);
        }
    }
}

/// Where changes are judged.
struct Bench<'a, 'c> {
    store: &'a Commit<'a>,
    courts: &'a Courts<'c>,
    reads: &'a Reads,
    context: &'a dyn Fn(&Change) -> Context<'a>,
    /// What the asset of a change counted for before this scan; none where it was not known.
    was: &'a dyn Fn(&Change) -> Option<Counted>,
    refusals: Refusals,
}

impl Bench<'_, '_> {
    /// The changes of this scan.
    fn of_this_scan(
        &self,
        new: &[New<'_>],
        world: &World<'_>,
        waits: &mut HashSet<i64>,
    ) -> Result<Vec<Ruling>, StoreError> {
        let courts = self.courts;
        let mut rulings = Vec::with_capacity(new.len());
        for one in new {
            let context = (self.context)(one.change);
            let announced = courts.will_announce(&context);
            let was = match one.change.kind {
                ChangeKind::Modified => (self.was)(one.change),
                ChangeKind::Added | ChangeKind::Removed => None,
            };
            let was = was.filter(|was| context.counted().as_ref() != Some(was));
            let judged = self.judge(one, &context, was.as_ref(), announced, world)?;
            self.refusals.note(&one.change.asset, None, &judged);
            let ruling = context.ruling(judged, was);
            self.store
                .put_ruling(one.id, courts.scan, courts.now, &ruling)?;
            if self.is_early(&ruling, one.before, Of::ThisScan) {
                waits.insert(one.id);
            }
            rulings.push(ruling);
        }
        Ok(rulings)
    }

    /// The changes of scans before: those of which there is something to tell, and those on which it is another verdict now.
    fn of_scans_before(
        &self,
        world: &World<'_>,
        announcements: &HashMap<i64, Announced>,
        waits: &mut HashSet<i64>,
    ) -> Result<(Vec<Again>, Vec<RejudgedRow>), StoreError> {
        let (store, courts) = (self.store, self.courts);
        let from = courts.now.checked_sub(RECENT).unwrap_or(Timestamp::MIN);
        let known = store.rulings(from)?;
        let mut past = store.past_changes(courts.scan, from, PAST)?;
        let untold = match courts.yardstick.notify {
            Some(_) => store.untold()?,
            None => HashSet::new(),
        };
        let older = untold
            .iter()
            .filter(|id| !past.iter().any(|one| one.id == **id));
        let older = store.past_changes_numbered(courts.scan, older.copied())?;
        past.extend(older);
        let (mut again, mut rejudged) = (Vec::new(), Vec::new());
        for past in past {
            let one = New {
                id: past.id,
                change: &past.change,
                after: past.after,
                before: past.before,
                attribution: past.attribution.as_ref(),
            };
            let before = known.get(&past.id);
            // What was known of the asset when the change was seen counts, and not what it is now.
            let mut context = (self.context)(one.change);
            if let Some(before) = before {
                context.environment.clone_from(&before.environment);
                context.role.clone_from(&before.role);
                context.sensitive = before.sensitive;
            }
            let untold = untold.contains(&past.id);
            let announced = match announcements.get(&past.id).copied() {
                Some(announced) => announced,
                None if untold => courts.will_announce(&context),
                None => Announced::No,
            };
            let was = before.and_then(|before| before.was.clone());
            let judged = self.judge(&one, &context, was.as_ref(), announced, world)?;
            let mut ruling = context.ruling(judged, was);
            match before {
                // Requests are what they were when that was said, when more was known of how things stood.
                Some(before) if self.knows_less(&before.judged, &ruling.judged) => {
                    ruling = before.clone();
                }
                Some(before) if !differs(&before.judged, &ruling.judged) => {}
                _ => store.put_ruling(past.id, courts.scan, courts.now, &ruling)?,
            }
            let said = before.map(|before| &before.judged);
            self.refusals.note(&past.change.asset, said, &ruling.judged);
            let row = |ruling: &Ruling| {
                let times = (past.after, past.before);
                let maker = past.attribution.clone();
                change_row(past.id, &past.change, times, maker, ruling.judged.clone())
            };
            let verdict_before = verdict_of(before);
            if verdict_before != ruling.judged.verdict() {
                rejudged.push(RejudgedRow {
                    change: row(&ruling),
                    verdict_before,
                });
            }
            if untold && self.is_early(&ruling, past.before, Of::ScansBefore) {
                waits.insert(past.id);
                continue;
            }
            let verdict_before = match before {
                _ if untold => None,
                Some(before) if is_news(&before.judged, &ruling.judged) => {
                    Some(before.judged.verdict())
                }
                _ => continue,
            };
            again.push(Again {
                row: row(&ruling),
                before: verdict_before,
                ruling,
            });
        }
        rejudged.sort_by_key(|row| row.change.id);
        Ok((again, rejudged))
    }

    /// The verdict on one change, with what is known around it.
    fn judge(
        &self,
        one: &New<'_>,
        context: &Context<'_>,
        was: Option<&Counted>,
        announced: Announced,
        world: &World<'_>,
    ) -> Result<Judged, StoreError> {
        let mut subject = Subject::new(one.change, one.after, one.before);
        subject.announced = announced;
        subject.environment = context.environment.as_deref();
        subject.role = context.role.as_deref();
        subject.sensitive = context.sensitive;
        subject.asset = context.asset;
        subject.lineage.clone_from(&context.lineage);
        subject.namesakes.clone_from(&context.namesakes);
        subject.was = was.map(Counted::standing);
        subject.earlier = earlier_runs(self.store, &one.change.asset, one)?;
        let staged = world
            .policy
            .is_some_and(|policy| policy.rules.iter().any(|rule| rule.staging));
        let courts = self.courts;
        let here = courts
            .moved
            .get(&one.change.asset)
            .unwrap_or(&one.change.asset);
        let twin = courts.snapshot.find(here.as_str());
        let twin = twin.and_then(|at| courts.judgement.twins.get(&at));
        if let Some(twin) = twin.filter(|_| staged) {
            let twin = &courts.snapshot.asset(*twin).id;
            subject.twins.push(twin);
            subject.twin_values = twin_values(self.store, courts, twin, one.change)?;
        }
        if let Some(found) = one.attribution {
            let proven = found.evidence > Evidence::Time;
            subject.maker = Some(deed(&found.record, proven, found.exact));
            let from = one.after.and_then(|after| after.checked_sub(CLOCKS).ok());
            let until = one.before.checked_add(CLOCKS).unwrap_or(Timestamp::MAX);
            let inside = |record: &&Record| {
                let failed = record
                    .details
                    .get("status")
                    .is_some_and(|status| has_failed(status));
                from.is_none_or(|from| record.at > from) && record.at <= until && !failed
            };
            let others = found.candidates.iter().filter(inside);
            subject.others = others.map(|record| deed(record, false, false)).collect();
            subject.more = found.more > 0;
        }
        Ok(judge(&subject, world))
    }

    /// Whether less is known than when a change was judged before: what it was held against is not read by every scan.
    fn knows_less(&self, before: &Judged, now: &Judged) -> bool {
        !self.reads.by_this_scan() && now.lacks_a_read() && !before.lacks_a_read()
    }

    /// Whether nothing is to be told of a change yet: what is missing is a read of the trackers, which have a schedule of their own
    /// and were not tried since.
    fn is_early(&self, ruling: &Ruling, seen: Timestamp, of: Of) -> bool {
        ruling.judged.lacks_a_read()
            && self.reads.untried_since(seen, of)
            && self.courts.now < seen.checked_add(PATIENCE).unwrap_or(Timestamp::MAX)
    }
}

/// Whether there is something to tell of a verdict that is another one.
fn is_news(before: &Judged, now: &Judged) -> bool {
    before.verdict() != now.verdict() || before.requests != now.requests
}

/// Whether a verdict says something else: other candidates alone are no other verdict.
fn differs(before: &Judged, now: &Judged) -> bool {
    is_news(before, now) || before.rule != now.rule || before.reasons != now.reasons
}

impl Courts<'_> {
    /// Whether a change of this scan will be announced by our own notice: in production, or where nobody says that it is none.
    fn will_announce(&self, context: &Context<'_>) -> Announced {
        let production = context.environment.as_ref();
        let production = production.is_none_or(|environment| *environment == "production");
        let notify = self.yardstick.notify;
        let channel = notify.is_some_and(|all| all.channels.iter().any(|one| one.change_control));
        if production && channel {
            Announced::Planned
        } else {
            Announced::No
        }
    }
}

fn deed(record: &Record, proven: bool, exact: bool) -> Deed<'_> {
    Deed {
        source: &record.source,
        id: &record.action,
        what: &record.what,
        at: record.at,
        account: record.account.as_deref(),
        details: &record.details,
        proven,
        exact,
        fields: &record.fields,
    }
}
