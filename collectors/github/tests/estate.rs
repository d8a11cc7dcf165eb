//! A story on a fake GitHub, seen over several reads.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::*;
use plimsoll_github::testkit::Rights;
use plimsoll_kit::testkit::render;
use plimsoll_model::review_said;

#[test]
fn a_reviewed_pull_request_is_merged_by_the_rules() {
    let fake = fake();
    let (number, head, merge, at) = fake.with(|hub| {
        hub.rule("main", 1, &["ci"]);
        let number = hub.open(
            "ida",
            "OPS-17 Larger pool",
            "Fixes #9\nSystem: api",
            "OPS-18-pool",
            "main",
        );
        hub.review(number, "nora", "APPROVED");
        let at = hub.now;
        let head = hub.head(number);
        hub.check(&head, "ci", "success");
        let merge = hub.merge(number, "nora", "pass");
        hub.check(&merge, "ci", "success");
        hub.status(&merge, "deploy", "success");
        (number, head, merge, at)
    });
    let harvest = read(&fake);
    assert!(whole(&harvest), "{}", said(&harvest));
    let request = request(&harvest, number);
    assert_eq!(request.kind, "pull-request");
    assert_eq!(request.requester.as_ref().unwrap().account, "11");
    assert_eq!(
        request.requester.as_ref().unwrap().name.as_deref(),
        Some("ida")
    );
    assert_eq!(request.authors.len(), 1);
    let review = &request.reviews[0];
    assert_eq!(
        (review.by.account.as_str(), review.said.as_str()),
        ("12", review_said::APPROVED)
    );
    assert_eq!(review.commit.as_deref(), Some(head.as_str()));
    assert_eq!(review.at.unwrap().as_second(), at);
    let made = request.merge.as_ref().unwrap();
    assert_eq!(made.commit.as_deref(), Some(merge.as_str()));
    assert_eq!(made.by.as_ref().unwrap().account, "12");
    assert_eq!(
        (made.branch.as_deref(), made.protected),
        (Some("main"), Some(true))
    );
    assert_eq!(request.head.as_deref(), Some(head.as_str()));
    assert_eq!(request.links.requests, ["OPS-17", "OPS-18", "acme/infra#9"]);
    assert_eq!(request.names, ["api"]);
    let passed: Vec<_> = request
        .checks
        .iter()
        .map(|one| (one.name.as_str(), one.passed))
        .collect();
    assert_eq!(
        passed,
        [
            ("ci", Some(true)),
            ("ci", Some(true)),
            ("deploy", Some(true))
        ]
    );
    assert!(
        request.transitions.is_empty() && request.edits.is_empty(),
        "{request:?}"
    );
    assert_eq!(request.whole_history, None);
}

#[test]
fn what_is_pushed_after_a_review_is_told() {
    let fake = fake();
    let (number, pushed, review) = fake.with(|hub| {
        let number = hub.open("ida", "Pool", "", "pool", "main");
        hub.review(number, "nora", "APPROVED");
        let review = hub.now;
        hub.push(number, "ida");
        (number, hub.now, review)
    });
    let harvest = read(&fake);
    let one = request(&harvest, number);
    assert_eq!(edits(one, "commits"), [Some(pushed)]);
    assert!(pushed > review && one.head != one.reviews[0].commit);

    // Whatever a commit claims: who pushed it had a part in it, and did so then.
    let (forged, at) = fake.with(|hub| {
        let number = hub.open("ida", "Pool", "", "forged", "main");
        hub.review(number, "nora", "APPROVED");
        hub.forge(number, "ida", hub.now - 100_000, "nora");
        (number, hub.now)
    });
    let harvest = read(&fake);
    let one = request(&harvest, forged);
    assert_ne!(one.head, one.reviews[0].commit);
    assert_eq!(edits(one, "commits"), [Some(at)]);
    assert!(one.authors.iter().any(|by| by.account == "12"));
    // Where nobody tells, the commit alone speaks: it is a later one than the one that was reviewed all the same.
    let harvest = read_with(&fake, "pushes = false\n");
    let one = request(&harvest, forged);
    assert_ne!(one.head, one.reviews[0].commit);
    assert!(edits(one, "commits").is_empty() && one.authors.len() == 1);

    // One whose clock is ahead was there when it was reviewed.
    let ahead = fake.with(|hub| {
        let number = hub.open("ida", "Pool", "", "ahead", "main");
        hub.wait(1);
        let pushed = hub.now;
        hub.commit(number, "ida", hub.now + 1_000_000, "Ahead");
        hub.review(number, "nora", "APPROVED");
        (number, pushed, hub.now)
    });
    let harvest = read(&fake);
    assert_eq!(
        edits(request(&harvest, ahead.0), "commits"),
        [Some(ahead.1)]
    );
    let harvest = read_with(&fake, "pushes = false\n");
    assert_eq!(
        edits(request(&harvest, ahead.0), "commits"),
        [Some(ahead.2)]
    );

    let forced = fake.with(|hub| {
        let number = hub.open("ida", "Pool", "", "forced", "main");
        hub.force_push(number, "ida");
        number
    });
    let harvest = read(&fake);
    assert_eq!(edits(request(&harvest, forced), "commits").len(), 1);
}

