//! What the approval policy says of the changes of this scan, and of those before it about which more is known now.

mod gone;
mod sightings;
mod view;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::{AssetId, ChangeRequest, Text};

pub(super) use gone::Gone;
use view::{Context, View};

use super::Yardstick;
use super::outcome::change_row;
use crate::approval::{
    Announced, Deed, Filed, Judged, Requests, Ruling, Subject, World, judge, without_requests,
};
use crate::baseline::Judgement;
use crate::change::{Attribution, CLOCKS, Change, Evidence, Record, has_failed};
use crate::inventory::{Coverage, Snapshot};
use crate::notify::plan::{Again, Hold, Occurrence};
use crate::store::{Commit, PastChange, StoreError};

/// How far back verdicts are looked at again.
const RECENT: Duration = Duration::from_secs(90 * 86_400);
/// How many changes of scans before are, the newest.
const PAST: u32 = 20_000;

/// How long a change that was seen waits for the sources of change requests to be read, until it is told as it stands.
const PATIENCE: Duration = Duration::from_secs(20 * 60);
/// How far back there may be changes that wait so: nobody may have scanned in between.
const UNTOLD: Duration = Duration::from_secs(7 * 86_400);

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
    /// Those of this scan of which nothing is to be told before the sources of change requests were read.
    pub(super) early: HashSet<i64>,
}

/// Judges the changes of this scan, in their order, and writes all verdicts that are new.
pub(super) fn rule(
    store: &Commit<'_>,
    courts: &Courts<'_>,
    new: &[New<'_>],
) -> Result<Ruled, StoreError> {
    let requests = store.requests()?;
    let policy = courts.yardstick.policy;
    let unasked = requests.is_empty() && policy.is_none();
    let unproven = |context: Context<'_>| context.ruling(without_requests());
    if unasked && courts.yardstick.notify.is_none() {
        let ruled = new.iter().map(|_| unproven(Context::default()));
        return Ok(Ruled {
            new: ruled.collect(),
            again: Vec::new(),
            early: HashSet::new(),
        });
    }
    let now = View::new(courts.snapshot, &courts.judgement.systems);
    let (gone, systems) = courts.gone.as_known(courts);
    let gone = View::new(&gone, &systems);
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
            early: HashSet::new(),
        });
    }
    let announcements = store.announcements()?;
    let sightings = sightings::so_far(store, courts)?;
    let reads = courts.reads(&requests);
    let filed = requests.iter().map(|(source, request)| Filed {
        source,
        as_of: courts.as_of(source, request),
        request,
    });
    let filed = Requests::new(filed.collect());
    let world = World {
        policy,
        people: courts.yardstick.people,
        requests: &filed,
        read_until: reads.until,
        troubles: &reads.troubles,
        sightings: &sightings,
        now: courts.now,
    };
    let mut judged = Vec::with_capacity(new.len());
    let mut early = HashSet::new();
    for one in new {
        let context = context(one.change);
        let announced = courts.will_announce(&context);
        let verdict = courts.judge(one, &context, announced, &world);
        let ruling = context.ruling(verdict);
        store.put_ruling(one.id, courts.scan, courts.now, &ruling)?;
        if courts.is_early(&ruling, one.before, &reads) {
            early.insert(one.id);
        }
        judged.push(ruling);
    }
    let mut again = Vec::new();
    let from = courts.now.checked_sub(RECENT).unwrap_or(Timestamp::MIN);
    let known = store.rulings(from)?;
    let past = store.past_changes(courts.scan, from, PAST)?;
    let untold = untold(store, courts, &past, &known)?;
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
        let mut context = context(one.change);
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
        let ruling = context.ruling(courts.judge(&one, &context, announced, &world));
        if before.is_none_or(|before| differs(&before.judged, &ruling.judged)) {
            store.put_ruling(past.id, courts.scan, courts.now, &ruling)?;
        }
        let verdict_before = match before {
            _ if untold => {
                if courts.is_early(&ruling, past.before, &reads) {
                    continue;
                }
                None
            }
            Some(before) if is_news(&before.judged, &ruling.judged) => Some(before.judged.verdict),
            _ => continue,
        };
        again.push(Again {
            row: change_row(
                past.id,
                &past.change,
                (past.after, past.before),
                past.attribution,
                ruling.judged.clone(),
            ),
            before: verdict_before,
            ruling,
        });
    }
    Ok(Ruled {
        new: judged,
        again,
        early,
    })
}

