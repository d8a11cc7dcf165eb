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
    let mut found: Vec<(Likeness, u32)> = Vec::new();
    let (from, until) = (
        earlier(moment.lo.unwrap_or(moment.hi), NEAR),
        later(moment.hi, NEAR),
    );
    let name = lower(&subject.change.asset_name);
    let own = subject.strict_environment();
    for at in requests.near(moment.hi, AROUND) {
        let known = taken.contains(&at) || refused.iter().any(|one| one.at == at);
        let Some(filed) = requests.get(at).filter(|_| !known) else {
            continue;
        };
        let request = filed.request;
        // The newest time is never before it was opened.
        if request.opened > until || (request.opened < from && request.newest_time() < from) {
            continue;
        }
        let inside = request.window.is_some_and(|(start, end)| {
            start <= moment.hi && moment.lo.unwrap_or(moment.hi) <= end
        });
        let likeness = Likeness {
            named: request.names.iter().any(|one| lower(one) == name)
                || lower(&request.title).contains(name.as_ref()),
            inside,
            here: own.as_ref().is_some_and(|own| is_for(request, own)),
            same_person: same_person(subject, filed.source, request, people),
        };
        found.push((likeness, at));
    }
    found.sort_by(|a, b| (b.0.score(), a.1).cmp(&(a.0.score(), b.1)));
    let mut refused: Vec<&Refused> = refused.iter().collect();
    refused.sort_by_key(|one| one.at);
    let refused = refused.into_iter().map(|one| (one.at, one.why.clone()));
    let found = found.iter().map(|(likeness, at)| (*at, likeness.words()));
    let nearest = refused.chain(found).take(MOST).filter_map(|(at, why)| {
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

/// Whether a request names an environment.
fn is_for(request: &ChangeRequest, own: &str) -> bool {
    let mut named = request.environments.iter();
    named.any(|one| one.as_str() == own || environment(one) == own)
}

/// In what a request is like a change.
#[derive(Clone, Copy)]
struct Likeness {
    named: bool,
    inside: bool,
    here: bool,
    same_person: bool,
}

impl Likeness {
    /// The more the nearer.
    fn score(self) -> u8 {
        let score = |yes: bool, points| if yes { points } else { 0 };
        score(self.named, 4)
            + score(self.inside, 2)
            + score(self.here, 1)
            + score(self.same_person, 1)
    }

    fn words(self) -> Text {
        let all = [
            (self.named, "it speaks of a system of this name"),
            (self.inside, "its window fits"),
            (self.here, "it is for this environment"),
            (self.same_person, "the same person is concerned"),
            (true, "it is near in time"),
        ];
        let all = all.iter().filter(|(yes, _)| *yes).map(|(_, word)| *word);
        let mut text = Text::from(all.collect::<Vec<_>>().join(", "));
        text.push_str("; that links it to nothing");
        text
    }
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
