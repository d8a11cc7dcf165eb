//! Real programs, well-behaved and not.

#![expect(clippy::unwrap_used, reason = "a panic in a test is the message")]

use std::fs::File;
use std::io::Read;
use std::path::Path;

use plimsoll_exec::REGISTRATION;
use plimsoll_exec::client::{self, End, Ending, Program};
use plimsoll_file::findings::{Gathering, Origin};
use plimsoll_kit::settings::Document;
use plimsoll_kit::testkit::{context, run};
use plimsoll_kit::{Harvest, Harvester, Right};
use rustix::fs::{CWD, FileType, Mode, OFlags};

const HEADER: &str = r#"{"plimsoll":"findings/v1"}"#;
const CLOSE: &str = r#"{"scope":{"complete":true}}"#;

fn settings(script: &str, more: &str) -> Document {
    Document::new(
        "c.toml",
        format!("command = [\"/bin/sh\", \"-c\", '''{script}''']\n{more}"),
    )
}

/// The harvest of a shell script through the collector, and all it says of its one scope.
fn collect(script: &str, more: &str) -> (Harvest, String) {
    let collector = settings(script, more)
        .read(REGISTRATION.build)
        .unwrap()
        .unwrap();
    let context = context("test");
    let mut harvest = Harvester::new(context.limits);
    run(collector.collect(&context, &mut harvest));
    let harvest = harvest.finish();
    assert_eq!(harvest.scopes.len(), 1);
    let troubles = harvest.scopes[0].troubles.iter();
    let said = troubles
        .map(|it| it.what.as_str())
        .collect::<Vec<_>>()
        .join("; ");
    assert_eq!(harvest.scopes[0].complete, said.is_empty());
    (harvest, said)
}

/// Runs a script until `deadline`, and gives how it ended and what it said.
async fn run_until(script: &str, deadline: impl Future<Output = ()>) -> (End, Harvest) {
    let program = Program {
        command: ["/bin/sh", "-c", script].map(str::to_owned).to_vec(),
        env: Vec::new(),
        directory: None,
    };
    let origin = Origin {
        name: "output of sh".to_owned(),
        scope: "findings".to_owned(),
        max_bytes: 1 << 20,
    };
    let context = context("test");
    let mut harvest = Harvester::new(context.limits);
    let mut gathering = Gathering::new(&origin, &context);
    let end = client::run(&program, deadline, &mut gathering, &context, &mut harvest).await;
    gathering.finish(&mut harvest);
    (end, harvest.finish())
}

/// A named pipe whose end shows that all who could write to it are gone.
fn lifeline(folder: &Path) -> (String, File) {
    let path = folder.join("lifeline");
    rustix::fs::mknodat(CWD, &path, FileType::Fifo, Mode::RWXU, 0).unwrap();
    let reader = rustix::fs::open(&path, OFlags::RDONLY | OFlags::NONBLOCK, Mode::empty()).unwrap();
    // Without a writer a read would be at the end already; this handle only waits for the first.
    rustix::fs::fcntl_setfl(&reader, OFlags::empty()).unwrap();
    (path.display().to_string(), File::from(reader))
}

/// Hangs, with a child that hangs too, ignores what can be ignored and holds the lifeline.
fn hanging(lifeline: &str) -> String {
    format!(
        "echo '{HEADER}'; echo '{{\"asset\":{{\"id\":\"a:b\",\"kind\":\"a\",\"name\":\"b\"}}}}'
        (trap '' TERM INT HUP; exec 3>{lifeline}; echo alive >&3; while :; do read line <{lifeline}.never || :; done) &
        wait"
    )
}

/// Resolves when the child of [`hanging`] holds the lifeline.
async fn alive(mut reader: File) -> File {
    tokio::task::spawn_blocking(move || {
        let mut word = Vec::new();
        while word != b"alive\n" {
            let mut byte = [0];
            // Until the child opens the other side a read is at the end at once.
            if reader.read(&mut byte).unwrap() == 0 {
                std::thread::yield_now();
            } else {
                word.push(byte[0]);
            }
        }
        reader
    })
    .await
    .unwrap()
}

#[test]
fn findings_arrive_and_standard_error_does_no_harm() {
    let (harvest, said) = collect(
        &format!(
            "echo hunter2 >&2; echo '{HEADER}'; echo '{{\"asset\":{{\"id\":\"a:b\",\"kind\":\"a\",\"name\":\"b\"}}}}'; printf '%s' '{CLOSE}'"
        ),
        "",
    );
    assert_eq!((harvest.assets.len(), said.as_str()), (1, ""));
}

#[test]
fn an_unclean_end_is_incomplete_and_tells_no_secret() {
    let whole = format!("echo '{HEADER}'; echo '{CLOSE}'; echo hunter2 >&2");
    let (_, said) = collect(&format!("{whole}; exit 3"), "");
    assert!(
        said.contains("sh ended with status 3") && said.contains("8 bytes"),
        "{said}"
    );
    assert!(!said.contains("hunter2"));
    let (_, said) = collect(&format!("{whole}; kill -9 $$"), "");
    assert!(said.contains("signal 9"), "{said}");
    let (_, said) = collect("echo garbage", "");
    assert!(said.contains("does not start with a header"), "{said}");
    let (_, said) = collect(":", "");
    assert!(said.contains("is empty"), "{said}");
}

