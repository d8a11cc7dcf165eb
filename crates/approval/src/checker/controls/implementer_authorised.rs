//! Whether somebody, or an automation, made the change who may.

use super::{Control, Of};
use crate::checker::{Group, Refusal, refuse};
use crate::people::{Held, Known};

pub(super) const CONTROL: Control = Control {
    ids: &["implementer-authorised"],
    of: Of::Every,
    check: implementer,
};

/// Who made it by the platform's record, held against the lists of the rule.
fn implementer(group: &Group<'_, '_>) -> Result<(), Refusal> {
    let (rule, facts) = (group.rule, group.facts);
    let open = rule.implementers.is_empty() && rule.automations.is_empty();
    let maker = facts.maker();
    let Some((maker, account)) = maker.and_then(|maker| Some((maker, maker.account?))) else {
        return if rule.implementer_known {
            refuse("implementer-not-known", "no record proves who made it")
        } else {
            Ok(())
        };
    };
    if open && !rule.implementer_known {
        return Ok(());
    }
    let good = match facts.world.people.who(maker.source, account) {
        Known::Automation(one) => {
            open || rule
                .automations
                .iter()
                .any(|name| name == "*" || *name == one.name)
        }
        Known::Person(person) => {
            let there = person.left.is_none_or(|left| facts.interval.latest < left);
            let held = facts
                .world
                .people
                .holds(person, &rule.implementers, facts.interval.latest);
            there && (open || matches!(held, Held::Own(_) | Held::Lent(..)))
        }
        Known::Nobody => false,
    };
    if good {
        Ok(())
    } else {
        refuse(
            "implementer-not-listed",
            format!("{account} made it and may not"),
        )
    }
}
