//! Weighs each yes: whether it came in time, by somebody with the right, who had no part in the change.

use std::collections::BTreeMap;
use std::time::Duration;

use plimsoll_model::Text;

use crate::case::{Case, Yes};
use crate::standing::{Stood, authorised, in_time, independent};
use crate::types::Outcome;

/// One yes, and how each question about it came out.
pub(crate) struct Weighed<'a> {
    pub(crate) yes: Yes<'a>,
    pub(crate) time: Stood,
    pub(crate) right: Stood,
    pub(crate) apart: Option<Stood>,
    /// The person who said it.
    pub(crate) person: Option<Text>,
}

impl Weighed<'_> {
    /// The worst of all that was asked.
    pub(crate) fn worst(&self) -> Outcome {
        let apart = self
            .apart
            .as_ref()
            .map_or(Outcome::Unknown, |stood| stood.outcome);
        self.time.outcome.min(self.right.outcome).min(apart)
    }
}

/// Weighs every yes for some roles.
pub(crate) fn weigh<'a>(
    case: &Case<'_, 'a>,
    yeses: Vec<Yes<'a>>,
    roles: &[Text],
) -> Vec<Weighed<'a>> {
    let weighed = yeses.into_iter().map(|yes| {
        let time = in_time(case, &yes, Duration::ZERO);
        let at = yes.at.unwrap_or(case.moment.hi);
        let (right, person) = authorised(case, yes.filed.source, yes.by, at, roles);
        Weighed {
            time,
            right,
            apart: person.map(|person| independent(case, person)),
            person: person.map(|person| person.name.clone()),
            yes,
        }
    });
    weighed.collect()
}

/// How many different people said yes so that all holds, and how many more may have.
pub(crate) fn voices(weighed: &[Weighed<'_>]) -> (usize, usize) {
    let mut people: BTreeMap<&str, Outcome> = BTreeMap::new();
    for one in weighed {
        let Some(person) = &one.person else { continue };
        let best = people.entry(person).or_insert(Outcome::Fails);
        *best = (*best).max(one.worst());
    }
    let sure = people
        .values()
        .filter(|outcome| **outcome == Outcome::Holds)
        .count();
    let perhaps = people
        .values()
        .filter(|outcome| **outcome == Outcome::Unknown)
        .count();
    (sure, perhaps)
}
