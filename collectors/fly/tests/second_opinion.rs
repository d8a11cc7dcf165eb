//! The vendor's own specification and schema have the last word on what is sent, and on what has to be understood.
//!
//! `tests/run` provides what this needs; without it these tests fail and say what is missing.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

// Under this name `tests/run` leaves them out, aloud, where the specifications are not there.
mod second_opinion {
    use std::process::Command;

    use plimsoll_fly::REGISTRATION;
    use plimsoll_fly::testkit::{FakeFly, token_settings, urls};
    use plimsoll_kit::Harvest;
    use plimsoll_kit::testkit::prism::{Mode, Prism, prism, provided};
    use plimsoll_kit::testkit::{build, context, harvest, render, run};
    use serde_json::json;

    const SPEC: &str = "fly";
    const QUERY: &str = include_str!("../src/queries/attribution.graphql");

    /// Every path that the specification has of those that are read.
    const CALLS: &[&str] = &[
        "get /tokens/current",
        "get /apps",
        "get /platform/regions",
        "get /orgs/acme/machines",
        "get /orgs/acme/volumes",
        "/machines",
        "/ip_assignments",
        "/certificates",
        "/certificates/",
        "/secrets",
        "/snapshots",
    ];

    fn estate() -> FakeFly {
        let fake = FakeFly::new("acme");
        fake.with(|fly| {
        fly.launch("shop");
        let services = json!([{"protocol": "tcp", "internal_port": 8080, "autostop": "stop", "ports": [
            {"port": 80, "handlers": ["http"], "force_https": true}, {"port": 443, "handlers": ["tls", "http"], "tls_options": {"versions": ["TLSv1.3"]}}]}]);
        fly.scale("shop", "web", 3, services);
        fly.mount("shop", 0, true);
        fly.deploy("shop", "one", "anna@example.com");
        fly.address("shop", "2001:db8::1", false);
        fly.certificate("shop", "*.example.com");
        fly.certificate("shop", "shop.example.com");
        fly.set_secret("shop", "DATABASE_URL", "d1", "ben@example.com");
        fly.launch("empty");
        (fly.page, fly.empty_pages) = (2, true);
    });
        fake
    }

    /// Reads and checks, with the machines' interface at one URL and the others at a fake.
    fn read(machines: &str, fake: &FakeFly, more: &str) -> Harvest {
        let folder = tempfile::tempdir().unwrap();
        let token = token_settings(folder.path());
        let settings = format!("{token}{}{more}", urls(fake.server().url(), machines));
        let collector = build(&REGISTRATION, &settings).unwrap();
        run(async {
            collector.check(&context("fly")).await;
            harvest(&*collector, &context("fly")).await
        })
    }

    fn asked(prism: &Prism, calls: &[&str]) {
        let requests = prism.requests();
        for call in calls {
            let found = requests.iter().any(|request| {
                request == call
                    || (call.starts_with('/') && {
                        let at = request.rfind(call).map(|at| &request[at + call.len()..]);
                        at.is_some_and(|rest| rest.is_empty() != call.ends_with('/'))
                    })
            });
            assert!(found, "{call} was not asked for: {requests:?}");
        }
    }

    #[test]
    fn every_request_and_every_answer_of_the_fake_is_as_the_specification_has_it() {
        let fake = estate();
        let upstream = format!("{}/v1", fake.server().url());
        let prism = prism(SPEC, &Mode::Proxy(upstream));
        let read_through = read(prism.url(), &fake, "");
        assert_eq!(prism.violations(), [""; 0]);
        asked(&prism, CALLS);
        let straight = read(&format!("{}/v1", fake.server().url()), &fake, "");
        assert_eq!(render(&read_through), render(&straight));
        assert!(straight.scopes.iter().all(|scope| scope.complete));
    }

    #[test]
    fn every_answer_that_the_specification_allows_is_read() {
        let seeds = [1, 2, 3].map(Mode::Dynamic);
        for mode in [Mode::Static].into_iter().chain(seeds) {
            let fake = FakeFly::new("acme");
            let prism = prism(SPEC, &mode);
            let harvest = read(prism.url(), &fake, "organisations = [\"acme\"]");
            // What Prism makes up itself is not always as the specification has it, and it says so of itself.
            let mut ours = prism.violations();
            ours.retain(|what| !what.contains("Violation: response."));
            assert_eq!(ours, [""; 0], "{mode:?}");
            let calls = if mode == Mode::Static {
                CALLS
            } else {
                &CALLS[..5]
            };
            asked(&prism, calls);
            let scope = harvest
                .scopes
                .iter()
                .find(|scope| scope.scope.starts_with("organisation/"))
                .unwrap();
            let troubles = scope.troubles.iter().map(|trouble| trouble.what.as_str());
            let lost: Vec<_> = troubles
                .filter(|what| {
                    ["shape", "no JSON", "no list", "left out", "in the middle"]
                        .iter()
                        .any(|word| what.contains(word))
                })
                .collect();
            assert!(lost.is_empty(), "{mode:?}: {lost:?}");
            for kind in kinds(&mode) {
                assert!(
                    harvest.assets.iter().any(|asset| asset.kind == *kind),
                    "{mode:?}: no {kind}"
                );
            }
        }
    }

    /// What is in an answer of everything once; of what is made up, only the organisation is sure.
    fn kinds(mode: &Mode) -> &'static [&'static str] {
        match mode {
            Mode::Static => &[
                "organisation",
                "network",
                "app",
                "workload",
                "volume",
                "address",
                "certificate",
                "dns-name",
            ],
            _ => &["organisation"],
        }
    }

    /// What the vendor's schema says of a query: nothing where it is a right one.
    fn validate(query: &str) -> String {
        let schema = provided(
            "PLIMSOLL_TEST_SPECS",
            "the folder of vendors' specifications",
        );
        let schema = schema.join("fly.schema.graphql");
        let modules = provided("PLIMSOLL_TEST_NODE_MODULES", "the npm package graphql");
        let script = "const { buildSchema, parse, validate } = require(process.argv[1] + '/graphql');
        const schema = buildSchema(require('fs').readFileSync(process.argv[2], 'utf8'), { assumeValid: true });
        console.log(validate(schema, parse(process.argv[3])).map(String).join('\\n'));";
        let output = Command::new("node")
            .arg("-e")
            .arg(script)
            .arg(modules)
            .arg(&schema)
            .arg(query)
            .output();
        let output = output.unwrap_or_else(|error| panic!("node is missing: {error}"));
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(output.status.success(), "{err}");
        out.trim().to_owned()
    }

    #[test]
    fn the_query_is_one_of_the_vendors_schema() {
        assert_eq!(validate(QUERY), "");
        let wrong = QUERY.replace("digest createdAt", "digest value createdAt");
        let said = validate(&wrong);
        assert!(said.contains("Cannot query field \"value\""), "{said}");
    }
}
