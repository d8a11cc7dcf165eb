//! What every collector holds to.

use plimsoll_github::REGISTRATION;
use plimsoll_github::testkit::{FakeGithub, Fault, token_settings, urls};
use plimsoll_kit::Registration;
use plimsoll_kit::testkit::conformance::Subject;
use plimsoll_kit::testkit::{FakeServer, Gate, Held, Input, Reply};

const MORE: &str = "issues = true\nbranches = [\"main\", \"prod\"]\n[approvals]\napproved = \"\"\n";

struct Github;

fn house() -> FakeGithub {
    let fake = FakeGithub::new("acme/infra");
    fake.with(|hub| {
        hub.protect("main", 1, &["ci", "lint"]);
        hub.rule("prod", 2, &["ci", "lint"]);
        for base in ["main", "prod", "dev"] {
            let body = "System: api\nFixes #7 PLIMSOLL-MARKER-body";
            let number = hub.open("ida", "OPS-17 Pool", body, "pool", base);
            hub.review(number, "raj", "CHANGES_REQUESTED");
            hub.push(number, "ida");
            let review = hub.review(number, "kim", "APPROVED");
            hub.dismiss(number, review, "raj");
            hub.review(number, "nora", "APPROVED");
            hub.label(number, "ida", "security");
            hub.label(number, "ida", "database");
            hub.edit(number, "ida", "System: api\nPLIMSOLL-MARKER-edited");
            let head = hub.head(number);
            hub.check(&head, "ci", "success");
            hub.check(&head, "lint", "success");
            let merge = hub.merge(number, "nora", "pass");
            hub.check(&merge, "ci", "success");
            hub.status(&merge, "deploy", "success");
            hub.status(&merge, "smoke", "pending");
        }
        let issue = hub.ask("lee", "A port", "PLIMSOLL-MARKER-issue");
        hub.label(issue, "nora", "approved");
        hub.page = 2;
    });
    fake
}

impl Subject for Github {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn healthy(&self) -> Input {
        house().into_input(MORE)
    }

    fn shuffled(&self) -> Input {
        let fake = house();
        fake.with(|hub| hub.shuffled = true);
        fake.into_input(MORE)
    }

    fn broken_item(&self) -> (Input, Vec<String>) {
        let fake = house();
        let odd = r#"{"name":["PLIMSOLL-MARKER-type"],"protected":true}"#;
        fake.fail("/branches/prod", Fault::Instead(odd.to_owned()), 1);
        (fake.into_input(MORE), vec!["branch:github/7/prod".into()])
    }

    fn hanging(&self) -> Option<Held> {
        let (fake, gate) = (house(), Gate::new());
        let reply = Reply::json("[]").stalled(1, &gate);
        fake.server().handle(move |request| {
            let held = request.path.ends_with("/pulls/1/reviews");
            held.then(|| reply.clone())
        });
        let input = fake.into_input(MORE);
        Some(Held { input, gate })
    }

    fn endless(&self) -> Input {
        let fake = house();
        let reply = Reply::json(r#"{"number":"PLIMSOLL-MARKER-endless"},"#).endless();
        fake.server()
            .handle(move |request| request.path.ends_with("/timeline").then(|| reply.clone()));
        fake.into_input(MORE)
    }

    /// A server that knows no repository.
    fn absent(&self) -> Input {
        let folder = tempfile::tempdir().expect("a folder");
        let server = FakeServer::on_loopback();
        let token = token_settings(folder.path());
        let urls = urls(server.url());
        Input::new(format!("repositories = [\"acme/infra\"]\n{token}{urls}"))
            .with_server(server)
            .with_folder(folder)
    }

    fn bad_settings(&self) -> Vec<&'static str> {
        vec![
            "",
            "repositories = []",
            "repositories = [\"infra\"]",
            "repositories = \"a/b\"\ntoken_file = 5",
            "repositories = \"a/b\"\ntoken_file = \"a\"\ntoken_variable = \"B\"",
            "repositories = \"a/b\"\ntoken_variable = \"\"",
            "repositories = \"a/b\"\napi_url = \"https://joe:PLIMSOLL-MARKER@there\"",
            "repositories = \"a/b\"\ngraphql_url = \"PLIMSOLL-MARKER\"",
            "repositories = \"a/b\"\nproxy = 1",
            "repositories = \"a/b\"\nconcurrency = 0",
            "repositories = \"a/b\"\ntimeout = \"1ms\"",
            "repositories = \"a/b\"\nlongest_wait = \"2h\"",
            "repositories = \"a/b\"\noverlap = \"1s\"",
            "repositories = \"a/b\"\naccounts = \"email\"",
            "repositories = \"a/b\"\nissues = \"yes\"",
            "repositories = \"a/b\"\n[approvals]\napproved = 1",
            "repositories = \"a/b\"\n[sign_offs]\ndone = \"somehow\"",
            "repositories = \"a/b\"\n[words]\nsystem = [\"a:b\"]",
        ]
    }
}

plimsoll_kit::conformance!(Github);
