//! The conformance suite over a fake Jira.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

use plimsoll_jira::REGISTRATION;
use plimsoll_jira::testkit::{FakeJira, token};
use plimsoll_kit::Registration;
use plimsoll_kit::testkit::conformance::Subject;
use plimsoll_kit::testkit::{Gate, Held, Input, Reply};
use serde_json::json;

struct Jira;

const RULES: &str =
    "development = [\"GitHub\"]\n[[sign_offs]]\ncomment = \"Reviewed\"\nkind = \"reviewed\"\n";

fn projects() -> FakeJira {
    let fake = FakeJira::cloud("OPS");
    fake.with(|jira| {
        jira.projects.insert("NET".to_owned(), "service_desk".to_owned());
        jira.at("2026-01-10T08:00:00Z");
        for project in ["OPS", "NET"] {
            for title in ["Open a port", "Resize", "Restart", "Renew"] {
                let key = jira.open(project, title, "ann");
                jira.labels(&key, &["net", "aa"], "ann");
                jira.to(&key, "Awaiting CAB", "ann");
                jira.ask(&key, "CAB", &["kim", "lee"]);
                jira.answer(&key, "CAB", true, "kim", Some("Approved"));
                jira.comment(&key, "Reviewed: PLIMSOLL-MARKER-comment", "kim");
                jira.edit(&key, "Root cause", "PLIMSOLL-MARKER-cause", "bob");
                jira.link_to(&key, "https://joe:PLIMSOLL-MARKER@github.com/acme/infra/pull/4?token=PLIMSOLL-MARKER", "ann");
                jira.link_to(&key, "https://github.com/acme/infra/pull/5", "ann");
            }
            jira.link(&format!("{project}-1"), &format!("{project}-2"), "ann");
            jira.link(&format!("{project}-1"), &format!("{project}-3"), "ann");
        }
        jira.page = 3;
    });
    fake
}

fn input(fake: FakeJira) -> Input {
    let folder = tempfile::tempdir().unwrap();
    let settings = format!("{}{RULES}", fake.settings(folder.path()));
    Input::new(settings)
        .with_server(fake.into_server())
        .with_folder(folder)
}

impl Subject for Jira {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn healthy(&self) -> Input {
        input(projects())
    }

    fn shuffled(&self) -> Input {
        let fake = projects();
        fake.with(|jira| jira.shuffled = true);
        input(fake)
    }

    fn broken_item(&self) -> (Input, Vec<String>) {
        let fake = projects();
        fake.with(|jira| {
            let spoiled = &mut jira.issue("OPS-2").spoiled;
            spoiled.insert(".fields".to_owned(), json!("PLIMSOLL-MARKER-type"));
        });
        (input(fake), vec!["OPS-2".into()])
    }

    fn hanging(&self) -> Option<Held> {
        let (fake, gate) = (projects(), Gate::new());
        let reply = Reply::json("{}").stalled(1, &gate);
        fake.server()
            .handle(move |request| request.path.ends_with("/changelog").then(|| reply.clone()));
        let input = input(fake);
        Some(Held { input, gate })
    }

    fn endless(&self) -> Input {
        let fake = projects();
        let reply = Reply::json(r#"{"issues":[{"key":"PLIMSOLL-MARKER-endless"},"#).endless();
        fake.server()
            .handle(move |request| request.path.ends_with("/search/jql").then(|| reply.clone()));
        input(fake)
    }

    fn absent(&self) -> Input {
        let folder = tempfile::tempdir().unwrap();
        let token = token(folder.path());
        let settings = format!("url = \"http://127.0.0.1:1\"\nprojects = [\"OPS\"]\n{token}");
        Input::new(settings).with_folder(folder)
    }

    fn bad_settings(&self) -> Vec<&'static str> {
        vec![
            "url = \"https://jira.example\"",
            "projects = [\"OPS\"]",
            "url = 5\nprojects = [\"OPS\"]",
            "url = \"https://joe:PLIMSOLL-MARKER@there\"\nprojects = [\"OPS\"]",
            "url = \"https://jira.example\"\nprojects = []",
            "url = \"https://jira.example\"\nprojects = [\"ops \\\" OR 1=1\"]",
            "url = \"https://jira.example\"\nprojects = [\"OPS\"]\ntoken_file = \"a\"\ntoken_variable = \"b\"",
            "url = \"https://jira.example\"\nprojects = [\"OPS\"]\nproduct = \"server\"",
            "url = \"https://jira.example\"\nprojects = [\"OPS\"]\nremote_links = \"yes\"",
            "url = \"https://jira.example\"\nprojects = [\"OPS\"]\n[fields]\nemergency = [\"Change type\"]",
            "url = \"https://jira.example\"\nprojects = [\"OPS\"]\n[statuses]\napproved = [\"Approved\"]",
            "url = \"https://jira.example\"\nprojects = [\"OPS\"]\n[[approvals]]\nkind = \"security\"",
            "url = \"https://jira.example\"\nprojects = [\"OPS\"]\n[[approvals]]\nlabel = \"x\"\nfrom = \"y\"",
            "url = \"https://jira.example\"\nprojects = [\"OPS\"]\n[[sign_offs]]\nlabel = \"x\"\nkind = \"blessed\"",
            "url = \"https://jira.example\"\nprojects = [\"OPS\"]\nfields = 5",
        ]
    }
}

plimsoll_kit::conformance!(Jira);