#[test]
fn a_flood_is_cut_and_its_source_killed() {
    let (_, said) = collect(&format!("echo '{HEADER}'; exec yes"), "max_bytes = 1048576");
    assert!(said.contains("more than `max_bytes`"), "{said}");
    assert!(!said.contains("signal"), "the kill is ours: {said}");
    let (_, said) = collect(
        &format!("echo '{HEADER}'; exec cat /dev/zero"),
        "max_bytes = 16777216",
    );
    assert!(said.contains("longer than"), "{said}");
}

#[test]
fn the_environment_is_clean() {
    let script = |test: &str| format!("{test} || exit 1; echo '{HEADER}'; echo '{CLOSE}'");
    // Cargo sets it for tests.
    let name = "CARGO_MANIFEST_DIR";
    assert_eq!(
        collect(&script(&format!("test -n \"$PATH\" -a -z \"${name}\"")), "").1,
        ""
    );
    let passed = script(&format!("test -n \"${name}\""));
    assert_eq!(collect(&passed, &format!("env = [\"{name}\"]")).1, "");
    assert_eq!(collect(&script("test -z \"$(cat)\""), "").1, "");
    assert_eq!(
        collect(&script("test \"$(pwd)\" = /"), "directory = \"/\"").1,
        ""
    );
}

#[test]
fn the_deadline_ends_the_whole_group() {
    let folder = tempfile::tempdir().unwrap();
    let (path, reader) = lifeline(folder.path());
    rustix::fs::mknodat(CWD, format!("{path}.never"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    let (mut reader, end, harvest) = run(async {
        let (tell, told) = tokio::sync::oneshot::channel();
        let deadline = async {
            let _ = tell.send(alive(reader).await);
        };
        let (end, harvest) = run_until(&hanging(&path), deadline).await;
        (told.await.unwrap(), end, harvest)
    });
    assert!(matches!(end.ending, Ending::Late), "{end:?}");
    assert_eq!(harvest.assets.len(), 1, "what it said before stays");
    assert!(!harvest.scopes[0].complete);
    // Comes to its end only when the child is gone.
    assert_eq!(reader.read_to_end(&mut Vec::new()).unwrap(), 0);
}

#[test]
fn what_a_program_leaves_behind_ends_with_it_and_makes_nobody_late() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut reader) = lifeline(folder.path());
    rustix::fs::mknodat(CWD, format!("{path}.never"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    // The child holds our pipes, and the program does not wait for it.
    let script = hanging(&path).replace("wait", &format!("echo '{CLOSE}'"));
    let (end, harvest) = run(run_until(&script, std::future::pending()));
    assert!(
        matches!(end.ending, Ending::Exited(status) if status.success()),
        "{end:?}"
    );
    assert_eq!(
        (harvest.assets.len(), harvest.scopes[0].complete),
        (1, true)
    );
    assert_eq!(reader.read_to_end(&mut Vec::new()).unwrap_or(0) % 6, 0);
    // One that left the group goes on, and is not waited for either.
    let script = format!("echo '{HEADER}'; setsid sleep 10 & echo '{CLOSE}'");
    let (end, harvest) = run(run_until(&script, std::future::pending()));
    assert!(
        matches!(end.ending, Ending::Exited(status) if status.success()),
        "{end:?}"
    );
    assert!(harvest.scopes[0].complete);
}

#[test]
fn a_dropped_call_ends_the_whole_group() {
    let folder = tempfile::tempdir().unwrap();
    let (path, reader) = lifeline(folder.path());
    rustix::fs::mknodat(CWD, format!("{path}.never"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    let mut reader = run(async {
        let script = hanging(&path);
        tokio::select! {
            _ = run_until(&script, std::future::pending()) => panic!("it hangs"),
            reader = alive(reader) => reader,
        }
    });
    assert_eq!(reader.read_to_end(&mut Vec::new()).unwrap(), 0);
}

#[test]
fn check_looks_and_does_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain");
    std::fs::write(&plain, "").unwrap();
    let check = |text: String| {
        let collector = Document::new("c.toml", text)
            .read(REGISTRATION.build)
            .unwrap()
            .unwrap();
        run(collector.check(&context("test")))
    };
    assert_eq!(
        check("command = \"sh\"".to_owned())[0].right,
        Right::Granted
    );
    assert_eq!(
        check("command = \"/none\"".to_owned())[0].right,
        Right::Unreachable
    );
    assert_eq!(
        check("command = \"no such program\"".to_owned())[0].right,
        Right::Unreachable
    );
    assert_eq!(
        check(format!("command = {plain:?}"))[0].right,
        Right::Denied
    );
    let unset = check("command = \"sh\"\nenv = [\"PLIMSOLL_TEST_UNSET\"]".to_owned());
    assert_eq!(unset[1].right, Right::Unreachable);
    let (_, said) = collect_missing();
    assert!(said.contains("does not exist"), "{said}");
}

fn collect_missing() -> (Harvest, String) {
    let document = Document::new("c.toml", "command = \"/none\"");
    let collector = document.read(REGISTRATION.build).unwrap().unwrap();
    let context = context("test");
    let mut harvest = Harvester::new(context.limits);
    run(collector.collect(&context, &mut harvest));
    let harvest = harvest.finish();
    let said = harvest.scopes[0].troubles[0].what.to_string();
    (harvest, said)
}
