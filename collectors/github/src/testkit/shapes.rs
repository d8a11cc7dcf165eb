//! The shapes of the vendor's specification, whole.

use plimsoll_kit::testkit::MARKER;
use serde_json::{Map, Value, json};

use super::state::{Hub, Pull, Review};
use super::time;

pub(super) const API: &str = "https://api.github.com";

/// An account's number: always the same for a login.
pub(super) fn number(login: &str) -> i64 {
    let known = ["ida", "nora", "raj", "kim", "lee", "mallory"];
    let place = known.iter().position(|one| *one == login);
    match place.and_then(|place| i64::try_from(place).ok()) {
        Some(place) => 11 + place,
        None => 1000 + login.bytes().map(i64::from).sum::<i64>(),
    }
}

/// An account; null where it is gone.
pub(super) fn user(hub: &Hub, login: &str) -> Value {
    match hub.gone.iter().any(|gone| gone == login) {
        true => Value::Null,
        false => account(login),
    }
}

pub(super) fn account(login: &str) -> Value {
    let part = login.replace('[', "%5B").replace(']', "%5D");
    let url = format!("{API}/users/{part}");
    let kind = if login.ends_with("[bot]") {
        "Bot"
    } else {
        "User"
    };
    json!({
        "login": login, "id": number(login), "node_id": format!("U_{login}"), "avatar_url": format!("https://avatars.example.com/{MARKER}-avatar"),
        "gravatar_id": "", "url": url, "html_url": format!("https://github.com/{part}"), "followers_url": url, "following_url": url,
        "gists_url": url, "starred_url": url, "subscriptions_url": url, "organizations_url": url, "repos_url": url, "events_url": url,
        "received_events_url": url, "type": kind, "site_admin": false,
    })
}

/// The repository; a minimal one is the same with less, and more does no harm.
pub(super) fn repository(hub: &Hub) -> Value {
    let (owner, name) = hub.name.split_once('/').unwrap_or_default();
    let url = format!("{API}/repos/{}", hub.name);
    let mut all: Map<String, Value> = Map::new();
    for key in [
        "archive_url",
        "assignees_url",
        "blobs_url",
        "branches_url",
        "collaborators_url",
        "comments_url",
        "commits_url",
        "compare_url",
        "contents_url",
        "contributors_url",
        "deployments_url",
        "downloads_url",
        "events_url",
        "forks_url",
        "git_commits_url",
        "git_refs_url",
        "git_tags_url",
        "git_url",
        "hooks_url",
        "issue_comment_url",
        "issue_events_url",
        "issues_url",
        "keys_url",
        "labels_url",
        "languages_url",
        "merges_url",
        "milestones_url",
        "notifications_url",
        "pulls_url",
        "releases_url",
        "ssh_url",
        "stargazers_url",
        "statuses_url",
        "subscribers_url",
        "subscription_url",
        "svn_url",
        "tags_url",
        "teams_url",
        "trees_url",
        "clone_url",
        "url",
        "html_url",
    ] {
        all.insert(key.to_owned(), url.clone().into());
    }
    for key in [
        "forks",
        "forks_count",
        "network_count",
        "open_issues",
        "open_issues_count",
        "size",
        "stargazers_count",
        "subscribers_count",
        "watchers",
        "watchers_count",
    ] {
        all.insert(key.to_owned(), 0.into());
    }
    for key in [
        "archived",
        "disabled",
        "fork",
        "has_discussions",
        "has_downloads",
        "has_pages",
        "has_projects",
    ] {
        all.insert(key.to_owned(), false.into());
    }
    for key in ["has_issues", "has_wiki", "private"] {
        all.insert(key.to_owned(), true.into());
    }
    for key in ["homepage", "language", "license", "mirror_url"] {
        all.insert(key.to_owned(), Value::Null);
    }
    for key in ["created_at", "updated_at", "pushed_at"] {
        all.insert(key.to_owned(), time(1_700_000_000).into());
    }
    let own = json!({
        "id": 7, "node_id": "R_7", "name": name, "full_name": hub.name, "html_url": format!("https://github.com/{}", hub.name), "owner": account(owner), "default_branch": "main", "visibility": "private",
        "description": format!("{MARKER}-description"), "temp_clone_token": format!("{MARKER}-clone-token"),
    });
    all.extend(own.as_object().cloned().unwrap_or_default());
    let administrator = hub.rights == super::Rights::Administrator;
    all.insert(
        "permissions".to_owned(),
        json!({"admin": administrator, "push": administrator, "pull": true}),
    );
    if administrator {
        for key in [
            "allow_merge_commit",
            "allow_rebase_merge",
            "allow_auto_merge",
        ] {
            all.insert(key.to_owned(), false.into());
        }
        all.insert("allow_squash_merge".to_owned(), true.into());
    }
    Value::Object(all)
}

