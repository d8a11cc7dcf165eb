//! The project as an asset, and its branches with what protects them.

use plimsoll_model::{Alias, Asset, AssetId, Claim, Relation, RelationKind, Text, Value};

use super::word;
use crate::wire::{AccessLevel, ApprovalRule, ApprovalSettings, Project, ProtectedBranch};

/// The kinds of asset that are the collector's own.
const REPOSITORY: &str = "repository";
const BRANCH: &str = "branch";
/// The fact that holds a project's number.
const PLATFORM_ID: &str = "platform.id";
/// The level at which nobody may do something.
const NO_ONE: i64 = 0;

/// What was read of how a project protects its branches. What could not be read is the reason.
#[derive(Debug)]
pub(crate) struct Protection {
    pub(crate) branches: Result<Vec<ProtectedBranch>, String>,
    pub(crate) approvals: Result<ApprovalSettings, String>,
    pub(crate) rules: Result<Vec<ApprovalRule>, String>,
}

/// The id of something in a project: by its number, which stays when it is renamed or transferred, and the server that gave it where that is
/// not the vendor's own.
fn id_in(project: &Project, kind: &str, branch: Option<&str>) -> AssetId {
    let url = project.web_url.as_deref().unwrap_or_default();
    let server = url.split_once("://").map(|(_, rest)| rest);
    let server = server.and_then(|rest| rest.split('/').next());
    let server = server.map(str::to_ascii_lowercase);
    let server = server.filter(|server| !matches!(server.as_str(), "" | "gitlab.com"));
    let number = project.id.to_string();
    let mut parts = vec!["gitlab"];
    parts.extend(server.as_deref());
    parts.push(&number);
    parts.extend(branch);
    AssetId::of(kind, &parts)
}

fn claim<T: Into<Value>>(value: Option<T>, basis: &str) -> Claim {
    match value {
        Some(value) => Claim::reported(value).by(basis),
        None => Claim::unknown(format!("{basis}: not told")),
    }
}

/// A project's repository.
pub(crate) fn repository(name: &str, read: &Project, protection: &Protection) -> Asset {
    let mut asset = Asset::new(id_in(read, REPOSITORY, None), REPOSITORY, name);
    let called = AssetId::of(REPOSITORY, &["gitlab", name]);
    asset.aliases.push(Alias::called(&called));
    let number = Claim::reported(read.id.to_string());
    asset.claim(PLATFORM_ID, number.by("GET /projects/{id} id"));
    let text = |text: &Option<Text>| text.as_deref().map(word).map(Value::Text);
    for (fact, value, field) in [
        (
            "repository.default-branch",
            text(&read.default_branch),
            "default_branch",
        ),
        (
            "repository.visibility",
            text(&read.visibility),
            "visibility",
        ),
        (
            "repository.archived",
            read.archived.map(Value::Bool),
            "archived",
        ),
        ("merge.method", text(&read.merge_method), "merge_method"),
        ("merge.squash", text(&read.squash_option), "squash_option"),
        (
            "merge.pipeline-required",
            read.only_allow_merge_if_pipeline_succeeds.map(Value::Bool),
            "only_allow_merge_if_pipeline_succeeds",
        ),
        (
            "merge.discussions-resolved",
            read.only_allow_merge_if_all_discussions_are_resolved
                .map(Value::Bool),
            "only_allow_merge_if_all_discussions_are_resolved",
        ),
    ] {
        asset.claim(fact, claim(value, &format!("GET /projects/{{id}} {field}")));
    }
    let mut of = |fact: &str, pick: fn(&ApprovalSettings) -> Option<bool>, field: &str| {
        let made = match &protection.approvals {
            Ok(read) => claim(
                pick(read),
                &format!("GET /projects/{{id}}/approvals {field}"),
            ),
            Err(why) => Claim::unknown(why.as_str()),
        };
        asset.claim(fact, made);
    };
    of(
        "approvals.reset-on-push",
        |one| one.reset_approvals_on_push,
        "reset_approvals_on_push",
    );
    of(
        "approvals.author-may-approve",
        |one| one.merge_requests_author_approval,
        "merge_requests_author_approval",
    );
    of(
        "approvals.committer-refused",
        |one| one.merge_requests_disable_committers_approval,
        "merge_requests_disable_committers_approval",
    );
    of(
        "approvals.rules-fixed",
        |one| one.disable_overriding_approvers_per_merge_request,
        "disable_overriding_approvers_per_merge_request",
    );
    asset
}