#[test]
fn a_dismissed_review_is_a_withdrawn_yes() {
    let fake = fake();
    let (number, at) = fake.with(|hub| {
        let number = hub.open("ida", "Pool", "", "pool", "main");
        let review = hub.review(number, "nora", "APPROVED");
        hub.dismiss(number, review, "raj");
        (number, hub.now)
    });
    let harvest = read(&fake);
    let review = &request(&harvest, number).reviews[0];
    assert_eq!(review.said, review_said::APPROVED);
    let withdrawn = review.withdrawn.as_ref().unwrap();
    assert_eq!(withdrawn.at.unwrap().as_second(), at);
    assert_eq!(withdrawn.by.as_ref().unwrap().account, "13");
}

#[test]
fn titles_labels_texts_and_branches_are_edited() {
    let fake = fake();
    let number = fake.with(|hub| {
        let number = hub.open("ida", "Pool", "Plain words", "pool", "main");
        hub.rename(number, "ida", "Larger pool");
        hub.label(number, "ida", "security");
        hub.label(number, "sizer[bot]", "size/L");
        hub.edit(number, "mallory", "Other words");
        hub.event(number, "base_ref_changed", "ida", serde_json::json!({}));
        number
    });
    let quiet = "quiet_labels = [\"size/*\"]\n";
    let harvest = read_with(&fake, quiet);
    let one = request(&harvest, number);
    assert_eq!(edits(one, "title").len(), 1);
    assert_eq!(edits(one, "labels").len(), 1);
    assert_eq!(edits(one, "description").len(), 1);
    assert_eq!(edits(one, "branch").len(), 1);
    assert_eq!(one.labels, ["security", "size/L"]);
    let by = one
        .edits
        .iter()
        .find(|edit| edit.field == "description")
        .unwrap();
    assert_eq!(by.by.as_ref().unwrap().account, "16");
    assert_eq!(read_with(&fake, "").requests[0].edits.len(), 5);

    // Where the text says what is to change, an edit may have altered just that.
    fake.with(|hub| hub.edit(number, "mallory", "Environment: production"));
    let harvest = read(&fake);
    assert_eq!(edits(request(&harvest, number), "").len(), 2);
}

#[test]
fn without_queries_a_text_that_says_something_leaves_doubt() {
    let fake = fake();
    let (plain, says) = fake.with(|hub| {
        let plain = hub.open("ida", "Pool", "Plain words", "pool", "main");
        let says = hub.open(
            "ida",
            "Pool",
            "Window: 2026-01-01T20:00Z/2026-01-01T22:00Z",
            "pool",
            "main",
        );
        (plain, says)
    });
    let harvest = read_with(&fake, "graphql = false\n");
    assert!(whole(&harvest));
    assert_eq!(request(&harvest, plain).whole_history, None);
    assert_eq!(request(&harvest, says).whole_history, Some(false));
    assert!(request(&harvest, says).window.is_some());
    assert_eq!(request(&read(&fake), says).whole_history, None);
}

#[test]
fn a_bypass_is_seen_and_what_may_not_be_seen_is_unknown() {
    let fake = fake();
    let number = fake.with(|hub| {
        hub.protect("main", 2, &["ci"]);
        let number = hub.open("ida", "Pool", "", "pool", "main");
        hub.merge(number, "nora", "bypass");
        number
    });
    let protected = |fake: &_| {
        let harvest = read(fake);
        assert!(whole(&harvest), "{}", said(&harvest));
        request(&harvest, number).merge.as_ref().unwrap().protected
    };
    assert_eq!(protected(&fake), Some(false));
    fake.with(|hub| hub.rights = Rights::Reader);
    assert_eq!(protected(&fake), None);
    assert!(said(&read(&fake)).contains("Administration: read"));
    // Nothing protects it, and everybody may see that.
    fake.with(|hub| hub.branch("main").classic = None);
    assert_eq!(protected(&fake), Some(false));
}

