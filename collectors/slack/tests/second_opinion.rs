//! The vendor's own specification has the last word on what is sent, and on what has to be understood. It was archived in 2021, and
//! says so itself: what has come since is listed here.
//!
//! `tests/run` provides what this needs; without it these tests fail and say what is missing.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

// Under this name `tests/run` leaves them out, aloud, where the specifications are not there.
mod second_opinion {
    use std::collections::BTreeSet;
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use plimsoll_kit::Harvest;
    use plimsoll_kit::testkit::prism::{Mode, Prism, prism};
    use plimsoll_kit::testkit::{FakeServer, Reply, Request, build, harvest, render, run};
    use plimsoll_slack::REGISTRATION;
    use plimsoll_slack::testkit::{FakeSlack, settings};
    use serde_json::Value;

    use crate::common::*;

    const SPEC: &str = "slack";

    /// Every method that is called.
    const CALLS: &[&str] = &[
        "get /auth.test",
        "get /conversations.history",
        "get /conversations.replies",
        "get /reactions.get",
        "get /users.info",
    ];

    /// Fields of answers that have come since the specification was archived: the cursor of a list, the app of a message, that it
    /// was edited.
    const NEWER: &[&str] = &[
        "must NOT have additional properties; found 'response_metadata'",
        "must NOT have additional properties; found 'app_id'",
        "must NOT have additional properties; found 'edited'",
    ];

    fn estate() -> FakeSlack {
        let fake = workspace();
        fake.with(|slack| {
            slack.install("U0PLIMSOLL", "Plimsoll");
            slack.named = 1;
            let ts = slack.say(CHANNEL, "U0IDA", "open port 5432\nSystem: api");
            slack.reply(CHANNEL, &ts, "U0NORA", "approved");
            slack.reply(CHANNEL, &ts, "U0SAM", "done");
            slack.react(CHANNEL, &ts, "U0RAJ", "white_check_mark");
            slack.react(CHANNEL, &ts, "U0SAM", "white_check_mark");
            let other = slack.say(CHANNEL, "U0IDA", "open port 1");
            slack.edit(CHANNEL, &other, "open port 2");
            slack.announce(CHANNEL, ("A0FORMS", "B0FORMS00"), "deployed");
        });
        fake
    }

    /// A server that hands every request on to Prism, with the token as a parameter too: the specification asks for it in a place
    /// that the vendor has given up, where it would stand in logs.
    fn with_token(prism: &Prism) -> FakeServer {
        let address = prism.url().trim_start_matches("http://").to_owned();
        let server = FakeServer::on_loopback();
        server.handle(move |request| Some(handed_on(&address, request)));
        server
    }

    fn handed_on(address: &str, request: &Request) -> Reply {
        let mark = if request.query.is_empty() { "?" } else { "&" };
        let token = request.header("authorization").unwrap();
        let target = format!("{}{mark}token=xoxb-1", request.target());
        let mut stream = TcpStream::connect(address).unwrap();
        let ask = format!(
            "{} {target} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\ntoken: xoxb-1\r\nConnection: close\r\n\r\n",
            request.method
        );
        stream.write_all(ask.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
        let (head, body) = answer.split_at(end.unwrap() + 4);
        let head = String::from_utf8_lossy(head).to_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let body = match head.contains("transfer-encoding: chunked") {
            true => unchunked(body),
            false => body.to_vec(),
        };
        Reply::json(straightened(body)).with_status(status)
    }

    fn unchunked(mut rest: &[u8]) -> Vec<u8> {
        let mut body = Vec::new();
        while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
            let size = std::str::from_utf8(&rest[..end]).unwrap();
            let size = usize::from_str_radix(size.trim(), 16).unwrap();
            if size == 0 {
                break;
            }
            body.extend_from_slice(&rest[end + 2..end + 2 + size]);
            rest = &rest[end + 2 + size + 2..];
        }
        body
    }