/// Whether a branch is protected now; none where that is not known.
pub(crate) fn is_protected(protection: &Protection, branch: &str) -> Option<bool> {
    let all = protection.branches.as_ref().ok()?;
    Some(all.iter().any(|one| fits(&one.name, branch)))
}

/// A branch, with a fact for each thing that protects it. Of several patterns that fit it, the server allows what any of them allows.
pub(crate) fn branch(
    path: &str,
    project: &Project,
    name: &str,
    protection: &Protection,
) -> (Asset, Relation) {
    const BASIS: &str = "GET /projects/{id}/protected_branches";
    let id = id_in(project, BRANCH, Some(name));
    let mut asset = Asset::new(id.clone(), BRANCH, name);
    let called = AssetId::of(BRANCH, &["gitlab", path, name]);
    asset.aliases.push(Alias::called(&called));
    let fitting: Result<Vec<&ProtectedBranch>, &String> = match &protection.branches {
        Ok(all) => Ok(all.iter().filter(|one| fits(&one.name, name)).collect()),
        Err(why) => Err(why),
    };
    let mut of = |fact: &str, value: &dyn Fn(&[&ProtectedBranch]) -> Option<Value>, field: &str| {
        let made = match &fitting {
            Ok(all) => claim(value(all), &format!("{BASIS} {field}")),
            Err(why) => Claim::unknown(why.as_str()),
        };
        asset.claim(fact, made);
    };
    of(
        "branch.protected",
        &|all| Some(Value::Bool(!all.is_empty())),
        "name",
    );
    of(
        "branch.force-push-refused",
        &|all| {
            let allowed = all.iter().map(|one| one.allow_force_push);
            none_allows(all.is_empty(), allowed).map(Value::Bool)
        },
        "allow_force_push",
    );
    of(
        "branch.pushing-refused",
        &|all| {
            // No word about who may is another thing than nobody.
            if all.iter().any(|one| one.push_access_levels.is_empty()) {
                return None;
            }
            let levels = all.iter().flat_map(|one| &one.push_access_levels);
            let nobody =
                !all.is_empty() && levels.clone().all(|one| one.access_level == Some(NO_ONE));
            Some(Value::Bool(nobody))
        },
        "push_access_levels",
    );
    of(
        "branch.may-push",
        &|all| Some(who(all, |one| &one.push_access_levels)),
        "push_access_levels",
    );
    of(
        "branch.may-merge",
        &|all| Some(who(all, |one| &one.merge_access_levels)),
        "merge_access_levels",
    );
    of(
        "branch.code-owner-review-required",
        &|all| {
            let asked = all.iter().map(|one| one.code_owner_approval_required);
            let known: Option<Vec<bool>> = asked.collect();
            known.map(|known| Value::Bool(known.contains(&true)))
        },
        "code_owner_approval_required",
    );
    let required = match &protection.rules {
        Ok(rules) => {
            let protected = is_protected(protection, name);
            let fitting = rules.iter().filter(|rule| concerns(rule, name, protected));
            let most = fitting.filter_map(|rule| rule.approvals_required).max();
            Claim::reported(Value::Int(most.unwrap_or(0)))
                .by("GET /projects/{id}/approval_rules approvals_required")
        }
        Err(why) => Claim::unknown(why.as_str()),
    };
    asset.claim("branch.approvals-required", required);
    let of = Relation {
        from: id_in(project, REPOSITORY, None),
        kind: RelationKind::Contains,
        to: id,
        scope: Text::default(),
    };
    (asset, of)
}

/// Whether force pushes are refused: where there is no protection they are not, and one that allows them is enough.
fn none_allows(open: bool, allowed: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    if open {
        return Some(false);
    }
    let known: Option<Vec<bool>> = allowed.collect();
    known.map(|known| !known.contains(&true))
}

fn concerns(rule: &ApprovalRule, branch: &str, protected: Option<bool>) -> bool {
    if rule.applies_to_all_protected_branches == Some(true) {
        return protected == Some(true);
    }
    let mut names = rule
        .protected_branches
        .iter()
        .filter_map(|one| one.name.as_deref());
    rule.protected_branches.is_empty() || names.any(|name| fits(name, branch))
}

