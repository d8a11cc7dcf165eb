//! The conformance suite over a fake GitLab.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

use common::estate;
use plimsoll_gitlab::REGISTRATION;
use plimsoll_gitlab::testkit::{FakeGitlab, token_settings};
use plimsoll_kit::Registration;
use plimsoll_kit::testkit::conformance::Subject;
use plimsoll_kit::testkit::{Gate, Held, Input, Reply};

struct Gitlab;

fn input(fake: FakeGitlab) -> Input {
    let folder = tempfile::tempdir().unwrap();
    let settings = format!("{}issues = true\n", fake.settings(folder.path()));
    Input::new(settings)
        .with_server(fake.into_server())
        .with_folder(folder)
}

impl Subject for Gitlab {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn healthy(&self) -> Input {
        input(estate())
    }

    fn shuffled(&self) -> Input {
        let fake = estate();
        fake.with(|gitlab| gitlab.shuffled = true);
        input(fake)
    }

    fn broken_item(&self) -> (Input, Vec<String>) {
        let fake = estate();
        fake.with(|gitlab| gitlab.of(1).notes[0]["id"] = "PLIMSOLL-MARKER-type".into());
        (input(fake), vec!["acme/infra!1".into()])
    }

    fn hanging(&self) -> Option<Held> {
        let (fake, gate) = (estate(), Gate::new());
        let reply = Reply::json("[]").stalled(1, &gate);
        fake.server().handle(move |request| {
            let held = request.path.ends_with("/notes");
            held.then(|| reply.clone())
        });
        Some(Held {
            input: input(fake),
            gate,
        })
    }

    fn endless(&self) -> Input {
        let fake = estate();
        let reply = Reply::json(r#"{"body":"PLIMSOLL-MARKER-endless"},"#).endless();
        fake.server()
            .handle(move |request| request.path.ends_with("/notes").then(|| reply.clone()));
        input(fake)
    }

    fn absent(&self) -> Input {
        let folder = tempfile::tempdir().unwrap();
        let token = token_settings(folder.path());
        let settings = format!(
            "{token}projects = [\"acme/infra\"]\napi_url = \"http://127.0.0.1:1/api/v4\"\n"
        );
        Input::new(settings).with_folder(folder)
    }

    fn bad_settings(&self) -> Vec<&'static str> {
        vec![
            "",
            "projects = []",
            "projects = [\"a\"]",
            "projects = [\"a/../b\"]",
            "projects = [\"a/b\", \"a/b\"]",
            "projects = [\"a/b\"]\ntoken_file = 5",
            "projects = [\"a/b\"]\ntoken_file = \"a\"\ntoken_variable = \"b\"",
            "projects = [\"a/b\"]\napi_url = \"https://joe:PLIMSOLL-MARKER@there\"",
            "projects = [\"a/b\"]\nproxy = \"PLIMSOLL-MARKER\"",
            "projects = [\"a/b\"]\nbranches = 1",
            "projects = [\"a/b\"]\nenvironments = 1",
            "projects = [\"a/b\"]\nconcurrency = 0",
            "projects = [\"a/b\"]\ntimeout = \"1ms\"",
            "projects = [\"a/b\"]\noverlap = \"1s\"",
            "projects = [\"a/b\"]\nchecks = \"yes\"",
            "projects = [\"a/b\"]\naccounts = \"mail\"",
            "projects = [\"a/b\"]\n[sign_offs]\na = \"blessed\"",
            "projects = [\"a/b\"]\n[words]\nsystem = 1",
        ]
    }
}

plimsoll_kit::conformance!(Gitlab);
