//! The vendor's own specification has the last word on what is sent, and on what has to be understood.
//!
//! `tests/run` provides what this needs; without it these tests fail and say what is missing. There is no specification of a data centre's
//! interface, nor one of the service desk's here.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

// Under this name `tests/run` leaves them out, aloud, where the specifications are not there.
mod second_opinion {
    use crate::common::troubles;
    use plimsoll_jira::REGISTRATION;
    use plimsoll_jira::testkit::FakeJira;
    use plimsoll_kit::Harvest;
    use plimsoll_kit::testkit::prism::{Mode, Prism, prism};
    use plimsoll_kit::testkit::{build, context, harvest, render, run};

    const SPEC: &str = "jira-cloud";
    const RULES: &str =
        "service_desk = \"never\"\n[[sign_offs]]\ncomment = \"Reviewed\"\nkind = \"reviewed\"\n";

    /// Every path that is read and that the specification has.
    const CALLS: &[&str] = &[
        "get /rest/api/3/myself",
        "get /rest/api/3/field",
        "get /rest/api/3/status",
        "get /rest/api/3/project/search",
        "get /rest/api/3/search/jql",
        "/changelog",
        "/comment",
        "/remotelink",
    ];

    fn site() -> FakeJira {
        let fake = FakeJira::cloud("OPS");
        fake.with(|jira| {
            jira.page = 2;
            jira.at("2026-01-10T08:00:00Z");
            for title in ["Open a port", "Resize", "Restart"] {
                let key = jira.open("OPS", title, "ann");
                jira.labels(&key, &["net"], "ann")
                    .to(&key, "Awaiting CAB", "ann");
                jira.to(&key, "Approved", "kim")
                    .edit(&key, "Root cause", "x", "bob");
                jira.assign(&key, "bob", "ann")
                    .comment(&key, "Reviewed: all good", "kim");
                jira.comment(&key, "Reviewed: once more", "kim")
                    .comment(&key, "no", "kim");
            }
            jira.link("OPS-1", "OPS-2", "ann");
        });
        fake
    }

    fn read(fake: &FakeJira, url: &str, more: &str) -> Harvest {
        let folder = tempfile::tempdir().unwrap();
        let settings = format!("{}{more}", fake.settings_at(folder.path(), url));
        let collector = build(&REGISTRATION, &settings).unwrap();
        run(async {
            collector.check(&context("jira")).await;
            harvest(&*collector, &context("jira")).await
        })
    }

    fn asked(prism: &Prism) {
        let requests = prism.requests();
        for call in CALLS {
            let found = requests.iter().any(|request| {
                request == call || (call.starts_with('/') && request.ends_with(call))
            });
            assert!(found, "{call} was not asked for: {requests:?}");
        }
    }

    #[test]
    fn every_request_and_every_answer_of_the_fake_is_as_the_specification_has_it() {
        let fake = site();
        let prism = prism(SPEC, &Mode::Proxy(fake.server().url().to_owned()));
        let read_through = read(&fake, prism.url(), RULES);
        let mut violations = prism.violations();
        violations.retain(|what| !is_wrong_itself(what));
        assert_eq!(violations, [""; 0]);
        assert_eq!(troubles(&read_through), [""; 0]);
        asked(&prism);
        let straight = read(&fake, fake.server().url(), RULES);
        assert_eq!(render(&read_through), render(&straight));
        assert!(
            straight.scopes.iter().all(|scope| scope.complete),
            "{:?}",
            troubles(&straight)
        );
        assert_eq!(straight.requests.len(), 3);
    }

    #[test]
    fn every_answer_that_the_specification_allows_is_read() {
        let seeds = [1, 2].map(Mode::Dynamic);
        for mode in [Mode::Static].into_iter().chain(seeds) {
            let fake = FakeJira::cloud("OPS");
            fake.with(|jira| jira.at("2026-01-10T08:00:00Z").open("OPS", "x", "ann"));
            let prism = prism(SPEC, &mode);
            let harvest = read(&fake, prism.url(), RULES);
            // What Prism makes up itself is not always as the specification has it, and it says so of itself.
            let mut ours = prism.violations();
            ours.retain(|what| !what.contains("Violation: response."));
            assert_eq!(ours, [""; 0], "{mode:?}");
            assert!(!harvest.scopes.is_empty());
            let lost: Vec<String> = troubles(&harvest);
            let lost: Vec<_> = lost
                .iter()
                .filter(|what| {
                    ["shape", "no JSON", "not the issue"]
                        .iter()
                        .any(|word| what.contains(word))
                })
                .collect();
            assert!(lost.is_empty(), "{mode:?}: {lost:?}");
        }
    }

    /// Where the specification is wrong: links to elsewhere come as a list and not as one object, and what a field held before or holds
    /// afterwards is null where it was empty.
    fn is_wrong_itself(what: &str) -> bool {
        let list = what.contains("/remotelink: ") && what.ends_with("Response body must be object");
        let values = [".from ", ".fromString ", ".to ", ".toString "];
        let empty = what.contains("/changelog: ")
            && what.ends_with(" must be string")
            && values.iter().any(|value| what.contains(value));
        list || empty
    }
}
