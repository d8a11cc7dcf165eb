//! The shapes of what protects branches, whole.

use serde_json::{Value, json};

use super::shapes::{API, account, number};
use super::state::Hub;
use super::time;

/// What the rules said of a push.
pub(super) fn suite(
    name: &str,
    id: u64,
    after: &str,
    branch: &str,
    actor: &str,
    result: &str,
    at: i64,
) -> Value {
    let rule = if result == "pass" { "pass" } else { "fail" };
    let (_, name) = name.split_once('/').unwrap_or_default();
    json!({
        "id": id, "actor_id": number(actor), "actor_name": actor, "before_sha": "aa".repeat(20), "after_sha": after, "ref": format!("refs/heads/{branch}"),
        "repository_id": 7, "repository_name": name, "pushed_at": time(at), "result": result, "evaluation_result": result,
        "rule_evaluations": [{"rule_source": {"type": "ruleset", "id": 9, "name": "prod"}, "enforcement": "active", "result": rule, "rule_type": "pull_request", "details": null}],
    })
}

/// The older protection.
pub(super) fn protection(name: &str, branch: &str, approvals: i64, checks: &[&str]) -> Value {
    let url = format!("{API}/repos/{name}/branches/{branch}/protection");
    json!({
        "url": url, "enforce_admins": {"url": url, "enabled": true},
        "required_pull_request_reviews": {"url": url, "required_approving_review_count": approvals, "dismiss_stale_reviews": true, "require_code_owner_reviews": false,
            "require_last_push_approval": false, "bypass_pull_request_allowances": {"users": [account("nora")], "teams": [], "apps": []}},
        "required_status_checks": {"url": url, "strict": true, "contexts": checks, "checks": [], "contexts_url": url},
        "allow_force_pushes": {"enabled": false}, "allow_deletions": {"enabled": false},
    })
}

/// The rules of one set.
pub(super) fn rules(name: &str, approvals: i64, checks: &[&str]) -> Vec<Value> {
    let rule = |kind: &str, parameters: Value| {
        let mut rule = json!({"type": kind, "ruleset_id": 9, "ruleset_source": name, "ruleset_source_type": "Repository"});
        if !parameters.is_null() {
            rule["parameters"] = parameters;
        }
        rule
    };
    let checks: Vec<Value> = checks.iter().map(|name| json!({"context": name})).collect();
    vec![
        rule("deletion", Value::Null),
        rule("non_fast_forward", Value::Null),
        rule(
            "pull_request",
            json!({"required_approving_review_count": approvals, "dismiss_stale_reviews_on_push": true, "require_code_owner_review": true,
            "require_last_push_approval": true, "required_review_thread_resolution": false}),
        ),
        rule(
            "required_status_checks",
            json!({"required_status_checks": checks, "strict_required_status_checks_policy": false}),
        ),
    ]
}

/// A set of rules. Who may go around it is told to those who may change it.
pub(super) fn ruleset(hub: &Hub, bypass: &[Value]) -> Value {
    let mut all = json!({"id": 9, "name": "prod", "target": "branch", "source_type": "Repository", "source": hub.name, "enforcement": "active", "node_id": "RRS_9",
        "created_at": time(1_700_000_000), "updated_at": time(1_700_000_000)});
    if hub.rights == super::Rights::Administrator {
        all["bypass_actors"] = bypass.into();
    }
    all
}
