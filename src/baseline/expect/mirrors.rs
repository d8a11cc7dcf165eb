//! `staging-mirrors-production`: each production system has a staging system that equals it in everything but scale.

use plimsoll_model::{How, Text};
use plimsoll_settings::{Section, nearest};

use super::differences::{COMPARED, Differences};
use super::{Case, Check};
use crate::baseline::environment::Environment;
use crate::baseline::outcome::{Cause, Evidence, Outcome};
use crate::baseline::twins::{Few, MIRRORS_LABEL, Twin, has_twin};

/// How many differences are named.
const SHOWN: usize = 6;

#[derive(Debug)]
struct Mirrors {
    /// Facts that may differ.
    except: Vec<String>,
}

pub(super) fn read(section: &Section<'_>) -> Option<Box<dyn Check>> {
    let except = section.texts("except").unwrap_or_default();
    for name in &except {
        if !COMPARED.contains(&name.as_str()) {
            let hint = nearest(name, COMPARED.iter().copied())
                .map(|near| format!("did you mean {near:?}?"));
            let message = format!("`except`: {name:?} is no fact that is compared");
            section.mistake(section.place_of("except"), message, hint);
        }
    }
    Some(Box::new(Mirrors { except }))
}

impl Check for Mirrors {
    fn expected(&self) -> String {
        "a staging system that equals it in everything but scale".to_owned()
    }

    fn facts(&self) -> Vec<&str> {
        let compared = COMPARED.iter().copied();
        let compared = compared.filter(|fact| !self.except.iter().any(|except| except == fact));
        compared.chain(["labels", "relations"]).collect()
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        if !has_twin(&case.asset.kind) {
            return Outcome::NotApplicable("machines are scale: what runs on them is compared");
        }
        match case.chosen.environment {
            Some(Environment::Production) => {}
            Some(_) => {
                return Outcome::NotApplicable("the production system that it mirrors is judged");
            }
            None => {
                return Outcome::Follows(
                    "it has no environment itself".to_owned(),
                    Cause::no_environment(case.system.at),
                );
            }
        }
        match case.estate.twin(case.system.at) {
            Twin::One(twin) => self.compare(case, *twin),
            Twin::Several(few) => Outcome::Unknown(format!(
                "which staging system mirrors it is not clear: {}; say it with the label {MIRRORS_LABEL} or a rule's \
                 `mirrors`",
                candidates(case, few)
            )),
            Twin::Missing(name) => {
                Outcome::Unknown(format!("it is said to mirror {name:?}, which is no system"))
            }
            Twin::NoStaging => Outcome::Unknown("there are no staging systems here".to_owned()),
            // What would mirror it may be in what was not read.
            Twin::None => match case.estate.any_half_read() {
                Some(source) => {
                    Outcome::Unknown(format!("no staging system mirrors it, and {}", gap(source)))
                }
                None => {
                    let evidence = Evidence::new(How::Reported, "the names of all staging systems");
                    Outcome::Fail("no staging system mirrors it".to_owned(), evidence)
                }
            },
        }
    }
}

fn gap(source: &Text) -> String {
    format!("source {source} was not read completely")
}

fn candidates(case: &Case<'_>, few: &Few) -> String {
    let ids = few
        .first()
        .iter()
        .map(|at| case.estate.snapshot.asset(*at).id.as_str());
    let mut text = ids.collect::<Vec<_>>().join(", ");
    let more = (few.count as usize).saturating_sub(few.first().len());
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

impl Mirrors {
    fn compare<'a>(&'a self, case: &Case<'a>, at: u32) -> Outcome<'a> {
        let twin = case.estate.snapshot.asset(at);
        let mut found = Differences::new(case.asset, twin);
        found.look(&self.except);
        let name = twin.id.as_str();
        if !found.differ.is_empty() {
            let more = found.differ.len().saturating_sub(SHOWN);
            let mut shown = found.differ;
            shown.truncate(SHOWN);
            if more > 0 {
                shown.push(format!("and {more} more"));
            }
            let actual = format!("{name} differs in {}", shown.join("; "));
            return Outcome::Fail(actual, found.evidence.unwrap_or_else(basis));
        }
        // What was read in part may lack a fact that both have.
        let partial = [case.asset, twin].into_iter().find_map(|asset| {
            let partial = asset.partial.as_ref()?;
            Some(format!("{} was read in part: {partial}", asset.id))
        });
        match (found.unknown.or(partial), found.evidence) {
            (Some(reason), _) => Outcome::Unknown(format!("against {name}: {reason}")),
            (None, None) => Outcome::Unknown(format!("nothing is known of both it and {name}")),
            (None, Some(evidence)) => Outcome::Pass(evidence),
        }
    }
}

fn basis<'a>() -> Evidence<'a> {
    Evidence::new(How::Reported, "the facts of both")
}
