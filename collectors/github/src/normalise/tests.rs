//! From answers to requests, without a server.

use plimsoll_kit::settings::Document;
use plimsoll_model::ChangeRequest;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::branch::Seen;
use super::{Extra, Made, issue, pull, url};
use crate::settings::Settings;
use crate::wire::Edits;

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const C: &str = "cccccccccccccccccccccccccccccccccccccccc";

fn settings(more: &str) -> Settings {
    let text = format!("repositories = \"acme/infra\"\n{more}");
    let read = Document::new("s.toml", text).read(Settings::read);
    read.unwrap().unwrap()
}

fn from<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

/// A time of the first day, by its hour.
fn at(hour: i64) -> String {
    format!("2026-01-01T{hour:02}:00:00Z")
}

fn commit(sha: &str, hour: i64) -> Value {
    let git = json!({"name": "ida", "email": "ida@example.com", "date": at(hour)});
    json!({"sha": sha, "author": {"login": "ida", "id": 11}, "committer": null,
        "commit": {"author": git, "committer": git, "message": "x"}})
}

fn review(id: i64, sha: &str, hour: i64) -> Value {
    json!({"id": id, "user": {"login": "nora", "id": 12}, "state": "APPROVED", "commit_id": sha, "submitted_at": at(hour)})
}

fn event(kind: &str, hour: i64, more: Value) -> Value {
    let mut event =
        json!({"event": kind, "actor": {"login": "raj", "id": 13}, "created_at": at(hour)});
    let all = event.as_object_mut().unwrap();
    all.extend(more.as_object().cloned().unwrap_or_default());
    event
}

/// What is read of a pull request that was opened at one o'clock.
fn read(more: Value, lists: Value) -> pull::Read {
    let mut one = json!({"number": 5, "node_id": "PR_5", "title": "x", "created_at": at(1), "user": {"login": "ida", "id": 11},
        "head": {"ref": "topic", "sha": C}, "base": {"ref": "main"}});
    one.as_object_mut()
        .unwrap()
        .extend(more.as_object().cloned().unwrap_or_default());
    let list = |name: &str| lists.get(name).cloned().unwrap_or_else(|| json!([]));
    pull::Read {
        pull: from(one),
        reviews: from(list("reviews")),
        events: from(list("events")),
        commits: from(list("commits")),
        activities: Some(from(list("activities"))),
        tests: Vec::new(),
        whole: true,
        protected: None,
        became: Seen::Absent,
        differs_from_list: false,
    }
}

fn made(read: &pull::Read, extra: Extra<'_>) -> Made {
    pull::request("acme/infra", read, extra, &settings("")).unwrap()
}

fn commits_edited(request: &ChangeRequest) -> Vec<Option<String>> {
    let own = request.edits.iter().filter(|edit| edit.field == "commits");
    own.map(|edit| edit.at.map(|at| at.to_string())).collect()
}

#[test]
fn a_commit_was_there_when_it_or_a_later_one_was_reviewed() {
    // Both claim to be of the far future; the later one was reviewed at three o'clock.
    let lists = json!({"commits": [commit(A, 20), commit(B, 21), commit(C, 4)], "reviews": [review(1, B, 3)]});
    let one = made(&read(json!({}), lists.clone()), Extra::Unread).request;
    // The first two by one person at one time are one edit.
    assert_eq!(commits_edited(&one), [Some(at(3)), Some(at(4))]);
    // What was pushed is what counts, whatever a commit claims.
    let mut lists = lists;
    lists["activities"] = json!([
        {"ref": "refs/heads/topic", "after": B, "timestamp": at(2), "activity_type": "push", "actor": {"login": "lee", "id": 15}},
        {"ref": "refs/heads/topic", "after": C, "timestamp": at(6), "activity_type": "push", "actor": {"login": "lee", "id": 15}},
        {"ref": "refs/heads/other", "after": C, "timestamp": at(7), "activity_type": "push", "actor": {"login": "kim", "id": 14}},
    ]);
    let one = made(&read(json!({}), lists), Extra::Unread).request;
    assert_eq!(commits_edited(&one), [Some(at(2)), Some(at(6))]);
    let authors: Vec<&str> = one.authors.iter().map(|by| by.account.as_str()).collect();
    assert_eq!(authors, ["11", "15", "ida@example.com"]);
}

#[test]
fn a_branch_may_have_had_other_pull_requests() {
    let push = |hour, after: &str, who: i64| json!({"ref": "refs/heads/topic", "after": after, "timestamp": at(hour), "activity_type": "push", "actor": {"login": "x", "id": who}});
    let lists = json!({"commits": [commit(C, 0)], "activities": [push(0, A, 21), push(0, C, 22), push(3, A, 23), push(9, A, 24)]});
    let merged = json!({"merged_at": at(5), "closed_at": at(5), "merge_commit_sha": B});
    let one = made(&read(merged, lists), Extra::Unread).request;
    let authors: Vec<&str> = one.authors.iter().map(|by| by.account.as_str()).collect();
    assert_eq!(authors, ["11", "22", "23", "ida@example.com"]);
    assert_eq!(commits_edited(&one), [Some(at(3))]);
}

