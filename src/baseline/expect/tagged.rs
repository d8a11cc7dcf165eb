//! `environment-tagged`: the system is categorised as production, staging or development.

use plimsoll_model::{How, fact, kind};
use plimsoll_settings::Section;

use super::{Case, Check};
use crate::baseline::category::ENVIRONMENT_LABEL;
use crate::baseline::outcome::{Evidence, Outcome};
use crate::inventory::DISAGREE;

/// What is said of a system for which nobody has a word.
pub(crate) const NO_ENVIRONMENT: &str = "no environment";

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
            if case.chosen.disputed {
                let basis =
                    "the platform's word and ours; a rule with `overrides_platform` decides";
                return Outcome::Fail(by.to_owned(), Evidence::new(How::Reported, basis));
            }
            return Outcome::Pass(Evidence::new(How::Reported, by));
        }
        let labelled = case.asset.labels.get(ENVIRONMENT_LABEL).is_some();
        if case.asset.kind == kind::ENGINE && !labelled && case.judged_host().is_some() {
            return Outcome::NotApplicable("its host answers for it");
        }
        let snapshot = case.estate.snapshot;
        let around = case.estate.around(case.system.at);
        let around = around.map(|at| (Some(at), snapshot.asset(at)));
        let mut levels = std::iter::once((None, case.asset)).chain(around);
        let word = levels.find_map(|(at, asset)| {
            let of = |at| format!("its {} {}: ", snapshot.asset(at).kind, case.name(at));
            let of = || at.map_or(String::new(), of);
            if let Some(word) = asset.labels.get(ENVIRONMENT_LABEL) {
                return Some(format!("{}label {ENVIRONMENT_LABEL} says {word:?}", of()));
            }
            let claim = asset.get(fact::ENVIRONMENT)?;
            let Some(word) = claim.value().map(ToString::to_string) else {
                let basis = claim.basis().filter(|basis| basis.starts_with(DISAGREE));
                return basis.map(|basis| format!("{}{basis}", of()));
            };
            let of = of();
            Some(format!(
                "{of}the platform says {word:?}, which no rule translates"
            ))
        });
        let actual = if let Some(word) = word {
            word
        } else if let Some(partial) = &case.asset.partial {
            return Outcome::Unknown(format!("it was read in part: {partial}"));
        } else {
            NO_ENVIRONMENT.to_owned()
        };
        let basis = "its labels, its platform, the rules, what holds it and its host";
        Outcome::Fail(actual, Evidence::new(How::Reported, basis))
    }
}
