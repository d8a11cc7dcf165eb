//! The conformance suite over real repositories.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

use common::{House, day, script};
use plimsoll_git::REGISTRATION;
use plimsoll_kit::Registration;
use plimsoll_kit::testkit::conformance::Subject;
use plimsoll_kit::testkit::{Fifo, Held, Input, MARKER};

struct Git;

fn estate(shuffled: bool) -> (House, String) {
    let house = House::new();
    house.allow(&[("lee@example.com", "", "lee")]);
    let message = format!(
        "One\n\n{MARKER}-message\n\nApproved-by: lee@example.com\nX-Token: {MARKER}-trailer"
    );
    let one = house.commit("ann", &message, day(1), None);
    house.git(
        &[
            "config",
            "remote.origin.url",
            &format!("https://joe:{MARKER}-url@git.example.com/a"),
        ],
        day(1),
    );
    let mut tags = ["v1", "v2"];
    if shuffled {
        tags.reverse();
    }
    for tag in tags {
        house.tag(tag, &one, "lee", day(2));
    }
    let other = house.path("other.git");
    let args = [
        "clone",
        "-q",
        "--mirror",
        &house.repository.display().to_string(),
        &other.display().to_string(),
    ];
    house.git(&args, day(2));
    let mut settings = [
        format!(
            "[[repositories]]\npath = '{}'\n",
            house.repository.display()
        ),
        format!("[[repositories]]\npath = '{}'\n", other.display()),
    ];
    if shuffled {
        settings.reverse();
    }
    let allowed = house.path("allowed");
    let settings = format!(
        "allowed_signers = '{}'\n{}",
        allowed.display(),
        settings.concat()
    );
    (house, settings)
}

fn input((house, settings): (House, String)) -> Input {
    Input::new(settings).with_folder(house.folder)
}

impl Subject for Git {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn healthy(&self) -> Input {
        input(estate(false))
    }

    fn shuffled(&self) -> Input {
        input(estate(true))
    }

    fn broken_item(&self) -> (Input, Vec<String>) {
        let (house, settings) = estate(false);
        let head = house.repository.join(".git/refs/heads/main");
        let commit = house.git(&["rev-parse", "v1^{commit}"], day(2));
        std::fs::write(
            head,
            format!(
                "{MARKER}-ref
"
            ),
        )
        .unwrap();
        let touched = vec!["repository:git/infra".into(), format!("infra@{commit}")];
        (input((house, settings)), touched)
    }

    fn hanging(&self) -> Option<Held> {
        let (house, settings) = estate(false);
        let pipe = house.path("pipe");
        let fifo = Fifo::hearing_writers(&pipe);
        let gate = fifo.gate();
        let own = house.path("pipe.own");
        rustix::fs::mkfifoat(rustix::fs::CWD, &own, rustix::fs::Mode::RWXU).unwrap();
        let git = house.path("git");
        // Reading a pipe that it also writes to waits for ever.
        script(
            &git,
            &format!(
                "#!/bin/sh\nexec 3<>'{}'; echo here >'{}'; read line <&3\n",
                own.display(),
                pipe.display()
            ),
        );
        let settings = format!("git = '{}'\n{settings}", git.display());
        let input = input((house, settings)).keeping(fifo);
        Some(Held { input, gate })
    }

    fn endless(&self) -> Input {
        let (house, settings) = estate(false);
        let git = house.path("git");
        script(&git, &format!("#!/bin/sh\nexec yes {MARKER}-flood\n"));
        input((house, format!("git = '{}'\n{settings}", git.display())))
    }

    fn absent(&self) -> Input {
        Input::new("[[repositories]]\npath = '/nonexistent/infra.git'")
    }

    fn bad_settings(&self) -> Vec<&'static str> {
        vec![
            "",
            "repositories = 1",
            "repositories = []",
            "[[repositories]]\nname = 'x'",
            "[[repositories]]\npath = 'x'\nname = 'a b'",
            "[[repositories]]\npath = 'x'\nbranches = ['-x']",
            "[[repositories]]\npath = 'x'\ntags = ['{']",
            "git = ''\n[[repositories]]\npath = 'x'",
            "allowed_signers = 1\n[[repositories]]\npath = 'x'",
            "timeout = '1ms'\n[[repositories]]\npath = 'x'",
            "max_bytes = 1\n[[repositories]]\npath = 'x'",
            "unsigned_authors = 'x'\n[[repositories]]\npath = 'x'",
            "[words]\nsystem = 1\n[[repositories]]\npath = 'x'",
        ]
    }
}

plimsoll_kit::conformance!(Git);
