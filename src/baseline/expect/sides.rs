//! `frontend-backend-separated`: front ends and back ends do not share a container, or not even a server.

use plimsoll_model::{How, fact, kind};
use plimsoll_settings::Section;

use super::sum::Sum;
use super::{Case, Check, shape};
use crate::baseline::outcome::{Evidence, Outcome, known_as};
use crate::baseline::role::Side;
use crate::baseline::sharing::has_own_bounds;

const BASIS: &str = "relation runs-on, and the sides that the roles declare";
const OWN: &str = "what it is: a container, pod or virtual machine of its own, or its platform's";

/// What front ends and back ends must not have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Boundary {
    /// A container, a pod or a virtual machine; of what runs outside of these, the server.
    Container,
    /// A server, whatever they run in.
    Host,
}

const BOUNDARIES: &[(&str, Boundary)] =
    &[("container", Boundary::Container), ("host", Boundary::Host)];

#[derive(Debug)]
struct SidesSeparated {
    boundary: Boundary,
}

pub(super) fn read(section: &Section<'_>) -> Option<Box<dyn Check>> {
    let boundary = section.choice("boundary", BOUNDARIES);
    let boundary = boundary.unwrap_or(Boundary::Container);
    Some(Box::new(SidesSeparated { boundary }))
}

impl Check for SidesSeparated {
    fn expected(&self) -> String {
        let what = match self.boundary {
            Boundary::Container => "no container, pod or server with both front ends and back ends",
            Boundary::Host => "no server with both front ends and back ends",
        };
        what.to_owned()
    }

    fn facts(&self) -> Vec<&str> {
        vec!["relations", fact::INSTANCES_HOSTS]
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        let is_host = case.asset.kind == kind::HOST;
        let side = case.chosen.side;
        if side.is_none() && !is_host {
            return Outcome::NotApplicable("its role is neither front end nor back end");
        }
        if self.boundary == Boundary::Host {
            let (hosts, gap) = case.hosts();
            return judge(case, &hosts, gap, |at, side| case.estate.users(at).on(side));
        }
        if has_own_bounds(&case.asset.kind) {
            // That something is a container is worth no more than what is known of it.
            return match is_placed(case) {
                true => Outcome::Pass(Evidence::new(How::Reported, OWN)),
                false => Outcome::Unknown("nothing says where it runs".to_owned()),
            };
        }
        // What runs outside of a container is bounded by what it runs on, a container or a server.
        let below = case.estate.below(case.system.at).next();
        let ground = if is_host { Some(case.system.at) } else { below };
        let gap = match ground {
            Some(_) => None,
            None => Some("what it runs on is not known".to_owned()),
        };
        let ground: Vec<u32> = ground.into_iter().collect();
        judge(case, &ground, gap, |at, side| {
            case.estate.users(at).unbounded_on(side)
        })
    }
}

/// Whether anything says where a system runs, or what runs it.
fn is_placed(case: &Case<'_>) -> bool {
    let at = case.system.at;
    case.estate.below(at).next().is_some()
        || case.estate.around(at).next().is_some()
        || case
            .estate
            .spread(at)
            .is_some_and(|spread| !spread.hosts.is_empty())
        || known_as(case.index, fact::PLATFORM, shape::word).is_ok()
}

/// Whether both sides run on one of the grounds of a system.
fn judge<'a>(
    case: &Case<'a>,
    grounds: &[u32],
    gap: Option<String>,
    users: impl Fn(u32, Side) -> Option<u32>,
) -> Outcome<'a> {
    let at = case.system.at;
    let is_host = case.asset.kind == kind::HOST;
    let side = case.chosen.side;
    let mut sum = Sum::default();
    for ground in grounds {
        if is_host && case.estate.users(*ground).nobody() {
            return Outcome::NotApplicable("nothing is known to run on it");
        }
        let on = |wanted: Side| {
            let own = (side == Some(wanted)).then_some(at);
            users(*ground, wanted).or(own)
        };
        let evidence = Evidence::new(How::Reported, BASIS);
        match (on(Side::Frontend), on(Side::Backend)) {
            (Some(front), Some(back)) => {
                let (front, back) = case.names(front, back);
                let ground = case.estate.snapshot.asset(*ground);
                let what = match (grounds, ground.kind.as_str()) {
                    _ if is_host => "it runs".to_owned(),
                    ([_], kind::HOST) => "its host runs".to_owned(),
                    (_, kind) => format!("its {kind} {} runs", ground.name),
                };
                sum.bad(
                    format!("{what} front end {front} and back end {back}"),
                    evidence,
                );
            }
            (None, None) => {}
            // What else runs there may be in what was not read.
            _ => match case.half_seen(at).or_else(|| case.half_seen(*ground)) {
                Some(why) => sum.unknown(why),
                None => sum.good(evidence),
            },
        }
    }
    if let Some(gap) = gap {
        sum.unknown(gap);
    }
    sum.outcome(if is_host {
        "it runs neither front ends nor back ends"
    } else {
        "none of it runs anywhere"
    })
}
