//! Queries by POST: they read, or are not sent.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use plimsoll_kit::Right;
use plimsoll_kit::http::{Budget, Builder, Client, Error, NoQuery, Queried, Query, Retry, Secret};
use plimsoll_kit::testkit::{FakeServer, Gate, Reply, run};
use serde_json::{Value, json};

fn client(server: &FakeServer) -> Builder {
    let retry = Retry {
        attempts: 3,
        base: Duration::ZERO,
        ..Retry::default()
    };
    Client::builder(server.url())
        .retry(retry)
        .token(Secret::new("the test", "hunter2").unwrap())
        .graphql("/graphql")
}

fn ask(client: Builder) -> Result<Queried<Value>, Error> {
    let query =
        Query::new("query Apps($slug: String!) { organisation(slug: $slug) { name secrets } }")
            .unwrap();
    run(client.build()?.query(&query, &json!({"slug": "acme"})))
}

fn answering(body: &str) -> FakeServer {
    let server = FakeServer::on_loopback();
    server.route("POST", "/graphql", Reply::json(body));
    server
}

#[test]
fn a_query_is_posted_with_its_variables_to_its_one_path() {
    let server = answering(r#"{"data":{"a":1}}"#);
    let got = ask(client(&server)).unwrap();
    assert_eq!((got.data, got.errors.len()), (json!({"a": 1}), 0));
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].target(), "/graphql");
    assert_eq!(requests[0].header("authorization"), Some("Bearer hunter2"));
    assert_eq!(requests[0].header("content-type"), Some("application/json"));
    let asked = requests[0].graphql().unwrap();
    assert!(asked.only_reads());
    assert_eq!(
        (asked.operation.as_str(), asked.text_of("slug")),
        ("Apps", Some("acme"))
    );
}

#[test]
fn what_is_no_query_is_not_even_made() {
    assert_eq!(
        Query::new("mutation { deleteApp { id } }"),
        Err(NoQuery::Other)
    );
    let server = answering("{}");
    // A client that was given no path for queries sends none.
    let bare = Client::builder(server.url());
    let error = ask(bare).unwrap_err();
    assert!(matches!(error, Error::NoQuery(NoQuery::Path)), "{error}");
    for path in ["/x?y=z", "../graphql", "//elsewhere/x#f"] {
        let base = format!("{}/api", server.url());
        let built = Client::builder(&base).graphql(path).build();
        assert!(built.is_err(), "{path}");
    }
    assert_eq!(server.requests(), []);
}

#[test]
fn errors_in_a_200_are_seen_before_data() {
    let refused = r#"{"data":null,"errors":[{"message":"PLIMSOLL-MARKER","path":["organisation",0,"PLIMSOLL-MARKER"],"extensions":{"code":"UNAUTHORIZED"}}]}"#;
    let error = ask(client(&answering(refused))).unwrap_err();
    assert_eq!(error.right(), Right::Denied);
    let shown = format!("{error} {error:?}");
    assert!(
        shown.contains("/graphql: the query was not answered: UNAUTHORIZED at organisation"),
        "{shown}"
    );
    assert!(
        shown.contains("lacks the right") && !shown.contains("MARKER"),
        "{shown}"
    );

    let partly = r#"{"errors":[{"message":"x","path":["organisation","secrets"],"extensions":{"code":"PLIMSOLL-MARKER"}},7],"data":{"organisation":{"name":"a"}}}"#;
    let got = ask(client(&answering(partly))).unwrap();
    assert_eq!(got.data["organisation"]["name"], "a");
    assert_eq!(got.errors.len(), 2);
    assert!(!format!("{:?}", got.errors).contains("MARKER"));

    for odd in [
        r#"{"errors":{"a":1}}"#,
        r#"{"errors":"x","data":null}"#,
        r#"{"errors":[null]}"#,
    ] {
        let error = ask(client(&answering(odd))).unwrap_err();
        assert!(matches!(error, Error::Query { .. }), "{odd}: {error}");
    }
    for fine in [
        r#"{"errors":null,"data":1}"#,
        r#"{"errors":[],"data":1}"#,
        r#"{"data":1}"#,
    ] {
        assert!(
            ask(client(&answering(fine))).unwrap().errors.is_empty(),
            "{fine}"
        );
    }
    for broken in ["", "[]", "{\"data\":", "<html>PLIMSOLL-MARKER"] {
        let error = ask(client(&answering(broken))).unwrap_err();
        assert!(matches!(error, Error::NotJson { .. }), "{broken}: {error}");
        assert!(!format!("{error:?}").contains("MARKER"));
    }
}

#[test]
fn it_shares_retry_cap_and_guard_with_get() {
    let server = FakeServer::on_loopback();
    let turn = AtomicUsize::new(0);
    server.handle(move |_| {
        let replies = [
            Reply::status(429).header("Retry-After", "0"),
            Reply::status(503),
        ];
        let turn = turn.fetch_add(1, Ordering::SeqCst);
        Some(
            replies
                .get(turn)
                .cloned()
                .unwrap_or(Reply::json(r#"{"data":1}"#)),
        )
    });
    assert_eq!(ask(client(&server)).unwrap().data, 1);
    assert_eq!(server.requests().len(), 3);

    let error = ask(client(&answering(&"x".repeat(101))).most_bytes(100)).unwrap_err();
    assert!(matches!(error, Error::TooLong { most: 100, .. }), "{error}");

    // Wherever it is sent on to, it does not go there.
    let server = FakeServer::on_loopback();
    for status in [301, 302, 307, 308] {
        let reply = Reply::status(status).header("Location", "/other");
        server.route("POST", "/graphql", reply);
        let error = ask(client(&server)).unwrap_err();
        assert!(matches!(error, Error::Redirected { .. }), "{error}");
    }
    assert!(
        server
            .requests()
            .iter()
            .all(|request| request.path == "/graphql")
    );
}

#[test]
fn no_more_are_under_way_than_allowed_and_clones_count_together() {
    let server = FakeServer::on_loopback();
    let gate = Gate::new();
    server.handle({
        let gate = gate.clone();
        move |_| Some(Reply::json("1").held(&gate))
    });
    let client = Client::builder(server.url())
        .concurrency(2)
        .build()
        .unwrap();
    let other = client.paced(&Budget::unlimited());
    let done = Arc::new(AtomicUsize::new(0));
    run(async {
        let mut tasks = Vec::new();
        for at in 0..6 {
            let client = if at % 2 == 0 {
                client.clone()
            } else {
                other.clone()
            };
            let done = Arc::clone(&done);
            tasks.push(tokio::spawn(async move {
                client.get("/x").await.unwrap();
                done.fetch_add(1, Ordering::SeqCst);
            }));
        }
        gate.reached().await;
        gate.reached().await;
        assert_eq!(server.requests().len(), 2);
        gate.open();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(done.load(Ordering::SeqCst), 6);
    assert_eq!(server.requests().len(), 6);
}
