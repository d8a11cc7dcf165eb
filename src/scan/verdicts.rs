//! What the approval policy says of the changes of this scan, and of those before it about which more is known now.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::{Asset, AssetId, ChangeRequest, RelationKind, Text, Value, fact};

use super::Yardstick;
use super::outcome::change_row;
use crate::approval::{
    Announced, Deed, Filed, Judged, Requests, Ruling, Sightings, Subject, World, commit, digest,
    judge, without_requests,
};
use crate::baseline::Judgement;
use crate::change::{Attribution, CLOCKS, Change, Evidence, LEVELS, Record, has_failed};
use crate::inventory::{Coverage, Snapshot};
use crate::notify::plan::Again;
use crate::store::{Commit, StoreError};

/// How far back verdicts are looked at again.
const RECENT: Duration = Duration::from_secs(90 * 86_400);
/// How many changes of scans before are, the newest.
const PAST: u32 = 20_000;
/// The environment in which artefacts are tried.
const STAGING: &str = "staging";

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
    /// Of those of scans before on which it is another verdict now, or another request.
    pub(super) again: Vec<Again>,
}

/// Judges the changes of this scan, in their order, and writes all verdicts that are new.
pub(super) fn rule(
    store: &Commit<'_>,
    courts: &Courts<'_>,
    new: &[New<'_>],
) -> Result<Ruled, StoreError> {
    let requests = store.requests()?;
    let policy = courts.yardstick.policy;
    if requests.is_empty() && policy.is_none() {
        // Where somebody is told of them, it matters what they are changes of.
        let systems = courts.yardstick.notify.map(|_| courts.systems());
        let ruling = |one: &New<'_>| {
            let context = systems.as_ref();
            let context = context.map(|systems| courts.context(one.change, systems));
            context.unwrap_or_default().ruling(without_requests())
        };
        return Ok(Ruled {
            new: new.iter().map(ruling).collect(),
            again: Vec::new(),
        });
    }
    let announcements = store.announcements()?;
    let sightings = courts.sightings(store)?;
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
    let systems = courts.systems();
    let mut judged = Vec::with_capacity(new.len());
    for one in new {
        let context = courts.context(one.change, &systems);
        let announced = courts.will_announce(&context);
        let verdict = courts.judge(one, &context, announced, &world);
        let ruling = context.ruling(verdict);
        store.put_ruling(one.id, courts.scan, courts.now, &ruling)?;
        judged.push(ruling);
    }
    let mut again = Vec::new();
    let from = courts.now.checked_sub(RECENT).unwrap_or(Timestamp::MIN);
    let known = store.rulings(from)?;
    for past in store.past_changes(courts.scan, from, PAST)? {
        let one = New {
            id: past.id,
            change: &past.change,
            after: past.after,
            before: past.before,
            attribution: past.attribution.as_ref(),
        };
        let before = known.get(&past.id);
        // What was known of the asset when the change was seen counts, and not what it is now.
        let mut context = courts.context(one.change, &systems);
        if let Some(before) = before {
            context.environment.clone_from(&before.environment);
            context.role.clone_from(&before.role);
            context.sensitive = before.sensitive;
        }
        let announced = announcements.get(&past.id).copied().unwrap_or_default();
        let ruling = context.ruling(courts.judge(&one, &context, announced, &world));
        if before.is_none_or(|before| differs(&before.judged, &ruling.judged)) {
            store.put_ruling(past.id, courts.scan, courts.now, &ruling)?;
            let news = before.filter(|before| {
                let (before, now) = (&before.judged, &ruling.judged);
                before.verdict != now.verdict || before.requests != now.requests
            });
            again.extend(news.map(|before| Again {
                row: change_row(
                    past.id,
                    &past.change,
                    (past.after, past.before),
                    past.attribution.clone(),
                    ruling.judged.clone(),
                ),
                before: before.judged.verdict,
                ruling: ruling.clone(),
            }));
        }
    }
    Ok(Ruled { new: judged, again })
}

/// Whether a verdict says something else: other candidates alone are no other verdict.
fn differs(before: &Judged, now: &Judged) -> bool {
    before.verdict != now.verdict
        || before.requests != now.requests
        || before.rule != now.rule
        || before.reasons != now.reasons
}

struct Reads {
    until: Option<Timestamp>,
    troubles: Vec<Text>,
}

/// What is known of the asset of a change.
#[derive(Default)]
struct Context<'a> {
    environment: Option<Text>,
    role: Option<Text>,
    sensitive: Option<bool>,
    asset: Option<&'a Asset>,
    lineage: Vec<(&'a AssetId, &'a str)>,
}

