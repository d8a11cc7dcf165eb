//! The vendor's own specification has the last word on what is sent, and on what has to be understood.
//!
//! `tests/run` provides what this needs; without it these tests fail and say what is missing.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

// Under this name `tests/run` leaves them out, aloud, where the specifications are not there.
mod second_opinion {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use plimsoll_asana::REGISTRATION;
    use plimsoll_asana::testkit::{FakeAsana, PROJECT};
    use plimsoll_kit::Harvest;
    use plimsoll_kit::testkit::prism::{Mode, prism};
    use plimsoll_kit::testkit::{FakeServer, Reply, Request, build, context, harvest, render, run};
    use serde_json::{Value, json};

    const SPEC: &str = "asana";

    fn tracker() -> FakeAsana {
        let fake = FakeAsana::new();
        fake.with(|tracker| {
            tracker.page = 1;
            for name in ["one", "two"] {
                tracker.at("2026-01-01T08:00:00Z", "sam");
                let at = tracker.open(PROJECT, name);
                tracker.describe(at, "System: api");
                tracker.assign(at, "eli");
                tracker.plan(at, "2026-01-01T20:00:00.000Z", "2026-01-01T22:00:00.000Z");
                tracker.set(at, "Environment", "production");
                tracker.set(at, "Environment", "staging");
                tracker.people(at, "Implementer", &["eli"]);
                tracker.text(at, "Notes", "x");
                tracker.moment(at, "Window start", "2026-01-01T20:00:00.000Z");
                tracker.tag(at, "hotfix");
                tracker.comment(at);
                let ask = tracker.ask(at, "Approve");
                tracker
                    .at("2026-01-01T09:00:00Z", "kim")
                    .answer(ask, "approved");
                tracker.move_to(at, PROJECT, "Approved");
                tracker.complete(at, true);
                tracker.rename(at, "three");
            }
            // The second time round only a subtask is new.
            tracker
                .at("2026-01-03T00:00:00Z", "kim")
                .answer(1, "rejected");
        });
        fake
    }

    /// Checks and reads at a URL, as for the first time and as after a time.
    fn read(url: &str, before: Option<&str>) -> Harvest {
        let folder = tempfile::tempdir().unwrap();
        let settings = FakeAsana::settings_at(url, folder.path());
        let settings = format!("{settings}projects = [\"{PROJECT}\"]\n");
        let collector = build(&REGISTRATION, &settings).unwrap();
        let mut context = context(SPEC);
        if let Some(before) = before {
            context.cursors = std::sync::Arc::new(plimsoll_kit::Cursors {
                keep_from: jiff::Timestamp::UNIX_EPOCH,
                read_before: [(PROJECT.into(), before.parse().unwrap())].into(),
            });
        }
        run(async {
            collector.check(&context).await;
            harvest(&*collector, &context).await
        })
    }

    #[test]
    fn every_request_and_every_answer_of_the_fake_is_as_the_specification_has_it() {
        let fake = tracker();
        let upstream = format!("{}/api/1.0", fake.server().url());
        let prism = prism(SPEC, &Mode::Proxy(upstream.clone()));
        let first = read(prism.url(), None);
        let later = read(prism.url(), Some("2026-01-02T12:00:00Z"));
        // The documentation has a null on the last page, and the specification has none.
        let violations = prism.violations().into_iter();
        let violations: Vec<String> = violations
            .filter(|one| !one.contains("next_page"))
            .collect();
        assert_eq!(violations, [""; 0]);
        assert_eq!(render(&first), render(&read(&upstream, None)));
        assert!(first.scopes.iter().all(|scope| scope.complete));
        assert_eq!((first.requests.len(), later.requests.len()), (2, 1));
        let asked = prism.requests();
        for (start, end) in [
            ("get /users/me", ""),
            ("get /projects/", "/sections"),
            ("get /tasks", ""),
            ("get /tasks/", "/stories"),
            ("get /tasks/", "/subtasks"),
            ("get /tasks/1209000000000010", ""),
        ] {
            let found = asked
                .iter()
                .any(|one| one.starts_with(start) && one.ends_with(end));
            assert!(found, "{start} {end}: {asked:?}");
        }
    }

    /// A server before Prism. Of a list the specification has the items in short, and of one alone all that may be asked for: so
    /// each list is given with such a one. What Prism makes up names the same next page for ever, so each page is the last one.
    fn in_full(prism: &str) -> FakeServer {
        let server = FakeServer::on_loopback();
        let prism = prism.trim_start_matches("http://").to_owned();
        server.handle(move |request| Some(forwarded(&prism, request)));
        server
    }

    fn forwarded(prism: &str, request: &Request) -> Reply {
        let (status, mut body) = asked(prism, &request.target());
        let alone = match request.path.as_str() {
            "/tasks" => "/tasks/12345",
            path if path.ends_with("/subtasks") => "/tasks/12345",
            path if path.ends_with("/stories") => "/stories/12345",
            _ => "",
        };
        if !alone.is_empty() && status == 200 {
            let (_, mut one) = asked(prism, alone);
            // Else it would be one of another task's subtasks.
            one["data"]["parent"] = Value::Null;
            body["data"] = json!([one["data"]]);
        }
        if let Some(body) = body.as_object_mut() {
            body.insert("next_page".to_owned(), Value::Null);
        }
        Reply::json(body.to_string()).with_status(status)
    }

    fn asked(prism: &str, target: &str) -> (u16, Value) {
        let ask = format!(
            "GET {target} HTTP/1.0\r\nHost: {prism}\r\nAuthorization: Bearer x\r\nAccept: application/json\r\n\r\n"
        );
        let mut stream = TcpStream::connect(prism).unwrap();
        stream.write_all(ask.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    #[test]
    fn every_answer_that_the_specification_allows_is_read() {
        let seeds = [1, 2, 3].map(Mode::Dynamic);
        for mode in [Mode::Static].into_iter().chain(seeds) {
            let prism = prism(SPEC, &mode);
            let before = in_full(prism.url());
            let harvest = read(before.url(), None);
            // What Prism makes up itself is not always as the specification has it, and it says so of itself.
            let mut ours = prism.violations();
            ours.retain(|what| !what.contains("Violation: response."));
            assert_eq!(ours, [""; 0], "{mode:?}");
            let troubles = harvest.scopes.iter().flat_map(|scope| &scope.troubles);
            let lost: Vec<_> = troubles
                .map(|trouble| trouble.what.as_str())
                .filter(|what| what.contains("shape") || what.contains("no JSON"))
                .collect();
            assert!(lost.is_empty(), "{mode:?}: {lost:?}");
            // What the specification's own examples are read as.
            if mode == Mode::Static {
                let one = &harvest.requests[0];
                assert_eq!(one.title, "Buy catnip");
                assert!(one.requester.is_some() && one.window.is_some());
                assert!(harvest.scopes[0].complete, "{:?}", harvest.scopes);
            }
        }
    }
}
