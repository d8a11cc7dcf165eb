//! The conformance suite over a fake Asana.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

use plimsoll_asana::REGISTRATION;
use plimsoll_asana::testkit::{FakeAsana, PROJECT};
use plimsoll_kit::Registration;
use plimsoll_kit::testkit::conformance::Subject;
use plimsoll_kit::testkit::{Gate, Held, Input, Reply};

struct Asana;

fn tracker() -> FakeAsana {
    let fake = FakeAsana::new();
    fake.with(|tracker| {
        tracker.page = 5;
        for number in 0..12 {
            tracker.at("2025-12-01T08:00:00Z", "sam");
            let at = tracker.open(PROJECT, &format!("Change number {number}"));
            tracker.describe(
                at,
                "System: api\nEnvironment: production\nThe password is PLIMSOLL-MARKER-notes",
            );
            tracker.comment(at);
            tracker.text(at, "Notes", "PLIMSOLL-MARKER-field");
            tracker.set(at, "System", "worker");
            tracker.set(at, "Systems", "web");
            tracker.tag(at, "one");
            tracker.tag(at, "two");
            let [security, lead] =
                ["Security approval", "Approval"].map(|name| tracker.ask(at, name));
            tracker
                .at("2025-12-02T08:00:00Z", "kim")
                .answer(lead, "approved");
            tracker
                .at("2025-12-02T09:00:00Z", "sec")
                .answer(security, "approved");
            tracker
                .at("2025-12-02T10:00:00Z", "kim")
                .move_to(at, PROJECT, "Approved");
        }
    });
    fake
}

fn input(fake: FakeAsana) -> Input {
    let folder = tempfile::tempdir().unwrap();
    let settings = fake.settings(folder.path());
    Input::new(settings)
        .with_server(fake.into_server())
        .with_folder(folder)
}

impl Subject for Asana {
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
        let gid = fake.with(|tracker| {
            tracker.tasks[0].json["created_at"] = "PLIMSOLL-MARKER-time".into();
            tracker.tasks[0].gid.clone()
        });
        (input(fake), vec![gid])
    }

    fn hanging(&self) -> Option<Held> {
        let (fake, gate) = (tracker(), Gate::new());
        let reply = Reply::json(r#"{"data":[],"next_page":null}"#).stalled(1, &gate);
        fake.server().handle(move |request| {
            let held = request.path.ends_with("/1209000000000013/stories");
            held.then(|| reply.clone())
        });
        let input = input(fake);
        Some(Held { input, gate })
    }

    fn endless(&self) -> Input {
        let fake = tracker();
        let reply = Reply::json(r#"{"data":[{"gid":"PLIMSOLL-MARKER-endless"},"#).endless();
        fake.server()
            .handle(move |request| request.path.ends_with("/tasks").then(|| reply.clone()));
        input(fake)
    }

    fn absent(&self) -> Input {
        let folder = tempfile::tempdir().unwrap();
        let settings = FakeAsana::settings_at("http://127.0.0.1:1", folder.path());
        Input::new(format!("{settings}projects = [\"1\"]\n")).with_folder(folder)
    }

    fn bad_settings(&self) -> Vec<&'static str> {
        vec![
            "",
            "projects = []",
            "projects = [\"PLIMSOLL-MARKER\"]",
            "projects = 1",
            "projects = [\"1\"]\ntoken_file = 5",
            "projects = [\"1\"]\ntoken_file = \"a\"\ntoken_variable = \"b\"",
            "projects = [\"1\"]\nurl = \"https://joe:PLIMSOLL-MARKER@there\"",
            "projects = [\"1\"]\nbots = 1",
            "projects = [\"1\"]\napprovals_by_api = true",
            "projects = [\"1\"]\nfollow = \"1 hour\"",
            "projects = [\"1\"]\nrequests_per_minute = 1",
            "projects = [\"1\"]\nconcurrency = 0",
            "projects = [\"1\"]\ntimeout = \"1ms\"",
            "projects = [\"1\"]\nemergency = 1",
            "projects = [\"1\"]\nfields = 1",
            "projects = [\"1\"]\nfields = { state = [] }",
            "projects = [\"1\"]\nsections = { closed = 1 }",
            "projects = [\"1\"]\nwords = { system = 1 }",
            "projects = [\"1\"]\napprovals = 1",
            "projects = [\"1\"]\n[[approvals]]\nkind = \"qa\"",
            "projects = [\"1\"]\n[[approvals]]\ntask = [\"*\"]\nsection = [\"Approved\"]",
            "projects = [\"1\"]\n[[approvals]]\nsection = [\"Approved\"]\nvalues = [\"Yes\"]",
            "projects = [\"1\"]\n[[approvals]]\ntask = []",
            "projects = [\"1\"]\n[[sign_offs]]\ntask = [\"qa\"]\nkind = \"blessed\"",
        ]
    }
}

plimsoll_kit::conformance!(Asana);