/// The changes of which nothing was told so far, because the sources of change requests were to be read first.
fn untold(
    store: &Commit<'_>,
    courts: &Courts<'_>,
    past: &[PastChange],
    known: &HashMap<i64, Ruling>,
) -> Result<HashSet<i64>, StoreError> {
    if courts.yardstick.notify.is_none() {
        return Ok(HashSet::new());
    }
    let from = courts.now.checked_sub(UNTOLD).unwrap_or(Timestamp::MIN);
    let lacks = |id: &i64| known.get(id).is_some_and(|one| one.judged.lacks_a_read());
    let recent = past.iter().filter(|past| past.before > from);
    let subjects: HashMap<Text, i64> = recent
        .map(|past| past.id)
        .filter(lacks)
        .map(|id| (Occurrence::change_subject(id), id))
        .collect();
    let told = store.told(subjects.keys())?;
    let waits = told.iter().filter(|(_, told)| {
        let last = told.iter().map(|one| one.at).max();
        let mut last = told.iter().filter(|one| Some(one.at) == last);
        last.any(|one| one.hold == Some(Hold::TrackersToCome))
    });
    Ok(waits
        .filter_map(|(subject, _)| subjects.get(subject).copied())
        .collect())
}

/// Whether there is something to tell of a verdict that is another one.
fn is_news(before: &Judged, now: &Judged) -> bool {
    before.verdict != now.verdict || before.requests != now.requests
}

/// Whether a verdict says something else: other candidates alone are no other verdict.
fn differs(before: &Judged, now: &Judged) -> bool {
    is_news(before, now) || before.rule != now.rule || before.reasons != now.reasons
}

struct Reads {
    until: Option<Timestamp>,
    /// The same of those that this scan did not try to read.
    untried: Option<Timestamp>,
    troubles: Vec<Text>,
}

impl<'a> Courts<'a> {
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

    /// Whether nothing is to be told of a change yet: what is missing is a read of the trackers, which have a schedule of their own
    /// and were not to be read by this scan.
    fn is_early(&self, ruling: &Ruling, seen: Timestamp, reads: &Reads) -> bool {
        ruling.judged.lacks_a_read()
            && reads.untried.is_some_and(|until| until < seen)
            && self.now < seen.checked_add(PATIENCE).unwrap_or(Timestamp::MAX)
    }

    fn judge(
        &self,
        one: &New<'_>,
        context: &Context<'_>,
        announced: Announced,
        world: &World<'_>,
    ) -> Judged {
        let mut subject = Subject::new(one.change, one.after, one.before);
        subject.announced = announced;
        subject.environment = context.environment.as_deref();
        subject.role = context.role.as_deref();
        subject.sensitive = context.sensitive;
        subject.asset = context.asset;
        subject.lineage.clone_from(&context.lineage);
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
        judge(&subject, world)
    }

    fn coverage(&self, source: &str, scope: &str) -> Option<&'a Coverage> {
        let mut all = self.snapshot.coverage().iter();
        all.find(|one| one.source == source && one.scope == scope)
    }

    /// Until when a scope was read completely.
    fn scope_until(&self, source: &Text, scope: &Text) -> Timestamp {
        match self.coverage(source, scope) {
            Some(read) if read.complete && read.fresh => self.now,
            Some(read) if read.complete => read.as_of,
            _ => {
                let key = (source.clone(), scope.clone());
                self.read_before
                    .get(&key)
                    .copied()
                    .unwrap_or(Timestamp::MIN)
            }
        }
    }

    fn as_of(&self, source: &Text, request: &ChangeRequest) -> Timestamp {
        if self.handed.contains(&(source.clone(), request.id.clone())) {
            return self.now;
        }
        self.scope_until(source, &request.scope)
    }

    /// Until when every scope that has ever given a request was read completely; none where there is none.
    fn reads(&self, requests: &[(Text, ChangeRequest)]) -> Reads {
        let mut scopes: HashSet<(&Text, &Text)> = HashSet::new();
        let mut sources: HashSet<&Text> = self.yardstick.request_sources.iter().collect();
        for (source, request) in requests {
            scopes.insert((source, &request.scope));
            sources.insert(source);
        }
        // Another scope of the same source may hold the request that is looked for.
        for read in self.snapshot.coverage() {
            if sources.contains(&read.source) {
                scopes.insert((&read.source, &read.scope));
            }
        }
        // One that is to give requests and was never read at all may hold any.
        let nothing = Text::default();
        for source in self.yardstick.request_sources {
            if !scopes.iter().any(|(have, _)| *have == source) {
                scopes.insert((source, &nothing));
            }
        }
        let mut scopes: Vec<(&Text, &Text)> = scopes.into_iter().collect();
        if let Some(configured) = self.yardstick.configured {
            scopes.retain(|(source, _)| configured.contains(source));
        }
        scopes.sort_unstable();
        let mut reads = Reads {
            until: None,
            untried: None,
            troubles: Vec::new(),
        };
        for (source, scope) in scopes {
            let until = self.scope_until(source, scope);
            let coverage = self.coverage(source, scope);
            let earliest = |have: Option<Timestamp>| have.map_or(until, |have| have.min(until));
            reads.until = Some(earliest(reads.until));
            if !coverage.is_some_and(|read| read.fresh) {
                reads.untried = Some(earliest(reads.untried));
            }
            if until < self.now {
                let told = coverage.and_then(|read| read.troubles.first());
                let why = told.map_or("it was not read by this scan", |trouble| {
                    trouble.what.as_str()
                });
                reads
                    .troubles
                    .push(Text::from(format!("{source} {scope}: {why}")));
            }
        }
        reads
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
    }
}
