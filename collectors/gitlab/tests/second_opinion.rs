//! The specification has the last word on what is sent, and on what has to be understood.
//!
//! It has a part of the calls alone; a front in between lets the others go straight to the fake. `tests/run` provides what this needs; without it
//! these tests fail and say what is missing.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

// Under this name `tests/run` leaves them out, aloud, where the specifications are not there.
mod second_opinion {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use plimsoll_gitlab::REGISTRATION;
    use plimsoll_gitlab::testkit::{FakeGitlab, token_settings};
    use plimsoll_kit::Harvest;
    use plimsoll_kit::testkit::prism::{Mode, Prism, prism};
    use plimsoll_kit::testkit::{FakeServer, Reply, Request, build, context, harvest, render, run};

    use crate::common::estate;

    const SPEC: &str = "gitlab";
    /// The calls that the specification has, of those that are made.
    const CALLS: &[&str] = &[
        "/user",
        "/projects/{}/merge_requests",
        "/projects/{}/merge_requests/{}/approvals",
        "/projects/{}/merge_requests/{}/approval_state",
        "/projects/{}/merge_requests/{}/notes",
        "/projects/{}/merge_requests/{}/commits",
        "/projects/{}/merge_requests/{}/closes_issues",
        "/projects/{}/merge_requests/{}/resource_state_events",
        "/projects/{}/approvals",
        "/projects/{}/approval_rules",
        "/projects/{}/protected_branches",
    ];

    /// Whether the specification has a path.
    fn covered(path: &str) -> bool {
        CALLS.iter().any(|call| {
            let (call, path): (Vec<_>, Vec<_>) =
                (call.split('/').collect(), path.split('/').collect());
            let mut both = call.iter().zip(&path);
            call.len() == path.len() && both.all(|(call, part)| *call == "{}" || call == part)
        })
    }

    /// Asks another server, and gives its answer.
    fn ask(base: &str, target: &str, token: &str) -> Reply {
        let address = base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        let ask = format!(
            "GET {target} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(ask.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let body = &answer[end + 4..];
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let chunked = headers.clone().any(|(name, value)| {
            name.eq_ignore_ascii_case("transfer-encoding") && value.trim() == "chunked"
        });
        let body = if chunked {
            unchunked(body)
        } else {
            body.to_vec()
        };
        let mut reply = Reply::json(body).with_status(status);
        for name in ["x-next-page", "link"] {
            if let Some((_, value)) = headers.find(|(have, _)| have.eq_ignore_ascii_case(name)) {
                reply = reply.header(name, value.trim());
            }
        }
        reply
    }

    fn unchunked(mut body: &[u8]) -> Vec<u8> {
        let mut whole = Vec::new();
        while let Some(end) = body.windows(2).position(|two| two == b"\r\n") {
            let size = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap().trim(), 16)
                .unwrap();
            if size == 0 {
                break;
            }
            whole.extend_from_slice(&body[end + 2..end + 2 + size]);
            body = &body[end + 4 + size..];
        }
        whole
    }

    /// A front that lets what the specification has go to Prism, and the rest to the fake.
    fn front(prism: &Prism, fake: &FakeGitlab) -> FakeServer {
        let (prism, fake) = (prism.url().to_owned(), fake.server().url().to_owned());
        let front = FakeServer::on_loopback();
        front.handle(move |request: &Request| {
            let token = request.header("authorization").unwrap_or_default();
            let below = request.path.strip_prefix("/api/v4").unwrap_or_default();
            Some(match covered(below) {
                true => ask(
                    &prism,
                    request.target().strip_prefix("/api/v4").unwrap(),
                    token,
                ),
                false => ask(&fake, &request.target(), token),
            })
        });
        front
    }

    /// Reads and checks.
    fn read(server: &FakeServer) -> Harvest {
        let folder = tempfile::tempdir().unwrap();
        let token = token_settings(folder.path());
        let url = server.url();
        let settings = format!(
            "{token}projects = [\"acme/infra\"]\napi_url = \"{url}/api/v4\"\nissues = true\n[rules]\n\"security team\" = \"security\"\n"
        );
        let collector = build(&REGISTRATION, &settings).unwrap();
        run(async {
            collector.check(&context("gitlab")).await;
            harvest(&*collector, &context("gitlab")).await
        })
    }

    fn asked(prism: &Prism) {
        let requests = prism.requests();
        for call in CALLS {
            let mut all = requests
                .iter()
                .filter_map(|request| request.strip_prefix("get "));
            let found = all.any(|path| {
                let (call, path): (Vec<_>, Vec<_>) =
                    (call.split('/').collect(), path.split('/').collect());
                call.len() == path.len()
                    && call
                        .iter()
                        .zip(&path)
                        .all(|(call, part)| *call == "{}" || call == part)
            });
            assert!(found, "{call} was not asked for: {requests:?}");
        }
    }

    #[test]
    fn every_request_and_every_answer_of_the_fake_is_as_the_specification_has_it() {
        let fake = estate();
        let upstream = format!("{}/api/v4", fake.server().url());
        let prism = prism(SPEC, &Mode::Proxy(upstream));
        let front = front(&prism, &fake);
        let through = read(&front);
        assert_eq!(prism.violations(), [""; 0]);
        asked(&prism);
        let straight = read(fake.server());
        assert_eq!(render(&through), render(&straight));
        assert!(straight.scopes.iter().all(|scope| scope.complete));
    }

    #[test]
    fn every_answer_that_the_specification_allows_is_read() {
        let seeds = [1, 2, 3].map(Mode::Dynamic);
        for mode in [Mode::Static].into_iter().chain(seeds) {
            let fake = estate();
            let prism = prism(SPEC, &mode);
            let front = front(&prism, &fake);
            let harvest = read(&front);
            // What Prism makes up itself is not always as the specification has it, and it says so of itself.
            let mut ours = prism.violations();
            ours.retain(|what| !what.contains("Violation: response."));
            assert_eq!(ours, [""; 0], "{mode:?}");
            let troubles = harvest.scopes[0]
                .troubles
                .iter()
                .map(|trouble| trouble.what.as_str());
            let lost: Vec<_> = troubles
                .filter(|what| {
                    ["shape", "no JSON", "no list", "make no sense"]
                        .iter()
                        .any(|word| what.contains(word))
                })
                .collect();
            assert!(lost.is_empty(), "{mode:?}: {lost:?}");
            assert!(
                harvest.assets.iter().any(|asset| asset.kind == "branch"),
                "{mode:?}"
            );
        }
    }
}
