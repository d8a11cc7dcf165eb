//! What becomes of a merge request's history.

use super::super::party::tests::settings;
use super::*;
use plimsoll_model::review_said;

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const C: &str = "cccccccccccccccccccccccccccccccccccccccc";

fn list<T: serde::de::DeserializeOwned>(json: &str) -> Vec<T> {
    serde_json::from_str(json).unwrap()
}

fn note(id: i64, minute: u8, user: i64, body: &str) -> String {
    format!(
        r#"{{"id":{id},"system":true,"created_at":"2026-01-01T10:{minute:02}:00.5Z","author":{{"id":{user},"username":"u{user}"}},"body":{body:?}}}"#
    )
}

fn version(id: i64, minute: u8, head: &str) -> String {
    format!(
        r#"{{"id":{id},"created_at":"2026-01-01T10:{minute:02}:00Z","head_commit_sha":"{head}"}}"#
    )
}

fn read() -> Read {
    let merge_request = format!(
        r#"{{"iid":17,"title":"CHG-88 resize api","description":"for the sale","state":"merged","author":{{"id":11,"username":"ida"}},"merge_user":{{"id":12,"username":"nora"}},
            "created_at":"2026-01-01T09:00:00Z","merged_at":"2026-01-01T12:00:00Z","target_branch":"main","source_branch":"ops-1-x","labels":["b","a"],
            "sha":"{B}","merge_commit_sha":"{C}","web_url":"https://joe:pw@git.example.com/acme/infra/-/merge_requests/17?x=1"}}"#
    );
    Read {
        merge_request: serde_json::from_str(&merge_request).unwrap(),
        notes: Vec::new(),
        states: Vec::new(),
        labels: Vec::new(),
        versions: Some(list(&format!(
            "[{},{}]",
            version(2, 20, B),
            version(1, 0, A)
        ))),
        became: Vec::new(),
        commits: list(&format!(
            r#"[{{"id":"{B}","author_name":"Ida","author_email":"ida@example.com","message":"x\n\nCo-authored-by: Bo <bo@example.com>"}},{{"id":"{A}","author_email":"ida@example.com"}}]"#
        )),
        closes: list(
            r#"[{"id":5,"iid":5,"project_id":3},{"id":6,"iid":6,"project_id":4,"web_url":"https://git.example.com/acme/other/-/issues/6"},{"id":"OPS-17","title":"x"},{"id":7}]"#,
        ),
        approvals: None,
        rules: Vec::new(),
        reviewers: Vec::new(),
        pipelines: Vec::new(),
        whole: true,
        protected: Some(true),
    }
}

fn made(read: &Read, more: &str) -> ChangeRequest {
    request("acme/infra", 3, read, &settings(more))
        .unwrap()
        .request
}

#[test]
fn who_what_and_what_became_of_it() {
    let made = made(&read(), "[environments]\nmain = 'production'");
    assert_eq!(
        (made.id.as_str(), made.kind.as_str()),
        ("acme/infra!17", "pull-request")
    );
    assert_eq!(made.requester.unwrap().account, "11");
    let merge = made.merge.unwrap();
    assert_eq!(
        (merge.by.unwrap().account.as_str(), merge.commit.as_deref()),
        ("12", Some(C))
    );
    assert_eq!(
        (merge.branch.as_deref(), merge.protected),
        (Some("main"), Some(true))
    );
    assert_eq!(
        made.links.requests,
        ["CHG-88", "acme/infra#5", "acme/other#6", "OPS-17"]
    );
    assert_eq!(made.links.commits, [B, A]);
    let authors: Vec<_> = made.authors.iter().map(|by| by.account.as_str()).collect();
    assert_eq!(authors, ["ida@example.com", "bo@example.com"]);
    assert_eq!(made.environments, ["production"]);
    assert_eq!(
        made.url.unwrap(),
        "https://git.example.com/acme/infra/-/merge_requests/17"
    );
    assert_eq!(
        (made.labels.join(" "), made.whole_history),
        ("a b".into(), None)
    );
}

#[test]
fn a_yes_is_of_the_commit_that_it_had_then_and_a_push_comes_after() {
    let mut read = read();
    read.notes = list(&format!(
        "[{},{},{}]",
        note(3, 20, 13, "added 1 commit\n\n<ul><li>bbbb</li></ul>"),
        note(2, 10, 12, "approved this merge request"),
        note(4, 30, 14, "approved this merge request"),
    ));
    let made = made(&read, "");
    let reviews: Vec<_> = made
        .reviews
        .iter()
        .map(|one| (one.by.account.as_str(), one.commit.as_deref()))
        .collect();
    assert_eq!(reviews, [("12", Some(A)), ("14", Some(B))]);
    // The note and the version are one push, and who pushed had a part in it.
    let edits: Vec<_> = made
        .edits
        .iter()
        .map(|edit| {
            (
                edit.field.as_str(),
                edit.by.as_ref().unwrap().account.as_str(),
            )
        })
        .collect();
    assert_eq!(edits, [("commits", "13")]);
    assert_eq!(made.authors[0].account, "13");
    assert_eq!(made.approvals.len(), 2);
    // A push beside it that no note tells of is another.
    let versions = read.versions.clone();
    let second = version(3, 21, C);
    read.versions
        .as_mut()
        .unwrap()
        .extend(list::<wire::Version>(&format!("[{second}]")));
    let made = super::request("acme/infra", 3, &read, &settings(""))
        .unwrap()
        .request;
    assert_eq!((made.edits.len(), made.edits[1].by.is_none()), (2, true));
    read.versions = versions;
    // Without the note the version tells.
    read.notes.retain(|note| note.id != 3);
    let made = super::request("acme/infra", 3, &read, &settings(""))
        .unwrap()
        .request;
    assert_eq!((made.edits.len(), made.edits[0].by.is_none()), (1, true));
    // Without the versions nobody says what was looked at.
    read.versions = None;
    let made = super::request("acme/infra", 3, &read, &settings(""))
        .unwrap()
        .request;
    assert!(made.reviews.iter().all(|one| one.commit.is_none()));
}

