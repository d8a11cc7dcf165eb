//! Accesses as the templates are given them.

use serde::Serialize;

use super::view::{Cut, ROWS, name};
use crate::report::tame::tame;
use crate::report::value::Report;
use crate::report::when;

/// Somebody got at what is inside.
#[derive(Serialize)]
pub(super) struct Access {
    what: String,
    opens: String,
    asset: String,
    name: String,
    environment: Option<String>,
    actor: Option<String>,
    actor_name: Option<String>,
    source: String,
    action: String,
    at: String,
}

/// The accesses, the newest first.
pub(super) fn accesses(report: &Report) -> Cut<Access> {
    Cut::new(&report.accesses, ROWS, |row| Access {
        what: name(&row.what),
        opens: name(&row.opens),
        asset: tame(row.asset.as_str(), 120).into_owned(),
        name: name(&row.name),
        environment: row.environment.as_deref().map(name),
        actor: row.actor.as_deref().map(name),
        actor_name: row.actor_name.as_deref().map(name),
        source: name(&row.source),
        action: name(&row.action),
        at: when::absolute(row.at),
    })
}