#[test]
fn edits_of_a_text_are_known_or_leave_doubt() {
    let says = read(
        json!({"body": "System: api"}),
        json!({"commits": [commit(C, 0)]}),
    );
    let of = |value: Value| {
        let edits: Edits = from(value);
        let one = made(&says, Extra::Read(&edits)).request;
        (one.edits.len(), one.whole_history)
    };
    let end = json!({"hasNextPage": false});
    assert_eq!(
        of(json!({"id": "PR_5"})),
        (0, Some(false)),
        "nothing is told"
    );
    assert_eq!(
        of(json!({"includesCreatedEdit": false, "userContentEdits": null})),
        (0, None),
        "it was never edited"
    );
    let one = json!({"editedAt": at(2), "editor": null});
    assert_eq!(
        of(json!({"lastEditedAt": at(2), "userContentEdits": {"pageInfo": end, "nodes": [one]}})),
        (1, None)
    );
    assert_eq!(
        of(json!({"userContentEdits": {"pageInfo": {"hasNextPage": true}, "nodes": [one]}})),
        (1, Some(false)),
        "there are more"
    );
    assert_eq!(
        of(json!({"userContentEdits": {"pageInfo": end, "nodes": [one, null]}})),
        (1, Some(false)),
        "one may not be seen"
    );
    assert_eq!(
        of(json!({"lastEditedAt": at(4), "userContentEdits": {"pageInfo": end, "nodes": [one]}})),
        (2, Some(false)),
        "the last is missing"
    );
    let edits: Edits = from(json!({"userContentEdits": {"pageInfo": end, "nodes": [one]}}));
    let edited = made(&says, Extra::Read(&edits)).request.edits;
    assert!(edited[0].field.is_empty(), "it may have been anything");
    let plain = read(json!({"body": "Words"}), json!({"commits": [commit(C, 0)]}));
    assert_eq!(
        made(&plain, Extra::Read(&edits)).request.edits[0].field,
        "description"
    );
}

#[test]
fn before_it_is_merged_the_merge_commit_is_a_mere_try() {
    let open = read(json!({"merge_commit_sha": B}), json!({}));
    assert_eq!(open.pull.tested(), [C]);
    assert_eq!(made(&open, Extra::Unread).request.merge, None);
    // Left out by a later version of the interface: the query has it.
    let edits: Edits = from(json!({"id": "PR_5", "mergeCommit": {"oid": B}}));
    let merged = read(
        json!({"merged_at": at(5)}),
        json!({"events": [event("merged", 5, json!({"commit_id": C}))]}),
    );
    let merge = made(&merged, Extra::Read(&edits)).request.merge.unwrap();
    assert_eq!(merge.commit.as_deref(), Some(B));
    assert_eq!(merge.by.unwrap().account, "13");
    let told = made(&merged, Extra::Unread);
    assert_eq!(told.request.merge.unwrap().commit, None);
    assert!(told.remarks[0].contains("not told"));
}

#[test]
fn a_label_approves_until_it_is_taken_off() {
    let label = |name: &str| json!({"label": {"name": name}});
    let settings = settings("[approvals]\napproved = \"\"\n[sign_offs]\ndone = \"signed-off\"\n");
    let of = |labels: Value, events: Value| {
        let one = json!({"number": 7, "node_id": "I_7", "title": "x", "created_at": at(1), "updated_at": at(9), "labels": labels});
        let read = issue::Read {
            issue: from(one),
            events: from(events),
            whole: true,
        };
        let edits: Edits = from(json!({"includesCreatedEdit": false}));
        issue::request("acme/infra", &read, Extra::Read(&edits), &settings)
            .unwrap()
            .request
    };
    let given = event("labeled", 2, label("Approved"));
    let taken = event("unlabeled", 3, label("approved"));
    let again = event("labeled", 4, label("approved"));
    let one = of(json!(["approved"]), json!([given, taken, again]));
    let stands: Vec<bool> = one
        .approvals
        .iter()
        .map(|one| one.withdrawn.is_none())
        .collect();
    assert_eq!(
        (stands.as_slice(), one.whole_history),
        ([false, true].as_slice(), None)
    );
    // A label that nobody is known to have given approves nothing, and something is missing.
    let one = of(json!([{"name": "approved"}]), json!([given, taken]));
    assert_eq!((one.approvals.len(), one.whole_history), (1, Some(false)));
    let one = of(
        json!([]),
        json!([
            event("labeled", 2, label("done")),
            event("unlabeled", 3, label("done"))
        ]),
    );
    assert!(one.sign_offs.is_empty() && one.edits.is_empty());
}

#[test]
fn an_address_shows_no_secret() {
    let shown = url(Some(
        "https://joe:hunter2@github.com/acme/infra/pull/1?token=hunter2#hunter2",
    ));
    assert_eq!(
        shown.as_deref(),
        Some("https://github.com/acme/infra/pull/1")
    );
    assert_eq!(url(Some("javascript:alert(1)")), None);
    assert_eq!(url(Some("hunter2")), None);
}