#[test]
fn edits_of_texts_matter_where_the_texts_say_what_is_to_change() {
    let mut read = read();
    read.notes = list(&format!(
        "[{},{},{}]",
        note(1, 1, 11, "changed title from **{-a-}** to **{+b+}**"),
        note(2, 2, 11, "changed the description"),
        note(3, 3, 11, "changed target branch from `a` to `main`"),
    ));
    let fields = |read: &Read| {
        made(read, "")
            .edits
            .iter()
            .map(|edit| edit.field.to_string())
            .collect::<Vec<_>>()
    };
    let pushed = "commits";
    assert_eq!(fields(&read), ["title", "description", "branch", pushed]);
    read.merge_request.description = Some("System: api".into());
    assert_eq!(fields(&read), ["", "", "branch", pushed]);
}

#[test]
fn a_note_of_a_person_or_of_a_kind_that_is_not_known_proves_nothing() {
    let mut read = read();
    let of_person = note(1, 1, 12, "approved this merge request").replace("true", "false");
    read.notes = list(&format!("[{of_person}]"));
    let plain = made(&read, "");
    assert!(plain.approvals.is_empty() && plain.whole_history.is_none());
    read.notes = list(&format!("[{}]", note(1, 1, 12, "revoked a blessing")));
    assert_eq!(made(&read, "").whole_history, Some(false));
}

#[test]
fn kinds_by_rules_and_refusals_by_notes_and_reviewers() {
    let mut read = read();
    read.notes = list(&format!(
        "[{},{}]",
        note(1, 30, 12, "approved this merge request"),
        note(2, 31, 14, "requested changes")
    ));
    read.rules = list(
        r#"[{"name":"Security","approved_by":[{"id":12}]},{"name":"QA","approved_by":[{"id":12}]},{"name":"Any","approved_by":[{"id":12}]}]"#,
    );
    read.reviewers = list(
        r#"[{"user":{"id":14},"state":"requested_changes"},{"user":{"id":15},"state":"requested_changes"},{"user":{"id":16},"state":"approved"}]"#,
    );
    let made = made(&read, "[rules]\nsecurity = 'security'\nqa = 'qa'");
    let kinds: Vec<_> = made.approvals.iter().map(|one| one.kind.as_str()).collect();
    assert_eq!(kinds, ["security", "qa"]);
    let refused: Vec<_> = made
        .reviews
        .iter()
        .filter(|one| one.said == review_said::CHANGES_REQUESTED)
        .collect();
    assert_eq!(refused.len(), 2);
    assert!(refused[0].at.is_none() && refused[0].by.account == "15");
    assert!(refused[1].at.is_some() && refused[1].by.account == "14");
}

#[test]
fn labels_and_states_over_time() {
    let mut read = read();
    read.merge_request.labels = vec!["hotfix".into(), "QA passed".into()];
    let label = |minute: u8, name: &str, action: &str| {
        format!(
            r#"{{"id":1,"created_at":"2026-01-01T11:{minute:02}:00Z","user":{{"id":12}},"action":"{action}","label":{name}}}"#
        )
    };
    read.labels = list(&format!(
        "[{},{},{},{},{}]",
        label(1, r#"{"name":"hotfix"}"#, "add"),
        label(2, r#"{"name":"QA passed"}"#, "add"),
        label(3, "null", "remove"),
        label(4, r#"{"name":"size::XL"}"#, "add"),
        label(5, r#"{"name":"security"}"#, "add"),
    ));
    read.states = list(
        r#"[{"state":"merged","created_at":"2026-01-01T12:00:00Z","user":{"id":12}},{"state":"closed","created_at":"2026-01-01T10:00:00Z","user":null},{"state":"reopened","created_at":"2026-01-01T11:00:00Z"}]"#,
    );
    let made = made(
        &read,
        "quiet_labels = ['size::*']\n[sign_offs]\n'qa passed' = 'qa'",
    );
    let fields: Vec<_> = made.edits.iter().map(|edit| edit.field.as_str()).collect();
    assert_eq!(fields, ["commits", "emergency", "labels", "labels"]);
    assert_eq!(made.sign_offs[0].kind, "qa");
    let to: Vec<_> = made
        .transitions
        .iter()
        .map(|step| step.to.as_str())
        .collect();
    assert_eq!(to, ["cancelled", "reopened", "merged"]);
}

#[test]
fn broken_times_cost_themselves() {
    let mut read = read();
    read.merge_request.merged_at = Some("yesterday".into());
    read.merge_request.author = None;
    read.merge_request.merge_user = None;
    let made = request("acme/infra", 3, &read, &settings("")).unwrap();
    assert_eq!(
        made.odd.troubles,
        ["the time of the merge is no time, and counts as unknown"]
    );
    let merge = made.request.merge.unwrap();
    assert!(merge.at.is_none() && merge.by.is_none());
    assert_eq!(made.request.requester.unwrap().account, "ghost");
    read.merge_request.created_at = Some("yesterday".into());
    assert!(request("acme/infra", 3, &read, &settings("")).is_err());
}

#[test]
fn a_fast_forward_became_its_own_last_commit_and_a_squash_another() {
    let mut read = read();
    read.merge_request.merge_commit_sha = None;
    assert_eq!(landed(&read.merge_request).as_deref(), Some(B));
    read.merge_request.squash_commit_sha = Some(C.into());
    assert_eq!(landed(&read.merge_request).as_deref(), Some(C));
}
