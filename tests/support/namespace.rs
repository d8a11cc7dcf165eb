//! A test that needs mounts of its own.

use std::process::Command;
use std::time::Duration;

use super::Program;

/// Set in the copy of the test program that has them.
const INSIDE: &str = "PLIMSOLL_TEST_MOUNTS";

/// Runs the test called `name` of this program again in a mount namespace of its own, where it is root and what it mounts
/// goes with it. Gives `false` when that has been done, and `true` in there.
///
/// It panics where the system allows no such namespace.
pub(crate) fn has_own_mounts(name: &str, limit: Duration) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let mut command = Command::new("unshare");
    command.arg("--mount");
    if !rustix::process::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1");
    let output = Program::run(&mut command, limit);
    assert_eq!(
        output.code,
        Some(0),
        "{name} needs a mount namespace (unshare of util-linux, as root or with user namespaces): run `tests/run`\n{}{}",
        output.stdout,
        output.stderr
    );
    assert!(
        output.stdout.contains("1 passed"),
        "{name}: {}",
        output.stdout
    );
    false
}

/// A file system in memory of `bytes` at `folder`, as long as the namespace lives.
pub(crate) fn mount_small(folder: &std::path::Path, bytes: usize) {
    let mut command = Command::new("mount");
    command
        .args(["-t", "tmpfs", "-o", &format!("size={bytes}"), "tmpfs"])
        .arg(folder);
    Program::run(&mut command, Duration::from_secs(60)).success("mount -t tmpfs");
}
