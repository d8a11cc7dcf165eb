//! The shapes of commits and their tests, whole.

use plimsoll_kit::testkit::MARKER;
use serde_json::{Value, json};

use super::shapes::{API, account};
use super::time;

/// A commit.
pub(super) fn commit(name: &str, hash: &str, author: &str, at: i64, message: &str) -> Value {
    let url = format!("{API}/repos/{name}/commits/{hash}");
    let who = json!({"name": author, "email": format!("{author}@example.com"), "date": time(at)});
    let user = account(author);
    json!({
        "url": url, "sha": hash, "node_id": format!("C_{hash}"), "html_url": url, "comments_url": url, "author": user, "committer": user, "parents": [],
        "commit": {"url": url, "author": who, "committer": who, "message": format!("{message}\n\n{MARKER}-message"), "comment_count": 0,
            "tree": {"sha": hash, "url": url}, "verification": {"verified": false, "reason": "unsigned", "payload": null, "signature": null, "verified_at": null}},
    })
}

/// A check.
pub(super) fn check_run(id: u64, commit: &str, name: &str, conclusion: &str, at: i64) -> Value {
    let ended = conclusion != "running";
    json!({
        "id": id, "node_id": format!("CR_{id}"), "head_sha": commit, "external_id": null, "url": API, "html_url": null, "details_url": null,
        "status": if ended { "completed" } else { "in_progress" }, "conclusion": if ended { json!(conclusion) } else { Value::Null },
        "started_at": time(at - 60), "completed_at": if ended { json!(time(at)) } else { Value::Null }, "name": name, "check_suite": {"id": 3},
        "app": null, "pull_requests": [], "output": {"title": format!("{MARKER}-output"), "summary": format!("{MARKER}-summary"), "text": null, "annotations_count": 0, "annotations_url": API},
    })
}

/// A status.
pub(super) fn status(id: u64, context: &str, state: &str, at: i64) -> Value {
    json!({
        "id": id, "node_id": format!("SC_{id}"), "state": state, "context": context, "description": format!("{MARKER}-status"),
        "target_url": format!("https://joe:{MARKER}@ci.example.com/"), "avatar_url": null, "url": API, "created_at": time(at), "updated_at": time(at),
    })
}
