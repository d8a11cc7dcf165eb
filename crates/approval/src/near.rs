//! The requests that come nearest to a change that none covers: offered to look at, and never counted.

use std::time::Duration;

use plimsoll_model::{ChangeRequest, Text};

use super::index::{Requests, lower};
use super::link::Refused;
use super::moment::{Moment, earlier, later};
use super::people::{Known, People};
use super::policy::environment;
use super::types::{Nearest, Subject};

/// How many are offered.
const MOST: usize = 5;
/// How many on either side in time are looked at.
const AROUND: usize = 24;
/// How far in time is near.
const NEAR: Duration = Duration::from_secs(7 * 86_400);

/// The nearest requests: those that were linked and refused, then those near in time.
pub(crate) fn nearest(
    subject: &Subject<'_>,
    requests: &Requests<'_>,
    people: &People,
    moment: Moment,
    refused: &[Refused],
    taken: &[u32],
) -> Vec<Nearest> {
    let mut found: Vec<(u8, u32, Text)> = Vec::new();
    for one in refused {
        found.push((9, one.at, one.why.clone()));
    }
    let (from, until) = (
        earlier(moment.lo.unwrap_or(moment.hi), NEAR),
        later(moment.hi, NEAR),
    );
    for at in requests.near(moment.hi, AROUND) {
        let known = taken.contains(&at) || found.iter().any(|(_, have, _)| *have == at);
        let Some(filed) = requests.get(at).filter(|_| !known) else {
            continue;
        };
        let request = filed.request;
        if request.newest_time() < from || request.opened > until {
            continue;
        }
        let (score, why) = likeness(subject, filed.source, request, people, moment);
        found.push((score, at, why));
    }
    found.sort_by(|a, b| (b.0, a.1).cmp(&(a.0, b.1)));
    let nearest = found.into_iter().take(MOST).filter_map(|(_, at, why)| {
        let filed = requests.get(at)?;
        Some(Nearest {
            source: filed.source.into(),
            request: filed.request.id.clone(),
            title: filed.request.title.chars().take(120).collect(),
            why,
        })
    });
    nearest.collect()
}

fn likeness(
    subject: &Subject<'_>,
    source: &str,
    request: &ChangeRequest,
    people: &People,
    moment: Moment,
) -> (u8, Text) {
    let mut score = 0;
    let mut why = Vec::new();
    let name = lower(&subject.change.asset_name);
    if request.names.iter().any(|one| lower(one) == name)
        || lower(&request.title).contains(name.as_ref())
    {
        score += 4;
        why.push("it speaks of a system of this name");
    }
    let inside = request
        .window
        .is_some_and(|(start, end)| start <= moment.hi && moment.lo.unwrap_or(moment.hi) <= end);
    if inside {
        score += 2;
        why.push("its window fits");
    }
    let own = subject.strict_environment();
    if own.is_some_and(|own| {
        request
            .environments
            .iter()
            .any(|one| environment(one) == own)
    }) {
        score += 1;
        why.push("it is for this environment");
    }
    if same_person(subject, source, request, people) {
        score += 1;
        why.push("the same person is concerned");
    }
    why.push("it is near in time");
    let mut text = Text::from(why.join(", "));
    text.push_str("; that links it to nothing");
    (score, text)
}

fn same_person(
    subject: &Subject<'_>,
    source: &str,
    request: &ChangeRequest,
    people: &People,
) -> bool {
    let Some(maker) = &subject.maker else {
        return false;
    };
    let Some(Known::Person(maker)) = maker
        .account
        .map(|account| people.who(maker.source, account))
    else {
        return false;
    };
    let all = request
        .requester
        .iter()
        .chain(&request.implementers)
        .chain(&request.authors);
    all.map(|party| people.who(source, &party.account))
        .any(|known| matches!(known, Known::Person(one) if one.name == maker.name))
}
