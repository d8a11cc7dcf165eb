//! `environment-tagged`: the system is categorised as production, staging or development.

use plimsoll_model::{How, fact, kind};
use plimsoll_settings::Section;

use super::{Case, Check};
use crate::baseline::choose::ENVIRONMENT_LABEL;
use crate::baseline::outcome::{Evidence, Outcome};

#[derive(Debug)]
struct Tagged;

pub(super) fn read(_: &Section<'_>) -> Option<Box<dyn Check>> {
    Some(Box::new(Tagged))
}

impl Check for Tagged {
    fn expected(&self) -> String {
        "production, staging or development".to_owned()
    }

    fn facts(&self) -> Vec<&str> {
        vec![fact::ENVIRONMENT, "labels"]
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        if case.chosen.environment.is_some() {
            let by = case.system.environment_by.as_deref().unwrap_or_default();
            return Outcome::Pass(Evidence::new(How::Reported, by));
        }
        let labelled = case.asset.labels.get(ENVIRONMENT_LABEL).is_some();
        if case.asset.kind == kind::ENGINE && !labelled && case.judged_host().is_some() {
            return Outcome::NotApplicable("its host answers for it");
        }
        let actual = if let Some(word) = case.asset.labels.get(ENVIRONMENT_LABEL) {
            format!("label {ENVIRONMENT_LABEL} says {word:?}")
        } else if let Some(word) = case.asset.value(fact::ENVIRONMENT) {
            format!(
                "the platform says {:?}, which no rule translates",
                word.to_string()
            )
        } else if let Some(partial) = &case.asset.partial {
            return Outcome::Unknown(format!("it was read in part: {partial}"));
        } else {
            "no environment".to_owned()
        };
        let basis = "its labels, its platform, its host and the rules";
        Outcome::Fail(actual, Evidence::new(How::Reported, basis))
    }
}
