//! `role-known`: a role label names a role that there is.

use plimsoll_model::How;
use plimsoll_settings::Section;

use super::{Case, Check};
use crate::baseline::choose::ROLE_LABEL;
use crate::baseline::outcome::{Evidence, Outcome};

#[derive(Debug)]
struct RoleKnown;

pub(super) fn read(_: &Section<'_>) -> Option<Box<dyn Check>> {
    Some(Box::new(RoleKnown))
}

impl Check for RoleKnown {
    fn expected(&self) -> String {
        "a role that has a baseline".to_owned()
    }

    fn facts(&self) -> Vec<&str> {
        vec!["labels"]
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        let Some(role) = case.asset.labels.get(ROLE_LABEL) else {
            return Outcome::NotApplicable("it has no role label");
        };
        let evidence = Evidence::new(How::Reported, "label plimsoll.role");
        let baselines = case.estate.baselines;
        if baselines.role(role).is_some() {
            return Outcome::Pass(evidence);
        }
        let (chosen, by) = (&case.system.role, &case.system.role_by);
        let hint = baselines.suggest_role(role);
        let actual = format!("{role:?}, which has none ({hint}); judged as {chosen} by {by}");
        Outcome::Fail(actual, evidence)
    }
}
