//! What every collector holds to, with shell scripts in a folder of their own.

#![expect(clippy::unwrap_used, reason = "a panic in a test is the message")]

use plimsoll_exec::REGISTRATION;
use plimsoll_kit::testkit::conformance::Subject;
use plimsoll_kit::testkit::{Fifo, Held, Input, MARKER};
use plimsoll_kit::{Registration, conformance};

struct Script;

const START: &str = "echo '{\"plimsoll\":\"findings/v1\"}'\n";
const CLOSE: &str = "echo '{\"scope\":{\"complete\":true}}'\n";

fn input(body: &str) -> Input {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("findings.sh");
    std::fs::write(&path, [START, body, CLOSE].concat()).unwrap();
    let path = path.display();
    Input::new(format!(
        "command = ['/bin/sh', '{path}', '{MARKER}-argument']\nmax_bytes = 1048576"
    ))
    .with_folder(folder)
}

fn lines() -> [String; 3] {
    let asset = |name: &str| {
        format!(
            r#"{{"asset":{{"id":"host:{name}","kind":"host","name":"{name}","secrets":{{"TOKEN":"{MARKER}-secret"}}}}}}"#
        )
    };
    let trouble = format!("echo {MARKER}-stderr >&2\n");
    [
        format!("echo '{}'\n", asset("a")),
        format!("echo '{}'\n", asset("b")),
        trouble,
    ]
}

impl Subject for Script {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn healthy(&self) -> Input {
        input(&lines().concat())
    }

    fn shuffled(&self) -> Input {
        let mut lines = lines();
        lines.reverse();
        input(&lines.concat())
    }

    fn broken_item(&self) -> (Input, Vec<String>) {
        let lines = lines().concat();
        let broken = format!(r#""name":["{MARKER}-name"]"#);
        let lines = lines.replace(r#""name":"b""#, &broken) + "exit 7\n";
        (input(&lines), vec!["host:b".to_owned()])
    }

    fn hanging(&self) -> Option<Held> {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let fifo = Fifo::hearing_writers(&pipe);
        let gate = fifo.gate();
        // Reading a pipe that it also writes to waits for ever.
        let script = format!(
            "{START}exec 3<>'{0}.own'; echo here >'{0}'; read line <&3",
            pipe.display()
        );
        let own = folder.path().join("pipe.own");
        rustix::fs::mkfifoat(rustix::fs::CWD, &own, rustix::fs::Mode::RWXU).unwrap();
        let path = folder.path().join("findings.sh");
        std::fs::write(&path, script).unwrap();
        let settings = format!("command = ['/bin/sh', '{}']", path.display());
        Some(Held {
            input: Input::new(settings).with_folder(folder).keeping(fifo),
            gate,
        })
    }

    fn endless(&self) -> Input {
        input(&format!("exec yes {MARKER}-flood\n"))
    }

    fn absent(&self) -> Input {
        Input::new("command = \"/nonexistent/program\"")
    }

    fn bad_settings(&self) -> Vec<&'static str> {
        vec![
            "",
            "command = []",
            "command = [1]",
            "command = \"x\"\nenv = [\"A=b\"]",
            "command = \"x\"\ntimeout = \"0s\"",
            "command = \"x\"\nscope = \"\\u0000\"",
            "command = \"x\"\nmax_bytes = 0",
            "command = \"x\"\ndirectory = 1",
        ]
    }
}

conformance!(Script);
