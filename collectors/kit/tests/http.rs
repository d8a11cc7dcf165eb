//! The reading client against a server that misbehaves.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use plimsoll_kit::Right;
use plimsoll_kit::http::{Builder, Client, Error, Retry, Secret};
use plimsoll_kit::testkit::{FakeServer, Gate, Reply, run};

/// Attempts without waits between them.
fn at_once(attempts: u32) -> Retry {
    Retry {
        attempts,
        base: Duration::ZERO,
        ..Retry::default()
    }
}

fn client(server: &FakeServer) -> Builder {
    Client::builder(server.url())
        .retry(at_once(3))
        .token(Secret::new("the test", "hunter2").unwrap())
}

fn get(client: Builder, target: &str) -> Result<String, Error> {
    let client = client.build()?;
    let answer = run(client.get(target))?;
    Ok(String::from_utf8_lossy(answer.body()).into_owned())
}

/// A server that answers a path with each of some replies in turn, the last one for ever.
fn in_turn(replies: Vec<Reply>) -> FakeServer {
    let server = FakeServer::on_loopback();
    let turn = AtomicUsize::new(0);
    server.handle(move |_| {
        let turn = turn.fetch_add(1, Ordering::SeqCst);
        replies.get(turn).or(replies.last()).cloned()
    });
    server
}

#[test]
fn a_refusal_with_a_budget_at_zero_is_a_limit() {
    let at = |seconds: &str| {
        Reply::status(403)
            .header("Date", "Fri, 15 Jan 2027 08:00:00 GMT")
            .header("X-RateLimit-Remaining", "0")
            .header("X-RateLimit-Reset", seconds)
    };
    let server = in_turn(vec![at("1800003600")]);
    let error = get(client(&server), "/x").unwrap_err();
    assert!(
        matches!(&error, Error::Wait { asked, .. } if asked.as_secs() == 3601),
        "{error}"
    );
    let refused = Reply::status(403).header("X-RateLimit-Remaining", "4999");
    let server = in_turn(vec![refused.header("X-RateLimit-Reset", "1800003600")]);
    let error = get(client(&server), "/x").unwrap_err();
    assert_eq!((error.right(), server.requests().len()), (Right::Denied, 1));
}

#[test]
fn asks_again_when_it_may_help() {
    for fault in [
        Reply::status(429),
        Reply::status(502),
        Reply::status(503).header("Retry-After", "0"),
        // A limit that is told by the status of a refusal.
        Reply::status(403).header("Retry-After", "0"),
        Reply::status(504),
        Reply::reset(),
        Reply::json("{\"whole\": true}").truncated(4),
    ] {
        let server = in_turn(vec![fault.clone(), fault.clone(), Reply::json("{}")]);
        assert_eq!(get(client(&server), "/x").unwrap(), "{}", "{fault:?}");
        assert_eq!(server.requests().len(), 3);
    }
}

#[test]
fn gives_up_when_it_does_not_help() {
    let server = in_turn(vec![Reply::status(503)]);
    let error = get(client(&server), "/x").unwrap_err();
    assert_eq!((error.status(), server.requests().len()), (Some(503), 3));
    for status in [400, 401, 403, 404, 410, 500] {
        let server = in_turn(vec![Reply::json("PLIMSOLL-MARKER").with_status(status)]);
        let error = get(client(&server), "/x?key=PLIMSOLL-MARKER").unwrap_err();
        assert_eq!((error.status(), server.requests().len()), (Some(status), 1));
        let right = if matches!(status, 401 | 403) {
            Right::Denied
        } else {
            Right::Unreachable
        };
        assert_eq!(error.right(), right);
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains("MARKER") && !shown.contains("hunter2"),
            "{shown}"
        );
        assert!(
            shown.contains(&format!("GET {}/x: status {status}", server.url())),
            "{shown}"
        );
    }
}