pub(super) fn labels(hub: &Hub, labels: &[String]) -> Value {
    let label = |name: &String| {
        json!({"id": 5, "node_id": "LA_5", "url": format!("{API}/repos/{}/labels/x", hub.name), "name": name,
        "description": format!("{MARKER}-label"), "color": "d73a4a", "default": false})
    };
    let mut all: Vec<Value> = labels.iter().map(label).collect();
    if hub.shuffled {
        all.reverse();
    }
    Value::Array(all)
}

/// A pull request, by itself or in a list.
pub(super) fn pull(hub: &Hub, pull: &Pull, listed: bool) -> Value {
    let url = format!("{API}/repos/{}/pulls/{}", hub.name, pull.number);
    let link = json!({"href": url});
    let last = pull
        .commits
        .last()
        .map_or(Value::Null, |commit| commit["sha"].clone());
    let end = |name: &str, sha: Value| json!({"label": format!("acme:{name}"), "ref": name, "sha": sha, "repo": repository(hub), "user": account("acme")});
    let (merged_at, merge_commit) = match &pull.merged {
        Some((at, _, commit)) => (time(*at).into(), json!(commit)),
        // A try to merge that nobody asked for.
        None => (Value::Null, json!("f".repeat(40))),
    };
    let mut all = json!({
        "url": url, "id": 900 + pull.number, "node_id": format!("PR_{}", pull.number), "number": pull.number,
        "html_url": format!("https://github.com/{}/pull/{}", hub.name, pull.number),
        "state": if pull.closed.is_some() { "closed" } else { "open" }, "locked": false, "draft": false, "title": pull.title, "body": pull.body,
        "user": user(hub, &pull.author), "labels": labels(hub, &pull.labels), "milestone": null, "assignee": null, "assignees": [],
        "requested_reviewers": [], "requested_teams": [], "created_at": time(pull.created), "updated_at": time(pull.updated),
        "closed_at": pull.closed.map(time), "merged_at": merged_at, "merge_commit_sha": merge_commit,
        "head": end(&pull.head, last), "base": end(&pull.base, json!("aa".repeat(20))), "author_association": "MEMBER", "auto_merge": null,
        "_links": {"comments": link, "commits": link, "statuses": link, "html": link, "issue": link, "review_comments": link, "review_comment": link, "self": link},
    });
    for key in [
        "diff_url",
        "patch_url",
        "issue_url",
        "commits_url",
        "review_comments_url",
        "review_comment_url",
        "comments_url",
        "statuses_url",
    ] {
        all[key] = url.clone().into();
    }
    if !listed {
        for key in [
            "additions",
            "changed_files",
            "comments",
            "deletions",
            "review_comments",
        ] {
            all[key] = 0.into();
        }
        all["commits"] = pull.commits.len().into();
        all["merged"] = pull.merged.is_some().into();
        all["mergeable"] = Value::Null;
        all["mergeable_state"] = "unknown".into();
        all["maintainer_can_modify"] = false.into();
        all["merged_by"] = pull
            .merged
            .as_ref()
            .map_or(Value::Null, |(_, by, _)| user(hub, by));
    }
    all
}

/// An issue in a list; a pull request is one too.
pub(super) fn issue(hub: &Hub, issue: &Pull) -> Value {
    let url = format!("{API}/repos/{}/issues/{}", hub.name, issue.number);
    let mut all = json!({
        "id": 800 + issue.number, "node_id": format!("I_{}", issue.number), "number": issue.number, "state": if issue.closed.is_some() { "closed" } else { "open" },
        "title": issue.title, "body": issue.body, "user": user(hub, &issue.author), "labels": labels(hub, &issue.labels), "assignee": null,
        "assignees": [], "milestone": null, "locked": false, "comments": 0, "closed_at": issue.closed.map(time), "created_at": time(issue.created),
        "updated_at": time(issue.updated), "html_url": format!("https://github.com/{}/issues/{}", hub.name, issue.number), "author_association": "MEMBER",
    });
    for key in [
        "url",
        "comments_url",
        "events_url",
        "labels_url",
        "repository_url",
    ] {
        all[key] = url.clone().into();
    }
    if !issue.issue {
        all["pull_request"] = json!({"url": url, "html_url": url, "diff_url": url, "patch_url": url, "merged_at": null});
    }
    all
}

/// A review.
pub(super) fn review(hub: &Hub, number: u64, review: &Review) -> Value {
    let url = format!("{API}/repos/{}/pulls/{number}", hub.name);
    json!({
        "id": review.id, "node_id": format!("PRR_{}", review.id), "user": user(hub, &review.user), "body": format!("{MARKER}-review"), "state": review.state,
        "commit_id": review.commit, "submitted_at": time(review.at), "author_association": "MEMBER", "html_url": url, "pull_request_url": url,
        "_links": {"html": {"href": url}, "pull_request": {"href": url}},
    })
}
