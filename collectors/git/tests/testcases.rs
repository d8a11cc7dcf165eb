//! Every folder of `testcases/`, whose `history.txt` is put into a new repository by `git fast-import`.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

use std::cell::RefCell;
use std::process::{Command, Stdio};

use plimsoll_git::REGISTRATION;
use plimsoll_kit::testkit::{build, run_cases_with};

#[test]
fn testcases() {
    let folders = RefCell::new(Vec::new());
    run_cases_with(
        env!("CARGO_MANIFEST_DIR"),
        &REGISTRATION,
        |settings, case| {
            let folder = tempfile::tempdir().unwrap();
            let repository = folder.path().join("infra.git");
            let git = || {
                let mut command = Command::new("git");
                command
                    .env("GIT_CONFIG_NOSYSTEM", "1")
                    .env("GIT_CONFIG_GLOBAL", "/dev/null");
                command
            };
            let made = git()
                .args(["init", "-q", "--bare", "-b", "main"])
                .arg(&repository)
                .status();
            assert!(made.unwrap().success());
            let history = std::fs::File::open(case.join("history.txt")).unwrap();
            let read = git()
                .arg("-C")
                .arg(&repository)
                .args(["fast-import", "--quiet", "--date-format=raw-permissive"])
                .stdin(Stdio::from(history))
                .status();
            assert!(read.unwrap().success(), "{}", case.display());
            folders.borrow_mut().push(folder);
            let settings = settings.replace("{{repository}}", &repository.display().to_string());
            build(&REGISTRATION, &settings).map_err(|mistakes| mistakes.to_string())
        },
    );
}

#[test]
fn what_the_readme_says_of_doubts_is_held_by_tests() {
    plimsoll_kit::testkit::check_doubts(env!("CARGO_MANIFEST_DIR"));
}
