//! What every collector holds to, on a copy of a test case's machine.

#![allow(clippy::unwrap_used, reason = "a test's panic is its message")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use plimsoll_host::REGISTRATION;
use plimsoll_kit::testkit::conformance::Subject;
use plimsoll_kit::testkit::{Fifo, Held, Input, MARKER};
use plimsoll_kit::{Registration, conformance};
use tempfile::TempDir;

const MOUNTS: &str = "proc/1/mountinfo";
const TCP: &str = "proc/1/net/tcp";

struct Machine;

impl Subject for Machine {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn healthy(&self) -> Input {
        input(machine(), "chrony = false")
    }

    fn shuffled(&self) -> Input {
        let folder = machine();
        for path in [MOUNTS, TCP] {
            change(&folder, path, |text| {
                let lines: Vec<&str> = text.lines().rev().collect();
                lines.join("\n")
            });
        }
        input(folder, "chrony = false")
    }

    fn broken_item(&self) -> (Input, Vec<String>) {
        let folder = machine();
        change(&folder, MOUNTS, |text| {
            text.replace(
                "259:1 / /boot/efi rw,relatime",
                &format!("259 {MARKER}-mount"),
            )
        });
        let touched = vec!["filesystem:laptop//boot/efi".to_owned()];
        (input(folder, "chrony = false"), touched)
    }

    fn hanging(&self) -> Option<Held> {
        let folder = machine();
        let program = folder.path().join("chronyc");
        let pipe = folder.path().join("pipe");
        let fifo = Fifo::hearing_writers(&pipe);
        let script = format!(
            "#!/bin/sh\necho here > '{}'\nexec sleep 60\n",
            pipe.display()
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let gate = fifo.gate();
        let chrony = format!("chrony = '{}'", program.display());
        Some(Held {
            input: input(folder, &chrony).keeping(fifo),
            gate,
        })
    }

    fn endless(&self) -> Input {
        let folder = machine();
        change(&folder, MOUNTS, |text| text.repeat(1000));
        input(folder, "chrony = false")
    }

    fn absent(&self) -> Input {
        Input::new("root = \"/nonexistent/machine\"")
    }

    fn bad_settings(&self) -> Vec<&'static str> {
        vec![
            "root = 1",
            "root = \"relative\"",
            "clock = \"yes\"",
            "chrony = 1",
            "chrony = \"chronyc\"",
            "ephemeral_udp = 3",
            "ignore_filesystems = 7",
        ]
    }
}

fn input(folder: TempDir, more: &str) -> Input {
    let root = folder.path().display();
    Input::new(format!("root = '{root}'\nclock = false\n{more}\n")).with_folder(folder)
}

/// A machine whose files hold secrets wherever a machine's do.
fn machine() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("testcases/laptop-luks-lvm/root");
    copy(&case, folder.path());
    change(&folder, MOUNTS, |text| {
        let nas = format!(
            "40 27 0:60 / /nas rw - cifs //user:{MARKER}-user@nas/x rw,password={MARKER}-option"
        );
        format!("{text}{nas}\n")
    });
    for secret in ["cmdline", "environ"] {
        fs::write(
            folder.path().join("proc/700").join(secret),
            format!("{MARKER}-{secret}"),
        )
        .unwrap();
    }
    folder
}

fn change(folder: &TempDir, path: &str, with: impl FnOnce(&str) -> String) {
    let path = folder.path().join(path);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, with(&text)).unwrap();
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (kind, to) = (entry.file_type().unwrap(), to.join(entry.file_name()));
        if kind.is_symlink() {
            symlink(fs::read_link(entry.path()).unwrap(), to).unwrap();
        } else if kind.is_dir() {
            fs::create_dir(&to).unwrap();
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

conformance!(Machine);