impl Context<'_> {
    fn ruling(&self, judged: Judged) -> Ruling {
        Ruling {
            judged,
            environment: self.environment.clone(),
            role: self.role.clone(),
            sensitive: self.sensitive,
        }
    }
}

/// The systems by their places.
type Systems<'a> = HashMap<u32, (&'a Text, Option<&'a Text>)>;

impl<'a> Courts<'a> {
    fn systems(&self) -> Systems<'a> {
        let systems = self.judgement.systems.iter();
        systems
            .map(|system| (system.at, (&system.role, system.environment.as_ref())))
            .collect()
    }

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

    fn context(&self, change: &Change, systems: &Systems<'a>) -> Context<'a> {
        let id = self.moved.get(&change.asset).unwrap_or(&change.asset);
        let Some(at) = self.snapshot.find(id.as_str()) else {
            return Context {
                environment: None,
                role: None,
                sensitive: None,
                asset: None,
                lineage: Vec::new(),
            };
        };
        let asset = self.snapshot.asset(at);
        let system = systems.get(&at);
        let own = system.and_then(|(_, environment)| *environment);
        let environment = match system {
            Some(_) => own.cloned(),
            None => self.around(at, systems),
        };
        let sensitive = asset.value(fact::SENSITIVE).and_then(Value::as_bool);
        Context {
            environment,
            role: system.map(|(role, _)| (*role).clone()),
            sensitive,
            asset: Some(asset),
            lineage: self.lineage(at),
        }
    }

    /// The environment of a part of systems: the one that all systems beside it have.
    fn around(&self, at: u32, systems: &Systems<'a>) -> Option<Text> {
        let out = self.snapshot.outgoing(at).iter().map(|edge| edge.to);
        let into = self.snapshot.incoming(at).iter().map(|edge| edge.from);
        let mut found: Option<&Text> = None;
        for near in out.chain(into) {
            let Some((_, environment)) = systems.get(&near) else {
                continue;
            };
            match (found, *environment) {
                (_, None) => return None,
                (Some(one), Some(other)) if one != other => return None,
                (_, some) => found = some,
            }
        }
        found.cloned()
    }

    fn lineage(&self, at: u32) -> Vec<(&'a AssetId, &'a str)> {
        let mut found = Vec::new();
        let mut level = vec![at];
        let mut met = HashSet::from([at]);
        for _ in 0..LEVELS {
            let mut next = Vec::new();
            for part in level {
                for (whole, asset) in self.snapshot.against(part, RelationKind::Contains) {
                    if met.insert(whole) {
                        found.push((&asset.id, asset.name.as_str()));
                        next.push(whole);
                    }
                }
            }
            level = next;
        }
        found
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
            troubles: Vec::new(),
        };
        for (source, scope) in scopes {
            let until = self.scope_until(source, scope);
            reads.until = Some(reads.until.map_or(until, |have| have.min(until)));
            if until < self.now {
                let told = self
                    .coverage(source, scope)
                    .and_then(|read| read.troubles.first());
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

    /// What was seen in staging so far, with what this scan sees there for the first time.
    fn sightings(&self, store: &Commit<'_>) -> Result<Sightings, StoreError> {
        let mut sightings = Sightings {
            staging_known: false,
            first: store.sightings()?,
        };
        let staging = self.judgement.systems.iter().filter(|system| {
            system
                .environment
                .as_ref()
                .is_some_and(|environment| *environment == STAGING)
        });
        for system in staging {
            sightings.staging_known = true;
            for artefact in artefacts(self.snapshot.asset(system.at)) {
                if let Entry::Vacant(first) = sightings.first.entry(artefact) {
                    store.put_sighting(first.key(), self.now)?;
                    first.insert(self.now);
                }
            }
        }
        Ok(sightings)
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

/// The digests and commits that an asset runs.
fn artefacts(asset: &Asset) -> Vec<Text> {
    let mut found = Vec::new();
    for name in [
        fact::IMAGE_DIGESTS,
        fact::IMAGE,
        fact::IMAGES,
        fact::IMAGE_ID,
    ] {
        if let Some(value) = asset.value(name) {
            collect(value, &mut found);
        }
    }
    let told = asset.value(fact::SOURCE_COMMIT).and_then(Value::as_str);
    let label = asset.labels.get("org.opencontainers.image.revision");
    let commits = told.into_iter().chain(label.map(Text::as_str));
    found.extend(commits.filter_map(commit));
    found
}

fn collect(value: &Value, found: &mut Vec<Text>) {
    match value {
        Value::Text(text) => found.extend(digest(text)),
        Value::List(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Table(table) => table.iter().for_each(|(_, part)| collect(part, found)),
        _ => {}
    }
}
