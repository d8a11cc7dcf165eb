//! Which channels an occurrence goes to.

use super::hold::Hold;
use super::occurrence::{About, Occurrence, What};
use super::settings::{Channel, Kind, Mode, Notify, Route};
use crate::report::Verdict;

/// Whether and how one channel is told, by the routes alone: the first route to the channel that fits decides.
pub(super) fn route(
    settings: &Notify,
    channel: &Channel,
    occurrence: &Occurrence,
) -> Result<Mode, Hold> {
    if channel.change_control && occurrence.about == About::Change && occurrence.in_production() {
        return Ok(Mode::Now);
    }
    useful(&channel.kind, occurrence)?;
    if settings.routes.is_empty() {
        // A channel for change control is for that, unless a route says otherwise.
        return if channel.change_control {
            Err(Hold::NoRoute)
        } else {
            Ok(Mode::Now)
        };
    }
    let mut why = Hold::NoRoute;
    let routes = settings.routes.iter();
    for one in routes.filter(|one| one.channels.contains(&channel.name)) {
        if !fits(one, occurrence) {
            continue;
        }
        if one
            .severity
            .is_some_and(|least| occurrence.severity < least)
        {
            why = Hold::BelowSeverity;
            continue;
        }
        return match one.mode {
            Mode::Mute => Err(Hold::Muted),
            mode => Ok(mode),
        };
    }
    Err(why)
}

/// Whether all criteria but the severity fit.
fn fits(route: &Route, occurrence: &Occurrence) -> bool {
    let listed = |list: &[plimsoll_model::Text], value: Option<&str>| {
        list.is_empty() || value.is_some_and(|value| list.iter().any(|one| *one == value))
    };
    // How things stand is of no environment, role or team.
    let placed = !matches!(occurrence.about, About::Source | About::Heartbeat);
    let environment = occurrence.environment.as_deref().unwrap_or("production");
    let about = route.about.is_empty() || route.about.contains(&occurrence.about);
    let controls = route.controls.is_empty()
        || occurrence
            .controls
            .iter()
            .any(|control| route.controls.contains(control));
    let verdict = route.verdicts.is_empty()
        || occurrence
            .verdict
            .is_none_or(|verdict| route.verdicts.contains(&verdict));
    let within = listed(&route.environments, Some(environment))
        && listed(&route.roles, occurrence.role.as_deref())
        && listed(&route.teams, occurrence.team.as_deref());
    about && verdict && (!placed || (controls && within))
}

/// A pager is for what somebody has to mend: not for how things stand.
fn useful(kind: &Kind, occurrence: &Occurrence) -> Result<(), Hold> {
    let pager = matches!(kind, Kind::PagerDuty { .. });
    let well = occurrence.what == What::Seen
        && !matches!(
            occurrence.verdict,
            Some(Verdict::Unapproved | Verdict::Overdue)
        );
    if pager && (well || occurrence.about == About::Heartbeat) {
        return Err(Hold::NotForChannel);
    }
    Ok(())
}