    /// Reads and checks, one request after the other so that Prism's log is in order.
    fn read_at(api: &str, fake: &FakeSlack) -> Harvest {
        let folder = tempfile::tempdir().unwrap();
        let settings = format!(
            "channels = [\"{CHANNEL}\"]\nreplies_stay = true\nconcurrency = 1\n{}",
            settings(folder.path(), api)
        );
        let collector = build(&REGISTRATION, &settings).unwrap();
        run(async {
            collector.check(&now(fake)).await;
            harvest(&*collector, &now(fake)).await
        })
    }

    /// What was wrong, besides fields that the specification is too old for.
    fn ours(prism: &Prism) -> Vec<String> {
        let mut all = prism.violations();
        all.retain(|what| !NEWER.iter().any(|newer| what.ends_with(newer)));
        all
    }

    /// An answer that was made up, as the vendor would give it. The specification knows no cursor, and so a list that says that
    /// there is more would have no end; and it gives alternatives as lists of one each, where it means one of them.
    fn straightened(body: Vec<u8>) -> Vec<u8> {
        let Ok(mut json) = serde_json::from_slice::<Value>(&body) else {
            return body;
        };
        if json.get("response_metadata").is_none() && json.get("has_more").is_some() {
            json["has_more"] = false.into();
        }
        if let Some(Value::Array(messages)) = json.get_mut("messages") {
            let each = std::mem::take(messages).into_iter();
            messages.extend(each.flat_map(|message| match message {
                Value::Array(either) => either,
                message => vec![message],
            }));
        }
        one_of_each(&mut json);
        json.to_string().into_bytes()
    }

    fn one_of_each(json: &mut Value) {
        match json {
            Value::Object(object) => {
                // Made up, they make a notice or a reply of what somebody wrote.
                object.remove("subtype");
                object.remove("thread_ts");
                for (name, value) in object {
                    let either = ["bot_id", "channel_actions_ts", "user"].contains(&name.as_str());
                    if let (true, Value::Array(list)) = (either, &mut *value) {
                        *value = list.last().cloned().unwrap_or_default();
                    }
                    one_of_each(value);
                }
            }
            Value::Array(list) => list.iter_mut().for_each(one_of_each),
            _ => {}
        }
    }

    #[test]
    fn every_request_and_every_answer_of_the_fake_is_as_the_specification_has_it() {
        let fake = estate();
        let upstream = format!("{}/api", fake.server().url());
        let prism = prism(SPEC, &Mode::Proxy(upstream.clone()));
        let through = read_at(with_token(&prism).url(), &fake);
        assert_eq!(ours(&prism), [""; 0]);
        let requests = prism.requests();
        for call in CALLS {
            assert!(
                requests.iter().any(|one| one == call),
                "{call}: {requests:?}"
            );
        }
        let straight = read_at(&upstream, &fake);
        assert_eq!(render(&through), render(&straight));
        assert!(complete(&straight), "{}", troubles(&straight));
    }

    #[test]
    fn every_answer_that_the_specification_allows_is_read() {
        // Without the fixed answers, in which times and ids are the word `string` against the specification's own patterns.
        let (mut called, mut requests) = (BTreeSet::new(), 0);
        for mode in [1, 2, 3, 4].map(Mode::Dynamic) {
            let prism = prism(SPEC, &mode);
            let harvest = read_at(with_token(&prism).url(), &estate());
            let mut ours = ours(&prism);
            // What Prism makes up itself is not always as the specification has it, and it says so of itself.
            ours.retain(|what| !what.contains("Violation: response."));
            assert_eq!(ours, [""; 0], "{mode:?}");
            let told = troubles(&harvest);
            called.extend(prism.requests());
            requests += harvest.requests.len();
            for lost in [
                "shape",
                "no JSON",
                "no list",
                "left out",
                "in the middle",
                "status ",
            ] {
                assert!(!told.contains(lost), "{mode:?}: {told}");
            }
        }
        assert_eq!(
            called,
            CALLS.iter().map(|call| (*call).to_owned()).collect()
        );
        assert!(requests > 0);
    }
}
