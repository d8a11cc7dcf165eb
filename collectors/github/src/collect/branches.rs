//! The repository itself, and how the branches are protected that deploy.

use std::collections::BTreeMap;

use super::Site;
use super::told::Told;
use crate::client::{FEW_PAGES, Failed, List, encoded};
use crate::normalise::branch::{self, Place, Protected, Seen};
use crate::wire::{Branch, Protection, Repository, Rule, Ruleset};

/// The most sets of rules that are looked at for one branch.
const RULESETS: usize = 100;

/// The branches that were looked at, and for each whether nothing protects it.
pub(super) type Known = BTreeMap<String, Option<bool>>;

/// Reads them, and hands them over.
pub(super) async fn read(
    site: &Site<'_>,
    place: &Place,
    repository: &Repository,
    told: &mut Told<'_>,
) -> Known {
    told.asset(branch::repository(place, site.name, repository));
    let mut names = site.settings.branches.clone();
    if names.is_empty() {
        names.extend(repository.default_branch.clone());
    }
    names.sort();
    names.dedup();
    let permissions = repository.permissions.as_ref();
    let administrator = permissions.and_then(|one| one.admin) == Some(true);
    let mut known = Known::new();
    for name in names {
        // What the rules said of a push is told also where the branch itself cannot be read.
        known.insert(name.clone(), None);
        if let Some(read) = one(site, place, &name, administrator, told).await {
            known.insert(name.clone(), read.is_open());
            let (asset, relation) = branch::branch(place, site.name, &name, &read);
            told.asset(asset);
            told.relation(relation);
        }
    }
    known
}

async fn one(
    site: &Site<'_>,
    place: &Place,
    name: &str,
    administrator: bool,
    told: &mut Told<'_>,
) -> Option<Protected> {
    let (github, part) = (site.github, encoded(name));
    let of = format!("/repos/{}/branches/{part}", site.name);
    let id = || place.branch(name);
    let branch: Branch = match github.one(&of).await {
        Ok(branch) => branch,
        Err(why) if why.status() == Some(404) => {
            // The repository could be read, and so could the branch, were it there.
            told.remark(format!("there is no branch {name}"));
            return None;
        }
        Err(why) => {
            told.trouble_with(id(), why.to_string());
            return None;
        }
    };
    if branch.name != name {
        told.remark(format!(
            "the branch {name} is called otherwise now: name it anew"
        ));
    }
    let protection = format!("{of}/protection");
    let classic = github.one::<Protection>(&protection).await;
    let classic = match classic {
        Ok(protection) => Seen::Read(protection),
        // That there is none, and that it may not be seen, are one answer. It is the first for an administrator (from whom it
        // is not hidden, and a token without the right gets a 403), and where the branch itself says that nothing protects it.
        Err(why)
            if why.status() == Some(404) && (administrator || branch.protected == Some(false)) =>
        {
            Seen::Absent
        }
        Err(why) => hidden(why, "the protection of a branch", told, &id),
    };
    let target = format!("/repos/{}/rules/branches/{part}", site.name);
    let list: List<Rule> = github.list(&target, None, FEW_PAGES, |_| false).await;
    let rules = match list.failed {
        None if list.broken.is_empty() => Seen::Read(list.items),
        None => {
            told.trouble_with(id(), format!("GET {target}: a rule makes no sense"));
            Seen::Hidden("a rule could not be read".to_owned())
        }
        Some(why) => hidden(why, "the rules of a branch", told, &id),
    };
    let mut numbers: Vec<i64> = match &rules {
        Seen::Read(rules) => rules.iter().filter_map(|rule| rule.ruleset_id).collect(),
        _ => Vec::new(),
    };
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.len() > RULESETS {
        told.trouble_with(
            id(),
            format!("more than {RULESETS} sets of rules: the rest was left unread"),
        );
        numbers.truncate(RULESETS);
    }
    let mut rulesets = Vec::new();
    for number in numbers {
        let target = format!(
            "/repos/{}/rulesets/{number}?includes_parents=true",
            site.name
        );
        let seen = match github.one::<Ruleset>(&target).await {
            Ok(ruleset) => Seen::Read(ruleset),
            Err(why) => hidden(why, "a set of rules", told, &id),
        };
        rulesets.push((number, seen));
    }
    Some(Protected {
        branch,
        classic,
        rules,
        rulesets,
    })
}

/// What a missing right hides is unknown, and no trouble; every other failure is one.
fn hidden<T>(
    why: Failed,
    what: &'static str,
    told: &mut Told<'_>,
    id: &dyn Fn() -> plimsoll_model::AssetId,
) -> Seen<T> {
    if why.is_refusal() {
        return Seen::Hidden(format!(
            "{what} may not be read: the token lacks Administration: read"
        ));
    }
    told.trouble_with(id(), why.to_string());
    Seen::Hidden(format!("{what} could not be read"))
}