#[test]
fn waits_no_longer_than_is_allowed() {
    let long = Reply::status(429)
        .header("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
        .header("Retry-After", "Sun, 06 Nov 1994 09:49:37 GMT");
    let server = in_turn(vec![long]);
    let error = get(client(&server), "/x").unwrap_err();
    assert!(
        matches!(error, Error::Wait { asked, .. } if asked.as_secs() == 3600),
        "{error}"
    );
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn reads_up_to_the_cap() {
    let server = FakeServer::on_loopback();
    server
        .json("/just", &"x".repeat(1000))
        .json("/over", &"x".repeat(1001));
    server.route("GET", "/endless", Reply::json("x").endless());
    let client = || client(&server).most_bytes(1000);
    assert_eq!(get(client(), "/just").unwrap().len(), 1000);
    for target in ["/over", "/endless"] {
        let error = get(client(), target).unwrap_err();
        assert!(
            matches!(error, Error::TooLong { most: 1000, .. }),
            "{error}"
        );
    }
    assert!(!server.overran());
}

#[test]
fn every_wait_has_an_end() {
    let server = FakeServer::on_loopback();
    let gate = Gate::new();
    server.route("GET", "/held", Reply::json("{}").held(&gate));
    server.route(
        "GET",
        "/stalled",
        Reply::json("{\"a\": 1}").stalled(3, &gate),
    );
    for target in ["/held", "/stalled"] {
        let error = get(client(&server).timeout(Duration::from_millis(50)), target).unwrap_err();
        assert!(matches!(error, Error::TimedOut { .. }), "{error}");
    }
    gate.open();
    assert_eq!(get(client(&server), "/stalled").unwrap(), "{\"a\": 1}");
}

#[test]
fn a_token_stays_with_its_origin() {
    let (home, other) = (FakeServer::on_loopback(), FakeServer::on_loopback());
    let away = format!("{}/x", other.url());
    home.route(
        "GET",
        "/near",
        Reply::status(302).header("Location", "/there"),
    )
    .route("GET", "/far", Reply::status(307).header("Location", &away))
    .route(
        "GET",
        "/round",
        Reply::status(302).header("Location", "/round"),
    )
    .json("/there", "1");
    other.json("/x", "2");

    assert_eq!(get(client(&home), "/near").unwrap(), "1");
    for target in ["/far", "/round"] {
        let error = get(client(&home), target).unwrap_err();
        assert!(matches!(error, Error::Redirected { .. }), "{error}");
    }
    let error = get(client(&home), &away).unwrap_err();
    assert!(matches!(error, Error::Host(_)), "{error}");
    assert_eq!(other.requests(), []);

    assert_eq!(get(client(&home).allow(other.url()), &away).unwrap(), "2");
    assert_eq!(other.requests()[0].header("authorization"), None);
    assert!(
        home.requests()
            .iter()
            .all(|r| r.header("authorization") == Some("Bearer hunter2"))
    );
}

#[test]
fn reads_page_by_page() {
    let server = FakeServer::on_loopback();
    let next = |page| format!("<{}/v1/apps?page={page}>; rel=\"next\"", server.url());
    server
        .route("GET", "/v1/apps", Reply::json("1").header("Link", &next(2)))
        .route(
            "GET",
            "/v1/apps?page=2",
            Reply::json("2").header("Link", &next(3)),
        )
        .route("GET", "/v1/apps?page=3", Reply::json("3"))
        .route(
            "GET",
            "/v1/ring",
            Reply::json("1").header("Link", "</v1/ring>; rel=next"),
        )
        .route(
            "GET",
            "/v1/torn",
            Reply::json("1").header("Link", "</v1/torn?page=2>; rel=\"ne"),
        );
    let base = format!("{}/v1", server.url());
    let client = Client::builder(&base).build().unwrap();
    let numbers = run(async {
        let mut pages = client.pages("/apps");
        let mut numbers = Vec::new();
        while let Some(page) = pages.next().await.unwrap() {
            numbers.push(page.json::<u32>().unwrap());
        }
        let error = client.pages("/ring").next().await.unwrap_err();
        assert!(matches!(error, Error::Paging { .. }), "{error}");
        // An end that cannot be read is none.
        let error = client.pages("/torn").next().await.unwrap_err();
        assert!(error.to_string().contains("cannot be read"), "{error}");
        numbers
    });
    assert_eq!(numbers, [1, 2, 3]);
}

#[test]
fn what_is_no_json_is_not_repeated() {
    let server = FakeServer::on_loopback();
    server.json("/wrong", "{\"size\": \"PLIMSOLL-MARKER\"}");
    let client = client(&server).build().unwrap();
    #[derive(Debug, serde::Deserialize)]
    struct Sized {
        #[expect(dead_code, reason = "only its type matters")]
        size: u32,
    }
    let error = run(client.json::<Sized>("/wrong")).unwrap_err();
    assert!(error.to_string().contains("another shape"), "{error}");
    assert!(!format!("{error:?}").contains("MARKER"), "{error:?}");
}

#[test]
fn what_cannot_be_safe_is_refused_offline() {
    let token = || Secret::new("the test", "hunter2").unwrap();
    for (base, says) in [
        ("http://api.example.com", "plain text"),
        ("ftp://api.example.com", "http or https"),
        ("https://user:hunter2@api.example.com", "no user"),
        ("nonsense", "http or https"),
    ] {
        let error = Client::builder(base)
            .token(token())
            .build()
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(says) && !error.contains("hunter2"),
            "{base}: {error}"
        );
    }
}

#[test]
fn nothing_listens() {
    // Port 1 (tcpmux) is below what servers take by themselves.
    let client = Client::builder("http://127.0.0.1:1").retry(at_once(2));
    let error = get(client, "/x").unwrap_err();
    assert!(matches!(error, Error::Connection { .. }), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}