/// Who may do something, as a list: a level, or a user, group or key by its number.
fn who(all: &[&ProtectedBranch], pick: fn(&ProtectedBranch) -> &Vec<AccessLevel>) -> Value {
    let levels = all.iter().flat_map(|one| pick(one));
    let mut names: Vec<Text> = levels
        .filter_map(|level| {
            let of = |kind: &str, id: i64| Some(Text::from(format!("{kind} {id}")));
            match (
                level.user_id,
                level.group_id,
                level.deploy_key_id,
                level.access_level,
            ) {
                (Some(id), ..) => of("user", id),
                (_, Some(id), ..) => of("group", id),
                (_, _, Some(id), _) => of("deploy key", id),
                (.., Some(0)) => Some(Text::const_new("nobody")),
                (.., Some(30)) => Some(Text::const_new("developers")),
                (.., Some(40)) => Some(Text::const_new("maintainers")),
                (.., Some(60)) => Some(Text::const_new("administrators")),
                (.., Some(level)) => of("level", level),
                (.., None) => None,
            }
        })
        .collect();
    names.sort();
    names.dedup();
    // Beside somebody who may, nobody is nobody.
    if names.len() > 1 {
        names.retain(|name| name != "nobody");
    }
    Value::List(names.into_iter().map(Value::Text).collect())
}

/// Whether a name, or a pattern with `*`, is that of a branch.
fn fits(pattern: &str, branch: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| branch.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> Project {
        serde_json::from_value(serde_json::json!({"id": 4})).unwrap()
    }

    #[test]
    fn patterns_of_branches() {
        for (pattern, branch, wanted) in [
            ("main", "main", true),
            ("main", "main2", false),
            ("release/*", "release/1", true),
            ("*-stable", "1-stable", true),
            ("*", "x", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b", "ab", true),
            ("ab*ba", "aba", false),
            ("", "x", false),
        ] {
            assert_eq!(fits(pattern, branch), wanted, "{pattern} {branch}");
        }
    }

    fn protection(branches: &str) -> Protection {
        Protection {
            branches: Ok(serde_json::from_str(branches).unwrap()),
            approvals: Err("the licence has none".to_owned()),
            rules: Ok(serde_json::from_str(
                r#"[{"name":"a","approvals_required":2},{"name":"b","approvals_required":3,"protected_branches":[{"name":"prod"}]},{"name":"c","approvals_required":4,"applies_to_all_protected_branches":true}]"#,
            )
            .unwrap()),
        }
    }

    #[test]
    fn what_any_of_them_allows_is_allowed() {
        let two = protection(
            r#"[{"name":"main","push_access_levels":[{"access_level":0}],"merge_access_levels":[{"access_level":40}],"allow_force_push":false,"code_owner_approval_required":false},
                {"name":"m*","push_access_levels":[{"user_id":12,"access_level":40}],"merge_access_levels":[{"group_id":7}],"allow_force_push":true,"code_owner_approval_required":true}]"#,
        );
        let (asset, _) = branch("acme/infra", &project(), "main", &two);
        let yes = |fact: &str| asset.value(fact).cloned();
        assert_eq!(yes("branch.protected"), Some(Value::Bool(true)));
        assert_eq!(yes("branch.force-push-refused"), Some(Value::Bool(false)));
        assert_eq!(yes("branch.pushing-refused"), Some(Value::Bool(false)));
        assert_eq!(
            yes("branch.code-owner-review-required"),
            Some(Value::Bool(true))
        );
        assert_eq!(
            yes("branch.may-push"),
            Some(Value::List(vec!["user 12".into()]))
        );
        assert_eq!(
            yes("branch.may-merge"),
            Some(Value::List(vec!["group 7".into(), "maintainers".into()]))
        );
        assert_eq!(yes("branch.approvals-required"), Some(Value::Int(4)));
        let (asset, _) = branch("acme/infra", &project(), "work", &two);
        assert_eq!(asset.value("branch.protected"), Some(&Value::Bool(false)));
        assert_eq!(
            asset.value("branch.force-push-refused"),
            Some(&Value::Bool(false))
        );
        assert_eq!(
            asset.value("branch.approvals-required"),
            Some(&Value::Int(2))
        );
    }

    #[test]
    fn what_is_not_told_is_unknown() {
        let hidden = Protection {
            branches: Err("not for this token".to_owned()),
            ..protection("[]")
        };
        let (asset, _) = branch("acme/infra", &project(), "main", &hidden);
        assert!(asset.get("branch.protected").unwrap().value().is_none());
        assert_eq!(is_protected(&hidden, "main"), None);
        let bare = protection(r#"[{"name":"main"}]"#);
        let (asset, _) = branch("acme/infra", &project(), "main", &bare);
        assert!(
            asset
                .get("branch.force-push-refused")
                .unwrap()
                .value()
                .is_none()
        );
        assert!(
            asset
                .get("branch.pushing-refused")
                .unwrap()
                .value()
                .is_none()
        );
        assert!(
            asset
                .get("branch.code-owner-review-required")
                .unwrap()
                .value()
                .is_none()
        );
    }
}
