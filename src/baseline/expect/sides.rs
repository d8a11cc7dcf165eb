//! `frontend-backend-separated`: front ends and back ends do not share a server.

use plimsoll_model::{How, fact, kind};
use plimsoll_settings::Section;

use super::sum::Sum;
use super::{Case, Check};
use crate::baseline::outcome::{Evidence, Outcome};
use crate::baseline::role::Side;

const BASIS: &str = "relation runs-on, and the sides that the roles declare";

#[derive(Debug)]
struct SidesSeparated;

pub(super) fn read(_: &Section<'_>) -> Option<Box<dyn Check>> {
    Some(Box::new(SidesSeparated))
}

impl Check for SidesSeparated {
    fn expected(&self) -> String {
        "no server with both front ends and back ends".to_owned()
    }

    fn facts(&self) -> Vec<&str> {
        vec!["relations", fact::INSTANCES_HOSTS]
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        let at = case.system.at;
        let is_host = case.asset.kind == kind::HOST;
        let side = case.chosen.side;
        if side.is_none() && !is_host {
            return Outcome::NotApplicable("its role is neither front end nor back end");
        }
        let (hosts, gap) = case.hosts();
        let mut sum = Sum::default();
        for host in &hosts {
            let users = case.estate.users(*host);
            if is_host && users.nobody() {
                return Outcome::NotApplicable("nothing is known to run on it");
            }
            let on = |wanted: Side| {
                let own = (side == Some(wanted)).then_some(at);
                users.on(wanted).or(own)
            };
            let evidence = Evidence::new(How::Reported, BASIS);
            match (on(Side::Frontend), on(Side::Backend)) {
                (Some(front), Some(back)) => {
                    let (front, back) = case.names(front, back);
                    let what = match hosts.as_slice() {
                        _ if is_host => "it runs".to_owned(),
                        [_] => "its host runs".to_owned(),
                        _ => format!("its host {} runs", case.name(*host)),
                    };
                    sum.bad(
                        format!("{what} front end {front} and back end {back}"),
                        evidence,
                    );
                }
                (None, None) => {}
                // What else runs there may be in what was not read.
                _ => match case.half_seen(at).or_else(|| case.half_seen(*host)) {
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
}