#[test]
fn branches_say_how_they_are_protected() {
    let fake = fake();
    fake.with(|hub| {
        hub.protect("main", 2, &["ci"]);
        hub.rule("prod", 1, &["ci", "lint"]);
        hub.branch("prod").bypass = vec![serde_json::json!({"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"})];
        hub.branch("open");
    });
    let more = "branches = [\"main\", \"prod\", \"open\", \"gone\"]\n";
    let harvest = read_with(&fake, more);
    assert!(whole(&harvest) && said(&harvest).contains("there is no branch gone"));
    let of = |harvest: &_, branch: &str, name: &str| {
        fact(asset(harvest, &format!("branch:github/7/{branch}")), name)
    };
    for (branch, name, value) in [
        ("main", "branch.protected", "true"),
        ("main", "branch.review-required", "true"),
        ("main", "branch.approvals-required", "2"),
        ("main", "branch.checks-required", "[\"ci\"]"),
        ("main", "branch.administrators-bound", "true"),
        ("main", "branch.bypass", "[\"user nora\"]"),
        ("main", "branch.force-push-refused", "true"),
        ("prod", "branch.approvals-required", "1"),
        ("prod", "branch.last-push-approval-required", "true"),
        ("prod", "branch.checks-required", "[\"ci\",\"lint\"]"),
        ("prod", "branch.bypass", "[\"RepositoryRole 5 (always)\"]"),
        ("prod", "branch.rulesets", "[\"9 prod (active)\"]"),
        ("open", "branch.protected", "false"),
        ("open", "branch.review-required", "false"),
        ("open", "branch.force-push-refused", "false"),
    ] {
        assert_eq!(of(&harvest, branch, name), value, "{branch} {name}");
    }
    fake.with(|hub| hub.rights = Rights::Reader);
    let harvest = read_with(&fake, more);
    assert!(whole(&harvest), "{}", said(&harvest));
    for (branch, name, value) in [
        ("main", "branch.protected", "true"),
        ("main", "branch.review-required", "unknown"),
        ("main", "branch.approvals-required", "unknown"),
        ("main", "branch.bypass", "unknown"),
        ("prod", "branch.protected", "true"),
        ("prod", "branch.review-required", "true"),
        ("prod", "branch.bypass", "unknown"),
        ("open", "branch.protected", "false"),
        ("open", "branch.review-required", "false"),
    ] {
        assert_eq!(of(&harvest, branch, name), value, "{branch} {name}");
    }
    assert_eq!(
        fact(asset(&harvest, "repository:github/7"), "merge.squash"),
        "unknown"
    );
}

#[test]
fn only_what_was_touched_is_read_again_and_then_all_of_it() {
    let fake = fake();
    fake.with(|hub| hub.page = 2);
    let numbers: Vec<u64> = fake.with(|hub| {
        (0..5)
            .map(|_| hub.open("ida", "Pool", "", "pool", "main"))
            .collect()
    });
    let first = read(&fake);
    assert_eq!(first.requests.len(), 5);
    let (since, touched) = fake.with(|hub| {
        hub.wait(3 * 24 * 60);
        let since = hub.now;
        hub.wait(60);
        hub.review(numbers[1], "nora", "APPROVED");
        hub.review(numbers[1], "raj", "COMMENTED");
        hub.review(numbers[1], "lee", "CHANGES_REQUESTED");
        (since, numbers[1])
    });
    let second = read_since(&fake, "", since);
    assert!(whole(&second));
    let ids: Vec<&str> = second.requests.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, [format!("{NAME}#{touched}")]);
    let one = request(&second, touched);
    // Read over two pages, and in order of time.
    let said: Vec<&str> = one
        .reviews
        .iter()
        .map(|review| review.said.as_str())
        .collect();
    assert_eq!(said, ["approved", "commented", "changes-requested"]);
    // A test that ends later does not touch its pull request, and is seen while the overlap lasts.
    let later = fake.with(|hub| {
        let head = hub.head(touched);
        hub.wait(60);
        hub.check(&head, "ci", "failure");
        hub.now
    });
    let third = read_since(&fake, "", later);
    assert_eq!(request(&third, touched).checks[0].passed, Some(false));
    assert!(
        read_since(&fake, "overlap = \"1m\"\n", later)
            .requests
            .is_empty()
    );
    assert_eq!(render(&read(&fake)), render(&read(&fake)));
}

#[test]
fn a_pull_request_into_another_branch_approves_nothing() {
    let fake = fake();
    let number = fake.with(|hub| {
        hub.branch("prod");
        let number = hub.open("ida", "Pool", "", "pool", "dev");
        hub.review(number, "nora", "APPROVED");
        number
    });
    let harvest = read_with(
        &fake,
        "branches = [\"prod\"]\n[environments]\nprod = \"production\"\n",
    );
    let one = request(&harvest, number);
    assert_eq!((one.reviews.len(), one.whole_history), (0, Some(false)));
    fake.with(|hub| {
        hub.wait(1);
        hub.pull(number).base = "prod".to_owned();
        hub.event(number, "base_ref_changed", "ida", serde_json::json!({}));
    });
    let harvest = read_with(
        &fake,
        "branches = [\"prod\"]\n[environments]\nprod = \"production\"\n",
    );
    let one = request(&harvest, number);
    assert_eq!((one.reviews.len(), one.whole_history), (1, None));
    assert_eq!(one.environments, ["production"]);
    assert!(edits(one, "branch")[0] > one.reviews[0].at.map(|at| at.as_second()));
}

