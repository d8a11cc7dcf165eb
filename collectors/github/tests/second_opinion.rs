//! What the vendor's own specification says of our requests and of the fake's answers, and what we make of answers that nobody
//! here wrote. Needs what `tests/run` provides.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

// Under this name `tests/run` leaves them out, aloud, where the specifications are not there.
mod second_opinion {
    use plimsoll_github::REGISTRATION;
    use plimsoll_github::testkit::{FakeGithub, token_settings};
    use plimsoll_kit::Harvest;
    use plimsoll_kit::testkit::prism::{Mode, Prism, prism};
    use plimsoll_kit::testkit::{build, context, harvest, render, run};

    use crate::common::*;

    const SPEC: &str = "github";
    // The part of the specification that is at hand has no pushes to a branch.
    const MORE: &str = "issues = true\nbranches = [\"main\", \"prod\"]\nconcurrency = 1\npushes = false\n[approvals]\napproved = \"\"\n";

    /// Everything that is asked for, without its numbers.
    const CALLS: &[&str] = &[
        "get /repos/acme/infra",
        "get /repos/acme/infra/pulls",
        "get /repos/acme/infra/issues",
        "get /repos/acme/infra/branches/main",
        "get /repos/acme/infra/branches/main/protection",
        "get /repos/acme/infra/rules/branches/main",
        "/timeline",
        "/reviews",
        "/commits",
        "/check-runs",
        "/status",
    ];

    fn house() -> FakeGithub {
        let fake = fake();
        fake.with(|hub| {
            hub.protect("main", 1, &["ci"]);
            hub.rule("prod", 2, &["ci", "lint"]);
            let number = hub.open("ida", "OPS-17 Pool", "System: api", "pool", "prod");
            let review = hub.review(number, "kim", "APPROVED");
            hub.dismiss(number, review, "raj");
            hub.push(number, "ida");
            hub.force_push(number, "ida");
            hub.review(number, "nora", "APPROVED");
            hub.label(number, "ida", "security");
            hub.unlabel(number, "ida", "security");
            hub.rename(number, "ida", "OPS-17 Larger pool");
            hub.close(number, "ida", None);
            hub.reopen(number, "ida");
            let head = hub.head(number);
            hub.check(&head, "ci", "success");
            hub.check(&head, "lint", "running");
            hub.status(&head, "deploy", "pending");
            hub.merge(number, "nora", "pass");
            hub.open("dependabot[bot]", "Update", "", "update", "main");
            let issue = hub.ask("lee", "A port", "");
            hub.label(issue, "nora", "approved");
            hub.close(issue, "lee", Some("completed"));
            hub.page = 3;
        });
        fake
    }

    /// Reads and checks, with REST at one URL and queries at the fake: the specification knows nothing of them.
    fn read_by(rest: &str, fake: &FakeGithub) -> Harvest {
        let folder = tempfile::tempdir().unwrap();
        let settings = format!(
            "repositories = [{NAME:?}]\n{}api_url = {rest:?}\ngraphql_url = \"{}/graphql\"\n{MORE}",
            token_settings(folder.path()),
            fake.server().url()
        );
        let collector = build(&REGISTRATION, &settings).unwrap();
        run(async {
            let harvest = harvest(&*collector, &context("github")).await;
            collector.check(&context("github")).await;
            harvest
        })
    }

    fn asked(prism: &Prism, calls: &[&str]) {
        let requests = prism.requests();
        for call in calls {
            let found = requests.iter().any(|request| match call.starts_with('/') {
                true => request.ends_with(call),
                false => request == call,
            });
            assert!(found, "{call} was not asked for: {requests:?}");
        }
    }

    #[test]
    fn every_request_and_every_answer_of_the_fake_is_as_the_specification_has_it() {
        let fake = house();
        let prism = prism(SPEC, &Mode::Proxy(fake.server().url().to_owned()));
        let through = read_by(prism.url(), &fake);
        assert_eq!(prism.violations(), [""; 0]);
        asked(&prism, CALLS);
        asked(
            &prism,
            &[
                "get /repos/acme/infra/rulesets/9",
                "get /repos/acme/infra/rulesets/rule-suites",
                "get /rate_limit",
            ],
        );
        let straight = read_by(fake.server().url(), &fake);
        assert_eq!(render(&through), render(&straight));
        assert!(whole(&straight), "{}", said(&straight));
    }

    #[test]
    fn every_answer_that_the_specification_allows_is_read() {
        let seeds = [2, 3].map(Mode::Dynamic);
        for mode in [Mode::Static].into_iter().chain(seeds) {
            let fake = fake();
            let prism = prism(SPEC, &mode);
            let harvest = read_by(prism.url(), &fake);
            // What Prism makes up itself is not always as the specification has it, and it says so of itself.
            let mut ours = prism.violations();
            ours.retain(|what| !what.contains("Violation: response."));
            assert_eq!(ours, [""; 0], "{mode:?}");
            asked(&prism, &CALLS[..6]);
            let said = said(&harvest);
            for lost in [
                "no JSON",
                "no list",
                "another shape",
                "in the middle",
                "make no sense",
                "makes no sense",
            ] {
                assert!(!said.contains(lost), "{mode:?}: {said}");
            }
            assert!(
                harvest.assets.iter().any(|asset| asset.kind == "branch"),
                "{mode:?}: {said}"
            );
        }
    }
}
