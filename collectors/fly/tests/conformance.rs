//! The conformance suite over a fake Fly.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

use plimsoll_fly::REGISTRATION;
use plimsoll_fly::testkit::{FakeFly, Fault, urls};
use plimsoll_kit::testkit::conformance::Subject;
use plimsoll_kit::testkit::{Gate, Held, Input, Reply};
use plimsoll_kit::{Limits, Registration};
use serde_json::json;

struct Fly;

fn estate() -> FakeFly {
    let fake = FakeFly::new("acme");
    fake.with(|fly| {
        let services = json!([{"protocol": "tcp", "internal_port": 8080, "autostop": "stop", "ports": [
            {"port": 80, "handlers": ["http"], "force_https": true}, {"port": 443, "handlers": ["tls", "http"]}]}]);
        for app in ["shop", "blog"] {
            fly.launch(app);
            fly.scale(app, "web", 3, services.clone());
            fly.scale(app, "worker", 1, json!([]));
            fly.mount(app, 3, true);
            fly.deploy(app, "aa", "anna@example.com");
            fly.address(app, "66.241.124.1", true);
            fly.certificate(app, &format!("{app}.example.com"));
            fly.certificate(app, &format!("*.{app}.example.com"));
            fly.set_secret(app, "DATABASE_URL", "d1", "ben@example.com");
        }
        fly.edit("shop", 0, |config| config["env"]["MODE"] = "PLIMSOLL-MARKER-mode".into());
        fly.page = 3;
        fly.empty_pages = true;
    });
    fake
}

fn input(fake: FakeFly) -> Input {
    let folder = tempfile::tempdir().unwrap();
    let settings = fake.settings(folder.path());
    Input::new(settings)
        .with_server(fake.into_server())
        .with_folder(folder)
}

impl Subject for Fly {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn healthy(&self) -> Input {
        input(estate())
    }

    fn shuffled(&self) -> Input {
        let fake = estate();
        fake.with(|fly| fly.shuffled = true);
        input(fake)
    }

    fn broken_item(&self) -> (Input, Vec<String>) {
        let fake = estate();
        fake.with(|fly| {
            fly.app("shop").machines[3].json["config"]["services"] = "PLIMSOLL-MARKER-type".into();
        });
        (input(fake), vec!["workload:fly/shop/worker".into()])
    }

    fn hanging(&self) -> Option<Held> {
        let (fake, gate) = (estate(), Gate::new());
        let reply = Reply::json("[]").stalled(1, &gate);
        fake.server().handle(move |request| {
            let held = request.path == "/v1/apps/shop/machines";
            held.then(|| reply.clone())
        });
        let input = input(fake);
        Some(Held { input, gate })
    }

    fn endless(&self) -> Input {
        let fake = estate();
        let reply = Reply::json(r#"{"name":"PLIMSOLL-MARKER-endless"},"#).endless();
        fake.server()
            .handle(move |request| (request.path == "/v1/apps").then(|| reply.clone()));
        input(fake)
    }

    fn absent(&self) -> Input {
        let folder = tempfile::tempdir().unwrap();
        let token = plimsoll_fly::testkit::token_settings(folder.path());
        let nowhere = urls("http://127.0.0.1:1", "http://127.0.0.1:1/v1");
        Input::new(format!("{token}{nowhere}")).with_folder(folder)
    }

    fn bad_settings(&self) -> Vec<&'static str> {
        vec![
            "token_file = 5",
            "token_file = \"a\"\ntoken_variable = \"b\"",
            "token_variable = \"\"",
            "organisations = [\"a/b\"]",
            "organisations = 1",
            "machines_url = \"https://joe:PLIMSOLL-MARKER@there\"",
            "graphql_url = \"PLIMSOLL-MARKER\"",
            "rest_url = 1",
            "metadata = [1]",
            "releases = 0",
            "closely = -1",
            "concurrency = 0",
            "timeout = \"1ms\"",
            "pace = \"PLIMSOLL\"",
        ]
    }

    fn tight(&self) -> Limits {
        Limits {
            bytes: 64 << 10,
            ..Limits::default()
        }
    }
}

plimsoll_kit::conformance!(Fly);

#[test]
fn a_fault_is_of_use_to_nobody_else() {
    // The fake itself: a fault ends after so many times.
    let fake = estate();
    fake.fail("/v1/apps?", Fault::Status(500), 1);
    let folder = tempfile::tempdir().unwrap();
    let collector =
        plimsoll_kit::testkit::build(&REGISTRATION, &fake.settings(folder.path())).unwrap();
    let context = plimsoll_kit::testkit::context("fly");
    let harvest =
        || plimsoll_kit::testkit::run(plimsoll_kit::testkit::harvest(&*collector, &context));
    assert!(!harvest().scopes[0].complete);
    assert!(harvest().scopes.iter().all(|scope| scope.complete));
}
