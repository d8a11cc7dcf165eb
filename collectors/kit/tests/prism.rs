//! The second opinion has an opinion.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

// Under this name `tests/run` leaves them out, aloud, where the specifications are not there.
mod second_opinion {
    use plimsoll_kit::http::Client;
    use plimsoll_kit::testkit::prism::{Mode, prism};
    use plimsoll_kit::testkit::{FakeServer, run};

    #[test]
    fn a_request_that_the_specification_has_not_is_a_violation() {
        let prism = prism("fly", &Mode::Static);
        let client = Client::builder(prism.url()).build().unwrap();
        run(client.get("/apps?org_slug=acme")).unwrap();
        assert_eq!(prism.violations(), [] as [String; 0]);
        run(client.get("/apps")).unwrap_err();
        run(client.get("/no/such/path")).unwrap_err();
        let violations = prism.violations().join("\n");
        assert!(violations.contains("get /apps: "), "{violations}");
        assert!(violations.contains("org_slug"), "{violations}");
        assert!(violations.contains("get /no/such/path: "), "{violations}");
        let asked = ["get /apps", "get /apps", "get /no/such/path"];
        assert_eq!(prism.requests(), asked);
    }

    #[test]
    fn an_answer_that_the_specification_has_not_is_a_violation() {
        let server = FakeServer::on_loopback();
        server.json("/v1/apps", r#"{"apps":[{"name":5}]}"#);
        let upstream = format!("{}/v1", server.url());
        let prism = prism("fly", &Mode::Proxy(upstream));
        let client = Client::builder(prism.url()).build().unwrap();
        run(client.get("/apps?org_slug=acme")).unwrap();
        let violations = prism.violations();
        assert!(
            violations[0].contains("name must be string"),
            "{violations:?}"
        );
        assert_eq!(violations.len(), 1, "{violations:?}");
        assert_eq!(server.requests()[0].target(), "/v1/apps?org_slug=acme");
    }
}
