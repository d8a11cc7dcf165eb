//! `cel`: a rule that users write themselves.

use plimsoll_model::How;
use plimsoll_settings::Section;

use super::{Case, Check};
use crate::baseline::cel::{AssetView, Expression};
use crate::baseline::outcome::{Evidence, Outcome};

#[derive(Debug)]
struct Cel {
    rule: Expression,
    when: Option<Expression>,
    source: String,
}

pub(super) fn read(section: &Section<'_>) -> Option<Box<dyn Check>> {
    if !section.has("id") {
        section.missing("id", "give the rule a name");
    }
    let source = section.required_text("rule", "an expression that is true where it holds");
    let rule = source
        .as_ref()
        .and_then(|_| Expression::read(section, "rule"));
    let when = Expression::read(section, "when");
    Some(Box::new(Cel {
        rule: rule?,
        when,
        source: source?,
    }))
}

impl Check for Cel {
    fn expected(&self) -> String {
        self.source.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn facts(&self) -> Vec<&str> {
        let when = self.when.iter().flat_map(|when| &when.facts);
        self.rule
            .facts
            .iter()
            .chain(when)
            .map(String::as_str)
            .collect()
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        let view = AssetView {
            asset: case.asset,
            system: case.system,
        };
        match self.when.as_ref().map(|when| when.ask(&view)) {
            None | Some(Ok(true)) => {}
            Some(Ok(false)) => return Outcome::NotApplicable("its `when` does not hold"),
            Some(Err(reason)) => return Outcome::Unknown(format!("`when`: {reason}")),
        }
        match self.rule.ask(&view) {
            Ok(true) => Outcome::Pass(self.evidence(case)),
            Ok(false) => Outcome::Fail(self.actual(case), self.evidence(case)),
            Err(reason) => Outcome::Unknown(reason),
        }
    }
}

impl Cel {
    /// The weakest of the facts that the rule names.
    fn evidence<'a>(&'a self, case: &Case<'a>) -> Evidence<'a> {
        let named = self.rule.facts.iter();
        let known = named.filter_map(|fact| Some(Evidence::of(case.asset.get(fact)?, fact)));
        let weakest = known.reduce(Evidence::and);
        weakest.unwrap_or_else(|| Evidence::new(How::Reported, "the asset itself"))
    }

    fn actual(&self, case: &Case<'_>) -> String {
        let named = self.rule.facts.iter();
        let values = named.filter_map(|fact| Some(format!("{fact}: {}", case.asset.value(fact)?)));
        let values = values.collect::<Vec<_>>().join("; ");
        if values.is_empty() {
            "it does not hold".to_owned()
        } else {
            values
        }
    }
}
