//! Containers of a real engine that are changed by hand, and a tracker that says which of it was asked for: one change was
//! approved, one was not, and one is an emergency.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a panic is how a test tells what is wrong, and one shows a report"
)]

mod support;

use jiff::{SignedDuration, Timestamp};
use plimsoll_youtrack::testkit::FakeYouTrack;
use serde_json::{Value, json};
use support::{Engine, Estate, Plimsoll};

const PEOPLE: &str = "[approval]\npolicy = \"tracker-cto\"\n\
    [[people]]\nname = \"Carol\"\nroles = [\"cto\"]\naccounts = { tracker = \"carol\" }\n\
    [[people]]\nname = \"Sam\"\nroles = [\"ops\"]\naccounts = { tracker = \"sam\" }\n";

/// A company: an engine with three services, and a tracker in which changes are asked for.
struct Company<'e> {
    estate: Estate,
    tracker: FakeYouTrack,
    plimsoll: Plimsoll,
    _folder: &'e tempfile::TempDir,
}

/// What the program takes for now, so many minutes ago: what the tracker tells has to be of the time around the scans.
fn ago(minutes: i64) -> String {
    (Timestamp::now() - SignedDuration::from_mins(minutes)).to_string()
}

fn make(estate: &Estate, service: &str, options: &[&str]) {
    let labels = [
        "--label=plimsoll.environment=production",
        "--label=plimsoll.role=worker",
    ];
    let image = ["estate/busybox:1", "sleep", "600"];
    estate.create(service, &[options, &labels, &image].concat());
}

impl<'e> Company<'e> {
    fn new(folder: &'e tempfile::TempDir) -> Self {
        let engine = Engine::required();
        let estate = Estate::on(&engine);
        for service in ["api", "worker", "mailer"] {
            make(&estate, service, &[]);
        }
        let tracker = FakeYouTrack::new("CHG");
        let configuration = format!(
            "{}[[sources]]\nname = \"tracker\"\ncollector = \"youtrack\"\n[sources.settings]\naccounts = \"login\"\n{}{PEOPLE}",
            Plimsoll::docker_source(&engine.endpoint),
            tracker.settings(folder.path()),
        );
        Self {
            estate,
            tracker,
            plimsoll: Plimsoll::new(&configuration),
            _folder: folder,
        }
    }

    /// Sam asks for a change of a service.
    fn ask(&self, title: &str, service: &str) -> usize {
        let window = format!("{}/{}", ago(120), ago(-120));
        let text = format!(
            "System: {}\nEnvironment: production\nWindow: {window}\n",
            self.estate.name(service)
        );
        self.tracker.with(|tracker| {
            let at = tracker.at(&ago(60), "sam").open("CHG", title);
            tracker.describe(at, &text);
            at
        })
    }

    /// Somebody changes a service's container where it runs.
    fn by_hand(&self, service: &str, option: &str) {
        let name = self.estate.name(service);
        self.estate.engine.docker(["update", option, &name]);
    }

    fn explain(&self, change: &Value) -> String {
        let id = change["id"].to_string();
        self.plimsoll.run(&["changes", "explain", &id]).stdout
    }
}

#[test]
fn what_is_changed_by_hand_is_held_against_what_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let company = Company::new(&folder);
    let asked = company.ask("Restart the API by itself", "api");
    company
        .tracker
        .with(|tracker| tracker.at(&ago(50), "carol").state(asked, "Approved"));
    company.ask("Let the worker see the disks", "worker");
    let urgent = company.ask("Mails hang: restart the mailer by itself", "mailer");
    company.tracker.with(|tracker| {
        tracker.at(&ago(45), "sam").tag(urgent, "emergency");
        tracker.at(&ago(40), "carol").state(urgent, "Approved");
    });
    let first = company.plimsoll.scan();
    assert!(first.complete(), "{:?}", first.troubles());
    first.assert_changes(&[]);

    company.by_hand("api", "--restart=always");
    company.estate.remove("worker");
    make(&company.estate, "worker", &["--privileged"]);
    company.by_hand("mailer", "--restart=on-failure");
    let report = company.plimsoll.scan();
    assert!(report.complete(), "{:?}", report.troubles());
    let row = |service: &str| report.change(&company.estate.id("container", service));
    let verdict = |service: &str| (&row(service)["verdict"], &row(service)["request"]);
    assert_eq!(
        verdict("api"),
        (&json!("approved"), &json!("CHG-1")),
        "{:#}",
        row("api")
    );
    assert_eq!(
        row("worker")["verdict"],
        "unapproved",
        "{:#}",
        row("worker")
    );
    assert_eq!(
        verdict("mailer"),
        (&json!("pending"), &json!("CHG-3")),
        "{:#}",
        row("mailer")
    );
    assert_eq!(report.output.code, Some(10));
    let explained = company.explain(row("worker"));
    assert!(explained.contains("CHG-2"), "{explained}");

    // Looked at and signed off afterwards, with its cause, it is approved, and that it had to wait stays on record.
    company.tracker.with(|tracker| {
        tracker
            .at(&ago(0), "carol")
            .person(urgent, "Signed off by", "carol");
        tracker.text(urgent, "Root cause", "the queue was full");
    });
    let last = company.plimsoll.scan();
    assert!(last.complete(), "{:?}", last.troubles());
    // The drift that the worker's change brought still says what became of it.
    let worker = company.estate.id("container", "worker");
    let mut drifts = last.json["drifts"].as_array().unwrap().iter();
    let brought =
        drifts.find(|drift| drift["asset"] == worker && drift["control"] == "time-restricted");
    let brought = brought.unwrap();
    assert_eq!(
        (&brought["verdict"], &brought["request"]),
        (&json!("unapproved"), &json!("CHG-2")),
        "{brought:#}"
    );
    let explained = company.explain(row("mailer"));
    assert!(
        explained.contains("verdict: approved (CHG-3)") && explained.contains(": pending"),
        "{explained}"
    );

    println!("{}", company.plimsoll.run(&["changes"]).stdout);
    for service in ["api", "worker", "mailer"] {
        println!("{}", company.explain(row(service)));
    }
}
