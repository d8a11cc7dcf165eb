//! The project itself, and how the branches are protected that deploy.

use serde::de::DeserializeOwned;

use super::Site;
use super::told::{Told, hidden};
use crate::client::List;
use crate::normalise::branch::{self, Protection};
use crate::wire::Project;

/// Reads them, and hands them over.
pub(super) async fn read(site: &Site<'_>, project: &Project, told: &mut Told<'_>) -> Protection {
    let path = &site.path;
    let branches = site
        .gitlab
        .list(&format!("{path}/protected_branches"))
        .await;
    let approvals = site.gitlab.one(&format!("{path}/approvals")).await;
    let rules = site.gitlab.list(&format!("{path}/approval_rules")).await;
    let protection = Protection {
        branches: known(branches, "protected branches", told),
        approvals: approvals.map_err(|why| {
            hidden(&why, "GET /projects/{id}/approvals").unwrap_or_else(|| {
                told.counted("settings of approvals", &why.to_string());
                why.to_string()
            })
        }),
        rules: known(rules, "approval rules", told),
    };
    told.asset(branch::repository(site.name, project, &protection));
    let mut names = site.settings.branches.clone();
    if names.is_empty() {
        names.extend(project.default_branch.as_deref().map(str::to_owned));
    }
    names.sort();
    names.dedup();
    for name in names {
        let (asset, relation) = branch::branch(site.name, project, &name, &protection);
        told.asset(asset);
        told.relation(relation);
    }
    protection
}

/// A list, or why it is not known. What is kept from this token costs facts, and what fails the scope.
fn known<T: DeserializeOwned>(
    list: List<T>,
    what: &'static str,
    told: &mut Told<'_>,
) -> Result<Vec<T>, String> {
    if let Some(why) = list.failed.as_ref().and_then(|why| hidden(why, what)) {
        return Err(why);
    }
    told.lacks(what, &list);
    match list.is_whole() {
        true => Ok(list.items),
        false => Err(format!("{what} could not be read whole")),
    }
}
