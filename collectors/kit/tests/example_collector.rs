//! A whole collector, as small as one can be, and its tests: the worked example of `collectors/README.md`.
//!
//! `example/` is laid out as a crate of its own, and the two halves of this file would be its `tests/testcases.rs` and
//! `tests/conformance.rs`.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "example/src/lib.rs"]
#[allow(unreachable_pub, reason = "it is written as the root of a crate")]
mod motd;

use motd::REGISTRATION;
use plimsoll_kit::Registration;
use plimsoll_kit::testkit::{self, Fifo, Held, Input, conformance::Subject};

/// In a crate of its own: `env!("CARGO_MANIFEST_DIR")`.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/example");

#[test]
fn testcases() {
    testkit::run_cases(FOLDER, &REGISTRATION);
}

struct Motd;

/// A folder of messages.
fn folder(messages: &[(&str, &str)]) -> Input {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in messages {
        std::fs::write(folder.path().join(format!("{name}.motd")), text).unwrap();
    }
    Input::new(format!("folder = {:?}", folder.path())).with_folder(folder)
}

const BRIDGE: (&str, &str) = ("bridge", "officer = Ada\ntext = PLIMSOLL-MARKER-text\n");
const ENGINE: (&str, &str) = ("engine", "officer = Ben\n");

impl Subject for Motd {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn healthy(&self) -> Input {
        folder(&[BRIDGE, ENGINE])
    }

    fn shuffled(&self) -> Input {
        folder(&[ENGINE, BRIDGE])
    }

    fn broken_item(&self) -> (Input, Vec<String>) {
        let input = folder(&[BRIDGE, ("engine", "PLIMSOLL-MARKER-broken")]);
        (input, vec!["motd:engine".to_owned()])
    }

    fn hanging(&self) -> Option<Held> {
        let input = folder(&[BRIDGE]);
        let pipe = Fifo::holding_readers(&input.folder()?.join("engine.motd"));
        let gate = pipe.gate();
        let input = input.keeping(pipe);
        Some(Held { input, gate })
    }

    fn endless(&self) -> Input {
        let input = folder(&[BRIDGE]);
        let endless = input.folder().unwrap().join("engine.motd");
        std::os::unix::fs::symlink("/dev/zero", endless).unwrap();
        input
    }

    fn absent(&self) -> Input {
        Input::new("folder = \"/nowhere/at/all\"")
    }

    fn bad_settings(&self) -> Vec<&'static str> {
        vec![
            "",
            "folder = 1",
            "folder = \"\"",
            "folder = \"not/absolute\"",
        ]
    }
}

plimsoll_kit::conformance!(Motd);
