//! `implementer-authorised`: made by somebody, or by an automation, who may.

use super::{Control, Of};
use crate::case::Case;
use crate::people::Known;
use crate::standing::authorised;
use crate::types::{Outcome, Reason};

pub(super) const CONTROL: Control = Control {
    ids: &["implementer-authorised"],
    of: Of::Every,
    explain: implementer,
};

/// Who made it by the platform's record, held against the lists of the rule.
fn implementer(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    let control = "implementer-authorised";
    let rule = case.rule;
    let open = rule.implementers.is_empty() && rule.automations.is_empty();
    if open && !rule.implementer_known {
        return;
    }
    let Some(maker) = &case.subject.maker else {
        let (outcome, text) = if rule.implementer_known {
            (
                Outcome::Unknown,
                "no record of the platform tells who made it",
            )
        } else {
            (
                Outcome::Unasked,
                "no record of the platform tells who made it, and the policy does not insist",
            )
        };
        reasons.push(Reason::new(control, outcome, "implementer-not-known", text));
        return;
    };
    let Some((account, known)) = case.maker() else {
        let outcome = if rule.implementer_known {
            Outcome::Unknown
        } else {
            Outcome::Unasked
        };
        let text = format!("the record {} {} names nobody", maker.source, maker.id);
        reasons.push(Reason::new(control, outcome, "implementer-not-known", text));
        return;
    };
    let (mut outcome, rule_word, text) = match known {
        Known::Automation(automation) => {
            let listed = rule
                .automations
                .iter()
                .any(|one| one == "*" || *one == automation.name);
            if listed || open {
                (
                    Outcome::Holds,
                    "made-by-automation",
                    format!("{} made it, as {account}", automation.name),
                )
            } else {
                (
                    Outcome::Fails,
                    "automation-not-listed",
                    format!("{} made it, and is not on the list", automation.name),
                )
            }
        }
        Known::Person(person) => {
            let at = case.moment.hi;
            let party = plimsoll_model::Party::new(account);
            let (right, _) = authorised(case, maker.source, &party, at, &rule.implementers);
            match right.outcome {
                // A list of automations alone leaves nobody else.
                Outcome::Holds if rule.implementers.is_empty() && !open => (
                    Outcome::Fails,
                    "implementer-not-listed",
                    format!("{} made it, and only automations may", person.name),
                ),
                Outcome::Holds => (
                    Outcome::Holds,
                    "implementer-listed",
                    format!("{} made it, as {account}", person.name),
                ),
                _ if right.rule == "approver-left" => (
                    Outcome::Fails,
                    "implementer-left",
                    format!("{} made it and had left", person.name),
                ),
                _ => (
                    Outcome::Fails,
                    "implementer-not-listed",
                    format!(
                        "{} made it, and has none of the roles {}",
                        person.name,
                        rule.implementers.join(", ")
                    ),
                ),
            }
        }
        Known::Nobody => (
            Outcome::Fails,
            "implementer-unknown",
            format!(
                "{account} made it, and nobody in [[people]] or [[automations]] has that account"
            ),
        ),
    };
    if !maker.proven {
        // A record of that time, and nothing that says that it is about this change.
        outcome = if rule.implementer_known {
            Outcome::Unknown
        } else {
            Outcome::Unasked
        };
    }
    reasons.push(Reason::new(control, outcome, rule_word, text));
}
