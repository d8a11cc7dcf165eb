//! Who made a change: the records of platforms against what changed, and between which looks.
//!
//! Best evidence wins and is named. What no record tells of stays unknown: nobody is guessed.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::Action;

use super::attribution::{Attribution, Evidence, Record, Witness, brief, showable};
use super::fields::{Touch, touch};
use super::proof::proves;
use super::words::{Nature, has_failed, makes, nature, unmakes};
use super::{Change, ChangeKind};

/// How far the clock of a platform may be off ours: records this much outside of the interval count, after those
/// inside, if more than their time speaks for them. Short, since a record of the time before may well be of something that nobody saw.
pub const CLOCKS: Duration = Duration::from_secs(10);
/// How long before its effect an action may be recorded: platforms note when an operation began. Only what proves
/// itself counts so far back, since anything else may have made an earlier change.
pub const LEAD: Duration = Duration::from_secs(30 * 60);
/// How many levels of what contains an asset are looked at: its app, the environment of that, and one above.
pub const LEVELS: u8 = 3;
/// How many others are kept beside the one that was chosen.
const OTHERS: usize = 10;

/// How many of a record's fields are kept with a change.
const FIELDS: usize = 50;

/// A record that may tell who made a change.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The source that gave it.
    pub source: &'a str,
    /// The record.
    pub action: &'a Action,
    /// 0 for one on the asset itself, 1 for one on what contains it, and so on.
    pub level: u8,
    /// By which evidence it told who made an earlier change, where it did.
    pub taken: Option<Evidence>,
}

/// Where an action lies against the interval in which a change happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// So far before it that only proof counts.
    Lead,
    /// Outside by no more than clocks may differ.
    Near,
    /// Inside.
    Inside,
}

/// What speaks for a candidate, the least first.
type Weight<'a> = (
    Evidence,
    Fit,
    bool,
    Reverse<u8>,
    Order,
    Reverse<(&'a str, &'a str)>,
);

/// Later is more, or for what came to be, earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    Earlier(Reverse<Timestamp>),
    Later(Timestamp),
}

