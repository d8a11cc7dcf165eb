//! The conformance suite over a fake YouTrack.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

use plimsoll_kit::Registration;
use plimsoll_kit::testkit::conformance::Subject;
use plimsoll_kit::testkit::{Gate, Held, Input, Reply};
use plimsoll_youtrack::REGISTRATION;
use plimsoll_youtrack::testkit::{FakeYouTrack, token_settings};

struct YouTrack;

fn tracker() -> FakeYouTrack {
    let fake = FakeYouTrack::new("CHG");
    fake.with(|tracker| {
        tracker.page = 42;
        for number in 0..45 {
            tracker.at("2025-12-01T08:00:00Z", "sam");
            let at = tracker.open("CHG", &format!("Change number {number}"));
            tracker.describe(
                at,
                "System: api\nEnvironment: production\nThe password is PLIMSOLL-MARKER-text",
            );
            tracker.comment(at);
            tracker.set(at, "System", "worker");
            tracker.set(at, "Systems", "web");
            tracker.tag(at, "one");
            tracker.tag(at, "two");
            tracker.link(at, "OPS-1");
            tracker.link(at, "OPS-2");
            tracker.text(at, "Notes", "PLIMSOLL-MARKER-notes");
            tracker
                .at("2025-12-02T08:00:00Z", "kim")
                .state(at, "Approved");
        }
        tracker.open("OPS", "Another project");
    });
    fake
}

fn input(fake: FakeYouTrack) -> Input {
    let folder = tempfile::tempdir().unwrap();
    let settings = fake.settings(folder.path());
    Input::new(settings)
        .with_server(fake.into_server())
        .with_folder(folder)
}

impl Subject for YouTrack {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn healthy(&self) -> Input {
        input(tracker())
    }

    fn shuffled(&self) -> Input {
        let fake = tracker();
        fake.with(|tracker| tracker.shuffled = true);
        input(fake)
    }

    fn broken_item(&self) -> (Input, Vec<String>) {
        let fake = tracker();
        fake.with(|tracker| tracker.issues[3].created = "PLIMSOLL-MARKER-type".into());
        (input(fake), vec!["CHG-4".into()])
    }

    fn hanging(&self) -> Option<Held> {
        let (fake, gate) = (tracker(), Gate::new());
        let reply = Reply::json("[]").stalled(1, &gate);
        fake.server().handle(move |request| {
            let held = request.path.ends_with("/2-12/activities");
            held.then(|| reply.clone())
        });
        let input = input(fake);
        Some(Held { input, gate })
    }

    fn endless(&self) -> Input {
        let fake = tracker();
        let reply = Reply::json(r#"[{"id":"PLIMSOLL-MARKER-endless"},"#).endless();
        fake.server()
            .handle(move |request| request.path.ends_with("/issues").then(|| reply.clone()));
        input(fake)
    }

    fn absent(&self) -> Input {
        let folder = tempfile::tempdir().unwrap();
        let token = token_settings(folder.path());
        Input::new(format!("{token}url = \"http://127.0.0.1:1\"\n")).with_folder(folder)
    }

    fn bad_settings(&self) -> Vec<&'static str> {
        vec![
            "token_file = 5",
            "token_file = \"a\"\ntoken_variable = \"b\"",
            "token_variable = \"\"",
            "url = \"https://joe:PLIMSOLL-MARKER@there\"",
            "url = \"PLIMSOLL-MARKER\"",
            "root_certificates = 1",
            "projects = [\"a b\"]",
            "projects = 1",
            "accounts = \"PLIMSOLL\"",
            "bots = 1",
            "emergency = 1",
            "concurrency = 0",
            "timeout = \"1ms\"",
            "fields = 1",
            "fields = { state = 1 }",
            "states = { colour = [] }",
            "search = { updated = 1 }",
            "words = { system = 1 }",
            "approvals = 1",
            "[[approvals]]\nvalues = [\"Approved\"]",
            "[[approvals]]\nfield = \"State\"\nvalues = [\"\"]",
            "[[sign_offs]]\nfield = \"QA\"\nkind = \"blessed\"",
            "[[sign_offs]]\nfield = \"QA\"\nkind = \"qa\"\nroot_cause = 1",
        ]
    }
}

plimsoll_kit::conformance!(YouTrack);