#[test]
fn closed_reopened_and_closed_again() {
    let fake = fake();
    let number = fake.with(|hub| {
        let number = hub.open("ida", "Pool", "", "pool", "main");
        hub.close(number, "ida", None);
        hub.reopen(number, "raj");
        hub.merge(number, "nora", "pass");
        number
    });
    let harvest = read(&fake);
    let moves = &request(&harvest, number).transitions;
    let to: Vec<&str> = moves.iter().map(|step| step.to.as_str()).collect();
    // The closing that comes with merging is none.
    assert_eq!(to, ["cancelled", "reopened"]);
}

#[test]
fn an_issue_is_a_ticket_where_a_label_approves() {
    let fake = fake();
    let (issue, pull) = fake.with(|hub| {
        let issue = hub.ask("ida", "Open a port", "System: api\nEnvironment: production");
        hub.label(issue, "nora", "approved");
        hub.label(issue, "raj", "Security OK");
        hub.edit(
            issue,
            "ida",
            "System: api\nEnvironment: production\nFact: ports",
        );
        hub.unlabel(issue, "nora", "approved");
        hub.label(issue, "lee", "qa-passed");
        hub.label(issue, "lee", "root-cause");
        hub.close(issue, "ida", Some("not_planned"));
        let pull = hub.open("ida", "Port", "", "port", "main");
        hub.pull(pull).closes = vec![issue];
        (issue, pull)
    });
    let more = "issues = true\n[approvals]\napproved = \"\"\n\"security ok\" = \"security\"\n[sign_offs]\nqa-passed = \"qa\"\nroot-cause = \"root-cause\"\n";
    let harvest = read_with(&fake, more);
    assert!(whole(&harvest), "{}", said(&harvest));
    let one = request(&harvest, issue);
    assert_eq!(one.kind, "ticket");
    assert_eq!(one.facts, ["ports"]);
    let [first, second] = one.approvals.as_slice() else {
        panic!("{one:?}")
    };
    assert_eq!((first.by.account.as_str(), first.kind.as_str()), ("12", ""));
    assert_eq!(
        first
            .withdrawn
            .as_ref()
            .unwrap()
            .by
            .as_ref()
            .unwrap()
            .account,
        "12"
    );
    assert_eq!(
        (second.kind.as_str(), &second.withdrawn),
        ("security", &None)
    );
    let confirmed: Vec<_> = one
        .sign_offs
        .iter()
        .map(|one| (one.kind.as_str(), one.root_cause))
        .collect();
    assert_eq!(confirmed, [("qa", false), ("documented", true)]);
    assert_eq!(edits(one, "description").len(), 1);
    assert_eq!(one.transitions[0].to, "cancelled");
    assert_eq!(one.whole_history, None);
    assert_eq!(
        request(&harvest, pull).links.requests,
        [format!("{NAME}#{issue}")]
    );
    // Without the query nobody knows whether the text was altered after the yes.
    let harvest = read_with(&fake, &format!("graphql = false\n{more}"));
    assert_eq!(request(&harvest, issue).whole_history, Some(false));
}

#[test]
fn programs_are_named_as_such_and_so_are_those_who_wrote_along() {
    let fake = fake();
    let number = fake.with(|hub| {
        let number = hub.open("renovate[bot]", "Update", "", "update", "main");
        hub.commit(number, "ida", hub.now, "Fix\n\nCo-authored-by: Nora <12+nora@users.noreply.github.com>\nCo-Authored-By: Kim <kim@example.com>");
        hub.review(number, "approver[bot]", "APPROVED");
        number
    });
    let harvest = read(&fake);
    let one = request(&harvest, number);
    assert!(one.requester.as_ref().unwrap().bot && one.reviews[0].by.bot);
    let authors: Vec<&str> = one.authors.iter().map(|by| by.account.as_str()).collect();
    assert!(
        ["11", "12", "kim@example.com"]
            .iter()
            .all(|by| authors.contains(by)),
        "{authors:?}"
    );
    let logins = read_with(&fake, "accounts = \"login\"\n");
    let authors: Vec<String> = request(&logins, number)
        .authors
        .iter()
        .map(|by| by.account.to_string())
        .collect();
    assert!(
        authors.contains(&"nora".to_owned()) && authors.contains(&"ida".to_owned()),
        "{authors:?}"
    );
}
