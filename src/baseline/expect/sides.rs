//! `frontend-backend-separated`: front ends and back ends do not share a server.

use plimsoll_model::{How, kind};
use plimsoll_settings::Section;

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
        vec!["relations"]
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        let at = case.system.at;
        let is_host = case.asset.kind == kind::HOST;
        let side = case.chosen.side;
        if side.is_none() && !is_host {
            return Outcome::NotApplicable("its role is neither front end nor back end");
        }
        let Some((host, _)) = case.host() else {
            return Outcome::Unknown("which host it runs on is not known".to_owned());
        };
        let users = case.estate.users(host);
        if is_host && users.nobody() {
            return Outcome::NotApplicable("nothing is known to run on it");
        }
        let on = |wanted: Side| {
            users
                .on(wanted)
                .or_else(|| (side == Some(wanted)).then_some(at))
        };
        match (on(Side::Frontend), on(Side::Backend)) {
            (Some(front), Some(back)) => {
                let (front, back) = (case.name(front), case.name(back));
                let what = if is_host { "it runs" } else { "its host runs" };
                let actual = format!("{what} front end {front} and back end {back}");
                Outcome::Fail(actual, Evidence::new(How::Reported, BASIS))
            }
            (None, None) => Outcome::NotApplicable("it runs neither front ends nor back ends"),
            // What else runs there may be in what was not read.
            _ => match case.half_seen(at).or_else(|| case.half_seen(host)) {
                Some(why) => Outcome::Unknown(why),
                None => Outcome::Pass(Evidence::new(How::Reported, BASIS)),
            },
        }
    }
}
