//! Mail to a real server, which nobody here wrote: `smtp-server`, from npm.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use plimsoll_kit::testkit::prism::provided;
use serde_json::{Value, json};

use crate::house::House;

const PATIENCE: Duration = Duration::from_secs(60);

/// A running mail server. It is stopped when this is dropped.
struct Server {
    child: Child,
    lines: Receiver<Value>,
    port: u64,
}

impl Server {
    fn start(options: &Value) -> Self {
        let modules = provided("PLIMSOLL_TEST_MAIL", "the npm package smtp-server");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/notify/smtp.cjs");
        let spawned = Command::new("node")
            .arg(script)
            .arg(modules)
            .arg(options.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = spawned.unwrap_or_else(|error| panic!("node is missing: {error}"));
        let output = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if send
                    .send(serde_json::from_str(&line).unwrap_or(Value::Null))
                    .is_err()
                {
                    return;
                }
            }
        });
        let first: Value = lines.recv_timeout(PATIENCE).expect("the server starts");
        let port = first["port"].as_u64().unwrap();
        Self { child, lines, port }
    }

    fn mail(&self) -> Value {
        self.lines.recv_timeout(PATIENCE).expect("a mail comes")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A house that tells by mail, and a certificate for its server.
fn house() -> (House, String, String) {
    let house = House::new("");
    let made =
        rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])
            .unwrap();
    let (cert, key) = (house.path("mail.pem"), house.path("mail.key"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    house.secret("mail.password", "hunter2");
    (house, cert.display().to_string(), key.display().to_string())
}

fn channel_of(server: &Server, more: &str) -> String {
    format!(
        "[[notify.channels]]\nname = \"mail\"\nkind = \"email\"\nhost = \"localhost\"\nport = {}\n\
         from = \"Plimsoll <plimsoll@example.org>\"\nto = [\"ops@example.org\", \"Lee <lee@example.org>\"]\n{more}",
        server.port
    )
}

const TLS: &str =
    "ca_file = \"mail.pem\"\nuser = \"plimsoll\"\npassword_file = \"mail.password\"\n";

#[test]
fn by_starttls_and_by_tls_with_a_password() {
    for (secure, word) in [(false, "starttls"), (true, "tls")] {
        let (house, cert, key) = house();
        let server = Server::start(
            &json!({"cert": cert, "key": key, "secure": secure, "password": "hunter2"}),
        );
        house.configure(&channel_of(
            &server,
            &format!("{TLS}security = \"{word}\"\n"),
        ));
        house.estate(&["api"], "no");
        let (_, stderr) = house.scan();
        assert_eq!(stderr, "");
        let mail = server.mail();
        assert_eq!(
            (&mail["secure"], &mail["user"]),
            (&json!(true), &json!("plimsoll")),
            "{mail:#}"
        );
        assert_eq!(mail["to"], json!(["ops@example.org", "lee@example.org"]));
        let text = mail["mail"].as_str().unwrap();
        for part in [
            "Subject: [plimsoll] ",
            "Message-ID: <",
            "@example.org>",
            "References: <",
            "Auto-Submitted: auto-generated",
            "Environment: production",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        // Altered in one place, by the others of its thread: all states are seen to their end.
        assert!(
            house.states().iter().all(|state| state == "sent"),
            "{:?}",
            house.states()
        );
    }
}

#[test]
fn a_name_from_outside_makes_no_header() {
    let (house, ..) = house();
    let server = Server::start(&json!({"plain": true}));
    house.configure(&channel_of(&server, "security = \"plain\"\n"));
    house.called("api\r\nBcc: evil@example.net", "no");
    house.scan();
    let mail = server.mail();
    assert_eq!(mail["to"], json!(["ops@example.org", "lee@example.org"]));
    let head = mail["mail"]
        .as_str()
        .unwrap()
        .split("\r\n\r\n")
        .next()
        .unwrap()
        .to_owned();
    assert!(
        !head
            .lines()
            .any(|line| line.to_ascii_lowercase().starts_with("bcc")),
        "{head}"
    );
}

#[test]
fn what_a_server_refuses_stays_in_the_outbox_and_nothing_goes_out_in_plain_text() {
    let (house, cert, key) = house();
    // A server without TLS gets nothing, neither mail nor password.
    let plain = Server::start(&json!({"plain": true}));
    house.configure(&channel_of(&plain, TLS));
    house.estate(&["api"], "no");
    let (_, stderr) = house.scan();
    assert!(
        stderr.contains("notice not sent: the channel mail: "),
        "{stderr}"
    );
    assert!(plain.lines.try_recv().is_err());
    // One whose certificate nobody vouches for gets nothing either.
    let strange = Server::start(&json!({"cert": cert, "key": key}));
    house.configure(&channel_of(&strange, "").replace("localhost", "127.0.0.1"));
    let output = house.run(&["notify", "test"]);
    assert_eq!(output.code, Some(1), "{}", output.stdout);
    // One that refuses is tried again later, and what it says is not repeated.
    let refusing = Server::start(&json!({"plain": true, "refuse": 550}));
    house.configure(&channel_of(&refusing, "security = \"plain\"\n"));
    let output = house.run(&["notify", "test"]);
    assert_eq!(output.stdout, "mail: not sent: the mail server said 550\n");
    for text in [&output.stdout, &output.stderr, &stderr] {
        assert!(!text.contains("hunter"), "{text}");
    }
    assert!(
        house
            .states()
            .iter()
            .all(|state| state == "planned" || state == "sending")
    );
}
