//! What needs no approval.

use plimsoll_model::{Asset, Value, fact};

use super::people::{Known, People};
use super::policy::{Exempt, Policy, environment};
use super::types::{Standing, Subject};
use plimsoll_change::{PathChange, path_is_of};

/// The exemption that a change falls under, if any.
pub(crate) fn exempt<'p>(
    policy: &'p Policy,
    people: &People,
    subject: &Subject<'_>,
    standing: &Standing<'_>,
) -> Option<&'p Exempt> {
    let fits = |one: &&Exempt| fits(one, people, subject, standing);
    policy.exempt.iter().find(fits)
}

fn fits(one: &Exempt, people: &People, subject: &Subject<'_>, standing: &Standing<'_>) -> bool {
    let change = subject.change;
    let own = standing
        .environment
        .map_or_else(|| "production".into(), environment);
    let listed = one.environments.is_empty() || one.environments.contains(&own);
    let kind = one.kinds.is_empty() || one.kinds.iter().any(|one| one == standing.kind);
    let what = one.changes.is_empty() || one.changes.contains(&change.kind);
    let paths = one.facts.is_empty()
        || (!change.paths.is_empty()
            && change
                .paths
                .iter()
                .all(|path| one.facts.iter().any(|fact| path_is_of(&path.path, fact))));
    let bounds = !one.within_bounds || within_bounds(change.paths.as_slice(), subject.asset);
    listed && kind && what && paths && bounds && made(one, people, subject)
}

/// Whether the platform's own record says that one of the automations made it, with one of the words, and that nobody
/// else did anything meanwhile.
fn made(one: &Exempt, people: &People, subject: &Subject<'_>) -> bool {
    if one.automations.is_empty() && one.actions.is_empty() {
        return true;
    }
    let Some(maker) = subject.maker.filter(|maker| maker.proven) else {
        return false;
    };
    if !subject.others.is_empty() || subject.more {
        return false;
    }
    let word = one.actions.is_empty()
        || one
            .actions
            .iter()
            .any(|word| maker.what.eq_ignore_ascii_case(word));
    let who = one.automations.is_empty()
        || maker.account.is_some_and(|account| {
            matches!(people.who(maker.source, account), Known::Automation(found) if one.automations.contains(&found.name))
        });
    word && who
}

/// Whether nothing but the number of instances changed, and that is inside bounds that did not change.
fn within_bounds(paths: &[PathChange], asset: Option<&Asset>) -> bool {
    let bounds = asset
        .and_then(|asset| asset.value(fact::AUTOSCALING))
        .and_then(Value::as_table);
    let Some(bounds) = bounds else { return false };
    let bound = |name: &str| bounds.get(name).and_then(Value::as_int);
    let (Some(min), Some(max)) = (bound("min"), bound("max")) else {
        return false;
    };
    let inside = |value: &Option<Value>| {
        let number = value.as_ref().and_then(Value::as_int);
        number.is_some_and(|number| (min..=max).contains(&number))
    };
    !paths.is_empty()
        && paths
            .iter()
            .all(|path| path.path == fact::REPLICAS && inside(&path.to))
}
