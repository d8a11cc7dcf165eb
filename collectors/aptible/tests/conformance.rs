//! What every collector holds to.

use plimsoll_aptible::REGISTRATION;
use plimsoll_aptible::testkit::{Estate, FakeAptible};
use plimsoll_kit::Registration;
use plimsoll_kit::testkit::conformance::Subject;
use plimsoll_kit::testkit::{Gate, Held, Input, Reply};
use serde_json::json;

struct Aptible;

fn clinic() -> (FakeAptible, Estate) {
    let (fake, estate) = FakeAptible::clinic();
    {
        let mut state = fake.state();
        state.execute(estate.app, "olive@example.com");
        state.tunnel(estate.database, "olive@example.com");
        state.database_endpoint(estate.database);
    }
    (fake, estate)
}

impl Subject for Aptible {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn healthy(&self) -> Input {
        clinic().0.into_input()
    }

    fn shuffled(&self) -> Input {
        let (fake, _) = clinic();
        fake.state().shuffled = true;
        fake.into_input()
    }

    fn broken_item(&self) -> (Input, Vec<String>) {
        let (fake, estate) = clinic();
        fake.state().row("services", estate.worker)["command"] = json!(["PLIMSOLL-MARKER-type"]);
        let touched = vec![format!("workload:aptible/{}", estate.worker)];
        (fake.into_input(), touched)
    }

    fn hanging(&self) -> Option<Held> {
        let (fake, estate) = clinic();
        let gate = Gate::new();
        let path = format!("/accounts/{}/services", estate.staging);
        let page = r#"{"total_count":0,"_embedded":{"services":[]}}"#;
        fake.then(&path, vec![Reply::json(page).stalled(10, &gate)]);
        Some(Held {
            input: fake.into_input(),
            gate,
        })
    }

    fn endless(&self) -> Input {
        let (fake, _) = clinic();
        let row = Reply::json(r#"{"x":"PLIMSOLL-MARKER-endless"},"#).endless();
        fake.then("/apps", vec![row.clone(), row]);
        fake.into_input()
    }

    fn absent(&self) -> Input {
        Input::new("token_file = \"/nonexistent/token\"\n")
    }

    fn bad_settings(&self) -> Vec<&'static str> {
        vec![
            "token_file = 5",
            "token_file = \"\"",
            "token_file = \"a\"\ntoken_variable = \"B\"",
            "api_url = \"api.aptible.com\"",
            "api_url = \"https://joe:PLIMSOLL-MARKER@there\"",
            "auth_url = \"http://there\"",
            "proxy = \"https://there/?PLIMSOLL-MARKER\"",
            "concurrency = 0",
            "timeout = \"1ms\"",
            "operations_since = \"1s\"",
            "operations_most = -1",
            "clock_reference = \"a\\nb\"",
        ]
    }
}

plimsoll_kit::conformance!(Aptible);
