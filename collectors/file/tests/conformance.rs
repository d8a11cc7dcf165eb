//! What every collector holds to, on a file in a folder of its own.

#![expect(clippy::unwrap_used, reason = "a panic in a test is the message")]

use plimsoll_file::REGISTRATION;
use plimsoll_kit::testkit::conformance::Subject;
use plimsoll_kit::testkit::{Held, Input, MARKER};
use plimsoll_kit::{Registration, conformance};

struct Findings;

const HEADER: &str = "{\"plimsoll\":\"findings/v1\"}\n";
const CLOSE: &str = "{\"scope\":{\"complete\":true}}\n";

fn input(lines: &str) -> Input {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("findings.jsonl");
    std::fs::write(&path, [HEADER, lines, CLOSE].concat()).unwrap();
    Input::new(format!("path = '{}'", path.display())).with_folder(folder)
}

fn lines() -> [String; 4] {
    [
        format!(
            r#"{{"asset":{{"id":"host:a","kind":"host","name":"a","facts":{{"groups":["x","y"]}},"secrets":{{"TOKEN":"{MARKER}-secret"}}}}}}"#
        ),
        format!(
            r#"{{"asset":{{"id":"host:b","kind":"host","name":"b","facts":{{"command":["{MARKER}-command"],"env":{{"value":{{"A":"{MARKER}-env"}}}}}}}}}}"#
        ),
        r#"{"relation":{"from":"host:a","kind":"uses","to":"host:b"}}"#.to_owned(),
        r#"{"relation":{"from":"host:b","kind":"uses","to":"host:a"}}"#.to_owned(),
    ]
    .map(|line| line + "\n")
}

impl Subject for Findings {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn healthy(&self) -> Input {
        input(&lines().concat())
    }

    fn shuffled(&self) -> Input {
        let mut lines = lines();
        lines.reverse();
        input(&lines.concat().replace(r#"["x","y"]"#, r#"["y","x","y"]"#))
    }

    fn broken_item(&self) -> (Input, Vec<String>) {
        let broken = format!(r#""name":{{"{MARKER}-name":"{MARKER}-value"}}"#);
        let lines = lines().concat().replace(r#""name":"b""#, &broken);
        (input(&lines), vec!["host:b".to_owned()])
    }

    /// A regular file does not hang, and nothing else is opened.
    fn hanging(&self) -> Option<Held> {
        None
    }

    fn endless(&self) -> Input {
        input(&(lines().concat() + &MARKER.repeat(100_000) + "\n"))
    }

    fn absent(&self) -> Input {
        Input::new("path = \"/nonexistent/findings.jsonl\"")
    }

    fn bad_settings(&self) -> Vec<&'static str> {
        vec![
            "",
            "path = 1",
            "path = \"\"",
            "path = \"-\"\nscope = \"\"",
            "path = \"-\"\nmax_bytes = 0",
        ]
    }
}

conformance!(Findings);
