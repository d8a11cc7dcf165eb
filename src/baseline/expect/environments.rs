//! `environments-separated`: production shares no network, host, volume, secret, database, cluster or organisation with another
//! environment.

use plimsoll_model::{How, kind};
use plimsoll_settings::Section;

use super::{Case, Check};
use crate::baseline::environment::Environment;
use crate::baseline::outcome::{Cause, Evidence, Outcome};

const BASIS: &str = "relations runs-on, member-of, stores-on, uses and contains";

/// How many of the shared things are named.
const SHOWN: usize = 5;

#[derive(Debug)]
struct Separated;

pub(super) fn read(_: &Section<'_>) -> Option<Box<dyn Check>> {
    Some(Box::new(Separated))
}

impl Check for Separated {
    fn expected(&self) -> String {
        "nothing shared between production and another environment".to_owned()
    }

    fn facts(&self) -> Vec<&str> {
        vec!["relations", "labels"]
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        // An engine is how its host runs what is there.
        if case.asset.kind == kind::ENGINE && case.judged_host().is_some() {
            return Outcome::NotApplicable("its host answers for it");
        }
        let at = case.system.at;
        let own = case.chosen.environment;
        let is_host = case.asset.kind == kind::HOST;
        let mut shares = false;
        let (mut found, mut more) = (Vec::new(), 0);
        let mut untagged = None;
        let all = case.estate.shared(at);
        for shared in all.iter().copied() {
            let users = case.estate.users(shared);
            if users.nobody() {
                continue;
            }
            shares |= shared != at || is_host;
            let of = |environment| {
                let user = users.of(Some(environment));
                user.or_else(|| (own == Some(environment)).then_some(at))
            };
            let production = of(Environment::Production);
            let other = Environment::ALL
                .into_iter()
                .filter(|one| *one != Environment::Production);
            let other = other.filter_map(|one| Some((of(one)?, one))).next();
            if let (Some(production), Some((other, environment))) = (production, other) {
                let what = if shared == at {
                    "itself".to_owned()
                } else {
                    describe(case, shared)
                };
                if found.len() < SHOWN {
                    let (one, two) = case.names(production, other);
                    let word = environment.as_str();
                    found.push(format!(
                        "{what} is shared by {one} (production) and {two} ({word})"
                    ));
                } else {
                    more += 1;
                }
            }
            untagged =
                untagged.or_else(|| Some((shared, users.of(None).filter(|user| *user != at)?)));
        }
        if !found.is_empty() {
            if more > 0 {
                found.push(format!("and {more} more"));
            }
            let evidence = Evidence::new(How::Reported, BASIS);
            return Outcome::Fail(found.join("; "), evidence);
        }
        match (own, untagged) {
            (None, _) => Outcome::Follows(
                "it has no environment itself".to_owned(),
                Cause::no_environment(at),
            ),
            (_, Some((shared, user))) => {
                let (what, name) = (describe(case, shared), case.name(user));
                Outcome::Follows(
                    format!("{what} is shared with {name}, which has no environment"),
                    Cause::no_environment(user),
                )
            }
            _ => self.nothing_found(case, &all, shares, is_host),
        }
    }
}

impl Separated {
    fn nothing_found<'a>(
        &self,
        case: &Case<'a>,
        all: &[u32],
        shares: bool,
        is_host: bool,
    ) -> Outcome<'a> {
        // Who else shares something may be in what was not read.
        let gap = all.iter().find_map(|at| case.half_seen(*at));
        // Where its instances are is not known, and no cluster says among which hosts.
        let spread = case.estate.spread(case.system.at);
        let adrift = spread.filter(|_| case.estate.below(case.system.at).next().is_none());
        let gap = gap.or_else(|| adrift?.gap.clone());
        match (gap, shares) {
            (Some(why), _) => Outcome::Unknown(why),
            (None, true) => Outcome::Pass(Evidence::new(How::Reported, BASIS)),
            (None, false) if is_host => Outcome::NotApplicable("nothing is known to run on it"),
            (None, false) if case.asset.kind == kind::ENGINE => {
                Outcome::NotApplicable("its host answers for it")
            }
            (None, false) => {
                Outcome::Unknown("no relation says what it runs on or uses".to_owned())
            }
        }
    }
}

fn describe(case: &Case<'_>, at: u32) -> String {
    let asset = case.estate.snapshot.asset(at);
    format!("{} {}", asset.kind, asset.name)
}