/// The record that best tells who made a change that happened after `after`, at `before` or earlier. `after` is none
/// where nobody knows since when it may have been: then only proof counts.
///
/// The record whose details are the new value wins, then one that says that it touched what changed or has a word that
/// means it, then the last one in time; of equals the one inside the interval, and on the nearest asset. One that failed is
/// never named: it made nothing. The others are kept beside it.
pub fn attribute(
    change: &Change,
    after: Option<Timestamp>,
    before: Timestamp,
    candidates: &[Candidate<'_>],
) -> Option<Attribution> {
    let mut fitting: Vec<(Weight<'_>, &Candidate<'_>)> = candidates
        .iter()
        .filter_map(|candidate| Some((weigh(change, after, before, candidate)?, candidate)))
        .collect();
    fitting.sort_by(|a, b| b.0.cmp(&a.0));
    // One record may be reached over two ways.
    let mut met = HashSet::new();
    fitting.retain(|(_, candidate)| met.insert((candidate.source, &candidate.action.id)));
    // What came to nothing made nothing: it is told beside the maker, and is never the maker itself.
    let first = fitting
        .iter()
        .position(|(_, candidate)| !failed(candidate.action))?;
    let ((evidence, fit, ..), chosen) = fitting.remove(first);
    let mut others: Vec<&Candidate<'_>> = fitting
        .into_iter()
        .map(|(_, candidate)| candidate)
        .collect();
    others.sort_by(|a, b| {
        let key = |of: &Candidate<'_>| (Reverse(of.action.at), of.action.id.clone());
        key(a).cmp(&key(b))
    });
    let more = others.len().saturating_sub(OTHERS);
    Some(Attribution {
        how: Witness::PlatformRecord,
        evidence,
        exact: evidence > Evidence::Time && fit == Fit::Inside,
        record: record(chosen),
        candidates: others.into_iter().take(OTHERS).map(record).collect(),
        more: u64::try_from(more).unwrap_or(u64::MAX),
    })
}

fn record(candidate: &Candidate<'_>) -> Record {
    let Candidate { source, action, .. } = candidate;
    Record {
        source: (*source).into(),
        action: action.id.clone(),
        asset: action.asset.clone(),
        what: brief(&action.what),
        at: action.at,
        account: action.actor.as_ref().map(|actor| brief(&actor.account)),
        name: action
            .actor
            .as_ref()
            .and_then(|actor| actor.name.as_deref().map(brief)),
        details: showable(&action.details),
        fields: action
            .fields
            .iter()
            .take(FIELDS)
            .map(|field| brief(field))
            .collect(),
    }
}

/// What speaks for a candidate; none where it is shown not to be the one, or nothing does.
fn weigh<'a>(
    change: &Change,
    after: Option<Timestamp>,
    before: Timestamp,
    candidate: &Candidate<'a>,
) -> Option<Weight<'a>> {
    let Candidate {
        source,
        action,
        level,
        taken,
    } = *candidate;
    if level > LEVELS || nature(&action.what) != Nature::Change {
        return None;
    }
    let fit = fit(action.at, after, before)?;
    let evidence = evidence(change, action, level)?;
    let proof = matches!(evidence, Evidence::Details | Evidence::Word);
    if fit == Fit::Lead && !proof {
        return None;
    }
    // Where only the time fits it has to fit: a record just outside is as likely of what came before or after.
    if fit == Fit::Near && evidence == Evidence::Time {
        return None;
    }
    // What explains an earlier change as well, and lies before this one, needs proof to explain another.
    let better = taken.is_none_or(|earlier| evidence > earlier || evidence == Evidence::Details);
    if fit != Fit::Inside && !better {
        return None;
    }
    // Nothing can be done to a thing before it is there: what was done to it first made it.
    let first = change.kind == ChangeKind::Added && evidence == Evidence::Time && level == 0;
    let order = if first {
        Order::Earlier(Reverse(action.at))
    } else {
        Order::Later(action.at)
    };
    let tie = Reverse((source, action.id.as_str()));
    Some((evidence, fit, !failed(action), Reverse(level), order, tie))
}

fn fit(at: Timestamp, after: Option<Timestamp>, before: Timestamp) -> Option<Fit> {
    let later = |by: Duration| before.checked_add(by).unwrap_or(Timestamp::MAX);
    if at > later(CLOCKS) {
        return None;
    }
    let Some(after) = after else {
        return Some(Fit::Lead);
    };
    let earlier = |by: Duration| after.checked_sub(by).unwrap_or(Timestamp::MIN);
    if at > after && at <= before {
        Some(Fit::Inside)
    } else if at > earlier(CLOCKS) {
        Some(Fit::Near)
    } else if at > earlier(LEAD) {
        Some(Fit::Lead)
    } else {
        None
    }
}

/// How the record speaks of the change; none where it says that it is about something else.
fn evidence(change: &Change, action: &Action, level: u8) -> Option<Evidence> {
    if proves(action, change) {
        return Some(Evidence::Details);
    }
    if !action.fields.is_empty() {
        match touch(change, &action.fields) {
            Touch::Yes => return Some(Evidence::Fields),
            Touch::No => return None,
            Touch::Unknown => {}
        }
    }
    let means = match change.kind {
        // A whole that is made need not have this part yet.
        ChangeKind::Added => makes(&action.what) && level == 0,
        ChangeKind::Removed => unmakes(&action.what),
        ChangeKind::Modified => false,
    };
    Some(if means {
        Evidence::Word
    } else {
        Evidence::Time
    })
}

/// Whether the platform says that it came to nothing.
fn failed(action: &Action) -> bool {
    let said = |name: &str| action.details.get(name);
    said("status").is_some_and(|status| has_failed(status))
        || ["cancelled", "aborted"]
            .into_iter()
            .any(|name| said(name).is_some_and(|yes| yes == "true"))
}
